"""A watch: one fence followed through a cube of passes, from the first watched day on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
import xarray as xr

from sitewatch.errors import InputError
from sitewatch.look.baseline import Bools, Floats
from sitewatch.look.detect import Evidence, Ints, Model, MonitorSettings
from sitewatch.look.states import SiteAlert, Tracker
from sitewatch.records import Result


@dataclass(frozen=True)
class PassLook:
    """What one pass said of the fence, or why it could say nothing."""

    index: int
    """Of the pass in the cube."""
    day: date
    result: Result
    reason: str
    fence_clear: float
    """Share of the fence that was seen."""
    ring_clear: float
    """Share of the ring that was seen, of what any pass ever saw."""


@dataclass(frozen=True)
class _Clear:
    """How much of a pass was clear."""

    index: int
    day: date
    fence: float
    ring: float

    def look(self, result: Result, reason: str) -> PassLook:
        return PassLook(self.index, self.day, result, reason, self.fence, self.ring)


@dataclass(frozen=True, eq=False)
class Watch:
    """What a monitor made of a cube."""

    days: tuple[date, ...]
    statistic: Floats
    """(time, y, x): NaN where unseen or before the watch."""
    flagged: Bools
    """(time, y, x): pixels, inside the fence or not, whose alarm stands at that pass."""
    looks: tuple[PassLook, ...]
    """One per pass of the cube."""
    alerts: tuple[SiteAlert, ...]
    """Each alert as it stands after the last pass."""
    steps: tuple[SiteAlert, ...]
    """Each alert as it stood after each of its steps, in order of time."""
    limit: float
    """The value of the statistic above which a pixel counts."""
    monitored: Bools
    """(y, x): pixels with enough history."""


def monitor(cube: xr.DataArray, inside: Bools, start: date, *, settings: MonitorSettings | None = None) -> Watch:
    """Follow a fence through a cube of passes.

    Args:
        cube: (time, band, y, x) float32 in units whose noise is roughly additive and Gaussian; NaN where unseen. Times
            are strictly increasing; x and y are metres.
        inside: (y, x), True inside the fence.
        start: first watched day; the passes before it are the history.
        settings: of the monitor.

    Returns:
        The watch; a pass that could not see is a look with its reason, never a change.

    Raises:
        InputError: the cube or the fence does not fit the above, or the history is too short to judge by.
    """
    settings = settings or MonitorSettings()
    data, days = _checked(cube, inside)
    ring = ~inside & np.isfinite(data).all(1).any(0)
    if not ring.any():
        raise InputError("the ring around the fence holds no seen pixel; load a wider surrounding of the fence")
    seen = np.asarray(np.isfinite(data).all(1))
    data = np.where(seen[:, None], data, np.nan)
    clear = [
        _Clear(index, day, float(now[inside].mean()), float(now[ring].mean()))
        for index, (day, now) in enumerate(zip(days, seen, strict=True))
    ]
    usable = np.array([c.ring > settings.ring_clear for c in clear])
    past = np.array([day < start for day in days])
    model = _model(data, days, past & usable, ring, inside, settings)
    statistic = np.full(seen.shape, np.nan, np.float32)
    flagged = np.zeros(seen.shape, bool)
    limit = settings.limit(data.shape[1])
    evidence = Evidence(data.shape[1], inside.shape, settings, _last_seen(seen & usable[:, None, None], past))
    tracker = Tracker(inside, settings, limit)
    looks = []
    for index, day in enumerate(days):
        if past[index]:
            looks.append(_history_look(clear[index], bool(usable[index])))
            continue
        v, largest = None, None
        if usable[index]:
            v = model(data[index], day)
            evidence.add(v, index)
            statistic[index] = np.where(np.isfinite(v).all(0), evidence.statistic, np.nan)
            largest = float(np.nanmax(statistic[index], initial=0, where=inside & np.isfinite(statistic[index])))
        flagged[index] = tracker.follow(index, v, evidence)
        looks.append(_watched_look(clear[index], largest, bool(tracker.standing), settings, limit))
    latest = {alert.number: alert for alert in tracker.steps}
    return Watch(
        days=tuple(days), statistic=statistic, flagged=flagged, looks=tuple(looks), alerts=tuple(latest.values()),
        steps=tuple(tracker.steps), limit=limit, monitored=model.ready,
    )  # fmt: skip


def _checked(cube: xr.DataArray, inside: Bools) -> tuple[Floats, list[date]]:
    """The cube's values and days, or an InputError that says what is wrong with it."""
    if cube.dims != ("time", "band", "y", "x"):
        raise InputError(
            f"a cube has the dimensions time, band, y, x in this order; found {', '.join(map(str, cube.dims))}"
        )
    if inside.shape != cube.shape[2:] or inside.dtype != bool:
        raise InputError(
            f"the fence mask must be bool of shape {cube.shape[2:]}; found {inside.dtype} of {inside.shape}"
        )
    if not inside.any() or inside.all():
        raise InputError("the fence must hold at least one pixel and leave a ring around it")
    times = pd.DatetimeIndex(cube.time.values)
    if not times.is_monotonic_increasing or times.has_duplicates:
        wrong = next(i for i in range(1, len(times)) if times[i] <= times[i - 1])
        raise InputError(
            f"times must increase strictly; pass {wrong} ({times[wrong]}) does not follow {times[wrong - 1]}"
        )
    data = cube.values.astype(np.float32)
    if np.isinf(data).any():
        raise InputError("the cube holds infinities; mark unseen pixels with NaN")
    return data, [moment.date() for moment in times]


