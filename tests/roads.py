"""A made-up road: passes over a site with and without lorries on it, some of them under cloud."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from pyproj import Transformer

from sitewatch.look import site_grid
from sitewatch.look.assets import BandAsset
from sitewatch.look.chips import write_chip
from sitewatch.look.traffic import Vehicle, parse_roads, plant, road_mask
from sitewatch.look.traffic.background import background
from sitewatch.records import Pass, Site

FENCE = ((15.0, 50.0), (15.003, 50.0), (15.003, 50.002), (15.0, 50.002), (15.0, 50.0))
SITE = Site(slug="yard", name="the yard", fence=FENCE)
START = datetime(2020, 1, 5, 10, 0, tzinfo=UTC)
BANDS = ("blue", "green", "red")
SCL = {"ground": 5, "cloud": 9}


def geojson(**properties: Any) -> str:
    """A road across the grid, from west to east through its middle."""
    grid = site_grid(SITE)
    across, _, left, _, _, top = grid.transform
    north = top - 10 * (grid.shape[0] // 2) - 5
    ends = [left - 200, left + across * grid.shape[1] + 200]
    lonlat = Transformer.from_crs(grid.crs, "EPSG:4326", always_xy=True).transform
    line = {"type": "LineString", "coordinates": [list(lonlat(x, north)) for x in ends]}
    feature = {"type": "Feature", "properties": {"width": 20, **properties}, "geometry": line}
    return json.dumps({"type": "FeatureCollection", "features": [feature]})


def chip(lorries: int, seed: int, *, cloud: float = 0.0, bands: Sequence[str] = BANDS, scl: bool = True) -> bytes:
    """A pass with so many lorries on the road, and cloud over a share of it from the west."""
    grid = site_grid(SITE)
    road = road_mask(parse_roads(geojson(), "roads"), grid)
    random = np.random.default_rng(seed)
    ground = np.where(road.mask, 0.1, np.array([0.05, 0.08, 0.06])[:, None, None])
    planes = ground + random.normal(0, 0.004, (3, *grid.shape)) + random.normal(0, 0.004, grid.shape)
    row, step = grid.shape[0] // 2, grid.shape[1] // (lorries + 1)
    convoy = [Vehicle(row, step * (n + 1), np.pi * (n % 2), 80.0, (2.0,) * 3) for n in range(lorries)]
    planes = plant(planes, road, convoy, background(planes, road, along_m=120, across_m=7.5))
    classes = np.full(grid.shape, SCL["ground"])
    classes[:, : round(cloud * grid.shape[1])] = SCL["cloud"]
    layers = {name: planes[BANDS.index(name)] * 10000 for name in bands} | ({"scl": classes} if scl else {})
    scales = {name: (1.0 if name == "scl" else 1e-4) for name in layers}
    assets = [BandAsset(name, name, "", scales[name], 0.0, "made", None, None) for name in layers]
    return write_chip(np.stack(list(layers.values())).round().astype(np.uint16), assets, grid, {})


def passed(data: bytes, day: int, *, bands: Sequence[str] = BANDS, **changes: Any) -> Pass:
    """The record of a pass, so many days after the first."""
    at = START + timedelta(days=day)
    fields: dict[str, Any] = {
        "available_at": at + timedelta(hours=12), "site": "yard", "sensor": "optical", "platform": "sentinel-2a",
        "provider": "Maker", "acquired": at, "catalogue": "s2", "items": (f"made-{day}",),
        "chip": hashlib.sha256(data).hexdigest(), "bands": tuple(bands), "grid": site_grid(SITE),
        "licence": "free", "attribution": "made-up pixels",
    }  # fmt: skip
    return Pass(**{**fields, **changes})


def write_case(
    folder: Path, roads: str = '[[roads]]\nfile = "roads.geojson"\nsite = "yard"\n', watch: str = ""
) -> Path:
    """A case with the road, and no catalogue; `watch` is the line of its first watched day."""
    fence = [list(corner) for corner in FENCE]
    (folder / "case.toml").write_text(
        f'title = "A yard"\n[[sites]]\nid = "yard"\nname = "the yard"\nfence = {fence}\n{watch}\n{roads}'
    )
    (folder / "roads.geojson").write_text(geojson())
    return folder
