"""An analyst's own image as a figure: the fence and as much around it, at the scale that all images of a site share."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rasterio.enums import Resampling
from rasterio.errors import RasterioIOError
from rasterio.io import DatasetReader, MemoryFile
from rasterio.windows import Window

from sitewatch.errors import LedgerError
from sitewatch.records import Pass
from sitewatch.tell.chips import NEAR_INFRARED, TRUE_COLOUR, ChipImage, shared_stretch
from sitewatch.tell.figures import Ring, on_map, plate

MOST = 1400
"""Pixels on a side that a figure is drawn from; more of them are shown as their mean."""
_AROUND = 0.75
"""Half the side of the picture, in longer sides of the fence."""


class Picture(NamedTuple):
    """A figure with what has to be said of it."""

    png: bytes
    legend: str
    """What the colours mean."""


def picture(passed: Pass, data: bytes, fence: Ring) -> Picture:
    """Draw an image with its date, provider, licence, scale and north; grey is where it holds no data.

    Raises:
        LedgerError: the stored bytes are no such clip.
    """
    bands, legend = _shown(passed)
    try:
        with MemoryFile(data) as memory, memory.open() as stored:
            first, size = _frame(passed, fence)
            chip = _read(stored, passed, bands, first, size)
            plain = all(dtype == "uint8" for dtype in stored.dtypes)
    except (RasterioIOError, ValueError) as error:
        raise LedgerError(
            f"the clip {passed.chip} of the image {passed.id} cannot be read as a GeoTIFF ({error}); "
            "run `sitewatch verify` to see whether its bytes are intact"
        ) from error
    colours = chip.colour([*bands, *bands, *bands][:3])
    shown = np.clip(colours / np.float32(255), 0, 1) if plain else shared_stretch(colours, colours)[0]
    legend += ", as delivered" if plain else ", stretched from the 2nd to the 98th percentile of what is shown"
    return Picture(plate(chip, shown, chip.extent, fence, "image"), legend)


def _shown(passed: Pass) -> tuple[tuple[str, ...], str]:
    """The bands of the picture, and what its colours mean."""
    if set(TRUE_COLOUR) <= set(passed.bands):
        return TRUE_COLOUR, "true colour"
    if set(NEAR_INFRARED) <= set(passed.bands):
        return NEAR_INFRARED, "near infrared, with plants that grow shown in red"
    return passed.bands[:1], f"band {passed.bands[0]} in grey"


def _frame(passed: Pass, fence: Ring) -> tuple[tuple[int, int], tuple[int, int]]:
    """First column and row of what is shown, and columns and rows of it; it may reach beyond the clip.

    It depends on the fence alone, so that images of any pixel size are shown at one scale; without a fence over the
    clip it is the whole clip.
    """
    height, width = passed.grid.shape
    a, _, left, _, e, top = passed.grid.transform
    if fence:
        x, y = on_map(passed.grid.crs, fence)
        low, high = (x.min(), y.min()), (x.max(), y.max())
        half = _AROUND * max(high[0] - low[0], high[1] - low[1])
        side = max(round(2 * half / a), 1)
        column = round(((low[0] + high[0]) / 2 - half - left) / a)
        row = round(((low[1] + high[1]) / 2 + half - top) / e)
        if -side < column < width and -side < row < height:
            return (column, row), (side, side)
    return (0, 0), (width, height)


def _read(
    stored: DatasetReader, passed: Pass, bands: tuple[str, ...], first: tuple[int, int], size: tuple[int, int]
) -> ChipImage:
    """The frame of a clip, NaN where the clip ends or holds no data."""
    by = -(-max(size) // MOST)
    columns, rows = (max(side // by, 1) for side in size)
    left, right = _inside(first[0], columns, by, stored.width)
    top, bottom = _inside(first[1], rows, by, stored.height)
    window = Window(first[0] + left * by, first[1] + top * by, (right - left) * by, (bottom - top) * by)
    a, _, c, _, e, f = passed.grid.transform
    planes = {}
    for band in bands:
        plane = np.full((rows, columns), np.nan, np.float32)
        if right > left and bottom > top:
            plane[top:bottom, left:right] = _plane(stored, passed.bands.index(band) + 1, window, by)
        planes[band] = plane
    transform = (a * by, 0.0, c + a * first[0], 0.0, e * by, f + e * first[1])
    return ChipImage(planes, np.zeros((rows, columns), bool), passed.grid.crs, transform, passed)


def _inside(first: int, count: int, by: int, end: int) -> tuple[int, int]:
    """Of `count` steps of `by` pixels from `first` on, the first that lies wholly in the clip, and the one after it."""
    return max(-(first // by), 0), min((end - first) // by, count)


def _plane(stored: DatasetReader, number: int, window: Window, by: int) -> NDArray[np.float32]:
    shape = (window.height // by, window.width // by)
    read = stored.read(number, window=window, out_shape=shape, masked=True, resampling=Resampling.average)
    scaled = read.astype(float) * stored.scales[number - 1] + stored.offsets[number - 1]
    plane: NDArray[np.float32] = scaled.filled(np.nan).astype(np.float32)
    return plane
