"""What trials tell of a detector: the share of vehicles that it finds, and the boxes that it draws around nothing.

A detector that is run on images whose vehicles are known gives trials: how many it found, and how many boxes it drew
where none was. Recall is then a Beta, false boxes an image a Gamma-Poisson. Where the trials are told image by image,
recall and false rate may differ from image to image, and the next image is drawn from what the others show
(beta-binomial and negative binomial, their spreads integrated over a grid).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln, gammaln, xlog1py, xlogy

from sitewatch.errors import InputError

Array = NDArray[np.float64]

JEFFREYS = 0.5
"""Successes and failures, or events, added before the first trial (Jeffreys 1946)."""
_MOST_FALSE = 100_000
_NEGLIGIBLE = 1e-3
"""Weight, in shares of the largest, under which a part of a mixture is left out."""
_SPREADS = np.geomspace(5, 5000, 9)
"""Pseudo-counts of recall between images: few where images differ much, many where they are alike."""
_SHAPES = np.geomspace(0.3, 300, 9)
"""Shapes of the false rate between images, alike."""


@dataclass(frozen=True, eq=False)
class Recall:
    """What is known of the share of vehicles that a detector finds in one more image: a mixture of Betas."""

    weight: Array
    """(parts,), with the sum 1."""
    mean: Array
    """(parts,): mean share."""
    size: Array
    """(parts,): pseudo-counts; infinite for a share that is known exactly."""

    @classmethod
    def known(cls, share: float) -> Self:
        """A share that is taken as known.

        Raises:
            InputError: it is no share above 0.
        """
        if not 0 < share <= 1:
            raise InputError(f"recall: found {share:g}; right would be a share above 0, up to 1")
        return cls(np.ones(1), np.array([share]), np.array([np.inf]))

    @classmethod
    def trials(cls, found: int, of: int) -> Self:
        """The share as trials tell it, the same for every image: Beta(found + 1/2, missed + 1/2).

        Raises:
            InputError: there were no trials, or the numbers do not fit.
        """
        _check_trials([(found, of)])
        return cls(
            np.ones(1), np.array([(found + JEFFREYS) / (of + 2 * JEFFREYS)]), np.array([of + 2 * JEFFREYS], dtype=float)
        )

    @classmethod
    def between(cls, images: Sequence[tuple[int, int]]) -> Self:
        """The share in one more image, when it differs from image to image (beta-binomial; Skellam 1948).

        Args:
            images: (found, of) of each image whose truth is known.

        Raises:
            InputError: there were no trials, or the numbers do not fit.
        """
        _check_trials(images)
        found, of = np.array([pair for pair in images if pair[1]], dtype=float).T
        middle = (found.sum() + JEFFREYS) / (of.sum() + 2 * JEFFREYS)
        means = _around_share(middle, float(of.sum()), len(of))
        mean, size = (grid.ravel() for grid in np.meshgrid(means, _SPREADS))
        log = 0.5 * np.log(mean * (1 - mean))  # Jeffreys' prior, on a grid that is even in the logit
        for hits, tried in zip(found, of, strict=True):
            log += betaln(hits + mean * size, tried - hits + (1 - mean) * size) - betaln(mean * size, (1 - mean) * size)
        return cls(*_kept(log, mean, size))

    def chances(self, seen: NDArray[np.int64], most: int) -> Array:
        """P(seen | there), (seen, there from 0 to most): binomial where the share is known, else beta-binomial."""
        there, saw = np.arange(most + 1), seen[:, np.newaxis]
        missed = np.maximum(there - saw, 0)
        ways = gammaln(there + 1) - gammaln(saw + 1) - gammaln(missed + 1)
        chance = np.zeros(missed.shape)
        for weight, mean, size in zip(self.weight, self.mean, self.size, strict=True):
            if np.isinf(size):
                log = xlogy(saw, mean) + xlog1py(missed, -mean)
            else:
                a, b = mean * size, (1 - mean) * size
                log = gammaln(saw + a) + gammaln(there + b)[missed] - gammaln(there + size) - betaln(a, b)
            chance += weight * np.exp(np.where(there >= saw, ways + log, -np.inf))
        return chance


@dataclass(frozen=True, eq=False)
class FalseBoxes:
    """What is known of the boxes that a detector draws around nothing in one more image: negative binomials."""

    weight: Array
    """(parts,), with the sum 1."""
    mean: Array
    """(parts,): boxes an image."""
    shape: Array
    """(parts,): of the Gamma; infinite for a Poisson."""

    @classmethod
    def none(cls) -> Self:
        """A detector that is taken to draw none."""
        return cls(np.ones(1), np.zeros(1), np.array([np.inf]))

    @classmethod
    def trials(cls, counted: int, images: float) -> Self:
        """The rate as trials tell it, the same for every image: Gamma(counted + 1/2, images).

        Args:
            counted: false boxes in all of them.
            images: how many, in images of the size of the one that is judged.

        Raises:
            InputError: no image was tried, or the count is below 0.
        """
        if not images > 0 or counted < 0:
            raise InputError(
                f"false boxes: found {counted} in {images:g} images; right would be a count from 0 on in at least one "
                "image whose vehicles are known"
            )
        shape = counted + JEFFREYS
        return cls(np.ones(1), np.array([shape / images]), np.array([shape]))

    @classmethod
    def between(cls, counts: Sequence[int]) -> Self:
        """The rate in one more image, when it differs from image to image (negative binomial).

        Args:
            counts: false boxes of each image whose truth is known.

        Raises:
            InputError: no image was tried, or a count is below 0.
        """
        if not counts or min(counts) < 0:
            raise InputError(
                f"false boxes: found {list(counts)}; right would be a count from 0 on for each image whose vehicles "
                "are known, of at least one"
            )
        total, images = float(sum(counts)) + JEFFREYS, len(counts)
        wide = np.linspace(-4, 4, 41) * np.sqrt(1 / total + 1 / images)
        mean, shape = (grid.ravel() for grid in np.meshgrid(total / images * np.exp(wide), _SHAPES))
        log = 0.5 * np.log(mean)  # Jeffreys' prior, on a grid that is even in the logarithm
        for count in counts:
            log += _log_negative_binomial(np.array(float(count)), mean, shape)
        return cls(*_kept(log, mean, shape))

    def chances(self) -> Array:
        """P(0), P(1), … false boxes, until all but a billionth is told."""
        most = 16
        while True:
            number = np.arange(most, dtype=float)[:, np.newaxis]
            finite = np.isfinite(self.shape)
            log = np.where(
                finite,
                _log_negative_binomial(number, self.mean, np.where(finite, self.shape, 1)),
                xlogy(number, self.mean) - self.mean - gammaln(number + 1),
            )
            chance: Array = np.exp(log) @ self.weight
            if chance.sum() > 1 - 1e-9 or most >= _MOST_FALSE:
                return chance[: int(np.searchsorted(np.cumsum(chance), 1 - 1e-9)) + 1]
            most *= 2


def _check_trials(images: Sequence[tuple[int, int]]) -> None:
    found, of = (sum(pair[i] for pair in images) for i in (0, 1))
    if of <= 0 or any(not 0 <= hits <= tried for hits, tried in images):
        raise InputError(
            f"recall: {found} of {of} found in trials; right would be at least one vehicle whose place is known, and "
            "no more found than there were"
        )


def _around_share(middle: float, trials: float, images: int) -> Array:
    """Shares around the pooled one, even in the logit, as wide as few images that differ much could ask for."""
    sd = np.sqrt(1 / (middle * (1 - middle)) * (1 / (trials + 1) + 1 / (2 * images)))
    logit = np.log(middle / (1 - middle)) + np.linspace(-4, 4, 41) * sd
    return np.asarray(1 / (1 + np.exp(-np.clip(logit, -12, 12))))


def _kept(log: Array, mean: Array, other: Array) -> tuple[Array, Array, Array]:
    """Weights, and the two parameters, of the parts that matter."""
    weight = np.exp(log - log.max())
    matters = weight > _NEGLIGIBLE
    return weight[matters] / weight[matters].sum(), mean[matters], other[matters]


def _log_negative_binomial(number: Array, mean: Array, shape: Array) -> Array:
    """log P(number) of a Poisson whose mean is Gamma with a mean and a shape."""
    return np.asarray(
        gammaln(number + shape) - gammaln(shape) - gammaln(number + 1)
        + xlogy(shape, shape / (shape + mean)) + xlogy(number, mean / (shape + mean))
    )  # fmt: skip
