"""What the brief says of the trials at a site: how often the monitor cries wolf there, and what it would notice."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest

from sitewatch.records import Fault, Measured, Probability, Range, Rank, Trial, View, day_end
from sitewatch.tell.page import Page, brief
from tests.tell import sample

RATE = Range(lo=0.02, best=0.1, hi=0.4, origin="measured: 24 placebo fences over 57 fence-years at this site")
SURER = Range(lo=0.0, best=0.04, hi=0.2, origin="measured: 24 placebo fences, those that became probable")
MEASURED_ON = date(2019, 7, 30)


def trial(size: int, material: str, best: float, days: int = 60) -> Trial:
    chance = Probability(lo=best - 0.1, best=best, hi=best + 0.1, origin="measured")
    return Trial(
        size_px=size, size_m=10 * size, material=material, within_days=days, probability=chance, plants=60
    )  # fmt: skip


def measured(**changes: object) -> Measured:
    given: dict[str, object] = {
        "available_at": day_end(MEASURED_ON), "site": "stand", "start": date(2019, 1, 1), "until": MEASURED_ON,
        "false_alarms": RATE, "false_probable": SURER, "alarms": 6, "false": 5.5,
        "placebos": 24, "placebo_years": 57.0, "scale": 1.0,
        "power": (trial(3, "bright_roof", 0.6), trial(3, "bright_roof", 0.8, 180), trial(3, "bare", 0.55)),
    }  # fmt: skip
    return Measured(**given | changes)


def told(*records: object, **changes: object) -> Page:
    made = sample.forest()
    until = changes.pop("until", None)
    view = View([*made.records, *records], head=sample.HEAD, until=until)
    return brief(view, **sample._base() | {"blob": made.blobs.__getitem__} | changes)


def site(page: Page) -> dict:
    return page.data["sites"][0]


def text(page: Page) -> str:
    """The words that a reader sees."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.html.partition("</style>")[2]).split())


def test_one_sentence_says_how_often_it_cries_wolf_and_what_it_would_notice() -> None:
    page = told(measured())
    says = (
        "At this site the monitor raises 0.10 [0.02, 0.40] false alarms a year and would have noticed a new 30 × 30 m "
        "bright roof within 60 days with probability 0.60 [0.50, 0.70] and within 180 days with 0.80 [0.70, 0.90]."
    )
    assert site(page)["trials"][0]["says"] == says
    assert says in text(page)
    assert says in next(line["text"] for line in page.data["in_brief"] if line["key"] == "watch stand")
    behind = site(page)["trials"][0]["behind"]
    assert behind == (
        "24 placebo fences laid around the site raised 6 alarms in 57 fence-years, 5.5 of which count as false. "
        "A question counts the false alarms that became probable: 0.04 [0.00, 0.20] a year. 180 changes were planted "
        "into the site's own past passes. The passes run up to 30 Jul 2019, watched from 1 Jan 2019. In brackets: 90 % "
        "intervals."
    )


def test_each_kind_of_planted_change_has_its_row() -> None:
    page = told(measured())
    assert [(t["what"], t["within_days"], t["says"], t["plants"]) for t in site(page)["trials"][0]["power"]] == [
        ("A new 30 × 30 m bright roof", 60, "0.60 [0.50, 0.70]", 60),
        ("A new 30 × 30 m bright roof", 180, "0.80 [0.70, 0.90]", 60),
        ("30 × 30 m of ground laid bare", 60, "0.55 [0.45, 0.65]", 60),
    ]
    words = text(page)
    table = words[words.index("Planted Within") :]
    assert table.startswith(
        "Planted Within 60 days Within 180 days "
        "A new 30 × 30 m bright roof 0.60 [0.50, 0.70] (planted 60 times) 0.80 [0.70, 0.90] (planted 60 times) "
        "30 × 30 m of ground laid bare 0.55 [0.45, 0.65] (planted 60 times) not tried"
    )


