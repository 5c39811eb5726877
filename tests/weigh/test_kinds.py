"""A length speaks for a kind of thing only against its rivals, and a covered trailer fits them all."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sitewatch.errors import InputError
from sitewatch.records import Range
from sitewatch.weigh.kinds import STRAY, kind_ratios


def metres(lo, best, hi):
    return Range(lo=lo, best=best, hi=hi, origin="the case")


RIVALS = {
    "missile transporter": metres(10, 13, 17),
    "container lorry": metres(10, 13.5, 17),
    "tarpaulin over nothing": metres(8, 13, 18),
}


@given(st.floats(12, 15), st.floats(0.7, 2))
@settings(deadline=None, max_examples=30)
def test_a_covered_trailer_fits_all_its_rivals(length, sd):
    found = kind_ratios(length, sd, RIVALS)
    assert found.of("missile transporter", "container lorry") == pytest.approx(1, abs=0.35)
    assert 0.6 < found.of("missile transporter", "tarpaulin over nothing") < 1.6
    assert all(found.fits)


def test_a_short_thing_speaks_against_a_long_one_but_is_no_proof():
    found = kind_ratios(6, 0.5, {"van": metres(5, 6, 7.5), "missile transporter": metres(12, 14, 17)})
    assert found.of("van", "missile transporter") > 20
    assert found.of("van", "missile transporter") * found.of("missile transporter", "van") == pytest.approx(1)
    assert found.of("van", "missile transporter") < 50 / STRAY  # a ratio with an end, whatever is measured
    assert found.fits == (True, False)


def test_a_length_that_no_rival_expects_says_that_one_is_missing():
    found = kind_ratios(40, 1, RIVALS)
    assert not any(found.fits)
    assert found.ratio == pytest.approx(1, abs=0.01)


def test_a_known_length_is_allowed():
    found = kind_ratios(13, 1, {"a": metres(13, 13, 13), "b": metres(16, 16, 16)})
    assert found.of("a", "b") > 10


def test_one_explanation_is_none():
    with pytest.raises(InputError, match="at least two"):
        kind_ratios(13, 1, {"missile transporter": metres(10, 13, 17)})


@pytest.mark.parametrize(("length", "sd"), [(0, 1), (13, 0), (float("nan"), 1), (13, float("inf"))])
def test_a_length_needs_an_uncertainty(length, sd):
    with pytest.raises(InputError, match="metres above 0"):
        kind_ratios(length, sd, RIVALS)


def test_lengths_of_a_rival_are_lengths():
    with pytest.raises(InputError, match="rival explanation 'a'"):
        kind_ratios(13, 1, {"a": metres(-1, 3, 5), "b": metres(1, 3, 5)})
