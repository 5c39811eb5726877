"""What a pixel looks like when nothing has happened: one harmonic per pixel and band, fitted to its history."""

from __future__ import annotations

from datetime import date

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]

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


def masked_median(values: Floats, axis: int = 0) -> Floats:
    """Median along one axis, NaN left out; NaN where nothing is left (numpy's own loops in Python and warns)."""
    ordered = np.sort(np.moveaxis(values, axis, 0), axis=0)  # NaN sorts last
    count = np.isfinite(ordered).sum(0)
    low, high = (np.maximum(i, 0)[None] for i in ((count - 1) // 2, count // 2))
    middle = (np.take_along_axis(ordered, low, 0) + np.take_along_axis(ordered, high, 0))[0] / 2
    return np.where(count > 0, middle, np.nan).astype(np.float32)


def fit(cube: Floats, days: list[date], *, rounds: int = 3, ridge: float = 1e-3) -> Floats:
    """Fit the baseline of every pixel at once by weighted normal equations.

    Args:
        cube: history, (time, band, pixel), NaN where unseen (in all bands together).
        days: the day of each pass.
        rounds: reweightings; one weight serves all bands of a look, so that a cloud in one band counts in none.
        ridge: added to the diagonal for the two harmonics, so that a pixel seen in one season only stays finite.

    Returns:
        Coefficients, (3, band, pixel); NaN where the pixel was seen fewer times than there are coefficients.
    """
    design = seasons(days)
    seen = np.asarray(np.isfinite(cube).all(1))
    values = np.where(seen[:, None], cube, 0)
    weight = seen.astype(np.float32)
    penalty = np.diag([0, ridge, ridge]).astype(np.float32)
    squares = (design[:, :, None] * design[:, None, :]).reshape(len(days), 9)
    enough = seen.sum(0) >= 3
    coefficients = np.zeros((3, *cube.shape[1:]), np.float32)
    for round_ in range(rounds):
        if round_:
            residual = np.where(seen[:, None], cube - predict(coefficients, design), np.nan)
            weight = huber(residual, axis=0) * seen
        left = (weight.T @ squares).reshape(-1, 3, 3) + penalty + 1e-6 * np.eye(3, dtype=np.float32)
        right = np.einsum("tp,tbp,ti->pib", weight, values, design, optimize=True)
        coefficients = np.ascontiguousarray(np.linalg.solve(left, right).transpose(1, 2, 0))
    return np.where(enough, coefficients, np.nan)


def predict(coefficients: Floats, design: Floats) -> Floats:
    """Baseline on some days: (time, band, pixel)."""
    return np.tensordot(design, coefficients, axes=(1, 0))


def huber(residual: Floats, axis: int) -> Floats:
    """One weight per look for all bands together.

    Args:
        residual: (time, band, pixel) or (pixel, band), NaN where unseen; bands lie on axis 1.
        axis: the axis over which the noise of each band is taken.

    Returns:
        min(1, HUBER / largest standardised residual), band axis dropped; 0 where unseen.
    """
    noise = np.maximum(MAD * masked_median(np.abs(residual), axis), FLOOR)
    worst = np.max(np.abs(residual) / np.expand_dims(noise, axis), axis=1)
    weight = np.minimum(1, HUBER / np.maximum(worst, 1e-6))
    return np.where(np.isfinite(weight), weight, 0).astype(np.float32)
