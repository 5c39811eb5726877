"""Numbers into words."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sitewatch import weigh
from sitewatch.weigh import words


@pytest.mark.parametrize(
    ("p", "expected"),
    [
        (0.01, "almost no chance"),
        (0.05, "almost no chance"),
        (0.054, "almost no chance"),
        (0.055, "very unlikely"),
        (0.20, "very unlikely"),
        (0.21, "unlikely"),
        (0.45, "unlikely"),
        (0.50, "roughly even chance"),
        (0.55, "roughly even chance"),
        (0.56, "likely"),
        (0.80, "likely"),
        (0.95, "very likely"),
        (0.99, "almost certain"),
        (0.994, "almost certain"),
        (0.995, None),
        (0.004, None),
    ],
)
def test_lower_band_owns_its_edge_after_rounding(p, expected):
    assert words.word(p) == expected


@pytest.mark.parametrize(
    ("p", "expected"), [(0.0, "remote chance"), (0.07, None), (0.2, "highly unlikely"), (0.22, None)]
)
def test_phia_keeps_its_gaps(p, expected):
    assert words.word(p, words.PHIA) == expected


@pytest.mark.parametrize(
    ("lo", "hi", "expected"),
    [
        (0.55, 0.80, "likely (55-80 %)"),
        (0.60, 0.604, "likely (60 %)"),
        (0.55, 0.55, "roughly even chance (55 %)"),
        (0.30, 0.70, "unlikely to likely (30-70 %)"),
        (0.20, 0.60, "unlikely to likely (20-60 %)"),
        (0.40, 0.55, "unlikely to roughly even chance (40-55 %)"),
        (0.20, 0.71, "the evidence cannot tell (20-71 %)"),
        (0.20, 0.70, "unlikely to likely (20-70 %)"),
        (0.001, 0.004, "below 1 %"),
        (0.997, 1.0, "above 99 %"),
        (0.0, 0.04, "almost no chance (0-4 %)"),
    ],
)
def test_a_range_is_said_with_its_numbers(lo, hi, expected):
    assert words.say(lo, hi) == expected


def test_a_range_with_an_end_in_a_gap_is_numbers_alone():
    assert words.say(0.07, 0.15, words.PHIA) == "7-15 %"
    assert words.say(0.12, 0.30, words.PHIA) == "highly unlikely to unlikely (12-30 %)"


@settings(deadline=None)
@given(st.floats(0, 1), st.floats(0, 1))
def test_what_the_desk_says_passes_its_own_linter(a, b):
    told = "It is {} that the site was taken apart."
    assert words.lint(told.format(words.say(min(a, b), max(a, b)))) == []
    assert words.lint(told.format(words.say(min(a, b), max(a, b), words.PHIA)), "phia") == []


def test_what_is_no_probability_is_refused():
    with pytest.raises(ValueError, match=r"1\.2"):
        words.word(1.2)
    with pytest.raises(ValueError, match="from low to high"):
        words.say(0.6, 0.4)


def test_the_room_gives_its_public_names_and_no_others():
    assert weigh.say is words.say
    assert set(weigh.__all__) == {"assess", "curve", "find", "lint", "reckon", "say", "score", "unmet", "word"}
    with pytest.raises(AttributeError, match="no attribute 'guess'"):
        _ = weigh.guess
