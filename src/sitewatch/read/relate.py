"""Claims side by side: conflict, update, drift and agreement, which are four different things.

A conflict sets two independent roots against each other; an update is one chain that says something new; a drift is a
retelling that is surer than its root or says something else; claims of different scope are none of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import ClassVar, Literal

from sitewatch.read.match import (
    Side,
    Words,
    apart,
    disjoint,
    independent,
    is_given,
    published_within,
    same_measure,
    same_place,
    same_time,
    sides,
)
from sitewatch.read.modality import STRENGTH
from sitewatch.read.places import Nature, mentions, natures
from sitewatch.records import Claim, Item, Lineage, Modality, Place, Quantity, Range, Relation, roots_of

_SAME = 0.45
"""Overlap of telling words from which a retelling's claim is the root's."""
_ALIKE = 0.3
"""The same between two independent reports, where place, time and what is counted must agree besides."""
_NEAR = 0.8
"""Claims of the root that overlap nearly as much as the best one count as meant too."""
_DAYS = 7
"""Reports farther apart may speak of different states of the thing."""


_WHOLE = re.compile(
    r"\b(?:completely|entirely|fully|totally|wholly|utterly|all of|wiped (?:off|out)|nothing (?:is )?left)\b",
    re.IGNORECASE,
)
_PART = re.compile(
    r"\b(?:part(?:s|ly|ially)?|portions?|some of|sections?|half|thirds?|quarters?|pieces?|begun|began|start(?:s|ed)?)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class _Pair:
    """Two claims, what about them is compared, and both values in a sentence."""

    a: Claim
    b: Claim
    about: str
    says: str
    a_value: Quantity | None = None
    b_value: Quantity | None = None


class _Recorded(_Pair):
    """A pair that the ledger keeps."""

    relation: ClassVar[Literal["conflict", "update", "drift"]]

    def record(self) -> Relation:
        """The pair as a record, available from the day on which both claims are."""
        known = [c.available_at for c in (self.a, self.b)]
        return Relation(
            available_at=max(k for k in known if k) if all(known) else None,
            relation=self.relation,
            a=self.a.id,
            b=self.b.id,
            about=self.about,
            says=self.says,
            a_value=_range(self.a_value),
            b_value=_range(self.b_value),
        )


class Conflict(_Recorded):
    """Two independent roots say what cannot both be so."""

    relation = "conflict"


class Update(_Recorded):
    """One chain says something new of the same thing; `a` is the earlier."""

    relation = "update"


class Drift(_Recorded):
    """A retelling (`b`) is surer than its root (`a`), or says something else."""

    relation = "drift"


class Agreement(_Pair):
    """Two independent roots give values that can both be so."""


Related = Conflict | Update | Drift | Agreement


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
    roots = {i: frozenset(roots_of(i, edges)) for i in known}
    # A nested claim says again what the one around it says; who declines to speak says nothing to compare.
    among = [s for s in sides(claims, known, roots) if not s.claim.parent and s.claim.modality is not Modality.DECLINED]
    words = Words(among)
    return [*_drifts(among, words, places), *_across(among, words)]


def _range(value: Quantity | None) -> Range | None:
    if value is None or value.hi is None:
        return None
    return Range(lo=value.lo, best=(value.lo + value.hi) / 2, hi=value.hi, origin=value.text)


# --- drift ----------------------------------------------------------------------------------------------------------


def _drifts(among: Sequence[Side], words: Words, places: Sequence[Place]) -> Iterator[Drift]:
    """Compare each retelling with the root that it goes back to; each kind of drift is told once for each claim of the root."""
    by_item: dict[str, list[Side]] = {}
    for side in among:
        by_item.setdefault(side.item.id, []).append(side)
    for item, children in by_item.items():
        for root in sorted(children[0].roots - {item}):
            told = by_item.get(root, [])
            yield from _once(_hedges(told, children, words))
            yield from _once(_numbers(told, children, words))
            yield from _once(_dates(told, children, words))
            yield from _once(_extents(told, children, words))
            yield from _once(_natures(told, children, places))


def _once(found: Iterable[Drift]) -> Iterator[Drift]:
    seen: set[tuple[str, str]] = set()
    for one in found:
        if not seen & {(one.about, one.a.id), (one.about, one.b.id)}:
            seen |= {(one.about, one.a.id), (one.about, one.b.id)}
            yield one


def _matched(told: Sequence[Side], children: Sequence[Side], words: Words) -> Iterator[tuple[Side, Side]]:
    """Each claim of a retelling with the root's claim that it is most like, the most alike first."""
    pairs = ((words.overlap(a, b), words.likeness(a, b), a, b) for b in children for a in told if same_place(a, b))
    for overlap, _, a, b in sorted(pairs, key=lambda p: (-p[0] - p[1], p[2].claim.span, p[3].claim.span)):
        if overlap >= _SAME:
            yield a, b


