from __future__ import annotations

import numpy as np
import pytest

from sitewatch.errors import InputError
from sitewatch.look.grid import fence_mask, grid_polygon, site_grid, utm_zone
from tests.look import skies


def ring_of(grid, inside):
    """Metres of ring on each side of the fence: left, right, top, bottom."""
    rows, columns = np.nonzero(inside)
    height, width = grid.shape
    return np.array([columns.min(), width - 1 - columns.max(), rows.min(), height - 1 - rows.max()]) * 10


@pytest.mark.parametrize(("side", "ring"), [(100, 640), (600, 900)])
def test_a_ring_lies_around_the_fence(side, ring):
    yard = skies.site(fence=skies.square(592_003, 5_003_007, side))
    grid = site_grid(yard)
    inside = fence_mask(yard, grid)
    assert grid.crs == "EPSG:32634"
    assert inside.sum() == (side / 10) ** 2
    widths = ring_of(grid, inside)
    assert (widths >= ring).all()
    assert (widths <= ring + 20).all()


def test_the_grid_lies_on_multiples_of_ten_metres():
    grid = site_grid(skies.site(fence=skies.square(592_003.7, 5_003_007.2, 100)))
    pixel, skew, left, tilt, down, top = grid.transform
    assert (pixel, skew, tilt, down) == (10, 0, 0, -10)
    assert left % 10 == 0
    assert top % 10 == 0


def test_the_mask_lies_where_the_fence_is():
    yard = skies.site(fence=skies.square(592_000, 5_003_000, 100))
    grid = site_grid(yard)
    rows, columns = np.nonzero(fence_mask(yard, grid))
    left, top = grid.transform[2], grid.transform[5]
    assert left + 10 * columns.min() == pytest.approx(592_000, abs=10)
    assert top - 10 * rows.min() == pytest.approx(5_003_100, abs=10)


def test_the_outline_of_the_grid_holds_the_fence():
    yard = skies.site()
    west, south, east, north = grid_polygon(site_grid(yard)).bounds
    assert all(west < longitude < east and south < latitude < north for longitude, latitude in yard.fence)


@pytest.mark.parametrize(
    ("longitude", "latitude", "crs"),
    [
        (22.1, 45.2, "EPSG:32634"),
        (125.6, 39.1, "EPSG:32651"),
        (-70.0, -33.0, "EPSG:32719"),
        (5.0, 60.0, "EPSG:32632"),
        (10.0, 78.0, "EPSG:32633"),
        (179.99, 10.0, "EPSG:32660"),
    ],
)
def test_the_zone_is_that_of_the_fence(longitude, latitude, crs):
    ring = [(longitude, latitude), (longitude + 0.001, latitude), (longitude, latitude + 0.001), (longitude, latitude)]
    assert utm_zone(skies.site(fence=tuple(ring))) == crs


@pytest.mark.parametrize(
    ("fence", "words"),
    [
        (skies.square(590_000, 5_000_000, 20_500), "at most 20 km"),
        (((22.0, 45.0), (22.1, 45.1), (22.1, 45.0), (22.0, 45.1), (22.0, 45.0)), "crosses itself"),
        (((22.0, 45.0), (22.1, 45.1), (22.0, 45.0)), "at least 4"),
        (((22.0, 86.0), (22.1, 86.0), (22.1, 86.1), (22.0, 86.0)), "outside UTM"),
        (((-179.99, 10.0), (179.99, 10.0), (179.99, 10.1), (-179.99, 10.0)), "180th meridian"),
    ],
)
def test_a_wrong_fence_is_refused_with_the_reason(fence, words):
    with pytest.raises(InputError, match=f"yard.*{words}"):
        site_grid(skies.site(fence=fence))


def test_a_fence_smaller_than_a_pixel_is_refused():
    tiny = skies.site(fence=skies.square(592_001, 5_003_001, 2))
    with pytest.raises(InputError, match="no pixel of 10 m"):
        fence_mask(tiny, site_grid(tiny))


@pytest.mark.parametrize(("latitude", "edge"), [(45.2, 15.0), (-33.9, 25.0)])
def test_landsats_pixels_lie_on_their_own_edges_on_both_sides_of_the_equator(latitude, edge):
    fence = [(18.40, latitude), (18.41, latitude), (18.41, latitude + 0.01), (18.40, latitude + 0.01)]
    grid = site_grid(skies.site(fence=(*fence, fence[0])), 30.0)
    assert (grid.transform[2] % 30, grid.transform[5] % 30) == (15.0, edge)
    south, north = grid_polygon(grid).bounds[1], grid_polygon(grid).bounds[3]
    assert south < latitude < latitude + 0.01 < north
