"""Assessments: the replay of the covered trailer, and the properties that any evidence must keep."""

import math
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from weigh_cases import MODEST, THREE, WIDE, cases
from weigh_records import SITE, TRAILER, assumed, edge, indicator, item, look, p, question, ratio_of, told, view, weigh

from sitewatch.errors import InputError
from sitewatch.records import OTHER, Modality
from sitewatch.weigh import hypotheses
from sitewatch.weigh.hypotheses import priors
from sitewatch.weigh.limits import information, times

MISSILE = p(0.7, 0.9, 0.98), p(0.3, 0.6, 0.8)


@pytest.mark.parametrize("outlets", [1, 10, 40])
def test_the_covered_trailer_cannot_tell_whatever_the_number_of_outlets(outlets):
    assessment = weigh(*(told(f"outlet{i}") for i in range(outlets)))
    found = ratio_of(assessment)
    assert 1 < found.best < 1.5 + 1e-12
    assert found.hi < 1.5 + 1e-12
    assert found.cannot_tell
    assert "The evidence cannot tell “it is missile” from “it is routine”" in assessment.cannot_tell[0]
    one = (0.85 * 0.9 + 0.10 * 0.1) / (0.85 * 0.6 + 0.10 * 0.4)
    assert found.naive == pytest.approx(one**outlets)


def test_ten_outlets_multiplied_outside_would_have_given_31():
    assert ratio_of(weigh(*(told(f"outlet{i}") for i in range(10)))).naive == pytest.approx(31, abs=0.5)


def test_ten_copies_of_one_root_weigh_as_the_root():
    (root, words), copies = told("a"), [told(f"copy{i}") for i in range(9)]
    alone = weigh(root, words, given=WIDE)
    whole = weigh(root, words, *copies, *(edge(c, root) for c, _ in copies), given=WIDE)
    assert (ratio_of(whole).lo, ratio_of(whole).best, ratio_of(whole).hi) == (
        ratio_of(alone).lo,
        ratio_of(alone).best,
        ratio_of(alone).hi,
    )
    assert ratio_of(whole).naive > 20
    assert (whole.drivers[0].roots, whole.drivers[0].reports) == (1, 10)


def test_two_officials_on_one_set_of_images_weigh_less_than_two_and_no_less_than_one():
    (a, first), (b, second) = told("a"), told("b")
    given = assumed(rho=p(0.5))
    one = ratio_of(weigh(a, first, given=given)).best
    shared = ratio_of(weigh(a, first, b, second, edge(b, a, "same_image"), given=given)).best
    two = ratio_of(weigh(a, first, b, second, given=given)).best
    assert one < shared < two


@MODEST
@given(cases(), st.randoms(use_true_random=False))
def test_order_of_evidence_changes_nothing(case, chance):
    ask, records = case
    shuffled = records.copy()
    chance.shuffle(shuffled)
    turned = ask.model_copy(update={"indicators": tuple(reversed(ask.indicators))})
    a, b, c = weigh(*records, ask=ask), weigh(*shuffled, ask=ask), weigh(*records, ask=turned)
    assert a.ratios == b.ratios
    for x, y in zip(a.ratios, c.ratios, strict=True):
        assert (x.lo, x.best, x.hi) == pytest.approx((y.lo, y.best, y.hi))


@MODEST
@given(cases())
def test_posteriors_sum_to_one_and_ranges_are_in_order(case):
    ask, records = case
    assessment = weigh(*records, ask=ask, given=WIDE)
    for posterior in assessment.posteriors:
        assert sum(posterior.prior.values()) == pytest.approx(1)
        assert sum(x.best for x in posterior.posterior.values()) == pytest.approx(1)
    for r in assessment.ratios:
        assert 0 < r.corner_lo <= r.lo <= r.best <= r.hi <= r.corner_hi < math.inf


@MODEST
@given(cases())
def test_the_drivers_add_up_to_the_ratio(case):
    ask, records = case
    assessment = weigh(*records, ask=ask)
    for r in assessment.ratios:
        total = sum(d.log_likelihood[r.first] - d.log_likelihood[r.second] for d in assessment.drivers)
        assert math.exp(total) == pytest.approx(r.best)


