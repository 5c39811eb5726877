"""A pass as one small file on the site's grid: loaded from a catalogue's assets, written, and read again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.errors import RasterioError
from rasterio.io import MemoryFile

from sitewatch.errors import InputError
from sitewatch.look.assets import BandAsset, find_asset
from sitewatch.look.loading import NODATA, LoadError, read_counts
from sitewatch.look.passes import Found
from sitewatch.look.products import QUALITY
from sitewatch.look.sensors.radar import stated
from sitewatch.records import Catalogue, Grid, Original, Pass, Sensor

__all__ = ["Chip", "LoadError", "Reading", "load_pass", "read_chip", "write_chip"]


class Reading(NamedTuple):
    """A chip's pixels."""

    names: tuple[str, ...]
    """Bands, STAC common names, in the chip's order; without the quality layers."""
    values: NDArray[np.float32]
    """(band, y, x): reflectance, kelvin, or gamma0 as delivered; NaN where the chip holds no data."""
    quality: Mapping[str, NDArray[Any]]
    """(y, x) whole numbers of each quality layer as delivered, by its name; what it holds where there is no data is
    told by `QUALITY`."""
    tags: Mapping[str, str]
    """What the chip tells of itself: of radar its ORBIT, DIRECTION and UNIT."""


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
    """STAC common names, without the quality layers."""
    grid: Grid
    licence: str | None
    attribution: str | None
    data: bytes
    """A GeoTIFF as `Pass.chip` describes it; the same input gives the same bytes."""
    sensor: Sensor = "optical"
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


def load_pass(found: Found, catalogue: Catalogue, *, gdal: Mapping[str, str] | None = None) -> Chip:
    """Load one pass onto its site's grid.

    Numbers stay as delivered; a source in another reference system is resampled as its product asks, one on the grid
    is copied. A pass that holds no data over the fence is loaded like any other: its look says why it cannot be judged.

    Args:
        found: the pass, from `search`.
        catalogue: names the bands by STAC common name; the product's quality layers are always loaded beside them.
        gdal: further GDAL options, such as a shorter timeout.

    Raises:
        LoadError: an asset is missing, cannot be fetched, is cut short, or holds no numbers of its product.
    """
    counts = read_counts(found, catalogue.bands, found.grid, gdal)
    tags = _tags(found, catalogue.bands[0], found.product.resampling if counts.resampled else "none")
    return Chip(
        site=found.site,
        platform=found.platform,
        provider=found.credit.provider,
        acquired=found.acquired,
        acquired_until=found.acquired_until,
        available_at=found.available_at,
        catalogue=found.catalogue,
        items=found.ids,
        bands=catalogue.bands,
        grid=found.grid,
        licence=found.credit.licence,
        attribution=found.credit.attribution,
        data=write_chip(counts.values, counts.assets, found.grid, tags),
        sensor=found.product.sensor,
    )


def _tags(found: Found, band: str, resampling: str) -> dict[str, str]:
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
        "PRODUCT": found.product.name,
        "RESAMPLING": resampling,
    }
    if found.product.sensor == "radar":
        asset = find_asset(found.items[0], band, found.product)
        told = stated(found.items[0].to_dict(include_self_link=False), asset.key if asset else band)
        tags |= {name: str(said) for name, said in zip(("ORBIT", "DIRECTION", "UNIT"), told, strict=True) if said}
    return tags | ({"ACQUIRED_UNTIL": found.acquired_until.isoformat()} if found.acquired_until else {})


def write_chip(counts: NDArray[Any], bands: Sequence[BandAsset], grid: Grid, tags: Mapping[str, str]) -> bytes:
    """The GeoTIFF of a pass: numbers (band, y, x) as delivered, with name, scale, offset and source of each band."""
    height, width = grid.shape
    floats = np.issubdtype(counts.dtype, np.floating)
    with rasterio.Env(), MemoryFile() as memory:
        with memory.open(
            driver="GTiff", height=height, width=width, count=len(bands), dtype=counts.dtype, crs=grid.crs,
            transform=rasterio.Affine(*grid.transform), nodata=np.nan if floats else NODATA, compress="deflate",
            zlevel=6, predictor=3 if floats else 2, interleave="band", tiled=True, blockxsize=256, blockysize=256,
        ) as file:  # fmt: skip
            file.update_tags(**tags)
            file.scales, file.offsets = [band.scale for band in bands], [band.offset for band in bands]
            for index, band in enumerate(bands, start=1):
                file.set_band_description(index, band.band)
                file.update_tags(index, ASSET=band.key, CALIBRATION=band.calibration)
            file.write(counts)
        return bytes(memory.getbuffer())


def read_chip(data: bytes) -> Reading:
    """Bands and quality layers of a chip.

    Raises:
        InputError: the bytes are no chip: not a readable GeoTIFF, or one without named bands.
    """
    try:
        with rasterio.Env(), MemoryFile(data) as memory, memory.open() as file:
            names, counts, tags = file.descriptions, file.read(), file.tags()
            scales, offsets = np.array(file.scales, np.float32), np.array(file.offsets, np.float32)
    except (RasterioError, ValueError) as error:  # of no bytes at all rasterio says that it cannot write them
        raise InputError(
            f"a chip of {len(data)} bytes is not a readable GeoTIFF ({error}); load the pass again"
        ) from error
    bands = [index for index, name in enumerate(names) if name not in QUALITY]
    if None in names or not bands:
        raise InputError(f"a chip's bands are named; found {', '.join(map(str, names))}; load the pass again")
    raw = counts[bands]
    values = raw.astype(np.float32) * scales[bands, None, None] + offsets[bands, None, None]
    if not np.issubdtype(counts.dtype, np.floating):
        values[raw == NODATA] = np.nan
    quality = {name: _whole(counts[index]) for index, name in enumerate(names) if name in QUALITY}
    return Reading(tuple(names[i] for i in bands), values, quality, tags)


def _whole(layer: NDArray[Any]) -> NDArray[Any]:
    """A quality layer in whole numbers, which a chip of kelvin holds as floating point."""
    return layer.astype(np.int32) if np.issubdtype(layer.dtype, np.floating) else layer
