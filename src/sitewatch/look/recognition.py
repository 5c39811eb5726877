"""What product an item is, told from what it says of itself; a collection's name is never asked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pystac

from sitewatch.errors import InputError
from sitewatch.look.assets import file_stem, find_asset, pixel_of
from sitewatch.look.items import Unusable, platform, taken
from sitewatch.look.products import HEAT, LANDSAT, NIGHT_HEAT, QA_PIXEL, RADAR, SENTINEL_2, Product
from sitewatch.look.sensors.radar import stated
from sitewatch.look.sensors.thermal import Overpass, overpass_class
from sitewatch.records import SPECTRA, Spectrum

COARSE_M = 15.0
"""Radar whose stated pixel is larger than this is loaded onto a grid of 20 m."""
_LEVEL_2 = re.compile(r"_l2s[pr]_|_s[rt]_b\d")
_LEVEL_1 = re.compile(r"_l1(tp|gt|gs)_|_b10$")
_TERRAIN = re.compile(r"\b(gamma|rtc|nrb|terrain[- ](?:corrected|flattened))\b|gamma0|γ0")


def recognised(item: pystac.Item, bands: Sequence[str], place: tuple[float, float]) -> Product:
    """The product of an item, of the kind that the wanted bands are of.

    Sentinel-1 is told by its polarisations and by a text that speaks of gamma0 or of terrain correction; Landsat by
    its platform, its mission's properties or its QA_PIXEL, and the level by `landsat:correction`, else by the names of
    its files; everything else in colours is taken for Sentinel-2 Level-2A, which needs its scene classification.

    Args:
        item: of a catalogue.
        bands: STAC common names, all of one spectrum.
        place: longitude and latitude of the site, degrees: where the sun tells day from night.

    Raises:
        Unusable: it is of another kind or level than the bands need, or was taken by day where night is needed.
    """
    spectrum = spectrum_of(bands)
    if spectrum == "radar":
        return _radar(item, bands)
    if not _is_landsat(item):
        if spectrum == "heat":
            raise Unusable(
                f"it does not say that it is of Landsat (platform {platform(item)}), and only Landsat's lwir11 is "
                "read; name the bands of its own sensor"
            )
        return SENTINEL_2
    level, held = _level(item), find_asset(item, bands[0])
    if spectrum == "colour":
        if level == 1:
            raise Unusable("it is of Level 1, radiance at the sensor; name a collection of Level-2 surface reflectance")
        return _whole(item, bands, LANDSAT)
    if held is None:
        raise Unusable("it has no asset for band lwir11: a scene of Level-2SR, or of Landsat 7 and before; leave it")
    when = overpass_class(taken(item)[0], *place)
    return _whole(item, bands, _heat(level, when))


def _whole(item: pystac.Item, bands: Sequence[str], product: Product) -> Product:
    """The product, once the item has an asset for each of its bands and quality layers."""
    lacking = [name for name in (*bands, *product.quality) if find_asset(item, name, product) is None]
    if lacking:
        hint = "; Landsat's near infrared is nir08" if "nir" in lacking else ""
        raise Unusable(f"it has no asset for {', '.join(lacking)}{hint}; it has {', '.join(sorted(item.assets))}")
    return product


def spectrum_of(bands: Sequence[str]) -> Spectrum:
    """Of what kind bands are; the case has made sure that all are of one."""
    return next((kind for kind, names in SPECTRA.items() if bands[0] in names), "colour")


def _heat(level: int | None, when: Overpass) -> Product:
    if level is None:
        raise Unusable(
            "it states no landsat:correction, and its files' names tell neither Level 1 nor Level 2; without it "
            "nobody knows whether lwir11 is the surface's temperature"
        )
    if level == 2 and when == "day":
        return HEAT
    if level == 1 and when == "night":
        return NIGHT_HEAT
    wanted = "by day comes from Level-2 surface temperature" if level == 1 else "by night from Level-1 band 10"
    raise Unusable(f"it is of Level {level}, taken by {when}; heat {wanted}, and the two never make one series")


def _radar(item: pystac.Item, bands: Sequence[str]) -> Product:
    """Gamma0 of Sentinel-1; ground range and single look products are no gamma0 on the map."""
    band = bands[0]
    asset, told = find_asset(item, band, RADAR), item.properties
    if asset is None:
        raise Unusable(f"it has no asset for polarisation {band}; it has {', '.join(sorted(item.assets)) or 'none'}")
    maker = f"{platform(item)} {told.get('constellation', '')}".lower()
    if "sentinel-1" not in maker and "sentinel1" not in maker:
        raise Unusable(f"it does not say that it is of Sentinel-1 (platform {platform(item)}); leave it out")
    described = item.assets[asset.key]
    texts = [described.title, described.description, *_words(described.extra_fields), *_words(told)]
    said = [str(text).lower() for text in texts if text]
    if not any(_TERRAIN.search(text) and ("sigma" not in text or "gamma" in text) for text in said):
        raise Unusable(
            "nothing that it says of itself tells of gamma0 or of terrain correction "
            f"(sar:product_type {told.get('sar:product_type', 'not stated')}); name a collection of RTC or NRB products"
        )
    try:
        orbit, direction, _ = stated(item.to_dict(include_self_link=False), asset.key)
    except InputError as error:
        raise Unusable(str(error).removeprefix(f"item {item.id}: ")) from error
    if orbit is None or direction not in ("ascending", "descending"):
        raise Unusable(
            f"its sat:relative_orbit is {orbit} and its sat:orbit_state {direction!r}; each orbit and direction looks "
            "from another side, so that a pass without both joins no series; ask the catalogue's keeper to state them"
        )
    coarse = pixel_of(described) > COARSE_M
    return _whole(item, bands, replace(RADAR, pixel_m=20.0) if coarse else RADAR)


def _words(fields: dict[str, Any]) -> list[Any]:
    """What fields say of the product's kind."""
    names = ("description", "title", "sar:product_type", "product:type", "processing:level", "card4l:specification")
    bands = [*(fields.get("raster:bands") or ()), *(fields.get("bands") or ())]
    return [fields.get(name) for name in names] + [band.get("description") for band in bands if isinstance(band, dict)]


def _is_landsat(item: pystac.Item) -> bool:
    named = platform(item).lower().startswith("landsat")
    return (
        named or any(name.startswith("landsat:") for name in item.properties) or find_asset(item, QA_PIXEL) is not None
    )


def _level(item: pystac.Item) -> int | None:
    """1 or 2; None where neither the properties nor the names of the files tell."""
    stated = str(item.properties.get("landsat:correction") or item.properties.get("processing:level") or "").upper()
    if found := re.match(r"L([12])", stated):
        return int(found[1])
    names = [item.id.lower() + "_", *(file_stem(asset) for asset in item.assets.values())]
    if any(_LEVEL_2.search(name) for name in names):
        return 2
    return 1 if any(_LEVEL_1.search(name) for name in names) else None
