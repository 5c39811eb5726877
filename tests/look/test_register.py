from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from sitewatch.look import MonitorSettings, monitor
from sitewatch.look.register import MISPLACED, aligned, place
from sitewatch.records import Result
from tests.look.scenes import plus, terrain

SINCE = date(2020, 3, 1)
BEGUN = 22
"""First watched pass of the terrain."""
UNREGISTERED = MonitorSettings(register=False)


def shifts(watch):
    return {index: placement.shift for index, placement in watch._memory.placed}


GIVEN = {
    24: (0.5, 0.0), 25: (1.0, 0.0), 26: (0.3, -0.4), 27: (0.0, -2.0), 28: (-0.2, 0.7), 29: (2.0, 1.0), 30: (0.1, 0.1),
    31: (-1.25, 0.75), 32: (-0.3, -0.6), 33: (2.4, 1.2), 35: (-2.0, -2.0),
}  # fmt: skip
"""Shifts by parts of a pixel and by more, in turns: no run of them is long enough to be told as a fault."""


@pytest.mark.parametrize("seed", [0, 1])
def test_shifts_are_found_within_a_tenth_of_a_pixel_and_raise_nothing(seed):
    data, inside = terrain(GIVEN, seed=seed)
    watch = monitor(data, inside, SINCE)
    found = shifts(watch)
    for index in range(data.sizes["time"]):
        assert found[index] == pytest.approx(GIVEN.get(index, (0.0, 0.0)), abs=0.1), index
    assert watch.alerts == ()
    assert {look.result for look in watch.looks[BEGUN:]} == {Result.NOT_SEEN}
    assert watch.faults == ()  # one pass at a time: corrected, nothing to tell


@pytest.mark.parametrize("shift", [(0.4, -0.3), (2.0, -1.0), (1.5, 1.5)])
def test_a_lasting_shift_raises_nothing_anywhere_and_hides_no_change(shift):
    data, inside = terrain({index: shift for index in range(BEGUN, 40)}, seed=1)
    watch = monitor(data, inside, SINCE)
    assert watch.alerts == ()
    assert not watch.flagged.any()
    assert [fault.kind for fault in watch.faults] == (["geometry"] if np.hypot(*shift) >= 0.75 else [])
    (alert,) = monitor(plus(data, 0.03, "2020-06-01"), inside, SINCE).alerts
    assert alert.region[17:21, 17:21].mean() > 0.7


def test_what_a_shift_does_to_the_statistic_is_corrected():
    data, inside = terrain({index: (0.6, -0.6) for index in range(BEGUN, 40)}, seed=1, height=0.01)
    crooked, straight = monitor(data, inside, SINCE, settings=UNREGISTERED), monitor(data, inside, SINCE)
    most = [float(np.nanmax(watch.statistic[BEGUN + 3 :, inside])) for watch in (crooked, straight)]
    assert most[0] > 3 * most[1]
    assert straight.alerts == ()


def test_a_lasting_displacement_is_a_fault_of_the_feed_from_its_first_pass_on():
    data, inside = terrain({index: (1.0, -1.0) for index in range(28, 40)})
    (fault,) = monitor(data, inside, SINCE).faults
    assert (fault.kind, fault.first, fault.last, fault.passes) == ("geometry", 28, 39, 12)
    assert fault.reason == "1.4 px off its baseline; corrected"


@pytest.mark.parametrize("seed", [0, 1])
def test_a_pass_beyond_what_can_be_corrected_is_refused_with_its_reason(seed):
    data, inside = terrain({30: (3.5, 0.0)}, seed=seed)
    watch = monitor(data, inside, SINCE)
    look = watch.looks[30]
    assert look.result is Result.NOT_ASSESSABLE
    assert np.hypot(*shifts(watch)[30]) >= MISPLACED
    assert look.reason.endswith("px off its baseline, too far to be corrected")
    assert np.isnan(watch.statistic[30]).all()
    assert watch.alerts == ()
    (fault,) = watch.faults
    assert (fault.kind, fault.first, fault.passes) == ("geometry", 30, 1)
    assert fault.reason.endswith("; refused")


@pytest.mark.parametrize("shift", [(0, -5), (8, 8)])
def test_passes_of_another_place_are_all_refused_and_raise_nothing(shift):
    data, inside = terrain({index: shift for index in range(28, 36)})
    watch = monitor(data, inside, SINCE)
    assert {look.result for look in watch.looks[28:36]} <= {Result.NOT_ASSESSABLE, Result.OBSCURED}
    assert np.isnan(watch.statistic[28:36]).all()
    assert {look.result for look in watch.looks[36:]} == {Result.NOT_SEEN}
    assert watch.alerts == ()


def test_a_pass_of_the_history_that_lies_too_far_off_is_left_out_of_the_fit():
    data, inside = terrain({5: (3.5, 0.0)})
    straight, _ = terrain()
    displaced, usual = monitor(data, inside, SINCE), monitor(straight, inside, SINCE)
    assert 5 not in shifts(displaced)
    assert displaced._memory.history == usual._memory.history - 1
    assert displaced.alerts == ()


@pytest.mark.parametrize("seed", [0, 1])
def test_a_ring_without_texture_is_taken_to_lie_where_it_should(seed):
    data, inside = terrain(height=0, seed=seed)
    watch = monitor(data, inside, SINCE)
    assert watch.alerts == watch.faults == ()
    assert max(np.hypot(*shift) for shift in shifts(watch).values()) < 0.25


def test_gain_and_offset_are_told_apart_from_a_shift():
    data, _ = terrain({1: (0.3, -0.2)}, noise=0.0005)
    base, image = (np.ascontiguousarray(data.values[i].transpose(1, 2, 0)) for i in (0, 1))
    gain, offset = np.array([1.1, 0.9, 1.0, 1.2]), np.array([0.05, -0.02, 0.1, 0.0])
    placement = place((image * gain + offset).astype(np.float32), base, np.arange(base[..., 0].size))
    assert placement.shift == pytest.approx((0.3, -0.2), abs=0.05)
    assert placement.gain == pytest.approx(gain, rel=0.04)
    assert placement.level == pytest.approx(offset + (gain - 1) * base.mean((0, 1)), abs=0.003)


def test_only_the_control_says_where_a_pass_lies():
    data, inside = terrain({1: (0.3, -0.2)})
    base, image = (np.ascontiguousarray(data.values[i].transpose(1, 2, 0)) for i in (0, 1))
    known = np.flatnonzero(~inside.ravel())
    before = place(image, base, known)
    image[inside] += 0.5
    assert place(image, base, known).shift == before.shift


@pytest.mark.parametrize("whole", [(0, 0), (1, 0), (0, -2), (2, 3), (-1, 1)])
def test_whole_pixels_are_put_back_without_a_value_made_up(whole):
    image = np.random.default_rng(0).random((9, 8, 2)).astype(np.float32)
    shown = np.roll(image, whole, (0, 1))
    back = aligned(shown, whole)
    good = np.isfinite(back)
    assert np.array_equal(back[good], image[good])
    assert good.all(2).sum() == (9 - abs(whole[0])) * (8 - abs(whole[1]))
