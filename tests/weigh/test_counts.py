"""Counts and declarations: scope first, the method's example, exact sums, and what the power's range gives."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sitewatch.records import Declaration, Estimate, Probability, Range, When
from sitewatch.records.counts import Apart
from sitewatch.weigh.counts import chance_above, chance_below, reckon_counts, true_number
from sitewatch.weigh.recall import FalseBoxes, Recall
from sitewatch.weigh.tally import tally

UNHURRIED = settings(deadline=None, max_examples=60)
DAY = date(2021, 6, 25)


def seen(*numbers: float) -> Range:
    lo, best, hi = numbers if len(numbers) == 3 else numbers * 3
    return Range(lo=lo, best=best, hi=hi, origin="counted")


def power(lo: float, best: float, hi: float) -> Probability:
    return Probability(lo=lo, best=best, hi=hi, origin="stated")


def count(
    number: Range, slug: str = "c", *, scope: str | None = "at the base", on: date | None = DAY, **more
) -> Estimate:
    when = When.of(on) if on else When()
    return Estimate(
        **{"what": "launchers", "by": f"team {slug}"} | more, slug=slug, scope=scope, seen=number, when=when
    )


def declared(
    lo: int, hi: int | None = None, *, scope: str = "at the base", made: date = date(2021, 1, 1)
) -> Declaration:
    number = Range(lo=lo, best=lo, hi=hi or lo, origin="declared")
    return Declaration(slug="d", what="launchers", scope=scope, number=number, by="a state", made=When.of(made))


@pytest.mark.parametrize(("share", "ends", "above"), [(0.6, (10, 20), 0.88), (0.9, (8, 11), 0.09)])
def test_eight_seen_with_ten_declared(share, ends, above):
    """The method's example."""
    found = reckon_counts([declared(10)], [count(seen(8), power=power(share, share, share))])
    assert (found.numbers[0].number.lo, found.numbers[0].number.hi) == ends
    assert (found.numbers[0].outer.lo, found.numbers[0].outer.hi) == ends
    (held,) = found.held
    assert held.above.lo == held.above.hi == pytest.approx(above, abs=0.005)


@UNHURRIED
@given(st.integers(0, 40), st.floats(0.3, 1), st.integers(-3, 80))
def test_the_true_number_is_the_posterior_that_is_summed(k, share, limit):
    whole = tally(k, Recall.known(share), FalseBoxes.none())
    assert chance_above(limit, k, share) == pytest.approx(whole.above(limit), abs=2e-3)
    assert chance_above(limit, k, share) + chance_below(limit + 1, k, share) == pytest.approx(1)
    if share > 0.4:
        assert np.abs(np.subtract(true_number(k, share), whole.interval())).max() <= 1


@UNHURRIED
@given(st.integers(0, 30), st.integers(0, 40), st.floats(0.05, 1), st.floats(0.05, 1))
def test_more_power_never_makes_more_than_declared_likelier(k, limit, one, other):
    weak, strong = sorted((one, other))
    assert chance_above(limit, k, weak) >= chance_above(limit, k, strong) - 1e-12


@UNHURRIED
@given(st.lists(st.floats(0.05, 1), min_size=3, max_size=3), st.integers(0, 30), st.integers(0, 40))
def test_the_range_holds_the_best_and_lies_within_the_ends(shares, k, number):
    lo, best, hi = sorted(shares)
    (held,) = reckon_counts([declared(number)], [count(seen(k), power=power(lo, best, hi))]).held
    for found, ends in ((held.above, (hi, best, lo)), (held.below, (lo, best, hi))):
        chance = chance_above if found is held.above else chance_below
        corners = [chance(number, k, share) for share in ends]
        assert corners[0] - 1e-9 <= found.lo <= found.best <= found.hi <= corners[2] + 1e-9
        assert found.best == pytest.approx(corners[1], abs=1e-9)


@UNHURRIED
@given(st.lists(st.floats(0.05, 1), min_size=5, max_size=5))
def test_a_wider_power_never_narrows_the_outer_bound(shares):
    least, lo, best, hi, most = sorted(shares)
    inner, outer = (
        reckon_counts([], [count(seen(8), power=power(*ends))]).numbers[0].outer
        for ends in ((lo, best, hi), (least, best, most))
    )
    assert outer.lo <= inner.lo <= inner.hi <= outer.hi


