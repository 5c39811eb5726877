"""How an image is cut into tiles so that every vehicle lies whole in one of them, and is counted by one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from sitewatch.look.vehicles.boxes import Array

MARGIN = 4.0
"""Pixels beyond its own core from which a tile still hands in boxes: two tiles may put one centre on either side."""


@dataclass(frozen=True)
class Tile:
    """A part of an image that the detector sees at once; it may reach beyond the image on the right and below."""

    x: int
    """Its first column."""
    y: int
    """Its first row."""
    core: tuple[float, float, float, float]
    """Left, top, right, bottom of the ground whose vehicles it counts, pixels of the image; infinite at the edges."""
    own: tuple[int, int, int, int]
    """Columns from, to, rows from, to: pixels that no later tile begins with; they add up to the image."""

    def counts(self, centre: Array) -> NDArray[np.bool_]:
        """(box,): whether centres, (box, 2) pixels of the image, lie in its core or a few pixels beyond."""
        left, top, right, bottom = self.core
        x, y = centre.T
        within = (x >= left - MARGIN) & (x < right + MARGIN) & (y >= top - MARGIN) & (y < bottom + MARGIN)
        return np.asarray(within)


def overlap_of(side: int, longest: float | None, least: float) -> tuple[int, bool]:
    """Overlap of neighbouring tiles, pixels, and whether the longest vehicle fits into it.

    Args:
        side: of a tile, pixels.
        longest: vehicle, pixels; None where the pixel size is not known.
        least: overlap, share of the side.
    """
    wanted = max(least * side, 0 if longest is None else longest + 2 * MARGIN)
    return min(math.ceil(wanted), side // 2), wanted <= side // 2


def lay(shape: tuple[int, int], tile: tuple[int, int], overlap: tuple[int, int], stride: int) -> list[Tile]:
    """Tiles over an image, row by row.

    They begin at multiples of the detector's stride, so that its grid lies on the same pixels in each of them.

    Args:
        shape: of the image, (height, width).
        tile: of a tile, the same.
        overlap: at least, the same.
        stride: of the detector, pixels.
    """
    rows, columns = (_axis(*sides, stride) for sides in zip(shape, tile, overlap, strict=True))
    return [
        Tile(x, y, (left, top, right, bottom), (x, beyond, y, below))
        for y, below, top, bottom in rows
        for x, beyond, left, right in columns
    ]


def _axis(length: int, side: int, overlap: int, stride: int) -> list[tuple[int, int, float, float]]:
    """Start, next start, and core from and to, of each tile along one axis."""
    step = max((side - overlap) // stride * stride, min(stride, side - overlap), 1)
    starts = [step * number for number in range(max(math.ceil((length - side) / step), 0) + 1)]
    ends = [*starts[1:], length]
    borders = [(later + start + side) / 2 for start, later in pairwise(starts)]
    return list(zip(starts, ends, [-math.inf, *borders], [*borders, math.inf], strict=True))
