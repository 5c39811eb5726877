"""Planted demolitions: the structure and its shadow are gone, the rest stays, and the power counts what is told."""

from __future__ import annotations

import numpy as np
import pytest

from sitewatch.errors import InputError
from sitewatch.look.structures import Power, demolish, power
from tests.look.structures.scenes import SIDE, STANDING, day

HOUSE = STANDING[1]
OTHERS = tuple(house for house in STANDING if house is not HOUSE)


def mask(*houses: tuple[int, int, int, int]) -> np.ndarray:
    out = np.zeros((SIDE, SIDE), bool)
    for top, left, height, width in houses:
        out[top : top + height, left : left + width] = True
    return out


def test_the_structure_and_its_shadow_become_ground_and_nothing_else_changes() -> None:
    image = day(STANDING)
    razed = demolish(image, mask(HOUSE), mask(*OTHERS), 0.5, np.random.default_rng(1))
    there = mask(HOUSE)
    assert np.median(image[:, there]) > 180
    assert np.median(razed[:, there]) == pytest.approx(108, abs=15)
    top, left, height, width = HOUSE
    shade = np.s_[:, top + height + 2 : top + height + 5, left + 12 : left + width]
    assert np.median(image[shade]) < 75
    assert np.median(razed[shade]) > 85
    far = np.ones((SIDE, SIDE), bool)
    far[top - 20 : top + height + 25, left - 20 : left + width + 25] = False
    assert np.array_equal(razed[:, far], image[:, far])
    assert np.array_equal(razed[:, mask(*OTHERS)], image[:, mask(*OTHERS)])


def test_no_ground_without_structures_is_refused() -> None:
    with pytest.raises(InputError, match="no ground of"):
        demolish(day(STANDING), mask(HOUSE), ~mask(HOUSE), 0.5, np.random.default_rng(1))


def test_power_counts_each_size_of_its_own() -> None:
    before, after = day(STANDING), day(STANDING, gain=0.8, seed=4, sun=(7, -6))
    got = power(before, after, [mask(house) for house in STANDING[:2]], 0.5, (350.0,), np.random.default_rng(2))
    assert [(one.area_m2, one.told, one.planted) for one in got] == [
        ((0.0, 350.0), 1, 1),
        ((350.0, float("inf")), 1, 1),
    ]


def test_a_structure_that_the_pair_tells_as_removed_anyway_is_no_power() -> None:
    before, after = day(STANDING), day(OTHERS, seed=4)
    (got,) = power(before, after, [mask(HOUSE)], 0.5, (), np.random.default_rng(2))
    assert (got.told, got.planted) == (0, 1)


def test_the_interval_of_a_power() -> None:
    assert Power((0, 1), 0, 10).interval == pytest.approx((0, 0.1708), abs=1e-3)
    assert Power((0, 1), 10, 10).interval == pytest.approx((0.8292, 1), abs=1e-3)
