"""Settings of the monitor."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.stats import chi2

from sitewatch.errors import InputError

LEAST_WINDOW = 3
"""Looks that the shortest window of the statistic holds at least."""


@dataclass(frozen=True)
class MonitorSettings:
    """Settings of the monitor; docs/methods/look.md tells how each was chosen, and what was seen of the scene."""

    ring_clear: float = 0.3
    """A pass is used when more than this share of the ring is clear."""
    fence_clear: float = 0.3
    """A pass could see the fence when more than this share of it is clear."""
    min_history: int = 8
    """Clear looks that a pixel needs before `start`; with fewer it is not monitored."""
    control: int = 2400
    """Pixels of the ring that the cross-section is fitted to, on a lattice over all of it."""
    contaminated: float = 5.0
    """A pass is refused when its ring deviates so many times as much as it used to: cloud, haze or snow got through."""
    register: bool = True
    """Correct passes that are displaced by more than the history's usually were."""
    habits: int = 16
    """Modes of the history's residuals that tell grounds of one kind apart; a third of the history's passes at most."""
    smoothing: float = 0.6
    """Standard deviation of the Gaussian, pixels."""
    kept: float = 0.5
    """Share of the ring, the most usual, that a pass's mean and covariance are taken from."""
    pseudo_looks: float = 4.0
    """Looks' worth of the ring's median noise that each pixel's own noise is shrunk with."""
    alone: float = 0.6
    """Share of the limit that one look can carry at most: two looks never alarm, whatever they show."""
    windows: tuple[int, ...] = (3, 4, 6, 8)
    """Numbers of latest looks over which evidence is added up."""
    drift: float = 0.1
    """How fast the noise of a sum grows beyond that of independent looks."""
    tail: float = 5.25e-11
    """Chance that sets the limit for any number of bands: 45 for four bands."""
    min_pixels: int = 3
    """Connected pixels that make a change."""
    agree: float = 1.64
    """Mean projection on an alert's direction, in standard deviations, from which a later look agrees."""

    point_spread: float = 0.5
    """Standard deviation of the sensor's point spread, pixels (Gaussian): how a planted change is seen."""

    def __post_init__(self) -> None:
        """Refuse windows of which a single look could decide.

        Raises:
            InputError: there is no window, or one holds fewer than three looks.
        """
        if not self.windows or min(self.windows) < LEAST_WINDOW:
            raise InputError(
                f"settings of the monitor: windows {self.windows}; right would be numbers of looks, each "
                f"{LEAST_WINDOW} or more: an alarm must stand without its most helpful look"
            )

    def limit(self, bands: int) -> float:
        """The value of the statistic above which a pixel counts, for a number of bands."""
        return _quantile(self.tail, bands) / 1.2

    def longest(self, bands: int) -> float:
        """Standard deviations that one look counts for at most, for a number of bands."""
        return float(np.sqrt(self.alone * self.limit(bands) * self.due(min(self.windows))))

    def due(self, looks: int) -> float:
        """What the squared sum of all but one of some looks is divided by."""
        return (looks - 1) + self.drift * (looks - 1) ** 2


@cache
def _quantile(tail: float, bands: int) -> float:
    """The value that chi-square of so many degrees exceeds with a probability; asked for at every pass."""
    return float(chi2.isf(tail, bands))