@MODEST
@given(cases(), st.permutations(range(3)))
def test_relabelling_hypotheses_permutes_the_results(case, order):
    ask, records = case
    swapped = dict(zip(THREE, (THREE[i] for i in order), strict=True))
    renamed = [
        i.model_copy(update={"likelihood": {swapped[h]: x for h, x in i.likelihood.items()}}) for i in ask.indicators
    ]
    before = weigh(*records, ask=ask, given=WIDE).posteriors[0].posterior
    after = (
        weigh(*records, ask=ask.model_copy(update={"indicators": tuple(renamed)}), given=WIDE).posteriors[0].posterior
    )
    for h in THREE:
        assert (after[swapped[h]].lo, after[swapped[h]].best) == pytest.approx((before[h].lo, before[h].best))


@MODEST
@given(cases(), st.tuples(st.floats(0.02, 0.98), st.floats(0.02, 0.98), st.floats(0.02, 0.98)).map(sorted))
def test_a_useless_indicator_changes_nothing(case, ends):
    ask, records = case
    useless = indicator("useless", terms=(("noise",),), **dict.fromkeys(THREE, p(*ends)))
    longer = ask.model_copy(update={"indicators": (*ask.indicators, useless)})
    noise = told("noisy", quote="a noise")
    without, with_ = weigh(*records, ask=ask, given=WIDE), weigh(*records, noise, ask=longer, given=WIDE)
    for a, b in zip(without.ratios, with_.ratios, strict=True):
        assert (a.lo, a.best, a.hi) == pytest.approx((b.lo, b.best, b.hi))


@MODEST
@given(cases(), st.floats(0, 0.3))
def test_a_wider_input_never_narrows_the_corners(case, more):
    ask, records = case

    def wider(r):
        return p(max(0, r.lo - more), r.best, min(1, r.hi + more))

    broad = [
        i.model_copy(update={"likelihood": {h: wider(x) for h, x in i.likelihood.items()}}) for i in ask.indicators
    ]
    loose = assumed(hit=wider(p(0.85)), false=wider(p(0.10)), rho=wider(p(0.5)), visible=wider(p(0.9)))
    tight = weigh(*records, ask=ask)
    for wide in (
        weigh(*records, ask=ask.model_copy(update={"indicators": tuple(broad)})),
        weigh(*records, ask=ask, given=loose),
    ):
        for a, b in zip(tight.ratios, wide.ratios, strict=True):
            assert b.corner_lo <= a.corner_lo * (1 + 1e-9)
            assert b.corner_hi >= a.corner_hi * (1 - 1e-9)


def test_rounding_never_carries_a_posterior_past_0_or_1(monkeypatch):
    over = np.nextafter(1, 2)
    monkeypatch.setattr(hypotheses, "_normalised", lambda _, logs: np.stack([logs[0] * 0 + over, logs[0] * 0 - 1e-17]))
    found = weigh(look("trailer")).posteriors[0].posterior
    assert (found["missile"].best, found["missile"].hi) == (1, 1)
    assert (found["routine"].lo, found["routine"].best) == (0, 0)


def test_no_evidence_is_a_ratio_of_one_and_said_so():
    assessment = weigh()
    found = ratio_of(assessment)
    assert (found.best, found.lo, found.hi, found.corner_lo, found.corner_hi, found.naive) == (1,) * 6
    assert assessment.cannot_tell == ("Nothing here tells “it is missile” from “it is routine”.",)
    assert assessment.drivers[0].status == "no evidence"
    assert assessment.leave_out == ()


def test_overwhelming_evidence_stays_finite():
    signs = [indicator(f"s{i}", observables=(f"s{i}",), missile=1.0, routine=0.0) for i in range(60)]
    found = ratio_of(
        weigh(*(look(s.id, power=1, false=0) for s in signs), ask=question(*signs), given=assumed(visible=p(1)))
    )
    assert math.isfinite(found.best)
    assert found.best > 1e200
    assert not found.cannot_tell


def test_the_range_is_seeded_and_the_same_each_time():
    records = [told("a"), told("b")]
    assert weigh(*records, given=WIDE).id == weigh(*records, given=WIDE).id
    other = WIDE.model_copy(update={"seed": 8})
    assert ratio_of(weigh(*records, given=other)).lo != ratio_of(weigh(*records, given=WIDE)).lo


