"""What of an image is kept: which pixels over a fence and its ring, read in strips, as north-up squares of metres."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pyproj import Geod, Transformer
from rasterio.io import DatasetReader
from rasterio.transform import Affine
from rasterio.warp import Resampling, reproject
from rasterio.windows import Window
from shapely import transform as moved
from shapely.geometry import Polygon, box

from sitewatch.errors import InputError
from sitewatch.look.geotiff import Raster
from sitewatch.look.grid import WGS84, fence_polygon, projected, ring_width, utm_zone
from sitewatch.records import Site

LEAST_RING = 0.25
"""Least width of the ring that is kept on each side, in longer sides of the fence; under it pixels are thinned out."""
_STRIP_BYTES = 8 * 2**20
"""Bytes that are read at once."""
_ALIKE = 0.01
"""Share by which a pixel's size may differ from what the ellipsoid says, and its width from its height."""
_STEP_M = 100.0
"""A straight line is drawn through points at most this far apart, so that it bends with the projection."""
_EARTH = Geod(ellps="WGS84")

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""


class Part(NamedTuple):
    """What is to be read of a file."""

    window: Window
    ring: float
    """Metres around the fence."""
    thinned: int
    """So many pixels by so many become one, their mean."""


class Pixels(NamedTuple):
    """Numbers with where they lie."""

    values: NDArray[Any]
    """(band, y, x)."""
    seen: NDArray[np.bool_]
    """(y, x): True where the image holds data."""
    crs: str
    transform: tuple[float, float, float, float, float, float]


