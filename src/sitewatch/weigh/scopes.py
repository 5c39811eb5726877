"""Two counts of one thing: whether they differ by scope, by time or by count, or nobody can tell by which."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from sitewatch.records import Range, When
from sitewatch.records.counts import Apart, Comparison, Estimate, same_words

_BY_POWER = (
    " The true numbers that their powers give differ by more than their 90 % intervals: that is a matter of the "
    "powers, not of what was counted."
)


def compared(estimates: Sequence[Estimate], numbers: Mapping[str, Range]) -> Iterator[Comparison]:
    """Counts side by side: those of different scope in one sentence, each pair that could be of one scope in its own.

    Args:
        estimates: counts of one thing at one place.
        numbers: the outer bounds of the true number behind a count, by its id; a count that has none bounds the true
            number from below only.
    """
    scopes = {same_words(one.scope): one for one in estimates if one.scope is not None}
    scoped = [one for one in estimates if one.scope is not None]
    if len(scopes) > 1:
        told = _joined([_cited(one) for one in scoped])
        yield Comparison(
            estimates=tuple(one.id for one in scoped),
            apart=Apart.SCOPE,
            says=f"{told} are of {len(scopes)} scopes: across scopes nothing is compared, and nothing conflicts.",
        )
    for one, other in combinations(estimates, 2):
        if one.scope is None or other.scope is None or same_words(one.scope) == same_words(other.scope):
            apart, says = _pair(one, other, numbers)
            yield Comparison(estimates=(one.id, other.id), apart=apart, says=says)


def in_words(number: Range) -> str:
    """A count or a declared number: "8", "10 to 12", "10 (8 to 12)"."""
    if number.lo == number.hi:
        return f"{number.best:,g}"
    ends = f"{number.lo:,g} to {number.hi:,g}"
    return ends if number.best in (number.lo, number.hi) else f"{number.best:,g} ({ends})"


def _pair(one: Estimate, other: Estimate, numbers: Mapping[str, Range]) -> tuple[Apart, str]:
    both = f"{_cited(one)} and {_cited(other)}"
    unstated = [count.by for count in (one, other) if count.scope is None]
    besides = f", as far as can be told: {_do_not_state(unstated)}" if unstated else ""
    if _ends(one.seen) == _ends(other.seen):
        powers = "" if _meet(_bounds(one, numbers), _bounds(other, numbers)) else _BY_POWER
        return Apart.AGREE, f"{both} agree{besides}.{powers}"
    days = _days_apart(one.when, other.when)
    one_thing = not unstated and days is False
    bare = [count for count in (one, other) if count.id not in numbers]
    if len(bare) > 1 and not _meet(_ends(one.seen), _ends(other.seen)):
        if one_thing:
            return Apart.AGREE, f"{both} can both hold: {_least_only(one, other)}"
    elif _meet(_bounds(one, numbers), _bounds(other, numbers)):
        return Apart.AGREE, f"{both} agree{besides}."
    if not unstated and days:
        return Apart.TIME, f"{both} are of different days: the number may have changed between them. No conflict."
    if one_thing:
        differ = "cannot both hold" if _impossible(one, other) else "differ by more than their 90 % intervals"
        return Apart.COUNT, f"{both} are of one scope and time and {differ}."
    reasons = ["by count", *(["by scope"] if unstated else []), *(["by time"] if days is not False else [])]
    why = [
        *([_do_not_state(unstated)] if unstated else []),
        *(["the days are not both known"] if days is None else ["they are of different days"] if days else []),
    ]
    says = f"{both}: whether they differ {_joined(reasons, 'or')} cannot be told apart, since {_joined(why)}."
    return Apart.UNTOLD, f"{says} {_settled(one, other, bool(unstated))}"


def _settled(one: Estimate, other: Estimate, unstated: bool) -> str:
    named = list(dict.fromkeys(count.settled_by for count in (one, other) if count.settled_by))
    if named:
        return f"What would settle it: {_joined(named, 'or')}."
    lacks = "the scope of both" if unstated else "the day of both"
    return f"The case names nothing that would settle it; a source that states {lacks} would."


def _bounds(count: Estimate, numbers: Mapping[str, Range]) -> tuple[float, float]:
    """Lowest and highest true number behind a count; one of no stated power has no highest."""
    number = numbers.get(count.id)
    return (count.seen.lo, math.inf) if number is None else _ends(number)


def _ends(number: Range) -> tuple[float, float]:
    return number.lo, number.hi


def _meet(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]


def _impossible(one: Estimate, other: Estimate) -> bool:
    """Whether one of them counted more than there are by the other, which misses nothing at any power it may have."""
    return any(
        whole.power is not None and whole.power.lo >= 1 and more.seen.lo > whole.seen.hi
        for whole, more in ((one, other), (other, one))
    )


def _least_only(one: Estimate, other: Estimate) -> str:
    lower = min((one, other), key=lambda count: count.seen.hi)
    return f"the power of the lower count ({lower.by}) is not stated, so that it tells only the least there can be."


def _days_apart(one: When, other: When) -> bool | None:
    """Whether two times do not overlap; None where one of them is open."""
    ends = one.earliest, one.latest, other.earliest, other.latest
    if any(end is None for end in ends):
        return None
    first, last, from_other, to_other = (end for end in ends if end is not None)
    return last < from_other or to_other < first


def _do_not_state(by: Sequence[str]) -> str:
    names = _joined(list(dict.fromkeys(by)))
    return f"{names} {'does' if len(set(by)) == 1 else 'do'} not state the scope"


def _cited(estimate: Estimate) -> str:
    scope = f"“{estimate.scope}”, " if estimate.scope else ""
    return f"{in_words(estimate.seen)} ({scope}{estimate.by})"


def _joined(parts: Sequence[str], last: str = "and") -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {last} {parts[-1]}"
