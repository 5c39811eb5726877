"""Claims to roots, looks to findings: what counts, what counts once, and what is left out."""

from datetime import UTC, date, datetime

import pytest
from weigh_records import (
    SITE,
    TRAILER,
    alert,
    assumed,
    claim,
    edge,
    indicator,
    item,
    look,
    outlet,
    p,
    question,
    ratio_of,
    told,
    view,
    weigh,
)

from sitewatch.records import Catalogue, Indicator, Modality, Range, Site, When
from sitewatch.weigh.evidence import Collector, false_alarm
from sitewatch.weigh.roots import day_of


def evidence(*records, on=TRAILER, given=None):
    collector = Collector(question(on), view(*records), given or assumed())
    return collector.evidence(on), collector.omissions


@pytest.mark.parametrize(
    ("quote", "found"),
    [
        ("A Covered Trailer was seen", True),
        ("trailers, all covered, came and went", False),
        ("covered trailers came and went", True),
        ("an uncovered trailer", False),
        ("the trailer", False),
    ],
)
def test_terms_are_word_beginnings_and_all_are_needed(quote, found):
    one = indicator("one", terms=(("covered", "trailer"), ("red", "lorry")), missile=0.9, routine=0.6)
    expected = found or quote == "trailers, all covered, came and went"
    assert (evidence(told("a", quote=quote), on=one)[0].items == 1) is expected


def test_a_claim_about_another_site_is_no_evidence():
    assert evidence(told("a", places=("sohae",)))[0].silent
    assert not evidence(told("a", places=("sohae", SITE)))[0].silent


def test_a_claim_without_a_place_takes_that_of_its_item():
    here, there = item("a"), item("b")
    records = [
        (here, claim(here, places=()), claim(here, quote="the factory", places=(SITE,))),
        (there, claim(there, places=()), claim(there, quote="the pad", places=("sohae",))),
    ]
    found, _ = evidence(*records)
    assert [w.key for w in found.roots] == [here.id]


def test_an_item_that_names_the_site_only_in_its_text_is_about_it():
    named, unnamed = item("a", text="At Sanum-dong a trailer."), item("b", text="Somewhere a trailer.")
    site = Site(slug=SITE, name="Sanumdong", aliases=("Sanum-dong",))
    found, _ = evidence(site, named, unnamed, claim(named, places=()), claim(unnamed, places=()))
    assert [w.key for w in found.roots] == [named.id]


@pytest.mark.parametrize("modality", [Modality.DECLINED, Modality.UNKNOWN, Modality.PLANNED])
def test_what_points_nowhere_is_no_evidence(modality):
    assert evidence(told("a", modality=modality))[0].silent


@pytest.mark.parametrize("modality", [Modality.DENIED, Modality.DOUBTFUL])
def test_a_denial_swaps_h_and_f(modality):
    found, _ = evidence(told("a", modality=modality))
    assert [w.says for w in found.roots] == ["denied"]
    expected = (0.10 * 0.9 + 0.85 * 0.1) / (0.10 * 0.6 + 0.85 * 0.4)
    assert ratio_of(weigh(told("a", modality=modality))).best == pytest.approx(expected)


def test_a_denial_of_an_assertion_denies_once():
    made = item("a")
    outer = claim(made, quote="the ministry denied that a covered trailer was seen", modality=Modality.DENIED)
    inner = claim(made, quote="a covered trailer was seen", parent=outer)
    found, _ = evidence(made, outer, inner)
    assert [w.says for w in found.roots] == ["denied"]
    assert found.claim_ids == (inner.id,)


def test_what_nobody_could_confirm_is_no_evidence_though_it_is_told():
    made = item("a")
    outer = claim(made, quote="could not confirm that a covered trailer was seen", modality=Modality.UNKNOWN)
    assert evidence(made, outer, claim(made, parent=outer))[0].silent


def test_copies_share_their_root_and_are_counted_as_reports():
    (root, words), copies = told("a"), [told(f"copy{i}") for i in range(9)]
    found, _ = evidence(root, words, *copies, *(edge(c, root) for c, _ in copies))
    assert [w.key for w in found.roots] == [root.id]
    assert (found.items, found.root_count) == (10, 1)


def test_copies_of_a_root_that_was_read_wrongly_are_still_one_root():
    root = item("a")
    copies = [told(f"copy{i}", day=date(2018, 8, 3 - i)) for i in range(3)]
    found, _ = evidence(root, *copies, *(edge(c, root) for c, _ in copies))
    assert [w.key for w in found.roots] == [copies[2][0].id]
    assert found.items == 3


def test_a_child_of_two_roots_counts_only_for_the_one_that_tells():
    (root, words), other, (child, more) = told("a"), item("b"), told("c")
    found, _ = evidence(root, words, other, child, more, edge(child, root, "quote"), edge(child, other, "quote"))
    assert [w.key for w in found.roots] == [root.id]


@pytest.mark.parametrize("relation", ["same_image", "same_official"])
def test_what_shares_an_image_or_an_official_is_one_group(relation):
    (a, first), (b, second), (c, third) = told("a"), told("b"), told("c")
    found, _ = evidence(a, b, c, first, second, third, edge(b, a, relation))
    assert (len(found.roots), found.root_count) == (3, 2)


