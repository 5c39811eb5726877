"""What a pixel looks like when nothing has happened: one harmonic per pixel and band, fitted to its history."""

from __future__ import annotations

from datetime import date

import numpy as np
from numpy.typing import NDArray

from sitewatch.look.compiled import compiled, middle

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int32]

HUBER = 2.5
"""Residuals beyond this many robust standard deviations lose weight (Huber, 1964)."""
FLOOR = 0.002
"""Smallest noise that a band is credited with, in the cube's unit."""
MAD = 1.4826
"""Makes the median absolute deviation estimate the standard deviation of Gaussian noise."""


def seasons(days: list[date]) -> Floats:
    """First-order harmonic design of some days: (time, 3) with constant, cosine and sine of the year."""
    years = np.array([day.toordinal() for day in days], dtype=np.float64) / 365.25
    turn = 2 * np.pi * years
    return np.stack([np.ones_like(turn), np.cos(turn), np.sin(turn)], axis=1).astype(np.float32)


def fit(cube: Floats, design: Floats, *, rounds: int = 3, ridge: float = 1e-3) -> tuple[Floats, Ints]:
    """Fit the baseline of every pixel.

    Args:
        cube: history, (time, pixel, band), NaN where unseen (in all bands together).
        design: of the passes, (time, 3).
        rounds: reweightings; one weight serves all bands of a look, so that a cloud in one band counts in none.
        ridge: added to the diagonal for the two harmonics, so that a pixel seen in one season only stays finite.

    Returns:
        Coefficients, (3, pixel, band), NaN where the pixel was seen fewer times than there are coefficients; and the
        looks of each pixel, (pixel,).
    """
    coefficients, looks = _fit_pixels(by_pixel(cube), design, rounds, ridge)
    return rounded(coefficients, 8), looks


def by_pixel(values: Floats) -> Floats:
    """(time, pixel, band) as (pixel, time, band), so that what one pixel went through lies together."""
    return np.ascontiguousarray(values.transpose(1, 0, 2))


def predict(coefficients: Floats, design: Floats) -> Floats:
    """Baseline on one day, (pixel, band), from coefficients (3, pixel, band) and the day's design (3,)."""
    return np.asarray(np.tensordot(design, coefficients, axes=(0, 0)), np.float32)


def rounded(values: Floats, bits: int) -> Floats:
    """Values without their last bits, so that a saved watch stays small: without 16 half a per cent is kept."""
    whole = values.view(np.uint32) + np.uint32(1 << (bits - 1))
    return np.asarray((whole & np.uint32(0xFFFFFFFF << bits & 0xFFFFFFFF)).view(np.float32))


@compiled
def huber(residual: NDArray[np.float64]) -> NDArray[np.float64]:
    """One weight per pixel for all bands together: min(1, HUBER / largest residual in robust standard deviations).

    Args:
        residual: (pixel, band), all finite; the noise of each band is taken over the pixels.
    """
    pixels, bands = residual.shape
    scale = np.empty(bands, np.float64)
    buffer = np.empty(pixels, np.float64)
    for b in range(bands):
        for p in range(pixels):
            buffer[p] = abs(residual[p, b])
        scale[b] = 1.0 / max(MAD * middle(buffer, pixels), FLOOR)
    weight = np.empty(pixels, np.float64)
    for p in range(pixels):
        worst = 1e-6
        for b in range(bands):
            worst = max(worst, abs(residual[p, b]) * scale[b])
        weight[p] = min(1.0, HUBER / worst)
    return weight


@compiled
def spread(residuals: Floats) -> Floats:
    """MAD x the median absolute residual of each pixel and band.

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
            out[p, b] = MAD * middle(buffer, count)
    return out


@compiled
def _solve(a: Floats, c: Floats) -> None:
    """Solve a x = c in place, c (3, band). Gauss-Jordan: a (3, 3) is symmetric and positive, and needs no pivot."""
    for i in range(3):
        pivot = np.float32(1) / a[i, i]
        for j in range(3):
            a[i, j] *= pivot
        for b in range(c.shape[1]):
            c[i, b] *= pivot
        for k in range(3):
            if k != i:
                f = a[k, i]
                for j in range(3):
                    a[k, j] -= f * a[i, j]
                for b in range(c.shape[1]):
                    c[k, b] -= f * c[i, b]


@compiled
def _fit_pixels(cube: Floats, design: Floats, rounds: int, ridge: float) -> tuple[Floats, NDArray[np.int32]]:  # noqa: C901 - a compiled loop
    """Robust harmonic regression of every pixel; see `fit`.

    Args:
        cube: (pixel, time, band), NaN in all bands where unseen.
        design: (time, 3).
        rounds: reweightings.
        ridge: on the harmonics.

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
            worst[:n] = np.float32(HUBER)
            if turn:
                worst[:n] = np.float32(1e-6)
                for b in range(bands):
                    for t in range(n):
                        away = abs(y[t, b] - (x[t, 0] * c[0, b] + x[t, 1] * c[1, b] + x[t, 2] * c[2, b]))
                        buffer[t] = away
                    scale = np.float32(1 / max(MAD * middle(buffer, n), FLOOR))
                    for t in range(n):
                        away = abs(y[t, b] - (x[t, 0] * c[0, b] + x[t, 1] * c[1, b] + x[t, 2] * c[2, b]))
                        worst[t] = max(worst[t], away * scale)
            a[:] = 0
            c[:] = 0
            for t in range(n):
                weight = min(np.float32(1), np.float32(HUBER) / worst[t])
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
            _solve(a, c)
        for i in range(3):
            for b in range(bands):
                out[i, p, b] = c[i, b]
    return out, looks
