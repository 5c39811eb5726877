"""What is new: a record is kept once, and a changed one supersedes the one it takes the place of."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

from sitewatch.records import (
    RETELLS,
    Alert,
    AlertState,
    Assessment,
    Catalogue,
    Commitment,
    Fault,
    Finding,
    Intake,
    Lineage,
    Look,
    Pass,
    Question,
    Record,
    Result,
    Site,
    Source,
    State,
    View,
)

R = TypeVar("R", bound=Record)

PLACES: dict[type[Record], Callable[..., Hashable]] = {
    Site: lambda r: r.slug,
    Catalogue: lambda r: r.slug,
    Source: lambda r: r.slug,
    Question: lambda r: r.slug,
    Commitment: lambda r: r.slug,
    Intake: lambda r: (r.form, r.where),
    # A pass that was loaded again, onto another grid, is another record: its look is told by its moment.
    Look: lambda r: (r.by, r.site, r.when, None if r.pass_id else (r.publisher, r.provider), r.observable),
    Lineage: lambda r: (r.child, r.parent if r.relation not in RETELLS or r.method.startswith("analyst") else None),
    Fault: lambda r: (r.room, r.subject),
    Assessment: lambda r: r.question,
    Finding: lambda r: r.commitment,
}
"""What a record is about, by its class: of two about the same thing only the later holds."""


def settle(records: Iterable[R], view: View) -> list[R]:
    """The records that say something the view does not hold yet; each names the record that it takes the place of.

    Alerts carry their own chain, and claims, items, passes and relations never take another's place: they only have
    to be new. Two records say the same when they differ in nothing but their place in a table and what they supersede.
    """
    new: list[R] = []
    held: dict[type[Record], dict[Hashable, Record]] = {}
    for record in records:
        kind, place = type(record), PLACES.get(type(record))
        if place is None:
            new += [record] if record.id not in view else []
            continue
        if kind not in held:
            held[kind] = {place(old): old for old in view.of(kind)}
        old = held[kind].get(place(record))
        if old is not None and _said(old) == _said(record):
            continue
        settled = record.model_copy(update={"supersedes": old.id if old else record.supersedes})
        held[kind][place(record)] = settled
        new.append(settled)
    return new


def retracted(looks: Iterable[Look], view: View) -> list[Look]:
    """For each analyst's look that no table holds any more, a look that takes its place and says nothing."""
    held = {PLACES[Look](look) for look in looks}
    return [
        old.model_copy(update={"result": Result.NOT_ASSESSABLE, "reason": "taken back: no table holds it any more"})
        for old in view.of(Look)
        if old.by == "analyst" and PLACES[Look](old) not in held
    ]


def stale(alerts: Iterable[Alert], site: str, view: View) -> list[Alert]:
    """Alerts of a site that a new computation over other passes no longer raises, withdrawn with that reason."""
    renewed = {p.supersedes: p.id for p in view.of(Pass) if p.supersedes}
    current = {alert.id for alert in alerts}
    continued = {alert.supersedes for alert in alerts}
    gone = [a for a in view.of(Alert) if a.site == site and a.id not in current and a.id not in continued]
    reason = "computed again, with other passes or another fence; see the alerts that stand"
    return [
        a.model_copy(
            update={
                "supersedes": a.id,
                "history": (*a.history, AlertState(state=State.WITHDRAWN, at=a.history[-1].at, reason=reason)),
                "looks_used": tuple(renewed.get(id, id) for id in a.looks_used),
                "looks_missed": tuple(renewed.get(id, id) for id in a.looks_missed),
                "before": a.before and renewed.get(a.before, a.before),
                "after": a.after and renewed.get(a.after, a.after),
            }
        )
        for a in gone
        if a.history[-1].reason != reason
    ]


def _said(record: Record) -> dict[str, object]:
    return {k: v for k, v in record.content().items() if k not in ("supersedes", "row")}
