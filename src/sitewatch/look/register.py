"""Where a pass lies against its baseline, and how its ring's level differs: judged on the ring, below a pixel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sitewatch.look.baseline import FLOOR, HUBER, Floats
from sitewatch.look.kernels import displacement, less_moved

PRIOR = 0.5
"""Standard deviation in pixels of the shifts expected: a ring without texture is taken to lie where it should."""
REACH = 3
"""Whole pixels within which a displaced pass is found."""
TURNS = 5
"""How often the estimate starts again from the whole pixel that it came nearest to."""
WORTH = 0.003
"""Share by which a shift must lessen the ring's residuals to be believed; noise alone gives a sixth of that."""
STILL = 0.1
"""Pixels up to which the edge of the cube stays as it is; beyond, what would come from outside is unseen."""
ROUNDS = 3
"""Reweightings of one estimate."""
ENOUGH = 1000
"""Pixels of the ring that it is made from."""
MISPLACED = 3.0
"""Pixels from which a pass is refused: it shows another place."""
Doubles = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Placement:
    """How a pass lies."""

    shift: tuple[float, float]
    """Rows and columns, in pixels, by which the pass is displaced against its baseline."""
    level: Doubles
    """(band,): mean difference of the ring from its baseline."""
    gain: Doubles
    """(band,): factor between the ring's baseline and the pass."""

    @property
    def whole(self) -> tuple[int, int]:
        """The shift in whole pixels."""
        return round(self.shift[0]), round(self.shift[1])

    @property
    def distance(self) -> float:
        """Length of the shift in pixels."""
        return float(np.hypot(*self.shift))


def place(image: Floats, predicted: Floats, known: NDArray[np.int64]) -> Placement:
    """Find the shift, gain and offset of a pass against its baseline, on the pixels of the control.

    Gauss-Newton on image = offset + gain x baseline(moved), after Lucas and Kanade (1981), all bands together with one
    Huber weight per pixel, started again from the nearest whole pixel until it stays.

    Args:
        image: (y, x, band), NaN where unseen.
        predicted: (y, x, band), the baseline on that day; NaN where a pixel has none.
        known: raveled indices of the control.
    """
    some, whole = known[:: max(1, len(known) // ENOUGH)], (0, 0)
    found, least = _solve(image, predicted, some, whole)
    for _ in range(TURNS):
        nearest = found.whole
        if nearest == whole or max(map(abs, nearest)) > REACH:
            break
        whole = nearest
        one, cost = _solve(image, predicted, some, whole)
        if cost >= least:
            break
        found, least = one, cost
    return found


def aligned(image: Floats, placement: Placement) -> Floats:
    """A pass (y, x, band) put back by the whole pixels of its shift, nothing resampled; NaN beyond the edge."""
    out = image
    for axis, whole in enumerate(placement.whole):
        if whole:
            out = np.roll(out, -whole, axis)
            beyond = slice(-whole, None) if whole > 0 else slice(0, -whole)
            out[(slice(None),) * axis + (beyond,)] = np.nan
    return out


def less(image: Floats, predicted: Floats, placement: Placement) -> Floats:
    """A pass that was put back by whole pixels, less its baseline where the pass shows it: (y, x, band).

    Quadratic interpolation along rows, then columns; a pixel without whole neighbourhood stays as it is.
    """
    rest = [d - whole for d, whole in zip(placement.shift, placement.whole, strict=True)]
    difference: Floats = less_moved(np.ascontiguousarray(image), predicted, rest[0], rest[1], STILL)
    return difference


def _solve(
    image: Floats, predicted: Floats, known: NDArray[np.int64], whole: tuple[int, int]
) -> tuple[Placement, float]:
    """The placement near a whole-pixel shift, and the ring's mean absolute residual in units of its noise."""
    height, width, _ = image.shape
    rows, columns = np.divmod(known, width)
    inner = (rows > REACH) & (rows < height - REACH - 1) & (columns > REACH) & (columns < width - REACH - 1)
    rows, columns = (rows[inner], columns[inner]) if inner.sum() > 30 else (rows, columns)
    at = [
        predicted[np.clip(rows - whole[0] + dr, 0, height - 1), np.clip(columns - whole[1] + dc, 0, width - 1)]
        for dr, dc in ((0, 0), (-1, 0), (1, 0), (0, -1), (0, 1))
    ]
    values = image[rows, columns]
    good = np.isfinite(values).all(1) & np.all([np.isfinite(a).all(1) for a in at], axis=0)
    y = values[good].astype(np.float64)
    base, up, down, left, right = (a[good].astype(np.float64) for a in at)
    shift, gain, level, cost, still = displacement(
        y, base, (up - down) / 2, (left - right) / 2, ROUNDS, HUBER, FLOOR, PRIOR
    )
    if whole == (0, 0) and cost > (1 - WORTH) * still:
        shift = np.zeros(2)  # a ring without texture: noise alone moves it
    return Placement((float(whole[0] + shift[0]), float(whole[1] + shift[1])), level, gain), float(cost)