def _model(
    data: Floats, days: list[date], history: Bools, ring: Bools, inside: Bools, settings: MonitorSettings
) -> Model:
    """The model of the history passes, or an InputError when they are too few to judge by."""
    count = int(history.sum())
    if count < settings.min_history:
        raise InputError(
            f"the history holds {count} passes whose ring is clear, and the monitor needs {settings.min_history}; "
            "let the watch start later or search passes from an earlier day"
        )
    model = Model(data[history], [day for day, used in zip(days, history, strict=True) if used], ring, settings)
    if not (model.ready & inside).any():
        raise InputError(
            f"no pixel inside the fence was seen {settings.min_history} times before the watch starts; "
            "let it start later or search passes from an earlier day"
        )
    return model


def _last_seen(seen: Bools, past: Bools) -> Ints:
    """(y, x): index of the last history pass that saw each pixel, -1 for none."""
    index = np.where(seen[past], np.flatnonzero(past)[:, None, None], -1)
    return np.asarray(index.max(0), np.int32)


def _history_look(clear: _Clear, usable: bool) -> PassLook:
    if usable:
        return clear.look(Result.NOT_ASSESSABLE, "before the watch: the baseline is fitted to it")
    return clear.look(Result.OBSCURED, f"{clear.ring:.0%} of the ring is clear")


def _watched_look(
    clear: _Clear, largest: float | None, standing: bool, settings: MonitorSettings, limit: float
) -> PassLook:
    """What a watched pass said; `largest` is the greatest statistic seen inside the fence, None for a refused pass."""
    if largest is None:
        needed = f"a pass needs more than {settings.ring_clear:.0%}"
        return clear.look(Result.OBSCURED, f"{clear.ring:.0%} of the ring is clear; {needed}")
    if clear.fence <= settings.fence_clear:
        needed = f"a look needs more than {settings.fence_clear:.0%}"
        return clear.look(Result.OBSCURED, f"{clear.fence:.0%} of the fence is clear; {needed}")
    reason = f"{clear.fence:.0%} of the fence is clear; largest statistic {largest:.0f}, limit {limit:.0f}"
    return clear.look(Result.SEEN if standing else Result.NOT_SEEN, reason)