def test_a_count_that_is_no_exact_number_widens_the_range():
    exact, wide = (
        reckon_counts([declared(10)], [count(number, power=power(0.6, 0.6, 0.6))]).held[0].above
        for number in (seen(8), seen(6, 8, 9))
    )
    assert wide.lo < exact.lo == exact.hi < wide.hi
    assert wide.best == exact.best


def test_a_declared_range_is_exceeded_above_its_upper_end_and_missed_below_its_lower_one():
    (held,) = reckon_counts([declared(9, 12)], [count(seen(8), power=power(0.6, 0.6, 0.6))]).held
    assert held.above.best == pytest.approx(chance_above(12, 8, 0.6))
    assert held.below.best == pytest.approx(chance_below(9, 8, 0.6)) == pytest.approx(0.6**9)


def test_a_count_without_power_tells_only_that_more_were_counted_than_declared():
    (more,), (fewer,) = (reckon_counts([declared(10)], [count(seen(k))]).held for k in (12, 8))
    assert more.above is fewer.above is None
    assert more.says[0] == "12 counted is more than the 10 declared, however many the count missed."
    assert "the power of the count is not stated" in fewer.says[0]
    assert "nothing follows" in fewer.says[0]


def test_a_count_from_after_the_declaration_is_said_so_and_one_of_its_day_is_not():
    """Whenever the two times do not overlap."""
    after, same = (
        reckon_counts([declared(10, made=made)], [count(seen(8), power=power(0.9, 0.9, 0.9))]).held[0].says
        for made in (date(2001, 1, 1), DAY)
    )
    assert after == (
        "The count is of 2021-06-25, after the declaration of 2001-01-01: the number may have changed between them.",
    )
    assert same == ()


def test_a_count_from_before_the_declaration_or_of_no_known_day_is_said_so():
    given_power = {"power": power(0.9, 0.9, 0.9)}
    before, unknown = (
        reckon_counts([declared(10, made=date(2021, 7, 1))], [count(seen(8), on=on, **given_power)]).held[0].says
        for on in (DAY, None)
    )
    assert before == (
        "The count is of 2021-06-25, before the declaration of 2021-07-01: the number may have changed between them.",
    )
    assert "day of the count is not known" in unknown[0]


# --- Scope


def test_a_count_of_another_scope_is_held_against_no_declaration_and_it_is_said_why():
    found = reckon_counts(
        [declared(10)], [count(seen(30), "far", scope="in the region"), count(seen(9), "x", scope=None)]
    )
    assert found.held == ()
    assert found.notes[0] == (
        "The count of 30 by team far is held against no declaration: its scope is “in the region”, what is declared is "
        "of “at the base”."
    )
    assert "its source does not state the scope" in found.notes[1]


def test_capitals_and_blanks_make_no_other_scope():
    assert len(reckon_counts([declared(10)], [count(seen(8), scope="At  the Base")]).held) == 1


def test_silos_of_three_scopes_are_no_conflict_once_scope_is_told():
    """One team had 119, 120 and 144 within days."""
    scopes = ("domes over silos being built", "silos being built, with or without a dome", "silos of both fields")
    silos = [
        count(seen(n), str(n), scope=scope, what="silos", by="one team")
        for n, scope in zip((119, 120, 144), scopes, strict=True)
    ]
    (said,) = reckon_counts([], silos).comparisons
    assert said.apart is Apart.SCOPE
    assert said.says.endswith("are of 3 scopes: across scopes nothing is compared, and nothing conflicts.")
    assert all(str(n) in said.says for n in (119, 120, 144))
    unscoped = [one.model_copy(update={"scope": None}) for one in silos]
    assert {one.apart for one in reckon_counts([], unscoped).comparisons} == {Apart.UNTOLD}
    same = [one.model_copy(update={"scope": "silos"}) for one in silos]
    assert {one.apart for one in reckon_counts([], same).comparisons} == {Apart.AGREE}
    whole = [one.model_copy(update={"power": power(1, 1, 1)}) for one in same]
    assert {one.apart for one in reckon_counts([], whole).comparisons} == {Apart.COUNT}


