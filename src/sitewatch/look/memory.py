"""What a watch holds from pass to pass: the model of its history, the latest evidence, the alerts and the log."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from sitewatch.errors import InputError
from sitewatch.look.baseline import Bools, Floats, Ints
from sitewatch.look.cube import Scene
from sitewatch.look.evidence import Evidence, regions
from sitewatch.look.guard import control
from sitewatch.look.model import Deviation, Model
from sitewatch.look.register import MISPLACED, Placement
from sitewatch.look.settings import MonitorSettings
from sitewatch.look.states import SiteAlert, Tracker
from sitewatch.records import Result

MIN_RING = 60
"""Pixels of the ring that the history must have seen."""
MIN_CONTROL = 30
"""Pixels of the control that a pass must have seen."""
RING_CHANGED = 0.05
"""Share of the ring above the limit from which a look says so."""


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


@dataclass(eq=False)
class Memory:
    """A watch as it stands after its latest pass."""

    bands: tuple[str, ...]
    pixel: float
    corner: tuple[float, float]
    inside: Bools
    start: date
    settings: MonitorSettings
    ring: Bools
    """(y, x): pixels outside the fence that the history saw."""
    history: int
    """Passes that the model was fitted to."""
    placed: list[tuple[int, Placement]]
    """Index and placement of every usable pass."""
    model: Model
    evidence: Evidence
    tracker: Tracker
    times: list[np.datetime64] = field(default_factory=list)
    looks: list[PassLook] = field(default_factory=list)
    statistic: list[Floats | None] = field(default_factory=list)
    """(y, x) of each pass; None where none was made."""
    flagged: list[Bools | None] = field(default_factory=list)
    """(y, x) of each pass; None before the watch."""
    checksum: int = 0
    """CRC-32 of all values that were taken, so that a watch goes on with no other cube."""

    @property
    def limit(self) -> float:
        """The value of the statistic above which a pixel counts."""
        return self.settings.limit(len(self.bands))

    @property
    def alerts(self) -> tuple[SiteAlert, ...]:
        """Each alert as it stands after the last pass."""
        return tuple({alert.number: alert for alert in self.tracker.steps}.values())

    def take(self, image: Floats, time: np.datetime64) -> None:
        """Take the next pass, (y, x, band)."""
        index, day = len(self.times), time.astype("datetime64[D]").astype(object)
        seen: Bools = np.asarray(np.isfinite(image).all(2))
        fence, ring = float(seen[self.inside].mean()), float(seen[self.ring].mean())
        self.times.append(time)
        self.checksum = checksum(image, self.checksum)

        def log(result: Result, reason: str, statistic: Floats | None = None, flagged: Bools | None = None) -> None:
            self.looks.append(PassLook(index, day, result, reason, fence, ring))
            self.statistic.append(statistic)
            self.flagged.append(flagged)

        usable = ring > self.settings.ring_clear
        if day < self.start:
            if usable:
                log(Result.NOT_ASSESSABLE, "before the watch: the baseline is fitted to it")
            else:
                log(Result.OBSCURED, f"{ring:.0%} of the ring is clear")
            return
        if not usable:
            needed = f"a pass needs more than {self.settings.ring_clear:.0%}"
            log(Result.OBSCURED, f"{ring:.0%} of the ring is clear; {needed}", flagged=self._follow(index, None))
            return
        if seen.ravel()[self.model.known].sum() < MIN_CONTROL:
            reason = (
                "the pass shows ground of the ring that the history hardly saw: there is nothing to compare it with"
            )
            log(Result.OBSCURED, reason, flagged=self._follow(index, None))
            return
        deviation = self.model(image.reshape(-1, len(self.bands)), day)
        self.placed.append((index, deviation.placement))
        if deviation.placement.distance >= MISPLACED:
            reason = f"the pass lies {deviation.placement.distance:.1f} px off its baseline, too far to be corrected"
            log(Result.NOT_ASSESSABLE, reason, flagged=self._follow(index, None))
            return
        more = deviation.whitener.size / self.model.usual
        if more >= self.settings.contaminated:
            reason = (
                f"the ring deviates {more:.0f} times as much as it used to: haze, snow or cloud that was not masked"
            )
            log(Result.OBSCURED, reason, flagged=self._follow(index, None))
            return
        now, v = self._add(deviation, index)
        flagged = self._follow(index, v)
        if fence <= self.settings.fence_clear:
            needed = f"a look needs more than {self.settings.fence_clear:.0%}"
            log(Result.OBSCURED, f"{fence:.0%} of the fence is clear; {needed}", now, flagged)
            return
        largest = float(np.nanmax(now, initial=0, where=self.inside & np.isfinite(now)))
        reason = f"{fence:.0%} of the fence is clear; largest statistic {largest:.0f}, limit {self.limit:.0f}"
        if (changed := float(flagged[self.ring].mean())) > RING_CHANGED:
            reason += f"; the ring itself has changed on {changed:.0%} of its ground"
        log(Result.SEEN if self.tracker.standing else Result.NOT_SEEN, reason, now, flagged)

    def _add(self, deviation: Deviation, index: int) -> tuple[Floats, Floats]:
        """Take a pass into the evidence: the statistic (y, x) and the deviations (y, x, band), NaN where unseen."""
        steps, seen = self.model.counted(deviation.v)
        self.evidence.add(steps, seen, index)
        now = np.where(seen.reshape(self.inside.shape), self.evidence.statistic, np.float32(np.nan))
        v = np.where(seen[:, None], steps * np.float32(self.model.step), np.float32(np.nan))
        return now, v.reshape(*self.inside.shape, -1)

    def _follow(self, index: int, v: Floats | None) -> Bools:
        """Follow the alerts: (y, x), pixels inside the fence or not whose alarm stands after this pass."""
        self.tracker.follow(index, v, self.evidence)
        parts = regions(self.evidence.statistic > self.limit, self.settings.min_pixels)
        return np.asarray(np.any([np.zeros_like(self.inside), *parts], axis=0))


def checksum(values: Floats, before: int = 0) -> int:
    """CRC-32 of values, going on from those before."""
    return zlib.crc32(np.ascontiguousarray(values).view(np.uint8).data, before)


def begin(scene: Scene, inside: Bools, start: date, settings: MonitorSettings) -> Memory:
    """Fit the model to the passes before `start`, then take every pass in order.

    Raises:
        InputError: the history is too short, or saw too little of the fence or its ring.
    """
    days = scene.days
    seen: Bools = np.asarray(np.isfinite(scene.values).all(3))
    past = np.array([day < start for day in days], bool)
    # Only what the history saw: a later pass must not change what earlier looks said.
    ring: Bools = ~inside & (seen[past].any(0) if past.any() else True)
    if ring.sum() < MIN_RING:
        raise InputError(
            f"the history saw {int(ring.sum())} pixels of the ring around the fence, and the control needs {MIN_RING}; "
            "load a wider surrounding of the fence"
        )
    usable = past & (seen[:, ring].mean(1) > settings.ring_clear)
    model, placed = _model(scene, days, usable, ring, inside, settings)
    evidence = Evidence(len(scene.bands), inside.shape, settings, model.step)
    evidence.passes[:, -1] = _last_seen(seen & usable[:, None, None]).ravel()
    tracker = Tracker(inside, settings, settings.limit(len(scene.bands)))
    memory = Memory(
        scene.bands,
        scene.pixel,
        scene.corner,
        inside,
        start,
        settings,
        ring,
        len(placed),
        placed,
        model,
        evidence,
        tracker,
    )
    for image, time in zip(scene.values, scene.times, strict=True):
        memory.take(image, time)
    return memory


def _model(
    scene: Scene, days: Sequence[date], history: Bools, ring: Bools, inside: Bools, settings: MonitorSettings
) -> tuple[Model, list[tuple[int, Placement]]]:
    """The model of the history passes and where each of them lies; passes that show another place are left out."""
    values = scene.values.reshape(len(days), -1, len(scene.bands))
    seen: Bools = np.asarray(np.isfinite(values).all(2))
    while True:
        counts = seen[history].sum(0)
        known = control(ring & (counts >= settings.min_history).reshape(ring.shape), settings.control)
        blind = history & (seen[:, known].sum(1) < MIN_CONTROL)
        if blind.any() and len(known) >= MIN_CONTROL:  # they show ground that the others do not
            history = history & ~blind
            continue
        used = np.flatnonzero(history)
        if len(used) < settings.min_history:
            raise InputError(
                f"the history holds {len(used)} passes whose ring is clear, and the monitor needs "
                f"{settings.min_history}; let the watch start later or search passes from an earlier day"
            )
        if not (counts[inside.ravel()] >= settings.min_history).any():
            raise InputError(
                f"no pixel inside the fence was seen {settings.min_history} times before the watch starts; "
                "let it start later or search passes from an earlier day"
            )
        if (counts[ring.ravel()] >= settings.min_history).sum() < MIN_RING:
            raise InputError(
                f"fewer than {MIN_RING} pixels of the ring were seen {settings.min_history} times before the watch "
                "starts; let it start later or load a wider surrounding of the fence"
            )
        model = Model(values[used], [days[int(i)] for i in used], ring, settings)
        off = [i for i, placement in zip(used, model.placements, strict=True) if placement.distance >= MISPLACED]
        if not off:
            return model, [(int(i), p) for i, p in zip(used, model.placements, strict=True)]
        history = history.copy()
        history[off] = False


def _last_seen(seen: Bools) -> Ints:
    """(y, x): index of the last pass that saw each pixel, -1 for none."""
    index = np.where(seen, np.arange(len(seen))[:, None, None], -1)
    return np.asarray(index.max(0, initial=-1), np.int32)
