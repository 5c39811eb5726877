"""How well a moving vehicle explains what the bands see around a place, beside what rests there.

Each band sees the vehicle as one Gaussian spot, where the vehicle was at that band's time. The colours' residuals are
weighted by the inverse covariance of the road's own colours, so that what all bands share (a patch of asphalt, a
shadow, a bright roof) counts little, and the three spots are matched together: a matched filter, and, where the bands'
amplitudes are left free, a generalised likelihood ratio.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.ndimage import gaussian_filter, map_coordinates, spline_filter

from sitewatch.look.traffic.mask import Floats


@dataclass(frozen=True, eq=False)
class Evidence:
    """Residuals of a pass, weighted and matched with a spot."""

    curves: Floats
    """(band, y, x): cubic spline through them; a straight line between pixels would favour whole pixels of motion."""
    inverse: Floats
    """(band, band): inverse covariance of the road's colours."""
    weights: Floats
    """(band,): brightness of the road; a vehicle exceeds it by the same share in each band."""
    spot_px: float


def evidence(residual: Floats, spread: Floats, weights: Floats, spot_px: float) -> Evidence:
    """Match residuals with a spot.

    Args:
        residual: (band, y, x), 0 where unseen.
        spread: (band, band), covariance of the road's colours.
        weights: (band,), brightness of the road.
        spot_px: standard deviation of the spot, pixels.
    """
    inverse = np.linalg.inv(spread)
    weighted = np.einsum("ab,byx->ayx", inverse, residual)
    matched = np.stack([gaussian_filter(plane, spot_px, truncate=4, mode="constant") for plane in weighted])
    curves = np.stack([spline_filter(plane, mode="mirror") for plane in matched])
    return Evidence(curves, inverse, weights, spot_px)


def score(seen: Evidence, rows: Floats, columns: Floats, angle: Floats, offsets_px: Floats) -> Floats:
    """Matched-filter score of a vehicle whose green spot lies at some places, in standard deviations of the road.

    Args:
        seen: of the pass.
        rows: (place,).
        columns: (place,).
        angle: (place,), way of the road, radians from columns towards rows.
        offsets_px: (band,), where each band's spot lies along that way, pixels.

    Returns:
        (place,).
    """
    found = _at(seen, rows, columns, angle, offsets_px)
    return np.asarray(seen.weights @ found / np.sqrt(seen.weights @ _gram(seen, offsets_px) @ seen.weights))


def amplitudes(seen: Evidence, row: float, column: float, angle: float, offsets_px: Floats) -> tuple[Floats, float]:
    """Each band's own amplitude, and how much the spots explain with all of them free.

    Returns:
        (band,), the sum of a spot over its pixels in the units of the planes, and the likelihood ratio (chi-square with
        as many degrees of freedom as bands where there is nothing).
    """
    found = _at(seen, np.array([row]), np.array([column]), np.array([angle]), offsets_px)[:, 0]
    sizes = np.linalg.solve(_gram(seen, offsets_px), found)
    return sizes, float(found @ sizes)


def at_rest(seen: Evidence, row: float, column: float, angle: float, offsets_px: Floats) -> float:
    """How much one spot of any colour at rest explains, wherever along the triplet it explains most."""
    ends = sorted(offsets_px)
    still = np.zeros(len(ends))
    places = [*ends, *(sum(pair) / 2 for pair in pairwise(ends))]
    return max(
        amplitudes(seen, row + at * np.sin(angle), column + at * np.cos(angle), angle, still)[1] for at in places
    )


def spots(
    shape: tuple[int, int], row: float, column: float, angle: float, offsets_px: Floats, spot_px: float
) -> Floats:
    """(band, y, x): spots of sum one where each band sees the vehicle."""
    y, x = np.ogrid[: shape[0], : shape[1]]
    middles = [(row + at * np.sin(angle), column + at * np.cos(angle)) for at in offsets_px]
    planes = [np.exp(-((y - r) ** 2 + (x - c) ** 2) / (2 * spot_px**2)) for r, c in middles]
    return np.stack(planes) / (2 * np.pi * spot_px**2)


def _at(seen: Evidence, rows: Floats, columns: Floats, angle: Floats, offsets_px: Floats) -> Floats:
    """(band, place)."""
    right, down = np.cos(angle), np.sin(angle)
    return np.stack([
        map_coordinates(plane, [rows + at * down, columns + at * right], order=3, mode="mirror", prefilter=False)
        for plane, at in zip(seen.curves, offsets_px, strict=True)
    ])  # fmt: skip


def _gram(seen: Evidence, offsets_px: Floats) -> Floats:
    """(band, band): how much the bands' spots overlap, weighted."""
    apart = offsets_px[:, None] - offsets_px
    overlap = np.exp(-(apart**2) / (4 * seen.spot_px**2)) / (4 * np.pi * seen.spot_px**2)
    return np.asarray(seen.inverse * overlap)
