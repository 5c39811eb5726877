from __future__ import annotations

import pytest

from sitewatch.read.places import mentions, natures
from sitewatch.records import Place
from tests.read.texts import PLACES


def sites(text, places=PLACES):
    return [(text[m.start : m.end], m.site) for m in mentions(text, places)]


def test_the_longest_name_is_found_whatever_its_hyphens_and_letters():
    text = "Near the northport space centre, at NORTHPORT and in Hügel Neun."
    assert sites(text) == [
        ("northport space centre", "northport"),
        ("NORTHPORT", "northport"),
        ("Hügel Neun", "hill-9"),
    ]


def test_a_single_word_is_no_part_of_another_and_keeps_its_capital():
    assert sites("Northporters like the northport way") == []
    assert sites("a mine and a hill", [Place(site="mine", name="Mine")]) == []


def test_no_places_name_nothing():
    assert mentions("Northport", ()) == []


@pytest.mark.parametrize(
    ("text", "family"),
    [
        ("its nuclear test site", "nuclear test site"),
        ("the satellite launching station", "launch or engine test site"),
        ("a major missile engine testing site", "launch or engine test site"),
        ("a uranium enrichment plant", "enrichment plant"),
        ("the rocket factory", "weapons factory"),
        ("the site, which builds dreaded ICBMs", "weapons factory"),
        ("the plant that enriches uranium", "enrichment plant"),
    ],
)
def test_kinds_of_place(text, family):
    (found,) = natures(text)
    assert found.family == family


def test_a_common_word_is_no_kind_of_place():
    assert natures("The site is busy, the plant too.") == []
