"""Where a pass lies against its baseline, and how its ring's level differs: judged on the ring, below a pixel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sitewatch.look.baseline import FLOOR, HUBER, MAD, Floats

PRIOR = 0.5
"""Standard deviation in pixels of the shifts that are expected: a ring without texture is taken to lie where it should."""
REACH = 3
"""Whole pixels within which a displaced pass is found."""
TURNS = 5
"""How often the estimate starts again from the whole pixel that it came nearest to."""
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
    found, best, whole = None, np.inf, (0, 0)
    for _ in range(TURNS):
        one, cost = _solve(image, predicted, known[:: max(1, len(known) // ENOUGH)], whole)
        if cost < best:
            found, best = one, cost
        nearest = (round(one.shift[0]), round(one.shift[1]))
        if nearest == whole or max(map(abs, nearest)) > REACH:
            break
        whole = nearest
    assert found is not None
    return found


def aligned(image: Floats, placement: Placement) -> Floats:
    """A pass (y, x, band) put back by the whole pixels of its shift, so that no value is resampled; NaN beyond the edge."""
    out = image
    for axis, whole in enumerate(placement.whole):
        if whole:
            out = np.roll(out, -whole, axis)
            beyond = slice(-whole, None) if whole > 0 else slice(0, -whole)
            out[(slice(None),) * axis + (beyond,)] = np.nan
    return out


def moved(predicted: Floats, placement: Placement) -> Floats:
    """The baseline (y, x, band) where a pass that was put back by whole pixels shows it.

    Quadratic interpolation along rows, then columns; a pixel without whole neighbourhood stays as it is.
    """
    out = predicted
    for axis, (d, whole) in enumerate(zip(placement.shift, placement.whole, strict=True)):
        before, after = _neighbours(out, axis)
        rest = np.float32(d - whole)
        stepped = out - rest * (after - before) / 2 + rest * rest * (after - 2 * out + before) / 2
        out = np.where(np.isfinite(stepped), stepped, out)
    return np.asarray(out, np.float32)


def _neighbours(image: Floats, axis: int) -> tuple[Floats, Floats]:
    """The pixel before and after along an axis; the edge repeats itself."""
    padded = np.pad(image, [(1, 1) if a == axis else (0, 0) for a in range(3)], mode="edge")
    size = image.shape[axis]
    return padded.take(range(size), axis), padded.take(range(2, size + 2), axis)


def _solve(
    image: Floats, predicted: Floats, known: NDArray[np.int64], whole: tuple[int, int]
) -> tuple[Placement, float]:
    """The placement near a whole-pixel shift, and the ring's mean absolute residual in units of its noise."""
    height, width, bands = image.shape
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
    slopes = np.stack([(up - down) / 2, (left - right) / 2])  # change of the value at a pixel for a shift of one
    weight = np.ones(len(y))
    shift, gain, offset = np.zeros(2), np.ones(bands), np.zeros(bands)
    cost = np.inf
    for _ in range(3):
        total = weight.sum()
        mean = (weight @ base / total, weight @ y / total, np.tensordot(weight, slopes, (0, 1)) / total)
        b0, y0, s0 = base - mean[0], y - mean[1], slopes - mean[2][:, None]
        varied = weight @ np.square(b0) + 1e-9
        gain = (weight @ (b0 * y0)) / varied
        r0 = y0 - gain * b0
        s1 = gain * (s0 - (np.tensordot(weight, b0 * s0, (0, 1)) / varied)[:, None] * b0)
        noise = np.maximum(MAD * np.median(np.abs(r0), axis=0), FLOOR)
        scaled = (s1 / noise).reshape(2, -1) * np.sqrt(np.repeat(weight, bands))
        target = (r0 / noise).ravel() * np.sqrt(np.repeat(weight, bands))
        shift = np.linalg.solve(scaled @ scaled.T + np.eye(2) / PRIOR**2, scaled @ target)
        rest = r0 - np.tensordot(shift, s1, (0, 0))
        size = np.abs(rest / noise).max(1)
        weight = np.minimum(1.0, HUBER / np.maximum(size, 1e-6))
        cost = float(np.abs(rest).mean(0).sum())
    offset = mean[1] - gain * mean[0]
    level = offset + (gain - 1) * base.mean(0)
    return Placement((float(whole[0] + shift[0]), float(whole[1] + shift[1])), level, gain), cost
