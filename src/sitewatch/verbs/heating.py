"""Heat: the case's files of hotspots are read, and each site that they are for is followed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import shapely

from sitewatch.errors import InputError
from sitewatch.look.hotspots import HotspotSettings, read_clouds, watch_rate
from sitewatch.records import Heat, HeatChange, HeatDay, HeatRate, Probability, Record, Site, View, day_end, heat_at
from sitewatch.tell.heat import lines, told
from sitewatch.verbs.heat_files import HeatFiles, detections_of, heat_files
from sitewatch.verbs.keeping import taken_back
from sitewatch.verbs.outcome import Outcome

if TYPE_CHECKING:
    from sitewatch.case import Hotspots
    from sitewatch.look.hotspots import Detection, HotspotEvent, HotspotWatch
    from sitewatch.look.hotspots.rates import Rate
    from sitewatch.verbs.bench import Bench

_SHARE = "half-days with a hotspot per clear half-day; median and 90 % interval, Jeffreys prior"
_ONLY_CLOUD = "by the counting monitor; too small where cloud is told from neighbours, whose errors last for days"
_SETTINGS = HotspotSettings()


def follow_heat(bench: Bench, outcome: Outcome) -> None:
    """Count the hotspots of every site that the case has files for, and take back what no file is named for any more.

    Raises:
        InputError: a file cannot be read, or says what no file of hotspots of that site can say.
    """
    read: dict[str, tuple[Detection, ...]] = {}
    served = {slug: given for given in bench.case.hotspots for slug in given.sites}
    for site in bench.case.sites:
        if site.slug in served:
            _follow(bench, site, served[site.slug], read, outcome)

    def unserved(record: Record) -> bool:
        return isinstance(record, Heat | HeatChange) and record.site not in served

    reason = "the case no longer names hotspots for its site"
    bench.keep(lambda view: taken_back((Heat, HeatChange), (), view, reason, among=unserved), outcome)


def _follow(
    bench: Bench, site: Site, given: Hotspots, read: dict[str, tuple[Detection, ...]], outcome: Outcome
) -> None:
    """Count the hotspots of one site, unless the same files were counted behind the same fence before."""
    files, start = heat_files(bench.case.folder, given), site.watch_from
    assert start is not None  # noqa: S101  a case without it is refused
    terms = (site.fence, start, given.latency_hours, given.licence, given.attribution)
    what, inputs = f"heat-{site.slug}", [f"{n} {term}" for n, term in enumerate((*terms, *files.told))]
    if bench.is_done(what, inputs) and heat_at(bench.ledger.view(), site.slug):
        return
    bench.progress(f"counting hotspots of {site.name}", 0, 1)
    detections, clouds = detections_of(files.tables, read), read_clouds(files.series.path) if files.series else None
    last = _over_by(bench.clock(), site, given.latency_hours)
    try:
        watch, cut = _watch(detections, site, start, clouds, last)
    except InputError as error:
        named = ", ".join(one.written for one in files.every)
        raise InputError(f"{bench.case.file}: hotspots of site {site.slug} ({named}): {error}") from error
    heat = _summary(site, given, watch, (start, min(_last_day(watch, detections, start), last)), files)
    _keep(bench, heat, [_change(site, given, event, watch.clouds) for event in watch.events], files, outcome)
    if not cut:
        bench.done(what, inputs)
    bench.progress(f"counting hotspots of {site.name}", 1, 1)


def _keep(bench: Bench, heat: Heat, changes: Sequence[HeatChange], files: HeatFiles, outcome: Outcome) -> None:
    """Record the files and what they say of a site; changes that they no longer show are taken back."""
    for one in files.every:
        bench.ledger.put(one.data)

    def of_site(record: Record) -> bool:
        return isinstance(record, HeatChange) and record.site == heat.site

    def found(view: View) -> Iterable[Record]:
        yield from files.artifacts
        yield heat
        yield from changes
        reason = "counted again, with other files or another fence; see the changes that stand"
        yield from taken_back((HeatChange,), changes, view, reason, among=of_site)

    entry = told(heat.site, View([heat, *changes], head="")) if bench.keep(found, outcome) else None
    if entry:
        outcome.notes += lines(next(site.name for site in bench.case.sites if site.slug == heat.site), entry)


def _watch(
    detections: tuple[Detection, ...], site: Site, start: date, clouds: Mapping[date, float] | None, last: date
) -> tuple[HotspotWatch, bool]:
    """The watch up to the last day that is over by now, and whether the files hold a later one."""
    fence = shapely.Polygon(site.fence)
    watch = watch_rate(detections, fence, start, clouds=clouds, settings=_SETTINGS)
    if not watch.days or watch.days[-1].day <= last:
        return watch, False
    if last < start:
        raise InputError(f"the watch starts on {start}, a day whose hotspots are still to come; wait for it")
    return watch_rate(detections, fence, start, clouds=clouds, until=last, settings=_SETTINGS), True


# --- When a day can be known


def _over(day: date, site: Site, latency_hours: float) -> datetime:
    """When the hotspots of a day can have been public.

    A day of a site ends with its last overpass by local solar time, 18 hours after midnight; far in the west that is
    the next day, UTC.
    """
    lon = shapely.Polygon(site.fence).centroid.x
    return day_end(day) + timedelta(hours=max(0.0, -lon / 15 - 6) + latency_hours)


def _over_by(now: datetime, site: Site, latency_hours: float) -> date:
    """The last day whose hotspots can be public."""
    day = now.astimezone(UTC).date()
    while _over(day, site, latency_hours) > now:
        day -= timedelta(days=1)
    return day


def _last_day(watch: HotspotWatch, detections: Iterable[Detection], start: date) -> date:
    """The last day that was counted; of files that nothing can be said from, the last that they hold."""
    if watch.days:
        return watch.days[-1].day
    return max((one.time.date() for one in detections), default=start)


# --- Records


def _summary(
    site: Site, given: Hotspots, watch: HotspotWatch, span: tuple[date, date], files: HeatFiles
) -> Heat:  # fmt: skip
    return Heat(
        available_at=_over(span[1], site, given.latency_hours),
        site=site.slug,
        start=span[0],
        until=span[1],
        tables=tuple(one.sha256 for one in files.tables),
        series=files.series.sha256 if files.series else None,
        latency_hours=given.latency_hours,
        clouds=watch.clouds,
        reason=watch.reason,
        limit=_SETTINGS.limit,
        history=_rate(watch.history) if watch.history else None,
        days=tuple(HeatDay(day.day, day.count, round(day.clear, 3), round(day.quiet, 4)) for day in watch.days),
    )


def _change(site: Site, given: Hotspots, event: HotspotEvent, clouds: str) -> HeatChange:
    return HeatChange(
        available_at=_over(event.first_flagged, site, given.latency_hours),
        site=site.slug,
        change=event.change.value,
        first_flagged=event.first_flagged,
        onset_first=event.onset[0],
        onset_last=event.onset[1],
        only_cloud=Probability.exactly(round(event.only_cloud, 6), _ONLY_CLOUD),
        before=_rate(event.before),
        after=_rate(event.after),
        clouds=clouds,
    )


def _rate(rate: Rate) -> HeatRate:
    share = Probability(lo=rate.low, best=rate.best, hi=rate.high, origin=_SHARE)
    return HeatRate(share=share, hits=rate.hits, clear=round(rate.clear, 3))
