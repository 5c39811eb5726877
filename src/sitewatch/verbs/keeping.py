"""What is new: a record is kept once, a changed one supersedes the old one, a vanished one is taken back."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, TypeVar

from sitewatch.records import (
    RETELLS,
    Alert,
    Assessment,
    Balance,
    Catalogue,
    Commitment,
    Declaration,
    Estimate,
    Fault,
    Finding,
    Heat,
    HeatChange,
    Intake,
    Lineage,
    Look,
    Measured,
    Observation,
    Question,
    Reckoning,
    Record,
    Relation,
    Retraction,
    Site,
    Source,
    Tallied,
    View,
)

R = TypeVar("R", bound=Record)


def _look(look: Look) -> Hashable:
    """A monitor's look is of its pass, or of a pair; an analyst's of what its row asks, and of the image it names."""
    if look.by == "monitor" and look.pass_id:
        return look.by, look.pass_id, look.observable, look.image
    asked = look.by, look.site, look.observable, look.publisher
    return (*asked, look.image) if look.image else (*asked, look.when, look.provider, look.resolution_m)


def _lineage(edge: Lineage) -> Hashable:
    """A child has one parent that it retells, found by tracing; ties and an analyst's own edges stand beside it."""
    free = edge.relation not in RETELLS or edge.method.startswith("analyst")
    return edge.child, edge.parent if free else None


PLACES: dict[type[Record], Callable[[Any], Hashable]] = {
    Site: lambda r: r.slug,
    Catalogue: lambda r: r.slug,
    Source: lambda r: r.slug,
    Question: lambda r: r.slug,
    Commitment: lambda r: r.slug,
    Declaration: lambda r: r.slug,
    Estimate: lambda r: r.slug,
    Balance: lambda r: r.slug,
    Tallied: lambda r: r.slug,
    Intake: lambda r: (r.form, r.where),
    Look: _look,
    Lineage: _lineage,
    Measured: lambda r: (r.site, r.sensor),
    Observation: lambda r: (r.site, r.what, r.looks),
    Heat: lambda r: r.site,
    HeatChange: lambda r: (r.site, r.change, r.first_flagged),
    Fault: lambda r: (r.room, r.subject),
    Assessment: lambda r: r.question,
    Finding: lambda r: r.commitment,
    Reckoning: lambda r: (r.found.form, r.slug),
}
"""What a record is about, by its class: of two about the same thing only the later holds."""

SETUP: tuple[type[Record], ...] = (
    Site, Catalogue, Source, Question, Commitment, Declaration, Estimate, Balance, Tallied, Intake,
)  # fmt: skip
"""What the case file sets up."""


STATED: tuple[type[Record], ...] = (Balance, Commitment, Declaration, Estimate, Tallied)
"""What an analyst states with a day of its own."""


def _place(record: Record) -> Hashable:
    """What a record is about; itself, for claims, items, passes, alerts and relations."""
    about = PLACES.get(type(record))
    return about(record) if about else record.id


def settle(records: Iterable[Record], view: View) -> list[Record]:
    """The records that say something the view does not hold yet; each names the record that it takes the place of.

    Two records say the same when they differ in nothing but their place in a table and what they supersede. What was
    taken back and comes again supersedes its retraction. What an analyst states with a day that proves too early is
    taken back first: on the days between it was not known after all.
    """
    new: list[Record] = []
    held: dict[type[Record], dict[Hashable, Record]] = {}
    for record in records:
        kind, place = type(record), _place(record)
        if kind not in held:
            held[kind] = {_place(old): old for old in view.of(kind)}
        old = held[kind].get(place)
        if old is not None and _said(record) in (_said(old), _said(unreviewed(old, view))):
            continue
        if old is not None and _dated_too_early(old, record):
            said = f"available on {record.available_at:%Y-%m-%d}" if record.available_at else "of no known day"
            old = Retraction(supersedes=old.id, reason=f"its day was mended: it is {said}")
            new.append(old)
        settled = record.model_copy(update={"supersedes": old.id}) if old else record
        while settled.id in view.retracted:
            settled = record.model_copy(update={"supersedes": view.retracted[settled.id]})
        held[kind][place] = settled
        new.append(settled)
    return new


