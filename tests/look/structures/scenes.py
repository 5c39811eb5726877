"""Small made-up ground for the tests: fields, edges and houses, on disc as GeoTIFFs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.transform import Affine
from scipy.ndimage import gaussian_filter, shift

Image = NDArray[np.uint8]
House = tuple[int, int, int, int]
"""First row, first column, height and width, pixels."""
SIDE = 320
STANDING: tuple[House, ...] = (
    (20, 30, 40, 30),
    (30, 230, 34, 48),
    (150, 140, 28, 44),
    (250, 40, 40, 30),
    (240, 250, 36, 36),
)
GONE: House = (100, 60, 36, 52)
NEW: House = (170, 240, 40, 32)


def ground(seed: int = 0, side: int = SIDE) -> NDArray[np.float64]:
    """(3, y, x): rough brown ground with paths that cross it."""
    rng = np.random.default_rng(seed)
    rough = sum(a * gaussian_filter(rng.normal(size=(side, side)), s) * s for a, s in ((12, 12), (6, 3)))
    image = np.array([118.0, 108.0, 96.0])[:, None, None] + np.asarray(rough)
    rows, columns = np.mgrid[:side, :side]
    for slope, start in ((0.4, 70), (-0.7, 280), (1.9, -130)):
        path = np.abs(rows - start - slope * columns) < 4 * np.hypot(1, slope)
        image[:, path] = 150
    return image


def day(houses: Sequence[House], *, gain: float = 1.0, seed: int = 1, sun: tuple[int, int] = (6, 8)) -> Image:
    """The ground with houses and their shadows, as a camera of one day shows it."""
    image = ground()
    for top, left, height, width in houses:
        image[:, top + sun[0] : top + height + sun[0], left + sun[1] : left + width + sun[1]] *= 0.55
    for top, left, height, width in houses:
        image[:, top : top + height, left : left + width] = 205
        image[:, top : top + height // 2, left : left + width] = 185
    noise = np.random.default_rng(seed).normal(0, 2, image.shape)
    seen = np.stack([gaussian_filter(band, 0.7) for band in image]) * gain + noise
    return np.clip(seen, 0, 255).astype(np.uint8)


def aside(image: Image, by: tuple[float, float]) -> Image:
    """The content moved by rows and columns."""
    moved = [shift(band.astype(float), by, order=1, mode="reflect") for band in image]
    return np.clip(np.stack(moved), 0, 255).astype(np.uint8)


BEFORE = day((*STANDING, GONE))
AFTER = aside(day((*STANDING, NEW), gain=0.85, seed=2, sun=(8, -5)), (1.4, -0.8))


def written(path: Path, image: NDArray[Any], **how: Any) -> Path:
    """A GeoTIFF of 0.5 m pixels near Pyongyang, unless told otherwise."""
    kind = {
        "crs": "EPSG:32652", "transform": Affine(0.5, 0, 300_000, 0, -0.5, 4_000_000), "photometric": "RGB",
    } | how  # fmt: skip
    bands, height, width = image.shape
    with rasterio.open(path, "w", "GTiff", width, height, bands, dtype=image.dtype, **kind) as file:
        file.write(image)
    return path
