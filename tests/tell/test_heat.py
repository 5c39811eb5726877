"""The heat of a site in the brief: what the page says, draws, and leaves unsaid."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta

import pytest

from sitewatch.records import Artifact, Heat, HeatChange, HeatDay, HeatRate, Probability, Record, Site, View, day_end
from sitewatch.tell import brief, latest_evidence
from sitewatch.tell.heat import lines, told
from sitewatch.tell.heat_strip import heat_strip
from sitewatch.tell.page import Page
from sitewatch.weigh.words import lint
from tests.tell import sample

START, FLAGGED, UNTIL = date(2023, 11, 1), date(2023, 11, 25), date(2024, 1, 31)
FILE = "f" * 64
GUESSED = "estimated from 28 neighbouring sources, the nearest 12, 20, 31 km off, and the season's own share"
SITE = Site(slug="works", name="the works", fence=sample.FENCE, watch_from=START)


def rate(lo: float, best: float, hi: float, hits: int = 9, clear: float = 12.0) -> HeatRate:
    return HeatRate(share=Probability(lo=lo, best=best, hi=hi, origin="made"), hits=hits, clear=clear)


def change(**changes: object) -> HeatChange:
    fields: dict[str, object] = {
        "available_at": day_end(FLAGGED) + timedelta(hours=3), "site": "works", "change": "went_quiet",
        "first_flagged": FLAGGED, "onset_first": date(2023, 11, 18), "onset_last": date(2023, 11, 21),
        "only_cloud": Probability.exactly(0.0123, "made"), "before": rate(0.55, 0.62, 0.7),
        "after": rate(0.0, 0.0, 0.05, hits=0), "clouds": GUESSED,
    }  # fmt: skip
    return HeatChange.model_validate({**fields, **changes})


def heat(**changes: object) -> Heat:
    days = [START + timedelta(n) for n in range((UNTIL - START).days + 1)]
    fields: dict[str, object] = {
        "available_at": day_end(UNTIL) + timedelta(hours=3), "site": "works", "start": START, "until": UNTIL,
        "tables": (FILE,), "latency_hours": 3, "clouds": GUESSED, "limit": 0.98, "history": rate(0.5, 0.6, 0.7),
        "days": tuple(
            HeatDay(day, 4 if day < date(2023, 11, 20) and day.day % 2 else 0, 1.5, 0.02 if day < FLAGGED else 0.99)
            for day in days
        ),
    }  # fmt: skip
    return Heat.model_validate({**fields, **changes})


TERMS = Artifact(
    sha256=FILE, size=9, media_type="text/csv", origin="heat/fires.csv", licence="free & open",
    attribution="data from an archive",
)  # fmt: skip


def page(*records: Record, until: date | None = None) -> Page:
    view = View([SITE, TERMS, *records], head=sample.HEAD, until=day_end(until) if until else None)
    return brief(view, **{**sample._base(), "title": "Works", "as_of": until})


def entry(*records: Record) -> dict[str, object]:
    found = told("works", View([TERMS, *records], head=""))
    assert found is not None
    return found


def text_of(made: Page) -> str:
    bare = re.sub(r"<style>.*?</style>|<svg.*?</svg>|<[^>]+>", "", made.html, flags=re.DOTALL)
    return " ".join(re.sub("&#39;", "'", bare).split())


def test_a_change_is_one_sentence_with_all_its_numbers() -> None:
    said = (
        "Went quiet between 18 Nov 2023 and 21 Nov 2023 (90 %), told on 25 Nov 2023; chance that it is only cloud "
        "0.01; 0.62 [0.55, 0.70] of clear half-days had a hotspot before, 0.00 [0.00, 0.05] after"
    )
    assert entry(heat(), change())["changes"][0]["says"] == said
    assert f"{said}." in text_of(page(heat(), change()))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"change": "came_alive"}, "Came alive between"),
        ({"onset_last": date(2023, 11, 18)}, "Went quiet on 18 Nov 2023 (90 %)"),
        ({"only_cloud": Probability.exactly(0.0004, "made")}, "only cloud below 0.01;"),
        (
            {"before": rate(0.0, 0.5, 1.0, hits=0, clear=0.0)},
            "an unknown share of clear half-days had a hotspot before",
        ),
    ],
)
def test_the_sentence_follows_the_change(changes: dict[str, object], said: str) -> None:
    assert said in entry(heat(), change(**changes))["changes"][0]["says"]


def test_the_days_are_summed_up() -> None:
    assert entry(heat(), change())["says"] == (
        "Hotspots from 1 Nov 2023 to 31 Jan 2024: 40 detections on 10 of 92 days; probability that it was quiet by the "
        "last day 0.99"
    )
    assert entry(heat())["says"].endswith("; no change is told")
    assert [(m["month"], m["detections"], m["hot"], m["days"]) for m in entry(heat())["months"]] == [
        ("Nov 2023", 40, 10, 30), ("Dec 2023", 0, 0, 31), ("Jan 2024", 0, 0, 31),
    ]  # fmt: skip
    row = '<th scope="row">Nov 2023</th><td>40</td><td>10 of 30</td><td>45.0</td><td>0.99</td>'
    assert row in page(heat()).html


def test_where_the_clouds_come_from_is_said() -> None:
    guessed, given = entry(heat(), change()), entry(heat(clouds="given"), change(clouds="given"))
    assert guessed["clouds_says"].startswith(f"No cloud series is given; the chance of clear sky is {GUESSED}.")
    assert "too small" in guessed["caveat"]
    assert given["clouds_says"].startswith("The chance of clear sky is given by the analyst's own series")
    assert given["caveat"] is None
    assert "3 hours after that day" in text_of(page(heat()))


def test_what_cannot_be_said_has_its_reason_and_no_picture() -> None:
    reason = (
        "no hotspot within the fence in 300 half-days, of which about 90 were clear: nothing can be said of a change"
    )
    made = page(heat(days=(), clouds="unknown", reason=reason, history=None))
    assert f"No {reason[3:]}." in text_of(made)
    assert '<svg class="strip heat"' not in made.html
    assert made.data["sites"][0]["heat"]["clouds_says"] is None


def test_a_site_without_hotspots_says_nothing_of_heat() -> None:
    made = page()
    assert made.data["sites"][0]["heat"] is None
    assert "Heat" not in text_of(made)


def test_a_brief_of_a_day_holds_what_was_known_by_its_end() -> None:
    records = (heat(), change())
    before, after, last = (page(*records, until=day) for day in (FLAGGED, date(2023, 12, 5), date(2024, 2, 1)))
    assert before.data["sites"][0]["heat"] is None
    assert after.data["sites"][0]["heat"]["days"] == []
    assert "no summary was to be had by then" in text_of(after)
    assert "Went quiet between 18 Nov 2023" in text_of(after)
    assert last.data["sites"][0]["heat"]["until"] == "2024-01-31"
    assert "2024" not in json.dumps(after.data["sites"][0]["heat"])


def test_the_gist_has_the_last_change_and_what_cannot_be_said() -> None:
    records = (heat(reason="only coming alive can be told"), change(), change(
        change="came_alive", first_flagged=date(2024, 1, 5), onset_first=date(2024, 1, 2), onset_last=date(2024, 1, 3)
    ))  # fmt: skip
    (line,) = (one for one in page(*records).data["in_brief"] if one["key"] == "heat works")
    assert line["text"].startswith("Came alive between 2 Jan 2024 and 3 Jan 2024")
    assert line["text"].endswith("after. Only coming alive can be told.")
    assert line["anchor"] == "heat-works"


def test_every_link_leads_somewhere_and_every_sentence_passes_the_linter() -> None:
    made = page(heat(), change())
    ids = set(re.findall(r'\bid="([^"]+)"', made.html))
    assert {target for target in re.findall(r'href="#([^"]+)"', made.html)} <= ids
    assert f'id="heat-{change().id[:12]}"' in made.html
    assert lint(text_of(made)) == []


def test_the_terms_stand_beside_the_picture_and_in_the_appendix() -> None:
    made = page(heat())
    assert "Data from an archive." in text_of(made)
    assert "heat/fires.csv (free &amp; open), SHA-256" in text_of(made)
    assert made.data["appendix"]["attributions"] == ["data from an archive"]


def test_the_latest_evidence_is_when_the_last_day_was_known() -> None:
    assert latest_evidence(View([SITE, heat(), change()], head="")) == date(2024, 2, 1)


def test_lines_say_what_the_page_says() -> None:
    found = entry(heat(reason="only coming alive can be told"), change())
    assert lines("the works", found) == [
        f"the works: {found['says']}",
        f"the works: {found['changes'][0]['says']}.",
        "the works: Only coming alive can be told.",
    ]


# --- The picture


def test_the_picture_has_a_place_for_each_day() -> None:
    drawn = heat_strip(entry(heat(), change()))
    assert drawn is not None
    quiet = [tuple(map(float, point.split(","))) for point in drawn["quiet"].split()]
    assert [x for x, _ in quiet] == [n + 0.5 for n in range(92)]
    assert {y for _, y in quiet} == {98.0, 1.0}
    assert (drawn["level"], drawn["limit"], drawn["most"], drawn["clearest"]) == (2.0, "0.98", 4, 2)
    assert drawn["hits"].count("M") == 10
    assert drawn["hits"].startswith("M0.1,100V0.0h.8")
    assert drawn["sky"].count("V25.0h1") == 92
    (told_,) = drawn["changes"]
    assert told_["x"] == pytest.approx(100 * 24.5 / 92, abs=0.01)
    assert told_["bar"]["x"] == pytest.approx(100 * 17 / 92, abs=0.01)
    assert told_["bar"]["width"] == pytest.approx(100 * 4 / 92, abs=0.01)
    assert [tick["text"] for tick in drawn["ticks"]] == ["Nov", "Dec", "2024"]


def test_days_without_a_detection_are_drawn_without_bars() -> None:
    days = tuple(HeatDay(START + timedelta(n), 0, 0.0, 0.5) for n in range(3))
    drawn = heat_strip(entry(heat(days=days, until=days[-1].day)))
    assert drawn is not None
    assert (drawn["hits"], drawn["most"], drawn["clearest"]) == ("", 0, 1)
    assert [tick["text"] for tick in drawn["ticks"]] == ["Nov 2023"]