@pytest.mark.parametrize(
    ("ends", "says"),
    [
        ((0.0, 0.1, 0.4), "0.1 [0.0, 0.4]"),
        ((0.0, 0.0, 0.04), "0.00 [0.00, 0.04]"),
        ((0.1, 1.25, 3.0), "1.2 [0.1, 3.0]"),
        ((0.005, 0.0117, 0.025), "0.012 [0.005, 0.025]"),
        ((0.0, 0.0, 0.007), "0.000 [0.000, 0.007]"),
    ],
)
def test_a_small_rate_is_never_shown_as_none(ends: tuple[float, float, float], says: str) -> None:
    lo, best, hi = ends
    rate = Range(lo=lo, best=best, hi=hi, origin="measured")
    told_of = site(told(measured(false_alarms=rate)))["trials"][0]
    assert f"the monitor raises {says} false alarms a year" in told_of["says"]


def test_what_is_not_measurable_says_why_and_still_tells_the_power() -> None:
    page = told(measured(false_alarms=None, false_probable=None, note="only 5 fences fit into the ring"))
    assert site(page)["trials"][0]["says"] == (
        "The false-alarm rate of this site is not measurable here: only 5 fences fit into the ring; a question uses "
        "the assumption of the case. The monitor would have noticed a new 30 × 30 m bright roof within 60 days with "
        "probability 0.60 [0.50, 0.70] and within 180 days with 0.80 [0.70, 0.90]."
    )
    surely = site(page)["alerts"][0]["surely"]
    assert surely.endswith("false-alarm rate not measurable here (only 5 fences fit into the ring)")


def test_what_is_to_be_borne_in_mind_stands_beside_the_rate() -> None:
    page = told(measured(note="the ring is unlike the fence", power=(), unplanted="the fence has no quiet place"))
    assert site(page)["trials"][0]["says"].endswith(
        "false alarms a year; what it would notice could not be measured (the fence has no quiet place), and a "
        "question uses the assumption of the case."
    )
    behind = site(page)["trials"][0]["behind"]
    assert "57 fence-years, 5.5 of which count as false (the ring is unlike the fence). A question counts" in behind
    some = site(told(measured(unplanted="no quiet place of 5 x 5 px")))["trials"][0]["behind"]
    assert "the site's own past passes. Some could not be: no quiet place of 5 x 5 px. The passes run" in some


def test_a_site_where_nothing_was_measured_says_so() -> None:
    for page in (told(), told(measured(), until=day_end(date(2019, 7, 29)))):
        assert site(page)["trials"][0]["says"].endswith("was not measured; a question uses the assumption of the case.")
        assert "the false-alarm rate of this site was not measured" in site(page)["alerts"][0]["surely"]
        assert "[0" not in " ".join(line["text"] for line in page.data["in_brief"])


def test_an_alert_tells_its_rank_among_the_placebos() -> None:
    alert = sample.forest().alert
    rank = Rank(number=alert.number, first_flag=alert.first_flag, p_value=0.0163, of=122)
    entry = site(told(measured(ranks=(rank,))))["alerts"][0]
    assert entry["surely"].endswith(
        "; false alarms at this site: 0.10 [0.02, 0.40] a year, of which 0.04 [0.00, 0.20] become probable; it ranks "
        "among placebo blocks with p = 0.016 (n = 122), for sorting only"
    )
    assert (entry["p_value"], entry["p_of"]) == (0.0163, 122)
    other = rank.model_copy(update={"number": alert.number + 1})
    assert site(told(measured(ranks=(other,))))["alerts"][0]["p_value"] is None


def test_a_fault_of_the_feed_is_told_with_the_site_from_its_day_on() -> None:
    fault = Fault(
        available_at=datetime(2019, 6, 1, tzinfo=UTC), room="look", site="stand",
        subject="feed of site stand, offset from 2019-05-01",
        reason="the pass of 2019-05-01: the ring steps by +0.1 in every band", transient=False,
    )  # fmt: skip
    page = told(fault, until=day_end(date(2019, 12, 31)))
    assert site(page)["feed"] == [fault.reason]
    assert page.data["faults"] == []
    assert "Faults of the feed, which are never alerts: The pass of 2019-05-01" in text(page)
    assert site(told(fault, until=day_end(date(2019, 5, 20)), as_of=date(2019, 5, 20)))["feed"] == []


def test_a_new_measurement_is_new_evidence() -> None:
    first, second = told(measured()), told(measured(alarms=7))
    assert first.stand != second.stand
