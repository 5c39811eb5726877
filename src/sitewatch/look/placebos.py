"""Placebo fences: how often the monitor cries wolf at this site, measured on the ground around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import zoom
from scipy.stats import gamma, nbinom

from sitewatch.look.baseline import Bools, Floats
from sitewatch.look.memory import Memory
from sitewatch.look.states import PValue, SiteAlert
from sitewatch.records import State

SCALES = (1.0, 0.85, 0.7, 0.6, 0.5, 0.4, 0.3, 0.25)
"""Sizes of a placebo fence as shares of the site's own; the largest that gives FEWEST of them is taken."""
FEWEST = 8
"""Placebo fences below which no rate is told."""
FOLDS = 4
"""The placebos are judged in so many groups, each by a monitor whose control leaves the group out."""
HELD = 0.9
"""Share of a placebo that must be monitored ground."""
CLUMPED = 1.5
"""How much more than Poisson the counts vary before any were seen, with the weight of CLUMPS alarms."""
CLUMPS = 4.0
LASTING_DAYS = 180
"""Days after its first flag from which an alarm that still stands was no false one."""
LASTING_LOOKS = 6
"""Passes in this time that must have been taken."""
SPAN = 0.9
"""Of the intervals."""


@dataclass(frozen=True, eq=False)
class FalseAlarms:
    """How often the monitor raises an alarm at this site where nobody says that anything changed."""

    rate: float
    """Alarms per site-year; NaN when not measurable."""
    low: float
    """Lower end of the 90 % interval of the rate."""
    high: float
    """Its upper end."""
    count: int
    """Alarms that the placebo fences raised, whatever became of them."""
    false: float
    """Those that count as false: the ground did not stay changed. Those too young to tell count in part."""
    placebos: int
    """How many there are."""
    years: float
    """Years watched by all of them together."""
    scale: float
    """Side of a placebo as a share of the fence's; the rate is scaled up by the area."""
    reason: str
    """Why it is not measurable, or what to bear in mind; empty when there is nothing to say."""
    clumping: float
    """How many times more the counts vary than independent alarms would."""
    probable: tuple[float, float, float]
    """Rate of the false alarms that two further looks agreed with, and its 90 % interval."""
    peaks: Floats
    """(block,): largest statistic of each placebo in each half-year."""

    @property
    def measurable(self) -> bool:
        """Were there enough placebos and passes?"""
        return bool(np.isfinite(self.rate))

    def expect(self, years: float) -> tuple[int, int]:
        """The 90 % interval for the number of alarms in a watch of this site of some length, were nothing to change."""
        if not self.measurable:
            raise ValueError(f"the false-alarm rate was not measured: {self.reason}")
        shape, exposure = self._posterior()
        ends = nbinom.ppf([(1 - SPAN) / 2, (1 + SPAN) / 2], shape, exposure / (exposure + years))
        return int(ends[0]), int(ends[1])

    def p_value(self, statistic: float) -> PValue | None:
        """The rank of an alarm among the placebo blocks; None where there are none."""
        if not self.measurable:
            return None
        n = len(self.peaks)
        return PValue((1 + int((self.peaks >= statistic).sum())) / (1 + n), n)

    def _posterior(self) -> tuple[float, float]:
        """Shape and exposure in site-years of the gamma distribution of the rate (Jeffreys prior)."""
        return _posterior(self.false, self.years * self.scale**2, self.clumping)


@dataclass(frozen=True, eq=False)
class Outcome:
    """What one placebo raised."""

    peaks: Floats
    """(half-year,): largest statistic, NaN where nothing was seen."""
    alarms: list[tuple[int, bool | None, bool]]
    """Half-year; whether the ground stayed changed, None while that can't be told; whether it became probable."""


def unmeasured(reason: str, placebos: int = 0) -> FalseAlarms:
    """No rate, and why."""
    nan = float("nan")
    return FalseAlarms(
        nan, nan, nan, 0, 0.0, placebos, 0.0, 1.0, reason, CLUMPED, (nan, nan, nan), np.zeros(0, np.float32)
    )


