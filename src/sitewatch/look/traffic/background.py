"""What a road looks like where nothing moves: its local background, and how its colours vary together."""

from __future__ import annotations

import numpy as np
from scipy.stats import chi2

from sitewatch.look.traffic.mask import Floats, Road

_TURNS = 32
"""Angles for which neighbours are gathered."""
_KEPT = 0.75
"""Share of the pixels whose colours tell the covariance; vehicles must be fewer than the rest."""
_ROUNDS = 10


def background(planes: Floats, road: Road, *, along_m: float, across_m: float) -> Floats:
    """(band, y, x): median of the neighbours along the road, at the same distance from its middle; NaN off `road.near`.

    The verge shines into the pixels at a road's edge, and does so all along it: against its neighbours along the road
    a pixel there is nothing unusual.

    Args:
        planes: (band, y, x), NaN where unseen.
        road: on the same pixels.
        along_m: how far neighbours may lie along the road, each way.
        across_m: the same across it.
    """
    reach = int(np.ceil(along_m / road.pixel_m))
    down, right = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    wide = ((0, 0), (reach, reach), (reach, reach))
    padded = np.pad(np.where(road.near, planes, np.nan), wide, constant_values=np.nan)
    angle = np.nan_to_num(road.angle)
    turn = np.round(angle / np.pi * _TURNS).astype(int) % _TURNS
    out = np.full(planes.shape, np.nan)
    for n in np.unique(turn[road.near]):
        cos, sin = np.cos(n * np.pi / _TURNS), np.sin(n * np.pi / _TURNS)
        along, across = right * cos + down * sin, down * cos - right * sin
        dy, dx = np.nonzero((abs(along) * road.pixel_m <= along_m) & (abs(across) * road.pixel_m <= across_m))
        rows, columns = np.nonzero(road.near & (turn == n) & np.isfinite(planes).all(0))
        for part in np.array_split(np.arange(len(rows)), max(1, len(rows) // 4096)):
            around = padded[:, rows[part, None] + dy, columns[part, None] + dx]
            out[:, rows[part], columns[part]] = np.nanmedian(around, -1)
    return out


def colour_spread(residual: Floats) -> tuple[Floats, Floats]:
    """Robust middle and covariance of colours: of three quarters of the pixels, those nearest to each other.

    Concentration steps from medians (Rousseeuw and Van Driessen, 1999), scaled to agree with a Gaussian.

    Args:
        residual: (pixel, band), finite.

    Returns:
        (band,) and (band, band).
    """
    bands = residual.shape[1]
    middle = np.median(residual, 0)
    floor = 1e-6 * max(float(np.abs(residual).max()), 1e-12)
    spread = np.diag(np.maximum(1.4826 * np.median(abs(residual - middle), 0), floor) ** 2)
    scale = _KEPT / chi2.cdf(chi2.ppf(_KEPT, bands), bands + 2)
    for _ in range(_ROUNDS):
        off = residual - middle
        distance = (off @ np.linalg.inv(spread) * off).sum(1)
        kept = residual[distance <= np.quantile(distance, _KEPT)]
        middle = kept.mean(0)
        spread = np.atleast_2d(np.cov(kept.T)) * scale + np.eye(bands) * floor**2
    return middle, spread
