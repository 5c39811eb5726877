"""The bundled case of 2018: what its brief must show, on the three days and with everything known."""

from __future__ import annotations

import json
import re

import pytest

from sitewatch.ledger import Ledger
from sitewatch.records import Claim, Item, Lineage, Modality, Relation, stories_of

CASE = "korea-2018"


@pytest.fixture(scope="module")
def view(demo):
    with Ledger.open(demo / CASE / "ledger", create=False) as ledger:
        return ledger.view()


@pytest.fixture(scope="module")
def data(demo):
    return json.loads((demo / CASE / "brief.json").read_text())


@pytest.fixture(scope="module")
def page(demo):
    return (demo / CASE / "brief.html").read_text()


def name(item):
    return item.origin.rsplit("/", 1)[-1].removesuffix(".txt")


@pytest.fixture(scope="module")
def parents(view):
    """For each report that retells another, the one that it has its content from."""
    by_id = {item.id: name(item) for item in view.of(Item)}
    return {by_id[e.child]: by_id[e.parent] for e in view.of(Lineage) if not e.relation.startswith("same_")}


@pytest.mark.parametrize(
    ("day", "finding", "progress"),
    [("2018-07-25", "consistent", 1), ("2018-08-10", "consistent", 2), ("2019-03-10", "reversed", 2)],
)
def test_the_sohae_pledge_on_three_days(demo, day, finding, progress):
    told = json.loads((demo / CASE / "asof" / f"{day}.json").read_text())
    (pledge,) = [c for c in told["commitments"] if c["slug"] == "sohae-pledge"]
    assert (pledge["finding"], pledge["progress"]) == (finding, progress)
    html = (demo / CASE / "asof" / f"{day}.html").read_text()
    for caveat in ("The clause names no site", "The obligor never confirmed it"):
        assert caveat in html


def test_three_days_give_three_briefs(demo):
    pages = {(demo / CASE / "asof" / f"{day}.html").read_text() for day in ("2018-07-25", "2018-08-10", "2019-03-10")}
    assert len(pages) == 3


def test_a_day_before_the_factory_was_in_the_news_knows_nothing_of_it(demo):
    early = json.loads((demo / CASE / "asof" / "2018-07-25.json").read_text())
    origins = json.dumps(early["reports"])
    assert "2018-07-24-wire-e-sohae" in origins
    assert "sanumdong" not in origins
    assert {d["status"] for j in early["judgements"] if j["slug"] == "trailer" for d in j["drivers"]} <= {
        "no evidence",
        "in a group",
    }


def test_how_many_stories_and_how_many_roots(view, data, page):
    stories = stories_of(view.of(Item), view.of(Lineage))
    reports = len(view.of(Item))
    assert reports >= 16
    assert data["reports"]["reports"] == reports
    sanumdong = next(
        s for s in stories if any(view.get(Item, i).origin.endswith("wire-a-sanumdong.txt") for i in s.items)
    )
    assert len(sanumdong.items) >= 8
    assert len(sanumdong.groups) < len(sanumdong.items) / 2
    assert f"{reports} reports" in page


def test_the_two_reports_by_officials_are_one_root(view):
    origins = {item.id: name(item) for item in view.of(Item)}
    groups = [{origins[i] for i in group} for s in stories_of(view.of(Item), view.of(Lineage)) for group in s.groups]
    (officials,) = [g for g in groups if "2018-07-30-wire-a-sanumdong" in g]
    assert "2018-07-30-daily-b-sanumdong" in officials
    assert "2018-07-30-institute-c-sanumdong" not in officials


def test_the_covered_trailer_cannot_tell(data, page):
    (question,) = [j for j in data["judgements"] if j["slug"] == "trailer"]
    (trailer,) = [d for d in question["drivers"] if d["indicator"] == "covered-trailer"]
    assert (trailer["roots"], trailer["favours"]) == (1, "missile-transport")
    assert trailer["reports"] >= 4
    assert 1 < trailer["ratio"] < 1.5
    assert question["cannot_tell_apart"]
    assert question["ratio"]["naive"] > 2 * question["ratio"]["best"]
    assert "The evidence cannot tell" in page
    assert "1.4 times as expected if A than if B" in re.sub(r"<[^>]+>", "", page).replace("\u00a0", " ")


