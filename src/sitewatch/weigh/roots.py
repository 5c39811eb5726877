"""Who tells of a thing, and where they have it from: claims to tellings, tellings to roots, roots to groups."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate

from sitewatch.records import (
    RETELLS,
    Claim,
    Indicator,
    Item,
    Lineage,
    Modality,
    Site,
    Source,
    View,
    roots_of,
    stories_of,
)

SIGN = {
    Modality.ASSERTED: 1,
    Modality.ASSESSED: 1,
    Modality.LIKELY: 1,
    Modality.POSSIBLE: 1,
    Modality.PLANNED: 0,
    Modality.UNKNOWN: 0,
    Modality.DECLINED: 0,
    Modality.DOUBTFUL: -1,
    Modality.DENIED: -1,
}
"""Which way a claim points: for, against, or nowhere. A plan is no report that the thing is there."""


@dataclass(frozen=True, slots=True)
class Telling:
    """One claim that bears on an indicator."""

    claim: Claim
    item: Item
    denies: bool


@dataclass(frozen=True, slots=True)
class Root:
    """A report that retells no other report of the same thing."""

    item: Item
    reports: tuple[Item, ...]
    """Itself, where it tells, and everything that retells it."""
    group: str
    """The same for roots that share an image, an official or an owner."""


class Ties:
    """A partition of names that grows coarser with each tie."""

    def __init__(self) -> None:
        self._up: dict[str, str] = {}

    def head(self, name: str) -> str:
        """The name that stands for the whole part."""
        while (up := self._up.get(name, name)) != name:
            name = up
        return name

    def join(self, *names: str) -> None:
        """Put the parts of these names together."""
        heads = {self.head(n) for n in names}
        for head in heads:
            self._up[head] = min(heads)


class Press:
    """All reports of a view, read for one site."""

    def __init__(self, view: View, site: str) -> None:
        self.items = {i.id: i for i in view.of(Item)}
        self.sources = {s.slug: s for s in view.of(Source)}
        self.claims = {c.id: c for c in view.of(Claim) if c.item in self.items}
        self._site = site
        self._named = [s for s in view.of(Site) if s.slug == site]
        self._placed: dict[str, Counter[str]] = defaultdict(Counter)
        for claim in self.claims.values():
            self._placed[claim.item or ""].update(claim.places)
        self._here = [(c, c.quote.casefold()) for c in self.claims.values() if self.about_site(c)]
        self._quotes = "\0".join(quote for _, quote in self._here)
        self._starts = [0, *accumulate(len(quote) + 1 for _, quote in self._here)]
        self._called: dict[str, set[str]] = defaultdict(set)
        for slug, source in self.sources.items():
            for name in (source.name, *source.credits):
                self._called[name.casefold()].add(slug)
        self._roots: dict[str, tuple[str, ...]] = {}
        self._read_lineage([e for e in view.of(Lineage) if e.child in self.items and e.parent in self.items])

    def _read_lineage(self, lineage: Sequence[Lineage]) -> None:
        """Keep the edges by story, and tie roots that share an image, an official or an owner."""
        lineage = _by_analysts_first(lineage)
        stories = stories_of(self.items.values(), lineage)
        self._first = {member: story.items[0] for story in stories for member in story.items}
        self._edges: dict[str, list[Lineage]] = defaultdict(list)
        for edge in lineage:
            if edge.relation in RETELLS:
                self._edges[self._first[edge.child]].append(edge)
        self._shared = Ties()
        for edge in lineage:
            if edge.relation not in RETELLS:
                self._shared.join(*self.roots(edge.child), *self.roots(edge.parent))
        for item in self.items.values():
            self._shared.join(item.id, f"owner {self.owner(item)}")

    def owner(self, item: Item) -> str:
        """The owner family of an item's outlet; an outlet that the case does not know is its own family."""
        source = self.sources.get(item.outlet)
        return source.owner if source else item.outlet

    def roots(self, item: str) -> tuple[str, ...]:
        """The ends of an item's chains of retelling; for reports that retell each other in a circle, the first told."""
        if item not in self._roots:
            first = self._first[item]
            self._roots[item] = roots_of(item, self._edges[first]) or (first,)
        return self._roots[item]

    def circular(self, items: Iterable[str]) -> list[str]:
        """Those items whose chains of retelling end nowhere."""
        return [i for i in items if not roots_of(i, self._edges[self._first[i]])]

    def about_site(self, claim: Claim) -> bool:
        """True when the claim names the site, or names none while its item is mostly about the site."""
        if claim.places:
            return self._site in claim.places
        placed = self._placed[claim.item or ""]
        if placed:
            return placed[self._site] == max(placed.values())
        item = self.items[claim.item or ""]
        words = f"{item.title or ''} {item.text}".casefold()
        return any(name.casefold() in words for site in self._named for name in (site.name, *site.aliases))

    def tellings(self, indicator: Indicator) -> list[Telling]:
        """Claims about the site that meet the indicator's terms and point one way or the other."""
        groups = [[word.casefold() for word in group] for group in indicator.terms if group]
        near = sorted({place for group in groups for place in self._holding(max(group, key=len))})
        spoken = [self._here[place] for place in near]
        met = {c.id: c for c, quote in spoken if any(_begin_words(group, quote) for group in groups)}
        within = {p for c in met.values() for p in self._parents(c)}
        inmost = ((c, self._sign(c)) for c in met.values() if c.id not in within)
        return [Telling(c, self.items[c.item or ""], denies=sign < 0) for c, sign in inmost if sign]

    def _holding(self, text: str) -> Iterator[int]:
        """Places of the claims here whose quote holds a text; all quotes are searched as one, which is much faster."""
        at = self._quotes.find(text)
        while at >= 0:
            place = bisect_right(self._starts, at) - 1
            yield place
            at = self._quotes.find(text, self._starts[place + 1])

    def _parents(self, claim: Claim) -> list[str]:
        """Ids of the claims in which this one is nested, from the inside out."""
        above: list[str] = []
        while claim.parent in self.claims and claim.parent not in above:
            above.append(claim.parent)
            claim = self.claims[claim.parent]
        return above

    def _sign(self, claim: Claim) -> int:
        """Which way a claim points with all it is nested in: a denial of an assertion denies."""
        sign = SIGN[claim.modality]
        for parent in self._parents(claim):
            sign *= SIGN[self.claims[parent].modality]
        return sign

    def origins(self, tellings: Collection[Telling]) -> list[Root]:
        """The roots behind items that tell the same thing.

        An item counts for those of its roots that tell the thing too; an item of its own that has this thing through
        another outlet ("Daily B reported…" beside its own interview) counts for that outlet's. Where none of them tells
        it, because a reader missed it or the child added it, all items with a common root are one, and the first told
        stands for them.
        """
        tellers = {t.item.id for t in tellings}
        ends = {t: [r for r in self.roots(t) if r in tellers] for t in tellers}
        for teller, outlets in self._heard(tellings).items():
            there = [o for o in tellers if self.items[o].outlet in outlets and self._tells_before(o, teller)]
            if there and ends[teller] == [teller]:
                ends[teller] = sorted({end for o in there for end in self.roots(o) if end in tellers})
        strays = Ties()
        for teller in (t for t in tellers if not ends[t]):
            strays.join(teller, *self.roots(teller))
        reports: dict[str, list[Item]] = defaultdict(list)
        for item in sorted((self.items[t] for t in tellers), key=_told):
            for end in ends[item.id] or [f"stray {strays.head(item.id)}"]:
                reports[end].append(item)
        told = {end if end in tellers else items[0].id: tuple(items) for end, items in reports.items()}
        groups = Ties()
        for top in told:
            groups.join(top, *(self._shared.head(i) for i in (top, *self.roots(top))))
        return [Root(self.items[top], items, groups.head(top)) for top, items in told.items()]

    def _heard(self, tellings: Collection[Telling]) -> dict[str, set[str]]:
        """Items whose every telling came through other outlets of the case, with those outlets."""
        through: dict[str, list[set[str]]] = defaultdict(list)
        for told in tellings:
            names = [holder.name.casefold() for holder in told.claim.chain]
            named = {slug for name in names for slug in self._called.get(name, ())}
            through[told.item.id].append(named - {told.item.outlet})
        return {item: set.union(*sets) for item, sets in through.items() if all(sets)}

    def _tells_before(self, first: str, second: str) -> bool:
        return first != second and _told(self.items[first]) < _told(self.items[second])


def _by_analysts_first(lineage: Iterable[Lineage]) -> list[Lineage]:
    """The edges without those found by tracing that run against an analyst's: who says so knows who had it first."""
    edges = list(lineage)
    said = {(e.child, e.parent) for e in edges if e.relation in RETELLS and e.method.startswith("analyst")}
    return [
        e
        for e in edges
        if e.relation not in RETELLS or e.method.startswith("analyst") or (e.parent, e.child) not in said
    ]


def _begin_words(beginnings: Iterable[str], quote: str) -> bool:
    """True when each of the beginnings starts a word of the quote; both in folded case."""
    # The plain search first, since nearly all quotes fail it and it is many times faster.
    return all(b in quote and re.search(rf"(?<!\w){re.escape(b)}", quote) for b in beginnings)


def day_of(item: Item) -> date:
    """The day from which an item counts.

    Raises:
        ValueError: the item is undated, so it counts on no day.
    """
    if item.available_at is None:
        raise ValueError(f"report {item.id} ({item.origin}) has no day of publication and counts on no day")
    return item.available_at.date()


def _told(item: Item) -> tuple[str, str]:
    """Order of telling."""
    return item.available_at.isoformat() if item.available_at else "", item.id
