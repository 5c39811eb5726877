"""Regions against a fence: counted by their middle, bounded by their edges, and pieces of a pair on one grid."""

from __future__ import annotations

import numpy as np
import pytest
from pyproj import Transformer
from shapely.geometry import box

from sitewatch.look.structures import StructureChange, StructureSettings, compare_files
from sitewatch.look.structures.change import regions
from sitewatch.look.structures.inside import Fenced, area, count, fenced
from sitewatch.look.structures.windows import in_bytes, laid_pair
from tests.look.structures.scenes import AFTER, BEFORE, GONE, written

CRS, LEFT, TOP = "EPSG:32652", 300_000.0, 4_000_000.0


def told(fence: tuple[float, float, float, float], seen: np.ndarray | None = None) -> Fenced:
    """Two new squares and a removed one of 10 x 10 px of 1 m; the fence by first and last column and row."""
    signed = np.zeros((60, 80), np.float32)
    signed[10:20, 10:20], signed[10:20, 45:55], signed[40:50, 30:40] = 3, 3, -3
    labels, found = regions(signed, 1.0, StructureSettings())
    west, north, east, south = fence
    ground = box(LEFT + west, TOP - south, LEFT + east, TOP - north)
    known = np.ones_like(labels, bool) if seen is None else seen
    return fenced(labels, found, known, ground, transform=(1, 0, LEFT, 0, -1, TOP), crs=CRS, pixel_m=1.0)


def test_regions_inside_on_the_edge_and_outside() -> None:
    got = told((0, 0, 48, 60))
    new, gone = got.of(StructureChange.NEW), got.of(StructureChange.REMOVED)
    assert [(one.number, one.within, one.counted) for one in new] == [(1, True, True), (2, False, False)]
    assert (count(new), count(gone), got.outside) == ((1, 1, 2), (1, 1, 1), 0)
    # a square without its four corners; of the second what lies in its first three columns, and the one before them
    assert new[0].area_m2 == (8 * 8, 10 * 10 - 4, 10 * 10 + 4 * 8)
    assert new[1].area_m2 == (2 * 8, 3 * 10 - 2, 8 + 10 + 12 + 12)
    assert area(new) == (80, 124, 174)
    assert told((0, 0, 25, 30)).outside == 2


def test_a_region_is_placed_on_the_globe() -> None:
    (gone,) = told((0, 0, 80, 60)).of(StructureChange.REMOVED)
    to_map = Transformer.from_crs("EPSG:4326", CRS, always_xy=True)
    assert to_map.transform(*gone.centre) == pytest.approx((LEFT + 35, TOP - 45), abs=0.02)
    x, y = to_map.transform(*zip(*gone.ring, strict=True))
    assert (min(x), max(x), min(y), max(y)) == pytest.approx((LEFT + 30, LEFT + 40, TOP - 50, TOP - 40), abs=0.02)
    assert gone.bounds == (LEFT + 30, TOP - 50, LEFT + 40, TOP - 40)


def test_ground_that_was_not_compared_is_no_ground() -> None:
    seen = np.ones((60, 80), bool)
    seen[:, 20:] = False
    got = told((0, 0, 40, 60), seen)
    assert got.seen == pytest.approx(0.5)
    assert got.ground_m2[1] == 20 * 60
    beyond = told((-80, 0, 80, 60))
    assert beyond.seen == pytest.approx(0.5)


@pytest.mark.parametrize("swapped", [False, True])
def test_pieces_of_a_pair_show_the_same_ground_on_both_days(tmp_path, swapped: bool) -> None:
    names = ("b.tif", "a.tif") if swapped else ("a.tif", "b.tif")
    files = [written(tmp_path / name, image) for name, image in zip(names, (BEFORE, AFTER), strict=True)]
    found = compare_files(*files)
    with laid_pair(*files, found) as laid:
        top, left, height, width = GONE
        middle = LEFT + (left + width / 2) / 2, TOP - (top + height / 2) / 2
        piece = laid.square(middle, 20, 2)
        assert piece.before.values.shape == piece.after.values.shape == (3, 20, 20)
        assert piece.pixel_m == 1.0
        roof = np.s_[:, 6:14, 6:14]
        assert piece.before.values[roof].mean() > 180 > 120 > piece.after.values[roof].mean()
        a, _, c, _, e, f = piece.transform
        assert (c + 10 * a, f + 10 * e) == pytest.approx(middle, abs=0.5)
        edge = laid.read((LEFT - 10, TOP - 10, LEFT + 10, TOP + 10))
        assert not edge.before.seen[:20].any()
        assert edge.before.seen[22:, 22:].all()
        first, second = in_bytes(edge, (0, 1, 2))
        assert (first.dtype, first[:, :20].max(), second[:, :20].max()) == (np.uint8, 0, 0)
        assert first[0, 30, 30] == edge.before.values[0, 30, 30].round()
