"""The one change detector: from a cube and a fence to a statistic per pixel and pass, whatever the sensor.

Steps 2 to 8 of the method are described in docs/methods/look.md, with the figures that were measured for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import label
from scipy.stats import chi2

from sitewatch.look.baseline import FLOOR, MAD, Bools, Floats, fit, masked_median, predict, seasons
from sitewatch.look.guard import habits, kinds, remove_today, smooth, whiten

Ints = NDArray[np.int32]

EIGHT = np.ones((3, 3), int)
"""Pixels that touch at a corner are connected."""


@dataclass(frozen=True)
class MonitorSettings:
    """Settings of the monitor; docs/methods/look.md tells how each was chosen, and what was seen of the scene."""

    ring_clear: float = 0.3
    """A pass is used when more than this share of the ring is clear."""
    fence_clear: float = 0.3
    """A pass could see the fence when more than this share of it is clear."""
    min_history: int = 8
    """Clear looks that a pixel needs before `start`; with fewer it is not monitored."""
    habits: int = 16
    """Modes of the history's residuals that tell grounds of one kind apart; a third of the history's passes at most."""
    smoothing: float = 0.6
    """Standard deviation of the Gaussian, pixels."""
    pseudo_looks: float = 4.0
    """Looks' worth of the ring's median noise that each pixel's own noise is shrunk with."""
    windows: tuple[int, ...] = (3, 4, 6, 8)
    """Numbers of latest looks over which evidence is added up."""
    drift: float = 0.1
    """How fast the noise of a sum grows beyond that of independent looks."""
    tail: float = 9.4e-10
    """Chance that sets the limit for any number of bands: 40 for four bands."""
    min_pixels: int = 3
    """Connected pixels that make a change."""
    agree: float = 1.64
    """Mean projection on an alert's direction, in standard deviations, from which a later look agrees."""

    def limit(self, bands: int) -> float:
        """The value of the statistic above which a pixel counts, for a number of bands."""
        return float(chi2.isf(self.tail, bands)) / 1.2