def lay(inside: Bools, ground: Bools) -> tuple[list[Bools], float]:
    """Lay placebo fences of the fence's shape over the ring, row by row, none touching another or the fence.

    Args:
        inside: (y, x), the fence.
        ground: (y, x), ring that is monitored.

    Returns:
        Their masks, and their side as a share of the fence's.
    """
    rows, columns = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
    shape = inside[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    best: tuple[list[Bools], float] = ([], 1.0)
    for scale in SCALES:
        small = shape if scale == 1 else zoom(shape.astype(np.float32), scale, order=0) > 0.5
        if small.sum() < 9 and scale < 1:
            break
        laid = _tiled(small, inside, ground)
        if len(laid) > len(best[0]):
            best = laid, float(np.sqrt(small.sum() / shape.sum()))
        if len(laid) >= FEWEST:
            break
    return best


def _tiled(shape: Bools, inside: Bools, ground: Bools) -> list[Bools]:
    """Masks of a shape, laid greedily."""
    height, width = shape.shape
    taken = inside.copy()
    laid = []
    for y in range(inside.shape[0] - height + 1):
        x = 0
        while x <= inside.shape[1] - width:
            window = (slice(y, y + height), slice(x, x + width))
            around = (slice(max(y - 1, 0), y + height + 1), slice(max(x - 1, 0), x + width + 1))
            if not taken[around].any() and ground[window][shape].mean() >= HELD:
                mask = np.zeros_like(inside)
                mask[window] = shape
                taken |= mask
                laid.append(mask)
                x += width
            x += 1
    return laid


def outcomes(memory: Memory, placebos: Sequence[Bools]) -> list[Outcome]:
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


def summarise(outcomes: Sequence[Outcome], years: float, scale: float, notes: Sequence[str]) -> FalseAlarms:
    """The rate and its interval.

    An alarm whose ground stayed changed was no false one: the ring has changes of its own. Those too young to tell are
    shared out as the others were.

    Args:
        outcomes: one per placebo.
        years: watched by each placebo.
        scale: side of a placebo as a share of the fence's.
        notes: what to bear in mind.
    """
    periods = max(len(one.peaks) for one in outcomes)
    counts = np.zeros((len(outcomes), periods), np.int64)
    lasting = undecided = agreed = 0
    for place, one in enumerate(outcomes):
        for half, borne_out, probable in one.alarms:
            agreed += borne_out is False and probable
            counts[place, half] += borne_out is False
            lasting += borne_out is True
            undecided += borne_out is None
    passing = int(counts.sum())
    share = (passing + 0.5) / (passing + lasting + 0.5)
    total = passing + undecided * share
    told = list(notes)
    if lasting:
        told.append(f"{lasting} alarms of the placebos are left out, where the ground stayed changed")
    if undecided:
        told.append(f"{undecided} are too young to tell and count as {undecided * share:.1f} false ones")
    clumping = _clumping(counts)
    exposure = len(outcomes) * years * scale**2
    rate, low, high = _rate(total, exposure, clumping)
    stood = (agreed + 0.5) / (agreed + lasting + 0.5)
    peaks = np.concatenate([one.peaks for one in outcomes])
    return FalseAlarms(
        rate, low, high, passing + lasting + undecided, total, len(outcomes),
        len(outcomes) * years, scale, "; ".join(told), clumping,
        _rate(agreed + undecided * stood, exposure, clumping), peaks[np.isfinite(peaks)],
    )  # fmt: skip


def _rate(count: float, exposure: float, clumping: float) -> tuple[float, float, float]:
    """Alarms per site-year, and the 90 % interval."""
    shape, freed = _posterior(count, exposure, clumping)
    low, high = gamma.ppf([(1 - SPAN) / 2, (1 + SPAN) / 2], shape, scale=1 / freed)
    rate = count / exposure
    return rate, min(float(low), rate), max(float(high), rate)


def _posterior(count: float, exposure: float, clumping: float) -> tuple[float, float]:
    return (count + 0.5) / clumping, exposure / clumping


def _clumping(counts: NDArray[np.int64]) -> float:
    """Variance of the total over that of independent alarms: placebos and periods each resampled as a whole.

    One hazy pass strikes all placebos at once, and one restless wood alarms again and again.
    """
    total = counts.sum()
    found = 0.0
    if total and min(counts.shape) > 1:
        by_place, by_time = counts.sum(1), counts.sum(0)
        varied = (
            len(by_place) * by_place.var(ddof=1) + len(by_time) * by_time.var(ddof=1) - counts.size * counts.var(ddof=1)
        )
        found = float(varied / total)
    return float(max(1.0, (found * total + CLUMPED * CLUMPS) / (total + CLUMPS)))
