"""Counts of a pass on the site's grid, read from the assets of its items; every failure names the asset."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePath
from typing import Any, NamedTuple

import httpx
import numpy as np
import pystac
import rasterio
from numpy.typing import NDArray
from rasterio.errors import RasterioError
from shapely.geometry import mapping

from sitewatch.errors import InputError, ServiceError
from sitewatch.look.assets import BandAsset, find_asset
from sitewatch.look.grid import FALSE_NORTHING_M, grid_polygon
from sitewatch.look.passes import Found
from sitewatch.look.products import NIGHT_HEAT, QUALITY, Product
from sitewatch.look.sensors.temperature import brightness
from sitewatch.records import Grid

NODATA = 0
"""The count that means no data in the bands of a chip of whole numbers; in one of floating point it is NaN."""
TIMEOUT_S = 60.0
"""How long a scene's metadata may take to come, seconds."""
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
    """(band, y, x): the bands, then the quality layers; no data is 0 in bands of whole numbers, NaN in others, and in
    quality layers what `QUALITY` says."""
    assets: tuple[BandAsset, ...]
    """What the pass's first item says of each band; counts of further items are brought to its scale and offset."""
    resampled: bool
    """Whether a band of any item lay on another grid."""


class _Source(NamedTuple):
    """What a file says of itself."""

    dtype: np.dtype[Any]
    crs: str
    transform: tuple[float, ...]


class _How(NamedTuple):
    """How an asset is brought onto the grid."""

    dtype: np.dtype[Any]
    fill: float
    """What stands where there is no data."""
    resampling: str


_Named = Mapping[str, BandAsset]
_Planes = dict[str, NDArray[Any]]


def read_counts(found: Found, bands: Sequence[str], grid: Grid, gdal: Mapping[str, str] | None = None) -> Counts:
    """Load bands, and the product's quality layers after them, of all items of a pass onto a grid.

    Bands stay as delivered, but for the night's thermal band, which becomes kelvin by each scene's own constants.

    Args:
        found: the pass.
        bands: STAC common names.
        grid: to load onto.
        gdal: further GDAL options, such as a shorter timeout.

    Raises:
        LoadError: an asset is missing, cannot be fetched, is cut short, or is no raster on the map of the numbers that
            its product has.
    """
    product = found.product
    names = (*bands, *product.quality)
    assets = [{name: _asset(item, name, product) for name in names} for item in found.items]
    with rasterio.Env(**{k: v for k, v in GDAL.items() if k not in os.environ} | dict(gdal or {})):
        sources = [(asset, _source(item, asset, product)) for item, asset in _each(found, assets)]
        hows = _hows(sources, product)
        try:
            planes = _night if product == NIGHT_HEAT else _merged
            loaded = planes(found.items, assets, grid, hows)
        except LoadError:
            raise
        except Exception as error:  # GDAL and the loader raise whatever they meet in a broken file
            what = _told(str(error), [asset.href for asset, _ in sources])
            raise _culprit(found, assets, grid, hows) or LoadError(
                f"items {', '.join(found.ids)} could not be read: {what}; the next run tries again"
            ) from error
    values = np.stack([loaded[name] for name in names])
    resampled = not all(_aligned(source, grid) for asset, source in sources if asset.band not in QUALITY)
    told = list(assets[0].values())
    if product == NIGHT_HEAT:
        told = [a if a.band in QUALITY else replace(a, scale=1.0, offset=0.0, calibration="MTL") for a in told]
    return Counts(values, tuple(told), resampled)


def _hows(sources: Sequence[tuple[BandAsset, _Source]], product: Product) -> dict[str, _How]:
    """How each band and layer is loaded: all bands alike, each quality layer with its own numbers."""
    kind = np.result_type(*(source.dtype for asset, source in sources if asset.band not in QUALITY))
    floats = np.issubdtype(kind, np.floating)
    bands = _How(np.dtype(np.float32) if floats else kind, np.nan if floats else NODATA, product.resampling)
    layers = {
        asset.band: _How(_holding(source.dtype, QUALITY[asset.band]), QUALITY[asset.band], "nearest")
        for asset, source in sources
        if asset.band in QUALITY
    }
    return {asset.band: layers.get(asset.band, bands) for asset, _ in sources}


