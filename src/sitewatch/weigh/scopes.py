"""Two counts of one thing: whether they differ by scope, by time or by count, or nobody can tell by which."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from sitewatch.records import Range, When
from sitewatch.records.counts import Apart, Comparison, Estimate, same_words


def compared(estimates: Sequence[Estimate], numbers: Mapping[str, Range]) -> Iterator[Comparison]:
    """Counts side by side: those of different scope in one sentence, each pair that could be of one scope in its own.

    Args:
        estimates: counts of one thing at one place.
        numbers: the interval of the true number behind a count, by its id; the count itself where there is none.
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
    a, b = (numbers.get(count.id, count.seen) for count in (one, other))
    both = f"{_cited(one)} and {_cited(other)}"
    unstated = [count.by for count in (one, other) if count.scope is None]
    if a.lo <= b.hi and b.lo <= a.hi:
        besides = f", as far as can be told: {_do_not_state(unstated)}" if unstated else ""
        return Apart.AGREE, f"{both} agree{besides}."
    days = _days_apart(one.when, other.when)
    if not unstated and days:
        return Apart.TIME, f"{both} are of different days: the number may have changed between them. No conflict."
    if not unstated and days is False:
        return Apart.COUNT, f"{both} are of one scope and time and cannot both hold.{_missed(one, other)}"
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


def _missed(one: Estimate, other: Estimate) -> str:
    lower = min((one, other), key=lambda count: count.seen.best)
    return "" if lower.power else f" The power of the lower count ({lower.by}) is not stated: it may have missed some."


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
