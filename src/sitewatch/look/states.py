"""How an alert lives: it opens, is agreed with, ends or is withdrawn; every step is kept as it stood."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from sitewatch.look.baseline import Bools, Floats
from sitewatch.look.evidence import Evidence, regions
from sitewatch.look.settings import MonitorSettings
from sitewatch.records import State


@dataclass(frozen=True)
class Step:
    """One step of an alert's history."""

    state: State
    index: int
    """The pass that brought it."""
    reason: str


@dataclass(frozen=True)
class PValue:
    """A rank among the placebos: it ranks alarms, it does not gate them."""

    p: float
    """(1 + blocks that reached as much) / (1 + blocks)."""
    n: int
    """Blocks of a placebo and a half-year."""


@dataclass(frozen=True, eq=False)
class SiteAlert:
    """A lasting change inside the fence, as it stood after its latest step."""

    number: int
    """Counts the alerts of a watch from 1."""
    index: int
    """The pass after which it stood so."""
    history: tuple[Step, ...]
    onset: tuple[int | None, int]
    """Passes: the last clear look without the change (None when no look saw the place before), the first with it."""
    region: Bools
    """(y, x): its connected pixels inside the fence."""
    direction: Floats
    """(band,): unit vector of the change, in standardised deviations."""
    statistic: float
    """Largest statistic in the region at the latest step."""
    used: tuple[int, ...]
    """Passes that carried the alert so far."""
    missed: tuple[int, ...]
    """Passes since the onset's earlier edge that could not see the region."""

    ranked: Callable[[float], PValue | None] | None = field(default=None, repr=False)
    """Gives the rank of a statistic among the placebos of the watch."""

    @property
    def p_value(self) -> PValue | None:
        """How the alert ranks among the placebo blocks; None where there are none. Measured on first use."""
        return self.ranked(self.statistic) if self.ranked else None

    @property
    def state(self) -> State:
        """Where the alert stands."""
        return self.history[-1].state

    @property
    def first_flag(self) -> int:
        """The pass at which it opened."""
        return self.history[0].index


@dataclass
class Followed:
    """An alert that is being followed."""

    alert: SiteAlert
    agreed: int = 0
    against: int = 0
    since: list[int] = field(default_factory=list)


