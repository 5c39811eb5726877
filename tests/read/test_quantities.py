from __future__ import annotations

import pytest

from sitewatch.read.prose import Paragraph, parsed
from sitewatch.read.quantities import quantities


def counted(text, **options):
    ((_, doc),) = parsed([Paragraph(0, text)])
    return quantities(doc, **options)


@pytest.mark.parametrize(
    ("text", "lo", "hi", "attribute"),
    [
        ("They build one or two liquid-fuelled ballistic missiles there.", 1, 2, "missile"),
        ("The images show at least a dozen trucks.", 12, None, "truck"),
        ("More than 7,600 soldiers are missing.", 7600, None, "soldier"),
        ("Up to ten buses came.", 0, 10, "bus"),
        ("Some 50 boxes were counted.", 45, 55, "box"),
        ("Nearly 200 silos were found.", 180, 200, "silo"),
        ("Dozens of tents stand there.", 24, 119, "tent"),
        ("Tens of thousands of people fled.", 20_000, 99_999, "people"),
        ("Between 10 and 20 guards stood at the gate.", 10, 20, "guard"),
        ("Fifty-five small boxes came.", 55, 55, "box"),
        ("Two hundred and five men left.", 205, 205, "man"),
        ("Half a dozen cranes stood there.", 6, 6, "crane"),
        ("The plant made 3.5 million barrels.", 3.5e6, 3.5e6, "barrel"),
        ("They gave back 54 sets of remains.", 54, 54, "remain"),
        ("They gave back 55 cases of remains.", 55, 55, "remain"),
        ("A plane landed with 54 remains that were found there.", 54, 54, "remain"),
        ("The North handed over 54 boxes.", 54, 54, "box"),
    ],
)
def test_counts_are_intervals_of_what_is_counted(text, lo, hi, attribute):
    (found,) = counted(text)
    assert (found.lo, found.hi, found.attribute) == (pytest.approx(lo), hi and pytest.approx(hi), attribute)
    start, end = found.span
    assert text[start:end] == found.text


@pytest.mark.parametrize(
    ("text", "lo", "attribute", "unit"),
    [
        ("Two thirds of the west wall are gone.", 2 / 3, "wall", "share"),
        ("Half of the roof was removed.", 0.5, "roof", "share"),
        ("The hall is 50 metres wide.", 50, "width", "metre"),
        ("A wall one kilometre long surrounds it.", 1, "length", "kilometre"),
        ("They moved 20 tons of fuel.", 20, "fuel", "ton"),
        ("A 1 km wall surrounds it.", 1, "wall", "km"),
    ],
)
def test_measures_have_a_unit(text, lo, attribute, unit):
    (found,) = counted(text)
    assert (found.lo, found.attribute, found.unit) == (pytest.approx(lo), attribute, unit)


@pytest.mark.parametrize(
    "text",
    [
        "It was the 65th anniversary of the truce.",
        "It fell 65 years to the day after the truce.",
        "One photograph shows the gate.",
        "Carol Smith, 71, of Ohio, waited.",
        "The work cost $5 million.",
        "The meeting began at 10 p.m. sharp.",
    ],
)
def test_ordinals_ages_clock_times_and_sums_are_no_counts(text):
    assert counted(text) == []


def test_numbers_in_dates_and_names_are_no_counts():
    text = "On 20 July trucks came to Hall 3."
    assert counted(text, without=[(3, 10)]) == []


def test_spans_are_into_the_whole_text():
    (found,) = counted("Two cranes stand there.", offset=100)
    assert found.span == (100, 110)
