"""The strip timeline: every pass has its mark, at its time, in the lane of what it could see."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from sitewatch.records import When
from sitewatch.tell import strip
from tests.tell import sample

START = datetime(2019, 1, 1, tzinfo=UTC)
ENDS = (START, START + timedelta(days=100))


def test_a_moment_lies_where_its_time_is() -> None:
    assert strip.place(START + timedelta(days=25), ENDS) == pytest.approx(25)
    assert strip.place(START - timedelta(days=5), ENDS) == 0
    assert strip.place(START + timedelta(days=500), ENDS) == 100


def test_an_open_interval_runs_to_the_edge_and_is_marked_open() -> None:
    drawn = strip.bar(When(latest=START + timedelta(days=40)), ENDS, title="t")
    assert (drawn["x"], drawn["width"], drawn["open_left"], drawn["open_right"]) == (0, 40, True, False)


@pytest.mark.parametrize(("days", "least"), [(40, 1), (150, 4), (700, 6), (2000, 4)])
def test_a_strip_of_any_length_names_a_year(days: int, least: int) -> None:
    ends = (datetime(2018, 1, 20, tzinfo=UTC), datetime(2018, 1, 20, tzinfo=UTC) + timedelta(days=days))
    marks = strip.ticks(ends)
    assert len(marks) >= least
    assert any(re.search(r"20\d\d", m["text"]) for m in marks)


def test_nothing_known_draws_nothing() -> None:
    assert strip.axis([]) is None
    site = {"passes": [], "looks": [], "alerts": [], "watch_from": None}
    assert strip.timeline(site, []) is None


def test_every_pass_has_one_mark_in_its_lane() -> None:
    site = sample.told_forest().data["sites"][0]
    drawn = strip.timeline(site, [])
    assert drawn is not None
    lanes = {lane["name"]: lane for lane in drawn["lanes"]}
    assert list(lanes) == ["change 1", "clear passes", "obscured passes", "refused pass", "earlier passes"]
    assert sum(len(lane["marks"]) for name, lane in lanes.items() if "pass" in name) == 40
    assert lanes["clear passes"]["besides"] == "8 saw change"
    assert {m["kind"] for m in lanes["clear passes"]["marks"]} == {"clear", "saw"}
    assert {m["kind"] for m in lanes["earlier passes"]["marks"]} == {"history", "obscured"}
    assert len(lanes["earlier passes"]["marks"]) == 19
    onset = lanes["change 1"]["bars"][0]
    refused = lanes["refused pass"]["marks"][0]["x"]
    assert onset["x"] < refused < onset["x"] + onset["width"]
    assert 0 < drawn["watch"] < 100


def test_reports_and_analysts_looks_stand_on_the_same_axis() -> None:
    html = sample.told_yard().html
    assert len(re.findall(r'<rect class="report"', html)) == 3  # one report claims nothing of the site
    assert len(re.findall(r'<rect class="seen"', html)) == 3  # the undated look has no place on it


def _looked(*spans: tuple[str | None, str | None]) -> dict:
    looks = [
        {"earliest": a, "latest": b, "published": "2019-05-01", "result": "seen", "when": "w", "text": "t", "says": "s",
         "anchor": f"look-{n}"}
        for n, (a, b) in enumerate(spans)
    ]  # fmt: skip
    return {"passes": [], "looks": looks, "alerts": [], "watch_from": None}


@pytest.mark.parametrize(
    ("spans", "besides"),
    [
        ([("2019-01-05", "2019-01-05"), ("2019-02-05", "2019-02-05")], ""),
        ([("2019-01-05", "2019-01-05"), ("2019-01-05", "2019-01-05")], "on 1 day"),
        ([("2019-01-05", "2019-01-05")] * 2 + [("2019-01-05", "2019-03-01")], "on 1 day and in 1 interval"),
        ([("2019-01-05", "2019-01-05")] * 2 + [(None, None)], "2 on 1 day, 1 on no known day"),
        ([("2019-01-05", "2019-01-05"), (None, None)], "1 on no known day"),
    ],
)
def test_a_count_says_how_many_of_its_marks_can_be_seen(spans: list, besides: str) -> None:
    drawn = strip.timeline(_looked(*spans), [])
    assert drawn is not None
    assert (drawn["lanes"][0]["count"], drawn["lanes"][0]["besides"]) == (len(spans), besides)


def test_two_reports_of_one_day_are_said_to_lie_on_it() -> None:
    told = [{"earliest": f"2019-01-05T0{n}:00:00Z", "title": "t", "anchor": "a"} for n in (1, 2)]
    drawn = strip.timeline(_looked(("2019-02-05", "2019-02-05")), told)
    assert drawn is not None
    assert drawn["lanes"][-1]["besides"] == "on 1 day"