def test_a_copy_that_shares_an_image_ties_its_root():
    (a, first), (b, second), (copy, third) = told("a"), told("b"), told("c")
    found, _ = evidence(a, b, copy, first, second, third, edge(copy, a), edge(copy, b, "same_image"))
    assert (len(found.roots), found.root_count) == (2, 1)


def test_outlets_of_one_owner_are_one_group():
    records = [outlet("a", owner="family"), outlet("b", owner="family"), outlet("c"), told("a"), told("b"), told("c")]
    assert evidence(*records)[0].root_count == 2


def test_a_report_and_a_denial_of_one_owner_cancel():
    records = [outlet("a"), told("a"), told("a", modality=Modality.DENIED)]
    assessment = weigh(*records)
    assert ratio_of(assessment).best == pytest.approx(1)
    assert ratio_of(assessment).hi == pytest.approx(1)
    assert assessment.drivers[0].status == "mixed"


def test_the_grade_is_that_of_the_roots_day():
    given = assumed()
    given = given.model_copy(update={"hit": {**given.hit, "B": p(0.95)}})
    known = outlet("a", letter="B", since=date(2018, 7, 1))
    late, _ = evidence(known, told("a", day=date(2018, 7, 2)), given=given)
    early, _ = evidence(known, told("a", day=date(2018, 6, 2)), given=given)
    assert late.roots[0].hit.range.best == 0.95
    assert early.roots[0].hit.name == "hit a F"


def test_an_unknown_outlet_cannot_be_judged():
    assert evidence(told("nobody"))[0].roots[0].hit.name == "hit nobody F"


def test_undated_things_count_on_no_day_and_are_named():
    (made, words), unread = told("a", dated=False), look("trailer", available_at=None)
    found, omissions = evidence(made, words, unread)
    assert found.silent
    assert set(omissions.undated) == {made.id, unread.id}
    sentences = " ".join(weigh(made, words, unread).cannot_tell)
    assert made.origin in sentences
    assert "Looks with no known day of publication were left out: Analysts on trailer." in sentences


def test_reports_that_cite_each_other_in_a_circle_are_one_root():
    (a, first), (b, second), (c, third) = told("a"), told("b", day=date(2018, 8, 1)), told("c", day=date(2018, 8, 2))
    records = [a, b, c, first, second, third, edge(a, b), edge(b, a), edge(c, b)]
    found, omissions = evidence(*records)
    assert [w.key for w in found.roots] == [a.id]
    assert set(omissions.circular) == {a.id, b.id, c.id}
    assert any("cite each other in a circle" in s for s in weigh(*records).cannot_tell)


def test_an_analysts_edge_wins_over_a_traced_one_that_runs_against_it():
    (a, first), (b, second) = told("a"), told("b", day=date(2018, 8, 1))
    said = edge(a, b).model_copy(update={"method": "analyst: B had it first, and A misdates itself"})
    found, omissions = evidence(a, b, first, second, edge(b, a), said)
    assert [w.key for w in found.roots] == [b.id]
    assert not omissions.circular
    tie = edge(a, b, "same_image").model_copy(update={"method": "analyst: one image"})
    assert [w.key for w in evidence(a, b, first, second, edge(b, a), tie)[0].roots] == [a.id]


def test_what_came_through_another_outlet_counts_for_that_outlets_root():
    (a, first), (b, second) = told("a"), told("b", day=date(2018, 8, 1), chain=("A", "officials"))
    found, _ = evidence(outlet("a"), outlet("b"), a, b, first, second)
    assert [w.key for w in found.roots] == [a.id]
    assert found.items == 2


def test_an_outlets_credit_line_names_it_too():
    wire = outlet("a").model_copy(update={"credits": ("Wire A",)})
    records = wire, told("a"), told("b", day=date(2018, 8, 1), chain=("wire a",))
    assert len(evidence(*records)[0].roots) == 1


def test_what_an_outlet_also_tells_by_itself_stays_its_own_root():
    (a, first), b = told("a"), item("b", day=date(2018, 8, 1))
    own, through = claim(b, quote="a covered trailer, we saw"), claim(b, chain=("A",))
    assert len(evidence(outlet("a"), a, first, b, own, through)[0].roots) == 2


def test_what_no_earlier_item_of_the_outlet_tells_stays_a_root():
    (a, first), (b, second) = told("a", day=date(2018, 8, 2)), told("b", day=date(2018, 8, 1), chain=("A",))
    assert {w.key for w in evidence(outlet("a"), a, b, first, second)[0].roots} == {a.id, b.id}


def test_looks_match_by_observable_and_site():
    found, _ = evidence(look("trailer"), look("crane"), look("trailer", site="sohae"))
    assert [w.says for w in found.looks] == ["seen"]


