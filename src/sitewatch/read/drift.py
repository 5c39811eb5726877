"""Drift: where a retelling is surer than its root, or says something else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from sitewatch.read.match import Side, Words, apart, disjoint, quoted, same_measure, same_place, voice
from sitewatch.read.modality import STRENGTH
from sitewatch.read.pairs import Drift
from sitewatch.read.places import Nature, mentions, natures
from sitewatch.records import Claim, Modality, Place, Quantity

SAME = 0.45
"""Overlap of telling words from which a retelling's claim is the root's."""
_NEAR = 0.8
"""Claims of the root that overlap nearly as much as the best one count as meant too."""
_WHOLE = re.compile(
    r"\b(?:completely|entirely|fully|totally|wholly|utterly|all of|wiped (?:off|out)|nothing (?:is )?left)\b",
    re.IGNORECASE,
)
_PART = re.compile(
    r"\b(?:part(?:s|ly|ially)?|portions?|some of|sections?|half|thirds?|quarters?|pieces?|beg[au]n|start(?:s|ed)?)\b",
    re.IGNORECASE,
)

_GONE = re.compile(
    r"\b(?:gone|without|no longer|missing|removed|razed|wiped (?:off|out)|"
    r"demolished|destroyed|dismantled|(?:torn|taken|pulled) down)\b",
    re.IGNORECASE,
)
_BACK = re.compile(
    r"\b(?:re(?:built|stored|assembled|installed)|put back|back in place|in place again)\b", re.IGNORECASE
)
_OF_ONE_STATE = 0.3
"""Overlap of telling words from which two claims that tell the same state of a thing may be of one thing."""


def drifts(among: Sequence[Side], words: Words, places: Sequence[Place]) -> Iterator[Drift]:
    """Compare each retelling with its root; each kind of drift is told once for each claim of either."""
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
        if overlap >= SAME:
            yield a, b


def _states(side: Side) -> frozenset[str]:
    """What a claim tells of a thing: that it is gone, gone in part, or there again."""
    told = {"gone": _GONE, "part": _PART, "back": _BACK}
    return frozenset(state for state, words in told.items() if words.search(side.claim.quote))


def _same_state(told: Sequence[Side], b: Side, words: Words) -> list[Side]:
    """The root's claims that a claim can stand for, the most alike first.

    A root that tells how a thing stood on several days has a claim for each; one that tells the state that the
    retelling tells is meant rather than one that is merely worded like it.
    """
    near = [(words.overlap(a, b), a) for a in told if same_place(a, b)]
    near.sort(key=lambda n: (-n[0] - words.likeness(n[1], b), n[1].claim.span))
    one_state = [a for overlap, a in near if overlap >= _OF_ONE_STATE and _states(a) & _states(b)]
    return one_state or [a for overlap, a in near if overlap >= SAME]


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
                f"{voice(a)} has it as “{a.claim.modality}”: {quoted(a)}; "
                f"{voice(b)} has it as “{b.claim.modality}”: {quoted(b)}.",
            )


def _numbers(told: Sequence[Side], children: Sequence[Side], words: Words) -> Iterator[Drift]:
    """A number of the retelling that fits none of the root's numbers for the same thing."""
    for a, b in _matched(told, children, words):
        for y in b.claim.quantities:
            against = [x for x in a.claim.quantities if same_measure(a, x, b, y)]
            elsewhere = [x for s in told for x in s.claim.quantities if same_measure(s, x, b, y) and _kept(x, y)]
            if against and not elsewhere:
                x = against[0]
                says = f"{voice(a)} has {x.text!r}, {voice(b)} has {y.text!r}."
                yield Drift(a.claim, b.claim, "number", says, x, y)


def _kept(x: Quantity, y: Quantity) -> bool:
    """True where a retold number is no stronger than the root's: as wide or wider, or the round one of an "about"."""
    wider = y.lo <= x.lo and (y.hi is None or (x.hi is not None and x.hi <= y.hi))
    rounded = x.hi is not None and not disjoint(x, y) and x.hi - x.lo <= 0.25 * x.lo
    return wider or rounded


def _dates(told: Sequence[Side], children: Sequence[Side], words: Words) -> Iterator[Drift]:
    """A date of the retelling that fits none of the root's claims that it can stand for."""
    for b in (s for s in children if _is_day(s.claim)):
        dated = [a for a in _same_state(told, b, words) if a.time.earliest or a.time.latest]
        if dated and all(apart(a.time, b.claim.time) for a in dated):
            a = dated[0]
            yield Drift(
                a.claim, b.claim, "date", f"{voice(a)} dates it {a.time}, {voice(b)} {b.claim.time}: {quoted(b)}."
            )


def _extents(told: Sequence[Side], children: Sequence[Side], words: Words) -> Iterator[Drift]:
    """ "Completely demolished" for what the root says was partly taken down."""
    parts = [s for s in told if _PART.search(s.claim.quote)]
    if any(_WHOLE.search(s.claim.quote) for s in told):
        return
    for b in (s for s in children if _WHOLE.search(s.claim.quote)):
        near = [
            a for a in parts if same_place(a, b) and (words.overlap(a, b) or (_gone_alike(a, b) and a.stems & b.stems))
        ]
        if near:
            a = max(near, key=lambda s: (_gone_alike(s, b), words.overlap(s, b), words.likeness(s, b)))
            yield Drift(
                a.claim,
                b.claim,
                "extent",
                f"{voice(a)} tells of a part: {quoted(a)}; {voice(b)} of the whole: {quoted(b)}.",
            )


def _gone_alike(a: Side, b: Side) -> bool:
    return "gone" in _states(a) & _states(b)


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
                    kinds = f"a {was} for {voice(about[0])}, a {nature.words} for {voice(side)}"
                    says = f"{place.name} is {kinds}: {quoted(side)}."
                    yield Drift(about[0].claim, side.claim, "nature", says)


def _natures_of(side: Side, place: Place) -> list[Nature]:
    """Kinds of place that a claim gives to one place: beside its name, or by "the …" where it is what is spoken of."""
    if place.site not in side.claim.places:
        return []
    text = side.claim.quote
    named = mentions(text, [place])
    return [n for n in natures(text) if any(_beside(text, m.start, m.end, n) for m in named) or n.functional]


def _beside(text: str, start: int, end: int, nature: Nature) -> bool:
    """True where a kind stands right beside a name: "Sohae launch site", "the launch site at Sohae"."""
    between = text[end : nature.start] if nature.start >= end else text[nature.end : start]
    return len(between.split()) <= 3 and not set(between) & set('.;:!?"“”')
