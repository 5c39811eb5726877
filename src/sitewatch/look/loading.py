"""Counts of a pass on the site's grid, read from the assets of its items; every failure names the asset."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import Any, NamedTuple

import numpy as np
import pystac
import rasterio
from numpy.typing import NDArray
from rasterio.errors import RasterioError
from shapely.geometry import mapping

from sitewatch.errors import ServiceError
from sitewatch.look.assets import SCL, BandAsset, find_asset
from sitewatch.look.grid import grid_polygon
from sitewatch.look.passes import Found
from sitewatch.records import Grid

RESAMPLING = "cubic"
"""How reflectance is brought onto the grid where the source's grid differs; on the same grid its pixels are copied.

The scene classification always takes the nearest pixel, since its numbers are names."""
NODATA = 0
"""The count that means no data in every chip."""
GDAL = {
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_HTTP_CONNECTTIMEOUT": "15",
    "GDAL_HTTP_TIMEOUT": "60",
    "GDAL_HTTP_MAX_RETRY": "3",
    "GDAL_HTTP_RETRY_DELAY": "1",
}
"""How GDAL opens assets; an environment variable of the same name counts more."""

_ADDRESS = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?:[^\s/@]*@)?(?P<host>[^\s/?#'\"]*)(?P<path>[^\s?#'\"]*)(?:[?#][^\s'\"]*)?"
)

# odc logs what it also raises; the raised error is told once, with the pass and the asset.
logging.getLogger("odc.loader").addHandler(logging.NullHandler())


class LoadError(ServiceError):
    """A pass could not be loaded; the message names the item, the asset, and what happened.

    It is kept and shown: it holds no path of this machine, no query of a signed address, no password.
    """


class Counts(NamedTuple):
    """A pass as delivered, on the grid."""

    values: NDArray[Any]
    """(band, y, x): integer counts, 0 where there is no data."""
    assets: tuple[BandAsset, ...]
    """What the pass's first item says of each band; counts of further items are brought to its scale and offset."""
    resampled: bool
    """Whether reflectance of any item lay on another grid."""


class _Source(NamedTuple):
    """What a file says of itself."""

    dtype: np.dtype[Any]
    crs: str
    transform: tuple[float, ...]


_Named = Mapping[str, BandAsset]


def read_counts(found: Found, bands: Sequence[str], grid: Grid, gdal: Mapping[str, str] | None = None) -> Counts:
    """Load bands and the scene classification, which comes last, of all items of a pass onto a grid.

    Args:
        found: the pass.
        bands: STAC common names.
        grid: to load onto.
        gdal: further GDAL options, such as a shorter timeout.

    Raises:
        LoadError: an asset is missing, cannot be fetched, is cut short, or is no integer raster on the map.
    """
    names = (*bands, SCL)
    assets = [{name: _asset(item, name) for name in names} for item in found.items]
    with rasterio.Env(**{k: v for k, v in GDAL.items() if k not in os.environ} | dict(gdal or {})):
        sources = [(asset, _source(item, asset)) for item, asset in _each(found, assets)]
        dtype = np.result_type(*(source.dtype for _, source in sources))
        try:
            planes = _merged(found.items, assets, grid, dtype)
        except Exception as error:  # GDAL and the loader raise whatever they meet in a broken file
            what = _told(str(error), [asset.href for asset, _ in sources])
            raise _culprit(found, assets, grid, dtype) or LoadError(
                f"items {', '.join(found.ids)} could not be read: {what}; the next run tries again"
            ) from error
    values = np.stack([planes[name] for name in names])
    resampled = not all(_aligned(source, grid) for asset, source in sources if asset.band != SCL)
    return Counts(values, tuple(assets[0].values()), resampled)


def _each(found: Found, assets: Sequence[_Named]) -> Iterator[tuple[pystac.Item, BandAsset]]:
    """Every asset of a pass with its item."""
    for item, named in zip(found.items, assets, strict=True):
        yield from ((item, asset) for asset in named.values())


def _asset(item: pystac.Item, name: str) -> BandAsset:
    asset = find_asset(item, name)
    if asset is None:
        raise LoadError(
            f"item {item.id} has no asset for band {name}; it has "
            f"{', '.join(sorted(item.assets)) or 'none'}; name bands by their STAC common name, or wait until the "
            "catalogue lists the asset"
        )
    return asset


def _source(item: pystac.Item, asset: BandAsset) -> _Source:
    """Open an asset's file and see that it holds one integer band on the map."""
    try:
        with rasterio.open(asset.href, sharing=False) as file:
            source = _Source(np.dtype(file.dtypes[0]), str(file.crs or ""), tuple(file.transform)[:6])
    except RasterioError as error:
        raise _failed(item, asset, error) from error
    if not np.issubdtype(source.dtype, np.integer):
        raise _failed(item, asset, f"it holds {source.dtype} values where integer counts are read")
    if not source.crs:
        raise _failed(item, asset, "it names no reference system, so nobody knows where its pixels lie")
    return source


