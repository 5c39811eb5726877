"""Traffic: what each pass saw move on a site's road, and how much that is by the road's own past."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from sitewatch.errors import InputError
from sitewatch.look import site_grid
from sitewatch.look.traffic import TrafficSettings, follow_road, parse_roads, road_mask
from sitewatch.records import Artifact, Look, Observation, Pass, Record, Retraction, Site, View, When
from sitewatch.tell.observed import lines
from sitewatch.verbs.keeping import taken_back
from sitewatch.verbs.outcome import Outcome
from sitewatch.verbs.traffic_told import COUNTED, RATE, RoadFile, observations, pictures

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sitewatch.case import Roads
    from sitewatch.look.traffic import RoadLook, RoadWatch
    from sitewatch.verbs.bench import Bench

OBSERVABLE = "traffic"
"""What a look at a road is for."""
PUBLISHER = "Sitewatch monitor"


def follow_traffic(bench: Bench, passes: Iterable[Pass], outcome: Outcome) -> None:
    """Count the moving vehicles of every site that the case has roads for; take back what it names no roads for.

    Args:
        bench: the opened case.
        passes: that the ledger holds, of any site and sensor.
        outcome: gets what is new, and what it says.

    Raises:
        InputError: a file of roads cannot be read, or is no GeoJSON of roads on the site's grid.
    """
    every, served = list(passes), {given.site: given for given in bench.case.roads}
    for site in bench.case.sites:
        if site.slug in served:
            grid = site_grid(site)
            own = [p for p in every if (p.site, p.sensor, p.grid) == (site.slug, "optical", grid)]
            _follow(bench, site, served[site.slug], own, outcome)

    def unserved(record: Record) -> bool:
        return _of_traffic(record) and getattr(record, "site", None) not in served

    reason = "the case no longer names roads for its site"
    bench.keep(lambda view: taken_back((Look, Observation), (), view, reason, among=unserved), outcome)


def _follow(bench: Bench, site: Site, given: Roads, passes: Sequence[Pass], outcome: Outcome) -> None:
    """Search the passes of one site, unless the same ones were searched on the same road before."""
    path = bench.case.folder / given.file
    try:
        data = path.read_bytes()
        ways = parse_roads(data.decode("utf-8-sig"), str(path))
        road = road_mask(ways, site_grid(site))
        _long_enough(int(road.mask.sum()))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read: {error}; give the roads as GeoJSON, in UTF-8") from error
    except InputError as error:
        raise InputError(f"{bench.case.file}: roads of site {site.slug}: {error}") from error
    file = RoadFile(given.file, hashlib.sha256(data).hexdigest(), given.licence, given.attribution)
    what, doing = f"traffic-{site.slug}", f"counting traffic of {site.name}"
    inputs = [f"{n} {term}" for n, term in enumerate((site.fence, *file))] + [one.id for one in passes]
    held = any(_of_traffic(k) and k.site == site.slug for k in bench.ledger.view().of(Look))
    if bench.is_done(what, inputs) and held == bool(passes):
        return
    watch = follow_road(passes, road, bench.ledger.get, progress=lambda n, of: bench.progress(doing, n, of))
    bench.ledger.put(data)
    artifact = Artifact(
        sha256=file.sha256, size=len(data), media_type="application/geo+json", origin=file.written,
        licence=file.licence, attribution=file.attribution,
    )  # fmt: skip
    bench.keep([artifact], outcome)
    bench.keep(lambda view: _looks(site, watch, view), outcome)
    _observe(bench, site, watch, file, road.mask, outcome)
    bench.done(what, inputs)


def _long_enough(pixels: int) -> None:
    """Refuse a road so short that no pass could ever be counted on it."""
    least = TrafficSettings().least_pixels
    if pixels < least:
        raise InputError(
            f"{pixels} pixels of road lie on the site's grid, and a count needs {least}; draw more of the road"
        )


def _of_traffic(record: Record) -> bool:
    if isinstance(record, Look):
        return record.by == "monitor" and record.observable == OBSERVABLE
    return isinstance(record, Observation) and record.what in (COUNTED, RATE)


def _looks(site: Site, watch: RoadWatch, view: View) -> Iterable[Record]:
    """A look for each pass; those of passes that are not searched any more are taken back."""
    looks = [_look(one) for one in watch.looks]

    def of_site(record: Record) -> bool:
        return _of_traffic(record) and isinstance(record, Look) and record.site == site.slug

    yield from looks
    yield from taken_back((Look,), looks, view, "its pass is not searched for traffic any more", among=of_site)


def _look(look: RoadLook) -> Look:
    one = look.one
    return Look(
        available_at=look.available_at, site=one.site, observable=OBSERVABLE, result=look.result,
        when=When(earliest=one.acquired, latest=one.acquired_until or one.acquired), by="monitor", pass_id=one.id,
        provider=one.provider, publisher=PUBLISHER, resolution_m=one.grid.transform[0], p_detect=look.p_detect,
        reason=look.reason, redistributable=True,
    )  # fmt: skip


def _observe(
    bench: Bench, site: Site, watch: RoadWatch, file: RoadFile, mask: NDArray[np.bool_], outcome: Outcome
) -> None:
    """Record the count and the rate; each takes the place of the one before, which rested on fewer passes."""
    drawn = pictures(site, watch.clearest, mask, file, bench.ledger.get) if watch.now else None
    for png in drawn.data if drawn else ():
        bench.ledger.put(png)

    def found(view: View) -> Iterable[Record]:
        ids = {k.pass_id: k.id for k in view.of(Look) if k.pass_id and k.site == site.slug and _of_traffic(k)}
        held = {o.what: o for o in view.of(Observation) if o.site == site.slug and _of_traffic(o)}
        new = observations(site, watch, file, ids, drawn.crops if drawn else ())
        yield from drawn.artifacts if drawn else ()
        for one in new:
            before = held.pop(one.what, None)
            moved = before is not None and before.looks != one.looks
            yield one.model_copy(update={"supersedes": before.id}) if before and moved else one
        reason = "the passes over the road do not tell it any more"
        yield from (Retraction(supersedes=one.id, reason=reason) for one in held.values())

    kept = bench.keep(found, outcome)
    outcome.notes += lines(site.name, (one for one in kept if isinstance(one, Observation)))
    if not watch.now:
        outcome.notes.append(f"{site.name}: no pass saw enough of its road to count traffic ({len(watch.looks)} tried)")
