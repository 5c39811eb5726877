"""Claims side by side: conflict, update, drift and agreement, which are four different things.

A conflict sets two independent roots against each other; an update is one chain that says something new; a drift is a
retelling that is surer than its root or says something else; claims of different scope are none of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import product

from sitewatch.read.drift import SAME, drifts
from sitewatch.read.fingerprint import stem
from sitewatch.read.match import (
    Side,
    Words,
    counted_as,
    disjoint,
    independent,
    is_given,
    published_within,
    quoted,
    same_measure,
    same_place,
    same_time,
    sides,
    voice,
)
from sitewatch.read.modality import STRENGTH
from sitewatch.read.pairs import Agreement, Conflict, Drift, Related, Update
from sitewatch.records import Claim, Item, Lineage, Modality, Place, Quantity, roots_of, stories_of

__all__ = ["Agreement", "Conflict", "Drift", "Update", "compare"]

_ALIKE = 0.3
"""Overlap of telling words of two independent reports, where place, time and what is counted must agree besides."""
_DAYS = 7
"""Reports farther apart may speak of different states of the thing."""


def compare(
    claims: Iterable[Claim], *, items: Iterable[Item], lineage: Iterable[Lineage], places: Sequence[Place] = ()
) -> list[Related]:
    """Set claims side by side, across the items they stand in.

    Args:
        claims: claims of the items.
        items: the reports; their texts give the words that are matched.
        lineage: which report has its content from which.
        places: the case's places, whose stated nature a retelling may drift from.

    Returns:
        Drifts of each retelling from its root, then conflicts, updates and agreements, one for each pair of roots and
        each thing that is counted or denied.
    """
    known = {i.id: i for i in items}
    edges = [e for e in lineage if e.child in known and e.parent in known]
    roots = _roots(known, edges)
    # A nested claim says again what the one around it says; who declines to speak says nothing to compare.
    among = [s for s in sides(claims, known, roots) if not s.claim.parent and s.claim.modality is not Modality.DECLINED]
    words = Words(among)
    names = frozenset(stem(w) for p in places for n in (p.name, *p.aliases) for w in re.findall(r"[^\W\d_]+", n))
    return [*drifts(among, words, places), *_across(among, words, names)]


def _roots(known: dict[str, Item], edges: Sequence[Lineage]) -> dict[str, frozenset[str]]:
    """The ends of each item's chains of retelling; reports that retell each other in a circle have the first told."""
    first = {member: story.items[0] for story in stories_of(known.values(), edges) for member in story.items}
    return {i: frozenset(roots_of(i, edges) or (first[i],)) for i in known}


def _across(among: Sequence[Side], words: Words, names: frozenset[str]) -> Iterator[Related]:
    """Conflicts, updates and agreements: for each pair of roots and each measure, the claims nearest to the roots."""
    outlets = frozenset(s.outlet.lower() for s in among)
    best: dict[tuple[object, ...], tuple[tuple[object, ...], Related]] = {}
    for first, second in _comparable(among, words):
        a, b = sorted((first, second), key=_told)
        for key, related in _between(a, b, words, outlets, names):
            rank = (
                _distance(first) + _distance(second),
                -words.overlap(first, second),
                first.claim.span,
                second.claim.span,
            )
            if key not in best or rank < best[key][0]:
                best[key] = (rank, related)
    order = (Conflict, Update, Agreement)
    yield from sorted((r for _, r in best.values()), key=lambda r: order.index(type(r)))


def _comparable(among: Sequence[Side], words: Words) -> Iterator[tuple[Side, Side]]:
    """Like claims of different items, of which both count something or the first denies."""
    counted = [s for s in among if s.claim.quantities]
    denied = [s for s in among if s.claim.modality is Modality.DENIED]
    both = ((counted[n], counted[m]) for n, m in words.alike(counted, counted, _ALIKE) if n < m)
    against = ((denied[n], among[m]) for n, m in words.alike(denied, among, _ALIKE))
    for first, second in (*both, *against):
        if first.item.id != second.item.id and same_place(first, second):
            yield first, second


def _between(
    a: Side, b: Side, words: Words, outlets: frozenset[str], names: frozenset[str]
) -> Iterator[tuple[tuple[object, ...], Related]]:
    """What two claims of different items are to each other, with the key under which only one such pair is kept."""
    pair = frozenset((a.roots, b.roots))
    if independent(a, b, outlets) and published_within(a, b, _DAYS) and same_time(a, b):
        if _denies(a, b) and words.overlap(a, b) >= SAME and not _distance(a) + _distance(b):
            first, second = (f"{voice(s)} has it as “{s.claim.modality}”: {quoted(s)}" for s in (a, b))
            says = f"{first}; {second}."
            denied = next(s.claim.id for s in (a, b) if s.claim.modality is Modality.DENIED)
            yield ("denial", denied), Conflict(a.claim, b.claim, "denial", says)
        for x, y in _common(a, b, names):
            made: Callable[..., Related] = Conflict if disjoint(x, y) else Agreement
            verb = "against" if made is Conflict else "beside"
            says = f"{voice(a)} has {x.text!r}, {verb} {y.text!r} from {voice(b)}."
            yield (pair, frozenset(((x.lo, x.hi), (y.lo, y.hi)))), made(a.claim, b.claim, counted_as(x), says, x, y)
    elif _one_chain(a, b) and _told(a) < _told(b):
        for x, y in _common(a, b, names):
            if disjoint(x, y):
                says = f"{voice(a)} had {x.text!r} and later {y.text!r}."
                yield (a.item.id, b.item.id, x.attribute), Update(a.claim, b.claim, counted_as(x), says, x, y)


def _denies(a: Side, b: Side) -> bool:
    """True where one of two claims denies and the other does not."""
    denied = [s.claim.modality is Modality.DENIED for s in (a, b)]
    strength = max(STRENGTH[s.claim.modality] for s in (a, b))
    return denied.count(True) == 1 and strength >= STRENGTH[Modality.POSSIBLE]


def _common(a: Side, b: Side, names: frozenset[str]) -> list[tuple[Quantity, Quantity]]:
    """Quantities of one measure, where each side has just one of it: of several, nobody can tell which is meant.

    The claims must share a word besides the place's name and what is counted: trucks at a gate are not trucks on sale.
    """
    found = [x for x in a.claim.quantities if not is_given(a, x)], [y for y in b.claim.quantities if not is_given(b, y)]
    pairs = [(x, y) for x, y in product(*found) if same_measure(a, x, b, y)]
    single = [p for p in pairs if sum(o[0] is p[0] for o in pairs) == 1 and sum(o[1] is p[1] for o in pairs) == 1]
    return [(x, y) for x, y in single if (a.stems & b.stems) - names - {stem(x.attribute), stem(y.attribute)}]


def _one_chain(a: Side, b: Side) -> bool:
    """True where both have it from the same first holder through the same outlet."""
    first, second = a.claim.chain, b.claim.chain
    return (
        bool(first)
        and bool(second)
        and first[0].name.lower() == second[0].name.lower()
        and a.item.outlet == b.item.outlet
    )


def _distance(side: Side) -> int:
    """0 in a root itself, 1 in a retelling."""
    return int(side.item.id not in side.roots)


def _told(side: Side) -> tuple[bool, object, str]:
    """By publication, undated ones last."""
    earliest = side.item.published.earliest
    return earliest is None, earliest.timestamp() if earliest else 0.0, side.item.id