class Model:
    """What the history says of every pixel, and how a new pass is made comparable with it."""

    def __init__(self, history: Floats, days: list[date], ring: Bools, settings: MonitorSettings) -> None:
        """Fit to the history.

        Args:
            history: (time, band, y, x), NaN where unseen; only passes whose ring is clear enough.
            days: the day of each pass.
            ring: (y, x), pixels outside the fence.
            settings: of the monitor.
        """
        self.settings, self.shape = settings, ring.shape
        self._ring = ring.ravel()
        flat = history.reshape(*history.shape[:2], -1)
        looks = np.isfinite(flat).all(1).sum(0)
        flat = np.where(looks >= settings.min_history, flat, np.nan)
        self.coefficients = fit(flat, days)
        self.ready: Bools = np.asarray(np.isfinite(self.coefficients).all((0, 1))).reshape(self.shape)
        """(y, x): pixels with enough history to be monitored."""
        self._features = kinds(self.coefficients, self._ring & self.ready.ravel())
        residuals, self._noise = self._past(flat, days, looks)
        count = min(settings.habits, len(days) // 3)
        self._features = np.concatenate([self._features, habits(residuals, self._noise, count)], axis=1)
        residuals, self._noise = self._past(flat, days, looks)
        whitened = np.stack([self._whitened(residual) for residual in residuals])
        self._restless = self._restlessness(whitened, looks)

    def __call__(self, image: Floats, day: date) -> Floats:
        """How unusual each pixel of a pass is among its neighbours and against its own past.

        Args:
            image: (band, y, x), NaN where unseen.
            day: of the pass.

        Returns:
            (band, y, x): standardised deviations, norm at most 3 sqrt(bands); NaN where unseen or not monitored.
        """
        v = self._whitened(self._residual(image.reshape(len(image), -1), day)) / self._restless[:, None]
        length = np.sqrt(np.square(v).sum(1, keepdims=True))
        v = v * np.minimum(1, 3 * np.sqrt(v.shape[1]) / np.maximum(length, 1e-6))
        return np.ascontiguousarray(v.T).reshape(image.shape)

    def _past(self, flat: Floats, days: list[date], looks: NDArray[np.int_]) -> tuple[Floats, Floats]:
        """Residuals of the history (time, pixel, band), and each pixel's noise (pixel, band), with today's features."""
        residuals = np.stack([self._residual(image, day) for image, day in zip(flat, days, strict=True)])
        return residuals, self._shrunk_noise(residuals, looks)

    def _residual(self, image: Floats, day: date) -> Floats:
        """(pixel, band): the pass (band, pixel) less its baseline, less what its ring says of today."""
        residual = (image - predict(self.coefficients, seasons([day]))[0]).T
        return remove_today(residual, self._features, self._ring)

    def _shrunk_noise(self, residuals: Floats, looks: NDArray[np.int_]) -> Floats:
        """(pixel, band): robust noise of each pixel, shrunk towards the ring's median."""
        own = MAD * masked_median(np.abs(residuals))
        typical = masked_median(own[self._ring])
        pseudo = self.settings.pseudo_looks
        shrunk = (looks[:, None] * own + pseudo * typical) / (looks[:, None] + pseudo)
        return np.asarray(np.maximum(shrunk, FLOOR), np.float32)

    def _whitened(self, residual: Floats) -> Floats:
        """(pixel, band): in units of noise, smoothed, and standardised by the pass's own ring."""
        scaled = (residual / self._noise).T.reshape(-1, *self.shape)
        blurred = smooth(scaled, np.isfinite(scaled).all(0), self.settings.smoothing)
        return whiten(blurred.reshape(len(blurred), -1).T, self._ring)

    def _restlessness(self, whitened: Floats, looks: NDArray[np.int_]) -> Floats:
        """(pixel,): how many times its due a pixel moved in its history, at least 1."""
        length = masked_median(np.square(whitened).sum(2))
        due = chi2.median(whitened.shape[2])
        return np.asarray(np.sqrt(np.maximum(1, (looks * length / due + 3) / (looks + 3))), np.float32)


class Evidence:
    """The latest looks of every pixel, and the statistic that they add up to."""

    def __init__(self, bands: int, shape: tuple[int, int], settings: MonitorSettings, last_seen: Ints) -> None:
        """Start with no look.

        Args:
            bands: number of bands.
            shape: (y, x).
            settings: of the monitor.
            last_seen: (y, x), index of the last history pass that saw each pixel, -1 for none.
        """
        self._windows, self._drift = settings.windows, settings.drift
        depth = max(settings.windows)
        self.values = np.full((depth, bands, *shape), np.nan, np.float32)
        """(depth, band, y, x): what the latest looks of each pixel said; the newest last."""
        self.passes = np.full((depth + 1, *shape), -1, np.int32)
        """(depth + 1, y, x): the passes of these looks; the first is the one that last fell out."""
        self.passes[-1] = last_seen
        self.statistic: Floats = np.zeros(shape, np.float32)
        """(y, x): as of each pixel's latest look."""

    def add(self, v: Floats, index: int) -> None:
        """Take one pass: v (band, y, x) with NaN where unseen, and its index in the cube."""
        seen = np.isfinite(v).all(0)
        self.values[:-1, :, seen] = self.values[1:, :, seen]
        self.values[-1, :, seen] = v[:, seen].T
        self.passes[:-1, seen] = self.passes[1:, seen]
        self.passes[-1, seen] = index
        self.statistic[seen] = self._combine(self.values[:, :, seen])

    def forget(self, where: Bools) -> None:
        """Drop the looks of some pixels, (y, x), so that a closed alert needs new evidence to open again."""
        self.values[:, :, where] = np.nan
        self.statistic[where] = 0

    def _combine(self, values: Floats) -> Floats:
        """Q = max over k of min over i of |S_k - v_i|^2 / ((k-1) + drift (k-1)^2), values (depth, band, pixel)."""
        best = np.zeros(values.shape[2], np.float32)
        for k in self._windows:
            latest = values[-k:]
            without = latest.sum(0) - latest  # the sum without each look in turn; NaN while fewer than k were seen
            weakest = np.square(without).sum(1).min(0)
            best = np.fmax(best, weakest / ((k - 1) + self._drift * (k - 1) ** 2))
        return best


def regions(mask: Bools, min_pixels: int) -> list[Bools]:
    """Connected parts of a (y, x) mask that have at least some number of pixels, largest first."""
    labels, count = label(mask, EIGHT)
    sizes = np.bincount(labels.ravel(), minlength=count + 1)
    order = sorted(range(1, count + 1), key=lambda i: (-sizes[i], i))
    return [labels == i for i in order if sizes[i] >= min_pixels]