def _dated_too_early(old: Record, record: Record) -> bool:
    """Whether an analyst's statement counted from a day on that was before the one it has now."""
    stated = isinstance(record, STATED) or (isinstance(record, Look) and record.by == "analyst")
    if not stated or old.available_at is None:
        return False
    return record.available_at is None or record.available_at > old.available_at


def unreviewed(record: Record, view: View) -> Record:
    """An observation as it was before any analyst's word on it; any other record as it is.

    An analyst's word stands as long as the same observation is made again.
    """
    if not isinstance(record, Observation) or record.review is None:
        return record
    before: dict[str, Record] = {one.id: one for one in view.every(Observation)}
    while isinstance(record, Observation) and record.review and record.supersedes in before:
        record = before[record.supersedes]
    return record


def taken_back(
    kinds: Iterable[type[Record]],
    found: Iterable[Record],
    view: View,
    reason: str,
    *,
    among: Callable[[Record], bool] = lambda record: True,
) -> list[Retraction]:
    """A retraction for each record of some kinds whose place nothing of what was found takes any more.

    Args:
        kinds: whose records are compared.
        found: everything of these kinds that holds now.
        view: what the ledger holds.
        reason: why it is taken back.
        among: which of the view's records are compared at all.
    """
    places = {(type(record), _place(record)) for record in found}
    return [
        Retraction(supersedes=old.id, reason=reason)
        for kind in kinds
        for old in view.of(kind)
        if among(old) and (kind, _place(old)) not in places
    ]


def alerts_kept(alerts: Sequence[Alert], site: str, view: View) -> list[Record]:
    """What makes the alerts of a site stand as they were computed, each at its latest step.

    A step that a new computation does not raise is taken back. Where that uncovers an earlier step of the same alert,
    this step is said anew: what was superseded does not rise again by itself.

    Args:
        alerts: every step of every alert, in order.
        site: whose alerts they are.
        view: what the ledger holds.
    """
    reason = "computed again, with other passes or another fence; see the alerts that stand"
    held = {old.id: old for old in view.every(Alert) if old.site == site}
    latest = {(alert.sensor, alert.number): alert for alert in alerts}
    steps, last = {_step(alert) for alert in alerts}, {_step(alert) for alert in latest.values()}
    following = {alert.supersedes for alert in alerts if alert.id not in held}

    def stale(old: Alert) -> bool:
        """Whether a step is raised no more, or stands although the alert went on from it, or back to before it."""
        stands_late = old.id in view and _step(old) not in last and old.id not in following
        return _step(old) not in steps or stands_late

    undone = [
        Retraction(supersedes=old.id, reason=reason)
        for old in held.values()
        if old.id not in view.retracted and stale(old)
    ]
    gone = view.retracted | {back.supersedes: back.id for back in undone}
    after = {old.supersedes: old.id for old in held.values()}
    standing = {_step(old) for old in held.values() if old.id in view and old.id not in gone}

    def anew(alert: Alert) -> Alert:
        """The step, superseding the retraction that uncovers it, as often as it was covered and uncovered."""
        while alert.id in held:
            back = gone.get(alert.id) or gone.get(after.get(alert.id))
            if back is None:
                break
            alert = alert.model_copy(update={"supersedes": back})
        return alert

    ends = [anew(alert) for alert in latest.values() if _step(alert) not in standing]
    before = [alert for alert in alerts if alert not in latest.values() and alert.id not in held]
    return [*undone, *before, *ends]


def _step(alert: Alert) -> str:
    """What a step of an alert says, whatever it supersedes."""
    return alert.model_copy(update={"supersedes": None}).id


RELATED: tuple[type[Record], ...] = (Lineage, Relation)
"""What is found anew over all reports each time one is new."""


def _said(record: Record) -> dict[str, object]:
    return {k: v for k, v in record.content().items() if k not in ("supersedes", "row")}
