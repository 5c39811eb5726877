"""Where the history of a pixel broke, so that only its stable end is used."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sitewatch.look.baseline import Floats
from sitewatch.look.compiled import compiled


@compiled
def stable_from(z: Floats, design: Floats, least: int, limit: float, drift: float) -> NDArray[np.int32]:
    """Since which pass each pixel's history has kept one level.

    A step is put into the pixel's harmonic regression at every split in turn (by partial regression: what the harmonics
    themselves can take up is no evidence); the strongest is taken, and what follows it is searched again, until none is
    over the limit.

    Args:
        z: (pixel, time, band), residuals in standard deviations, NaN where unseen.
        design: harmonics of the passes, (time, 3).
        least: looks on either side of a split.
        limit: of the squared step over its variance, divided by 1 + drift x the looks on the shorter side.
        drift: how fast the noise of a mean falls short of that of independent looks.

    Returns:
        (pixel,): index of the first pass of the stable end, 0 without a break.
    """
    pixels, times, _ = z.shape
    out = np.zeros(pixels, np.int32)
    at = np.empty(times, np.int64)
    for p in range(pixels):
        n = 0
        for t in range(times):
            if np.isfinite(z[p, t, 0]):
                at[n] = t
                n += 1
        begun = 0
        while n - begun >= 2 * least:
            best, split = _strongest_step(z[p], design, at[begun:n], least, drift)
            if best <= limit:
                break
            begun += split
        if begun:
            out[p] = at[begun]
    return out


@compiled
def _strongest_step(z: Floats, design: Floats, at: NDArray[np.int64], least: int, drift: float) -> tuple[float, int]:  # noqa: C901 - a compiled loop
    """The strongest step in one pixel's history, and the look that it begins with.

    Args:
        z: (time, band).
        design: (time, 3).
        at: (look,), the passes that saw the pixel.
        least: looks on either side.
        drift: as above.
    """
    n, bands = len(at), z.shape[1]
    normal, known = 1e-3 * np.eye(3), np.zeros((3, bands))
    for t in at:
        for j in range(3):
            for k in range(3):
                normal[j, k] += design[t, j] * design[t, k]
            for b in range(bands):
                known[j, b] += design[t, j] * z[t, b]
    inverse = np.linalg.inv(normal)
    fitted = inverse @ known
    tail, step = np.zeros(bands), np.zeros(3)
    best, split = 0.0, 0
    for i in range(n - 1, 0, -1):  # what follows the split grows look by look
        for b in range(bands):
            rest = float(z[at[i], b])
            for j in range(3):
                rest -= design[at[i], j] * fitted[j, b]
            tail[b] += rest
        for j in range(3):
            step[j] += design[at[i], j]
        short = min(i, n - i)
        free = n - i - step @ inverse @ step  # what of the step the harmonics can't be
        if short < least or free < 1.0:
            continue
        value = (tail * tail).sum() / free / (1.0 + drift * short)
        if value > best:
            best, split = value, i
    return best, split
