"""Lineage: which report has its content from which, how it was told, and what shows it."""

from __future__ import annotations

import calendar
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sitewatch.read.fingerprint import FEWEST, Fingerprint, Vocabulary, accounted, candidates, fingerprint, share
from sitewatch.read.outlets import names_of
from sitewatch.records import Item, Lineage, Source

COPY = 0.5
"""Share of the child's word runs from which it is a copy."""
RETOLD = 0.2
"""Share of word runs or of frame runs from which the child has its content from the parent: of two reports on one event
by different outlets, fewer than two pairs in a hundred reach it, and those are mostly copies of one agency."""
_CREDITED = 0.12
"""Cosine of the words from which a report that names an outlet is a retelling of that outlet's report."""
_WINDOW = timedelta(days=14)
"""How long a story is retold; what is alike beyond it is a standing passage, unless it is a copy outright."""
_VERSIONS = timedelta(days=1)
"""How long an agency goes on with new versions of one report."""
_LEAD = 0.5
"""The part of a text in which a credit tells where the whole comes from."""
_FEW = 4
"""Reports in which a name may stand before it can be one of the case's common ones."""
_CALENDAR = frozenset(name.lower() for name in (*calendar.day_name, *calendar.month_name))
_LATE = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class _Evidence:
    """What ties a child to a parent."""

    words: float
    """Share of the child's word runs that the parent has."""
    frame: float
    """Share of the child's frame runs that the parent has."""
    runs: int
    """Word and frame runs that both have."""
    anchors: tuple[str, ...]
    """Names and numbers that both have."""
    likeness: float
    """Cosine of the weighted words; 0 where the child does not credit the parent, since it then counts for nothing."""
    accounted: float
    """Share of the child's telling words that the parent has."""
    credit: bool
    """The child names the parent's outlet as where it has the story from."""

    @property
    def textual(self) -> float:
        """How much of the child the parent's text accounts for by its wording."""
        return max(self.words, self.frame) if self.runs >= FEWEST else 0.0


def trace(items: Iterable[Item], sources: Iterable[Source]) -> list[Lineage]:
    """Find for each report the one it has its content from, if any; the edges make a tree per story.

    A parent comes earlier than its child, or is credited by it. Where publication times do not tell them apart, the one
    that credits the other is the child, then the one whose text the other accounts for more fully; the method says so.
    Reports that merely share a topic are not linked: it takes shared wording, a shared frame of small words, names and
    numbers, or a credit near the top together with like words. Reports in another language than English, from which no
    claims are drawn, are left out.

    Args:
        items: the reports, in any order.
        sources: the case's outlets, for the credits and for "told" somebody's own reporter.
    """
    read = (i for i in items if i.language in (None, "en"))
    prints = [fingerprint(i) for i in sorted(read, key=lambda i: (i.published.earliest or _LATE, i.id))]
    tracer = _Tracer(prints, list(sources))
    return [edge for child in range(len(prints)) if (edge := tracer.edge(child)) is not None]


