"""Citations: each sentence of the page points at the quote, look, pass or report that it rests on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from sitewatch.errors import LedgerError
from sitewatch.records import Claim, Item, Look, Pass, Record, Site, Source, View
from sitewatch.tell.wording import craft, iso, legible, short, taken, when

Json = dict[str, Any]
"""A part of the brief, ready for JSON; the template renders it and adds nothing."""

_AROUND = 220
"""Characters of context shown on either side of a quote."""

R = TypeVar("R", bound=Record)


class Citations:
    """Labels and anchors for everything that can be cited, and the list of quotes that were.

    A label ("Q3") is for the reader and counts within one page; an anchor ("claim-1a2b…") comes from the record's id
    and stays the same from brief to brief.
    """

    def __init__(self, view: View) -> None:
        self.view = view
        self._sources = {s.slug: s for s in view.of(Source)}
        self._quotes: dict[str, Json] = {}
        items = sorted(view.of(Item), key=lambda i: (iso(i.published.earliest) or "~", i.id))
        place = {site.slug: n for n, site in enumerate(view.of(Site))}
        looks = sorted(
            analyst_looks(view),
            key=lambda k: (place.get(k.site, len(place)), iso(k.when.earliest) or "~", k.observable, k.id),
        )
        passes = sorted(view.of(Pass), key=lambda p: (place.get(p.site, len(place)), p.acquired, p.id))
        own = [p for p in passes if p.sensor == "analyst"]
        passes = [p for p in passes if p.sensor != "analyst"]
        counted = (("R", items), ("L", looks), ("P", passes), ("I", own))
        self._labels = {id: label for letter, of in counted for id, label in _numbered(letter, of).items()}

    @property
    def quotes(self) -> list[Json]:
        """Every quote cited so far, in order of first citation."""
        return list(self._quotes.values())

    def outlet(self, slug: str) -> str:
        """An outlet's name; the words as they came where they are no outlet's short name."""
        return self._sources[slug].name if slug in self._sources else slug

    def item(self, id: str) -> Json:
        """A reference to one report."""
        item = self.find(Item, id)
        return self._ref(id, "item", f"{self.outlet(item.outlet)}, {when(item.published)}")

    def look(self, id: str) -> Json:
        """A reference to an analyst's look, or to the pass that a look of the monitor judged."""
        look = self.find(Look, id)
        if look.by == "monitor" and look.pass_id:
            return self.passed(look.pass_id)
        if id not in self._labels:
            return {"label": "watch", "anchor": f"look-{short(id)}", "title": look.reason or look.observable}
        return self._ref(id, "look", f"{look.publisher}, {when(look.when)}")

    def passed(self, id: str) -> Json:
        """A reference to one pass, or to an analyst's own image."""
        passed = self.find(Pass, id)
        whose = legible(passed.provider) if passed.sensor == "analyst" else craft(passed.platform)
        return self._ref(id, "pass", f"{whose}, {taken(passed)}")

    def claim(self, id: str) -> Json:
        """A reference to a quote; the quote is then shown in its context further down the page."""
        if id not in self._quotes:
            self._labels[id] = f"Q{len(self._quotes) + 1}"
            self._quotes[id] = {}
            self._quotes[id] = self._quote(self.find(Claim, id))
        return {key: self._quotes[id][key] for key in ("label", "anchor", "title")}

    def quote(self, id: str) -> Json:
        """The quote itself, with where it stands."""
        self.claim(id)
        return self._quotes[id]

    def claims(self, ids: Iterable[str]) -> list[Json]:
        """References to several quotes."""
        return [self.claim(id) for id in ids]

    def looks(self, ids: Iterable[str]) -> list[Json]:
        """References to several looks."""
        return [self.look(id) for id in ids]

    def find(self, kind: type[R], id: str) -> R:
        """The cited record.

        Raises:
            LedgerError: the view does not hold it, so the judgement was made from another view.
        """
        try:
            return self.view.get(kind, id)
        except KeyError as missing:
            raise LedgerError(
                f"a judgement cites the {kind.kind} {id}, which is not among the records shown; "
                "weigh and tell must be given the same view of the ledger"
            ) from missing

    def _ref(self, id: str, kind: str, title: str) -> Json:
        return {"label": self._labels[id], "anchor": f"{kind}-{short(id)}", "title": title}

    def _quote(self, claim: Claim) -> Json:
        base: Json = {
            "id": claim.id,
            "label": self._labels[claim.id],
            "anchor": f"claim-{short(claim.id)}",
            "text": legible(claim.quote),
            "modality": claim.modality.value,
            "span": list(claim.span),
            "chain": [legible(self.outlet(holder.name)) for holder in claim.chain],
            "first_hand": claim.first_hand,
            "about": list(claim.places),
            "time": when(claim.time) if claim.time.earliest or claim.time.latest else None,
        }
        if claim.item is None:
            nowhere = {"item": None, "item_id": None, "bytes": None, "outlet": "no report", "published": "undated"}
            return {**base, **nowhere, "title": "in no report", "before": "", "after": ""}
        item = self.find(Item, claim.item)
        before, after = _context(item, claim)
        published = when(item.published) if item.published.earliest or item.published.latest else "undated"
        return {
            **base,
            "item": self.item(item.id),
            "item_id": item.id,
            "bytes": item.artifact,
            "outlet": self.outlet(item.outlet),
            "published": published,
            "title": f"{self.outlet(item.outlet)}, {published}",
            "before": before,
            "after": after,
        }


def analyst_looks(view: View) -> list[Look]:
    """Looks that people published, which enter one by one."""
    return [k for k in view.of(Look) if k.by == "analyst"]


def _context(item: Item, claim: Claim) -> tuple[str, str]:
    """What stands before and after the quote in its report, cut at words.

    Raises:
        LedgerError: the quote does not stand at its offsets.
    """
    start, end = claim.span
    if item.text[start:end] != claim.quote:
        raise LedgerError(
            f"claim {claim.id}: its quote does not stand at characters {start} to {end} of report {item.id}; "
            "read the report again with this version"
        )
    before, after = item.text[max(0, start - _AROUND) : start], item.text[end : end + _AROUND]
    if start > _AROUND:
        before = "… " + before.partition(" ")[2]
    if end + _AROUND < len(item.text):
        after = after.rpartition(" ")[0] + " …"
    return legible(before), legible(after)


def _numbered(letter: str, records: Iterable[Record]) -> dict[str, str]:
    return {record.id: f"{letter}{n}" for n, record in enumerate(records, start=1)}
