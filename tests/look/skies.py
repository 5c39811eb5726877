"""Made-up passes for the tests of the look room's edge: scenes as GeoTIFFs, their items, and catalogues of them."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pystac
import rasterio
from numpy.typing import NDArray
from pyproj import Transformer

from sitewatch.records import Catalogue, Site

CRS = "EPSG:32634"
LEFT, TOP = 590_000.0, 5_007_000.0
"""North-western corner of the made-up tile, metres; it lies on the tiles of Sentinel-2."""
SIZE = 160
"""Pixels of 10 m on each side of the tile."""
BANDS = ("blue", "green", "red", "nir")
COLLECTION = "sentinel-2-l2a"


def square(left: float, bottom: float, side: float, crs: str = CRS) -> tuple[tuple[float, float], ...]:
    """A closed square ring, longitude and latitude, from metres."""
    corners = [(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]
    project = Transformer.from_crs(crs, 4326, always_xy=True).transform
    return tuple(project(left + side * x, bottom + side * y) for x, y in corners)


def site(**changes: Any) -> Site:
    """A site of 100 m in the middle of the tile."""
    middle = square(LEFT + 750, TOP - 850, 100)
    return Site(**{"slug": "yard", "name": "Yard", "fence": middle, "watch_from": date(2018, 1, 1)} | changes)


def catalogue(**changes: Any) -> Catalogue:
    """A catalogue in the folder `stac` unless the changes give it a url."""
    where = {} if "url" in changes else {"folder": "stac"}
    given = {"slug": "s2", "collection": COLLECTION, "bands": BANDS, "sites": ("yard",), "since": date(2015, 1, 1)}
    return Catalogue(**given | where | changes)


def ramp(band: int, size: int = SIZE) -> NDArray[np.uint16]:
    """Counts that tell row and column apart and differ from band to band."""
    row, column = np.mgrid[0:size, 0:size]
    return (1000 * (band + 1) + 3 * row + 2 * column).astype(np.uint16)


def write_tif(
    path: Path,
    counts: NDArray[Any],
    *,
    crs: str | None = CRS,
    corner: tuple[float, float] = (LEFT, TOP),
    pixel: float = 10,
    nodata: float = 0,
) -> Path:
    """One band as a GeoTIFF."""
    height, width = counts.shape
    path.parent.mkdir(parents=True, exist_ok=True)
    with rasterio.open(
        path, "w", driver="GTiff", height=height, width=width, count=1, dtype=counts.dtype, nodata=nodata, crs=crs,
        transform=rasterio.Affine(pixel, 0, corner[0], 0, -pixel, corner[1]), compress="deflate",
    ) as file:  # fmt: skip
        file.write(counts, 1)
    return path


def write_scene(folder: Path, name: str, *, scl: NDArray[Any] | None = None, empty: bool = False) -> dict[str, str]:
    """The rasters of one scene on the made-up tile; gives their addresses below the folder, by asset key."""
    hrefs = {}
    for index, band in enumerate(BANDS):
        counts = np.zeros((SIZE, SIZE), np.uint16) if empty else ramp(index)
        hrefs[band] = str(write_tif(folder / name / f"{band}.tif", counts).relative_to(folder))
    classes = np.full((SIZE // 2, SIZE // 2), 0 if empty else 4, np.uint8) if scl is None else scl
    hrefs["scl"] = str(write_tif(folder / name / "scl.tif", classes, pixel=20).relative_to(folder))
    return hrefs


def item(id: str, hrefs: dict[str, str], *, when: datetime | None = None, **properties: Any) -> pystac.Item:
    """An item as public Sentinel-2 catalogues shape it: bands by common name, counts of 0.0001, a tile's footprint."""
    ring = [list(corner) for corner in square(LEFT, TOP - SIZE * 10, SIZE * 10)]
    made = pystac.Item(
        id=id,
        geometry={"type": "Polygon", "coordinates": [ring]},
        bbox=[min(c[0] for c in ring), min(c[1] for c in ring), max(c[0] for c in ring), max(c[1] for c in ring)],
        datetime=when or datetime(2018, 6, 1, 9, 20, 31, tzinfo=UTC),
        properties={"platform": "sentinel-2a"} | properties,
        collection=COLLECTION,
        stac_extensions=[f"https://stac-extensions.github.io/{e}/schema.json" for e in ("eo/v1.1.0", "raster/v1.1.0")],
    )
    for key, href in hrefs.items():
        described: dict[str, Any] = {"raster:bands": [{"data_type": "uint16", "nodata": 0, "scale": 1e-4, "offset": 0}]}
        if key in BANDS:
            described["eo:bands"] = [{"name": key, "common_name": key}]
        made.add_asset(key, pystac.Asset(href, media_type=pystac.MediaType.COG, roles=["data"], extra_fields=described))
    return made


