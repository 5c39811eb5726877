"""A watch: one fence followed through a cube of passes, from the first watched day on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import xarray as xr
from threadpoolctl import threadpool_limits

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
    """Share of the ring that was seen, of what any pass of the history saw."""


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
    data, days = _checked(cube, inside)
    # One thread: the matrices are tiny, so that threads only wait for each other (2 to 4 times slower where something
    # else uses the cores), and sums do not depend on how many cores there are.
    with threadpool_limits(1, "blas"):
        return _Run(data, days, inside, start, settings or MonitorSettings()).watch()


class _Run:
    """One run of the monitor: what the history fixes, then pass by pass."""

    def __init__(self, data: Floats, days: list[date], inside: Bools, start: date, settings: MonitorSettings) -> None:
        """Fit the model to the history of data (time, band, y, x)."""
        self.seen = np.asarray(np.isfinite(data).all(1))
        self.data = np.where(self.seen[:, None], data, np.nan)
        self.days, self.inside, self.settings = days, inside, settings
        self.past = np.array([day < start for day in days])
        # Only what the history saw: a later pass must not change what earlier looks said.
        ring = ~inside & (self.seen[self.past].any(0) if self.past.any() else True)
        if not ring.any():
            raise InputError("the ring around the fence holds no seen pixel; load a wider surrounding of the fence")
        self.clear = [
            _Clear(index, day, float(now[inside].mean()), float(now[ring].mean()))
            for index, (day, now) in enumerate(zip(days, self.seen, strict=True))
        ]
        self.usable = np.array([c.ring > settings.ring_clear for c in self.clear])
        self.model = _model(self.data, days, self.past & self.usable, ring, inside, settings)
        self.limit = settings.limit(data.shape[1])
        last_seen = _last_seen(self.seen & self.usable[:, None, None], self.past)
        self.evidence = Evidence(data.shape[1], inside.shape, settings, last_seen)
        self.tracker = Tracker(inside, settings, self.limit)
        self.statistic = np.full(self.seen.shape, np.nan, np.float32)
        self.flagged = np.zeros(self.seen.shape, bool)

    def watch(self) -> Watch:
        """Take every pass in order."""
        looks = tuple(self._look(index) for index in range(len(self.days)))
        latest = {alert.number: alert for alert in self.tracker.steps}
        return Watch(
            days=tuple(self.days), statistic=self.statistic, flagged=self.flagged, looks=looks,
            alerts=tuple(latest.values()), steps=tuple(self.tracker.steps), limit=self.limit,
            monitored=self.model.ready,
        )  # fmt: skip

    def _look(self, index: int) -> PassLook:
        """Take one pass."""
        clear = self.clear[index]
        if self.past[index]:
            return _history_look(clear, bool(self.usable[index]))
        v, largest = None, None
        if self.usable[index]:
            v = self.model(self.data[index], clear.day)
            self.evidence.add(v, index)
            now = np.where(np.isfinite(v).all(0), self.evidence.statistic, np.nan)
            self.statistic[index] = now
            largest = float(np.nanmax(now, initial=0, where=self.inside & np.isfinite(now)))
        self.flagged[index] = self.tracker.follow(index, v, self.evidence)
        return _watched_look(clear, largest, bool(self.tracker.standing), self.settings, self.limit)


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
    times = cube.time.values
    if not np.issubdtype(times.dtype, np.datetime64) or np.isnat(times).any():
        raise InputError(f"every pass needs a time, as numpy's datetime64; found {times.dtype}: {times[:3]} …")
    late = np.flatnonzero(times[1:] <= times[:-1]) + 1
    if late.size:
        wrong = int(late[0])
        raise InputError(
            f"times must increase strictly; pass {wrong} ({times[wrong]}) does not follow {times[wrong - 1]}"
        )
    data = cube.values.astype(np.float32)
    if np.isinf(data).any():
        raise InputError("the cube holds infinities; mark unseen pixels with NaN")
    return data, list(times.astype("datetime64[D]").astype(object))


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