def test_a_source_is_drawn_once_for_all_its_reports():
    """Ten reports of one unsure source keep its whole doubt; those of ten sources average it out."""
    signs = [indicator(f"s{i}", terms=((f"s{i}",),), missile=0.9, routine=0.1) for i in range(10)]
    ask, given = question(*signs), assumed(hit=p(0.2, 0.5, 0.9), false=p(0.05, 0.3, 0.6), samples=4000)
    one = ratio_of(weigh(*(told("same", quote=s.id) for s in signs), ask=ask, given=given))
    ten = ratio_of(weigh(*(told(f"o{i}", quote=s.id) for i, s in enumerate(signs)), ask=ask, given=given))
    assert one.best == pytest.approx(ten.best)
    assert math.log(one.hi / one.lo) > 1.5 * math.log(ten.hi / ten.lo)


def test_only_the_strongest_of_a_group_counts():
    strong = indicator("strong", observables=("a",), group="object", missile=0.9, routine=0.2)
    weak = indicator("weak", observables=("b",), group="object", missile=0.8, routine=0.5)
    silent = indicator("silent", observables=("c",), group="object", missile=0.9, routine=0.01)
    both = weigh(look("a"), look("b"), ask=question(strong, weak, silent))
    alone = weigh(look("a"), ask=question(strong))
    assert ratio_of(both).best == pytest.approx(ratio_of(alone).best)
    assert [d.status for d in both.drivers] == ["seen", "in a group", "no evidence"]
    assert {x.without: x.best for x in both.leave_out}["the indicator “strong is there”"] == pytest.approx(
        ratio_of(weigh(look("b"), ask=question(weak))).best
    )


def test_a_driver_counts_tellings_and_denials_apart():
    (a, first), (b, second) = told("a"), told("b", day=date(2018, 8, 1))
    denied = told("c", modality=Modality.DENIED)
    why = weigh(a, b, first, second, edge(b, a), denied).drivers[0].why
    assert "(told by 2 reports, 1 independent root; denied by 1 report, 1 independent root)" in why


def test_leaving_out_names_the_part_that_carries_the_order():
    sign = indicator("fuel", observables=("fuel",), terms=(("fuel",),), missile=0.1, routine=0.9)
    records = [
        look("trailer", power=0.95, false=0.01),
        look("fuel", power=0.95, false=0.01),
        told("a", quote="the fuel"),
    ]
    assessment = weigh(*records, ask=question(TRAILER, sign))
    assert ratio_of(assessment).best < 1
    first = assessment.leave_out[0]
    assert (first.without, first.flips) == ("the indicator “fuel is there”", True)
    names = [x.without for x in assessment.leave_out]
    assert "the report of 2018-07-31 by a" in names
    assert "the assumption that a thing may be hidden from every look" in names
    assert "the grades, every outlet taken as one that cannot be judged" in names
    assert "the assumption that roots which share something may be one report" not in names


def test_a_part_without_which_nothing_is_left_is_told():
    entries = {x.without: x for x in weigh(look("trailer"), told("a")).leave_out}
    assert not any(x.leaves_nothing for name, x in entries.items() if name.startswith(("the look", "the report")))
    assert entries["the indicator “trailer is there”"].leaves_nothing
    assert not entries["the indicator “trailer is there”"].flips
    alone = next(x for x in weigh(look("trailer")).leave_out if x.without.startswith("the look"))
    assert (alone.best, alone.leaves_nothing) == (1, True)


def test_leaving_out_a_root_takes_its_copies_with_it():
    (root, words), (copy, more) = told("a"), told("b")
    assessment = weigh(root, words, copy, more, edge(copy, root))
    assert {x.without: x.best for x in assessment.leave_out}["the report of 2018-07-31 by a"] == 1


def test_the_assumption_of_sharing_can_be_left_out():
    (a, first), (b, second) = told("a"), told("b")
    entries = weigh(a, first, b, second, edge(b, a, "same_image")).leave_out
    apart = next(x for x in entries if "share something" in x.without)
    assert apart.best == pytest.approx(ratio_of(weigh(a, first, b, second)).best)


