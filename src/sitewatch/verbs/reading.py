"""Read: reports are gathered, and what they claim is traced and compared."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date, datetime
from itertools import pairwise
from typing import TYPE_CHECKING

from sitewatch.read import Fetched, claims, compare, gather, item, trace
from sitewatch.records import Claim, Fault, Item, Lineage, Record, Source, View, When
from sitewatch.verbs.keeping import RELATED, settle, taken_back
from sitewatch.verbs.outcome import Outcome

if TYPE_CHECKING:
    from sitewatch.verbs.bench import Bench


def read(bench: Bench, *, allow_private: bool) -> Outcome:
    """Gather the reports that are new, draw the claims from them, trace them to their roots and compare them."""
    outcome = Outcome("read")
    versions = _versions(bench.ledger.view())
    known = {origin for origin, told in versions.items() if not _edited(bench, told)}
    faults = bench.faults("read")
    answering = {intake.where for intake in bench.case.intakes if intake.form == "feed"}
    for fetched in gather(
        bench.case.intakes, folder=bench.case.folder, known=known, client=None, allow_private=allow_private
    ):
        if isinstance(fetched, Fault):
            bench.failed(fetched, outcome)
            answering.discard(fetched.subject)
            continue
        bench.progress(f"reading {fetched.origin}", outcome.new["item"], 0)
        _keep(bench, fetched, versions.get(fetched.origin, []), faults, outcome)
    for feed in answering:
        bench.came(feed, faults)
    _relate(bench, outcome)
    return outcome


def _keep(bench: Bench, fetched: Fetched, versions: list[Item], faults: dict[str, Fault], outcome: Outcome) -> None:
    """Record a report with its claims, its bytes first."""
    report = item(fetched, bench.case.sources, now=bench.clock())
    if isinstance(report, Fault):
        bench.failed(report, outcome)
        return
    bench.ledger.put(fetched.data)
    day = _day(report)
    if versions:
        outcome.notes.append(f"{report.origin} has changed since it was read; both versions are kept and compared")
        # The later version was published between the moment at which the last one was read and now.
        span = When(earliest=versions[-1].recorded_at, latest=bench.clock())
        report = report.model_copy(update={"published": span, "available_at": span.latest})
    said = claims(report.text, published=day, places=bench.case.places, item=report, sources=bench.case.sources)
    bench.add([report, *said], outcome)
    bench.came(fetched.origin, faults)


def _versions(view: View) -> dict[str, list[Item]]:
    """What was read of each origin, the latest version last."""
    versions: dict[str, list[Item]] = {}
    for report in view.of(Item):
        versions.setdefault(report.origin, []).append(report)
    return versions


def _edited(bench: Bench, versions: list[Item]) -> bool:
    """True where a file of the case is not what it was when it was read."""
    path = bench.case.folder / versions[-1].origin
    if "://" in versions[-1].origin or not path.is_file():
        return False
    return hashlib.sha256(path.read_bytes()).hexdigest() not in {v.artifact for v in versions}


def _relate(bench: Bench, outcome: Outcome) -> None:
    """Lineage and relations over everything that was read so far, unless nothing of it is new."""
    view = bench.ledger.view()
    items, sources = view.of(Item), view.of(Source)
    links = _links(bench, items, outcome)
    inputs = [record.id for record in (*items, *sources, *links, *view.of(Claim))]
    inputs += [str(place) for place in bench.case.places]
    if bench.is_done("relations", inputs):
        return
    bench.progress("tracing stories", 0, 1)
    edits = _edits(view)
    again = {edge.child for edge in edits}
    edges = [*(edge for edge in trace(items, sources) if edge.child not in again), *edits, *links]
    lineage = [edge for edge in settle(edges, View([], head="")) if isinstance(edge, Lineage)]
    found = compare(view.of(Claim), items=items, lineage=lineage, places=bench.case.places)
    relations = [record for one in found if (record := one.record()) is not None]

    def related(now: View) -> Iterable[Record]:
        yield from edges
        yield from relations
        yield from taken_back(RELATED, [*edges, *relations], now, "not found any more, with all that was read since")

    bench.keep(related, outcome)
    bench.done("relations", inputs)
    bench.progress("tracing stories", 1, 1)


def _edits(view: View) -> list[Lineage]:
    """Each later version of a report has its content from the version before."""
    return [
        Lineage(
            available_at=_latest(new, old),
            child=new.id,
            parent=old.id,
            relation="copy",
            score=1.0,
            method=f"a later version of {new.origin}",
        )
        for versions in _versions(view).values()
        for old, new in pairwise(versions)
    ]


def _links(bench: Bench, items: Iterable[Item], outcome: Outcome) -> list[Lineage]:
    """The analyst's own lineage, between reports that were read."""
    by_origin = {one.origin: one for one in items}
    edges = []
    for link in bench.case.links:
        child, parent = by_origin.get(link.child), by_origin.get(link.parent)
        if child is None or parent is None:
            missing = link.child if child is None else link.parent
            outcome.notes.append(f"link {link.child} -> {link.parent}: {missing} was not read; the link waits for it")
            continue
        edges.append(
            Lineage(
                available_at=_latest(child, parent),
                child=child.id,
                parent=parent.id,
                relation=link.relation,
                score=1.0,
                method=f"analyst: {link.why}",
            )
        )
    return edges


def _day(report: Item) -> date | None:
    """The day of publication, where it is known to the day."""
    first, last = report.published.earliest, report.published.latest
    return first.date() if first and last and first.date() == last.date() else None


def _latest(*records: Record) -> datetime | None:
    """When all of some records could be known; None when one of them is undated."""
    moments = [record.available_at for record in records]
    return None if None in moments else max(moment for moment in moments if moment)
