"""What an analyst's GeoTIFF says of itself: where it lies, what its bands are; and why it cannot be used, if so."""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
from numpy.typing import NDArray
from pyproj import Transformer
from pyproj.exceptions import ProjError
from rasterio.enums import ColorInterp
from rasterio.errors import NotGeoreferencedWarning, RasterioError

from sitewatch.errors import InputError

WGS84 = "EPSG:4326"
LARGEST_BLOCK = 128 * 2**20
"""Bytes of a strip or tile: it is decoded whole, whatever little of it is wanted."""
SKIPPED = "-"
"""Stands for a band that is not kept, where an analyst names the bands."""

_GDAL: dict[str, str | int] = {
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",  # only the file's own bytes count: its hash is what is recorded
    "GDAL_PAM_ENABLED": "NO",
    "GDAL_CACHEMAX": 48 * 2**20,
    "GDAL_TIFF_INTERNAL_MASK": "YES",
}
_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_OTHERS = {
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"\0\0\0\x0cjP": "a JPEG 2000 image",
    b"NITF": "a NITF image",
    b"PK\x03\x04": "a zip archive",
    b"%PDF": "a PDF",
    b"\x89HDF": "an HDF5 file",
}
_MEANT = {"r": "red", "g": "green", "b": "blue", "grey": "gray", "panchromatic": "pan", "near_infrared": "nir"}
_COMMON = {"coastal", "blue", "green", "red", "rededge", "nir", "pan", "gray"}
_COLOURS = {ColorInterp[name]: name for name in _COMMON}
_NAME = re.compile(r"[a-z0-9][a-z0-9_]*")


@dataclass(frozen=True, eq=False)
class Raster:
    """An image file that can be used."""

    bands: tuple[int, ...]
    """Numbers in the file, from 1, of the bands that are kept; of a paletted image the one that holds the colours."""
    names: tuple[str, ...]
    """Of the bands as kept; red, green and blue of a paletted image."""
    palette: NDArray[np.uint8] | None
    """(value, 4): red, green, blue and alpha of each value; None where the image has no palette."""
    dtype: np.dtype[np.generic]
    """Of the numbers as kept."""
    scales: tuple[float, ...]
    offsets: tuple[float, ...]
    crs: str
    """Reference system, WKT."""
    code: str | None
    """The same as an authority code, where it has one."""
    transform: tuple[float, float, float, float, float, float]
    """Affine coefficients a to f: pixel (column, row) to the map."""
    shape: tuple[int, int]
    """Pixels, (height, width)."""

    @property
    def pixel_bytes(self) -> int:
        """Bytes of one pixel, all bands."""
        return len(self.names) * self.dtype.itemsize


@contextmanager
def opened(path: Path) -> Iterator[rasterio.io.DatasetReader]:
    """An analyst's file, open.

    Raises:
        InputError: it is empty, no TIFF, or what was read of it is broken.
    """
    _sniff(path)
    try:
        with rasterio.Env(**_GDAL), warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)  # told by `describe`, with what mends it
            with rasterio.open(path, driver="GTiff") as file:
                yield file
    except RasterioError as error:
        what = error.__cause__ or error
        raise InputError(
            f"{path}: it is cut short or damaged ({' '.join(str(what).split())}); get it again from where it came"
        ) from error


def describe(file: rasterio.io.DatasetReader, path: Path, given: Sequence[str] = (), *, zone: str) -> Raster:
    """What an open file says of itself.

    Args:
        file: open.
        path: how a message calls it.
        given: names of the bands in the file's order, `-` for one that is not kept; empty to take the file's own.
        zone: EPSG code of a reference system that suits the site, for a message.

    Raises:
        InputError: it has no reference system or no georeference, its numbers are complex, its blocks are too large to
            be read one by one, or its bands have no names.
    """
    code = _placed(file, path, zone)
    numbers = [n for n, kind in enumerate(file.colorinterp, start=1) if kind is not ColorInterp.alpha]
    palette = _palette(file) if file.colorinterp[0] is ColorInterp.palette else None
    dtype = np.dtype(np.uint8) if palette is not None else np.result_type(*(file.dtypes[n - 1] for n in numbers))
    if np.issubdtype(dtype, np.complexfloating):
        raise InputError(
            f"{path}: its numbers are complex ({dtype}), as radar delivers them; right would be their amplitude, as "
            "integers or floats"
        )
    check_blocks(file, path)
    if palette is not None:
        names, bands = _coloured(path, given), numbers[:1]
        scales, offsets = (1.0,) * len(names), (0.0,) * len(names)
    else:
        told = _named(path, [_own_name(file, n) for n in numbers], given)
        names = tuple(name for name in told if name != SKIPPED)
        bands = [n for n, name in zip(numbers, told, strict=True) if name != SKIPPED]
        scales, offsets = (tuple(of[n - 1] for n in bands) for of in (file.scales, file.offsets))
    return Raster(
        bands=tuple(bands),
        names=names,
        palette=palette,
        dtype=dtype,
        scales=scales,
        offsets=offsets,
        crs=file.crs.to_wkt(),
        code=code,
        transform=tuple(file.transform)[:6],
        shape=(file.height, file.width),
    )


