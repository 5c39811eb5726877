"""Which asset of an item holds a band or a quality layer, and how its numbers become a quantity."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import pystac

from sitewatch.look.items import baseline, platform
from sitewatch.look.products import QUALITY, SENTINEL_2, Product

OFFSET_04 = -0.1
"""Reflectance of count 0 in Sentinel-2 L2A products from baseline 04.00 on (ESA, Sentinel-2 products specification)."""


@dataclass(frozen=True)
class BandAsset:
    """One band's file, as the item describes it."""

    band: str
    """STAC common name, or the name of a quality layer."""
    key: str
    """The asset's key in the item."""
    href: str
    scale: float
    """Quantity per count: reflectance, kelvin, gamma0; 1 for a quality layer."""
    offset: float
    """Quantity of count 0."""
    calibration: str
    """Where scale and offset come from."""
    nodata: float | None
    data_type: str | None


def find_asset(item: pystac.Item, band: str, product: Product = SENTINEL_2) -> BandAsset | None:
    """The asset that holds a band: by the common name in its metadata, else by its key; None when there is none.

    A quality layer is known by its key or by the end of its file's name, which the archives keep: Landsat's ST_QA is
    `qa` in many catalogues. Of several (the same band as JPEG 2000, or at 10, 20 and 60 m) the one whose key is the
    common name counts, then the finest, then a GeoTIFF. Only assets of one band are looked at, so that a true-colour
    picture is never taken for data.
    """
    single = {key: asset for key, asset in item.assets.items() if len(_bands(asset)) <= 1}
    named = [key for key, asset in single.items() if _common_name(asset) == band]
    keyed = [key for key in single if key.lower() == band or key.lower().startswith(f"{band}_")]
    filed = [key for key, asset in single.items() if band in QUALITY and file_stem(asset).endswith(f"_{band}")]
    candidates = named or keyed or filed
    if not candidates:
        return None
    key = min(candidates, key=lambda k: (k.lower() != band, pixel_of(single[k]), not _is_geotiff(single[k]), k))
    asset = single[key]
    described = _described(asset)
    scale, offset, source = (1.0, 0.0, "classes") if band in QUALITY else _calibration(item, described, product)
    return BandAsset(
        band=band,
        key=key,
        href=asset.get_absolute_href() or asset.href,
        scale=scale,
        offset=offset,
        calibration=source,
        nodata=_number(described.get("nodata")),
        data_type=described.get("data_type"),
    )


def file_stem(asset: pystac.Asset) -> str:
    """The name of an asset's file without its ending, in lower case."""
    return PurePosixPath(asset.href.partition("?")[0]).stem.lower()


def _calibration(item: pystac.Item, described: dict[str, Any], product: Product) -> tuple[float, float, str]:
    """Scale, offset and where they come from.

    Catalogues disagree on whether the offset of baseline 04.00 is still in the counts, and one lists it beside counts
    from which it was taken away. So its flag counts first, then that no earlier baseline ever carried an offset, then
    what the item states, and where that is silent what the product's own specification says.
    """
    scale = _number(described.get("raster:scale", described.get("scale")))
    offset = _number(described.get("raster:offset", described.get("offset")))
    made = baseline(item) if platform(item).lower().startswith("sentinel-2") else None
    applied = any(item.properties.get(f"{p}:boa_offset_applied") is True for p in ("earthsearch", "sentinel"))
    scale_is, scale = ("item", scale) if scale is not None else ("default", product.scale)
    if applied:
        return scale, 0.0, f"scale: {scale_is}; offset: the item says it is applied"
    if made is not None and made < (4, 0):
        return scale, 0.0, f"scale: {scale_is}; offset: none before baseline 04.00"
    if offset is not None:
        return scale, offset, f"scale: {scale_is}; offset: item"
    if made is not None:
        return scale, OFFSET_04, f"scale: {scale_is}; offset: product specification from baseline 04.00 on"
    return scale, product.offset, f"scale: {scale_is}; offset: default"


def _bands(asset: pystac.Asset) -> list[dict[str, Any]]:
    """The bands that an asset lists, in the words of any version of STAC."""
    listed = asset.extra_fields.get("bands") or asset.extra_fields.get("eo:bands") or []
    return [band for band in listed if isinstance(band, dict)]


def _described(asset: pystac.Asset) -> dict[str, Any]:
    """All that an asset says of its one band; what stands closer to the band counts more."""
    raster = asset.extra_fields.get("raster:bands") or [{}]
    bands = _bands(asset) or [{}]
    return {**asset.extra_fields, **raster[0], **bands[0]}


def _common_name(asset: pystac.Asset) -> str | None:
    described = _described(asset)
    name = described.get("eo:common_name") or described.get("common_name")
    return str(name) if name else None


def pixel_of(asset: pystac.Asset) -> float:
    """Side of the asset's pixel as far as it is stated; 0 where it is not, since then it is the only one."""
    described = _described(asset)
    for name in ("gsd", "raster:spatial_resolution", "spatial_resolution"):
        if (stated := _number(described.get(name))) is not None:
            return stated
    transform = described.get("proj:transform")
    return abs(float(transform[0])) if transform else 0.0


def _is_geotiff(asset: pystac.Asset) -> bool:
    return "tiff" in (asset.media_type or "").lower() or asset.href.lower().split("?")[0].endswith((".tif", ".tiff"))


def _number(stated: object) -> float | None:
    return float(stated) if isinstance(stated, int | float) and not isinstance(stated, bool) else None