def _holding(dtype: np.dtype[Any], number: int) -> np.dtype[Any]:
    """The type that holds a layer's numbers and one more."""
    return np.result_type(dtype, np.min_scalar_type(number))


def _each(found: Found, assets: Sequence[_Named]) -> Iterator[tuple[pystac.Item, BandAsset]]:
    """Every asset of a pass with its item."""
    for item, named in zip(found.items, assets, strict=True):
        yield from ((item, asset) for asset in named.values())


def _asset(item: pystac.Item, name: str, product: Product) -> BandAsset:
    asset = find_asset(item, name, product)
    if asset is None:
        raise LoadError(
            f"item {item.id} has no asset for band {name}; it has "
            f"{', '.join(sorted(item.assets)) or 'none'}; name bands by their STAC common name, or wait until the "
            "catalogue lists the asset"
        )
    return asset


def _source(item: pystac.Item, asset: BandAsset, product: Product) -> _Source:
    """Open an asset's file and see that it holds one band on the map, of whole numbers unless it is radar."""
    try:
        with rasterio.open(asset.href, sharing=False) as file:
            source = _Source(np.dtype(file.dtypes[0]), str(file.crs or ""), tuple(file.transform)[:6])
    except RasterioError as error:
        raise _failed(item, asset, error) from error
    if product.sensor == "radar" and not np.issubdtype(source.dtype, np.floating):
        raise _failed(item, asset, f"it holds {source.dtype} values where gamma0 in floating point is read")
    if product.sensor != "radar" and not np.issubdtype(source.dtype, np.integer):
        raise _failed(item, asset, f"it holds {source.dtype} values where integer counts are read")
    if not source.crs:
        raise _failed(item, asset, "it names no reference system, so nobody knows where its pixels lie")
    return source


def _aligned(source: _Source, grid: Grid) -> bool:
    """Whether a source's pixels are the grid's own; Landsat counts northings below the equator from zero down."""
    a, b, c, d, e, f = source.transform
    pixel, _, left, _, down, top = grid.transform
    on = (a, b, d, e) == (pixel, 0, 0, down)
    if source.crs != grid.crs:
        f += FALSE_NORTHING_M
        on &= grid.crs.startswith("EPSG:327") and source.crs == grid.crs.replace("EPSG:327", "EPSG:326")
    return on and not (c - left) % pixel and not (f - top) % pixel


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


def _merged(items: Sequence[pystac.Item], assets: Sequence[_Named], grid: Grid, hows: Mapping[str, _How]) -> _Planes:
    """All items on the grid in the first one's counts: tiles of one pass can come from two processing baselines."""
    alike = [_calibration(named) == _calibration(assets[0]) for named in assets]
    first = [i for i, same in enumerate(alike) if same]
    planes = _load([items[i] for i in first], [assets[i] for i in first], grid, hows)
    for item, named in ((items[i], assets[i]) for i, same in enumerate(alike) if not same):
        for name, counts in _load([item], [named], grid, hows).items():
            if name in QUALITY:
                known = counts
            else:
                there, here = named[name], assets[0][name]
                shifted = (counts * there.scale + there.offset - here.offset) / here.scale
                known = shifted.astype(np.float32) if hows[name].dtype.kind == "f" else _counted(shifted, hows[name])
            empty, held = (_blank(plane, hows[name]) for plane in (planes[name], counts))
            planes[name] = np.where(empty & ~held, known, planes[name])
    return planes


def _counted(values: NDArray[Any], how: _How) -> NDArray[Any]:
    """Whole numbers of a type, none of which is the one for no data."""
    return np.asarray(np.clip(np.rint(values), NODATA + 1, np.iinfo(how.dtype).max), how.dtype)


def _blank(plane: NDArray[Any], how: _How) -> NDArray[np.bool_]:
    """Where a plane holds no data."""
    return np.asarray(np.isnan(plane) if np.isnan(how.fill) else plane == how.fill)


