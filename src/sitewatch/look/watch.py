"""A watch: one fence followed through a cube of passes, from the first watched day on."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date
from functools import cache, cached_property
from pathlib import Path

import numpy as np
import xarray as xr
from threadpoolctl import ThreadpoolController

from sitewatch.errors import InputError
from sitewatch.look.baseline import Bools, Floats
from sitewatch.look.detect import MonitorSettings
from sitewatch.look.faults import FeedFault, feed_faults
from sitewatch.look.materials import Material
from sitewatch.look.memory import Memory, PassLook, Scene, begin, checksum
from sitewatch.look.placebos import (
    FEWEST,
    FOLDS,
    LASTING_DAYS,
    LASTING_LOOKS,
    FalseAlarms,
    Outcome,
    PValue,
    lay,
    summarise,
    unmeasured,
)
from sitewatch.look.power import Power, Trial, TrialPass, plant
from sitewatch.look.register import Placement, aligned
from sitewatch.look.saved import read, write
from sitewatch.look.states import SiteAlert
from sitewatch.records import State

FEW_PASSES = 8
"""Clear passes that a trial needs."""
UNLIKE = 0.25
"""Share of the fence from which it is said that its ring holds no such ground."""


@cache
def _pools() -> ThreadpoolController:
    """The libraries' thread pools, which take milliseconds to find."""
    return ThreadpoolController()


def _one_thread() -> AbstractContextManager[object]:
    """One thread for matrices.

    They are tiny, so that threads only wait for each other (2 to 4 times slower where something else uses the cores),
    and sums do not depend on how many cores there are.
    """
    limit: AbstractContextManager[object] = _pools().limit(limits=1, user_api="blas")
    return limit


