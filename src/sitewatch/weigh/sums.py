"""Tallies that hang together: whether the parts can make the whole, and what the sums leave for a number nobody gave.

Each number is an interval, and each sum narrows the whole to what its parts can make and each part to what the whole
and the other parts leave, until nothing narrows any more (Waltz 1975; Davis 1987). Where an interval comes out empty,
the sum at which it does is named.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

from sitewatch.records import Tallied
from sitewatch.records.counts import SumFound, TallyFound

Bounds = tuple[float, float]
_ANY: Bounds = (0.0, math.inf)
_ROUNDS = 100
"""Of narrowing; fewer than it may take only leave an interval wider than it needs to be."""
_SLACK = 1e-9


def groups(tallies: Iterable[Tallied]) -> list[tuple[Tallied, ...]]:
    """The tallies that hang together by their parts, each group in order; a tally alone in none of them has no sum."""
    held = {tally.slug: tally for tally in tallies}
    group = {slug: {slug} for slug in held}
    for tally in held.values():
        for part in tally.parts:
            if part in held and group[part] is not group[tally.slug]:
                joint = group[tally.slug] | group[part]
                group.update(dict.fromkeys(joint, joint))
    firsts = dict.fromkeys(id(members) for members in group.values())
    by_id = {id(members): members for members in group.values()}
    return [tuple(tally for slug, tally in held.items() if slug in by_id[first]) for first in firsts]


def add_up(tallies: Sequence[Tallied]) -> TallyFound:
    """Whether numbers within the bounds told add up, and between which bounds each must then lie.

    Args:
        tallies: of one group; a part that is not among them is not known, and its sum is not judged.
    """
    held = {tally.slug: tally for tally in tallies}
    bounds = {slug: _told(tally) for slug, tally in held.items()}
    wholes = [tally for tally in tallies if tally.parts]
    known = [tally for tally in wholes if all(part in held for part in tally.parts)]
    broken = {tally.slug for tally in known if _narrowed(tally, {s: _told(t) for s, t in held.items()}) is None}
    if not broken:
        for _ in range(_ROUNDS):
            before = dict(bounds)
            for tally in known:
                narrower = _narrowed(tally, bounds)
                if narrower is None:
                    broken.add(tally.slug)
                    break
                bounds.update(narrower)
            if broken or bounds == before:
                break
    sums = tuple(_sum(tally, held, bounds, tally.slug in broken) for tally in wholes)
    told = [one.holds for one in sums]
    return TallyFound(
        holds=False if False in told else None if None in told or not told else True,
        sums=sums,
        bounds={slug: (lo, None if math.isinf(hi) else hi) for slug, (lo, hi) in bounds.items()},
    )


def _told(tally: Tallied) -> Bounds:
    return (tally.number.lo, tally.number.hi) if tally.number else _ANY


def _narrowed(tally: Tallied, bounds: Mapping[str, Bounds]) -> dict[str, Bounds] | None:
    """The bounds of a whole and of its parts that fit the sum; None where none do."""
    parts = {part: bounds[part] for part in tally.parts}
    low, high = sum(lo for lo, _ in parts.values()), sum(hi for _, hi in parts.values())
    whole = _both(bounds[tally.slug], (low, high))
    narrower = {tally.slug: whole}
    for part, (lo, hi) in parts.items():
        others = sum(h for other, (_, h) in parts.items() if other != part)
        most = max(bounds[tally.slug][1] - (low - lo), 0.0) if whole else 0.0
        least = bounds[tally.slug][0] - others if math.isfinite(others) else 0.0
        narrower[part] = _both((lo, hi), (max(least, 0.0), most))
    found = {slug: bound for slug, bound in narrower.items() if bound is not None}
    return found if len(found) == len(narrower) else None


def _both(one: Bounds, other: Bounds) -> Bounds | None:
    lo, hi = max(one[0], other[0]), min(one[1], other[1])
    return (lo, max(lo, hi)) if lo <= hi + _SLACK else None


def _sum(tally: Tallied, held: Mapping[str, Tallied], bounds: Mapping[str, Bounds], broken: bool) -> SumFound:
    absent = [part for part in tally.parts if part not in held]
    if absent:
        says = f"{_cited(tally)}: whether it is the sum of its parts is not assessable"
        return SumFound(whole=tally.id, holds=None, says=f"{says}, since {', '.join(absent)} is not known by that day.")
    parts = [held[part] for part in tally.parts]
    adding, whole = " and ".join(_cited(part) for part in parts), _cited(tally)
    if not broken:
        deduced = "".join(_deduced([tally, *parts], bounds))
        return SumFound(whole=tally.id, holds=True, says=f"{whole}: {adding}. The sum holds{deduced}.")
    made = (sum(_told(part)[0] for part in parts), sum(_told(part)[1] for part in parts))
    off = _off(_told(tally), made)
    if off is None:
        says = f"{whole}: {adding}. The sum holds by itself, and cannot hold beside the other sums of these tallies."
    else:
        says = f"{whole}: {adding}. That is a contradiction: the parts make {_number(made)}, {off}."
    return SumFound(whole=tally.id, holds=False, says=says)


def _off(whole: Bounds, made: Bounds) -> str | None:
    """By how much the parts miss the whole; None where they can make it."""
    if made[1] < whole[0] - _SLACK:
        return f"at least {whole[0] - made[1]:g} too few"
    if made[0] > whole[1] + _SLACK:
        return f"at least {made[0] - whole[1]:g} too many"
    return None


def _deduced(tallies: Iterable[Tallied], bounds: Mapping[str, Bounds]) -> Iterator[str]:
    """What the sums leave for the numbers that nobody gave."""
    for tally in tallies:
        if tally.number is None:
            yield f"; it leaves {_number(bounds[tally.slug])} for “{tally.what}”"


def _cited(tally: Tallied) -> str:
    return f"{tally.what} ({_number(_told(tally))})"


def _number(bounds: Bounds) -> str:
    lo, hi = bounds
    if math.isinf(hi):
        return f"at least {lo:,g}" if lo else "not told"
    return f"{lo:,g}" if lo == hi else f"{lo:,g} to {hi:,g}"
