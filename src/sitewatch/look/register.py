"""Where a pass lies against its baseline, and how its ring's level differs: judged on the ring, below a pixel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sitewatch.look.baseline import FLOOR, MAD, Floats, huber
from sitewatch.look.compiled import compiled, middle

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
SHIFTED = 0.75
"""Pixels from which a shift is corrected at any site."""
JITTER = 1.5
"""Times the usual shift of the history from which one is corrected: smaller ones are in each pixel's noise already."""
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
    def rest(self) -> tuple[float, float]:
        """What the whole pixels leave of the shift."""
        return self.shift[0] - self.whole[0], self.shift[1] - self.whole[1]

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


def tolerated(placements: Sequence[Placement]) -> float:
    """Pixels below which a shift is left as it is, from the placements of the history."""
    return min(SHIFTED, JITTER * float(np.median([placement.distance for placement in placements])))


def aligned(image: Floats, shift: tuple[int, int]) -> Floats:
    """A pass (y, x, band) put back by whole pixels, nothing resampled; NaN beyond the edge."""
    out = image
    for axis, whole in enumerate(shift):
        if whole:
            out = np.roll(out, -whole, axis)
            beyond = slice(-whole, None) if whole > 0 else slice(0, -whole)
            out[(slice(None),) * axis + (beyond,)] = np.nan
    return out


def less(image: Floats, predicted: Floats, rest: tuple[float, float]) -> Floats:
    """A pass that was put back by whole pixels, less its baseline where the pass shows it: (y, x, band).

    Quadratic interpolation along rows, then columns. A pixel without whole neighbourhood stays as it is up to a shift
    of STILL, and is unseen beyond.
    """
    difference: Floats = _less_moved(np.ascontiguousarray(image), predicted, rest[0], rest[1])
    return difference


def _solve(
    image: Floats, predicted: Floats, known: NDArray[np.int64], whole: tuple[int, int]
) -> tuple[Placement, float]:
    """The placement near a whole-pixel shift, and the ring's mean absolute residual, in the cube's unit."""
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
    shift, gain, level, cost, still = _displacement(y, base, (up - down) / 2, (left - right) / 2)
    if whole == (0, 0) and cost > (1 - WORTH) * still:
        shift = np.zeros(2)  # a ring without texture: noise alone moves it
    return Placement((float(whole[0] + shift[0]), float(whole[1] + shift[1])), level, gain), float(cost)


