from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import binary_dilation, label

from sitewatch.look import monitor
from sitewatch.look.placebos import FEWEST, HELD, FalseAlarms, Outcome, lay, summarise
from tests.look.scenes import START, plus, small

EIGHT = np.ones((3, 3), bool)


@pytest.fixture(scope="module")
def quiet():
    return monitor(*small(), START)


# --- Laying


@st.composite
def fences(draw):
    """A fence of some rectangles somewhere in a grid, and the ground that is monitored."""
    height, width = draw(st.integers(6, 40)), draw(st.integers(6, 40))
    inside = np.zeros((height, width), bool)
    for _ in range(draw(st.integers(1, 3))):
        top, left = draw(st.integers(0, height - 2)), draw(st.integers(0, width - 2))
        inside[top : top + draw(st.integers(1, 12)), left : left + draw(st.integers(1, 12))] = True
    share = draw(st.sampled_from([0, 0.03, 0.3]))
    unseen = np.random.default_rng(draw(st.integers(0, 9))).random((height, width)) < share
    return inside, ~inside & ~unseen


@settings(max_examples=30, deadline=None)
@given(fences())
def test_placebos_touch_neither_each_other_nor_the_fence_and_share_one_shape(case):
    inside, ground = case
    laid, scale = lay(inside, ground)
    assert 0 < scale <= 1
    taken = inside.copy()
    shapes = set()
    for mask in laid:
        assert mask.shape == inside.shape
        assert not (binary_dilation(mask, EIGHT) & taken).any()
        assert ground[mask].mean() >= HELD
        taken |= mask
        rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
        shapes.add(mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].tobytes())
        assert mask.sum() == pytest.approx(inside.sum() * scale**2)
    assert len(shapes) <= 1
    if laid and scale == 1:
        assert label(laid[0], EIGHT)[1] == label(inside, EIGHT)[1]


def test_a_wide_ring_takes_placebos_of_the_fences_own_size():
    inside = np.zeros((60, 60), bool)
    inside[25:35, 25:33] = True
    inside[25:28, 25:28] = False
    laid, scale = lay(inside, ~inside)
    assert scale == 1
    assert len(laid) >= 15
    for mask in laid:
        rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
        assert np.array_equal(mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1], inside[25:35, 25:33])


@pytest.mark.parametrize("shape", [(1, 56), (2, 50), (56, 1), (3, 3), (1, 1)])
def test_a_road_or_a_single_pixel_can_be_laid_too(shape):
    inside = np.zeros((60, 60), bool)
    inside[2 : 2 + shape[0], 2 : 2 + shape[1]] = True
    laid, _ = lay(inside, ~inside)
    assert len(laid) >= FEWEST


# --- Measured and not measured


def test_a_ring_without_room_says_that_the_rate_is_not_measurable():
    data, _ = small()
    inside = np.zeros((28, 28), bool)
    inside[2:26, 2:26] = True
    alarms = monitor(data, inside, START).false_alarms
    assert not alarms.measurable
    assert np.isnan([alarms.rate, alarms.low, alarms.high]).all()
    assert alarms.placebos < FEWEST
    assert alarms.reason == f"{alarms.placebos} placebo fences fit into the ring, and {FEWEST} are needed"
    assert alarms.p_value(100.0) is None
    with pytest.raises(ValueError, match=r"was not measured: .* placebo fences fit"):
        alarms.expect(1)


def test_an_alert_where_the_rate_is_not_measurable_has_no_rank():
    data, _ = small()
    inside = np.zeros((28, 28), bool)
    inside[2:26, 2:26] = True
    (alert,) = monitor(plus(data, 0.1, "2021-05-01"), inside, START).alerts
    assert alert.p_value is None


def test_too_few_passes_say_so():
    data, inside = small(cloudy=0)
    begun = int((data.time.values < np.datetime64(START)).sum())
    watch = monitor(data.isel(time=slice(begun - 9, begun + 4)), inside, START)
    assert not watch.false_alarms.measurable
    assert "the 4 clear passes of the watch leave too few passes for a trial" in watch.false_alarms.reason


def test_a_quiet_field_has_a_small_rate_and_an_open_upper_end(quiet):
    alarms = quiet.false_alarms
    assert alarms.measurable
    assert alarms.count == alarms.false == alarms.rate == alarms.low == 0
    assert 0 < alarms.high < 0.6
    assert alarms.placebos >= FEWEST
    assert alarms.years == pytest.approx(alarms.placebos * (quiet.days[-1] - alarms_begun(quiet)).days / 365.25)
    assert alarms.scale < 1
    assert f"scaled down to {alarms.scale:.0%} of the fence's side" in alarms.reason
    assert alarms.probable == (0, 0, alarms.high)


def alarms_begun(watch):
    """First day of the trial of a short watch: named in the reason."""
    return next(day for day in watch.days if f"tried from {day} on" in watch.false_alarms.reason)


def test_a_watch_longer_than_a_year_is_its_own_trial():
    data, inside = small(years=4, every=30)
    watch = monitor(data, inside, START)
    alarms = watch.false_alarms
    assert "tried from" not in alarms.reason
    assert alarms.years == pytest.approx(alarms.placebos * (watch.days[-1] - START).days / 365.25)


