from __future__ import annotations

import pytest

from sitewatch.read import claims
from tests.read.texts import SOURCES, item


def chains(text, **options):
    """Each claim's holders and whether it is first-hand."""
    found = claims(text, published=None, places=None, item=item(text, **options), sources=SOURCES)
    return [([h.name for h in c.chain], c.first_hand) for c in found]


def test_what_the_outlet_says_itself():
    assert chains("A crane stands at the gate.") == [(["The Gazette"], True)]


def test_who_told_the_outlet():
    text = "A crane stands at the gate, a senior official told The Gazette."
    assert chains(text) == [(["a senior official", "The Gazette"], True)]


def test_who_told_another_outlet():
    text = "A crane stands at the gate, a senior official told Wire A."
    assert chains(text) == [(["a senior official", "Wire A", "The Gazette"], False)]


def test_through_two_outlets():
    text = "Daily B reported that officials said that the gate is shut."
    assert chains(text) == [(["Daily B", "The Gazette"], False), (["officials", "Daily B", "The Gazette"], False)]


def test_a_whole_report_under_an_agencys_credit():
    assert chains("A crane stands at the gate. (Wire A)") == [(["Wire A", "The Gazette"], False)]
    assert chains("A crane stands at the gate.", byline="Wire A") == [(["Wire A", "The Gazette"], False)]


@pytest.mark.parametrize(
    ("second", "holder"),
    [
        ("The official said that trucks came.", "a senior official in Portville"),
        ("She said that trucks came.", "a senior official in Portville"),
        ("Another official said that trucks came.", "Another official"),
    ],
)
def test_somebody_who_was_named_before_is_known_again(second, holder):
    text = f"A crane stands there, a senior official in Portville said. {second}"
    assert chains(text)[1][0][0] == holder


def test_she_is_the_person_spoken_of_and_not_the_last_speaker():
    text = "It is a missile, said Oliver Strand. Ana Lind of the institute was more careful. It is a crane, she said."
    assert chains(text)[-1][0][0].startswith("Ana Lind")


def test_the_newspaper_and_it_are_the_outlet_named_last():
    text = "Daily B reported that a crane came. The newspaper said that it was new. It added that trucks followed."
    assert [chain for chain, _ in chains(text)][1:] == [["Daily B", "The Gazette"]] * 2


def test_whom_an_outlet_cites_speaks_through_it():
    text = "The gate is shut, Daily B reported, citing a senior official. The official said that trucks came."
    assert chains(text) == [(["a senior official", "Daily B", "The Gazette"], False)] * 2


def test_an_image_holds_nothing_itself_but_whoever_shows_it_does():
    studied = "The roof is gone, according to satellite pictures studied by Wire A."
    assert chains(studied) == [(["Wire A", "The Gazette"], False)]
    assert chains("Satellite pictures show that the roof is gone.") == [(["The Gazette"], True)]


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("Officials said that the gate is shut.", "unnamed"),
        ("The ministry said that the gate is shut.", "described"),
        ("Ana Lind said that the gate is shut.", "named"),
    ],
)
def test_named_described_and_unnamed(text, form):
    (found,) = claims(text, published=None, places=None)
    assert [h.form for h in found.chain] == [form]
