"""The analyst's own images: of a GeoTIFF the pixels over a fence and around it are kept, as a pass with its own grid.

The file itself is never kept. Most licences of commercial images let an analyst work with them and show a detail, and
forbid to hand the image on; a ledger travels with its case. What a reading rests on is the clip; that it was taken from
that very file can be shown by the file's hash, which is recorded with its name and size.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np
import rasterio
from rasterio.features import geometry_mask
from rasterio.io import MemoryFile
from rasterio.transform import Affine

from sitewatch.errors import InputError
from sitewatch.look.chips import Chip
from sitewatch.look.clip import Part, Pixels, Progress, choose, longer_side, read, upright
from sitewatch.look.geotiff import Raster, describe, opened
from sitewatch.look.grid import fence_polygon, ring_width, utm_zone
from sitewatch.look.items import UNKNOWN
from sitewatch.records import Grid, Original, Site

ANALYST = "analyst"
"""Sensor of an analyst's own image, and what stands in its record for a catalogue."""
MOST_BYTES = 32 * 2**20
"""Bytes of pixels, all bands and uncompressed, that are kept of an image."""


@dataclass(frozen=True)
class Taken:
    """What the analyst tells of an image, since its file does not."""

    acquired: datetime
    """When it was taken, UTC; the first moment at which it can have been where only an interval is known."""
    acquired_until: datetime | None
    """Last moment at which it can have been taken, where only an interval is known."""
    available_at: datetime
    """When the public could know it."""
    provider: str
    licence: str
    attribution: str | None = None
    """The line that must stand beside every use."""


class Image(NamedTuple):
    """An image as it is kept."""

    chip: Chip
    kept: str
    """What of the file was kept, in words."""


def load_image(
    path: Path, site: Site, taken: Taken, *, names: Sequence[str] = (), most: int = MOST_BYTES, progress: Progress
) -> Image:
    """Take of an analyst's GeoTIFF what lies over a site's fence and the ring around it.

    Pixels are copied as they are, at the image's own resolution and in the type of number that the file has. An image
    whose pixels are no north-up squares of metres (degrees, feet, a rotated frame) is laid onto the site's UTM zone,
    each pixel the nearest of the file's; a paletted one becomes red, green and blue. Where fence and ring would take
    more than `most` bytes the ring is kept narrower, down to a quarter of the fence's longer side; where that is
    still too much, squares of pixels become their mean. The file is read in strips, never whole.

    Args:
        path: of the file.
        site: with a fence.
        taken: what the file does not tell.
        names: of the bands, in the file's order, `-` for one that is not kept; empty to take the file's own.
        most: bytes of pixels to keep.
        progress: is told of the reading.

    Raises:
        InputError: the file cannot be used, or shows nothing of the fence; the message says why and what would mend it.
    """
    zone = utm_zone(site)
    before = _stamp(path)
    original = _fingerprint(path, progress)
    with opened(path) as file:
        raster = describe(file, path, names, zone=zone)
        part = choose(raster, site, path, most)
        pixels = read(file, raster, part, path, progress)
    if _stamp(path) != before:
        raise InputError(f"{path}: the file changed while it was read; wait until it is whole and add it again")
    pixels, resampled = upright(pixels, raster, zone)
    grid = Grid(crs=pixels.crs, transform=pixels.transform, shape=(pixels.seen.shape[0], pixels.seen.shape[1]))
    share = _covered(pixels, site, grid, path)
    chip = _chip(pixels, grid, raster, site, taken, original, {"THINNED": str(part.thinned), "RESAMPLING": resampled})
    return Image(chip, _told(grid, raster, part, most, ring_width(longer_side(site, zone)), share, resampled))


def _stamp(path: Path) -> tuple[int, int]:
    """Size and time of a file: they tell whether it changed while it was read."""
    try:
        stat = path.stat()
    except OSError as error:
        raise InputError(f"{path}: it cannot be read: {error.strerror}; name a GeoTIFF on this machine") from error
    if not path.is_file():
        raise InputError(f"{path}: found something that is no file; name a GeoTIFF on this machine")
    return stat.st_size, stat.st_mtime_ns


