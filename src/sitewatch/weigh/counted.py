"""What a count of boxes is worth, from trials of the detector: the true number, and the power of the look."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import betainc, gammainc
from scipy.stats import binom

from sitewatch.records import Probability, Range
from sitewatch.weigh.recall import Array, FalseBoxes, Recall
from sitewatch.weigh.tally import tally

SHARE = 0.9
"""Of each interval."""
POWER = 0.9
"""With which so many boxes are reached by the vehicles that the power of a look speaks of."""
_MOST_THERE = 50
"""Times the boxes: more vehicles are not asked for, however badly recall is known."""
_LOWER = (1 - SHARE) / 2
_SHARES = np.linspace(0, 1, 4001)
_RATES = np.geomspace(1e-6, 1e5, 8001)
_NODES = (np.arange(400) + 0.5) / 400


@dataclass(frozen=True)
class Tried:
    """One image on which the detector was tried: its vehicles are known."""

    image: str
    found: int
    """Vehicles with a box."""
    of: int
    """Vehicles that are there."""
    false: int
    """Boxes with no vehicle."""


@dataclass(frozen=True)
class Counted:
    """What a count tells."""

    number: Range
    """The true number: lower end, median and upper end of its 90 % interval."""
    least: int
    """Boxes from which on the interval of the number begins above 0; fewer, but some, tell nothing."""
    there: int
    """Vehicles that the power speaks of: as many as give so many boxes with probability .9; one, of no box at all."""
    p_detect: Probability
    """P(`least` boxes or more | `there` vehicles are there); of no box at all: P(any box | one vehicle)."""
    p_false: Probability
    """P(`least` boxes or more | no vehicle is there); of no box at all: P(any box | none)."""


def counted(boxes: int, trials: Sequence[Tried]) -> Counted:
    """What a number of boxes in one more image tells, when recall and false boxes differ from image to image.

    The intervals of `p_detect` and `p_false` are those of the chance in this one image, not of its mean over images:
    haze and shadow strike a whole image at once. `best` is the mean.

    Args:
        boxes: one to a vehicle.
        trials: with at least one vehicle in all.

    Raises:
        InputError: no vehicle was tried, the numbers of a trial do not fit, or recall is known too badly.
    """
    recall = Recall.between([(one.found, one.of) for one in trials])
    false_boxes = FalseBoxes.between([one.false for one in trials])
    lo, best, hi = tally(boxes, recall, false_boxes).interval(SHARE)
    least = _least(boxes, recall, false_boxes)
    tried = told(trials)
    number = Range(
        lo=lo, best=best, hi=hi, origin=f"90 % interval of the true number, flat prior; the detector's trials: {tried}"
    )
    wanted = least if boxes else 1
    shares, rates = _shares(recall), _rates(false_boxes)
    there = _there(wanted, shares, rates) if boxes else 1
    what = f"{wanted} boxes or more" if wanted > 1 else "a box"
    where = f"{there} vehicles are" if there > 1 else "one vehicle is"
    return Counted(
        number,
        least,
        there,
        _probability(_reached(wanted, there, shares, rates), f"trials: {what} where {where} ({tried})"),
        _probability(_reached(wanted, 0, shares, rates), f"trials: {what} where no vehicle is ({tried})"),
    )


def told(trials: Sequence[Tried]) -> str:
    """The trials in words."""
    found, of, false = (sum(getattr(one, name) for one in trials) for name in ("found", "of", "false"))
    images = f"{len(trials)} images" if len(trials) != 1 else "1 image"
    return f"{found:,} of {of:,} vehicles found and {false:,} false boxes in {images}"


def _least(boxes: int, recall: Recall, false_boxes: FalseBoxes) -> int:
    """The smallest count whose interval begins above 0, up to `boxes`; beyond them where theirs does not."""
    return 1 + bisect_left(range(1, boxes + 1), True, key=lambda k: tally(k, recall, false_boxes).quantile(_LOWER) > 0)


def _there(boxes: int, shares: Array, rates: Array) -> int:
    """The smallest number of vehicles that gives so many boxes with the probability `POWER`, as far as any does."""
    numbers = range(1, _MOST_THERE * boxes)
    return 1 + bisect_left(numbers, POWER, key=lambda n: float(_reached(boxes, n, shares, rates).mean()))


def _reached(boxes: int, there: int, shares: Array, rates: Array) -> Array:
    """(share, rate): P(so many boxes or more | so many vehicles), found ones binomial and false ones Poisson."""
    hits = np.arange(min(boxes, there + 1))
    found = binom.pmf(hits, there, shares[:, np.newaxis])
    enough = gammainc((boxes - hits)[:, np.newaxis], rates)
    return np.asarray(found @ enough + binom.sf(boxes - 1, there, shares)[:, np.newaxis])


def _shares(recall: Recall) -> Array:
    """(node,): equally likely values of the share found in one image, quantiles of a mixture of Betas."""
    a, b = recall.mean * recall.size, (1 - recall.mean) * recall.size
    return np.interp(_NODES, betainc(a[:, np.newaxis], b[:, np.newaxis], _SHARES).T @ recall.weight, _SHARES)


def _rates(false_boxes: FalseBoxes) -> Array:
    """(node,): equally likely values of the false boxes expected in one image, quantiles of a mixture of Gammas."""
    pace = (false_boxes.shape / false_boxes.mean)[:, np.newaxis]
    below = gammainc(false_boxes.shape[:, np.newaxis], pace * _RATES).T @ false_boxes.weight
    return np.interp(_NODES, below, _RATES)


def _probability(equally_likely: Array, origin: str) -> Probability:
    lo, hi = (float(q) for q in np.quantile(equally_likely, (_LOWER, 1 - _LOWER)))
    best = float(np.clip(equally_likely.mean(), lo, hi))
    return Probability(lo=round(lo, 4), best=round(best, 4), hi=round(hi, 4), origin=origin)
