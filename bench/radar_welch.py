"""The peer of the radar bench: Welch's t per orbit and pixel, after PWTT (Ballinger, 2024), and how it is scored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, gaussian_filter

from radar_sites import START, RadarSite
from sitewatch.look.evidence import regions
from sitewatch.look.sensors.backscatter import Unit, decibels

LATEST = 5
"""Passes of one orbit that are compared with its history: two months."""
SMOOTHED_PX = 0.6
"""As the monitor smooths; PWTT has a filter of its own."""
Floats = NDArray[np.floating]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Tested:
    """What the test says after each pass of the watch."""

    days: list[date]
    t: Floats
    """(pass, y, x): the largest |t| over bands and over the orbits as they stand; NaN before an orbit has enough."""


def welch(site: RadarSite, *, ring: bool) -> Tested:
    """Welch's t of the latest passes of an orbit against its history, per pixel and band, in dB.

    Args:
        site: simulated.
        ring: take each pass's median over the ring off first.
    """
    standing: dict[int | None, Floats] = {}
    before: dict[int | None, tuple[Floats, Floats]] = {}
    days, rows = [], []
    past: dict[int | None, list[Floats]] = {}
    latest: dict[int | None, list[Floats]] = {}
    for swath in sorted(site.swaths, key=lambda one: one.time):
        image = decibels(np.stack([one for one in (swath.vv, swath.vh) if one is not None]), Unit.POWER)
        image = gaussian_filter(image, (0, SMOOTHED_PX, SMOOTHED_PX))
        if ring:
            image = image - np.median(image[:, ~site.inside], axis=1)[:, None, None]
        if swath.time.date() < START:
            past.setdefault(swath.orbit, []).append(image)
            continue
        held = latest.setdefault(swath.orbit, [])
        held.append(image)
        if len(held) >= LATEST:
            if swath.orbit not in before:
                before[swath.orbit] = _moments(past[swath.orbit])
            standing[swath.orbit] = _t(*before[swath.orbit], *_moments(held[-LATEST:]))
        if standing:
            days.append(swath.time.date())
            rows.append(np.max(list(standing.values()), axis=0))
    return Tested(days, np.stack(rows))


def _moments(images: list[Floats]) -> tuple[Floats, Floats]:
    """Mean of images (band, y, x), and the variance of that mean."""
    return np.mean(images, axis=0), np.var(images, axis=0, ddof=1) / len(images)


def _t(before: Floats, error: Floats, after: Floats, later_error: Floats) -> Floats:
    """(y, x): the largest |t| over bands of two means (band, y, x) and their variances."""
    return np.asarray(np.abs((after - before) / np.sqrt(error + later_error)).max(0))


def alarm_level(tested: Tested, inside: Bools, least: int = 3) -> float:
    """The highest threshold at which some connected pixels inside the fence are above it after some pass."""
    best = 0.0
    for plane in tested.t:
        inner = np.where(inside, plane, 0)
        low, high = best, float(inner.max())
        if not regions(inner > low, least):
            continue
        while high - low > 0.01:
            middle = (low + high) / 2
            low, high = (middle, high) if regions(inner > middle, least) else (low, middle)
        best = low
    return best


def found(tested: Tested, site: RadarSite, threshold: float, least: int = 3) -> float:
    """Days from the change until connected pixels above the threshold touch it; infinite when they never do."""
    near = binary_dilation(site.changed, np.ones((3, 3)))
    for day, plane in zip(tested.days, tested.t, strict=True):
        if day >= site.day and any((one & near).any() for one in regions(site.inside & (plane > threshold), least)):
            return float((day - site.day).days)
    return np.inf


def after(tested: Tested, day: date) -> Floats:
    """(y, x): t as it stands after the last pass up to a day."""
    return np.asarray(tested.t[max(i for i, one in enumerate(tested.days) if one <= day)])


def threshold(levels: Sequence[float] | Floats, share: float) -> float:
    """What a share of the levels lies above."""
    return float(np.quantile(np.asarray(levels), 1 - share))