def _fingerprint(path: Path, progress: Progress) -> Original:
    """Name, size and hash of a file."""
    digest, done, size = hashlib.sha256(), 0, _stamp(path)[0]
    try:
        with path.open("rb") as file:
            while data := file.read(2**22):
                digest.update(data)
                done += len(data)
                progress(f"hashing {path.name}", min(done, size), size)
    except OSError as error:
        raise InputError(f"{path}: it cannot be read: {error.strerror}; mend its rights, or the disk") from error
    return Original(file=path.name, size=done, sha256=digest.hexdigest())


# --- The record


def _covered(pixels: Pixels, site: Site, grid: Grid, path: Path) -> float:
    """Share of the fence over which the image holds data."""
    inside = geometry_mask([fence_polygon(site, grid.crs)], grid.shape, Affine(*grid.transform), invert=True)
    if not inside.any():
        raise InputError(
            f"{path}: none of its pixels of {grid.transform[0]:.3g} m has its centre inside the fence of site "
            f"{site.slug}: it is too coarse, or only touches the fence; take another image"
        )
    seen = int((pixels.seen & inside).sum())
    if not seen:
        raise InputError(
            f"{path}: the image lies over the fence of site {site.slug} and holds no data there: all {inside.sum():,} "
            "pixels are empty, cut off or no number; take another image, or mend its no-data value"
        )
    area = abs(grid.transform[0] * grid.transform[4])
    return min(seen * area / float(fence_polygon(site, grid.crs).area), 1.0)


def _chip(
    pixels: Pixels, grid: Grid, raster: Raster, site: Site, taken: Taken, original: Original, made: dict[str, str]
) -> Chip:
    tags = {
        "SITE": site.slug,
        "PROVIDER": taken.provider,
        "ACQUIRED": taken.acquired.isoformat(),
        "LICENCE": taken.licence,
        "ATTRIBUTION": taken.attribution or "not stated",
        "FILE": original.file,
        "FILE_SHA256": original.sha256,
        **made,
    }
    tags |= {"ACQUIRED_UNTIL": taken.acquired_until.isoformat()} if taken.acquired_until else {}
    return Chip(
        site=site.slug,
        platform=UNKNOWN,
        provider=taken.provider,
        acquired=taken.acquired,
        acquired_until=taken.acquired_until,
        available_at=taken.available_at,
        catalogue=ANALYST,
        items=(original.file,),
        bands=raster.names,
        grid=grid,
        licence=taken.licence,
        attribution=taken.attribution,
        data=_write(pixels, grid, raster, tags),
        sensor="analyst",
        original=original,
    )


def _write(pixels: Pixels, grid: Grid, raster: Raster, tags: dict[str, str]) -> bytes:
    """The GeoTIFF of a clip: numbers as in the file, with a mask where it holds no data."""
    height, width = grid.shape
    floats, size = np.issubdtype(raster.dtype, np.floating), raster.dtype.itemsize
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), MemoryFile() as memory:
        with memory.open(
            driver="GTiff", height=height, width=width, count=len(raster.names), dtype=raster.dtype, crs=grid.crs,
            transform=Affine(*grid.transform), compress="deflate", zlevel=6,
            predictor=1 if size > 4 else 3 if floats else 2, interleave="band", tiled=True, blockxsize=256,
            blockysize=256, photometric="MINISBLACK", alpha="NO",
        ) as file:  # fmt: skip
            file.update_tags(**tags)
            file.scales, file.offsets = raster.scales, raster.offsets
            for number, name in enumerate(raster.names, start=1):
                file.set_band_description(number, name)
            file.write(pixels.values)
            file.write_mask(pixels.seen)
        return bytes(memory.getbuffer())


def _told(grid: Grid, raster: Raster, part: Part, most: int, widest: float, share: float, resampled: str) -> str:
    """What was kept, in words."""
    height, width = grid.shape
    said = [
        f"kept {width:,} x {height:,} pixels of {grid.transform[0]:.3g} m, {', '.join(raster.names)}: the fence and "
        f"up to {part.ring:,.0f} m around it"
    ]
    if part.ring < widest:
        said.append(f"a ring of {widest:,.0f} m would be over {most / 2**20:.3g} MiB")
    if part.thinned > 1:
        said.append(f"every {part.thinned} x {part.thinned} pixels are kept as their mean")
    if resampled != "none":
        said.append(f"laid onto {grid.crs}, each pixel the nearest of the file's")
    if raster.palette is not None:
        said.append("the palette's colours are kept as three bands")
    if share < 0.995:
        said.append(f"the image holds data over {100 * share:.0f} % of the fence")
    return "; ".join(said)
