"""Simulated Sentinel-1 sites: textured ground, speckle, moisture and a change, as swaths that the package takes.

Gamma-distributed speckle with 4.4 equivalent looks (Sentinel-1 IW GRD high resolution, ESA's
product definition), correlated .4 between neighbouring pixels, for 10 m pixels of a 20 m resolution; VV and VH
independent. Two tracks, ascending and descending, every 12 days each, 5 % of the passes missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from scipy.stats import gamma, norm

from sitewatch.look.sensors.radar import Swath
from sitewatch.records import Grid

SIDE = 48
FENCE = slice(12, 36)
GRID = Grid(crs="EPSG:32636", transform=(10, 0, 500_000, 0, -10, 5_000_000), shape=(SIDE, SIDE))
FIRST, START, LAST = date(2021, 1, 1), date(2023, 1, 1), date(2023, 12, 31)
"""First pass at the earliest, first watched day, last day."""
LOOKS = 4.4
"""Equivalent number of looks."""
SPREAD_PX = 0.59
"""Of the Gaussian that correlates speckle: .4 between neighbours."""
TRACKS = ((29, "ascending", 0), (131, "descending", 5))
"""Relative orbit, direction, day of its first pass."""
MISSING = 0.05
KIND = 0.25
"""How much more or less a standard deviation of kind answers moisture."""
Floats = NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class RadarSite:
    """A simulated site."""

    swaths: list[Swath]
    """Linear power."""
    inside: NDArray[np.bool_]
    """(y, x): the fence."""
    changed: NDArray[np.bool_]
    """(y, x): ground that changed; where it would have, at an unchanged site."""
    day: date
    """When it changed or would have."""


def site(seed: int, jitter: float, change: float, *, size: int = 5) -> RadarSite:
    """A simulated site; ground, speckle, weather and the place of the change depend on the seed alone.

    Args:
        seed: of the site.
        jitter: standard deviation of what moisture does to the scene on each pass, dB.
        change: dB, up at one half of the seeds and down at the other; 0 for none.
        size: side of the changed square, pixels.
    """
    ground, weather, noise, place = (np.random.default_rng([seed, part]) for part in range(4))
    kind = _field(ground, 6)
    level = -11 + 2 * kind + _field(ground, 1)
    for y, x in ground.integers(0, SIDE - 2, (12, 2)):
        level[y : y + 2, x : x + 2] += 8
    bands = np.stack([level, level - 6.5 + _field(ground, 3)])
    sides = {orbit: ground.normal(0, 1, (2, 1, 1)) + _fields(ground, 1) for orbit, _, _ in TRACKS}
    corner = place.integers(FENCE.start, FENCE.stop - size + 1, 2)
    changed = np.zeros((SIDE, SIDE), bool)
    changed[corner[0] : corner[0] + size, corner[1] : corner[1] + size] = True
    day = START + timedelta(days=int(place.integers(30, 240)))
    step = change * place.choice([-1, 1]) * changed
    swaths = []
    for orbit, direction, begun in TRACKS:
        for count in range(((LAST - FIRST).days - begun) // 12 + 1):
            taken = FIRST + timedelta(days=begun + 12 * count)
            wet, lost, grain = weather.normal(), weather.random(), _speckle(noise)
            if lost < MISSING:
                continue
            season = 0.5 * np.cos(2 * np.pi * taken.timetuple().tm_yday / 365.25) * (1 + kind)
            decibels = bands + sides[orbit] + season + jitter * wet * (1 + KIND * kind) + (taken >= day) * step
            power = (10 ** (decibels / 10) * grain).astype(np.float32)
            time = datetime(taken.year, taken.month, taken.day, 4 if direction == "descending" else 16, tzinfo=UTC)
            swaths.append(Swath(f"S1A_{taken}_{orbit}", time, orbit, direction, "linear power", power[0], power[1]))
    inside = np.zeros((SIDE, SIDE), bool)
    inside[FENCE, FENCE] = True
    return RadarSite(swaths, inside, changed, day)


def _field(rng: np.random.Generator, length: float) -> Floats:
    """(y, x): mean 0, standard deviation 1, smooth over some pixels."""
    field = gaussian_filter(rng.normal(size=(SIDE, SIDE)), length)
    return np.asarray((field - field.mean()) / field.std())


def _fields(rng: np.random.Generator, length: float) -> Floats:
    return np.stack([_field(rng, length) for _ in range(2)])


@cache
def _quantiles() -> tuple[Floats, Floats]:
    at = np.linspace(-6, 6, 4001)
    return at, np.asarray(gamma.ppf(norm.cdf(at), LOOKS, scale=1 / LOOKS))


def _speckle(rng: np.random.Generator) -> Floats:
    """(band, y, x): mean 1, gamma-distributed, correlated between neighbours (a Gaussian copula)."""
    smooth = gaussian_filter(rng.normal(size=(2, SIDE, SIDE)), (0, SPREAD_PX, SPREAD_PX), mode="wrap")
    taps = np.exp(-0.5 * (np.arange(-3, 4) / SPREAD_PX) ** 2)
    return np.asarray(np.interp(smooth * taps.sum() ** 2 / np.square(taps).sum(), *_quantiles()))
