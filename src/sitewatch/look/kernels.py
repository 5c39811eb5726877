"""The loops over pixels that array expressions can't do fast, compiled on first use and kept beside the package.

Compiled without `fastmath`, which would drop the tests for NaN. All take and give plain arrays.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numba
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
_Function = TypeVar("_Function", bound=Callable[..., Any])


def compiled(function: _Function) -> _Function:
    """The function as machine code that runs beside other threads."""
    made: _Function = numba.njit(cache=True, nogil=True)(function)
    return made


@compiled
def middle(buffer: Floats, count: int) -> float:
    """Median of the first `count` values of a buffer, which is reordered (Hoare's selection); NaN for none."""
    if count == 0:
        return np.nan
    wanted = count // 2
    low, high = 0, count - 1
    while low < high:
        pivot = buffer[wanted]
        i, j = low, high
        while i <= j:
            while buffer[i] < pivot:
                i += 1
            while buffer[j] > pivot:
                j -= 1
            if i <= j:
                buffer[i], buffer[j] = buffer[j], buffer[i]
                i += 1
                j -= 1
        if j < wanted:
            low = i
        if wanted < i:
            high = j
    upper = float(buffer[wanted])
    if count % 2:
        return upper
    lower = float(buffer[0])
    for i in range(1, wanted):
        lower = max(lower, float(buffer[i]))
    return 0.5 * (lower + upper)


@compiled
def spread(residuals: Floats) -> Floats:
    """1.4826 x the median absolute residual of each pixel and band.

    Args:
        residuals: (pixel, time, band), NaN where unseen.

    Returns:
        (pixel, band); NaN where never seen.
    """
    pixels, times, bands = residuals.shape
    out = np.empty((pixels, bands), np.float32)
    buffer = np.empty(times, np.float32)
    for p in range(pixels):
        for b in range(bands):
            count = 0
            for t in range(times):
                value = residuals[p, t, b]
                if np.isfinite(value):
                    buffer[count] = abs(value)
                    count += 1
            out[p, b] = 1.4826 * middle(buffer, count)
    return out


@compiled
def fit_pixels(
    cube: Floats, design: Floats, rounds: int, ridge: float, huber: float, floor: float
) -> tuple[Floats, NDArray[np.int32]]:
    """Robust harmonic regression of every pixel; see `baseline.fit`.

    Args:
        cube: (pixel, time, band), NaN in all bands where unseen.
        design: (time, 3).
        rounds: reweightings.
        ridge: on the harmonics.
        huber: standardised residual from which a look loses weight.
        floor: smallest noise.

    Returns:
        Coefficients (3, pixel, band), NaN where a pixel was seen fewer than 3 times, and the looks of each pixel.
    """
    pixels, times, bands = cube.shape
    out = np.full((3, pixels, bands), np.nan, np.float32)
    looks = np.zeros(pixels, np.int32)
    y = np.empty((times, bands), np.float32)
    x = np.empty((times, 3), np.float32)
    worst = np.empty(times, np.float32)
    buffer = np.empty(times, np.float32)
    a = np.empty((3, 3), np.float32)
    c = np.empty((3, bands), np.float32)
    for p in range(pixels):
        n = 0
        for t in range(times):
            if np.isfinite(cube[p, t, 0]):
                for b in range(bands):
                    y[n, b] = cube[p, t, b]
                for i in range(3):
                    x[n, i] = design[t, i]
                n += 1
        looks[p] = n
        if n < 3:
            continue
        for turn in range(rounds):
            worst[:n] = np.float32(huber)
            if turn:
                worst[:n] = np.float32(1e-6)
                for b in range(bands):
                    for t in range(n):
                        away = abs(y[t, b] - (x[t, 0] * c[0, b] + x[t, 1] * c[1, b] + x[t, 2] * c[2, b]))
                        buffer[t] = away
                    scale = np.float32(1 / max(1.4826 * middle(buffer, n), floor))
                    for t in range(n):
                        away = abs(y[t, b] - (x[t, 0] * c[0, b] + x[t, 1] * c[1, b] + x[t, 2] * c[2, b]))
                        worst[t] = max(worst[t], away * scale)
            a[:] = 0
            c[:] = 0
            for t in range(n):
                weight = min(np.float32(1), np.float32(huber) / worst[t])
                for i in range(3):
                    wx = weight * x[t, i]
                    for j in range(3):
                        a[i, j] += wx * x[t, j]
                    for b in range(bands):
                        c[i, b] += wx * y[t, b]
            a[1, 1] += np.float32(ridge)
            a[2, 2] += np.float32(ridge)
            for i in range(3):
                a[i, i] += np.float32(1e-6)
            for i in range(3):  # Gauss-Jordan: symmetric and positive, so that no pivot is needed
                pivot = np.float32(1) / a[i, i]
                for j in range(3):
                    a[i, j] *= pivot
                for b in range(bands):
                    c[i, b] *= pivot
                for k in range(3):
                    if k != i:
                        f = a[k, i]
                        for j in range(3):
                            a[k, j] -= f * a[i, j]
                        for b in range(bands):
                            c[k, b] -= f * c[i, b]
        for i in range(3):
            for b in range(bands):
                out[i, p, b] = c[i, b]
    return out, looks


@compiled
def blur(image: Floats, taps: Floats) -> Floats:
    """Smooth with a symmetric separable kernel that takes only seen pixels.

    Args:
        image: (y, x, band), NaN in all bands where unseen.
        taps: half of the kernel, the middle first.

    Returns:
        (y, x, band), NaN where unseen.
    """
    height, width, bands = image.shape
    reach = len(taps) - 1
    rows = np.zeros((height, width, bands), np.float32)
    share = np.zeros((height, width), np.float32)
    for i in range(height):
        for d in range(-reach, reach + 1):
            k = i + d
            if 0 <= k < height:
                tap = taps[abs(d)]
                for j in range(width):
                    if np.isfinite(image[k, j, 0]):
                        share[i, j] += tap
                        for b in range(bands):
                            rows[i, j, b] += tap * image[k, j, b]
    out = np.full((height, width, bands), np.nan, np.float32)
    total = np.empty(bands, np.float32)
    for i in range(height):
        for j in range(width):
            if not np.isfinite(image[i, j, 0]):
                continue
            weight = np.float32(0)
            total[:] = 0
            for d in range(-reach, reach + 1):
                k = j + d
                if 0 <= k < width:
                    tap = taps[abs(d)]
                    weight += tap * share[i, k]
                    for b in range(bands):
                        total[b] += tap * rows[i, k, b]
            for b in range(bands):
                out[i, j, b] = total[b] / weight
    return out


@compiled
def add_look(
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
    """Take one pass into the memory of every pixel that it saw, in place; see `detect.Evidence`.

    Whole numbers up to the last division, so that no order of sums and no processor changes the statistic.

    Args:
        values: (pixel, depth, band), the newest last.
        passes: (pixel, depth + 1), of these looks.
        held: (pixel,), looks that are held.
        statistic: (pixel,).
        new: (pixel, band).
        seen: (pixel,).
        index: of the pass.
        windows: numbers of looks.
        dues: what the sum of squares of each window is divided by.
    """
    pixels, depth, bands = values.shape
    total = np.empty(bands, np.int32)
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
        best = 0.0
        for w in range(len(windows)):
            k = windows[w]
            if held[p] < k:
                continue
            total[:] = 0
            for i in range(depth - k, depth):
                for b in range(bands):
                    total[b] += values[p, i, b]
            weakest = np.int64(-1)
            for i in range(depth - k, depth):
                square = np.int64(0)
                for b in range(bands):
                    rest = np.int64(total[b] - values[p, i, b])
                    square += rest * rest
                if weakest < 0 or square < weakest:
                    weakest = square
            best = max(best, weakest / dues[w])
        statistic[p] = best


@compiled
def stable_from(z: Floats, least: int, limit: float, drift: float) -> NDArray[np.int32]:
    """Since which pass each pixel's history has kept one level.

    The split with the largest difference of means, again and again on what follows it, until none is over the limit.

    Args:
        z: (pixel, time, band), residuals in standard deviations, NaN where unseen.
        least: looks on either side of a split.
        limit: of n1 n2 / (n1 + n2) |m2 - m1|^2 / (1 + drift x min(n1, n2)).
        drift: how fast the noise of a mean falls short of that of independent looks.

    Returns:
        (pixel,): index of the first pass of the stable end, 0 without a break.
    """
    pixels, times, bands = z.shape
    out = np.zeros(pixels, np.int32)
    at = np.empty(times, np.int64)
    sums = np.zeros((times + 1, bands), np.float64)
    for p in range(pixels):
        n = 0
        for t in range(times):
            if np.isfinite(z[p, t, 0]):
                at[n] = t
                n += 1
                for b in range(bands):
                    sums[n, b] = sums[n - 1, b] + z[p, t, b]
        begun = 0
        while True:
            best, split = 0.0, 0
            for s in range(begun + least, n - least + 1):
                n1, n2 = s - begun, n - s
                away = 0.0
                for b in range(bands):
                    d = (sums[n, b] - sums[s, b]) / n2 - (sums[s, b] - sums[begun, b]) / n1
                    away += d * d
                value = n1 * n2 / (n1 + n2) * away / (1.0 + drift * min(n1, n2))
                if value > best:
                    best, split = value, s
            if best <= limit:
                break
            begun = split
        if begun:
            out[p] = at[begun]
    return out