def choose(raster: Raster, site: Site, path: Path, most: int) -> Part:
    """The fence with as wide a ring as there is room for."""
    zone = utm_zone(site)
    fence = fence_polygon(site, zone)
    frame = box(0, 0, raster.shape[1], raster.shape[0])
    there = _in_pixels(fence, zone, raster)
    if there is None or there.intersection(frame).area == 0:
        raise InputError(_elsewhere(raster, site, path))
    longer = longer_side(site, zone)
    widest, least = ring_width(longer), LEAST_RING * longer
    for share in np.linspace(1, 0, 21):
        ring = float(least + share * (widest - least))
        window = _window(fence, ring, zone, raster)
        size = window.width * window.height * raster.pixel_bytes
        if size <= most:
            return Part(window, ring, 1)
    thinned = min(math.ceil(math.sqrt(size / most)), window.width, window.height)
    width, height = (side // thinned * thinned for side in (window.width, window.height))
    return Part(Window(window.col_off, window.row_off, width, height), ring, thinned)


def longer_side(site: Site, zone: str) -> float:
    """The longer side of a fence, metres."""
    west, south, east, north = fence_polygon(site, zone).bounds
    return float(max(east - west, north - south))


def _window(fence: Polygon, ring: float, zone: str, raster: Raster) -> Window:
    """Whole pixels of the image over the fence and a ring around it."""
    west, south, east, north = fence.bounds
    wide = _in_pixels(box(west - ring, south - ring, east + ring, north + ring), zone, raster)
    left, top, right, bottom = (wide or _in_pixels(fence, zone, raster) or fence).bounds
    height, width = raster.shape
    left, top = max(math.floor(left), 0), max(math.floor(top), 0)
    return Window(left, top, min(math.ceil(right), width) - left, min(math.ceil(bottom), height) - top)


def _in_pixels(polygon: Polygon, crs: str, raster: Raster) -> Polygon | None:
    """A polygon of the map as columns and rows of the image; None where the image's projection does not reach it."""
    inverse = ~Affine(*raster.transform)
    on_map = projected(polygon.segmentize(_STEP_M), crs, raster.crs)
    if not np.isfinite(on_map.bounds).all():
        return None
    return moved(
        on_map,
        lambda c: np.column_stack(
            (
                inverse.a * c[:, 0] + inverse.b * c[:, 1] + inverse.c,
                inverse.d * c[:, 0] + inverse.e * c[:, 1] + inverse.f,
            )
        ),
    )


def _elsewhere(raster: Raster, site: Site, path: Path) -> str:
    """That an image shows nothing of the fence: where each of them lies, and how far apart."""
    fence = fence_polygon(site)
    there = f"the fence of site {site.slug} lies at {_bounds(fence)}"
    a, b, c, d, e, f = raster.transform
    corners = [(x, y) for x, y in ((0, 0), (1, 0), (1, 1), (0, 1))]
    outline = Polygon(
        (a * x * raster.shape[1] + b * y * raster.shape[0] + c, d * x * raster.shape[1] + e * y * raster.shape[0] + f)
        for x, y in corners
    )
    lies = projected(outline, raster.crs, WGS84)
    if not np.isfinite(lies.bounds).all():
        return f"{path}: by its georeference the image lies nowhere on the globe; {there}; georeference the image again"
    apart = _EARTH.inv(lies.centroid.x, lies.centroid.y, fence.centroid.x, fence.centroid.y)[2] / 1000
    return (
        f"{path}: the image shows nothing of the fence: it lies at {_bounds(lies)}, {there}, {apart:,.0f} km away; "
        "name the site that it shows, or mend the image's reference system"
    )


def _bounds(polygon: Polygon) -> str:
    west, south, east, north = polygon.bounds
    return f"longitude {west:.4f} to {east:.4f}, latitude {south:.4f} to {north:.4f}"


# --- Reading


def read(file: DatasetReader, raster: Raster, part: Part, path: Path, progress: Progress) -> Pixels:
    """The wanted part of a file, in strips of whole rows."""
    window, thinned = part.window, part.thinned
    height, width = window.height // thinned, window.width // thinned
    values = np.zeros((len(raster.names), height, width), raster.dtype)
    seen = np.zeros((height, width), bool)
    rows = max(_STRIP_BYTES // (window.width * raster.pixel_bytes * thinned), 1)
    for first in range(0, height, rows):
        last = min(first + rows, height)
        strip = Window(window.col_off, window.row_off + first * thinned, window.width, (last - first) * thinned)
        read, mask = _strip(file, raster, strip)
        values[:, first:last], seen[first:last] = _thin(read, mask, thinned)
        progress(f"reading {path.name}", last, height)
    a, b, _, d, e, _ = (thinned * coefficient for coefficient in raster.transform)
    left, top = _corner(raster.transform, window.col_off, window.row_off)
    return Pixels(values, seen, raster.code or raster.crs, (a, b, left, d, e, top))


def _strip(file: DatasetReader, raster: Raster, window: Window) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Values (band, y, x) and where any band holds a finite number that is not the file's no-data."""
    values = file.read(list(raster.bands), window=window)
    masks: NDArray[np.uint8] = file.read_masks(list(raster.bands), window=window)
    seen: NDArray[np.bool_] = np.logical_or.reduce((masks > 0) & np.isfinite(values))
    if raster.palette is None:
        return values.astype(raster.dtype, copy=False), seen
    colours = raster.palette[np.minimum(values[0], len(raster.palette) - 1)]
    return np.moveaxis(colours[..., :3], -1, 0), np.logical_and(seen, colours[..., 3] > 0)


def _thin(values: NDArray[Any], seen: NDArray[np.bool_], by: int) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Squares of `by` x `by` pixels as the mean of those that hold data."""
    if by == 1:
        return values, seen
    bands, height, width = values.shape
    thin = np.empty((bands, height // by, width // by), values.dtype)
    for band, out in zip(values, thin, strict=True):
        known = seen & np.isfinite(band)
        count = _sums(known, by)
        mean = _sums(band if known.all() else np.where(known, band, 0), by) / np.maximum(count, 1)
        out[:] = np.where(count > 0, mean, np.nan) if np.issubdtype(values.dtype, np.floating) else np.rint(mean)
    return thin, _sums(seen, by) > 0


def _sums(plane: NDArray[Any], by: int) -> NDArray[np.float64]:
    """Sums over squares of `by` x `by` pixels: first down, where memory runs straight, then across."""
    height, width = plane.shape
    rows = np.add.reduce(plane.reshape(height // by, by, width), axis=1, dtype=float)
    sums: NDArray[np.float64] = np.add.reduce(rows.reshape(height // by, width // by, by), axis=2)
    return sums


# --- On the map


def upright(pixels: Pixels, raster: Raster, zone: str) -> tuple[Pixels, str]:
    """Pixels that are north-up squares of metres, and how they became that."""
    side_x, side_y = _sides(pixels)
    a, b, _, d, e, _ = pixels.transform
    metric = all(abs(side / stated - 1) < _ALIKE for side, stated in ((side_x, a), (side_y, -e)))
    if raster.code and not (b or d) and metric and abs(side_x / side_y - 1) < _ALIKE:
        return pixels, "none"
    pixel = round(math.sqrt(side_x * side_y), 6)
    height, width = pixels.seen.shape
    outline = Polygon(_corner(pixels.transform, x, y) for x, y in ((0, 0), (width, 0), (width, height), (0, height)))
    west, south, east, north = projected(outline, pixels.crs, zone).bounds
    left, top = math.floor(west / pixel) * pixel, math.ceil(north / pixel) * pixel
    shape = (math.ceil((top - south) / pixel), math.ceil((east - left) / pixel))
    affine = Affine(pixel, 0, left, 0, -pixel, top)
    laid = {
        "src_transform": Affine(*pixels.transform), "src_crs": pixels.crs, "dst_transform": affine, "dst_crs": zone,
        "resampling": Resampling.nearest,
    }  # fmt: skip
    values, seen = np.zeros((len(pixels.values), *shape), pixels.values.dtype), np.zeros(shape, np.uint8)
    reproject(pixels.values, values, **laid)
    reproject(pixels.seen.astype(np.uint8), seen, **laid)
    return Pixels(values, seen > 0, zone, tuple(affine)[:6]), "nearest"


def _sides(pixels: Pixels) -> tuple[float, float]:
    """Width and height of the middle pixel on the ellipsoid, metres."""
    height, width = pixels.seen.shape
    middle = [(width / 2 + x, height / 2 + y) for x, y in ((0, 0), (1, 0), (0, 1))]
    to_earth = Transformer.from_crs(pixels.crs, WGS84, always_xy=True)
    here, right, below = (to_earth.transform(*_corner(pixels.transform, x, y)) for x, y in middle)
    return _EARTH.inv(*here, *right)[2], _EARTH.inv(*here, *below)[2]


def _corner(transform: Sequence[float], column: float, row: float) -> tuple[float, float]:
    a, b, c, d, e, f = transform
    return a * column + b * row + c, d * column + e * row + f
