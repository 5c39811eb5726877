"""Which counts are worth comparing."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from sitewatch.look.traffic import PassCount
from sitewatch.look.traffic.compared import EMPTY_ROAD, OF_PX, compared


def counts(first: int, *vehicles: int | None) -> list[PassCount]:
    return [PassCount(date(2020, 1, 1) + timedelta(first + n), of, 1.0) for n, of in enumerate(vehicles)]


def test_what_an_empty_road_may_bring_is_not_compared() -> None:
    rate = compared(counts(0, *[0] * 19, 1), counts(100, 0, 1, 0), OF_PX)
    assert rate.reason == (
        "1 vehicles in 20 passes before and 1 in 3 now are no more than may be told where none drives, up to 0.13 a "
        "pass on so long a road"
    )


@pytest.mark.parametrize(("past", "now"), [([0] * 20 + [1], [5, 6, 4]), ([4, 6, 5] * 5, [0, 0, 0])])
def test_one_count_above_it_is_enough(past: list[int], now: list[int]) -> None:
    rate = compared(counts(0, *past), counts(100, *now), OF_PX)
    assert rate.reason == ""
    assert rate.low > 1 or rate.high < 1


def test_a_longer_road_brings_more_where_nothing_drives() -> None:
    past, now = counts(0, *[1] * 20), counts(100, 1, 1)
    assert compared(past, now, OF_PX).reason == ""
    assert "up to 1.3 a pass" in compared(past, now, 10 * OF_PX).reason
    assert EMPTY_ROAD < 1


def test_the_reason_of_the_rate_itself_comes_first() -> None:
    assert "past" in compared(counts(0, 1, 2), counts(100, 3), OF_PX).reason