class Watch:
    """One fence that is followed pass by pass; made by `monitor` or `resume`."""

    def __init__(self, memory: Memory, scene: Scene | None) -> None:
        """A watch as it stands, and the cube that it was made from where it is at hand."""
        self._memory, self._scene = memory, scene
        self._added: list[tuple[Floats, np.datetime64]] = []

    @property
    def inside(self) -> Bools:
        """(y, x): the fence."""
        return self._memory.inside

    @property
    def start(self) -> date:
        """First watched day."""
        return self._memory.start

    @property
    def settings(self) -> MonitorSettings:
        """Of the monitor."""
        return self._memory.settings

    @property
    def bands(self) -> tuple[str, ...]:
        """In the order of their names, as in `SiteAlert.direction`."""
        return self._memory.bands

    @property
    def days(self) -> tuple[date, ...]:
        """The day of each pass."""
        return tuple(look.day for look in self._memory.looks)

    @property
    def looks(self) -> tuple[PassLook, ...]:
        """One per pass of the cube."""
        return tuple(self._memory.looks)

    @property
    def statistic(self) -> Floats:
        """(time, y, x): NaN where unseen or before the watch; kept to within half a per cent."""
        blank = np.full(self.inside.shape, np.nan, np.float32)
        return np.stack([blank if one is None else one for one in self._memory.statistic])

    @property
    def flagged(self) -> Bools:
        """(time, y, x): pixels, inside the fence or not, whose alarm stands at that pass."""
        blank = np.zeros(self.inside.shape, bool)
        return np.stack([blank if one is None else one for one in self._memory.flagged])

    @property
    def steps(self) -> tuple[SiteAlert, ...]:
        """Each alert as it stood after each of its steps, in order of time."""
        return tuple(replace(alert, ranked=self._p_value) for alert in self._memory.tracker.steps)

    @property
    def alerts(self) -> tuple[SiteAlert, ...]:
        """Each alert as it stands after the last pass."""
        return tuple(replace(alert, ranked=self._p_value) for alert in self._memory.alerts)

    @property
    def limit(self) -> float:
        """The value of the statistic above which a pixel counts."""
        return self._memory.limit

    @property
    def faults(self) -> tuple[FeedFault, ...]:
        """What is wrong with the feed; none of it is an alert."""
        return feed_faults(self._memory.placed, self._memory.history, self.bands)

    @property
    def placed(self) -> dict[int, Placement]:
        """How each usable pass lies against its baseline, by its index."""
        return dict(self._memory.placed)

    @property
    def monitored(self) -> Bools:
        """(y, x): pixels with enough history."""
        return self._memory.model.ready.reshape(self.inside.shape)

    def update(self, pass_cube: xr.DataArray) -> Watch:
        """Take further passes, in place; bit for bit what one run over all would have made.

        Args:
            pass_cube: (time, band, y, x), or (band, y, x) with a time coordinate; the same bands and pixels as before,
                later than all passes so far.

        Returns:
            This watch.

        Raises:
            InputError: the pass does not fit, or belongs to the history of a watch that was resumed without its cube.
        """
        cube = pass_cube if "time" in pass_cube.dims else pass_cube.expand_dims("time")
        scene = checked(cube, self.inside)
        held = self._memory
        if (scene.corner, scene.pixel) != (held.corner, held.pixel):
            raise InputError(
                f"the pass begins at x, y = {scene.corner} with pixels of {scene.pixel:g} m, and the watch at "
                f"{held.corner} with {held.pixel:g} m"
            )
        if scene.bands != held.bands:
            raise InputError(f"the watch has the bands {', '.join(held.bands)}; the pass has {', '.join(scene.bands)}")
        if held.times and scene.times[0] <= held.times[-1]:
            raise InputError(
                f"a pass must be later than those before; {scene.times[0]} does not follow {held.times[-1]}"
            )
        if self._scene is not None:
            self._scene = Scene(
                np.concatenate([self._scene.values, scene.values]), self._scene.times + scene.times, scene.bands,
                scene.pixel, scene.corner,
            )  # fmt: skip
        elif scene.days[0] < self.start:
            raise InputError(
                f"the pass of {scene.days[0]} belongs to the history, which needs the past cube to be fitted"
            )
        with _one_thread():
            if scene.days[0] < self.start and self._scene is not None:
                self._memory = begin(self._scene, self.inside, self.start, self.settings)
            else:
                for image, time in zip(scene.values, scene.times, strict=True):
                    held.take(image, time)
        if self._scene is not None:
            vars(self).pop("false_alarms", None)
        vars(self).pop("_trials", None)
        return self

    def save(self, path: str | Path) -> None:
        """Write the state to a file from which `resume` goes on, with the false-alarm rate, which is measured first."""
        whole = write(self._memory, self.false_alarms)
        part = Path(path).with_name(f"{Path(path).name}.part")
        try:
            part.write_bytes(whole)
            part.replace(path)
        except OSError as error:
            raise InputError(f"{path}: cannot be written: {error.strerror or error}") from error

    def _p_value(self, statistic: float) -> PValue | None:
        return self.false_alarms.p_value(statistic)

    @cached_property
    def false_alarms(self) -> FalseAlarms:
        """How often the monitor cries wolf here, from placebo fences laid over the ring; takes seconds at first.

        Each group of placebos is judged by a monitor whose control leaves them out, over passes that its fit has not
        seen: the watch, or the last third of the history where the watch is shorter than a year.
        """
        if self._scene is None:
            raise InputError("the watch was resumed without its past cube and saved before its rate was measured")
        begun, short = self._trial_start()
        if begun is None:
            return unmeasured(short)
        laid, scale = lay(self.inside, self._memory.ring & self.monitored)
        if len(laid) < FEWEST:
            return unmeasured(f"{len(laid)} placebo fences fit into the ring, and {FEWEST} are needed", len(laid))
        outcomes = []
        with _one_thread():
            for fold in range(min(FOLDS, len(laid))):
                group = laid[fold::FOLDS]
                trial = begin(self._scene, self.inside | np.any(group, axis=0), begun, self.settings)
                if sum(one is not None for one in trial.statistic) < FEW_PASSES:
                    return unmeasured(f"fewer than {FEW_PASSES} passes of the trial could be used", len(laid))
                outcomes += _outcomes(trial, group)
        years = (self.days[-1] - begun).days / 365.25
        notes = [short] if short else []
        if scale < 1:
            notes.append(f"the placebo fences are scaled down to {scale:.0%} of the fence's side")
        if (strange := self._memory.model.unlike(self.inside)) > UNLIKE:
            notes.append(f"{strange:.0%} of the fence is ground that its ring hardly holds")
        return summarise(outcomes, years, scale, notes)

    def power(self, size_px: int, material: Material, within_days: int) -> Power:
        """How often a change would be flagged in time, from changes planted into passes that the fit has not seen.

        Args:
            size_px: side of the planted square, pixels.
            material: bare, bright_roof, dark_roof, vegetation_lost, vehicles, or {band: change}.
            within_days: how long after it began a flag still counts.

        Raises:
            InputError: the past cube is not at hand, the material is unknown, or there is no place or time for it.
        """
        if size_px < 1 or within_days < 1:
            raise InputError(
                f"a plant has a side of 1 px or more and is followed for 1 day or more; found {size_px}, {within_days}"
            )
        with _one_thread():
            first, second = self._trials
            refused = InputError("")
            for passes, trial in (first, second):
                try:
                    return plant(passes, trial, material, size_px, within_days)
                except InputError as wrong:
                    refused = wrong
                if second is first:
                    break
            raise refused

    @cached_property
    def _trials(self) -> tuple[Trial, Trial]:
        """Passes to plant into, with the watch whose fit has not seen them; and for a fence that changed in them, those
        of the last third of the history before."""
        if self._scene is None:
            raise InputError("power needs the past cube: sitewatch.look.resume(path, cube=...)")
        begun, short = self._trial_start()
        if begun is None:
            raise InputError(short)
        first = _trial(
            self._scene, self._memory if begun == self.start else begin(self._scene, self.inside, begun, self.settings)
        )
        held_out = self._held_out()
        if begun != self.start or held_out is None:
            return first, first
        return first, _trial(self._scene, begin(self._scene, self.inside, held_out, self.settings))

    def _trial_start(self) -> tuple[date | None, str]:
        """From when on passes serve as a trial; None and why there are none, or what is to be borne in mind."""
        watched = [k.day for k in self.looks if k.ring_clear > self.settings.ring_clear and k.day >= self.start]
        if len(watched) >= FEW_PASSES and (watched[-1] - self.start).days >= 365:
            return self.start, ""
        held_out = self._held_out()
        if held_out is not None:
            return held_out, f"tried from {held_out} on, with a fit to the passes before"
        if len(watched) >= FEW_PASSES:
            return self.start, ""
        return None, (
            f"the history and the {len(watched)} clear passes of the watch leave too few passes for a trial that the "
            "fit has not seen"
        )

    def _held_out(self) -> date | None:
        """The day from which the last third of the history serves as a trial; None where it is too short for that."""
        history = [k.day for k in self.looks if k.ring_clear > self.settings.ring_clear and k.day < self.start]
        kept = max(self.settings.min_history + 2, round(len(history) * 2 / 3))
        later = sum(k.ring_clear > self.settings.ring_clear and k.day >= self.start for k in self.looks)
        return history[kept] if kept < len(history) and len(history) - kept + later >= FEW_PASSES else None


