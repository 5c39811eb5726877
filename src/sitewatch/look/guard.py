"""What surrounds the fence is the control: the ring says what the season, the haze and the sensor do today."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from scipy.stats import chi2

from sitewatch.look.baseline import Bools, Floats, huber

KEPT = 0.75
"""Share of the ring that the trimmed mean and covariance are taken from."""


def kinds(coefficients: Floats, ring: Bools) -> Floats:
    """What kind of ground each pixel is, as features for the cross-section.

    Args:
        coefficients: baseline, (3, band, pixel).
        ring: (pixel,), the pixels outside the fence.

    Returns:
        (pixel, 1 + 3 x band): a constant, then the baseline's coefficients standardised on the ring and clipped at 3,
        so that a fence unlike its ring is never extrapolated to; NaN where the pixel has no baseline.
    """
    flat = coefficients.reshape(-1, coefficients.shape[-1]).T
    known = flat[ring & np.isfinite(flat).all(1)]
    centre, spread = known.mean(0), np.maximum(known.std(0), 1e-6)
    features = np.clip((flat - centre) / spread, -3, 3)
    return np.concatenate([np.ones((len(features), 1), np.float32), features], axis=1).astype(np.float32)


def habits(residuals: Floats, noise: Floats, count: int, *, prior: float = 0.2) -> Floats:
    """How each pixel used to answer what the whole scene went through, beyond its season: a late spring, a drought.

    The leading modes in time of the history's residuals (a principal component analysis with gaps left out), and each
    pixel's answer to each mode. What a mode does on a new pass is then found on the ring, as for any other feature.

    Args:
        residuals: history, (time, pixel, band), NaN where unseen.
        noise: (pixel, band).
        count: number of modes.
        prior: weight that shrinks the answer of a pixel that was seldom seen while the mode was strong.

    Returns:
        (pixel, count), standardised and clipped at 3.
    """
    scaled = np.clip(residuals / noise, -3, 3).transpose(1, 0, 2).reshape(residuals.shape[1], -1)
    seen = np.isfinite(scaled)
    scaled = np.where(seen, scaled, 0)
    _, modes = np.linalg.eigh(scaled.T @ scaled)
    modes = modes[:, ::-1][:, :count]
    answers = (scaled @ modes) / (seen @ np.square(modes) + np.float32(prior))
    return np.asarray(np.clip(answers / np.maximum(answers.std(0), 1e-6), -3, 3), np.float32)


def remove_today(residual: Floats, features: Floats, ring: Bools, *, rounds: int = 4, ridge: float = 0.01) -> Floats:
    """Take from a pass what its ring says happened today to ground of each kind.

    The residuals are regressed on the features over the ring's seen pixels only (robust, ridge `ridge` x pixels), and
    the prediction is removed everywhere: a gain, an offset, a late spring or haze go; what only the fence shows stays.

    Args:
        residual: (pixel, band), NaN where unseen.
        features: (pixel, feature) of `kinds`.
        ring: (pixel,).
        rounds: reweightings.
        ridge: strength of the penalty on all features but the constant.

    Returns:
        (pixel, band), NaN where unseen.
    """
    control = ring & np.isfinite(residual).all(1) & np.isfinite(features).all(1)
    x, y = features[control].astype(np.float64), residual[control].astype(np.float64)
    penalty = ridge * len(x) * np.eye(x.shape[1])
    penalty[0, 0] = 0
    slopes: NDArray[np.floating] = np.zeros((x.shape[1], y.shape[1]))
    weight = np.ones(len(x))
    for _ in range(rounds):
        weighted = x * weight[:, None]
        slopes = np.linalg.solve(weighted.T @ x + penalty, weighted.T @ y)
        weight = huber((y - x @ slopes).astype(np.float32), axis=0).astype(np.float64)
    return (residual - features @ slopes.astype(np.float32)).astype(np.float32)


def smooth(image: Floats, seen: Bools, sigma: float) -> Floats:
    """Gaussian smoothing that takes only seen pixels: image (band, y, x), seen (y, x), sigma in pixels."""
    share = gaussian_filter(seen.astype(np.float32), sigma)
    blurred = np.stack([gaussian_filter(np.where(seen, band, 0).astype(np.float32), sigma) for band in image])
    return np.where(seen, blurred / np.maximum(share, 1e-6), np.nan).astype(np.float32)


def whiten(values: Floats, ring: Bools, *, rounds: int = 4) -> Floats:
    """Standardise a pass by its own ring: mean 0 and unit covariance among the ring's typical pixels.

    A trimmed mean and covariance in the manner of the minimum covariance determinant (Rousseeuw, 1985): the 75 % of the
    ring nearest to the centre, with the factor that makes it consistent for Gaussian noise.

    Args:
        values: (pixel, band), NaN where unseen.
        ring: (pixel,).
        rounds: concentration steps.
    """
    sample = values[ring & np.isfinite(values).all(1)].astype(np.float64)
    bands = sample.shape[1]
    centre = np.median(sample, axis=0)
    spread = np.diag(np.maximum(np.median(np.abs(sample - centre), axis=0) * 1.4826, 1e-3) ** 2)
    cut = chi2.ppf(KEPT, bands)
    consistent = KEPT / chi2.cdf(cut, bands + 2)
    for _ in range(rounds):
        distance = _distance(sample, centre, spread)
        near = sample[distance <= np.quantile(distance, KEPT)]
        centre = near.mean(0)
        spread = np.atleast_2d(np.cov(near, rowvar=False)) * consistent + 1e-6 * np.eye(bands)
    return _standardise(values, centre, spread).astype(np.float32)


def _standardise(
    values: NDArray[np.floating], centre: NDArray[np.float64], spread: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Values in the axes of the covariance; the symmetric root, so that the order of bands changes nothing."""
    eigenvalues, vectors = np.linalg.eigh(spread)
    root = (vectors / np.sqrt(eigenvalues)) @ vectors.T
    return np.asarray((values - centre) @ root)


def _distance(
    values: NDArray[np.float64], centre: NDArray[np.float64], spread: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Squared Mahalanobis distance, (pixel,)."""
    return np.asarray(np.square(_standardise(values, centre, spread)).sum(1))
