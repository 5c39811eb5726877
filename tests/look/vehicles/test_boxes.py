"""Boxes: corners, overlaps, one of them for each vehicle, trials, tiles."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sitewatch.look.vehicles.boxes import Boxes, one_each, overlaps
from sitewatch.look.vehicles.tiles import MARGIN, lay, overlap_of
from sitewatch.look.vehicles.trials import Trial, try_boxes


def boxes(*rows):
    """Rows of x, y, width, height, angle in degrees, probability."""
    table = np.array(rows, dtype=float).reshape(-1, 6)
    return Boxes(table[:, :2], table[:, 2:4], np.radians(table[:, 4]), table[:, 5], np.zeros(len(table), np.int64))


def share(one, other):
    found = overlaps(boxes(one), boxes(other))[2]
    return float(found[0]) if len(found) else 0.0


def test_corners_run_clockwise_from_the_boxs_own_upper_left():
    assert boxes((10, 20, 6, 2, 0, 1)).corners()[0] == pytest.approx(np.array([(7, 19), (13, 19), (13, 21), (7, 21)]))
    assert boxes((10, 20, 6, 2, 90, 1)).corners()[0] == pytest.approx(np.array([(11, 17), (11, 23), (9, 23), (9, 17)]))


def test_the_ends_of_both_axes():
    along, across = boxes((10, 20, 6, 2, 90, 1)).middles()
    assert along[0] == pytest.approx(np.array([(10, 17), (10, 23)]))
    assert across[0] == pytest.approx(np.array([(11, 20), (9, 20)]))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ((0, 0, 4, 2, 0, 1), (0, 0, 4, 2, 0, 1), 1),
        ((0, 0, 4, 2, 0, 1), (2, 0, 4, 2, 0, 1), 1 / 3),
        ((0, 0, 4, 2, 0, 1), (0, 0, 4, 2, 90, 1), 4 / 12),
        ((0, 0, 4, 2, 30, 1), (0, 0, 4, 2, 210, 1), 1),
        ((0, 0, 2, 2, 0, 1), (0, 0, 2, 2, 45, 1), (8 * math.sqrt(2) - 8) / (8 - (8 * math.sqrt(2) - 8))),
        ((0, 0, 12, 2.5, 45, 1), (2.2, -2.2, 12, 2.5, 45, 1), 0),  # two lorries side by side
        ((0, 0, 4, 2, 0, 1), (9, 9, 4, 2, 0, 1), 0),
    ],
)
def test_overlaps_are_those_of_the_polygons(one, other, expected):
    assert share(one, other) == pytest.approx(expected, abs=1e-9)


def test_the_best_box_of_each_vehicle_is_kept():
    found = one_each(boxes((0, 0, 10, 4, 0, 0.6), (1, 0, 10, 4, 0, 0.9), (30, 0, 10, 4, 0, 0.5)), 0.5)
    assert found.score.tolist() == [0.9, 0.5]
    assert len(one_each(Boxes.none(), 0.5)) == 0


def test_a_box_that_was_taken_out_takes_out_no_other():
    chain = boxes((0, 0, 10, 4, 0, 0.9), (3, 0, 10, 4, 0, 0.8), (6, 0, 10, 4, 0, 0.7))
    assert one_each(chain, 0.5).centre[:, 0].tolist() == [0, 6]


def test_lorries_parked_askew_stay_two_although_their_upright_frames_overlap():
    parked = boxes((0, 0, 12, 2.5, 45, 0.9), (2.2, -2.2, 12, 2.5, 45, 0.8))
    assert len(one_each(parked, 0.5)) == 2


@given(st.permutations(range(6)))
@settings(max_examples=20, deadline=None)
def test_order_changes_nothing(order):
    rows = np.array([(4 * n, n % 2, 10, 4, 10 * n, 0.5 + 0.25 * (n % 3)) for n in range(6)], dtype=float)
    one, other = one_each(boxes(*rows), 0.4), one_each(boxes(*rows[list(order)]), 0.4)
    assert one.centre.tolist() == other.centre.tolist()


def test_each_box_stands_for_one_vehicle_and_each_vehicle_has_one_box():
    truth = boxes((0, 0, 10, 4, 0, 1), (6, 0, 10, 4, 0, 1), (50, 0, 10, 4, 0, 1))
    found = boxes((3, 0, 10, 4, 0, 0.9), (1, 0, 10, 4, 0, 0.5), (80, 0, 10, 4, 0, 0.9))
    assert try_boxes(found, truth) == Trial(found=2, of=3, false=1)


def test_trials_without_boxes_or_without_vehicles():
    one = boxes((0, 0, 10, 4, 0, 1))
    assert try_boxes(Boxes.none(), one) == Trial(0, 1, 0)
    assert try_boxes(one, Boxes.none()) == Trial(0, 0, 1)


@given(st.integers(1, 3000), st.integers(64, 700), st.floats(0, 0.5), st.sampled_from([1, 8, 32]))
@settings(deadline=None)
def test_tiles_cover_an_image_and_share_it_out(length, side, least, stride):
    overlap, _ = overlap_of(side, None, least)
    tiles = lay((length, 40), (side, side), (overlap, overlap), stride)
    owned = np.zeros(length, int)
    for tile in tiles:
        owned[tile.own[2] : tile.own[3]] += 1
    assert (owned == 1).all()
    assert tiles[-1].y + side >= length
    assert len(tiles) == 1 or tiles[-2].y + side < length
    for tile, later in pairwise(tiles):
        assert tile.core[3] == later.core[1]
        assert tile.y + side - tile.core[3] >= overlap / 2
        assert tile.core[3] - later.y >= overlap / 2


def test_the_overlap_holds_the_longest_vehicle_or_says_that_it_cannot():
    assert overlap_of(640, 50, 0.25) == (160, True)
    assert overlap_of(640, 250, 0.25) == (250 + 2 * MARGIN, True)
    assert overlap_of(640, 900, 0.25) == (320, False)


def test_tiles_begin_where_the_detectors_grid_does():
    assert all(tile.y % 32 == 0 for tile in lay((5000, 100), (640, 640), (171, 171), 32))
