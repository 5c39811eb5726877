"""Look: passes are fetched from the catalogues and watched."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from sitewatch.errors import ServiceError
from sitewatch.look import fused, load_pass, nothing_found, search, site_grid, watch_site
from sitewatch.records import Catalogue, Fault, Look, Measured, Pass, Record, Sensor, Site, View
from sitewatch.verbs.heating import follow_heat
from sitewatch.verbs.keeping import alerts_kept, taken_back
from sitewatch.verbs.outcome import Outcome
from sitewatch.verbs.prefetch import ahead
from sitewatch.verbs.traffic import follow_traffic
from sitewatch.verbs.tying import untied

if TYPE_CHECKING:
    from sitewatch.look.chips import Chip
    from sitewatch.verbs.bench import Bench


def look(bench: Bench) -> Outcome:
    """Search the catalogues, load the passes that are new, and run the monitor over every fenced site."""
    outcome = Outcome("look")
    faults = bench.faults("look")
    for catalogue in bench.case.catalogues:
        for site in (s for s in bench.case.sites if s.slug in catalogue.sites):
            _fetch(bench, catalogue, site, faults, outcome)
    # The analyst's own images are not of the monitor's kind: she reads them herself.
    passes = [p for p in bench.ledger.view().of(Pass) if p.sensor != "analyst"]
    for site in (s for s in bench.case.sites if s.fence):
        # Passes of a fence that was drawn elsewhere lie on another grid; those still listed were loaded again.
        own = [p for p in passes if p.site == site.slug and p.grid == site_grid(site, p.grid.transform[0])]
        _watch(bench, site, own, outcome)
    follow_heat(bench, outcome)
    follow_traffic(bench, passes, outcome)
    outcome.notes += untied(bench.ledger.view())
    return outcome


def _fetch(bench: Bench, catalogue: Catalogue, site: Site, faults: dict[str, Fault], outcome: Outcome) -> None:
    """Load the passes of one catalogue over one site that the ledger does not hold yet."""
    subject = f"catalogue {catalogue.slug} for site {site.slug}"
    refused: list[str] = []
    try:
        found = search(catalogue, site, folder=bench.case.folder, refused=refused)
    except ServiceError as error:
        bench.failed(Fault(room="look", subject=subject, reason=str(error), transient=True), outcome)
        return
    left_out = _grouped(refused)
    outcome.notes += left_out
    if found:
        bench.came(subject, faults)
    else:
        reason = "; ".join(left_out) or nothing_found(catalogue, site)
        bench.failed(Fault(room="look", subject=subject, reason=reason, transient=False), outcome)
        outcome.wrong = True
    held: dict[tuple[Sensor, str, datetime], Pass] = {
        (p.sensor, p.platform, p.acquired): p
        for p in bench.ledger.view().of(Pass)
        if (p.site, p.catalogue) == (site.slug, catalogue.slug) and p.sensor != "analyst"
    }
    fits = {(p.items, p.grid) for p in held.values() if p.bands == catalogue.bands}
    todo = [f for f in found if (f.ids, f.grid) not in fits]
    with warnings.catch_warnings():
        # The loader silences this one itself, but warning filters are no thread's own: another thread may lift it.
        warnings.filterwarnings("ignore", message="Dataset has no geotransform")
        for done, (one, load) in enumerate(ahead(lambda one: load_pass(one, catalogue), todo)):
            bench.progress(f"loading {site.name}", done, len(todo))
            _keep(bench, one.name, load, held.get((one.product.sensor, one.platform, one.acquired)), faults, outcome)
    bench.progress(f"loading {site.name}", len(todo), len(todo))


def _grouped(refused: list[str]) -> list[str]:
    """Items that are left out, those of one reason in one sentence."""
    alike: dict[str, list[str]] = {}
    for sentence in refused:
        item, _, reason = sentence.partition(": ")
        alike.setdefault(reason, []).append(item)
    return [
        f"{items[0]}: {reason}" if len(items) == 1 else f"{items[0]} and {len(items) - 1} more: {reason}"
        for reason, items in alike.items()
    ]


def _keep(
    bench: Bench, name: str, load: Callable[[], Chip], old: Pass | None, faults: dict[str, Fault], outcome: Outcome
) -> None:
    """Record a pass; it takes the place of one that was processed anew, lies on another grid or has other bands."""
    subject = f"pass {name}"
    try:
        chip = load()
    except ServiceError as error:
        reason = str(error).removeprefix(f"{subject}: ")
        bench.failed(Fault(room="look", subject=subject, reason=reason, transient=True), outcome)
        return
    bench.ledger.put(chip.data)
    bench.add([chip.record().model_copy(update={"supersedes": old.id if old else None})], outcome)
    bench.came(subject, faults)


def _watch(bench: Bench, site: Site, passes: list[Pass], outcome: Outcome) -> None:
    """Run the monitor over one site, unless it saw the same passes behind the same fence before."""
    read = [k for k in bench.ledger.view().of(Look) if k.site == site.slug and k.by == "analyst"]
    known = sorted(record.id for record in (*passes, *read))
    what, inputs = f"watch-{site.slug}", [str(site.fence), str(site.watch_from), *known]
    if not passes or bench.is_done(what, inputs):
        return
    bench.progress(f"watching {site.name}", 0, 1)
    sensors = {p.id: p.sensor for p in passes}
    each = [watch_site(site, passes, bench.ledger.get, sensor=kind) for kind in sorted(set(sensors.values()))]
    looks = [look for watched in each for look in watched.looks]
    faults = [fault for watched in each for fault in watched.faults]
    measured = [watched.measured for watched in each if watched.measured]
    alerts = fused([step for watched in each for step in watched.alerts], [*looks, *read], sensors)

    def judged(record: Record) -> bool:
        return isinstance(record, Look) and record.of_watch and record.site == site.slug

    def tried(record: Record) -> bool:
        return isinstance(record, Measured) and record.site == site.slug

    def of_the_feed(record: Record) -> bool:
        return isinstance(record, Fault) and record.site == site.slug

    def seen(view: View) -> Iterable[Record]:
        yield from looks
        yield from taken_back((Look,), looks, view, "its pass is not watched any more", among=judged)
        yield from alerts_kept(alerts, site.slug, view)
        yield from measured
        yield from faults
        yield from taken_back((Measured,), measured, view, "nothing can be measured here any more", among=tried)
        yield from taken_back((Fault,), faults, view, "the feed shows it no more", among=of_the_feed)

    bench.keep(seen, outcome)
    outcome.notes += [f"{site.name}: {fault.reason}" for fault in faults]
    bench.done(what, inputs)
    bench.progress(f"watching {site.name}", 1, 1)
