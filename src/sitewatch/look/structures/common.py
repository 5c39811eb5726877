"""Two GeoTIFFs on one grid: whether they can be compared, and where."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
from pyproj import Geod, Transformer
from rasterio.enums import Resampling
from rasterio.io import DatasetReader
from rasterio.transform import Affine
from rasterio.vrt import WarpedVRT
from rasterio.warp import transform_bounds

from sitewatch.errors import InputError
from sitewatch.look.geotiff import WGS84, Raster, describe, opened
from sitewatch.look.structures.layers import FileLayer, Pair
from sitewatch.look.structures.settings import StructureSettings

_EARTH = Geod(ellps="WGS84")
_SQUARE = 0.01
"""Share by which sides of a pixel may differ from each other and from what the map states."""


@contextmanager
def opened_pair(
    before: Path, after: Path, settings: StructureSettings, names: Sequence[str] = ()
) -> Iterator[tuple[Pair, bool]]:
    """Two GeoTIFFs on the grid of the coarser one, cut to their common ground; whether the later one stands first.

    Images in another reference system, rotated, or with other pixels are laid onto that grid while they are read. Where
    the coarser image is no north-up square of metres, the grid is the UTM zone of the common ground.

    Raises:
        InputError: a file cannot be used, or the two do not fit together; the message says why and what would mend it.
    """
    with ExitStack() as stack:
        files = [stack.enter_context(opened(path)) for path in (before, after)]
        rasters = [
            describe(file, path, names, zone="EPSG:CODE")
            for file, path in zip(files, (before, after), strict=True)
        ]  # fmt: skip
        for raster, path in zip(rasters, (before, after), strict=True):
            if raster.palette is not None:
                raise InputError(
                    f"{path}: its colours come from a palette; mend: gdal_translate -expand rgb {path.name} "
                    f"{path.stem}-rgb.tif"
                )
        sides = [_pixel_m(raster) for raster in rasters]
        fitting((str(before), str(after)), (sides[0], sides[1]), settings)
        keys = [
            (-side, raster.crs, raster.transform, raster.shape) for side, raster in zip(sides, rasters, strict=True)
        ]
        swapped = keys[1] < keys[0] or (keys[1] == keys[0] and str(after) < str(before))
        order = (1, 0) if swapped else (0, 1)
        paths = (before, after)
        bands = _common([rasters[n] for n in order], [str(paths[n]) for n in order])
        pixel_m = sides[order[0]]
        crs, transform, shape = _common_grid([rasters[n] for n in order], pixel_m, (str(before), str(after)), settings)
        layers = [
            _laid(stack, files[n], rasters[n], str(paths[n]), bands, crs, transform, shape) for n in order
        ]  # fmt: skip
        pair = Pair(layers[0], layers[1], shape, transform.a, colours(bands), crs, tuple(transform)[:6])
        yield pair, swapped


def fitting(names: tuple[str, str], sides: tuple[float, float], settings: StructureSettings) -> None:
    """Refuse pixels that are too coarse, or too unlike, to be compared.

    Raises:
        InputError: with both pixel sizes.
    """
    for name, side in zip(names, sides, strict=True):
        if not (math.isfinite(side) and side > 0):
            raise InputError(f"{name}: its pixels have no size ({side:g} m); right would be metres above 0")
        if side > settings.coarsest_m:
            raise InputError(
                f"{name}: its pixels are {side:.3g} m wide; structures need {settings.coarsest_m:g} m or less: give a "
                "finer image, or watch the site with the monitor"
            )
    if max(sides) / min(sides) >= settings.widest_ratio:
        raise InputError(
            f"{names[0]} has pixels of {sides[0]:.3g} m, {names[1]} of {sides[1]:.3g} m: {max(sides) / min(sides):.1f} "
            f"times apart, and less than {settings.widest_ratio:g} times is needed; give a pair of like resolution, or "
            "average the finer one first"
        )


def colours(names: Sequence[str]) -> tuple[int, int, int] | None:
    """Places of red, green and blue among bands; None where one is missing."""
    held = list(names)
    if not {"red", "green", "blue"} <= set(held):
        return None
    return held.index("red"), held.index("green"), held.index("blue")


def _common(rasters: Sequence[Raster], paths: Sequence[str]) -> list[str]:
    """Names of the bands that both images have, in the first one's order."""
    one, two = (raster.names for raster in rasters)
    shared = [name for name in one if name in two]
    if not shared:
        raise InputError(
            f"{paths[0]} has the bands {', '.join(one)}, {paths[1]} {', '.join(two)}: none in common; "
            "give images that share a colour, or name the bands alike"
        )
    return shared


