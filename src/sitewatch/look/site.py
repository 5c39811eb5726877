"""One site's watch as records: its passes become looks and alerts on the map."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from rasterio.features import shapes
from rasterio.transform import Affine
from rasterio.warp import transform, transform_geom

from sitewatch.errors import InputError
from sitewatch.look.baseline import Bools
from sitewatch.look.chips import Reading, read_chip
from sitewatch.look.faults import FeedFault
from sitewatch.look.grid import fence_mask
from sitewatch.look.memory import PassLook
from sitewatch.look.overflights import Available, known, overflights
from sitewatch.look.series import SERIES, Series
from sitewatch.look.settings import MonitorSettings
from sitewatch.look.states import SiteAlert
from sitewatch.look.trials import measure
from sitewatch.look.watch import Watch, monitor
from sitewatch.records import (
    CHANGE,
    Alert,
    AlertState,
    Fault,
    Grid,
    Look,
    Measured,
    Pass,
    Region,
    Result,
    Sensor,
    Site,
    When,
)

WGS84 = "EPSG:4326"
OBSERVABLE = CHANGE
"""What the monitor looks for."""
PUBLISHER = "Sitewatch monitor"


@dataclass(frozen=True)
class SiteWatch:
    """What the passes of one site say."""

    looks: tuple[Look, ...]
    """One per pass: those that are used in order of time, then those that stand for one overflight a second time."""
    alerts: tuple[Alert, ...]
    """Every alert after each of its steps; each step supersedes the one before."""
    measured: Measured | None = None
    """How often the watch cries wolf here and what it would notice; None where nothing was measured."""
    faults: tuple[Fault, ...] = ()
    """What is wrong with the feed of the site; none of it is an alert."""


def watch_site(
    site: Site,
    passes: Iterable[Pass],
    blob: Callable[[str], bytes],
    *,
    sensor: Sensor = "optical",
    settings: MonitorSettings | None = None,
    trials: bool = True,
) -> SiteWatch:
    """Run the monitor over the passes of one sensor over one site.

    Args:
        site: with a fence and a first watched day.
        passes: in any order; those of other sites and of other sensors are let be, and of one overflight that is
            listed twice only one is used.
        blob: gives the bytes of a chip by its hash.
        sensor: whose passes.
        settings: of the monitor; None takes those of the sensor.
        trials: whether to measure the false alarms and the power of the watch, which takes seconds.

    Returns:
        Looks and alerts, the measurement and the faults of the feed. Where the passes cannot be judged (too short a
        history, no ring), each look says why and nothing is measured.
    """
    if site.watch_from is None:
        raise InputError(
            f"site {site.slug}: watch_from is needed, the first watched day; passes before it are the history"
        )
    every = [p for p in passes if p.site == site.slug and p.sensor == sensor]
    if not every:
        return SiteWatch((), ())
    series, grid = SERIES[sensor], _commonest(p.grid for p in every)
    held = [p for p in every if p.grid == grid]
    chips = {p.id: read_chip(blob(p.chip)) for p in held}
    ordered, doubles = overflights(held, {id: _filled(chip) for id, chip in chips.items()})
    refused = [_look(p, Result.NOT_ASSESSABLE, reason, known([p, used])[1]) for p, used, reason in doubles]
    refused += [_look(p, Result.NOT_ASSESSABLE, _other_grid(p, grid), p.available_at) for p in every if p not in held]
    try:
        inside = fence_mask(site, grid)
        _large_enough(site, int(inside.sum()), grid.transform[0], series)
        stack = series.stack([chips[p.id] for p in ordered], ordered, grid, site.watch_from)
        watch = monitor(stack.cube, inside, site.watch_from, settings=settings or series.settings)
    except InputError as wrong:
        blind = (_look(p, Result.NOT_ASSESSABLE, str(wrong), at) for p, at in zip(ordered, known(ordered), strict=True))
        return SiteWatch((*blind, *refused), ())
    refused += [
        _look(ordered[i], Result.NOT_ASSESSABLE, why, ordered[i].available_at) for i, why in stack.left_out.items()
    ]
    watched = [ordered[i] for i in stack.kept]
    available = known(watched)
    looks = (
        _look(p, Result.NOT_ASSESSABLE, "no pixel of the pass holds data over the fence", at)
        if not np.isfinite(chips[p.id].values[:, inside]).any()
        else _look(p, seen.result, seen.reason, at)
        for p, seen, at in zip(watched, watch.looks, available, strict=True)
    )
    sides = [(chips[p.id].tags.get("ORBIT"), chips[p.id].tags.get("DIRECTION")) for p in watched]
    return SiteWatch(
        (*looks, *refused),
        tuple(_alerts(watch, watched, available, grid, sides)),
        measure(watch, site.watch_from, watched, available[-1], series.planted) if trials else None,
        tuple(_fault(fault, watched, available) for fault in watch.faults),
    )


def _large_enough(site: Site, pixels: int, pixel: float, series: Series) -> None:
    """Refuse a fence in which the sensor could never raise an alarm, so that its silence is no evidence."""
    least = max(series.settings.min_pixels, round((series.support_m / pixel) ** 2))
    if pixels < least:
        raise InputError(
            f"site {site.slug}: the fence holds {pixels} pixels of {pixel:g} m, and an alarm of this sensor needs "
            f"{least}; draw a wider fence, or let another sensor watch it"
        )


def _commonest(grids: Iterable[Grid]) -> Grid:
    """The grid of most passes, the finer one of two."""
    count = Counter(grids)
    return min(count, key=lambda grid: (-count[grid], grid.transform[0], grid.transform))


def _other_grid(one: Pass, grid: Grid) -> str:
    """Why a pass on another grid is not watched."""
    own, most = one.grid.transform[0], grid.transform[0]
    return f"it is on a grid of {own:g} m, and most passes of its sensor here are on one of {most:g} m"


def _filled(chip: Reading) -> int:
    """Percent of a chip that holds data, whole: a pixel more or less makes no pass the fuller one."""
    return round(100 * float(np.isfinite(chip.values).all(0).mean()))


def _look(one: Pass, result: Result, reason: str, available: datetime | None) -> Look:
    return Look(
        available_at=available, site=one.site, observable=OBSERVABLE, result=result,
        when=_taken(one), by="monitor", pass_id=one.id, provider=one.provider,
        publisher=PUBLISHER, reason=reason, redistributable=True,
        resolution_m=max(one.grid.transform[0], SERIES[one.sensor].support_m),
    )  # fmt: skip


def _taken(one: Pass) -> When:
    return When(earliest=one.acquired, latest=one.acquired_until or one.acquired)


def _fault(fault: FeedFault, passes: Sequence[Pass], available: Available) -> Fault:
    """A fault of the feed, known once the latest pass that shows it is."""
    first, last = (passes[i].acquired.date() for i in (fault.first, fault.last))
    until = f"the pass of {first}" if fault.passes == 1 else f"{fault.passes} passes from {first} to {last}"
    return Fault(
        available_at=available[fault.last],
        room="look",
        subject=f"{_feed(passes[0])}, {fault.kind} from {first}",
        reason=f"{until}: {fault.reason}",
        transient=False,
        site=passes[0].site,
    )


def _feed(one: Pass) -> str:
    """What a fault is of; Sentinel-2's needs no further name."""
    return f"feed of site {one.site}" + ("" if one.sensor == "optical" else f", {one.sensor.replace('_', ' by ')}")


