"""The power of one pair: structures that stand on both days are razed in the later image, and it is counted how many
of them the comparison tells; simulated.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rasterio.features import geometry_mask
from rasterio.transform import Affine
from shapely.geometry.base import BaseGeometry

from sitewatch.errors import InputError
from sitewatch.look.structures.planted import Power, power
from sitewatch.look.structures.settings import StructureSettings
from sitewatch.look.structures.windows import LaidPair, in_bytes

_AROUND_M = 60.0
"""Ground around a structure that is read with it."""
_LEAST_M = 160.0
"""Least side of what is read: a pair needs so much to be laid together."""
_MOST_PX = 900
"""Longest side of what is read, pixels; finer images are thinned."""
_TIMES = 5
_MOST = 6
"""Structures that are razed."""
_DEFAULT = StructureSettings()


@dataclass(frozen=True)
class Razed:
    """What planted demolitions of a pair tell."""

    power: Power | None
    """Over all structures razed; None where none could be."""
    structures: int
    """How many of them."""
    reason: str
    """Why there is none, or why some could not be razed; "" where all could."""


def razed(
    laid: LaidPair, standing: Sequence[BaseGeometry], *, seed: int = 0, settings: StructureSettings = _DEFAULT
) -> Razed:
    """Raze structures that stand on both days, each five times with other ground, and count what is told as removed.

    Args:
        laid: the pair, open.
        standing: outlines on the comparison's map, one for each structure.
        seed: of the ground that is planted.
        settings: of the comparison.
    """
    if not standing:
        return Razed(None, 0, "no part is named that stands on both days")
    rng = np.random.default_rng(seed)
    got: list[Power] = []
    why: list[str] = []
    for outline in standing[:_MOST]:
        try:
            got.append(_one(laid, outline, standing, rng, settings))
        except InputError as error:
            why.append(str(error))
    if not got:
        return Razed(None, 0, f"no structure could be razed: {why[0]}")
    areas = [edge for one in got for edge in one.area_m2]
    whole = Power((min(areas), max(areas)), sum(one.told for one in got), sum(one.planted for one in got))
    return Razed(whole, len(got), f"{len(why)} could not be razed: {why[0]}" if why else "")


def _one(
    laid: LaidPair, outline: BaseGeometry, standing: Sequence[BaseGeometry], rng: np.random.Generator,
    settings: StructureSettings,
) -> Power:  # fmt: skip
    left, bottom, right, top = outline.bounds
    half = max(right - left + 2 * _AROUND_M, top - bottom + 2 * _AROUND_M, _LEAST_M) / 2
    x, y = (left + right) / 2, (bottom + top) / 2
    by = max(math.ceil(2 * half / laid.pair.pixel_m / _MOST_PX), 1)
    piece = laid.read((x - half, y - half, x + half, y + half), by)
    seen = piece.before.seen & piece.after.seen
    footprint = _mask(outline, seen, piece.transform)
    if not seen[footprint].all() or not footprint.any():
        raise InputError("a structure is not seen whole on both days; give images that show it")
    others = [other for other in standing if other is not outline and other.distance(outline) < 4 * half]
    kept = np.logical_or.reduce([np.zeros_like(seen), *(_mask(other, seen, piece.transform) for other in others)])
    before, after = in_bytes(piece, laid.pair.colours or (0, 0, 0))
    (one,) = power(
        before, after, [footprint & ~kept], piece.pixel_m, (), rng, times=_TIMES, settings=settings
    )  # fmt: skip
    area = float(footprint.sum()) * piece.pixel_m**2
    return Power((area, area), one.told, one.planted)


def _mask(outline: BaseGeometry, like: NDArray[np.bool_], transform: Sequence[float]) -> NDArray[np.bool_]:
    out: NDArray[np.bool_] = geometry_mask([outline], like.shape, Affine(*transform), invert=True)
    return out
