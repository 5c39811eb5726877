"""What lies inside a fence: only its vehicles count, and only its tiles are run."""

from pathlib import Path

import numpy as np
import pytest
from pyproj import Transformer

from sitewatch.errors import InputError
from sitewatch.look.vehicles import Detector, find_vehicles
from sitewatch.look.vehicles.details import details
from sitewatch.records import Site
from tests.look.vehicles.graphs import CORNER, CRS, UPRIGHT, graph, ground, write

SHAPE = (300, 280)


def fenced(left: float, top: float, right: float, bottom: float, *, pixel: float = 0.5) -> Site:
    """A fence around columns and rows of an image of the tests."""
    corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
    to_earth = Transformer.from_crs(CRS, "EPSG:4326", always_xy=True).transform
    ring = tuple(to_earth(CORNER[0] + pixel * x, CORNER[1] - pixel * y) for x, y in corners)
    return Site(slug="yard", name="the yard", fence=ring)


@pytest.fixture(scope="module")
def detector(tmp_path_factory) -> Detector:
    return Detector.open(graph(tmp_path_factory.mktemp("d") / "d.onnx", UPRIGHT, (128, 128), oriented=False))


@pytest.fixture(scope="module")
def image(tmp_path_factory) -> Path:
    return write(tmp_path_factory.mktemp("i") / "a.tif", np.stack([ground(SHAPE, UPRIGHT, 30, 3)[0]] * 3))


def look(path: Path, detector: Detector, site: Site | None):
    return find_vehicles(path, detector, bands=[1, 2, 3], site=site, progress=lambda what, done, total: None)


def test_the_vehicles_inside_are_those_of_the_whole_whose_middle_lies_inside(detector, image):
    every, inside = look(image, detector, None), look(image, detector, fenced(20, 30, 130, 110))
    wanted = {one.centre for one in every.vehicles if 20 < one.centre[0] < 130 and 30 < one.centre[1] < 110}
    assert 0 < len(wanted) < len(every.vehicles)
    assert {one.centre for one in inside.vehicles} == wanted
    assert len(inside.boxes) == len(inside.vehicles)
    assert inside.tiles < every.tiles
    assert inside.classes == ("small vehicle", "large vehicle")


def test_the_share_seen_is_that_of_the_fence(detector, image):
    half = look(image, detector, fenced(-100, 50, 100, 150))
    assert half.seen == pytest.approx(0.5, abs=0.01)
    assert half.notes == ("the image holds data over 50 % of the fence",)
    whole = look(image, detector, fenced(0, 0, 280, 300))
    assert whole.seen == pytest.approx(1, abs=0.01)
    assert whole.tiles == look(image, detector, None).tiles


def test_a_fence_beside_the_image_is_refused(detector, image):
    with pytest.raises(InputError, match="shows nothing of the fence of site yard"):
        look(image, detector, fenced(900, 900, 1000, 1000))


def test_an_image_that_lies_nowhere_cannot_be_fenced(detector, tmp_path):
    values = np.stack([ground(SHAPE, UPRIGHT, 3, 3)[0]] * 3)
    with pytest.raises(InputError, match=r"does not tell where it lies.*gdal_translate -a_srs"):
        look(write(tmp_path / "a.tif", values, crs=None), detector, fenced(0, 0, 50, 50))


def test_details_are_of_one_size_and_hold_their_boxes(detector, image):
    found = look(image, detector, None)
    shown, side = details(image, found, found.vehicles[:7], bands=[1, 2, 3])
    assert {detail.colours.shape for detail in shown} == {(round(side / 0.5), round(side / 0.5), 3)}
    for detail in shown:
        x, y = detail.corners.mean(0).astype(int)
        assert detail.colours[y, x].tolist() == [255, 255, 255]
        assert (detail.corners >= 0).all()
        assert detail.centre[0] == pytest.approx(129, abs=0.01)
