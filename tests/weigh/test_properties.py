"""What must hold for any evidence: copies, parts of a report, blind looks, and any number of outlets on one finding."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from weigh_cases import MODEST, SIGNS, WIDE, cases
from weigh_records import assumed, claim, edge, indicator, item, look, p, question, ratio_of, told, weigh

from sitewatch.records import OTHER, Modality

UNIT = st.floats(0.02, 0.98)


def ranges(assessment):
    return [(r.lo, r.best, r.hi) for r in assessment.ratios]


@MODEST
@given(cases(), st.data())
def test_a_copy_changes_nothing(case, data):
    ask, records = case
    reports = [r for r in records if isinstance(r, tuple)]
    copies = []
    for n, (root, words) in enumerate(reports):
        for k in range(data.draw(st.integers(0, 2))):
            copy = told(f"copy{n}-{k}", quote=words.quote, modality=words.modality, day=date(2018, 8, 2 + k))
            copies += [copy, edge(copy[0], root, data.draw(st.sampled_from(["copy", "quote", "translation"])))]
    alone, whole = weigh(*records, ask=ask, given=WIDE), weigh(*records, *copies, ask=ask, given=WIDE)
    assert ranges(whole) == ranges(alone)
    assert [d.roots for d in whole.drivers] == [d.roots for d in alone.drivers]


@MODEST
@given(cases(), st.sampled_from(SIGNS), st.integers(2, 4), st.booleans())
def test_splitting_the_report_of_one_root_into_parts_changes_nothing(case, sign, parts, of_items):
    """Parts are several claims of one item, or several items of which the later ones quote the first."""
    ask, records = case
    root = item("split")
    whole = weigh(*records, root, claim(root, quote=f"a {sign}"), ask=ask, given=WIDE)
    said = [claim(root, quote=f"{n} times a {sign}") for n in range(parts)]
    if of_items:
        later = [item("split", day=date(2018, 8, n + 1)) for n in range(parts - 1)]
        said = [said[0], *(claim(one, quote=f"again a {sign}") for one in later)]
        said += [*later, *(edge(one, root, "quote") for one in later)]
    split = weigh(*records, root, *said, ask=ask, given=WIDE)
    assert ranges(split) == ranges(whole)


@MODEST
@given(cases(), st.lists(st.tuples(st.sampled_from(SIGNS), st.sampled_from(["blind", "saw", "missed"])), max_size=4))
def test_looks_that_could_not_see_change_nothing(case, blind):
    """An obscured look is 1, and so is any look of power 0."""
    ask, records = case
    results = {"blind": "obscured", "saw": "seen", "missed": "not_seen"}
    more = [
        look(sign, results[how], date(2018, 9, 1 + n), power=0, false=p(0.02, 0.1, 0.3))
        for n, (sign, how) in enumerate(blind)
    ]
    without, with_ = weigh(*records, ask=ask, given=WIDE), weigh(*records, *more, ask=ask, given=WIDE)
    for a, b in zip(without.ratios, with_.ratios, strict=True):
        assert (b.lo, b.best, b.hi) == pytest.approx((a.lo, a.best, a.hi))


@MODEST
@given(st.integers(1, 30), st.integers(0, 30), UNIT, UNIT)
def test_the_trailer_stays_under_its_own_ratio_for_any_outlets(roots, denials, h, f):
    """Whatever outlets repeat or deny it, and however good they are, .9 against .6 lies between 1/4 and 1.5."""
    trailer = indicator("trailer", terms=(("covered", "trailer"),), missile=0.9, routine=0.6)
    records = [told(f"outlet{n}") for n in range(roots)]
    records += [told(f"denier{n}", modality=Modality.DENIED) for n in range(denials)]
    given_all = assumed(hit=p(h), false=p(f), samples=100)
    found = ratio_of(weigh(*records, ask=question(trailer), given=given_all))
    assert 0.25 - 1e-12 <= found.lo <= found.hi <= 1.5 + 1e-12
    one = (h * 0.9 + f * 0.1) / (h * 0.6 + f * 0.4)
    no = (f * 0.9 + h * 0.1) / (f * 0.6 + h * 0.4)
    assert found.naive == pytest.approx(one**roots * no**denials)


@MODEST
@given(cases(), st.floats(0.01, 0.1))
def test_a_look_of_more_power_that_saw_never_speaks_less_for_what_expects_it(case, more):
    """Monotone in h when P1 > P2, through the whole engine."""
    ask, records = case
    sign = indicator("extra", observables=("extra",), missile=0.8, routine=0.3, **{OTHER: 0.5})
    longer = ask.model_copy(update={"indicators": (*ask.indicators, sign)})
    weak, strong = (
        ratio_of(weigh(*records, look("extra", power=w, false=0.1), ask=longer)).best for w in (0.5, 0.5 + more)
    )
    assert strong > weak