class _Tracer:
    """Looks for the parents of items that are in order of their publication."""

    def __init__(self, prints: Sequence[Fingerprint], sources: Sequence[Source]) -> None:
        self.prints, self.sources = prints, sources
        self.vocabulary = Vocabulary(prints)
        self.held = Counter(a for p in prints for a in p.anchors)
        """In how many items each name and number stands."""
        self.own = {w.lower() for name in names_of(sources) for w in re.findall(r"\w+", name)}
        self.parents: dict[int, int] = {}
        self.leads = [_credits_of_the_whole(p.item, sources) for p in prints]
        self.near: dict[int, set[int]] = defaultdict(set)
        for i, j in candidates(prints):
            self.near[i].add(j)
            self.near[j].add(i)
        by_outlet: dict[str, list[int]] = defaultdict(list)
        for n, one in enumerate(prints):
            by_outlet[one.item.outlet].append(n)
        for child, credits in enumerate(self.leads):
            self.near[child] |= {n for slug in credits for n in by_outlet[slug] if n != child}

    def edge(self, child: int) -> Lineage | None:
        """The edge to the best parent: by wording first, then by credit; of equals, the one told first."""
        found = [(p, e) for p in sorted(self.near[child]) if (e := self._evidence(child, p)) is not None]
        best = max(found, key=lambda f: (_rank(f[1]), -f[0]), default=None)
        if best is None:
            return None
        parent, evidence = best
        self.parents[child] = parent
        return Lineage(
            available_at=_latest(self.prints[child].item, self.prints[parent].item),
            child=self.prints[child].item.id,
            parent=self.prints[parent].item.id,
            relation="copy" if evidence.words >= COPY and evidence.runs >= FEWEST else "paraphrase",
            score=round(max(evidence.textual, evidence.accounted if evidence.credit else 0.0), 3),
            method=self._method(child, parent, evidence),
        )

    def _evidence(self, child: int, parent: int) -> _Evidence | None:
        """What ties the two, where it is enough and the direction is right."""
        a, b = self.prints[child], self.prints[parent]
        words, frame = share(a.words, b.words), share(a.frame, b.frame)
        credit = b.item.outlet in self.leads[child]
        if max(words, frame) < RETOLD and not credit:
            return None
        evidence = _Evidence(
            words=words,
            frame=frame,
            runs=len(a.shingles & b.shingles),
            anchors=tuple(sorted(a.anchors & b.anchors)),
            likeness=self.vocabulary.likeness(a, b) if credit else 0.0,
            accounted=accounted(a, b),
            credit=credit,
        )
        told = evidence.textual >= RETOLD or (credit and evidence.likeness >= _CREDITED)
        if not told or not self._is_child(child, parent, evidence) or self._descends(parent, child):
            return None
        return evidence if evidence.textual >= COPY or _within(a.item, b.item) else None

    def _is_child(self, child: int, parent: int, evidence: _Evidence) -> bool:
        a, b = self.prints[child].item, self.prints[parent].item
        order, back = _order(a, b), a.outlet in self.leads[parent]
        if order > 0:
            return not back
        if order < 0:  # an agency dates its last version, which may come after the copies of the first
            return evidence.credit and not back and evidence.textual >= COPY and _within(b, a, _VERSIONS)
        if evidence.credit != back:
            return evidence.credit
        there = share(self.prints[parent].words, self.prints[child].words)
        return (evidence.words, child) > (there, parent)

    def _descends(self, node: int, ancestor: int) -> bool:
        while node in self.parents:
            node = self.parents[node]
            if node == ancestor:
                return True
        return False

    def _method(self, child: int, parent: int, evidence: _Evidence) -> str:
        """One sentence that tells the evidence and how the direction was found."""
        a, b = self.prints[child].item, self.prints[parent].item
        parts = [f"it credits {self._title(b.outlet)}"] if evidence.credit else []
        if evidence.textual >= RETOLD:
            parts.append(
                f"{evidence.words:.0%} of its runs of three words and {evidence.frame:.0%} of its frame of small "
                "words, names and numbers stand there too"
            )
        else:
            parts.append(f"{evidence.accounted:.0%} of its telling words stand there too")
        if shown := self._telling(evidence.anchors):
            parts.append(f"both have {', '.join(shown)}")
        order = _order(a, b)
        if order > 0:
            parts.append("the other was published before")
        elif order < 0:
            parts.append("the other is dated later, as the last version of what is credited")
        elif evidence.credit:
            parts.append("the times of publication do not tell which came first, the credit does")
        else:
            parts.append("neither time nor credit tells which came first, so the fuller text is taken for the earlier")
        return "; ".join(parts)

    def _telling(self, anchors: Iterable[str]) -> list[str]:
        """Names and numbers that say something where two texts share them, the rarest first.

        Weekdays, months, the outlets' names and the names that a third of all reports have say nothing.
        """
        usual = max(_FEW, len(self.prints) / 3)
        telling = [a for a in anchors if len(a) > 1 and a not in _CALENDAR | self.own and self.held[a] <= usual]
        return sorted(telling, key=lambda a: (self.held[a], a))[:8]

    def _title(self, slug: str) -> str:
        return next((s.name for s in self.sources if s.slug == slug), slug)


def _rank(evidence: _Evidence) -> tuple[bool, float]:
    """Shared wording weighs more than a credit; a credit breaks near ties."""
    if evidence.textual >= RETOLD:
        return True, round(evidence.textual + (0.1 if evidence.credit else 0.0), 2)
    return False, evidence.likeness


def _order(a: Item, b: Item) -> int:
    """1 where `a` was surely published after `b`, -1 where before, 0 where nobody can tell."""
    if a.published.earliest and b.published.latest and a.published.earliest > b.published.latest:
        return 1
    if b.published.earliest and a.published.latest and b.published.earliest > a.published.latest:
        return -1
    return 0


def _within(child: Item, parent: Item, window: timedelta = _WINDOW) -> bool:
    """True where the child can have been published within some time after the parent."""
    if child.published.earliest is None or parent.published.latest is None:
        return True
    return child.published.earliest - parent.published.latest <= window


def _latest(*items: Item) -> datetime | None:
    """The moment from which all are available; None where one never is."""
    days = [i.available_at for i in items]
    return max(d for d in days if d) if all(days) else None


def _credits_of_the_whole(item: Item, sources: Sequence[Source]) -> frozenset[str]:
    """Outlets that the whole of an item is credited to: in its byline, in its first half, or in its last line.

    A report that has something from its own people ("the diplomat told Agency L") is its own, whomever else it quotes.
    """
    slugs = names_of(sources)
    own = "|".join(re.escape(n) for n, slug in slugs.items() if slug == item.outlet)
    if own and re.search(rf"\b(?:told|to|for|by|from|with)\s+(?:{own})(?!\w)", item.text):
        return frozenset()
    lead = (
        f"{item.byline or ''}\n{item.text[: int(len(item.text) * _LEAD)]}\n{item.text.rstrip().splitlines()[-1][-80:]}"
    )
    return frozenset(slug for slug in item.credit if any(n in lead for n, s in slugs.items() if s == slug)) - {
        item.outlet
    }