def test_an_obscured_look_weighs_nothing_and_stays_on_the_page():
    blind = look("trailer", "obscured", reason="cloud")
    assessment = weigh(blind)
    assert ratio_of(assessment).best == 1
    assert ratio_of(assessment).corner_hi == 1
    assert assessment.drivers[0].looks == (blind.id,)
    assert any("says nothing of “trailer” (cloud)" in s for s in assessment.cannot_tell)


def test_a_look_without_a_stated_power_says_nothing_and_is_named():
    found, omissions = evidence(look("trailer", power=None))
    assert found.silent
    assert len(omissions.powerless) == 1


def test_two_readings_of_one_image_are_one_look():
    first = look("trailer", publisher="One", power=0.7)
    second = look("trailer", publisher="Two", power=0.9)
    other = look("trailer", publisher="Two", first=date(2018, 7, 22))
    found, _ = evidence(first, second, other)
    assert {w.key for w in found.looks} == {second.id, other.id}
    assert len(found.look_ids) == 3


def test_a_report_that_credits_the_publisher_of_a_look_is_that_look_again():
    seen = look("trailer", publisher="Analysts")
    again = told("a", chain=("analysts at Analysts", "A"))
    found, _ = evidence(seen, again)
    assert (len(found.looks), len(found.roots), found.items) == (1, 0, 1)
    denied = told("a", chain=("Analysts",), modality=Modality.DENIED)
    assert len(evidence(seen, denied)[0].roots) == 1


CHANGE = indicator("change", observables=("change",), missile=0.9, routine=0.2)


def watch(result="not_seen", day=date(2020, 1, 5), **more):
    return look("change", result, first=day, by="monitor", power=more.pop("power", None), false=more.pop("false", None))


def test_the_monitor_is_one_finding_however_many_passes():
    few, many = [watch()], [watch(day=date(2020, 1, d)) for d in range(1, 29)]
    ask = question(CHANGE)
    one, all_ = (ratio_of(weigh(*looks, ask=ask)).best for looks in (few, many))
    h, f, c = 0.8, 0.05, 0.9
    seen_none = c * (1 - h) / (1 - f) + 1 - c
    assert one == all_ == pytest.approx((0.9 * seen_none + 0.1) / (0.2 * seen_none + 0.8))


@pytest.mark.parametrize("state", ["probable", "confirmed", "ended"])
def test_a_standing_alert_is_the_monitors_sighting(state):
    found, _ = evidence(watch(), alert(state), on=CHANGE)
    assert [w.says for w in found.looks] == ["seen"]


def test_withdrawn_alerts_are_not_seen_and_possible_ones_wait():
    assert [w.says for w in evidence(watch(), alert("withdrawn"), on=CHANGE)[0].looks] == ["not seen"]
    found, omissions = evidence(watch(), alert("possible"), on=CHANGE)
    assert found.silent
    assert len(omissions.pending) == 1
    assert (
        "An alert is pending at sanumdong, first flagged on 2020-03-01; it counts once two further clear looks agree."
        in weigh(watch(), alert("possible"), ask=question(CHANGE)).cannot_tell
    )


def test_a_monitor_that_could_never_see_says_nothing():
    assert evidence(watch("obscured"), on=CHANGE)[0].silent


def test_measured_power_and_false_alarms_stand_before_assumed_ones():
    site = Site(slug=SITE, name="Sanumdong", watch_from=date(2018, 1, 1))
    rate = Range(lo=0.1, best=0.2, hi=0.4, origin="placebos")
    looks = [watch(day=date(2018, 6, 1), power=0.5), watch(day=date(2019, 12, 31), power=0.6)]
    found, _ = evidence(site, *looks, alert(day=date(2019, 12, 31), false_alarms=rate), on=CHANGE)
    witness = found.looks[0]
    assert witness.hit.range.best == 0.6
    assert witness.false.range.best == pytest.approx(1 - 2.718281828 ** (-0.2 * 2), rel=2e-3)
    assert "placebos" in witness.false.range.origin


def test_passes_before_the_watch_belong_to_its_history():
    site = Site(slug=SITE, name="Sanumdong", watch_from=date(2018, 1, 1))
    assert evidence(site, watch(day=date(2017, 6, 1)), on=CHANGE)[0].silent


def test_a_false_alarm_is_a_probability_for_any_rate():
    rate = Range(lo=0, best=3, hi=1e6, origin="placebos")
    assert (false_alarm(rate, 10).lo, false_alarm(rate, 10).hi) == (0, 1)


def test_records_of_other_kinds_are_passed_over():
    other = Catalogue(slug="c", collection="x", bands=("red",), sites=(SITE,), since=date(2018, 1, 1))
    empty = Indicator(id="nothing", text="nothing", likelihood=TRAILER.likelihood, why="x", terms=((),))
    assert evidence(other, told("a"), on=empty)[0].silent


def test_a_look_of_no_known_day_of_taking_still_counts_once_published():
    moment = datetime(2018, 8, 1, tzinfo=UTC)
    first, second = (look("trailer", when=When(), available_at=moment, note=n) for n in "ab")
    assert len(evidence(first, second)[0].looks) == 2


def test_an_undated_report_has_no_day():
    with pytest.raises(ValueError, match="counts on no day"):
        day_of(item("a", dated=False))
