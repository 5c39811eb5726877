"""The words of a site's coverage."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from sitewatch.records import Coverage, Gap, Missed, NextPass, Outlook, Probability, Track
from sitewatch.tell.coverage import lines, missed_says, told
from sitewatch.weigh.words import lint


def utc(*day: int) -> datetime:
    return datetime(*day, tzinfo=UTC)


def share(value: float) -> Probability:
    return Probability.exactly(value, "looks")


def track(**changes: object) -> Track:
    base = {"platform": "sentinel-2a", "passes": 81, "clear": 27, "first": utc(2015, 8, 1), "last": utc(2021, 1, 1)}
    return Track(**base | {"period": 10, "dates": 1, "kept": 0.407} | changes)


def coverage(**changes: object) -> Coverage:
    return Coverage(**{"site": "stand", "on": date(2021, 1, 2), "since": date(2018, 1, 1)} | changes)


def said(**changes: object) -> dict[str, object]:
    return told(coverage(**changes), [], date(2018, 1, 1))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({}, "As of 2 Jan 2021, there is no clear look"),
        ({"goal_days": 10}, "As of 2 Jan 2021, there is no clear look; the goal of one in 10 days is not met"),
        ({"since": None}, ""),
        (
            {"last_clear": utc(2020, 12, 31, 9), "last_by": "monitor"},
            "As of 2 Jan 2021, the last clear look is 2 days old (31 Dec 2020)",
        ),
        (
            {"last_clear": utc(2021, 1, 1), "last_by": "analyst", "goal_days": 1},
            "As of 2 Jan 2021, the last clear look, an analyst's, is 1 day old (1 Jan 2021); the goal of one in 1 day "
            "holds until 2 Jan 2021",
        ),
        (
            {"last_clear": utc(2020, 11, 22), "last_by": "monitor", "goal_days": 30},
            "As of 2 Jan 2021, the last clear look is 41 days old (22 Nov 2020); the goal of one in 30 days ran out on "
            "22 Dec 2020",
        ),
    ],
)
def test_the_clock_is_held_against_the_goal(changes: dict[str, object], says: str) -> None:
    assert said(**changes)["clock_says"] == says


def test_a_gap_says_which_of_its_ends_is_a_look() -> None:
    gaps = (
        Gap(first=utc(2018, 1, 1), last=utc(2018, 4, 2), opened=False, closed=True),
        Gap(first=utc(2020, 11, 22), last=utc(2021, 1, 2, 23), opened=True, closed=False),
    )
    assert said(gaps=gaps)["gaps_says"] == (
        "91 days (the beginning of the watch to 2 Apr 2018) and 41 days (22 Nov 2020 on, and still open)"
    )


def test_missed_events_share_one_sentence() -> None:
    shares = {(10, 1): 0.614, (30, 1): 0.004, (10, 3): 0.999, (30, 3): 0.35}
    missed = [Missed(days=d, looks=n, probability=share(p)) for (d, n), p in shares.items()]
    says = missed_says(missed)
    assert says == (
        "An event of 10 or 30 days at a random time of the watch would have met no clear look, and so been missed, "
        "with a probability of 61 % or <1 %; it would have met fewer than the three that an alarm takes, with a "
        "probability of >99 % or 35 %"
    )
    assert lint(says) == []
    assert missed_says([]) == ""


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({}, "Sentinel-2A every 10 days (81 passes, on 41 % of the due days)"),
        ({"orbit": "R093", "dates": 2}, "Sentinel-2A, orbit R093 on two days of every 10 days (81 passes, on 41 % of"),
        ({"platform": "unknown", "period": 1}, "passes of no named satellite every day (81 passes, on 41 % of the due"),
        ({"period": None, "passes": 1, "note": "not enough passes"}, "Sentinel-2A (1 pass): not enough passes"),
        ({"note": "silent for 70 days"}, "on 41 % of the due days), last on 1 Jan 2021: silent for 70 days"),
    ],
)
def test_a_cycle_says_how_far_it_was_kept(changes: dict[str, object], says: str) -> None:
    assert says in said(outlook=Outlook(tracks=(track(**changes),)))["tracks_says"]


def test_a_next_pass_has_its_chance_or_says_why_it_has_none() -> None:
    chance = Probability(lo=0.14, best=0.28, hi=0.47, origin="5 clear looks on 18 due days")
    passes = (
        NextPass(platform="sentinel-2b", at=utc(2021, 1, 6), chance=chance),
        NextPass(platform="sentinel-2a", at=utc(2021, 1, 11, 9, 30)),
    )
    first, second = said(outlook=Outlook(passes=passes))["next"]
    assert (first["when"], first["platform"], first["chance_says"]) == ("6 Jan 2021", "Sentinel-2B", "14–47 %")
    assert first["why"] == "5 clear looks on 18 due days"
    assert second["when"] == "11 Jan 2021, 09:30 UTC"
    assert second["chance_says"] == "too few earlier passes at that season"


def test_lines_say_the_same_and_leave_out_what_there_is_not() -> None:
    passes = (NextPass(platform="sentinel-2b", at=utc(2021, 1, 6)),)
    assert lines("Gate", said(since=None)) == ["Gate", "  no pass"]
    assert lines("Gate", said(outlook=Outlook(passes=passes)))[-1].startswith("  next: 6 Jan 2021, Sentinel-2B, chance")