@compiled
def _displacement(  # noqa: C901 - a compiled loop
    y: NDArray[np.float64], base: NDArray[np.float64], down: NDArray[np.float64], right: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], float, float]:  # fmt: skip
    """Robust Gauss-Newton step of `place`.

    Args:
        y: the pass, (pixel, band), all finite.
        base: its baseline.
        down: change of the baseline's value at a pixel for a shift by a row.
        right: the same for a column.

    Returns:
        Shift (2,), gain and level (band,), and the mean absolute residual with and without the shift.
    """
    pixels, bands = y.shape
    weight = np.ones(pixels, np.float64)
    gain, level, shift = np.ones(bands), np.zeros(bands), np.zeros(2)
    centre, plain = np.zeros((4, bands)), np.zeros(bands)
    rest = np.empty((pixels, bands), np.float64)
    tilt = np.zeros((2, bands))
    buffer = np.empty(pixels, np.float64)
    cost, still = 0.0, 0.0
    for b in range(bands):
        for p in range(pixels):
            plain[b] += base[p, b] / pixels
    for _ in range(ROUNDS):
        total = weight.sum()
        centre[:] = 0.0
        for p in range(pixels):
            for b in range(bands):
                centre[0, b] += weight[p] * base[p, b] / total
                centre[1, b] += weight[p] * y[p, b] / total
                centre[2, b] += weight[p] * down[p, b] / total
                centre[3, b] += weight[p] * right[p, b] / total
        a00, a01, a11, t0, t1 = 1 / PRIOR**2, 0.0, 1 / PRIOR**2, 0.0, 0.0
        for b in range(bands):
            varied, along, d_along, r_along = 1e-9, 0.0, 0.0, 0.0
            for p in range(pixels):
                b0 = base[p, b] - centre[0, b]
                varied += weight[p] * b0 * b0
                along += weight[p] * b0 * (y[p, b] - centre[1, b])
                d_along += weight[p] * b0 * (down[p, b] - centre[2, b])
                r_along += weight[p] * b0 * (right[p, b] - centre[3, b])
            gain[b] = along / varied
            tilt[0, b], tilt[1, b] = d_along / varied, r_along / varied
            for p in range(pixels):
                rest[p, b] = (y[p, b] - centre[1, b]) - gain[b] * (base[p, b] - centre[0, b])
                buffer[p] = abs(rest[p, b])
            noise = max(MAD * middle(buffer, pixels), FLOOR)
            for p in range(pixels):
                b0 = base[p, b] - centre[0, b]
                d = gain[b] * (down[p, b] - centre[2, b] - tilt[0, b] * b0) / noise
                r = gain[b] * (right[p, b] - centre[3, b] - tilt[1, b] * b0) / noise
                w = weight[p]
                a00 += w * d * d
                a01 += w * d * r
                a11 += w * r * r
                t0 += w * d * rest[p, b] / noise
                t1 += w * r * rest[p, b] / noise
        determinant = a00 * a11 - a01 * a01
        shift[0] = (a11 * t0 - a01 * t1) / determinant
        shift[1] = (a00 * t1 - a01 * t0) / determinant
        cost, still = 0.0, 0.0
        for p in range(pixels):
            for b in range(bands):
                b0 = base[p, b] - centre[0, b]
                still += abs(rest[p, b]) / pixels
                rest[p, b] -= gain[b] * (
                    shift[0] * (down[p, b] - centre[2, b] - tilt[0, b] * b0)
                    + shift[1] * (right[p, b] - centre[3, b] - tilt[1, b] * b0)
                )
                cost += abs(rest[p, b]) / pixels
        weight = huber(rest)
    for b in range(bands):
        level[b] = centre[1, b] - gain[b] * centre[0, b] + (gain[b] - 1) * plain[b]
    return shift, gain, level, cost, still


@compiled
def _less_moved(image: Floats, predicted: Floats, down: float, right: float) -> Floats:
    """A pass less its baseline where a shift below a pixel shows it; see `less`.

    Args:
        image: (y, x, band), NaN where unseen.
        predicted: (y, x, band), NaN where there is none.
        down: rows by which the pass is displaced.
        right: columns.

    Returns:
        (y, x, band).
    """
    height, width, bands = image.shape
    out = np.empty((height, width, bands), np.float32)
    rows = np.empty((height, width, bands), np.float32)
    a, b = np.float32(down), np.float32(right)
    half, lost = np.float32(0.5), np.float32(np.nan)
    for i in range(height):
        before, after = max(i - 1, 0), min(i + 1, height - 1)
        edge = (i in (0, height - 1)) and abs(down) > STILL
        for j in range(width):
            for k in range(bands):
                m, p, n = predicted[before, j, k], predicted[i, j, k], predicted[after, j, k]
                value = p - a * (n - m) * half + a * a * (n - p - p + m) * half
                rows[i, j, k] = lost if edge else value if np.isfinite(value) or abs(down) > STILL else p
    for i in range(height):
        for j in range(width):
            before, after = max(j - 1, 0), min(j + 1, width - 1)
            edge = (j in (0, width - 1)) and abs(right) > STILL
            for k in range(bands):
                m, p, n = rows[i, before, k], rows[i, j, k], rows[i, after, k]
                value = p - b * (n - m) * half + b * b * (n - p - p + m) * half
                moved = lost if edge else value if np.isfinite(value) or abs(right) > STILL else p
                out[i, j, k] = image[i, j, k] - moved
    return out
