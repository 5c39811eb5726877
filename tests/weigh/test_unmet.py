"""Observables that no look was ever asked for."""

from datetime import date

from weigh_records import SITE, indicator, look, question, view

from sitewatch.records import Commitment, Form, Step, When, day_end
from sitewatch.weigh import unmet

TYPO = indicator("felled", observables=("chnage",), missile=0.9, routine=0.1)


def pledge(**more):
    return Commitment(
        available_at=day_end(date(2018, 6, 12)),
        slug="pledge",
        clause="it will go",
        obligor="them",
        form=Form.ORAL,
        made=When.of(date(2018, 6, 12)),
        confirmed_by_obligor=True,
        names_site=True,
        site=SITE,
        steps=(Step(progress=1, any_of=("trailer_gone",)),),
        **more,
    )


def test_a_misspelt_observable_is_named_with_the_one_it_may_be():
    assert unmet([question(TYPO)], [], view(look("change"))) == [
        "question purpose, indicator felled: no look was ever asked for `chnage`; did you mean `change`?"
    ]


def test_an_observable_like_no_other_is_named_too():
    told = unmet([], [pledge(reversed_by=("change",))], view(look("change")))
    assert told == ["commitment pledge: no look was ever asked for `trailer_gone`; until one is, it says nothing."]


def test_what_a_look_was_asked_for_is_met_even_if_undated_or_obscured():
    assert unmet([question(TYPO)], [], view(look("chnage", "obscured", available_at=None))) == []


def test_what_a_next_look_is_to_settle_is_no_typo():
    planned = indicator("gone", observables=("trailer_gone",), missile=0.9, routine=0.1)
    ask = question(TYPO, planned, next_looks=("felled", "gone"))
    assert unmet([ask], [pledge()], view()) == []


def test_a_commitment_that_no_look_could_test_asks_for_none():
    assert unmet([], [pledge(not_assessable="It happens indoors")], view()) == []