def write_folder(folder: Path, items: list[pystac.Item], *, links: list[dict[str, str]] | None = None) -> Path:
    """A static STAC catalogue with one collection; asset addresses count from the folder itself."""
    folder.mkdir(parents=True, exist_ok=True)
    for one in items:
        told = one.to_dict(include_self_link=False)
        told["links"] = [
            {"rel": "parent", "href": "./collection.json"},
            {"rel": "collection", "href": "./collection.json"},
        ]
        (folder / f"{one.id}.json").write_text(json.dumps(told))
    told = collection()
    told["links"] = [{"rel": "item", "href": f"./{one.id}.json"} for one in items] + (links or [])
    (folder / "collection.json").write_text(json.dumps(told))
    root = {"type": "Catalog", "stac_version": "1.0.0", "id": "made-up", "description": "made up for tests"}
    (folder / "catalog.json").write_text(json.dumps(root | {"links": [{"rel": "child", "href": "./collection.json"}]}))
    return folder


def collection() -> dict[str, Any]:
    """The collection's JSON without links."""
    return {
        "type": "Collection",
        "stac_version": "1.0.0",
        "id": COLLECTION,
        "description": "made up for tests",
        "license": "CC-BY-4.0",
        "providers": [{"name": "Maker", "roles": ["producer"]}, {"name": "Host", "roles": ["host"]}],
        "extent": {
            "spatial": {"bbox": [[-180, -90, 180, 90]]},
            "temporal": {"interval": [["2015-01-01T00:00:00Z", None]]},
        },
    }


def landsat(
    id: str, hrefs: dict[str, str], *, when: datetime | None = None, correction: str = "L2SP", **properties: Any
) -> pystac.Item:
    """An item as public catalogues of Landsat's Collection 2 shape it; assets are given by key."""
    told = {"platform": "landsat-8", "landsat:correction": correction, "landsat:wrs_path": "185"} | properties
    made = item(id, {}, when=when or datetime(2018, 6, 1, 9, 20, 31, tzinfo=UTC), **told)
    scales = {"lwir11": (0.00341802, 149.0)} if correction.startswith("L2") else {"lwir11": (None, None)}
    for key, href in hrefs.items():
        scale, offset = scales.get(key, (2.75e-5, -0.2))
        flags = key in ("qa_pixel", "qa", "mtl.json")
        band = {} if flags or scale is None else {"scale": scale, "offset": offset, "nodata": 0}
        described: dict[str, Any] = {"raster:bands": [band]} if band else {}
        if not flags:
            described["eo:bands"] = [{"name": key.upper(), "common_name": key}]
        made.add_asset(key, pystac.Asset(href, roles=["data"], extra_fields=described))
    return made


def radar(
    id: str,
    hrefs: dict[str, str],
    *,
    when: datetime | None = None,
    orbit: int | None = 29,
    direction: str | None = "ascending",
    says: str = "Terrain-corrected gamma naught values, vertical transmit",
    **properties: Any,
) -> pystac.Item:
    """An item as public catalogues of radiometrically terrain-corrected Sentinel-1 shape it."""
    told = {"platform": "SENTINEL-1A", "constellation": "Sentinel-1", "sar:product_type": "GRD"}
    told |= {"sat:relative_orbit": orbit, "sat:orbit_state": direction} | properties
    stated = {name: value for name, value in told.items() if value is not None}
    made = item(id, {}, when=when, **stated)
    for key, href in hrefs.items():
        band = {"nodata": -32768, "data_type": "float32", "spatial_resolution": 10.0}
        made.add_asset(key, pystac.Asset(href, roles=["data"], description=says, extra_fields={"raster:bands": [band]}))
    return made
