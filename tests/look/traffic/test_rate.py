"""Traffic now against its past."""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pytest

from sitewatch.errors import InputError
from sitewatch.look.traffic import PassCount, RoadPass, relative_rate

FIRST = date(2024, 1, 1)


def counted(counts: Sequence[int | None], *, start: int = 0, seen: float = 1.0) -> list[PassCount]:
    return [PassCount(FIRST + timedelta(5 * (start + n)), count, seen) for n, count in enumerate(counts)]


STEADY = (9, 11, 10, 8, 12, 10, 9, 11, 10, 10)


def test_twice_the_traffic_is_told_with_an_interval_that_narrows() -> None:
    one = relative_rate(counted(STEADY), counted([20], start=50))
    five = relative_rate(counted(STEADY), counted([20] * 5, start=50))
    for told in (one, five):
        assert told.low < 2 < told.high
        assert told.best == pytest.approx(2, rel=0.1)
        assert told.past_rate == pytest.approx(10, rel=0.05)
    assert five.high / five.low < one.high / one.low
    assert five.more > one.more > 0.9


def test_the_same_traffic_is_neither_more_nor_less() -> None:
    told = relative_rate(counted(STEADY), counted([10], start=50))
    assert told.more == pytest.approx(0.5, abs=0.08)
    assert told.low < 1 < told.high


def test_what_cloud_hid_is_allowed_for() -> None:
    half = relative_rate(counted(STEADY), counted([5, 5, 5], start=50, seen=0.5))
    assert half.best == pytest.approx(1, rel=0.1)
    assert relative_rate(counted(STEADY), counted([5, 5, 5], start=50)).best == pytest.approx(0.5, rel=0.1)


def test_counts_that_clump_widen_the_interval() -> None:
    wild = relative_rate(counted((1, 25, 3, 0, 30, 10, 2, 22, 5, 2)), counted([20], start=50))
    calm = relative_rate(counted(STEADY), counted([20], start=50))
    assert wild.clumping > 3 * calm.clumping
    assert wild.high / wild.low > 3 * calm.high / calm.low


def test_none_seen_now_is_a_low_rate_and_no_division_by_zero() -> None:
    told = relative_rate(counted(STEADY), counted([0, 0], start=50))
    assert 0 < told.low < told.high < 0.5
    assert told.more < 0.01


def test_the_interval_holds_as_often_as_it_says() -> None:
    random = np.random.default_rng(5)
    held = 0
    for _ in range(100):
        mean = 8 * random.gamma(5, 1 / 5, 21)
        mean[-1] *= 2
        counts = [int(n) for n in random.poisson(mean)]
        told = relative_rate(counted(counts[:-1]), counted(counts[-1:], start=50))
        held += told.low <= 2 <= told.high
    assert 82 <= held <= 98


@pytest.mark.parametrize(
    ("past", "now", "reason"),
    [
        (counted([7]), counted([8], start=9), "the past has 1 passes with a count"),
        ([], counted([8]), "the past has 0 passes"),
        (counted([7] * 6 + [None] * 9), counted([8], start=50), "9 saw too little of the road"),
        (counted(STEADY), counted([None], start=50), "no pass of now saw enough"),
        (counted([0] * 12), counted([3], start=50), "no vehicle was found on any of 12 passes"),
    ],
)
def test_too_little_to_compare_with_is_a_reason(past: list[PassCount], now: list[PassCount], reason: str) -> None:
    told = relative_rate(past, now)
    assert reason in told.reason
    assert np.isnan([told.low, told.best, told.high]).all()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (PassCount(FIRST, -1, 1.0), "now: 2024-01-01: found a count of -1"),
        (PassCount(FIRST, 2.5, 1.0), "found a count of 2.5"),  # type: ignore[arg-type]
        (PassCount(FIRST, float("nan"), 1.0), "found a count of nan"),  # type: ignore[arg-type]
        (PassCount(FIRST, 3, 1.5), "found 1.5 as the share"),
        (PassCount(FIRST, 3, 0.0), "found 0 as the share"),
        (PassCount(FIRST, 3, float("nan")), "found nan as the share"),
    ],
)
def test_counts_that_cannot_be_are_refused(wrong: PassCount, message: str) -> None:
    with pytest.raises(InputError, match=message):
        relative_rate(counted(STEADY, start=1), [wrong])


def test_a_pass_is_not_past_and_now() -> None:
    with pytest.raises(InputError, match="now: 2024-01-01 is in the past too"):
        relative_rate(counted(STEADY), counted([4]))


def test_a_pass_becomes_a_count_with_its_share() -> None:
    found = RoadPass((), 4, 100, 60, 0.4, 1.0, "")
    assert PassCount.of(FIRST, found) == PassCount(FIRST, 4, 0.6)
