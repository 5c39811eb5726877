"""Metres from boxes, their uncertainty, and what is said of them."""

import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer
from rasterio.transform import Affine

from sitewatch.look.vehicles.boxes import Boxes
from sitewatch.look.vehicles.lengths import Metres, measured, said, within_upright
from sitewatch.look.vehicles.settings import VehicleSettings

SETTINGS = VehicleSettings()
UTM = "EPSG:32652"


def box(length, width, degrees, x=100.0, y=100.0):
    return Boxes(
        np.array([[x, y]]), np.array([[length, width]]), np.radians([degrees]), np.ones(1), np.zeros(1, np.int64)
    )


@pytest.mark.parametrize("degrees", [0, 17, 90, 200])
def test_an_oriented_box_in_metres(degrees):
    transform = Affine(0.3, 0, 500_000, 0, -0.3, 4_300_000)
    ((length, width),) = measured(box(40, 9, degrees), transform, UTM, SETTINGS, oriented=True)
    assert length.value == pytest.approx(12, rel=1e-3)
    assert width is not None
    assert width.value == pytest.approx(2.7, rel=1e-3)
    assert length.sd == pytest.approx(math.hypot(math.sqrt(2) * 0.3, 12 * math.hypot(0.04, 0.01)), rel=0.01)


def test_the_longer_side_is_the_length_whatever_the_detector_calls_it():
    transform = Affine(0.3, 0, 500_000, 0, -0.3, 4_300_000)
    ((length, width),) = measured(box(9, 40, 30), transform, UTM, SETTINGS, oriented=True)
    assert width is not None
    assert length.value > width.value


def test_degrees_and_web_maps_give_the_same_metres():
    lon, lat = 125.7, 39.1
    x, y = Transformer.from_crs("EPSG:4326", "EPSG:3857", always_xy=True).transform(lon, lat)
    web = Affine(0.5, 0, x, 0, -0.5, y)
    ((length, _),) = measured(box(40, 9, 25, 0, 0), web, "EPSG:3857", SETTINGS, oriented=True)
    assert length.value == pytest.approx(20 * math.cos(math.radians(lat)), rel=5e-3)
    degree = Affine(1e-5, 0, lon, 0, -1e-5, lat)
    ((east, _),) = measured(box(20, 5, 0, 0, 0), degree, "EPSG:4326", SETTINGS, oriented=True)
    ((south, _),) = measured(box(20, 5, 90, 0, 0), degree, "EPSG:4326", SETTINGS, oriented=True)
    assert east.value / south.value == pytest.approx(math.cos(math.radians(lat)), rel=5e-3)


@given(st.floats(3, 20), st.floats(0.16, 0.54), st.floats(0, math.pi / 2))
@settings(deadline=None)
def test_an_upright_box_bounds_the_length_of_what_stands_askew_in_it(length, slender, angle):
    wide = length * (math.cos(angle) + slender * math.sin(angle))
    high = length * (math.sin(angle) + slender * math.cos(angle))
    least, most = within_upright(np.array([max(wide, high)]), np.array([min(wide, high)]))
    assert least[0] * 0.985 <= length <= most[0] * 1.015


def test_an_upright_box_tells_no_width_and_a_square_one_a_wider_length():
    transform = Affine(0.3, 0, 500_000, 0, -0.3, 4_300_000)
    ((along, _),) = measured(box(40, 9, 0), transform, UTM, SETTINGS, oriented=False)
    ((askew, width),) = measured(box(34, 34, 0), transform, UTM, SETTINGS, oriented=False)
    assert width is None
    assert askew.sd > along.sd
    assert along.value == pytest.approx(12, abs=0.4)


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (Metres(13, 0.5), "large vehicle, 13 m +/- 1"),
        (Metres(4.4, 0.3), "small vehicle, 4.4 m +/- 0.5"),
        (Metres(7.5, 0.4), "medium vehicle, 7.5 m +/- 0.7"),
        (Metres(6.1, 0.4), "small or medium vehicle, 6.1 m +/- 0.7"),
        (Metres(8, 2), "small or medium or large vehicle, 8 m +/- 4"),
        (None, "vehicle"),
    ],
)
def test_only_size_and_length_are_said(length, words):
    assert said(length, SETTINGS) == words


@given(st.floats(2, 30), st.floats(0.05, 3))
def test_nothing_else_is_ever_said(value, sd):
    pattern = r"(small|medium|large)( or (medium|large))* vehicle, \d+(\.\d)? m \+/- \d+(\.\d)?"
    assert re.fullmatch(pattern, said(Metres(value, sd), SETTINGS))
