"""Counts and declarations of one thing: scope first, then the true number behind a count, then declared against it.

With k seen at power q and a flat prior on the true number N, N - k is negative binomial: P(N | k, q) is
C(N, k) q^(k+1) (1 - q)^(N-k), since C(N, k) q^k (1 - q)^(N-k) sums to 1 / q over N. Nothing is taken to be counted
that is not there, and nothing twice: whoever doubts it gives `seen` a range.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import product

import numpy as np
from scipy.stats import beta, nbinom

from sitewatch.records import Probability, Range
from sitewatch.records.counts import CountsFound, Declaration, Estimate, Held, Numbered, same_words
from sitewatch.weigh.scopes import compared, in_words

ENDS = (0.05, 0.5, 0.95)
"""Of the interval of the true number."""
_NEARLY_ZERO = 1e-12


def true_number(seen: float, power: float) -> tuple[float, float, float]:
    """5 %, 50 % and 95 % points of the true number behind a count, with a flat prior on it.

    Args:
        seen: items counted, a whole number from 0 on.
        power: the share of those that are there which a count finds, above 0, up to 1.
    """
    lo, best, hi = (float(seen + nbinom.ppf(end, seen + 1, power)) for end in ENDS)
    return lo, best, hi


def chance_above(declared: float, seen: float, power: float) -> float:
    """P(true number > declared) behind a count, with a flat prior on it."""
    more = np.floor(declared) - seen
    return 1.0 if more < 0 else float(nbinom.sf(more, seen + 1, power))


def chance_below(declared: float, seen: float, power: float) -> float:
    """P(true number < declared) behind a count, with a flat prior on it."""
    return 1.0 - chance_above(np.ceil(declared) - 1, seen, power)


def reckon_counts(declarations: Sequence[Declaration], estimates: Sequence[Estimate]) -> CountsFound:
    """What the counts and declarations of one thing at one place say of each other."""
    first: Declaration | Estimate = declarations[0] if declarations else estimates[0]
    numbers = [found for one in estimates if (found := _numbered(one)) is not None]
    return CountsFound(
        what=first.what,
        site=first.site,
        numbers=tuple(numbers),
        held=tuple(
            _held(one, declared) for one, declared in product(estimates, declarations) if _of_one_scope(one, declared)
        ),
        comparisons=tuple(compared(estimates, {found.estimate: found.outer for found in numbers})),
        notes=tuple(_apart(declarations, estimates)),
    )


def _of_one_scope(estimate: Estimate, declared: Declaration) -> bool:
    return same_words(estimate.scope) == same_words(declared.scope)


def _numbered(estimate: Estimate) -> Numbered | None:
    power, seen = estimate.power, estimate.seen
    if power is None:
        return None
    lo, best, hi = true_number(seen.best, power.best)
    outer = true_number(seen.lo, power.hi)[0], true_number(seen.hi, power.lo)[2]
    return Numbered(
        estimate=estimate.id,
        number=Range(lo=lo, best=best, hi=hi, origin="90 % interval at the best power and count, flat prior"),
        outer=Range(
            lo=min(outer[0], lo), best=best, hi=max(outer[1], hi), origin="the same with power and count at their ends"
        ),
    )


def _held(estimate: Estimate, declared: Declaration) -> Held:
    power, seen, number = estimate.power, estimate.seen, declared.number
    says = list(_beside(estimate, declared))
    if power is None:
        return Held(estimate=estimate.id, declaration=declared.id, says=(_without_power(estimate, declared), *says))
    weak, strong = (_pert(power, end) for end in (ENDS[0], ENDS[-1]))
    above = [chance_above(number.hi, s, p) for s, p in ((seen.lo, strong), (seen.best, power.best), (seen.hi, weak))]
    below = [chance_below(number.lo, s, p) for s, p in ((seen.hi, weak), (seen.best, power.best), (seen.lo, strong))]
    return Held(
        estimate=estimate.id,
        declaration=declared.id,
        above=_probability(above),
        below=_probability(below),
        says=tuple(says),
    )


def _probability(values: Sequence[float]) -> Probability:
    """The lowest, best and highest of values that round-off may have put a hair out of order or of bounds."""
    lo, hi = (float(np.clip(end(values), 0, 1)) for end in (min, max))
    origin = "flat prior on the number; power from its 5 to its 95 % point, count from its lowest to its highest"
    return Probability(lo=lo, best=float(np.clip(values[1], lo, hi)), hi=hi, origin=origin)


def _pert(power: Probability, share: float) -> float:
    """A quantile of a power's PERT distribution (lambda 4; Malcolm and others 1959)."""
    width = power.hi - power.lo
    if width < _NEARLY_ZERO:
        return power.best
    alpha = 1 + 4 * (power.best - power.lo) / width
    found = float(power.lo + width * beta.ppf(share, alpha, 6 - alpha))
    return min(found, power.best) if share < ENDS[1] else max(found, power.best)


def _without_power(estimate: Estimate, declared: Declaration) -> str:
    seen, number = in_words(estimate.seen), in_words(declared.number)
    if estimate.seen.lo > declared.number.hi:
        return f"{seen} counted is more than the {number} declared, however many the count missed."
    return (
        f"{seen} counted, {number} declared: the power of the count is not stated, so that nobody can say how many "
        "it missed, and nothing follows."
    )


def _beside(estimate: Estimate, declared: Declaration) -> Iterator[str]:
    counted, made = estimate.when, declared.made
    if counted.latest and made.earliest and counted.latest < made.earliest:
        order = "before"
    elif counted.earliest and made.latest and made.latest < counted.earliest:
        order = "after"
    else:
        if counted.earliest is None or counted.latest is None:
            yield "The day of the count is not known: the number may have changed since the declaration, or before it."
        return
    yield f"The count is of {counted}, {order} the declaration of {made}: the number may have changed between them."


def _apart(declarations: Sequence[Declaration], estimates: Iterable[Estimate]) -> Iterator[str]:
    """Counts that are held against no declaration of the same thing, and why."""
    if not declarations:
        return
    declared = " or ".join(dict.fromkeys(f"“{one.scope}”" for one in declarations))
    for one in estimates:
        if one.scope is None:
            yield (
                f"The count of {in_words(one.seen)} by {one.by} is held against no declaration: its source does not "
                f"state the scope, and what is declared is of {declared}."
            )
        elif not any(_of_one_scope(one, other) for other in declarations):
            yield (
                f"The count of {in_words(one.seen)} by {one.by} is held against no declaration: its scope is "
                f"“{one.scope}”, what is declared is of {declared}."
            )
