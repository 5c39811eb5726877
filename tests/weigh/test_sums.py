"""Tallies: sums that hold, the contradiction that is named, and what is left for a number nobody gave."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sitewatch.records import Range, Tallied
from sitewatch.weigh.sums import add_up, groups


def told(slug: str, number: object = None, parts: tuple[str, ...] = (), what: str | None = None) -> Tallied:
    lo, hi = number if isinstance(number, tuple) else (number, number)
    given_range = None if number is None else Range(lo=lo, best=lo, hi=hi, origin="told")
    return Tallied(slug=slug, what=what or slug, number=given_range, parts=parts)


def test_remains_received_are_those_identified_and_those_not():
    """A sum that holds, with the number that nobody gave."""
    found = add_up([told("received", 55, ("identified", "open")), told("identified", (10, 12)), told("open")])
    assert found.holds
    assert found.bounds == {"received": (55, 55), "identified": (10, 12), "open": (43, 45)}
    assert found.sums[0].says == (
        "received (55): identified (10 to 12) and open (not told). The sum holds; it leaves 43 to 45 for “open”."
    )


@pytest.mark.parametrize(("rest", "off"), [(40, "at least 3 too few"), (50, "at least 7 too many")])
def test_a_contradiction_is_named_with_what_is_lacking(rest, off):
    found = add_up([told("received", 55, ("identified", "open")), told("identified", 12), told("open", rest)])
    assert found.holds is False
    assert found.sums[0].says.endswith(f"That is a contradiction: the parts make {12 + rest}, {off}.")


def test_two_sums_that_hold_alone_and_not_together_are_a_contradiction():
    """Of 55 received 45 are still open; 7,697 were missing and 7,680 still are, so that 17 were identified."""
    tallies = [
        told("received", 55, ("identified", "open")),
        told("open", 45),
        told("identified"),
        told("before", 7697, ("identified", "after")),
        told("after", 7680),
    ]
    found = add_up(tallies)
    assert found.holds is False
    (broken,) = [one for one in found.sums if not one.holds]
    assert "holds by itself, and cannot hold beside the other sums" in broken.says
    mended = add_up([*tallies[:-1], told("after", 7687)])
    assert mended.holds
    assert mended.bounds["identified"] == (10, 10)


def test_a_sum_whose_part_is_not_known_by_that_day_is_not_assessable():
    found = add_up([told("received", 55, ("identified", "open")), told("open", 40)])
    assert found.holds is None
    assert "not assessable, since identified is not known by that day" in found.sums[0].says


def test_tallies_that_share_no_part_stand_apart():
    tallies = [told("a", 3, ("b",)), told("x", 4, ("y",)), told("b", 3), told("y", 4), told("alone", 5)]
    assert [[one.slug for one in group] for group in groups(tallies)] == [["a", "b"], ["x", "y"], ["alone"]]
    shared = [*tallies, told("all", None, ("a", "x"))]
    assert [len(group) for group in groups(shared)] == [5, 1]


@settings(deadline=None, max_examples=80)
@given(st.data())
def test_the_bounds_are_those_of_all_numbers_that_fit(data):
    """Every combination of whole numbers within the bounds told, tried one by one."""
    ends = st.tuples(st.integers(0, 5), st.integers(0, 5)).map(lambda pair: (min(pair), max(pair)))
    numbers = {name: data.draw(ends, label=name) for name in ("a", "b", "c", "whole", "part")}
    tallies = [
        told("whole", numbers["whole"], ("part", "c")),
        told("part", numbers["part"], ("a", "b")),
        *(told(name, numbers[name]) for name in ("a", "b", "c")),
    ]
    found = add_up(tallies)
    spans = [range(numbers[name][0], numbers[name][1] + 1) for name in ("a", "b", "c")]
    fits = [
        {"a": a, "b": b, "c": c, "part": a + b, "whole": a + b + c}
        for a, b, c in product(*spans)
        if all(numbers[n][0] <= v <= numbers[n][1] for n, v in (("part", a + b), ("whole", a + b + c)))
    ]
    assert found.holds is bool(fits)
    if fits:
        assert found.bounds == {n: (min(f[n] for f in fits), max(f[n] for f in fits)) for n in numbers}
