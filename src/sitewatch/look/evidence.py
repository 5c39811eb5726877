"""The latest looks of every pixel, the statistic that they add up to, and where it stands out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import label

from sitewatch.look.baseline import Bools, Floats, Ints, rounded
from sitewatch.look.compiled import compiled
from sitewatch.look.settings import MonitorSettings

EIGHT = np.ones((3, 3), int)
"""Pixels that touch at a corner are connected."""


class Evidence:
    """The latest looks of every pixel, and the statistic that they add up to.

    Q = max over k of min over i of |S_k - v_i|^2 / ((k-1) + drift (k-1)^2), with S_k the sum of the latest k looks.
    """

    def __init__(self, bands: int, shape: tuple[int, int], settings: MonitorSettings, step: float) -> None:
        """Start with no look: number of bands, (y, x), settings, and the standard deviations in one step."""
        self.shape, self.step = shape, step
        pixels, depth = shape[0] * shape[1], max(settings.windows)
        self._windows = np.array(sorted(settings.windows), np.int64)
        self._dues = np.array([settings.due(k) for k in sorted(settings.windows)]) / step**2
        self.steps = np.zeros((pixels, depth, bands), np.int8)
        """(pixel, depth, band): what the latest looks of each pixel said, in steps; the newest last."""
        self.held = np.zeros(pixels, np.int32)
        """(pixel,): how many of them there are."""
        self.passes = np.full((pixels, depth + 1), -1, np.int32)
        """(pixel, depth + 1): the passes of these looks; the first is the one that last fell out."""
        self._statistic = np.zeros(pixels, np.float32)

    @property
    def statistic(self) -> Floats:
        """(y, x): as of each pixel's latest look."""
        return self._statistic.reshape(self.shape)

    def add(self, steps: NDArray[np.int8], seen: Bools, index: int) -> None:
        """Take one pass: its deviations (pixel, band) in steps, the pixels that it saw, and its index in the cube."""
        _add_look(self.steps, self.passes, self.held, self._statistic, steps, seen, index, self._windows, self._dues)
        self._statistic = rounded(self._statistic, 16)

    def restore(self, steps: NDArray[np.int8], held: Ints, passes: Ints, statistic: Floats) -> None:
        """Go on from saved looks."""
        if steps.shape != self.steps.shape or passes.shape != self.passes.shape or statistic.shape != self.shape:
            raise ValueError("the looks do not fit the grid")
        self.steps, self.held, self.passes = steps, held, passes
        self._statistic = statistic.ravel()

    def forget(self, where: Bools) -> None:
        """Drop the looks of some pixels, (y, x), so that a closed alert needs new evidence to open again."""
        self.held[where.ravel()] = 0
        self._statistic[where.ravel()] = 0

    def looks(self, where: Bools) -> tuple[Floats, Ints]:
        """The held looks of some pixels, (y, x): deviations (pixel, depth, band), NaN for none; and their passes."""
        chosen = where.ravel()
        depth = self.steps.shape[1]
        values = (self.steps[chosen] * np.float32(self.step)).astype(np.float32)
        values[np.arange(depth)[None] < depth - self.held[chosen][:, None]] = np.nan
        return values, self.passes[chosen]


def regions(mask: Bools, min_pixels: int) -> list[Bools]:
    """Connected parts of a (y, x) mask that have at least some number of pixels, largest first."""
    labels, count = label(mask, EIGHT)
    sizes = np.bincount(labels.ravel(), minlength=count + 1)
    order = sorted(range(1, count + 1), key=lambda i: (-sizes[i], i))
    return [labels == i for i in order if sizes[i] >= min_pixels]


@compiled
def in_steps(v: Floats, longest: float, step: float) -> tuple[NDArray[np.int8], NDArray[np.bool_]]:
    """Deviations (pixel, band) shortened to a length and in whole steps, 0 where unseen; and which were seen."""
    pixels, bands = v.shape
    out = np.zeros((pixels, bands), np.int8)
    seen = np.zeros(pixels, np.bool_)
    for p in range(pixels):
        square = np.float32(0)
        for b in range(bands):
            square += v[p, b] * v[p, b]
        if not np.isfinite(square):
            continue
        seen[p] = True
        factor = np.float32(min(1.0, longest / max(np.sqrt(square), 1e-6)) / step)
        for b in range(bands):
            out[p, b] = np.int8(np.rint(v[p, b] * factor))
    return out, seen


@compiled
def _add_look(  # noqa: C901 - a compiled loop
    values: NDArray[np.int8],
    passes: NDArray[np.int32],
    held: NDArray[np.int32],
    statistic: Floats,
    new: NDArray[np.int8],
    seen: NDArray[np.bool_],
    index: int,
    windows: NDArray[np.int64],
    dues: NDArray[np.float64],
) -> None:
    """Take one pass into the memory of every pixel that it saw, in place; see `Evidence`.

    Whole numbers up to the last division, so that no order of sums and no processor changes the statistic.

    Args:
        values: (pixel, depth, band), the newest last.
        passes: (pixel, depth + 1), of these looks.
        held: (pixel,), looks that are held.
        statistic: (pixel,).
        new: (pixel, band).
        seen: (pixel,).
        index: of the pass.
        windows: numbers of looks, rising.
        dues: what the sum of squares of each window is divided by.
    """
    pixels, depth, bands = values.shape
    total = np.empty(bands, np.int32)
    own = np.empty(depth, np.int32)
    for p in range(pixels):
        if not seen[p]:
            continue
        for i in range(depth - 1):
            for b in range(bands):
                values[p, i, b] = values[p, i + 1, b]
        for b in range(bands):
            values[p, depth - 1, b] = new[p, b]
        for i in range(depth):
            passes[p, i] = passes[p, i + 1]
        passes[p, depth] = index
        held[p] = min(held[p] + 1, depth)
        total[:] = 0
        best, reached = 0.0, 0
        for w in range(len(windows)):
            k = windows[w]
            if held[p] < k:
                break
            while reached < k:  # from the newest back
                reached += 1
                own[reached - 1] = 0
                for b in range(bands):
                    v = np.int32(values[p, depth - reached, b])
                    total[b] += v
                    own[reached - 1] += v * v
            whole = np.int32(0)
            for b in range(bands):
                whole += total[b] * total[b]
            weakest = np.int32(2147483647)
            for i in range(k):  # |S - v|^2 = |S|^2 - 2 S v + |v|^2
                along = np.int32(0)
                for b in range(bands):
                    along += total[b] * np.int32(values[p, depth - 1 - i, b])
                weakest = min(weakest, whole - 2 * along + own[i])
            best = max(best, weakest / dues[w])
        statistic[p] = best
