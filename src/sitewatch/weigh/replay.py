"""How an answer moved: the same weighing at the end of each day that brought evidence, and what moved it that day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import numpy as np

from sitewatch.records import (
    CHANGE,
    Alert,
    Assumptions,
    Cause,
    Claim,
    Curve,
    CurveDay,
    Item,
    Lineage,
    Look,
    Measured,
    Question,
    Ratio,
    Record,
    View,
    day_end,
)
from sitewatch.weigh.evidence import Collector, Evidence
from sitewatch.weigh.hypotheses import checked, pairs
from sitewatch.weigh.likelihoods import Draws, Weights
from sitewatch.weigh.ratio import Array

_AT_ONCE = 8_000_000
"""Drawn numbers that are kept from one day to the next, 64 MB; beyond them they are drawn again."""

Kind = Literal["report", "look", "watch", "tie"]


def curve(question: Question, view: View, assumptions: Assumptions) -> Curve:
    """The ratios of a question at the end of each day, UTC, that brought evidence, and what came that day.

    The question and the assumptions are those of now; the records are those of each day. What a thing moved is the
    difference that leaving it alone out of that day makes; the ratios equal those of `assess` on a view of that day.

    Args:
        question: as for `assess`.
        view: the latest day's records; the curve ends there.
        assumptions: as for `assess`.

    Raises:
        InputError: an indicator lacks a likelihood, or a next look is no indicator.
    """
    checked(question)
    seen = _Seen(question, assumptions)
    days = []
    before = seen.weights(View((), head=view.head))
    for day in _days(question, view):
        then = view.at(day_end(day))
        now = seen.weights(then)
        if now.evidence == before.evidence:
            continue
        causes = tuple(_causes(seen, then, day, before, now))
        days.append(CurveDay(day=day, ratios=seen.ratios(now), causes=causes))
        before = now
    return Curve(question=question.slug, days=tuple(days))


def _days(question: Question, view: View) -> list[date]:
    """Days on which something became known that could bear on the question."""
    placed: list[Look | Alert | Measured] = [*view.every(Look), *view.every(Alert), *view.every(Measured)]
    here = [r for r in placed if r.site == question.site]
    told = (r for kind in (Item, Claim, Lineage) for r in view.every(kind))
    return sorted({r.available_at.date() for r in (*here, *told) if r.available_at})


@dataclass
class _Seen:
    """The weighing of one question, with what it drew kept from day to day."""

    question: Question
    assumptions: Assumptions
    _drawn: dict[int, tuple[Evidence, Array]] = field(default_factory=dict)

    def weights(self, view: View) -> Weights:
        """The evidence of one view."""
        collector = Collector(self.question, view, self.assumptions)
        evidence = tuple(collector.evidence(indicator) for indicator in self.question.indicators)
        return Weights(self.question, evidence, self.assumptions)

    def ratios(self, weights: Weights) -> tuple[Ratio, ...]:
        """Every pair, as `assess` gives them."""
        rows = weights.rows()
        counted = weights.counted(rows)
        drawn = self._drawn_total(weights, np.flatnonzero(counted))
        return pairs(weights, counted, rows[counted].sum(axis=0), drawn)

    def _drawn_total(self, weights: Weights, places: Iterable[int]) -> Array:
        """As `Weights.drawn`, in the same order, but only what changed is drawn anew; (hypotheses, samples)."""
        draws = Draws(self.assumptions.seed, self.assumptions.samples)
        total = np.zeros((len(self.question.hypotheses), self.assumptions.samples))
        for i in map(int, places):
            evidence = weights.evidence[i]
            kept = self._drawn.get(i)
            row = kept[1] if kept and kept[0] == evidence else weights.drawn_row(evidence, draws)
            if i in self._drawn or (len(self._drawn) + 1) * total.size <= _AT_ONCE:
                self._drawn[i] = (evidence, row)
            total += row
        return total


def _causes(seen: _Seen, then: View, day: date, before: Weights, now: Weights) -> list[Cause]:
    """What came on a day and bears on the question, that which moved the hypotheses apart most first."""
    whole = _total(now)
    found = []
    for kind, ids, gone in _came(seen.question, then, day, before, now):
        without = seen.weights(then.without(gone))
        if without.evidence == now.evidence:
            continue
        moved = whole - _total(without)
        shares = zip((h.id for h in seen.question.hypotheses), map(float, moved - moved.max()), strict=True)
        found.append((-float(np.ptp(moved)), ids, Cause(kind=kind, ids=ids, moved=dict(shares))))
    return [cause for *_, cause in sorted(found, key=lambda f: f[:2])]


def _total(weights: Weights) -> Array:
    """Log-likelihoods of all that counts at the best values, (hypotheses,)."""
    rows = weights.rows()
    return np.asarray(rows[weights.counted(rows)].sum(axis=0))


_Came = tuple[Kind, tuple[str, ...], set[str]]
"""Kind of a cause, the ids to tell it by, and the ids that are left out with it."""


def _came(question: Question, then: View, day: date, before: Weights, now: Weights) -> Iterator[_Came]:
    """Things that became known on a day and can have changed the evidence."""
    telling = {id for e in now.evidence for id in e.claim_ids}
    tellers = {c.item for c in then.of(Claim) if c.id in telling and c.item}
    new_claims = [c for c in then.of(Claim) if _on(c, day)]
    new_edges = [e for e in then.of(Lineage) if _on(e, day)]
    items = sorted({c.item for c in new_claims if c.item in tellers and c.item})
    for id in items:
        with_it = {c.id for c in new_claims if c.item == id} | {e.id for e in new_edges if e.child == id}
        yield "report", (id,), {id, *with_it}
    for edge in new_edges:
        if edge.child not in items and tellers & {edge.child, edge.parent}:
            yield "tie", (edge.id,), {edge.id}
    looks = {id for e in now.evidence for id in e.look_ids} - {id for e in before.evidence for id in e.look_ids}
    for look in then.of(Look):
        if look.id in looks and not look.of_watch:
            yield "look", (look.id,), {look.id}
    if watch := tuple(_of_watch(question, then, day)):
        yield "watch", watch, set(watch)


def _of_watch(question: Question, then: View, day: date) -> Iterator[str]:
    """Ids of what the monitor told on a day at the question's site, where an indicator asks for it."""
    if any(CHANGE in indicator.observables for indicator in question.indicators):
        looks = [look for look in then.of(Look) if look.of_watch]
        told: list[Look | Alert | Measured] = [*looks, *then.of(Alert), *then.of(Measured)]
        yield from (r.id for r in told if r.site == question.site and _on(r, day))


def _on(record: Record, day: date) -> bool:
    return record.available_at is not None and record.available_at.date() == day
