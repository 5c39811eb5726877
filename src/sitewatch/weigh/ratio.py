"""How far evidence moves one hypothesis against another: pure formulas on arrays, in natural logarithms.

Everything that bears on a thing E is carried as one number, log r = log P(evidence | E) - log P(evidence | not E); a
hypothesis under which E has probability P then expects the evidence 1 - P + P r times as much as "not E" does, and the
ratio of two hypotheses is the ratio of two such brackets. Whatever r is, that ratio stays between (1-P1)/(1-P2) and
P1/P2: a finding, however often it is told, weighs no more than the thing itself could.

Arrays end in the axis of the draws, so that one value and ten thousand are the same call.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Bounds = tuple[Array, Array]
"""The smallest and the largest value of something."""

EDGE = 1e-9
"""How close h and f may come to 0 and 1: no report and no look is proof (Cromwell's rule; Lindley 1985)."""
TINY = 1e-300
FINITE = 690.0
"""Natural logarithm beyond which a ratio is given as this much, about 10^300, so that it can be printed and stored."""


def pert(lo: float, best: float, hi: float, samples: int, rng: np.random.Generator) -> Array:
    """Draw from the PERT distribution with lambda 4 (Malcolm and others 1959; Vose 2008).

    It is lo + (hi - lo) Beta(1 + 4 m, 5 - 4 m) with m the place of `best` between the ends; a range of no width gives
    its one value.
    """
    if hi <= lo:
        return np.full(samples, best)
    alpha = 1 + 4 * (best - lo) / (hi - lo)
    return lo + (hi - lo) * rng.beta(alpha, 6 - alpha, samples)


def kept(p: ArrayLike) -> Array:
    """Probabilities, kept off 0 and 1 by EDGE."""
    return np.asarray(np.clip(p, EDGE, 1 - EDGE), dtype=np.float64)


def finite(log: float) -> float:
    """A ratio from its logarithm, always above 0 and finite."""
    return float(np.exp(np.clip(log, -FINITE, FINITE)))


def log_shared(h: Array, f: Array, rho: ArrayLike) -> Array:
    """log r of roots that share an image or an official.

    With probability rho they are one report, that of the strongest root, else they are independent:
    h_G = rho h* + (1 - rho) prod h, f_G alike, where * has the largest |log h/f|.

    Args:
        h: P(report | E), (roots, …); for a denial, hand in f here and h below.
        f: P(report | not E), the same shape.
        rho: probability that they are one report, broadcast over the draws.
    """
    log_h, log_f = np.log(kept(h)), np.log(kept(f))
    weight = log_h - log_f
    if len(weight) == 1:
        return np.asarray(weight[0])
    strongest = np.abs(weight).argmax(axis=0)[np.newaxis]

    def mixed(logs: Array) -> Array:
        return _mixture(np.take_along_axis(logs, strongest, axis=0)[0], logs.sum(axis=0), rho)

    return mixed(log_h) - mixed(log_f)


def _mixture(one: Array, apart: Array, weight: ArrayLike) -> Array:
    """log of weight x exp(one) + (1 - weight) x exp(apart)."""
    with np.errstate(divide="ignore"):  # a weight of 0 or 1 switches one branch off
        log_weight, log_rest = np.log(weight), np.log1p(-np.asarray(weight, dtype=np.float64))
    return np.asarray(np.logaddexp(log_weight + one, log_rest + apart))


def log_seen(power: ArrayLike, p_false: ArrayLike) -> Array:
    """log r of a look that saw: h = 1 - (1 - power)(1 - p_false) against f = p_false; power 0 gives 0."""
    w, f = np.asarray(power, dtype=np.float64), kept(p_false)
    return np.log(w + f * (1 - w)) - np.log(f)


def log_not_seen(power: ArrayLike) -> Array:
    """log r of a look that did not see: (1 - h)/(1 - f), which is 1 - power whatever p_false is."""
    return np.log1p(-np.minimum(np.asarray(power, dtype=np.float64), 1 - EDGE))


def log_watch(detect: ArrayLike, p_false: ArrayLike, *, alarm: bool) -> Array:
    """log r of a whole watch by the monitor, which is one finding: h = its power in the window, f its false alarm.

    Power counts planted changes that were flagged, chance alarms among them, so a power below f is read as f.
    """
    f = kept(p_false)
    h: Array = np.maximum(kept(detect), f)
    return np.log(h) - np.log(f) if alarm else np.log1p(-h) - np.log1p(-f)


def log_hidden(log_r: Array, visible: ArrayLike) -> Array:
    """log r of all looks together when, with probability 1 - `visible`, the thing is hidden from every one of them."""
    return _mixture(log_r, np.zeros(1), visible)


def log_likelihood(log_r: Array, p: Array) -> Array:
    """log (1 - p + p r) - max(0, log r): log P(evidence | H) up to a constant that all hypotheses share.

    Args:
        log_r: what the evidence says of E, (draws,).
        p: P(E | H), (hypotheses, draws).
    """
    top: Array = np.maximum(log_r, 0)
    return np.asarray(np.log(np.maximum(p * np.exp(log_r - top) + (1 - p) * np.exp(-top), TINY)))


def corner_shared(h: Bounds, f: Bounds, rho: tuple[float, float]) -> tuple[float, float]:
    """Outer bounds of `log_shared` when each input may lie anywhere in its range.

    For a given strongest root the value rises with every h, falls with every f and is monotone in rho, so its
    extremes are at ends of the ranges; every root that could be the strongest is tried.

    Args:
        h: smallest and largest P(report | E), each (roots,).
        f: smallest and largest P(report | not E), each (roots,).
        rho: smallest and largest probability that they are one report.
    """
    low, high = _each_leading(h[0], f[1], rho), _each_leading(h[1], f[0], rho)
    least = np.log(kept(h[0])) - np.log(kept(f[1]))
    most = np.log(kept(h[1])) - np.log(kept(f[0]))
    strong = np.maximum(np.abs(least), np.abs(most))
    weak = np.where((least < 0) & (most > 0), 0, np.minimum(np.abs(least), np.abs(most)))
    could_lead = strong >= weak.max() - 1e-12
    return float(low[:, could_lead].min()), float(high[:, could_lead].max())


def _each_leading(h: Array, f: Array, rho: tuple[float, float]) -> Array:
    """log r of a shared group for each rho (rows) and with each root taken as the strongest (columns)."""
    log_h, log_f = np.log(kept(h)), np.log(kept(f))
    weight = np.array(rho)[:, np.newaxis]
    return _mixture(log_h, log_h.sum(), weight) - _mixture(log_f, log_f.sum(), weight)


def corner_ratios(log_r: tuple[float, float], p_lo: Array, p_hi: Array) -> Bounds:
    """Outer bounds of the log ratio of every pair of hypotheses, each (hypotheses, hypotheses), row over column.

    The bracket is monotone in r and in each P, so the extremes are at ends of the ranges.
    """
    ends = np.stack([log_likelihood(np.array(log_r), p[:, np.newaxis]) for p in (p_lo, p_hi)])
    upper, lower = ends.max(axis=0), ends.min(axis=0)
    highest = (upper[:, np.newaxis] - lower[np.newaxis]).max(axis=-1)
    return -highest.T, highest