def monitor(cube: xr.DataArray, inside: Bools, start: date, *, settings: MonitorSettings | None = None) -> Watch:
    """Follow a fence through a cube of passes.

    Args:
        cube: (time, band, y, x) float32 in units whose noise is roughly additive and Gaussian; NaN where unseen. Times
            are strictly increasing; x and y are metres. The order of bands changes nothing.
        inside: (y, x), True inside the fence.
        start: first watched day; the passes before it are the history.
        settings: of the monitor.

    Returns:
        The watch; a pass that could not see is a look with its reason, never a change.

    Raises:
        InputError: the cube or the fence does not fit the above, or the history is too short to judge by.
    """
    scene = checked(cube, inside)
    with _one_thread():
        return Watch(begin(scene, inside, start, settings or MonitorSettings()), scene)


def resume(path: str | Path, cube: xr.DataArray | None = None) -> Watch:
    """Go on with a watch that was saved.

    Args:
        path: written by `Watch.save`.
        cube: the past cube, with the passes of the watch up to then; only `Watch.power` needs it, and a false-alarm
            rate that takes in what came later.

    Raises:
        InputError: the file is none, is damaged or of another version, or the cube is not that of the watch.
    """
    memory, alarms = read(Path(path))
    scene = None
    if cube is not None:
        scene = checked(cube, memory.inside)
        given = (scene.times, scene.bands, scene.corner, scene.pixel, checksum(scene.values))
        if given != (tuple(memory.times), memory.bands, memory.corner, memory.pixel, memory.checksum):
            raise InputError(
                f"{path}: the watch holds {len(memory.times)} passes in {', '.join(memory.bands)}; the cube has "
                f"{len(scene.times)} in {', '.join(scene.bands)}, or other values"
            )
    watch = Watch(memory, scene)
    watch.__dict__["false_alarms"] = alarms
    return watch