def test_remains_of_no_stated_scope_cannot_be_told_apart_and_the_source_that_would_settle_it_is_named():
    """Reports of one day had 54 and 55."""
    remains = [
        count(seen(54), "a", scope=None, by="a spokesman", settled_by="the laboratory's list of boxes"),
        count(seen(55), "b", scope=None, by="an official"),
    ]
    (said,) = reckon_counts([], remains).comparisons
    assert (said.apart, said.says) == (
        Apart.UNTOLD,
        "54 (a spokesman) and 55 (an official): whether they differ by count or by scope cannot be told apart, since "
        "a spokesman and an official do not state the scope. What would settle it: the laboratory's list of boxes.",
    )
    (unnamed,) = reckon_counts([], [one.model_copy(update={"settled_by": None}) for one in remains]).comparisons
    assert unnamed.says.endswith(
        "The case names nothing that would settle it; a source that states the scope of both would."
    )


@pytest.mark.parametrize(
    ("first", "second", "apart", "part"),
    [
        ({}, {"on": date(2021, 7, 1)}, Apart.TIME, "may have changed between them. No conflict."),
        ({}, {"on": None}, Apart.UNTOLD, "by count or by time cannot be told apart, since the days are not both known"),
        ({"scope": None}, {"on": date(2021, 7, 1)}, Apart.UNTOLD, "by count, by scope or by time"),
        ({}, {}, Apart.AGREE, "can both hold: the power of the lower count (team a) is not stated"),
        ({"power": power(0.3, 0.4, 0.5)}, {}, Apart.AGREE, "agree."),
        ({"power": power(0.3, 0.4, 0.5), "scope": None}, {}, Apart.AGREE, "as far as can be told: team a does not"),
        ({"power": power(0.99, 0.99, 0.99)}, {}, Apart.COUNT, "time and differ by more than their 90 % intervals."),
        ({"power": power(0.9, 0.95, 1)}, {}, Apart.COUNT, "differ by more than their 90 % intervals."),
        ({"power": power(0.2, 0.9, 0.95)}, {}, Apart.AGREE, "agree."),
        ({"power": power(1, 1, 1)}, {}, Apart.COUNT, "are of one scope and time and cannot both hold."),
        ({}, {"power": power(1, 1, 1)}, Apart.AGREE, "agree."),
    ],
)  # fmt: skip
def test_two_counts_differ_by_time_by_count_or_by_what_nobody_can_tell(first, second, apart, part):
    (said,) = reckon_counts([], [count(seen(8), "a", **first), count(seen(20), "b", **second)]).comparisons
    assert said.apart is apart
    assert part in said.says


POWERS = st.none() | st.lists(st.floats(1e-4, 1), min_size=3, max_size=3).map(lambda ends: power(*sorted(ends)))


@UNHURRIED
@given(st.lists(st.integers(0, 200), min_size=3, max_size=3), POWERS, POWERS)
def test_equal_counts_of_one_scope_and_day_are_never_a_conflict(numbers, one, other):
    pair = [count(seen(*sorted(numbers)), slug, power=share) for slug, share in (("a", one), ("b", other))]
    (said,) = reckon_counts([], pair).comparisons
    assert said.apart is Apart.AGREE
    assert "cannot both hold" not in said.says


def test_equal_counts_of_unlike_powers_are_told_to_differ_by_their_powers_alone():
    pair = [count(seen(8), slug, power=power(*[share] * 3)) for slug, share in (("a", 0.1), ("b", 1))]
    (said,) = reckon_counts([], pair).comparisons
    assert said.says.endswith("that is a matter of the powers, not of what was counted.")


@UNHURRIED
@given(st.permutations([(8, "x", DAY), (9, "x", None), (30, None, DAY), (8, "y", DAY)]))
def test_the_order_of_the_counts_changes_no_finding(order):
    counts = [count(seen(n), f"c{n}{scope}{on}".lower(), scope=scope, on=on) for n, scope, on in order]
    by_slug = {one.id: one.slug for one in counts}
    found = {(frozenset(by_slug[i] for i in c.estimates), c.apart) for c in reckon_counts([], counts).comparisons}
    sorted_counts = sorted(counts, key=lambda one: one.slug)
    again = {
        (frozenset(by_slug[i] for i in c.estimates), c.apart) for c in reckon_counts([], sorted_counts).comparisons
    }
    assert found == again
