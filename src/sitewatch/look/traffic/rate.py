"""Traffic now against the site's own past: a relative rate, with an interval that knows how counts clump."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from scipy.signal import fftconvolve
from scipy.special import gammaln

from sitewatch.errors import InputError
from sitewatch.look.traffic.mask import Floats
from sitewatch.look.traffic.triplets import RoadPass

FEWEST_PASSES = 8
"""Clear passes of the past below which nothing is compared."""
SPAN = 0.9
"""Of the interval."""
_LOG_STEP = 0.03
_LOG_REACH = 7.0
_CLUMPING = np.linspace(0.0, 1.6, 21) ** 2
"""1/k: variance = mean + mean^2 / k; equally likely are equal steps of its root."""


@dataclass(frozen=True)
class PassCount:
    """Vehicles of one pass."""

    day: date
    vehicles: int | None
    """None where too little of the road was seen."""
    seen: float
    """Share of the road that was seen, 0 to 1."""

    @classmethod
    def of(cls, day: date, found: RoadPass) -> PassCount:
        """What a pass showed on a day."""
        return cls(day, found.count, 1 - found.hidden)


@dataclass(frozen=True)
class RelativeRate:
    """How many times as much traffic as in the past, per pass and length of road seen."""

    low: float
    """Lower end of the 90 % credible interval of the rate (not of the next count); NaN where nothing is told."""
    best: float
    """Median."""
    high: float
    more: float
    """Probability that there is more traffic than in the past."""
    clumping: float
    """1/k of the negative binomial, posterior mean: variance = mean + mean^2 / k. 0 is Poisson."""
    past_rate: float
    """Vehicles of the past in a pass that sees all of the road, posterior median."""
    past_passes: int
    """Passes of the past that count."""
    now_passes: int
    obscured: int
    """Passes, past and now, that saw too little of the road."""
    reason: str
    """Why nothing is told; empty where it is."""


def relative_rate(past: Sequence[PassCount], now: Sequence[PassCount]) -> RelativeRate:
    """Compare traffic with the site's own past.

    Counts are negative binomial with a mean in proportion to the road that was seen. Two rates, each with Jeffreys'
    prior, share one clumping, which the past tells best; the interval is that of their ratio, summed over a grid. What
    the search misses cancels, as long as it misses the same share. A trend or a season within the past shows as
    clumping and widens the interval; the ratio is to the mean of the past passes.

    Args:
        past: what is normal here.
        now: what is asked about; one pass or several, none of them in the past.

    Raises:
        InputError: a count is negative or no whole number, a share is not in 0 to 1, or a day stands in both.
    """
    for name, group in (("past", past), ("now", now)):
        for one in group:
            _check(name, one)
    if both := {one.day for one in past} & {one.day for one in now}:
        raise InputError(f"now: {min(both)} is in the past too; give each pass once")
    old, new = ([one for one in group if one.vehicles is not None] for group in (past, now))
    obscured = len(past) + len(now) - len(old) - len(new)
    if reason := _too_little(old, new, obscured):
        nan = math.nan
        return RelativeRate(nan, nan, nan, nan, nan, nan, len(old), len(new), obscured, reason)
    middle = math.log(sum(one.vehicles or 0 for one in old) / sum(one.seen for one in old))
    log_rates = np.arange(-_LOG_REACH, _LOG_REACH + _LOG_STEP / 2, _LOG_STEP)
    before, after = (_posterior(group, log_rates + middle) for group in (old, new))
    joint = fftconvolve(np.exp(after - after.max()), np.exp(before - before.max())[:, ::-1], axes=1).clip(0)
    ratios = np.exp((np.arange(joint.shape[1]) - len(log_rates) + 1) * _LOG_STEP)
    by_clumping, by_ratio = joint.sum(1) / joint.sum(), joint.sum(0) / joint.sum()
    low, best, high = _quantiles(ratios, by_ratio, ((1 - SPAN) / 2, 0.5, (1 + SPAN) / 2))
    alone = np.exp(before - before.max()).sum(0)
    rate = _quantiles(np.exp(log_rates + middle), alone / alone.sum(), (0.5,))[0]
    return RelativeRate(
        low, best, high,
        more=float(by_ratio[ratios > 1].sum() + by_ratio[np.isclose(ratios, 1)].sum() / 2),
        clumping=float(by_clumping @ _CLUMPING),
        past_rate=rate, past_passes=len(old), now_passes=len(new), obscured=obscured, reason="",
    )  # fmt: skip


def _check(name: str, one: PassCount) -> None:
    if one.vehicles is not None and not (one.vehicles >= 0 and one.vehicles % 1 == 0):
        raise InputError(f"{name}: {one.day}: found a count of {one.vehicles}; needed is a whole number of 0 or more")
    if not 0 <= one.seen <= 1 or (one.vehicles is not None and one.seen == 0):
        raise InputError(
            f"{name}: {one.day}: found {one.seen:g} as the share of road that was seen; needed is 0 to 1, above 0 "
            "where vehicles were counted"
        )


def _too_little(old: Sequence[PassCount], new: Sequence[PassCount], obscured: int) -> str:
    if len(old) < FEWEST_PASSES:
        return (
            f"the past has {len(old)} passes with a count; a rate needs {FEWEST_PASSES} to be compared with "
            f"({obscured} saw too little of the road)"
        )
    if not new:
        return "no pass of now saw enough of the road"
    if not any(one.vehicles for one in old):
        return f"no vehicle was found on any of {len(old)} passes of the past; no ratio can be told"
    return ""


def _posterior(group: Sequence[PassCount], log_rates: Floats) -> Floats:
    """(clumping, rate): logarithm of likelihood times Jeffreys' prior of the rate, on a grid of log rates."""
    counts = np.array([one.vehicles for one in group], float)
    seen = np.array([one.seen for one in group])
    mean = np.exp(log_rates)[:, None] * seen
    out = np.empty((len(_CLUMPING), len(log_rates)))
    for n, clumping in enumerate(_CLUMPING):
        if clumping == 0:
            each = counts * np.log(mean) - mean - gammaln(counts + 1)
        else:
            k = 1 / clumping
            each = (
                gammaln(counts + k) - gammaln(k) - gammaln(counts + 1)
                + counts * np.log(mean / (mean + k)) - k * np.log1p(mean / k)
            )  # fmt: skip
        spread = np.log1p(np.exp(log_rates) * seen.mean() * clumping)
        out[n] = each.sum(1) + (log_rates - spread) / 2
    return out


def _quantiles(values: Floats, weights: Floats, at: Sequence[float]) -> list[float]:
    total = np.cumsum(weights)
    return [float(values[min(int(np.searchsorted(total, q)), len(values) - 1)]) for q in at]