def test_a_pair_is_told_apart_above_three_decibels_when_the_order_holds():
    sign = indicator("engine", observables=("engine",), missile=0.9, routine=0.1)
    assessment = weigh(look("engine", power=0.95, false=0.01), ask=question(sign))
    assert ratio_of(assessment).best > 2
    assert not ratio_of(assessment).cannot_tell
    unsure = indicator("engine", observables=("engine",), missile=p(0, 0.7, 0.9), routine=p(0.05, 0.3, 1))
    shaky = weigh(look("engine", power=0.95, false=0.01), ask=question(unsure))
    assert ratio_of(shaky).cannot_tell
    assert "the order turns round inside that range" in shaky.cannot_tell[0]


def test_priors_run_over_the_grid():
    grid = priors(question(hypotheses=THREE))
    assert grid[0] == dict.fromkeys(THREE, pytest.approx(1 / 3))
    assert grid[1] == {"missile": 0.5, "routine": 0.25, OTHER: 0.25}
    assert grid[3] == pytest.approx({"missile": 0.45, "routine": 0.45, OTHER: 0.1})
    assert priors(question(hypotheses=("missile", "routine"))) == [{"missile": 0.5, "routine": 0.5}]
    assert priors(question(hypotheses=(OTHER,))) == [{OTHER: 1.0}]


def test_the_next_look_is_the_one_that_teaches_most():
    sharp = indicator("sharp", observables=("sharp",), missile=0.95, routine=0.05)
    blunt = indicator("blunt", observables=("blunt",), missile=0.6, routine=0.5)
    ask = question(sharp, blunt, next_looks=("blunt", "sharp"))
    fresh = weigh(ask=ask).next_looks
    assert [n.indicator for n in fresh] == ["sharp", "blunt"]
    assert 0 < fresh[1].gain_bits < fresh[0].gain_bits < 1
    settled = [look("sharp", first=date(2018, 7, d), power=0.99, false=0.01) for d in range(1, 9)]
    again = {n.indicator: n.gain_bits for n in weigh(*settled, ask=ask).next_looks}
    assert again["sharp"] < fresh[0].gain_bits


def test_information_is_a_bit_for_a_perfect_test_and_none_for_a_useless_one():
    assert information(np.array([1.0, 0.0])) == pytest.approx(1)
    assert information(np.array([0.3, 0.3])) == pytest.approx(0)


def test_an_assessment_is_available_when_its_last_evidence_was():
    late = look("trailer", published=date(2018, 10, 10))
    assessment = weigh(told("a"), late)
    assert assessment.available_at == late.available_at
    assert weigh().available_at is None
    early = view(told("a"), late, until=item("x", day=date(2018, 8, 1)).available_at)
    assert len(early) == 2


def test_a_question_with_a_hole_is_refused():
    hole = indicator("hole", missile=0.5)
    with pytest.raises(InputError, match="indicator hole has no likelihood for routine"):
        weigh(ask=question(hole))
    with pytest.raises(InputError, match="next_looks names crane"):
        weigh(ask=question(TRAILER, next_looks=("crane",)))


@pytest.mark.parametrize(
    ("x", "shown"), [(1.41, "1.4"), (30.9, "31"), (1234.0, "1,200"), (0.052, "0.052"), (2e7, "2e+07")]
)
def test_ratios_are_told_in_two_figures(x, shown):
    assert times(x) == shown


def test_evidence_on_two_sites_does_not_mix():
    assert weigh(told("a", places=("sohae",))).drivers[0].status == "no evidence"
    assert weigh(told("a", places=(SITE,))).drivers[0].status == "reported"


def test_a_further_watch_is_as_strong_as_the_case_assumes():
    change = indicator("change", observables=("change",), missile=1.0, routine=0.0)
    given = assumed(detect=p(1), alarm=p(0), visible=p(1))
    found = weigh(ask=question(change, next_looks=("change",)), given=given).next_looks[0]
    assert found.gain_bits == pytest.approx(1)
    assert "a further watch by the monitor" in found.text


def test_looks_of_no_stated_power_are_named():
    assert any("Looks whose power nobody states" in s for s in weigh(look("trailer", power=None)).cannot_tell)


def test_one_hypothesis_alone_has_no_rival():
    alone = indicator("trailer", observables=("trailer",), missile=0.9)
    assessment = weigh(look("trailer"), ask=question(alone, hypotheses=("missile",)))
    assert (assessment.ratios, assessment.leave_out) == ((), ())
    assert assessment.posteriors[0].posterior["missile"].best == 1