def _alerts(
    watch: Watch, passes: Sequence[Pass], available: Available, grid: Grid, sides: Sequence[Hashable]
) -> list[Alert]:
    """One record per step; each names the one before of the same alert."""
    records: list[Alert] = []
    before: dict[int, str] = {}
    for step in watch.steps:
        record = _alert(step, watch, passes, available[step.index], grid, sides, before.get(step.number))
        before[step.number] = record.id
        records.append(record)
    return records


def _alert(
    step: SiteAlert,
    watch: Watch,
    passes: Sequence[Pass],
    available: datetime | None,
    grid: Grid,
    sides: Sequence[Hashable],
    before: str | None,
) -> Alert:
    last, first = step.onset
    onset = When(earliest=passes[last].acquired if last is not None else None, latest=_taken(passes[first]).latest)
    alike = [i for i in step.used if last is None or sides[i] == sides[last]]
    shown = _clearest(alike or step.used, watch.looks)
    return Alert(
        available_at=available,
        supersedes=before,
        site=passes[0].site,
        sensor=passes[0].sensor,
        number=step.number,
        history=tuple(AlertState(state=s.state, at=passes[s.index].acquired, reason=s.reason) for s in step.history),
        onset=onset,
        first_flag=passes[step.first_flag].acquired,
        region=outline(step.region, grid),
        statistic=round(step.statistic, 2),
        limit=round(watch.limit, 2),
        looks_used=tuple(passes[i].id for i in step.used),
        looks_missed=tuple(passes[i].id for i in step.missed),
        before=passes[last].id if last is not None else None,
        after=passes[shown].id,
    )


def _clearest(used: Sequence[int], looks: Sequence[PassLook]) -> int:
    """Of the passes that carried an alert the earliest with a nearly clear fence, else the clearest."""
    clear = [i for i in used if looks[i].fence_clear >= 0.95]
    return clear[0] if clear else max(used, key=lambda i: looks[i].fence_clear)


def outline(mask: Bools, grid: Grid) -> Region:
    """A (y, x) mask on a grid as a region on the map: area in square metres, rings in degrees, WGS 84."""
    affine = Affine(*grid.transform)
    across, _, left, _, down, top = grid.transform
    polygons = [geometry for geometry, _ in shapes(mask.astype(np.uint8), mask=mask, connectivity=8, transform=affine)]
    rings = [
        tuple((round(x, 6), round(y, 6)) for x, y in ring)
        for polygon in polygons
        for ring in transform_geom(grid.crs, WGS84, polygon)["coordinates"]
    ]
    rows, columns = np.nonzero(mask)
    x, y = left + (columns.mean() + 0.5) * across, top + (rows.mean() + 0.5) * down
    (longitude,), (latitude,) = transform(grid.crs, WGS84, [x], [y])
    return Region(
        pixels=int(mask.sum()),
        area_m2=float(mask.sum() * abs(across * down)),
        centre=(round(longitude, 6), round(latitude, 6)),
        outline=tuple(rings),
    )