def _hedges(told: Sequence[Side], children: Sequence[Side], words: Words) -> Iterator[Drift]:
    """A claim that is stronger than every claim of the root that it can stand for.

    An assessment that is still told as somebody's is no drift: the reader sees whose it is.
    """
    matched = list(_matched(told, children, words))
    for a, b in matched:
        if a.claim.modality is Modality.DENIED or (a.claim.modality is Modality.ASSESSED and b.claim.source_spans):
            continue
        rivals = [
            (words.overlap(x, y) + words.likeness(x, y), STRENGTH[x.claim.modality]) for x, y in matched if y is b
        ]
        strongest = max(strength for near, strength in rivals if near >= _NEAR * max(rivals)[0])
        if STRENGTH[a.claim.modality] <= strongest < STRENGTH[b.claim.modality]:
            yield Drift(
                a.claim,
                b.claim,
                "hedge",
                f"{_voice(a)} has it as {a.claim.modality}: {_quoted(a)}; {_voice(b)} has it as {b.claim.modality}: {_quoted(b)}.",
            )


def _numbers(told: Sequence[Side], children: Sequence[Side], words: Words) -> Iterator[Drift]:
    """A number of the retelling that fits none of the root's numbers for the same thing."""
    for a, b in _matched(told, children, words):
        for y in b.claim.quantities:
            against = [x for x in a.claim.quantities if same_measure(a, x, b, y)]
            elsewhere = [x for s in told for x in s.claim.quantities if same_measure(s, x, b, y) and _kept(x, y)]
            if against and not elsewhere:
                x = against[0]
                says = f"{_voice(a)} has {x.text!r}, {_voice(b)} has {y.text!r}."
                yield Drift(a.claim, b.claim, "number", says, x, y)


def _kept(x: Quantity, y: Quantity) -> bool:
    """True where a retold number is no stronger than the root's: as wide or wider, or the round number of an "about"."""
    wider = y.lo <= x.lo and (y.hi is None or (x.hi is not None and x.hi <= y.hi))
    rounded = x.hi is not None and not disjoint(x, y) and x.hi - x.lo <= 0.25 * x.lo
    return wider or rounded


def _dates(told: Sequence[Side], children: Sequence[Side], words: Words) -> Iterator[Drift]:
    """A date of the retelling that fits none of the root's claims that it can stand for."""
    matched = [(a, b) for a, b in _matched(told, children, words) if _is_day(b.claim)]
    for a, b in matched:
        dated = [x for x, y in matched if y is b and (x.time.earliest or x.time.latest)]
        if dated and dated[0] is a and all(apart(x.time, b.claim.time) for x in dated):
            yield Drift(
                a.claim, b.claim, "date", f"{_voice(a)} dates it {a.time}, {_voice(b)} {b.claim.time}: {_quoted(b)}."
            )


def _extents(told: Sequence[Side], children: Sequence[Side], words: Words) -> Iterator[Drift]:
    """ "Completely demolished" for what the root says was partly taken down."""
    parts = [s for s in told if _PART.search(s.claim.quote)]
    if any(_WHOLE.search(s.claim.quote) for s in told):
        return
    for b in (s for s in children if _WHOLE.search(s.claim.quote)):
        a = max(parts, key=lambda s: words.overlap(s, b), default=None)
        if a is not None and same_place(a, b) and words.overlap(a, b):
            yield Drift(
                a.claim,
                b.claim,
                "extent",
                f"{_voice(a)} tells of a part: {_quoted(a)}; {_voice(b)} of the whole: {_quoted(b)}.",
            )


def _is_day(claim: Claim) -> bool:
    """True for a time told to within a month; "last year" may well be meant of something else."""
    first, last = claim.time.earliest, claim.time.latest
    return first is not None and last is not None and (last - first).days <= 31


def _natures(told: Sequence[Side], children: Sequence[Side], places: Sequence[Place]) -> Iterator[Drift]:
    """A retelling that makes another kind of place of a site than the root, and the case, do."""
    for place in places:
        families = {n.family for n in natures(place.nature or "")}
        named = [(s, n) for s in told for n in _natures_of(s, place)]
        families |= {n.family for _, n in named}
        about = named[0] if named else next(((s, None) for s in told if place.site in s.claim.places), None)
        for side in children:
            for nature in _natures_of(side, place):
                if about is not None and families and nature.family not in families:
                    was = (about[1].words if about[1] else None) or place.nature or "another kind of place"
                    says = f"{place.name} is a {was} for {_voice(about[0])}, a {nature.words} for {_voice(side)}: {_quoted(side)}."
                    yield Drift(about[0].claim, side.claim, "nature", says)


