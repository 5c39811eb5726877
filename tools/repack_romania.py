"""Repack the Romania scene as the static STAC catalogue of the bundled sample.

Reads `data/optical/romania_s2_10m.nc` below $SITEWATCH_SHARED (default ../shared) and writes `catalog.json`, one
collection and one item a day, shaped like a public Sentinel-2 L2A collection. The pixels are exact: nothing is
resampled, the source's own EPSG:3035 stays. The same input gives the same bytes.

Usage: python tools/repack_romania.py [--source FILE] [--out FOLDER]
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from pyproj import Transformer
from rasterio.transform import Affine

ROOT = Path(__file__).resolve().parent.parent
SOURCE = Path(os.environ.get("SITEWATCH_SHARED", ROOT.parent / "shared")) / "data" / "optical" / "romania_s2_10m.nc"
OUT = ROOT / "src" / "sitewatch" / "samples" / "romania-forest" / "stac"

EPSG = 3035
PIXEL_M = 10.0
FIRST_DAY = date(2015, 8, 1)
WATCH_FROM = date(2018, 1, 1)
"""First watched day of the sample's site."""
LEAST_CLEAR = 0.2
"""Days before the watch of which less is clear are left out: no baseline is fitted to them. In the watch every day
counts, the clouded ones too, since the brief says what the clouds hid."""
GROUND = (4, 5, 6, 7)
CLOUD = (8, 9, 10)
BANDS = {"blue": "B2", "green": "B3", "red": "B4", "nir": "B8"}
"""Common name of each band, and its name in the source."""
COLLECTION = "sentinel-2-l2a"
ATTRIBUTION = "contains modified Copernicus Sentinel data 2015-2021"
TERMS = "https://sentinels.copernicus.eu/documents/247904/690755/Sentinel_Data_Legal_Notice"
EXTENSIONS = ("eo/v1.1.0", "raster/v1.1.0", "projection/v1.1.0")


