"""The counting monitor: when a source of heat went quiet or came alive, and the chance that it is only cloud.

The half-days come from `series`, the chance that each was clear from `sky` or from a cloud series, and
the probability of each state from `states`; docs/methods/hotspots.md has the formulas and what was measured.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import groupby

import numpy as np
import shapely

from sitewatch.look.hotspots.firms import Detection
from sitewatch.look.hotspots.series import Circle, HalfDay, Series, half_day_series
from sitewatch.look.hotspots.settings import HotspotSettings
from sitewatch.look.hotspots.states import Day, RateModel, chances


class HotspotChange(StrEnum):
    """What happened to a source of heat."""

    WENT_QUIET = "went_quiet"
    CAME_ALIVE = "came_alive"


@dataclass(frozen=True)
class Rate:
    """Half-days with a detection per clear half-day, with the 90 % interval (Jeffreys prior).

    Without a cloud series "clear" is in the measure of the steadiest sources around; only the ratio of two rates of
    one site is free of it.
    """

    low: float
    """5 % quantile."""
    best: float
    """Median."""
    high: float
    """95 % quantile."""
    hits: int
    """Half-days with a detection."""
    clear: float
    """Expected number of clear half-days."""


@dataclass(frozen=True)
class DayState:
    """What was known by the end of one day."""

    day: date
    """By local solar time."""
    count: int
    """Detections within the fence."""
    clear: float
    """Expected number of clear half-days."""
    quiet: float
    """Probability that the source was quiet, from this day and those before it."""
    alive: float
    """1 - quiet."""


@dataclass(frozen=True)
class HotspotEvent:
    """A change of a source, as it stood on the day on which it was first told."""

    change: HotspotChange
    """Went quiet or came alive."""
    first_flagged: date
    """The day on which it could first be told."""
    onset: tuple[date, date]
    """Days between which it began, 90 %."""
    only_cloud: float
    """Probability that there was no change: that the source ran all along and its silence was cloud, or chance."""
    before: Rate
    """Up to the onset, since the change before it."""
    after: Rate
    """From the onset to the first flag."""


@dataclass(frozen=True)
class HotspotWatch:
    """What the counting monitor says of a site."""

    days: tuple[DayState, ...]
    """The watched days; empty where nothing can be said, and the reason says why."""
    events: tuple[HotspotEvent, ...]
    """In order of time."""
    history: Rate | None
    """Of all days before the watch; None where nothing can be said."""
    clouds: str
    """Where the chance of clear sky comes from."""
    reason: str = ""
    """What cannot be said, and why; empty where all can."""


def watch_rate(
    detections: Sequence[Detection], fence: Circle | shapely.Polygon, start: date, *,
    clouds: Mapping[date, float] | None = None, until: date | None = None, settings: HotspotSettings | None = None,
) -> HotspotWatch:  # fmt: skip
    """Follow the hotspots of a fence.

    Args:
        detections: of the site and, without `clouds`, of some hundred kilometres around.
        fence: a circle, or a polygon in degrees (longitude, latitude).
        start: first watched day; the days before it are the history.
        clouds: share of clear sky over the site by day, 0 to 1; days that it lacks are obscured.
        until: last day; later detections are left out. None is the last day with a detection anywhere in the file, or
            of the cloud series where that is later.
        settings: of the counting monitor.

    Raises:
        InputError: the watch does not start within the file, or a share or the fence is impossible.
    """
    series = half_day_series(detections, fence, start, clouds=clouds, until=until, settings=settings)
    return watch_series(series, settings=settings)


def watch_series(series: Series, *, settings: HotspotSettings | None = None) -> HotspotWatch:
    """Follow the half-days of a site; see `watch_rate`."""
    settings = settings or HotspotSettings()
    if series.reason:
        return HotspotWatch((), (), None, series.clouds, series.reason)
    past = [half for half in series.half_days if half.day < series.start]
    history, hits = rate(past), sum(half.count > 0 for half in series.half_days)
    if not hits:
        return HotspotWatch((), (), history, series.clouds, (
            f"no hotspot within the fence in {len(series.half_days)} half-days, of which about "
            f"{sum(half.clear for half in series.half_days):.0f} were clear: nothing can be said of a change"
        ))  # fmt: skip
    judged, reason = history.hits >= settings.least_hits, ""
    if not judged:
        reason = (
            f"{history.hits} half-days with a detection before the watch, and {settings.least_hits} are needed to "
            "judge a silence: only coming alive can be told"
        )
    model = RateModel(past if judged else [], series.half_days, settings)
    days = [(day, list(halves)) for day, halves in groupby(series.half_days, key=lambda half: half.day)]
    states = [
        DayState(day, sum(half.count for half in halves), sum(half.clear for half in halves), quiet, 1 - quiet)
        for (day, halves), quiet in zip(days, model.quiet(days).tolist(), strict=True)
    ]
    told = _events(states, days, series.start, judged, model, settings.limit)
    return HotspotWatch(
        tuple(state for state in states if state.day >= series.start), told, history, series.clouds, reason
    )


def rate(half_days: Sequence[HalfDay]) -> Rate:
    """The rate of half-days with a detection per clear half-day.

    Args:
        half_days: of one site; their rates by satellite, night and day are taken as one.
    """
    grid = (np.arange(400) + 0.5) / 400
    log = np.log(chances(half_days, grid)).sum(0)
    log -= (np.log(grid) + np.log(1 - grid)) / 2
    total = np.cumsum(np.exp(log - log.max()))
    low, best, high = (float(grid[np.searchsorted(total, share * total[-1])]) for share in (0.05, 0.5, 0.95))
    hits, clear = sum(half.count > 0 for half in half_days), sum(half.clear for half in half_days)
    return Rate(low, best, high, hits, float(clear))


def _events(
    states: Sequence[DayState], days: Sequence[Day], start: date, judged: bool, model: RateModel, limit: float
) -> tuple[HotspotEvent, ...]:
    """The changes in order of time; what happened before the watch only sets in which state it begins."""
    found: list[HotspotEvent] = []
    now: HotspotChange | None = None
    begun, quietest = 0, 0.0
    for i, known in enumerate(states):
        quietest = max(quietest, known.quiet)
        change = _change(known, now, limit)
        if change is None:
            continue
        early, late = _onset(change, days[begun : i + 1], model)
        told = judged if change is HotspotChange.WENT_QUIET else now is HotspotChange.WENT_QUIET
        if told and known.day >= start:
            silence = known.quiet if change is HotspotChange.WENT_QUIET else quietest
            onset = days[begun + early][0], days[begun + late][0]
            before, after = days[begun : begun + early], days[begun + late : i + 1]
            found.append(
                HotspotEvent(change, known.day, onset, 1 - silence, rate(_all(before)), rate(_all(after)))
            )  # fmt: skip
        now, quietest = change, known.quiet
        begun = begun + early if told else begun
    return tuple(found)


def _change(known: DayState, now: HotspotChange | None, limit: float) -> HotspotChange | None:
    """Whether the state of a site becomes another on this day."""
    if known.quiet >= limit and now is not HotspotChange.WENT_QUIET:
        return HotspotChange.WENT_QUIET
    if known.alive >= limit and now is not HotspotChange.CAME_ALIVE:
        return HotspotChange.CAME_ALIVE
    return None


def _onset(change: HotspotChange, days: Sequence[Day], model: RateModel) -> tuple[int, int]:
    """The 5 % and 95 % quantiles of the day of change, as places in the days, the last of which told it."""
    sign = 1 if change is HotspotChange.WENT_QUIET else -1
    log = np.cumsum(sign * model.evidence(days)[::-1])[::-1]
    total = np.cumsum(np.exp(log - log.max()))
    early, late = np.searchsorted(total, np.array([0.05, 0.95]) * total[-1])
    return int(early), int(late)


def _all(days: Sequence[Day]) -> list[HalfDay]:
    """The half-days of some days."""
    return [half for _, halves in days for half in halves]
