"""Which claims speak of the same thing: by their telling words, their places, their times and what they count."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

import numpy as np

from sitewatch.read.fingerprint import SMALL, stem
from sitewatch.records import Claim, Item, Quantity, When

_WORD = re.compile(r"[^\W\d_]+")
_COUNTING = frozenset(
    """
    one two three four five six seven eight nine ten eleven twelve dozen hundred thousand million least most some about
    """.split()
)


@dataclass(frozen=True)
class Side:
    """A claim with the item it stands in and what of it can be compared."""

    claim: Claim
    item: Item
    roots: frozenset[str]
    """Items at the end of its chain of retelling."""
    time: When
    """The claim's own time, else the one told last before it in the same paragraph."""

    @cached_property
    def stems(self) -> frozenset[str]:
        """Telling words of what is claimed, without endings, numbers and small words."""
        spans = self.claim.content_spans or (self.claim.span,)
        words = (w.lower() for a, b in spans for w in _WORD.findall(self.item.text[a:b]))
        return frozenset(stem(w) for w in words if w not in SMALL and w not in _COUNTING and len(w) > 2)

    @property
    def outlet(self) -> str:
        """The outlet's name."""
        return self.claim.chain[-1].name if self.claim.chain else self.item.outlet


def sides(claims: Iterable[Claim], items: dict[str, Item], roots: dict[str, frozenset[str]]) -> list[Side]:
    """The claims of known items in the order in which they stand there, each with the time that holds for it."""
    known = sorted((c for c in claims if c.item in items), key=lambda c: (str(c.item), c.span))
    made: list[Side] = []
    for claim in known:
        item = items[str(claim.item)]
        time = claim.time
        last = made[-1] if made else None
        if (
            not _is_told(time)
            and last is not None
            and last.item.id == item.id
            and _one_paragraph(item, last.claim, claim)
        ):
            time = last.time
        made.append(Side(claim, item, roots[item.id], time))
    return made


class Words:
    """How telling each word is among some claims."""

    def __init__(self, among: Sequence[Side]) -> None:
        held = Counter(s for side in among for s in side.stems)
        self._weight = {s: math.log(1 + len(among) / n) for s, n in held.items()}
        self._sums: dict[frozenset[str], float] = {}

    def overlap(self, a: Side, b: Side) -> float:
        """Weighted share of the shorter claim's telling words that both have; 0 with fewer than two in common."""
        shared = a.stems & b.stems
        if len(shared) < 2:
            return 0.0
        return self._sum(shared) / min(self._whole(a), self._whole(b))

    def alike(self, some: Sequence[Side], others: Sequence[Side], least: float) -> Iterator[tuple[int, int]]:
        """Places (in `some`, in `others`) of the pairs whose overlap is at least so much, in order.

        The shared weights of one claim with all others are summed word by word over lists of who has the word; only
        what comes near enough is compared word for word.
        """
        holders: dict[str, list[int]] = {}
        for m, other in enumerate(others):
            for one in other.stems:
                holders.setdefault(one, []).append(m)
        having = {one: np.array(held) for one, held in holders.items()}
        wholes = np.array([self._whole(other) for other in others])
        for n, side in enumerate(some):
            shared = np.zeros(len(others))
            for one in side.stems & having.keys():
                shared[having[one]] += self._weight[one]
            near = (shared > 0) & (shared >= 0.999 * least * np.minimum(wholes, self._whole(side)))
            yield from ((n, m) for m in np.flatnonzero(near).tolist() if self.overlap(side, others[m]) >= least)

    def _whole(self, side: Side) -> float:
        if side.stems not in self._sums:
            self._sums[side.stems] = self._sum(side.stems)
        return self._sums[side.stems]

    def likeness(self, a: Side, b: Side) -> float:
        """Weighted share of the words of both that both have (Jaccard)."""
        return self._sum(a.stems & b.stems) / (self._sum(a.stems | b.stems) or 1.0)

    def _sum(self, stems: Iterable[str]) -> float:
        return math.fsum(self._weight[s] for s in stems)  # exact, so that no order of the words changes it


def same_place(a: Side, b: Side) -> bool:
    """False where both name places and share none."""
    there, here = set(a.claim.places), set(b.claim.places)
    return not there or not here or bool(there & here)


def same_time(a: Side, b: Side) -> bool:
    """False where both are dated and cannot be of one time."""
    return not apart(a.time, b.time)


def apart(a: When, b: When) -> bool:
    """True where one interval ends before the other begins."""
    ends_first = a.latest is not None and b.earliest is not None and a.latest < b.earliest
    starts_late = b.latest is not None and a.earliest is not None and b.latest < a.earliest
    return ends_first or starts_late


def published_within(a: Side, b: Side, days: int) -> bool:
    """True where both items are dated and not farther apart than that."""
    first, second = a.item.published.earliest, b.item.published.earliest
    return first is not None and second is not None and abs(first - second) <= timedelta(days=days)


def same_measure(a: Side, x: Quantity, b: Side, y: Quantity) -> bool:
    """True where two quantities count the same: by name, or each is named for what the other claim speaks of.

    "54 sets of remains" and "55 boxes of remains" count the same, and so do "54 remains" and "55 boxes" where the claim
    of the boxes speaks of remains.
    """
    if x.unit != y.unit:
        return False
    if x.attribute == y.attribute:
        return True
    return x.unit is None and stem(x.attribute) in b.stems and stem(y.attribute) in a.stems


def independent(a: Side, b: Side, outlets: frozenset[str]) -> bool:
    """True where the two share no root, and neither has its claim through an outlet that stands in the other's chain.

    Args:
        a: one claim.
        b: the other.
        outlets: names of outlets, in lower case; other holders ("an official") may be different people of one name.
    """
    return not a.roots & b.roots and not _through(a) & _through(b) & outlets


def _through(side: Side) -> frozenset[str]:
    return frozenset(h.name.lower() for h in side.claim.chain) | {side.outlet.lower()}


def counted_as(quantity: Quantity) -> str:
    """What a quantity counts, as the text has it ("remains", not "remain"); what it measures, by its own name."""
    words = re.findall(r"\w+", quantity.text)
    return words[-1].lower() if words and quantity.unit in (None, "share") else quantity.attribute


def is_given(side: Side, quantity: Quantity) -> bool:
    """True for "the two leaders": a number that the reader is taken to know is no finding."""
    return bool(
        re.search(
            r"\b(?:the|these|those|both|its|their|his|her)\s+$", side.item.text[: quantity.span[0]], re.IGNORECASE
        )
    )


def disjoint(x: Quantity, y: Quantity) -> bool:
    """True where two intervals share no value."""
    return (x.hi is not None and x.hi < y.lo) or (y.hi is not None and y.hi < x.lo)


def _is_told(time: When) -> bool:
    return time.earliest is not None or time.latest is not None


def _one_paragraph(item: Item, first: Claim, second: Claim) -> bool:
    return "\n" not in item.text[first.span[0] : second.span[0]]


def voice(side: Side) -> str:
    """Whose claim it is: the outlet, and from whom it has it."""
    first = side.claim.chain[0].name if len(side.claim.chain) > 1 else None
    return f"{side.outlet} ({first})" if first and first != side.outlet else side.outlet


def quoted(side: Side, longest: int = 160) -> str:
    """The claim's words between quotation marks, cut at a word where they run on."""
    words = " ".join(side.claim.quote.split())
    return f"“{words if len(words) <= longest else words[: words.rfind(' ', 0, longest)] + ' …'}”"