def _aligned(source: _Source, grid: Grid) -> bool:
    """Whether a source's pixels are the grid's own."""
    a, b, c, d, e, f = source.transform
    pixel, _, left, _, down, top = grid.transform
    on = (a, b, d, e) == (pixel, 0, 0, down)
    return on and source.crs == grid.crs and not (c - left) % pixel and not (f - top) % pixel


def _failed(item: pystac.Item, asset: BandAsset, what: str | Exception) -> LoadError:
    if isinstance(what, Exception) and what.__cause__ is not None:
        what = f"{what} ({what.__cause__})"
    why = _told(str(what), [asset.href])
    return LoadError(
        f"item {item.id}: asset {asset.key} ({_shown(asset.href)}) could not be read: {why}; the next run tries again"
    )


def _shown(href: str) -> str:
    """An asset's address without query and credentials; of a file only its name."""
    address = _ADDRESS.search(href)
    if address is None or address["scheme"].lower() == "file":
        return PurePath(href.partition("?")[0]).name
    return f"{address['scheme']}://{address['host']}{address['path']}"


def _told(what: str, hrefs: Sequence[str]) -> str:
    """What a library says of a failure, with the addresses in it shown as `_shown` does."""
    for href in sorted(hrefs, key=len, reverse=True):
        what = what.replace(href, _shown(href)).replace(href.removeprefix("file://"), _shown(href))
    return _ADDRESS.sub(lambda found: _shown(found[0]), what)


def _merged(
    items: Sequence[pystac.Item], assets: Sequence[_Named], grid: Grid, dtype: np.dtype[Any]
) -> dict[str, NDArray[Any]]:
    """All items on the grid in the first one's counts: tiles of one pass can come from two processing baselines."""
    alike = [_calibration(named) == _calibration(assets[0]) for named in assets]
    first = [i for i, same in enumerate(alike) if same]
    planes = _load([items[i] for i in first], [assets[i] for i in first], grid, dtype)
    for item, named in ((items[i], assets[i]) for i, same in enumerate(alike) if not same):
        for name, counts in _load([item], [named], grid, dtype).items():
            there, here = named[name], assets[0][name]
            shifted = np.rint((counts * there.scale + there.offset - here.offset) / here.scale)
            known = np.clip(shifted, NODATA + 1, np.iinfo(dtype).max).astype(dtype)
            planes[name] = np.where((planes[name] == NODATA) & (counts != NODATA), known, planes[name])
    return planes


def _calibration(assets: _Named) -> list[tuple[float, float]]:
    return [(asset.scale, asset.offset) for asset in assets.values()]


def _load(
    items: Sequence[pystac.Item], assets: Sequence[_Named], grid: Grid, dtype: np.dtype[Any]
) -> dict[str, NDArray[Any]]:
    """Load the items' assets onto the grid; where tiles overlap the first that holds data counts."""
    import odc.stac  # takes seconds, and those who only read chips need none of it
    from odc.geo.geobox import GeoBox

    loaded = odc.stac.load(
        [_bare(item, named, grid) for item, named in zip(items, assets, strict=True)],
        bands=list(assets[0]),
        geobox=GeoBox(grid.shape, rasterio.Affine(*grid.transform), grid.crs),
        groupby=lambda item, parsed, index: 0,
        preserve_original_order=True,
        resampling={SCL: "nearest", "*": RESAMPLING},
        dtype=str(dtype),
        nodata=NODATA,
        stac_cfg={"*": {"assets": {"*": {"data_type": str(dtype), "nodata": NODATA}}, "warnings": "ignore"}},
    )
    return {name: loaded[name].values[0] for name in assets[0]}


def _bare(item: pystac.Item, assets: _Named, grid: Grid) -> pystac.Item:
    """An item of only the assets to load, under the bands' names and all over the grid: files know where they lie."""
    outline = grid_polygon(grid)
    moment = item.datetime or item.common_metadata.start_datetime
    bare = pystac.Item(item.id, mapping(outline), list(outline.bounds), moment, properties={})
    for name, asset in assets.items():
        extra = {} if asset.nodata is None else {"nodata": asset.nodata}
        bare.add_asset(name, pystac.Asset(asset.href, media_type="image/tiff", roles=["data"], extra_fields=extra))
    return bare


def _culprit(found: Found, assets: Sequence[_Named], grid: Grid, dtype: np.dtype[Any]) -> LoadError | None:
    """Load asset by asset to name the one that fails; None when each can be read by itself."""
    for item, asset in _each(found, assets):
        try:
            _load([item], [{asset.band: asset}], grid, dtype)
        except Exception as error:  # as above
            return _failed(item, asset, error)
    return None