def _night(items: Sequence[pystac.Item], assets: Sequence[_Named], grid: Grid, hows: Mapping[str, _How]) -> _Planes:
    """The night's thermal band in kelvin, each scene by its own constants, with its quality layers."""
    planes: _Planes = {}
    for item, named in zip(items, assets, strict=True):
        mtl = _mtl(item)
        for name, counts in _load([item], [named], grid, hows).items():
            try:
                values = counts if name in QUALITY else brightness(counts, mtl)
            except InputError as error:
                raise _failed(item, named[name], error) from error
            blank = np.isnan(values) if values.dtype.kind == "f" else _blank(values, hows[name])
            planes[name] = np.where(blank & (name in planes), planes.get(name, values), values)
    return planes


def _mtl(item: pystac.Item) -> str:
    """The text of a scene's MTL.json."""
    asset = next((a for a in item.assets.values() if a.href.partition("?")[0].lower().endswith("mtl.json")), None)
    if asset is None:
        raise LoadError(
            f"item {item.id} has no asset MTL.json, and without its constants counts are no temperature; name a "
            "catalogue that lists it"
        )
    href = asset.get_absolute_href() or asset.href
    try:
        if "://" in href and not href.startswith("file://"):
            answer = httpx.get(href, timeout=TIMEOUT_S, follow_redirects=True)
            return answer.raise_for_status().text
        return Path(href.removeprefix("file://")).read_text(encoding="utf-8")
    except (httpx.HTTPError, OSError, UnicodeDecodeError) as error:
        why = _told(str(error), [href])
        raise LoadError(f"item {item.id}: {_shown(href)} could not be read: {why}; the next run tries again") from error


def _calibration(assets: _Named) -> list[tuple[float, float]]:
    return [(asset.scale, asset.offset) for asset in assets.values()]


def _load(items: Sequence[pystac.Item], assets: Sequence[_Named], grid: Grid, hows: Mapping[str, _How]) -> _Planes:
    """Load the items' assets onto the grid; where tiles overlap the first that holds data counts."""
    import odc.stac  # takes seconds, and those who only read chips need none of it
    from odc.geo.geobox import GeoBox

    bare = [_bare(item, named, grid) for item, named in zip(items, assets, strict=True)]
    planes: _Planes = {}
    for how in dict.fromkeys(hows[name] for name in assets[0]):
        held = {"data_type": str(how.dtype), "nodata": how.fill}
        loaded = odc.stac.load(
            bare,
            bands=[name for name in assets[0] if hows[name] == how],
            geobox=GeoBox(grid.shape, rasterio.Affine(*grid.transform), grid.crs),
            groupby=lambda item, parsed, index: 0,
            preserve_original_order=True,
            resampling=how.resampling,
            dtype=str(how.dtype),
            nodata=how.fill,
            stac_cfg={"*": {"assets": {"*": held}, "warnings": "ignore"}},
        )
        planes |= {str(name): loaded[name].values[0] for name in loaded.data_vars}
    return planes


def _bare(item: pystac.Item, assets: _Named, grid: Grid) -> pystac.Item:
    """An item of only the assets to load, under the bands' names and all over the grid: files know where they lie."""
    outline = grid_polygon(grid)
    moment = item.datetime or item.common_metadata.start_datetime
    bare = pystac.Item(item.id, mapping(outline), list(outline.bounds), moment, properties={})
    for name, asset in assets.items():
        extra = {} if asset.nodata is None else {"nodata": asset.nodata}
        bare.add_asset(name, pystac.Asset(asset.href, media_type="image/tiff", roles=["data"], extra_fields=extra))
    return bare


def _culprit(found: Found, assets: Sequence[_Named], grid: Grid, hows: Mapping[str, _How]) -> LoadError | None:
    """Load asset by asset to name the one that fails; None when each can be read by itself."""
    for item, asset in _each(found, assets):
        try:
            _load([item], [{asset.band: asset}], grid, hows)
        except Exception as error:  # as above
            return _failed(item, asset, error)
    return None
