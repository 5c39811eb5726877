from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from sitewatch.errors import InputError
from sitewatch.look.chips import Reading
from sitewatch.look.sensors.optical import cube, screen
from sitewatch.records import Grid

GRID = Grid(crs="EPSG:32634", transform=(10, 0, 500_000, 0, -10, 5_000_000), shape=(12, 15))
NOON = datetime(2018, 6, 1, 12, tzinfo=UTC)


def reading(level=0.1, scl=4, names=("blue", "nir")):
    values = np.full((len(names), *GRID.shape), level, np.float32) + np.arange(len(names))[:, None, None]
    return Reading(names, values.astype(np.float32), {"scl": np.full(GRID.shape, scl, np.uint8)}, {})


@pytest.mark.parametrize("scl", range(12))
def test_only_ground_that_the_classification_knows_is_seen(scl):
    one = reading(scl=scl)
    seen = np.isfinite(screen(one.values, one.quality["scl"]))
    assert seen.all() == (scl in (4, 5, 6, 7))
    assert seen.any() == (scl in (4, 5, 6, 7))


@pytest.mark.parametrize(("scl", "dropped"), [(3, 13), (8, 13), (9, 13), (10, 13), (11, 1), (2, 1), (0, 1)])
def test_what_lies_within_two_pixels_of_cloud_and_shadow_is_dropped(scl, dropped):
    one = reading()
    one.quality["scl"][6, 7] = scl
    seen = np.isfinite(screen(one.values, one.quality["scl"])).all(0)
    assert (~seen).sum() == dropped
    if dropped == 13:
        assert not seen[6, 9]
        assert not seen[5, 8]
        assert seen[6, 10]
        assert seen[4, 9]


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf, -0.5, 6.5])
def test_a_value_that_cannot_be_hides_the_pixel_in_all_bands(wrong):
    one = reading()
    one.values[1, 3, 4] = wrong
    screened = screen(one.values, one.quality["scl"])
    assert np.isnan(screened[:, 3, 4]).all()
    assert np.isnan(screened).sum() == 2


def test_the_screen_leaves_its_input_alone():
    one = reading(scl=9)
    screen(one.values, one.quality["scl"])
    assert np.isfinite(one.values).all()


def test_a_cube_has_the_axes_of_the_grid_and_the_bands_asked_for():
    made = cube([reading(0.1), reading(0.2)], [NOON, NOON + timedelta(days=5)], GRID, ["nir", "blue"])
    assert made.dims == ("time", "band", "y", "x")
    assert made.dtype == np.float32
    assert list(made.band.values) == ["nir", "blue"]
    assert made.x.values[0] == 500_005
    assert made.y.values[0] == 4_999_995
    assert made.x.values[-1] == 500_145
    assert made.time.values[1] == np.datetime64("2018-06-06T12:00")
    assert float(made.sel(band="nir").isel(time=1).mean()) == pytest.approx(1.2)


def test_a_chip_that_lacks_a_band_or_lies_elsewhere_is_refused():
    with pytest.raises(InputError, match=r"2018-06-01 12:00 has the bands blue, nir .*needed are blue, red"):
        cube([reading()], [NOON], GRID, ["blue", "red"])
    small = Reading(("blue", "nir"), np.zeros((2, 3, 3), np.float32), {"scl": np.zeros((3, 3), np.uint8)}, {})
    with pytest.raises(InputError, match=r"\(3, 3\) pixels"):
        cube([small], [NOON], GRID)
    with pytest.raises(InputError, match="at least one pass"):
        cube([], [], GRID)