def _pixel_m(raster: Raster) -> float:
    """Side of the middle pixel on the ellipsoid, metres: root of its area."""
    to_earth = Transformer.from_crs(raster.crs, WGS84, always_xy=True)
    row, column = raster.shape[0] / 2, raster.shape[1] / 2
    here, right, below = (
        to_earth.transform(*_onto(raster.transform, *at))
        for at in ((column, row), (column + 1, row), (column, row + 1))
    )
    return math.sqrt(_EARTH.inv(*here, *right)[2] * _EARTH.inv(*here, *below)[2])


def _common_grid(
    rasters: Sequence[Raster], pixel_m: float, names: tuple[str, str], settings: StructureSettings
) -> tuple[str, Affine, tuple[int, int]]:
    """The grid of the first image, or a UTM one of its pixel size, cut to the ground of both."""
    a, b, _, d, e, _ = rasters[0].transform
    metric = not (b or d) and e < 0 and all(abs(side / pixel_m - 1) < _SQUARE for side in (a, -e))
    crs = rasters[0].crs
    if not metric:
        west, south, east, north = _ground(rasters[0], WGS84)
        zone = int(((west + east) / 2 + 180) // 6) % 60 + 1
        crs, a, e = f"EPSG:{32600 + zone if south + north >= 0 else 32700 + zone}", pixel_m, -pixel_m
    grounds = [_ground(raster, crs) for raster in rasters]
    west, south = (max(ground[n] for ground in grounds) for n in (0, 1))
    east, north = (min(ground[n] for ground in grounds) for n in (2, 3))
    smaller = min((g[2] - g[0]) * (g[3] - g[1]) for g in grounds)
    shared = max(east - west, 0) * max(north - south, 0) / smaller
    if not shared >= settings.least_overlap:
        raise InputError(
            f"{names[0]} and {names[1]} share {shared:.0%} of the smaller one's ground, {settings.least_overlap:.0%} "
            "is needed: give two images of one place, or mend the reference system of the one that lies elsewhere"
        )
    left, top = (rasters[0].transform[2], rasters[0].transform[5]) if metric else (west, north)
    column, row = round((west - left) / a), round((north - top) / e)
    shape = (round((south - north) / e), round((east - west) / a))
    return crs, Affine(a, 0, left + column * a, 0, e, top + row * e), shape


def _onto(transform: Sequence[float], x: float, y: float) -> tuple[float, float]:
    """A point through affine coefficients a to f."""
    a, b, c, d, e, f = transform
    return a * x + b * y + c, d * x + e * y + f


def _ground(raster: Raster, crs: str) -> tuple[float, float, float, float]:
    """West, south, east, north of an image in a reference system."""
    height, width = raster.shape
    corners = [_onto(raster.transform, x, y) for x in (0, width) for y in (0, height)]
    xs, ys = zip(*corners, strict=True)
    bounds: tuple[float, float, float, float] = transform_bounds(raster.crs, crs, min(xs), min(ys), max(xs), max(ys))
    return bounds


def _laid(
    stack: ExitStack, file: DatasetReader, raster: Raster, name: str, bands: Sequence[str], crs: str,
    transform: Affine, shape: tuple[int, int],
) -> FileLayer:  # fmt: skip
    """A file on the common grid: read as it is where its pixels are the grid's, else warped window by window."""
    mine = dict(zip(raster.names, raster.bands, strict=True))
    numbers = tuple(mine[name] for name in bands)
    own = Affine(*raster.transform)
    column, row = _onto(tuple(~own)[:6], transform.c, transform.f)
    same = raster.crs == crs and np.allclose((own.a, own.b, own.d, own.e), (transform.a, 0, 0, transform.e), rtol=1e-9)
    if same and abs(column - round(column)) < 1e-3 and abs(row - round(row)) < 1e-3:
        return FileLayer(name, file, numbers, (round(row), round(column)))
    bare = file.nodata is None and not any(kind.name == "alpha" for kind in file.colorinterp)
    how = {"resampling": Resampling.bilinear, "add_alpha": bare}
    warped = WarpedVRT(file, crs=crs, transform=transform, height=shape[0], width=shape[1], **how)
    return FileLayer(name, stack.enter_context(warped), numbers, (0, 0))
