"""A pass as one small file on the site's grid: loaded from a catalogue's assets, written, and read again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.errors import RasterioError
from rasterio.io import MemoryFile

from sitewatch.errors import InputError
from sitewatch.look.assets import SCL, BandAsset
from sitewatch.look.loading import NODATA, RESAMPLING, LoadError, read_counts
from sitewatch.look.passes import Found
from sitewatch.records import Catalogue, Grid, Original, Pass, Site

__all__ = ["Chip", "LoadError", "Reading", "load_pass", "read_chip", "write_chip"]


class Reading(NamedTuple):
    """A chip's pixels."""

    names: tuple[str, ...]
    """Bands, STAC common names, in the chip's order; without the scene classification."""
    reflectance: NDArray[np.float32]
    """(band, y, x): reflectance, NaN where the chip holds no data."""
    scl: NDArray[np.uint8]
    """(y, x): Sentinel-2 scene classification as delivered, 0 where there is none."""


@dataclass(frozen=True)
class Chip:
    """A loaded pass: the fields of its record, and its file."""

    site: str
    platform: str
    provider: str
    acquired: datetime
    acquired_until: datetime | None
    available_at: datetime
    catalogue: str
    items: tuple[str, ...]
    bands: tuple[str, ...]
    """STAC common names, without the scene classification."""
    grid: Grid
    licence: str | None
    attribution: str | None
    data: bytes
    """A GeoTIFF as `Pass.chip` describes it; the same input gives the same bytes."""
    sensor: Literal["optical", "analyst"] = "optical"
    original: Original | None = None
    """The file of an analyst's own image."""

    def record(self) -> Pass:
        """The pass's record; its chip is the address that a store by hash gives to `data`."""
        return Pass(
            site=self.site,
            sensor=self.sensor,
            platform=self.platform,
            provider=self.provider,
            acquired=self.acquired,
            acquired_until=self.acquired_until,
            available_at=self.available_at,
            catalogue=self.catalogue,
            items=self.items,
            chip=hashlib.sha256(self.data).hexdigest(),
            bands=self.bands,
            grid=self.grid,
            licence=self.licence,
            attribution=self.attribution,
            original=self.original,
        )


def load_pass(
    found: Found, catalogue: Catalogue, site: Site, grid: Grid, *, gdal: Mapping[str, str] | None = None
) -> Chip:
    """Load one pass onto a site's grid.

    Counts stay as delivered; a source in another reference system is resampled (`RESAMPLING`), one on the grid is
    copied. A pass that holds no data over the fence is loaded like any other: its look says why it cannot be judged.

    Args:
        found: the pass, from `search`.
        catalogue: names the bands by STAC common name; the scene classification is always loaded beside them.
        site: the one that the pass was found for.
        grid: of the site.
        gdal: further GDAL options, such as a shorter timeout.

    Raises:
        LoadError: an asset is missing, cannot be fetched, is cut short, or is no integer raster.
    """
    counts = read_counts(found, catalogue.bands, grid, gdal)
    tags = _tags(found, RESAMPLING if counts.resampled else "none")
    return Chip(
        site=site.slug,
        platform=found.platform,
        provider=found.credit.provider,
        acquired=found.acquired,
        acquired_until=found.acquired_until,
        available_at=found.available_at,
        catalogue=found.catalogue,
        items=found.ids,
        bands=catalogue.bands,
        grid=grid,
        licence=found.credit.licence,
        attribution=found.credit.attribution,
        data=write_chip(counts.values, counts.assets, grid, tags),
    )


def _tags(found: Found, resampling: str) -> dict[str, str]:
    """What a chip tells of itself when it is found without its record."""
    tags = {
        "SITE": found.site,
        "PLATFORM": found.platform,
        "PROVIDER": found.credit.provider,
        "ACQUIRED": found.acquired.isoformat(),
        "CATALOGUE": found.catalogue,
        "ITEMS": " ".join(found.ids),
        "LICENCE": found.credit.licence or "not stated",
        "ATTRIBUTION": found.credit.attribution or "not stated",
        "RESAMPLING": resampling,
    }
    return tags | ({"ACQUIRED_UNTIL": found.acquired_until.isoformat()} if found.acquired_until else {})


def write_chip(counts: NDArray[Any], bands: Sequence[BandAsset], grid: Grid, tags: Mapping[str, str]) -> bytes:
    """The GeoTIFF of a pass: integer counts (band, y, x) with name, scale, offset and source of each band."""
    height, width = grid.shape
    with rasterio.Env(), MemoryFile() as memory:
        with memory.open(
            driver="GTiff", height=height, width=width, count=len(bands), dtype=counts.dtype, crs=grid.crs,
            transform=rasterio.Affine(*grid.transform), nodata=NODATA, compress="deflate", zlevel=6, predictor=2,
            interleave="band", tiled=True, blockxsize=256, blockysize=256,
        ) as file:  # fmt: skip
            file.update_tags(**tags)
            file.scales, file.offsets = [band.scale for band in bands], [band.offset for band in bands]
            for index, band in enumerate(bands, start=1):
                file.set_band_description(index, band.band)
                file.update_tags(index, ASSET=band.key, CALIBRATION=band.calibration)
            file.write(counts)
        return bytes(memory.getbuffer())


def read_chip(data: bytes) -> Reading:
    """Reflectance and scene classification of a chip.

    Raises:
        InputError: the bytes are no chip: not a readable GeoTIFF, or one without named bands or scene classification.
    """
    try:
        with rasterio.Env(), MemoryFile(data) as memory, memory.open() as file:
            names, counts = file.descriptions, file.read()
            scales, offsets = np.array(file.scales, np.float32), np.array(file.offsets, np.float32)
    except (RasterioError, ValueError) as error:  # of no bytes at all rasterio says that it cannot write them
        raise InputError(
            f"a chip of {len(data)} bytes is not a readable GeoTIFF ({error}); load the pass again"
        ) from error
    if SCL not in names or None in names:
        raise InputError(f"a chip's bands are named, one of them {SCL}; found {', '.join(map(str, names))}")
    spectral = [index for index, name in enumerate(names) if name != SCL]
    raw = counts[spectral]
    reflectance = raw.astype(np.float32) * scales[spectral, None, None] + offsets[spectral, None, None]
    reflectance[raw == NODATA] = np.nan
    return Reading(tuple(names[i] for i in spectral), reflectance, counts[names.index(SCL)].astype(np.uint8))