@pytest.mark.parametrize("count", [0, 3, 40])
def test_expectations_grow_with_the_years_and_hold_the_rate(count):
    peaks = np.full(4, 10, np.float32)
    outcomes = [Outcome(peaks, [(i % 4, False, False) for i in range(k, count, 12)]) for k in range(12)]
    alarms = summarise(outcomes, 2.0, 1.0, [])
    assert alarms.rate == count / 24
    assert alarms.low <= alarms.rate <= alarms.high
    ends = [alarms.expect(years) for years in (0, 0.1, 0.5, 1, 2, 5, 10, 30)]
    assert ends[0] == (0, 0)
    for (low, high), (later_low, later_high) in pairwise(ends):
        assert low <= later_low
        assert high <= later_high
        assert low <= high
    low, high = alarms.expect(30)
    assert low <= 30 * alarms.rate <= high
    assert high > 0


def test_a_smaller_placebo_counts_for_less_ground():
    outcomes = [Outcome(np.full(2, 10, np.float32), [(0, False, False)]) for _ in range(8)]
    own, half = (summarise(outcomes, 1.0, scale, []) for scale in (1.0, 0.5))
    assert half.rate == pytest.approx(4 * own.rate)
    assert half.high > own.high


def test_alarms_that_come_together_widen_the_interval():
    apart = [Outcome(np.full(6, 9, np.float32), [(k % 6, False, False)]) for k in range(12)]
    one_pass = [Outcome(np.full(6, 9, np.float32), [(2, False, False)]) for _ in range(12)]
    wide, narrow = (summarise(outcomes, 3.0, 1.0, []) for outcomes in (one_pass, apart))
    assert wide.rate == narrow.rate
    assert wide.clumping > narrow.clumping
    assert wide.high > narrow.high


def test_what_stayed_changed_is_no_false_alarm_and_what_is_too_young_counts_in_part():
    told = [(0, True, True), (1, False, True), (1, False, False), (2, None, False)]
    outcomes = [Outcome(np.full(3, 20, np.float32), told), *(Outcome(np.full(3, 9, np.float32), []) for _ in range(9))]
    alarms = summarise(outcomes, 1.5, 1.0, ["one note"])
    assert alarms.count == 4
    assert 2 < alarms.false < 3
    assert alarms.probable[0] < alarms.rate
    assert alarms.reason.startswith(
        "one note; 1 alarms of the placebos are left out, where the ground stayed changed; 1 are"
    )


# --- The rank of an alert


def test_the_rank_lies_above_zero_and_never_above_one(quiet):
    alarms = quiet.false_alarms
    n = len(alarms.peaks)
    assert n >= alarms.placebos
    last = 1.0
    for statistic in (0.0, *np.sort(alarms.peaks).tolist(), 1e9):
        rank = alarms.p_value(statistic)
        assert rank.n == n
        assert 0 < rank.p <= last
        last = rank.p
    assert alarms.p_value(0.0).p == 1
    assert alarms.p_value(1e9).p == pytest.approx(1 / (1 + n))


def test_a_strong_alert_has_the_smallest_rank_with_its_n():
    data, inside = small()
    watch = monitor(plus(data, 0.08, "2021-05-01"), inside, START)
    (alert,) = watch.alerts
    assert alert.p_value.n == len(watch.false_alarms.peaks)
    assert alert.p_value.p == pytest.approx(1 / (1 + alert.p_value.n))
    assert str(alert.p_value.n) in repr(alert.p_value)
    assert watch.steps[0].p_value == alert.p_value
    assert watch.false_alarms.count == 0  # the change of the fence is none of the placebos


# --- What the ring itself goes through


def test_a_change_of_the_ring_that_lasts_is_not_counted_as_false():
    data, inside = small(years=4, every=24)
    changed = plus(data, 0.08, "2021-05-01", rows=slice(3, 9), columns=slice(4, 10))
    watch = monitor(changed, inside, START)
    alarms = watch.false_alarms
    assert watch.alerts == ()
    assert alarms.count >= 1
    assert alarms.false < 0.5
    assert alarms.rate < 0.1
    assert "left out, where the ground stayed changed" in alarms.reason
    assert (alarms.peaks < watch.limit).all()


def test_a_change_of_the_ring_that_passes_is_counted():
    data, inside = small(years=4, every=24)
    changed = plus(data, 0.08, "2021-05-01", "2021-08-10", rows=slice(3, 9), columns=slice(4, 10))
    alarms = monitor(changed, inside, START).false_alarms
    assert alarms.count >= 1
    assert alarms.false >= 1
    assert alarms.rate > 0
    assert alarms.low > 0


def test_a_fence_unlike_its_ring_is_said(quiet):
    data, inside = small()
    strange = plus(data, 1.0, "2000-01-01", rows=slice(15, 25), columns=slice(15, 25))
    watch = monitor(strange, inside, START)
    assert "100% of the fence is ground that its ring hardly holds" in watch.false_alarms.reason
    assert "hardly holds" not in quiet.false_alarms.reason


def test_time_in_which_nothing_was_looked_at_proves_nothing():
    """Every pass of the watch is refused for its haze: no placebo was ever seen."""
    data, inside = small(years=4, every=20, cloudy=0)
    rng = np.random.default_rng(5)
    late = np.flatnonzero(data.time.values >= np.datetime64(START))
    data.values[late] += rng.uniform(0.2, 0.8, (len(late), 1, 28, 28)).astype(np.float32)
    watch = monitor(data, inside, START)
    assert not np.isfinite(watch.statistic).any()
    alarms = watch.false_alarms
    assert isinstance(alarms, FalseAlarms)
    if alarms.measurable:  # it may fall back to the history, which was clear
        assert len(alarms.peaks)
        assert "tried from 20" in alarms.reason
