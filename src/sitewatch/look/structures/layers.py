"""Two images on one grid, read window by window: from arrays, or from GeoTIFFs wherever and however they lie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from rasterio.errors import RasterioError
from rasterio.io import DatasetReader
from rasterio.vrt import WarpedVRT
from rasterio.windows import Window

from sitewatch.errors import InputError

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]


class Tile(NamedTuple):
    """A window of an image."""

    values: Floats
    """(band, y, x)."""
    seen: Bools
    """(y, x): the image holds data in every band."""


class Layer(Protocol):
    """An image on the common grid."""

    @property
    def name(self) -> str:
        """How a message calls it."""
        ...

    def read(self, rows: tuple[int, int], columns: tuple[int, int]) -> Tile:
        """A window, first and past-last row and column; unseen beyond the image."""
        ...


@dataclass(frozen=True, eq=False)
class Pair:
    """Two images on one grid, in an order that does not depend on which is the earlier."""

    first: Layer
    second: Layer
    shape: tuple[int, int]
    """Pixels of the common grid, (height, width)."""
    pixel_m: float
    colours: tuple[int, int, int] | None
    """Which of the bands are red, green and blue."""
    crs: str | None = None
    """Of the common grid; None for arrays."""
    transform: tuple[float, float, float, float, float, float] = (1, 0, 0, 0, 1, 0)
    """Affine coefficients a to f of the common grid: pixel (column, row) to the map."""


@dataclass(frozen=True, eq=False)
class ArrayLayer:
    """An array as an image."""

    name: str
    values: NDArray[np.generic]
    """(band, y, x)."""
    seen: Bools
    """(y, x)."""

    def read(self, rows: tuple[int, int], columns: tuple[int, int]) -> Tile:
        """See `Layer`."""
        height, width = self.seen.shape
        part, inner = _parts(rows, columns, (height, width))
        tile = _blank(len(self.values), rows, columns)
        tile.values[(slice(None), *inner)] = self.values[(slice(None), *part)]
        tile.seen[inner] = self.seen[part]
        np.copyto(tile.values, 0, where=~tile.seen)
        return tile


@dataclass(frozen=True, eq=False)
class FileLayer:
    """An open GeoTIFF as an image on the common grid; laid on it while it is read where it lies otherwise."""

    name: str
    file: DatasetReader | WarpedVRT
    bands: tuple[int, ...]
    """Numbers in the file, from 1."""
    corner: tuple[int, int]
    """Row and column of the file's own pixels at which the common grid begins."""

    def read(self, rows: tuple[int, int], columns: tuple[int, int]) -> Tile:
        """See `Layer`.

        Raises:
            InputError: what is read is broken, or the file is shorter than it says.
        """
        top, left = self.corner
        moved = (rows[0] + top, rows[1] + top), (columns[0] + left, columns[1] + left)
        part, inner = _parts(*moved, (self.file.height, self.file.width))
        tile = _blank(len(self.bands), rows, columns)
        if part[0].start >= part[0].stop or part[1].start >= part[1].stop:
            return tile
        window = Window.from_slices(*part)
        try:
            values = self.file.read(list(self.bands), window=window)
            masks = self.file.read_masks(list(self.bands), window=window)
        except RasterioError as error:
            what = error.__cause__ or error
            raise InputError(
                f"{self.name}: it is cut short or damaged ({' '.join(str(what).split())}); get it again from where it "
                "came"
            ) from error
        seen = np.logical_and.reduce((masks > 0) & np.isfinite(values))
        tile.values[(slice(None), *inner)] = np.where(seen, values, 0)
        tile.seen[inner] = seen
        return tile


def _parts(
    rows: tuple[int, int], columns: tuple[int, int], shape: tuple[int, int]
) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """What of a window lies on an image of this shape, in the image's pixels and in the window's."""
    parts, inner = [], []
    for (first, last), size in zip((rows, columns), shape, strict=True):
        low, high = min(max(first, 0), size), min(max(last, 0), size)
        parts.append(slice(low, high))
        inner.append(slice(low - first, high - first) if high > low else slice(0, 0))
    return (parts[0], parts[1]), (inner[0], inner[1])


def _blank(bands: int, rows: tuple[int, int], columns: tuple[int, int]) -> Tile:
    shape = (rows[1] - rows[0], columns[1] - columns[0])
    return Tile(np.zeros((bands, *shape), np.float32), np.zeros(shape, bool))
