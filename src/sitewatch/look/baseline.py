"""What a pixel looks like when nothing has happened: one harmonic per pixel and band, fitted to its history."""

from __future__ import annotations

from datetime import date

import numpy as np
from numpy.typing import NDArray

from sitewatch.look.kernels import fit_pixels, huber_weights

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
    coefficients, looks = fit_pixels(by_pixel(cube), design, rounds, ridge, HUBER, FLOOR)
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


def huber(residual: NDArray[np.float64]) -> NDArray[np.float64]:
    """One weight per pixel for all bands together: min(1, HUBER / largest residual in robust standard deviations).

    Args:
        residual: (pixel, band), all finite; the noise of each band is taken over the pixels.
    """
    weights: NDArray[np.float64] = huber_weights(residual, HUBER, FLOOR)
    return weights
