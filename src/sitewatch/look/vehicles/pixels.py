"""Pixels of an analyst's GeoTIFF as a detector wants them: windows of red, green and blue from 0 to 255."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rasterio.enums import ColorInterp
from rasterio.errors import RasterBlockError
from rasterio.io import DatasetReader
from rasterio.windows import Window

from sitewatch.errors import InputError
from sitewatch.look.geotiff import check_blocks

GREY = 114.0
"""What stands where the image holds no data, and beyond its edge: the grey with which detectors are trained to pad."""
_TAILS = (1.0, 99.0)
"""Percentiles that become 0 and 255 where numbers are not bytes."""
_SAMPLES = 8
"""Windows along each axis from which those percentiles are taken."""
_SAMPLE = 128
_SQUEEZED = 5000
"""Bytes that one byte of a file can stand for, at most."""


@dataclass(frozen=True, eq=False)
class Picture:
    """An open image, and how its numbers become colours."""

    file: DatasetReader
    bands: tuple[int, int, int]
    """Numbers, from 1, of what is shown as red, green and blue; the same three times for one band."""
    dark: NDArray[np.float32]
    """(3,): number that becomes 0."""
    bright: NDArray[np.float32]
    """(3,): number that becomes 255."""
    present: NDArray[np.bool_]
    """(block rows, block columns): False for blocks that the file does not hold."""
    shape: tuple[int, int]
    """Pixels, (height, width)."""

    def window(self, x: int, y: int, shape: tuple[int, int]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """A window that may reach beyond the image on the right and below.

        Args:
            x: first column.
            y: first row.
            shape: (height, width), pixels.

        Returns:
            (3, height, width) colours from 0 to 255, and (height, width) where the image holds data.
        """
        height, width = min(shape[0], self.shape[0] - y), min(shape[1], self.shape[1] - x)
        colours, known = np.full((3, *shape), GREY, np.float32), np.zeros(shape, bool)
        values, seen = _read(self.file, self.bands, Window(x, y, width, height))
        seen &= self._held(x, y, height, width)
        scaled = (values - self.dark[:, None, None]) * (255 / (self.bright - self.dark))[:, None, None]
        colours[:, :height, :width] = np.where(seen, np.clip(scaled, 0, 255), GREY)
        known[:height, :width] = seen
        return colours, known

    def _held(self, x: int, y: int, height: int, width: int) -> NDArray[np.bool_]:
        high, wide = self.file.block_shapes[0]
        rows, columns = np.arange(y, y + height) // high, np.arange(x, x + width) // wide
        return self.present[np.ix_(rows, columns)]


def picture(file: DatasetReader, path: Path, bands: Sequence[int] = ()) -> Picture:
    """How an open image is to be shown to a detector.

    Bytes stay as they are. Other numbers are stretched from the 1st to the 99th percentile of each band, taken once
    from windows all over the image, so that every tile is shown alike.

    Args:
        file: open.
        path: how a message calls it.
        bands: numbers, from 1, of red, green and blue, or of one band; empty to take what the file says of itself.

    Raises:
        InputError: the bands cannot be told, the numbers cannot be shown, the file holds less than its header says, or
            no data at all.
    """
    shown = _bands(file, path, bands)
    for number in shown:
        if np.issubdtype(np.dtype(file.dtypes[number - 1]), np.complexfloating):
            raise InputError(
                f"{path}: its numbers are complex, as radar delivers them; right would be a picture in bands"
            )
    _check_size(file, path)
    present = _present(file)
    shape = (file.height, file.width)
    plain = Picture(file, shown, np.zeros(3, np.float32), np.full(3, 255, np.float32), present, shape)
    if all(file.dtypes[number - 1] == "uint8" for number in shown):
        return plain
    dark, bright = _tails(plain, path)
    return Picture(file, shown, dark, bright, present, shape)


def _bands(file: DatasetReader, path: Path, given: Sequence[int]) -> tuple[int, int, int]:
    kinds = file.colorinterp
    if kinds[0] is ColorInterp.palette:
        raise InputError(
            f"{path}: its colours come from a palette; mend: gdal_translate -expand rgb {path.name} {path.stem}-rgb.tif"
        )
    if given:
        if len(given) not in (1, 3) or not all(1 <= number <= file.count for number in given):
            raise InputError(
                f"{path}: bands {', '.join(map(str, given))} are asked for and it has {file.count}; right would be the "
                "numbers of red, green and blue, or of one band"
            )
        return (given[0], given[0], given[0]) if len(given) == 1 else (given[0], given[1], given[2])
    numbers = [number for number, kind in enumerate(kinds, start=1) if kind is not ColorInterp.alpha]
    if len(numbers) == 1:
        return numbers[0], numbers[0], numbers[0]
    described = [(text or "").strip().lower() for text in file.descriptions]
    named = [described.index(name) + 1 if name in described else 0 for name in ("red", "green", "blue")]
    coloured = [
        kinds.index(kind) + 1 if kind in kinds else 0 for kind in (ColorInterp.red, ColorInterp.green, ColorInterp.blue)
    ]
    for found in (named, coloured, numbers if len(numbers) == 3 else []):
        if len(found) == 3 and all(found):
            return found[0], found[1], found[2]
    raise InputError(
        f"{path}: it has {len(numbers)} bands and does not say which are red, green and blue; name them by number, "
        "such as --bands 3,2,1"
    )


def _check_size(file: DatasetReader, path: Path) -> None:
    pixel = sum(np.dtype(dtype).itemsize for dtype in file.dtypes)
    told, there = file.width * file.height * pixel, path.stat().st_size
    if told > _SQUEEZED * there:
        raise InputError(
            f"{path}: its header says {file.width:,} x {file.height:,} pixels, and the file holds {there:,} bytes: "
            "most of it is not there; get it again from where it came, or cut out the part that holds data"
        )
    check_blocks(file, path)


def _present(file: DatasetReader) -> NDArray[np.bool_]:
    """Which blocks of the first band the file holds; a reader gives zeros for the others."""
    high, wide = file.block_shapes[0]
    rows, columns = -(-file.height // high), -(-file.width // wide)
    present = np.ones((rows, columns), bool)
    for row, column in np.ndindex(rows, columns):
        try:
            file.block_size(1, row, column)
        except RasterBlockError:
            present[row, column] = False
    return present


def _read(
    file: DatasetReader, bands: tuple[int, int, int], window: Window
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """(3, y, x) numbers and (y, x) where any band holds data."""
    wanted = list(dict.fromkeys(bands))
    values = file.read(wanted, window=window).astype(np.float32)
    finite = np.isfinite(values)
    seen = ((file.read_masks(wanted, window=window) > 0) & finite).any(0)
    values = np.where(finite, values, 0)
    return values[[wanted.index(band) for band in bands]], seen


def _tails(picture: Picture, path: Path) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    height, width = picture.shape
    samples = []
    for y in np.unique(np.linspace(0, max(height - _SAMPLE, 0), _SAMPLES).astype(int)):
        for x in np.unique(np.linspace(0, max(width - _SAMPLE, 0), _SAMPLES).astype(int)):
            size = (min(_SAMPLE, height - int(y)), min(_SAMPLE, width - int(x)))
            values, seen = _read(picture.file, picture.bands, Window(int(x), int(y), size[1], size[0]))
            samples.append(values[:, seen & picture._held(int(x), int(y), *size)])
    every = np.concatenate(samples, axis=1)
    if not every.shape[1]:
        raise InputError(
            f"{path}: it holds no data wherever it was looked at, in {len(samples)} windows all over it; take another "
            "image, or mend its no-data value"
        )
    dark, bright = np.percentile(every, _TAILS, axis=1).astype(np.float32)
    return dark, np.maximum(bright, dark + np.float32(1e-6) + np.abs(dark) * np.float32(1e-6))
