"""What surrounds the fence is the control: the ring says what the season, the haze and the sensor do today."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from sitewatch.look.baseline import Bools, Floats, huber
from sitewatch.look.compiled import compiled

FEATURE_STEPS = 42
"""Steps in one standard deviation of a feature."""
MOST_WAVER = 4.0
"""Times that a kind of ground may waver more than the ring's typical pixel."""
LENGTHS = (0.1, 3.0)
"""Standard deviations per band between which a deviation's length is taken: neither none nor a change decides."""
Doubles = NDArray[np.float64]


def control(ring: Bools, most: int) -> NDArray[np.int64]:
    """Pixels of the ring that stand for all of it: every n-th along a slanted lattice, about `most` of them.

    Args:
        ring: (y, x).
        most: how many are enough.

    Returns:
        Indices into the raveled grid, in order.
    """
    step = max(1, int(ring.sum()) // most)
    rows, columns = np.nonzero(ring)
    chosen = (columns + 3 * rows) % step == 0 if step > 3 else (columns + rows) % step == 0
    return np.asarray(np.flatnonzero(ring.ravel())[chosen])


def kinds(coefficients: Floats, known: NDArray[np.int64]) -> tuple[Floats, Callable[[Floats], Floats]]:
    """What kind of ground each pixel is, as features for the cross-section.

    Args:
        coefficients: baseline, (3, pixel, band).
        known: pixels of the control that have a baseline.

    Returns:
        (pixel, 1 + 3 x band): a constant, then the baseline's coefficients standardised on the ring and clipped at 3,
        so that a fence unlike its ring is never extrapolated to; NaN where the pixel has no baseline. And what makes
        the same of other coefficients.
    """
    flat = coefficients.transpose(1, 0, 2).reshape(coefficients.shape[1], -1)
    centre, spread = flat[known].mean(0), np.maximum(flat[known].std(0), 1e-6)

    def scaled(others: Floats) -> Floats:
        features = _stepped((others.transpose(1, 0, 2).reshape(others.shape[1], -1) - centre) / spread)
        return np.concatenate([np.ones((len(features), 1), np.float32), features], axis=1)

    return scaled(coefficients), scaled


def habits(residuals: Floats, noise: Floats, count: int, known: NDArray[np.int64], *, prior: float = 0.2) -> Floats:
    """How each pixel used to answer what the whole scene went through, beyond its season: a late spring, a drought.

    The leading modes in time of the history's residuals (a principal component analysis with gaps left out), and each
    pixel's answer to each mode. What a mode does on a new pass is then found on the ring, as for any other feature.

    Args:
        residuals: history, (time, pixel, band), NaN where unseen.
        noise: (pixel, band).
        count: number of modes.
        known: pixels that the modes are found on.
        prior: weight that shrinks the answer of a pixel that was seldom seen while the mode was strong.

    Returns:
        (pixel, count), standardised and clipped at 3.
    """
    scaled = np.clip(residuals / noise, -3, 3).transpose(1, 0, 2).reshape(residuals.shape[1], -1)
    seen = np.isfinite(scaled)
    scaled[~seen] = 0
    part = scaled[known]
    _, modes = np.linalg.eigh(part.T @ part)
    modes = np.ascontiguousarray(modes[:, ::-1][:, :count])
    answers = (scaled @ modes) / (seen.astype(np.float32) @ np.square(modes) + np.float32(prior))
    return _stepped(answers / np.maximum(answers[known].std(0), 1e-6))


def _stepped(features: Floats) -> Floats:
    """Features clipped at 3, in steps that a byte can hold: a saved watch stays small."""
    return np.asarray(np.rint(np.clip(features, -3, 3) * FEATURE_STEPS) / np.float32(FEATURE_STEPS), np.float32)


@dataclass(frozen=True, eq=False)
class Today:
    """What the ring says of one pass: slopes on the features, (feature, band), to be removed everywhere."""

    slopes: Doubles

    def remove(self, residual: Floats, features: Floats) -> Floats:
        """Residual (pixel, band) less what today does to ground of each kind (pixel, feature)."""
        return residual - features @ self.slopes.astype(np.float32)


def today(
    residual: Floats, features: Floats, known: NDArray[np.int64], *, rounds: int = 4, ridge: float = 0.01
) -> Today:
    """What a pass does to ground of each kind, from the pixels of the control only.

    A gain, an offset, a late spring or haze is found, because the ring shows it too; what only the fence shows is not.

    Args:
        residual: (pixel, band), NaN where unseen.
        features: (pixel, feature) of `kinds`.
        known: pixels of the control that have a baseline.
        rounds: reweightings.
        ridge: strength of the penalty, in shares of the pixels used, on all features but the constant.
    """
    used = known[np.isfinite(residual[known]).all(1)]
    x, y = features[used].astype(np.float64), residual[used].astype(np.float64)
    penalty = ridge * len(x) * np.eye(x.shape[1])
    penalty[0, 0] = 0
    penalty += 1e-12 * np.eye(x.shape[1])
    slopes: Doubles = np.zeros((x.shape[1], y.shape[1]))
    weight = np.ones(len(x))
    for turn in range(rounds):
        weighted = x * weight[:, None]
        slopes = np.asarray(np.linalg.solve(weighted.T @ x + penalty, weighted.T @ y), np.float64)
        if turn < rounds - 1:
            weight = huber(np.ascontiguousarray(y - x @ slopes))
    return Today(slopes)


def waver(v: Floats, features: Floats, known: NDArray[np.int64], *, rounds: int = 6, ridge: float = 0.01) -> Floats:
    """How many times as much as the rest ground of each kind wavers on one pass, from the pixels of the control only.

    A late spring moves woods by weeks and grassland not at all: what is unusual for one kind is not for the other. The
    logarithm of the deviations' length is regressed on the features by least absolute deviations (iteratively
    reweighted), so that changes of the ring itself tell nothing of their kind.

    Args:
        v: (pixel, band) of a whitened pass, NaN where unseen.
        features: (pixel, feature) of `kinds`.
        known: pixels of the control that have a baseline.
        rounds: reweightings.
        ridge: as in `today`.

    Returns:
        (pixel,), 1 to MOST_WAVER; NaN where the pixel has no baseline.
    """
    used = known[np.isfinite(v[known]).all(1)]
    x = features[used].astype(np.float64)
    length = np.log(np.clip(np.sqrt(np.square(v[used]).mean(1, dtype=np.float64)), *LENGTHS))
    penalty = ridge * len(x) * np.eye(x.shape[1])
    penalty[0, 0] = 0
    penalty += 1e-12 * np.eye(x.shape[1])
    weight, slopes = np.ones(len(x)), np.zeros(x.shape[1])
    for _ in range(rounds):
        weighted = x * weight[:, None]
        slopes = np.linalg.solve(weighted.T @ x + penalty, weighted.T @ length)
        weight = 1 / np.maximum(np.abs(length - x @ slopes), 0.1)
        weight /= weight.mean()
    usual = np.float32(np.median(x @ slopes))
    return np.asarray(np.clip(np.exp(features @ slopes.astype(np.float32) - usual), 1, MOST_WAVER), np.float32)


@dataclass(frozen=True, eq=False)
class Whitener:
    """Mean 0 and unit covariance among the typical pixels of the ring of one pass."""

    centre: Doubles
    """(band,)."""
    root: Doubles
    """(band, band): the symmetric inverse root of the covariance, so that the order of bands changes nothing."""
    size: float
    """Median length of the ring's deviations, per band: cloud over less than half of it leaves it small."""

    def __call__(self, values: Floats) -> Floats:
        """Values (pixel, band) in these units."""
        return (values - self.centre.astype(np.float32)) @ self.root.astype(np.float32)


def whitener(sample: Floats, trimmed: float = 0.5, *, rounds: int = 10) -> Whitener:
    """The trimmed mean and covariance of the ring's pixels (pixel, band), all finite.

    In the manner of the minimum covariance determinant (Rousseeuw, 1985): the share `trimmed` of the ring that lies
    nearest to the centre, with the factor that makes it consistent for Gaussian noise.
    """
    values = sample.astype(np.float64)
    bands = values.shape[1]
    centre = np.median(values, axis=0)
    root = np.diag(1 / np.maximum(np.median(np.abs(values - centre), axis=0) * 1.4826, 1e-3))
    cut = chi2.ppf(trimmed, bands)
    consistent = trimmed / chi2.cdf(cut, bands + 2)
    kept = min(len(values), max(bands + 1, round(trimmed * len(values))))
    for _ in range(rounds):
        centre, covariance = _nearest(values, centre, root, kept)
        eigenvalues, vectors = np.linalg.eigh(covariance * consistent + 1e-6 * np.eye(bands))
        root = np.ascontiguousarray((vectors / np.sqrt(eigenvalues)) @ vectors.T)
    size = float(np.sqrt(np.median(np.square(values - centre).sum(1)) / bands))
    return Whitener(centre, root, size)


@compiled
def blur(image: Floats, taps: Floats) -> Floats:  # noqa: C901 - a compiled loop
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
def _nearest(  # noqa: C901 - a compiled loop
    values: NDArray[np.float64], centre: NDArray[np.float64], root: NDArray[np.float64], kept: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean (band,) and covariance (band, band) of the pixels nearest to a centre; see `whitener`.

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
