"""A watch: one fence followed through a cube of passes, from the first watched day on."""

from __future__ import annotations

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
from sitewatch.look.cube import Scene, checked
from sitewatch.look.faults import FeedFault, feed_faults
from sitewatch.look.materials import Material
from sitewatch.look.memory import Memory, PassLook, begin, checksum
from sitewatch.look.placebos import FEWEST, FOLDS, FalseAlarms, Outcome, lay, outcomes, summarise, unmeasured
from sitewatch.look.power import FEW_PASSES, NoRoom, Power, TrialPass, plant, trial_passes
from sitewatch.look.register import Placement
from sitewatch.look.saved import read, write
from sitewatch.look.settings import MonitorSettings
from sitewatch.look.states import PValue, SiteAlert

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
        self._tried: dict[date, tuple[list[TrialPass], Memory]] = {}

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
        self._tried.clear()
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
        found: list[Outcome] = []
        with _one_thread():
            for fold in range(min(FOLDS, len(laid))):
                group = laid[fold::FOLDS]
                trial = begin(self._scene, self.inside | np.any(group, axis=0), begun, self.settings)
                if sum(one is not None for one in trial.statistic) < FEW_PASSES:
                    return unmeasured(f"fewer than {FEW_PASSES} passes of the trial could be used", len(laid))
                found += outcomes(trial, group)
        years = (self.days[-1] - begun).days / 365.25
        notes = [short] if short else []
        if scale < 1:
            notes.append(f"the placebo fences are scaled down to {scale:.0%} of the fence's side")
        if (strange := self._memory.model.unlike(self.inside)) > UNLIKE:
            notes.append(f"{strange:.0%} of the fence is ground that its ring hardly holds")
        return summarise(found, years, scale, notes)

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
        begun, why = self._trial_start()
        if begun is None:
            raise InputError(why)
        with _one_thread():
            try:
                return plant(*self._trial(begun), material, size_px, within_days)
            except NoRoom:  # the ground of the fence changed in these passes: those before the watch may have room
                earlier = self._held_out()
                if earlier is None or earlier == begun:
                    raise
                return plant(*self._trial(earlier), material, size_px, within_days)

    def _trial(self, begun: date) -> tuple[list[TrialPass], Memory]:
        """The passes from some day on, to plant changes into, and the watch whose fit has not seen them."""
        if self._scene is None:
            raise InputError("power needs the past cube: sitewatch.look.resume(path, cube=...)")
        if begun not in self._tried:
            memory = self._memory
            if begun != self.start:
                memory = begin(self._scene, self.inside, begun, self.settings)
            self._tried[begun] = trial_passes(self._scene, memory), memory
        return self._tried[begun]

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