class Tracker:
    """Follows the alerts of one watch, pass by pass."""

    FURTHER = 2
    """Further clear looks that must agree before an alert is probable."""
    DISAGREE = 2
    """Clear looks in a row that disagree before a possible alert is withdrawn."""
    BACK = 5
    """Clear looks in a row at the baseline, in every direction, before a probable alert has ended."""

    def __init__(self, inside: Bools, settings: MonitorSettings, limit: float) -> None:
        """Follow what happens inside the fence, (y, x), where the statistic is above a limit."""
        self._inside, self._settings, self._limit = inside, settings, limit
        self.open: list[Followed] = []
        """Alerts that are being followed."""
        self.visible: list[tuple[int, Bools]] = []
        """Each watched pass, and what of the fence (y, x) it saw."""
        self.steps: list[SiteAlert] = []
        """Every alert as it stood after each of its steps, in order."""

    def follow(self, index: int, v: Floats | None, evidence: Evidence) -> None:
        """Take one watched pass.

        Args:
            index: of the pass in the cube.
            v: (y, x, band) standardised deviations, NaN where unseen; None when the pass was refused.
            evidence: after the pass was added.
        """
        seen = np.asarray(np.isfinite(v).all(2)) if v is not None else np.zeros(self._inside.shape, bool)
        self.visible.append((index, seen & self._inside))
        if v is not None:
            for followed in list(self.open):
                self._judge(followed, index, v, seen, evidence)
            for part in regions((evidence.statistic > self._limit) & self._inside, self._settings.min_pixels):
                self._grow_or_open(part, index, evidence)

    @property
    def standing(self) -> tuple[SiteAlert, ...]:
        """Alerts that are open now."""
        return tuple(followed.alert for followed in self.open)

    def dump(self) -> list[dict[str, Any]]:
        """The open alerts as plain values, but for their regions."""
        return [
            {"number": one.alert.number, "agreed": int(one.agreed), "against": int(one.against), "since": one.since}
            for one in self.open
        ]

    def load(
        self,
        steps: list[SiteAlert],
        opened: list[dict[str, Any]],
        regions: list[Bools],
        visible: list[tuple[int, Bools]],
    ) -> None:
        """Go on from where `steps`, `dump`, the regions of the open alerts and `visible` were taken."""
        self.steps, self.visible = steps, visible
        latest = {alert.number: alert for alert in steps}
        self.open = [
            Followed(replace(latest[one["number"]], region=region), one["agreed"], one["against"], list(one["since"]))
            for one, region in zip(opened, regions, strict=True)
        ]

    def _grow_or_open(self, part: Bools, index: int, evidence: Evidence) -> None:
        for followed in self.open:
            if (followed.alert.region & part).any():
                self._grow(followed, part, index, evidence)
                return
        self._begin(part, index, evidence)

    def _grow(self, followed: Followed, part: Bools, index: int, evidence: Evidence) -> None:
        """Widen an alert; a widening by half since it was last kept is kept too, without a step of its state."""
        others = [other.alert.region for other in self.open if other is not followed]
        region = followed.alert.region | (part & ~np.any([np.zeros_like(part), *others], axis=0))
        followed.alert = replace(followed.alert, region=region)
        kept = next(alert for alert in reversed(self.steps) if alert.number == followed.alert.number)
        if region.sum() >= 1.5 * kept.region.sum():
            self._keep(followed, index, evidence)

    def _keep(self, followed: Followed, index: int, evidence: Evidence) -> None:
        alert = followed.alert
        followed.alert = replace(
            alert,
            index=index,
            statistic=float(evidence.statistic[alert.region].max()),
            used=tuple(sorted({*alert.used, *followed.since})),
            missed=self._missed(alert.region, alert.onset, index),
        )
        self.steps.append(followed.alert)

    def _begin(self, part: Bools, index: int, evidence: Evidence) -> None:
        direction = _direction(evidence, part)
        series = _series(evidence, part, direction)
        onset = _onset(series, evidence, part)
        used = tuple(i for i, _ in series if i >= onset[1])
        alert = SiteAlert(
            number=1 + max((a.number for a in self.steps), default=0),
            index=index,
            history=(Step(State.POSSIBLE, index, f"{int(part.sum())} connected pixels crossed the limit"),),
            onset=onset,
            region=part,
            direction=direction,
            statistic=float(evidence.statistic[part].max()),
            used=used,
            missed=self._missed(part, onset, index),
        )
        self.open.append(Followed(alert))
        self.steps.append(alert)

    def _judge(self, followed: Followed, index: int, v: Floats, seen: Bools, evidence: Evidence) -> None:
        """Does a further look agree with an open alert?

        A possible alert must be agreed with in its own direction. A probable one stays until the place is back at its
        baseline in every direction: a cut stand turns its sign with the leaves of its neighbours, and is still cut.
        """
        place = followed.alert.region & seen
        if place.sum() < 0.5 * followed.alert.region.sum():
            return
        mean = v[place].mean(0)
        possible = followed.alert.state is State.POSSIBLE
        size = float(mean @ followed.alert.direction if possible else np.linalg.norm(mean))
        followed.since.append(index)
        agrees = size >= self._settings.agree
        followed.agreed += agrees
        followed.against = 0 if agrees else followed.against + 1
        if possible and followed.agreed >= self.FURTHER:
            self._advance(followed, State.PROBABLE, index, f"{followed.agreed} further clear looks agree", evidence)
        elif possible and followed.against >= self.DISAGREE:
            reason = f"{followed.against} clear looks in a row do not agree"
            self._close(followed, State.WITHDRAWN, index, reason, evidence)
        elif not possible and followed.against >= self.BACK:
            reason = f"{followed.against} clear looks in a row are back at the baseline"
            self._close(followed, State.ENDED, index, reason, evidence)

    def _close(self, followed: Followed, state: State, index: int, reason: str, evidence: Evidence) -> None:
        self._advance(followed, state, index, reason, evidence)
        self.open.remove(followed)
        evidence.forget(followed.alert.region)

    def _advance(self, followed: Followed, state: State, index: int, reason: str, evidence: Evidence) -> None:
        followed.alert = replace(followed.alert, history=(*followed.alert.history, Step(state, index, reason)))
        self._keep(followed, index, evidence)

    def _missed(self, region: Bools, onset: tuple[int | None, int], until: int) -> tuple[int, ...]:
        first = -1 if onset[0] is None else onset[0]
        needed = 0.5 * region.sum()
        return tuple(i for i, seen in self.visible if first < i <= until and (seen & region).sum() < needed)


def _direction(evidence: Evidence, region: Bools) -> Floats:
    """(band,): unit vector of the mean of the latest three looks over a region."""
    values, _ = evidence.looks(region)
    mean = values[:, -3:].mean((0, 1))
    return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-6), np.float32)


def _series(evidence: Evidence, region: Bools, direction: Floats) -> list[tuple[int, float]]:
    """(pass, mean projection) of the remembered passes that saw at least half of a region, in order of time.

    Where cloud was so patchy that none saw half of it, the passes that saw most of it are taken.
    """
    values, looked = evidence.looks(region)
    along = values @ direction  # (pixel, depth)
    passes = np.where(np.isfinite(along), looked[:, 1:], -1)
    held = [(int(i), along[passes == i]) for i in np.unique(passes[passes >= 0])]
    needed = min(0.5 * region.sum(), max(len(values) for _, values in held))
    return [(index, float(values.mean())) for index, values in held if len(values) >= needed]


def _onset(series: list[tuple[int, float]], evidence: Evidence, region: Bools) -> tuple[int | None, int]:
    """Least-squares change point of a series from 0 to a new level: the last pass without it, the first with it."""
    level = np.array([value for _, value in series])
    cost = [np.square(level[:s]).sum() + np.square(level[s:] - level[s:].mean()).sum() for s in range(len(level))]
    split = int(np.argmin(cost))
    if split:
        return series[split - 1][0], series[split][0]
    _, earlier = evidence.looks(region)
    earlier = earlier[(earlier >= 0) & (earlier < series[0][0])]
    return (int(earlier.max()) if earlier.size else None), series[0][0]