def checked(cube: xr.DataArray, inside: Bools) -> Scene:
    """The cube's values, times, bands and the size of a pixel, or an InputError that says what is wrong with it."""
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
    if 0 in cube.shape:
        raise InputError(f"the cube holds nothing: {dict(cube.sizes)}")
    times = cube.time.values
    if not np.issubdtype(times.dtype, np.datetime64) or np.isnat(times).any():
        raise InputError(f"every pass needs a time, as numpy's datetime64; found {times.dtype}: {times[:3]} …")
    late = np.flatnonzero(times[1:] <= times[:-1]) + 1
    if late.size:
        wrong = int(late[0])
        raise InputError(
            f"times must increase strictly; pass {wrong} ({times[wrong]}) does not follow {times[wrong - 1]}"
        )
    with np.errstate(over="ignore"):
        data = cube.values.astype(np.float32)
    if np.isinf(data).any():
        raise InputError("the cube holds infinities; mark unseen pixels with NaN")
    bands, corner, pixel = _frame(cube)
    order = np.argsort(bands, kind="stable")
    values = np.ascontiguousarray(data[:, order].transpose(0, 2, 3, 1))
    values[~np.isfinite(values).all(3)] = np.nan
    return Scene(values, tuple(times), tuple(bands[i] for i in order), pixel, corner)


def _frame(cube: xr.DataArray) -> tuple[tuple[str, ...], tuple[float, float], float]:
    """The names of the bands, x and y of the first pixel, and the size of a pixel in metres."""
    if not {"band", "x", "y"} <= set(cube.coords):
        raise InputError("a cube needs the coordinates band (names), x and y (metres)")
    bands = tuple(str(b) for b in cube.band.values)
    if len(set(bands)) < len(bands):
        raise InputError(f"every band needs a name of its own; found {', '.join(bands)}")
    try:
        x, y = (cube[axis].values.astype(float) for axis in ("x", "y"))
    except (ValueError, TypeError) as error:
        raise InputError(f"x and y must hold positions in metres: {error}") from error
    steps = [float(abs(np.diff(axis).mean())) if len(axis) > 1 else 0.0 for axis in (x, y)]
    if not all(step > 0 and np.isfinite(step) for step in steps):
        raise InputError("x and y must hold two or more positions in metres")
    return bands, (float(x[0]), float(y[0])), steps[0]


def _outcomes(memory: Memory, placebos: Sequence[Bools]) -> list[Outcome]:
    """What each of some placebos inside a trial's fence raised, half-year by half-year."""
    half = np.array([(look.day - memory.start).days // 183 for look in memory.looks])
    watched = np.flatnonzero(half >= 0)
    statistic = [memory.statistic[i] for i in watched]
    found = []
    for mask in placebos:
        alarms = [alert for alert in memory.alerts if (alert.region & mask).any()]
        told = [
            (int(half[a.first_flag]), _borne_out(memory, a), any(s.state is State.PROBABLE for s in a.history))
            for a in alarms
        ]
        still = mask & ~np.any([mask & False, *(a.region for a in alarms if _borne_out(memory, a))], axis=0)
        most = np.full(half.max() + 1, np.nan, np.float32)
        for i, now in zip(watched, statistic, strict=True):
            if now is not None and np.isfinite(now[still]).any():
                most[half[i]] = np.fmax(most[half[i]], np.nanmax(now[still]))
        found.append(Outcome(most, told))
    return found


def _borne_out(memory: Memory, alert: SiteAlert) -> bool | None:
    """Did the ground of an alarm stay changed? None while too few later passes tell."""
    if alert.state is not State.PROBABLE:
        return None if alert.state is State.POSSIBLE else False
    later = sum(one is not None for one in memory.statistic[alert.first_flag + 1 :])
    long = (memory.looks[-1].day - memory.looks[alert.first_flag].day).days >= LASTING_DAYS
    return True if long and later >= LASTING_LOOKS else None


def _trial(scene: Scene, memory: Memory) -> Trial:
    """The passes that a watch has taken, with their deviations, to plant changes into."""
    passes = []
    for image, look, taken in zip(scene.values, memory.looks, memory.statistic, strict=True):
        if taken is not None:
            deviation = memory.model(image.reshape(-1, len(memory.bands)), look.day)
            passes.append(
                TrialPass(look.index, look.day, aligned(image, deviation.placement), deviation, taken > memory.limit)
            )
    if len(passes) < FEW_PASSES:
        raise InputError(f"{len(passes)} passes of the trial could be used, and a trial needs {FEW_PASSES}")
    return passes, memory