def _sniff(path: Path) -> None:
    """Refuse what is no TIFF by its first bytes, so that GDAL opens nothing else."""
    with path.open("rb") as file:
        head = file.read(16)
    if not head:
        raise InputError(f"{path}: the file is empty; get it again from where it came")
    if not head.startswith(_TIFF):
        kind = next((what for start, what in _OTHERS.items() if head.startswith(start)), "no TIFF")
        raise InputError(
            f"{path}: found {kind}; right would be a GeoTIFF. Where it has a place on the map, convert it: "
            f"gdal_translate {path.name} {path.stem}.tif; where it has none, georeference it in a GIS first"
        )


def _placed(file: rasterio.io.DatasetReader, path: Path, zone: str) -> str | None:
    """The authority code of the reference system, where it has one; refuses a file that has no place on the map."""
    name, warped = path.name, f"{path.stem}-map.tif"
    points, _ = file.gcps
    if file.transform.is_identity:
        if points:
            why = f"it has {len(points)} ground control points and is not laid out on a map"
            mend = f"gdalwarp -t_srs {zone} -r cubic {name} {warped}"
        elif file.rpcs:
            why = "it has a sensor model (RPC) and is not laid out on a map"
            mend = f"gdalwarp -rpc -t_srs {zone} -r cubic {name} {warped}, with a height model in hilly land"
        else:
            why = "it has no georeference (no corner and no pixel size), so nobody knows where its pixels lie"
            mend = "georeference it in a GIS; a world file beside it is not read: gdal_translate takes it into the file"
        raise InputError(f"{path}: {why}; mend: {mend}")
    if not file.crs:
        raise InputError(
            f"{path}: it names no coordinate reference system, so nobody knows where its pixels lie. Where its "
            f"provider tells the EPSG code, write it into a copy: gdal_translate -a_srs EPSG:CODE {name} {warped} "
            f"(or into the file itself: gdal_edit.py -a_srs EPSG:CODE {name})"
        )
    if not all(map(math.isfinite, file.transform)) or not file.transform.determinant:
        raise InputError(f"{path}: its pixels have no size on the map; mend: georeference it again in a GIS")
    try:
        Transformer.from_crs(file.crs.to_wkt(), WGS84)
    except ProjError as error:
        raise InputError(
            f"{path}: its reference system ({file.crs.to_wkt()[:60]}…) leads nowhere on the globe; mend: "
            f"gdalwarp -t_srs {zone} {name} {warped}"
        ) from error
    authority = file.crs.to_authority()
    return ":".join(authority) if authority else None


def check_blocks(file: rasterio.io.DatasetReader, path: Path) -> None:
    """See that an image can be read in windows.

    Raises:
        InputError: its pixels lie in blocks that are too large to be read one by one.
    """
    together = file.count if file.interleaving and file.interleaving.name == "pixel" else 1
    for (height, width), dtype in zip(file.block_shapes, file.dtypes, strict=True):
        if height * width * np.dtype(dtype).itemsize * together > LARGEST_BLOCK:
            raise InputError(
                f"{path}: its pixels lie in blocks of {width:,} x {height:,}, too large to be read one by one; mend: "
                f"gdal_translate -co TILED=YES -co COMPRESS=DEFLATE {path.name} {path.stem}-tiled.tif"
            )


def _palette(file: rasterio.io.DatasetReader) -> NDArray[np.uint8]:
    colours = file.colormap(1)
    table = np.zeros((max(colours) + 1, 4), np.uint8)
    for value, colour in colours.items():
        table[value] = colour
    return table


def _own_name(file: rasterio.io.DatasetReader, number: int) -> str | None:
    """A band's name by its description where that is a common one, else by its colour, else the description."""
    described = re.sub(r"[^a-z0-9]+", "_", (file.descriptions[number - 1] or "").lower()).strip("_")
    described = _MEANT.get(described, described)
    colour = _COLOURS.get(file.colorinterp[number - 1])
    if colour == "gray" and file.count > 2:
        colour = None  # what GDAL calls the first of several bands that nobody named
    return described if described in _COMMON else colour or described or None


def _coloured(path: Path, given: Sequence[str]) -> tuple[str, ...]:
    """Names of the three bands that a palette makes."""
    if given:
        raise InputError(f"{path}: its colours come from a palette, as red, green and blue; leave --bands out")
    return "red", "green", "blue"


def _named(path: Path, found: Sequence[str | None], given: Sequence[str]) -> list[str]:
    """Names of all bands but alpha, in the file's order."""
    if given and len(given) != len(found):
        raise InputError(
            f"{path}: --bands names {len(given)} bands, the file has {len(found)}; name each in the file's order, and "
            f"write {SKIPPED} for one that is not to be kept"
        )
    for name in given:
        if name != SKIPPED and not _NAME.fullmatch(name):
            raise InputError(f"--bands: found {name!r}; right would be names in lower case, such as red or nir")
    names = [_MEANT.get(name, name) for name in given] or found
    if nameless := [str(n) for n, name in enumerate(names, start=1) if name is None]:
        raise InputError(
            f"{path}: nothing in the file names band {', '.join(nameless)} of {len(found)}; name all in the file's "
            f"order, such as --bands blue,green,red,nir, and write {SKIPPED} for one that is not to be kept"
        )
    told = [str(name) for name in names]
    if twice := sorted({name for name in told if name != SKIPPED and told.count(name) > 1}):
        raise InputError(f"{path}: more than one band is called {', '.join(twice)}; tell them apart with --bands")
    if all(name == SKIPPED for name in told):
        raise InputError(f"{path}: --bands keeps no band; name at least one")
    return told