def main() -> None:
    """Write the catalogue and say what it holds."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--source", type=Path, default=SOURCE)
    asked.add_argument("--out", type=Path, default=OUT)
    given = asked.parse_args()
    days = repack(given.source, given.out)
    size = sum(path.stat().st_size for path in given.out.rglob("*") if path.is_file())
    print(f"{len(days)} days from {days[0]} to {days[-1]}, {size / 1e6:.2f} MB in {given.out}")


def repack(source: Path, out: Path) -> list[date]:
    """Write the catalogue below `out`, which is emptied first; returns the days that it holds."""
    days, planes, transform = read_source(source)
    shutil.rmtree(out, ignore_errors=True)
    for part in ("items", "pixels"):
        (out / part).mkdir(parents=True)
    kept = [
        i for i, day in enumerate(days) if day >= WATCH_FROM or np.isin(planes["scl"][i], GROUND).mean() >= LEAST_CLEAR
    ]
    for i in kept:
        for name, plane in planes.items():
            write_raster(out / "pixels" / f"{days[i]:%Y%m%d}_{name}.tif", plane[i], transform)
        write_json(out / "items" / f"{name_of(days[i])}.json", item(days[i], planes["scl"][i], transform))
    held = [days[i] for i in kept]
    write_json(out / "collection.json", collection(held, transform))
    write_json(out / "catalog.json", catalog())
    return held


def read_source(source: Path) -> tuple[list[date], dict[str, NDArray[Any]], Affine]:
    """Days, counts of each band (time, y, x), and the transform of pixels to metres."""
    import netCDF4

    with netCDF4.Dataset(source) as file:
        file.set_auto_mask(False)
        file.set_auto_scale(False)
        planes = {common: file[name][:].astype(np.uint16) for common, name in BANDS.items()}
        planes["scl"] = file["SCL"][:].astype(np.uint8)
        days = [FIRST_DAY + timedelta(days=int(day)) for day in file["time"][:]]
        left, top = file["x"][0] - PIXEL_M / 2, file["y"][0] + PIXEL_M / 2
    return days, planes, Affine(PIXEL_M, 0.0, float(left), 0.0, -PIXEL_M, float(top))


def write_raster(path: Path, counts: NDArray[Any], transform: Affine) -> None:
    """One band as a GeoTIFF that is read with one request: header first, all pixels in one strip."""
    height, width = counts.shape
    with rasterio.open(
        path, "w", driver="GTiff", height=height, width=width, count=1, dtype=counts.dtype, crs=f"EPSG:{EPSG}",
        transform=transform, nodata=0, compress="deflate", zlevel=12, blockysize=height,
        predictor=2 if counts.dtype == np.uint16 else 1,
    ) as file:  # fmt: skip
        file.write(counts, 1)


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Compact JSON, one line."""
    path.write_text(json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")


def name_of(day: date) -> str:
    """Id of a day's item."""
    return f"{platform(day).replace('sentinel-2', 'S2').upper()}_{day:%Y%m%d}_L2A"


def platform(day: date) -> str:
    """The satellite, which the source does not name, from the repeat cycle: ten days each, B five days after A."""
    return "sentinel-2a" if (day - FIRST_DAY).days % 10 == 0 else "sentinel-2b"


def item(day: date, scl: NDArray[Any], transform: Affine) -> dict[str, Any]:
    """One day's item. The source knows the day, not the hour, so the item says the day's interval and no moment."""
    ring, box = footprint(scl.shape, transform)
    return {
        "type": "Feature",
        "stac_version": "1.0.0",
        "stac_extensions": [f"https://stac-extensions.github.io/{name}/schema.json" for name in EXTENSIONS],
        "id": name_of(day),
        "collection": COLLECTION,
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "bbox": box,
        "properties": {
            "datetime": None,
            "start_datetime": f"{day}T00:00:00Z",
            "end_datetime": f"{day}T23:59:59Z",
            "platform": platform(day),
            "constellation": "sentinel-2",
            "instruments": ["msi"],
            "gsd": 10,
            "eo:cloud_cover": round(float(np.isin(scl, CLOUD).mean() * 100), 2),
            "proj:epsg": EPSG,
            "proj:shape": list(scl.shape),
            "proj:transform": list(transform)[:6],
        },
        "links": [
            {"rel": "root", "href": "../catalog.json", "type": "application/json"},
            {"rel": "parent", "href": "../collection.json", "type": "application/json"},
            {"rel": "collection", "href": "../collection.json", "type": "application/json"},
        ],
        "assets": {name: asset(day, name) for name in (*BANDS, "scl")},
    }


def asset(day: date, name: str) -> dict[str, Any]:
    """One band of a day."""
    described: dict[str, Any] = {
        "href": f"../pixels/{day:%Y%m%d}_{name}.tif",
        "type": "image/tiff; application=geotiff; profile=cloud-optimized",
        "roles": ["data"],
    }
    if name == "scl":
        return described | {"raster:bands": [{"data_type": "uint8", "nodata": 0}]}
    return described | {
        "eo:bands": [{"name": BANDS[name], "common_name": name}],
        "raster:bands": [{"data_type": "uint16", "nodata": 0, "scale": 0.0001, "offset": 0}],
    }


def footprint(shape: tuple[int, ...], transform: Affine) -> tuple[list[list[float]], list[float]]:
    """Closed ring and bounding box of the scene, longitude and latitude."""
    height, width = shape
    corners = [(0, height), (width, height), (width, 0), (0, 0), (0, height)]
    project = Transformer.from_crs(EPSG, 4326, always_xy=True).transform
    where = [(transform.c + column * transform.a, transform.f + row * transform.e) for column, row in corners]
    ring = [[round(degrees, 6) for degrees in project(*place)] for place in where]
    longitudes, latitudes = zip(*ring, strict=True)
    return ring, [min(longitudes), min(latitudes), max(longitudes), max(latitudes)]


def collection(days: list[date], transform: Affine) -> dict[str, Any]:
    """The collection of all days."""
    _, box = footprint((100, 100), transform)
    return {
        "type": "Collection",
        "stac_version": "1.0.0",
        "id": COLLECTION,
        "title": "Sentinel-2 Level-2A over a forest in Romania",
        "description": (
            "Surface reflectance of one square kilometre in four bands at 10 m, as counts of 0.0001, and the scene "
            "classification. The hour of each pass is not known: every item states its day. The satellite follows from "
            "the repeat cycle. Cut-out drawn from the sample data of nrt 0.1.0 (Joint Research Centre, EUPL-1.2)."
        ),
        "license": "proprietary",
        "attribution": ATTRIBUTION,
        "providers": [
            {"name": "European Union, ESA, Copernicus", "roles": ["producer", "licensor"]},
            {"name": "Joint Research Centre, nrt 0.1.0", "roles": ["processor"]},
        ],
        "extent": {
            "spatial": {"bbox": [box]},
            "temporal": {"interval": [[moment(days[0], 0), moment(days[-1], 86399)]]},
        },
        "links": [
            {"rel": "root", "href": "./catalog.json", "type": "application/json"},
            {"rel": "parent", "href": "./catalog.json", "type": "application/json"},
            {"rel": "license", "href": TERMS, "title": "Legal notice on the use of Copernicus Sentinel data"},
            *({"rel": "item", "href": f"./items/{name_of(day)}.json", "type": "application/geo+json"} for day in days),
        ],
    }


def catalog() -> dict[str, Any]:
    """The root."""
    return {
        "type": "Catalog",
        "stac_version": "1.0.0",
        "id": "romania-forest",
        "description": f"Sample passes of Sitewatch; {ATTRIBUTION}.",
        "links": [
            {"rel": "root", "href": "./catalog.json", "type": "application/json"},
            {"rel": "child", "href": "./collection.json", "type": "application/json"},
        ],
    }


def moment(day: date, second: int) -> str:
    """A second of a day, UTC."""
    return f"{datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(seconds=second):%Y-%m-%dT%H:%M:%SZ}"


if __name__ == "__main__":
    main()