def test_the_curve_of_sohae_names_the_rebuilding_as_what_moved_it_most(data, page):
    (question,) = [j for j in data["judgements"] if j["slug"] == "sohae-dismantling"]
    days = question["curve"]["days"]
    assert [d["day"] for d in days] == ["2018-07-23", "2018-08-07", "2019-03-05", "2019-03-07"]
    assert days[-1]["best"] == question["ratio"]["best"]
    assert "It moved most on 5 Mar 2019" in question["curve"]["says"]
    assert "38 North and CSIS: rebuilding, seen" in question["curve"]["says"]
    assert page.count("How it came to that") == len(data["judgements"])


def test_a_report_and_its_denial_are_two_roots_and_a_retelling_beside_the_denial_none(data):
    (question,) = [j for j in data["judgements"] if j["slug"] == "trailer"]
    (built,) = [d for d in question["drivers"] if d["indicator"] == "missiles-being-built"]
    assert (built["status"], built["roots"]) == ("mixed", 2)


def test_fifty_four_against_fifty_five_with_each_sides_chain(view, data):
    conflicts = [r for r in view.of(Relation) if r.relation == "conflict"]
    (remains,) = [
        c
        for c in conflicts
        if {54, 55} <= {n for r in (c.a, c.b) for q in view.get(Claim, r).quantities for n in (q.lo, q.hi)}
    ]
    for claim in (view.get(Claim, remains.a), view.get(Claim, remains.b)):
        assert len(claim.chain) >= 2
    assert any("54" in c["says"] and "55" in c["says"] for c in data["conflicts"])


def test_drifts_are_shown_beside_their_roots(view, data):
    abouts = {r.about for r in view.of(Relation) if r.relation == "drift"}
    assert {"hedge", "nature"} <= abouts
    assert any("nuclear test site" in d["says"] for d in data["drifts"])
    assert len(data["drifts"]) < 25


def test_a_denial_and_a_silence_are_claims_of_their_own_kind(view):
    modalities = {claim.modality for claim in view.of(Claim)}
    assert {Modality.DENIED, Modality.DECLINED, Modality.ASSERTED, Modality.POSSIBLE, Modality.UNKNOWN} <= modalities


def test_every_claim_is_bound_to_the_words_of_its_report(view):
    for claim in view.of(Claim):
        text = view.get(Item, claim.item).text
        start, end = claim.span
        assert text[start:end] == claim.quote
        assert all(0 <= a < b <= len(text) for a, b in (*claim.source_spans, *claim.cue_spans, *claim.content_spans))


def test_what_nobody_dates_is_held_back(data, page):
    assert any("dormant" in json.dumps(held) for held in data["held_back"])
    assert "Held back" in page


MONITOR, WIRE_E = "2018-07-23-monitor-d-sohae", "2018-07-24-wire-e-sohae"
DAILY_B, WIRE_A = "2018-07-30-daily-b-sanumdong", "2018-07-30-wire-a-sanumdong"
INSTITUTE = "2018-07-30-institute-c-sanumdong"
RETELLS = {
    "2018-07-14-daily-b-kangson": "2018-07-13-institute-c-kangson",
    "2018-07-24-portal-h-sohae": MONITOR,
    "2018-07-24-tabloid-i-sohae": MONITOR,
    WIRE_E: MONITOR,
    "2018-07-25-daily-f-sohae": WIRE_E,
    "2018-07-27-broadcaster-g-remains": "2018-07-27-wire-a-remains",
    "2018-07-28-daily-b-remains": "2018-07-27-wire-e-remains",
    "2018-07-28-weekly-j-remains": "2018-07-27-wire-e-remains",
    "2018-07-31-daily-f-sanumdong": WIRE_A,
    "2018-07-31-portal-h-sanumdong": WIRE_A,
    "2018-07-31-tabloid-i-sanumdong": WIRE_A,
    "2018-07-31-weekly-j-sanumdong": DAILY_B,
    "2018-07-31-broadcaster-g-sanumdong": DAILY_B,
    "2018-08-01-daily-k-sanumdong": DAILY_B,
    "2018-08-01-wire-e-sanumdong": INSTITUTE,
    "2018-08-08-wire-a-sohae": "2018-08-07-monitor-d-sohae",
    "2019-03-06-daily-f-sohae": "2019-03-05-monitor-d-sohae",
    "2019-03-08-agency-l-sohae": "2019-03-07-monitor-d-sohae",
}
"""What each retelling was written from; 07-31-portal-h is the synonym-spun copy, which credits nobody."""


def test_every_retelling_finds_what_it_was_written_from_and_no_root_finds_a_parent(parents):
    assert parents == RETELLS
