"""Pieces of two GeoTIFFs laid together as a comparison found them: the same ground on both days, pixel by pixel."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sitewatch.look.structures.common import opened_pair
from sitewatch.look.structures.layers import Pair, Tile
from sitewatch.look.structures.pairs import Comparison
from sitewatch.look.structures.place import averaged, laid
from sitewatch.look.structures.settings import StructureSettings

Bounds = tuple[float, float, float, float]
"""Left, bottom, right, top on the map."""
_DEFAULT = StructureSettings()


@dataclass(frozen=True, eq=False)
class Piece:
    """The same ground on both days."""

    before: Tile
    after: Tile
    transform: tuple[float, float, float, float, float, float]
    """Affine coefficients a to f: pixel (column, row) to the map."""
    pixel_m: float


@dataclass(frozen=True, eq=False)
class LaidPair:
    """Two open GeoTIFFs on one grid."""

    pair: Pair
    swapped: bool
    """Whether the later image stands first in the pair."""
    comparison: Comparison

    @property
    def ground(self) -> Bounds:
        """The common ground on the map."""
        a, _, left, _, e, top = self.pair.transform
        height, width = self.pair.shape
        return left, top + e * height, left + a * width, top

    def read(self, bounds: Bounds, by: int = 1) -> Piece:
        """A piece of both images, `by` x `by` pixels of the common grid as their mean; unseen beyond the images.

        Args:
            bounds: what to read on the map; whole pixels around it are.
            by: how much it is thinned.
        """
        a, _, c, _, e, f = self.pair.transform
        columns = math.floor((bounds[0] - c) / (a * by)), math.ceil((bounds[2] - c) / (a * by))
        rows = math.floor((bounds[3] - f) / (e * by)), math.ceil((bounds[1] - f) / (e * by))
        return self._piece(rows, columns, by)

    def square(self, middle: tuple[float, float], side: int, by: int = 1) -> Piece:
        """A square of so many pixels a side around a point of the map, x and y; otherwise as `read`."""
        a, _, c, _, e, f = self.pair.transform
        column, row = (round((middle[0] - c) / (a * by) - side / 2), round((middle[1] - f) / (e * by) - side / 2))
        return self._piece((row, row + side), (column, column + side), by)

    def _piece(self, rows: tuple[int, int], columns: tuple[int, int], by: int) -> Piece:
        """First and past-last row and column of the thinned common grid."""
        a, _, c, _, e, f = self.pair.transform
        shape = rows[1] - rows[0], columns[1] - columns[0]
        read = self.pair.first.read((rows[0] * by, rows[1] * by), (columns[0] * by, columns[1] * by))
        matrix = self.comparison.registration.matrix
        both = averaged(read, by), laid(self.pair.second, matrix, (rows[0], columns[0]), shape, by)
        before, after = both[::-1] if self.swapped else both
        transform = (a * by, 0.0, c + columns[0] * a * by, 0.0, e * by, f + rows[0] * e * by)
        return Piece(before, after, transform, self.pair.pixel_m * by)


def in_bytes(piece: Piece, bands: Sequence[int]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """A piece of both days (band, y, x) on one scale of 8 bits; ground that is not seen on both is 0.

    Numbers within 0 to 255 stay what they are; others run from the least to the largest of each band.

    Args:
        piece: of a pair.
        bands: which of the pair's.
    """
    seen = piece.before.seen & piece.after.seen
    both = [tile.values[list(bands)] for tile in (piece.before, piece.after)]
    held = np.concatenate([image[:, seen] for image in both], axis=1) if seen.any() else np.zeros((len(bands), 1))
    low, high = held.min(1), held.max(1)
    plain = bool(low.min() >= 0 and high.max() <= 255)
    floor, width = (np.zeros(len(bands)), np.full(len(bands), 255.0)) if plain else (low, np.maximum(high - low, 1e-9))
    first, second = (
        np.where(seen, np.rint((image - floor[:, None, None]) / width[:, None, None] * 255), 0)
        .clip(0, 255)
        .astype(np.uint8)
        for image in both
    )
    return first, second


@contextmanager
def laid_pair(
    before: Path, after: Path, comparison: Comparison, *, names: Sequence[str] = (),
    settings: StructureSettings = _DEFAULT,
) -> Iterator[LaidPair]:  # fmt: skip
    """Open two files that were compared, to read pieces of them.

    Args:
        before: the earlier image.
        after: the later one.
        comparison: of the two.
        names: of the bands, as they were given to the comparison.
        settings: of the comparison.

    Raises:
        InputError: as `compare_files`.
    """
    with opened_pair(before, after, settings, names) as (pair, swapped):
        yield LaidPair(pair, swapped, comparison)
