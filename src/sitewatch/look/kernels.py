"""The loops over pixels that array expressions can't do fast, compiled on first use and kept beside the package.

Compiled without `fastmath`, which would drop the tests for NaN. All take and give plain arrays.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
_Function = TypeVar("_Function", bound=Callable[..., Any])


def compiled(function: _Function) -> _Function:
    """The function as machine code that runs beside other threads."""
    return cast(_Function, numba.njit(cache=True, nogil=True)(function))


@compiled
def middle(buffer: NDArray[Any], count: int) -> float:
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
    pixels, times, bands = z.shape
    out = np.zeros(pixels, np.int32)
    at = np.empty(times, np.int64)
    r = np.empty((times, bands), np.float64)
    tail, step = np.empty(bands), np.empty(3)
    for p in range(pixels):
        n = 0
        for t in range(times):
            if np.isfinite(z[p, t, 0]):
                at[n] = t
                n += 1
        begun = 0
        while n - begun >= 2 * least:
            normal = 1e-3 * np.eye(3)
            known = np.zeros((3, bands))
            for i in range(begun, n):
                for j in range(3):
                    for k in range(3):
                        normal[j, k] += design[at[i], j] * design[at[i], k]
                    for b in range(bands):
                        known[j, b] += design[at[i], j] * z[p, at[i], b]
            inverse = np.linalg.inv(normal)
            fitted = inverse @ known
            for i in range(begun, n):
                for b in range(bands):
                    r[i, b] = z[p, at[i], b]
                    for j in range(3):
                        r[i, b] -= design[at[i], j] * fitted[j, b]
            tail[:] = 0.0
            step[:] = 0.0
            best, split = 0.0, begun
            for i in range(n - 1, begun, -1):
                for b in range(bands):
                    tail[b] += r[i, b]
                for j in range(3):
                    step[j] += design[at[i], j]
                n1, n2 = i - begun, n - i
                if min(n1, n2) < least:
                    continue
                free = n2 - step @ inverse @ step
                if free < 1.0:  # the harmonics can be that step
                    continue
                value = (tail * tail).sum() / free / (1.0 + drift * min(n1, n2))
                if value > best:
                    best, split = value, i
            if best <= limit:
                break
            begun = split
        if begun:
            out[p] = at[begun]
    return out


@compiled
def huber_weights(residual: NDArray[np.float64], huber: float, floor: float) -> NDArray[np.float64]:
    """One weight per pixel for all bands together; see `baseline.huber`. Residual (pixel, band), all finite."""
    pixels, bands = residual.shape
    scale = np.empty(bands, np.float64)
    buffer = np.empty(pixels, np.float64)
    for b in range(bands):
        for p in range(pixels):
            buffer[p] = abs(residual[p, b])
        scale[b] = 1.0 / max(1.4826 * middle(buffer, pixels), floor)
    weight = np.empty(pixels, np.float64)
    for p in range(pixels):
        worst = 1e-6
        for b in range(bands):
            worst = max(worst, abs(residual[p, b]) * scale[b])
        weight[p] = min(1.0, huber / worst)
    return weight


@compiled
def less_moved(image: Floats, predicted: Floats, down: float, right: float, still: float) -> Floats:
    """A pass less its baseline where a shift below a pixel shows it; see `register.less`.

    Args:
        image: (y, x, band), NaN where unseen.
        predicted: (y, x, band), NaN where there is none.
        down: rows by which the pass is displaced.
        right: columns.
        still: shift up to which a pixel without whole neighbourhood stays as it is; beyond it, it is unseen.

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
        edge = (i in (0, height - 1)) and abs(down) > still
        for j in range(width):
            for k in range(bands):
                m, p, n = predicted[before, j, k], predicted[i, j, k], predicted[after, j, k]
                value = p - a * (n - m) * half + a * a * (n - p - p + m) * half
                rows[i, j, k] = lost if edge else value if np.isfinite(value) or abs(down) > still else p
    for i in range(height):
        for j in range(width):
            before, after = max(j - 1, 0), min(j + 1, width - 1)
            edge = (j in (0, width - 1)) and abs(right) > still
            for k in range(bands):
                m, p, n = rows[i, before, k], rows[i, j, k], rows[i, after, k]
                value = p - b * (n - m) * half + b * b * (n - p - p + m) * half
                moved = lost if edge else value if np.isfinite(value) or abs(right) > still else p
                out[i, j, k] = image[i, j, k] - moved
    return out


@compiled
def displacement(
    y: NDArray[np.float64], base: NDArray[np.float64], down: NDArray[np.float64], right: NDArray[np.float64],
    rounds: int, huber: float, floor: float, prior: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], float, float]:  # fmt: skip
    """Robust Gauss-Newton step of `register.place`.

    Args:
        y: the pass, (pixel, band), all finite.
        base: its baseline.
        down: change of the baseline's value at a pixel for a shift by a row.
        right: the same for a column.
        rounds: reweightings.
        huber: standardised residual from which a pixel loses weight.
        floor: smallest noise.
        prior: standard deviation of the shift, pixels.

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
    for _ in range(rounds):
        total = weight.sum()
        centre[:] = 0.0
        for p in range(pixels):
            for b in range(bands):
                centre[0, b] += weight[p] * base[p, b] / total
                centre[1, b] += weight[p] * y[p, b] / total
                centre[2, b] += weight[p] * down[p, b] / total
                centre[3, b] += weight[p] * right[p, b] / total
        a00, a01, a11, t0, t1 = 1 / prior**2, 0.0, 1 / prior**2, 0.0, 0.0
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
            noise = max(1.4826 * middle(buffer, pixels), floor)
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
        weight = huber_weights(rest, huber, floor)
    for b in range(bands):
        level[b] = centre[1, b] - gain[b] * centre[0, b] + (gain[b] - 1) * plain[b]
    return shift, gain, level, cost, still


@compiled
def nearest(
    values: NDArray[np.float64], centre: NDArray[np.float64], root: NDArray[np.float64], kept: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean (band,) and covariance (band, band) of the pixels nearest to a centre; see `guard.whitener`.

    Args:
        values: (pixel, band), all finite.
        centre: (band,).
        root: inverse root of the covariance so far, (band, band).
        kept: how many pixels.
    """
    pixels, bands = values.shape
    distance, buffer = np.empty(pixels), np.empty(pixels)
    for p in range(pixels):
        square = 0.0
        for b in range(bands):
            along = 0.0
            for k in range(bands):
                along += (values[p, k] - centre[k]) * root[k, b]
            square += along * along
        distance[p] = square
        buffer[p] = square
    cut = np.partition(buffer, kept - 1)[kept - 1]
    mean, n = np.zeros(bands), 0
    for p in range(pixels):
        if distance[p] <= cut:
            n += 1
            for b in range(bands):
                mean[b] += values[p, b]
    mean /= n
    covariance = np.zeros((bands, bands))
    for p in range(pixels):
        if distance[p] <= cut:
            for b in range(bands):
                for k in range(b + 1):
                    covariance[b, k] += (values[p, b] - mean[b]) * (values[p, k] - mean[k])
    for b in range(bands):
        for k in range(b + 1):
            covariance[b, k] /= max(n - 1, 1)
            covariance[k, b] = covariance[b, k]
    return mean, covariance


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