def _natures_of(side: Side, place: Place) -> list[Nature]:
    """Kinds of place that a claim gives to one place: beside its name, or by "the …" where it is what is spoken of."""
    if place.site not in side.claim.places:
        return []
    text = side.claim.quote
    named = mentions(text, [place])
    return [n for n in natures(text) if any(_beside(text, m.start, m.end, n) for m in named) or n.functional]


def _beside(text: str, start: int, end: int, nature: Nature) -> bool:
    """True where a kind stands right beside a name: "Sohae launch site", "the launch site at Sohae", "Sohae, a launch site"."""
    between = text[end : nature.start] if nature.start >= end else text[nature.end : start]
    return len(between.split()) <= 3 and not set(between) & set('.;:!?"“”')


# --- across independent roots ---------------------------------------------------------------------------------------


def _across(among: Sequence[Side], words: Words) -> Iterator[Related]:
    """Conflicts, updates and agreements: for each pair of roots and each measure, the claims nearest to the roots."""
    outlets = frozenset(s.outlet.lower() for s in among)
    counted = [s for s in among if s.claim.quantities]
    denied = [s for s in among if s.claim.modality is Modality.DENIED]
    best: dict[tuple[object, ...], tuple[tuple[object, ...], Related]] = {}
    for first, second in (*combinations(counted, 2), *product(denied, among)):
        if first.item.id == second.item.id or not same_place(first, second) or words.overlap(first, second) < _ALIKE:
            continue
        for key, related in _between(*sorted((first, second), key=_told), words, outlets):
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


def _between(a: Side, b: Side, words: Words, outlets: frozenset[str]) -> Iterator[tuple[tuple[object, ...], Related]]:
    """What two claims of different items are to each other, with the key under which only one such pair is kept."""
    pair = frozenset((a.roots, b.roots))
    if independent(a, b, outlets) and published_within(a, b, _DAYS) and same_time(a, b):
        if _denies(a, b) and words.overlap(a, b) >= _SAME and not _distance(a) + _distance(b):
            says = f"{_voice(a)} has it as {a.claim.modality}: {_quoted(a)}; {_voice(b)} as {b.claim.modality}: {_quoted(b)}."
            denied = next(s.claim.id for s in (a, b) if s.claim.modality is Modality.DENIED)
            yield ("denial", denied), Conflict(a.claim, b.claim, "denial", says)
        for x, y in _common(a, b):
            made: Callable[..., Related] = Conflict if disjoint(x, y) else Agreement
            verb = "against" if made is Conflict else "beside"
            says = f"{_voice(a)} has {x.text!r}, {verb} {y.text!r} from {_voice(b)}."
            yield (pair, frozenset(((x.lo, x.hi), (y.lo, y.hi)))), made(a.claim, b.claim, x.attribute, says, x, y)
    elif _one_chain(a, b) and _told(a) < _told(b):
        for x, y in _common(a, b):
            if disjoint(x, y):
                says = f"{_voice(a)} had {x.text!r} and later {y.text!r}."
                yield (a.item.id, b.item.id, x.attribute), Update(a.claim, b.claim, x.attribute, says, x, y)


def _denies(a: Side, b: Side) -> bool:
    """True where one of two claims denies and the other does not."""
    denied = [s.claim.modality is Modality.DENIED for s in (a, b)]
    strength = max(STRENGTH[s.claim.modality] for s in (a, b))
    return denied.count(True) == 1 and strength >= STRENGTH[Modality.POSSIBLE]


def _common(a: Side, b: Side) -> list[tuple[Quantity, Quantity]]:
    """Quantities of one measure, where each side has just one of it: of several, nobody can tell which is meant."""
    found = [x for x in a.claim.quantities if not is_given(a, x)], [y for y in b.claim.quantities if not is_given(b, y)]
    pairs = [(x, y) for x, y in product(*found) if same_measure(a, x, b, y)]
    return [(x, y) for x, y in pairs if sum(p[0] is x for p in pairs) == 1 and sum(p[1] is y for p in pairs) == 1]


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


def _voice(side: Side) -> str:
    """Whose claim it is: the outlet, and from whom it has it."""
    first = side.claim.chain[0].name if len(side.claim.chain) > 1 else None
    return f"{side.outlet} ({first})" if first and first != side.outlet else side.outlet


def _quoted(side: Side, longest: int = 160) -> str:
    words = " ".join(side.claim.quote.split())
    return f"“{words if len(words) <= longest else words[: words.rfind(' ', 0, longest)] + ' …'}”"
