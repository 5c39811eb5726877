"""Roads from GeoJSON: an analyst's drawing, or an extract of OpenStreetMap."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from sitewatch.errors import InputError

WIDTHS_M = {"motorway": 15.0, "trunk": 12.0, "primary": 10.0, "secondary": 8.0, "tertiary": 7.0, "motorway_link": 7.0,
            "trunk_link": 7.0, "primary_link": 7.0, "secondary_link": 6.0, "tertiary_link": 6.0, "unclassified": 6.0,
            "residential": 6.0, "service": 5.0, "living_street": 5.0, "track": 4.0, "road": 7.0}  # fmt: skip
"""Width of OpenStreetMap's classes of roads for vehicles, metres, where nothing else tells it: assumptions of this
package. The carriageways of a motorway are lines of their own there."""
LANE_M = 3.5
"""Width of a lane."""
DEFAULT_M = 10.0
"""Width of a line that tells neither width, lanes nor class."""
WIDEST_M = 200.0
_CRS84 = re.compile(r"(?:urn:ogc:def:crs:)?(?:OGC:(?:1\.3)?:?CRS84|EPSG:(?:[\d.]*:)?4326)", re.IGNORECASE)
_LINES, _AREAS = ("LineString", "MultiLineString"), ("Polygon", "MultiPolygon")


@dataclass(frozen=True)
class Way:
    """A line or an area of road."""

    geometry: BaseGeometry
    """Line or polygon, longitude and latitude."""
    width_m: float
    """Of a line; 0 for an area."""
    name: str
    """Where it stands in its file."""


def read_roads(path: str | Path) -> tuple[Way, ...]:
    """The roads of a GeoJSON file; see `parse_roads`.

    Raises:
        InputError: it cannot be read, or is refused by `parse_roads`.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read: {error}; give the roads as GeoJSON, in UTF-8") from error
    return parse_roads(text, str(path))


def parse_roads(text: str, name: str) -> tuple[Way, ...]:
    """The roads of a GeoJSON text (RFC 7946: WGS84, longitude before latitude).

    Lines are as wide as their `width` (metres), else `lanes` x 3.5 m, else what is usual for their `highway` class,
    else 10 m. Where any feature has a `highway`, the file is an extract of OpenStreetMap: features of other kinds,
    paths for feet and cycles, and tunnels are left out.

    Args:
        text: a FeatureCollection of lines and polygons.
        name: of the file, for messages.

    Raises:
        InputError: it is no such GeoJSON, names another reference system, has coordinates that are no degrees, a width
            that is no number of metres, or holds no road.
    """
    features = _features(text, name)
    extract = any(isinstance(one, dict) and "highway" in (one.get("properties") or {}) for one in features)
    ways = [way for n, one in enumerate(features) for way in _ways(one, f"{name}: feature {n}", extract)]
    if not ways:
        raise InputError(
            f"{name}: holds no road, only {len(features)} other features; give lines or polygons, and of "
            "OpenStreetMap the ways with a highway tag"
        )
    return tuple(ways)


def _features(text: str, name: str) -> list[Any]:
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(f"{name}:{error.lineno}: not JSON: {error.msg}; export the roads again as GeoJSON") from error
    if (
        not isinstance(data, dict)
        or data.get("type") != "FeatureCollection"
        or not isinstance(data.get("features"), list)
    ):
        found = data.get("type") if isinstance(data, dict) else type(data).__name__
        raise InputError(f"{name}: found {found!r}; right would be a GeoJSON FeatureCollection of lines and polygons")
    if (crs := data.get("crs")) is not None:
        named = str((crs.get("properties") or {}).get("name", crs)) if isinstance(crs, dict) else str(crs)
        if not _CRS84.fullmatch(named):
            raise InputError(
                f"{name}: crs: its reference system is {named}; GeoJSON is in WGS84 longitude and latitude: "
                f"ogr2ogr -t_srs EPSG:4326 {_beside(name)}"
            )
    return list(data["features"])


def _beside(name: str) -> str:
    """A file to write beside one, and that one."""
    path = Path(name)
    return f"{path.with_name(f'{path.stem}-wgs84.geojson')} {path}"


def _ways(feature: Any, where: str, extract: bool) -> Iterator[Way]:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise InputError(f"{where}: is no GeoJSON Feature; export the roads again")
    tags: Mapping[str, Any] = feature.get("properties") or {}
    if extract and (tags.get("highway") not in WIDTHS_M or tags.get("tunnel") not in (None, "no")):
        return
    found = feature.get("geometry") or {}
    kind = found.get("type")
    if kind not in (*_LINES, *_AREAS):
        raise InputError(
            f"{where}: its geometry is {kind!r}; a road is a line or a polygon: draw it so, or leave it out"
        )
    try:
        geometry = shape(found)
        corners = shapely.get_coordinates(geometry)
    except (shapely.errors.GEOSException, KeyError, TypeError, ValueError, IndexError) as error:
        why = " ".join(str(error).split())
        raise InputError(
            f"{where}: its coordinates cannot be read ({why}); a line needs two corners or more, each longitude and "
            "latitude: draw it again"
        ) from error
    if (
        not len(corners)
        or not np.isfinite(corners).all()
        or not geometry.is_valid
        or not (geometry.length if kind in _LINES else geometry.area)
    ):
        raise InputError(f"{where}: the {kind} has no extent or crosses itself; draw it again")
    if (np.abs(corners) > (180, 90)).any():
        x, y = corners[(np.abs(corners) > (180, 90)).any(1)][0]
        raise InputError(
            f"{where}: the corner {x:g}, {y:g} is no longitude and latitude in degrees; GeoJSON is in WGS84: "
            f"convert it with ogr2ogr -s_srs EPSG:CODE -t_srs EPSG:4326 {_beside(where.partition(',')[0])}, CODE being "
            "that of its own system"
        )
    width = _width(tags, where) if kind in _LINES else 0.0
    for part in getattr(geometry, "geoms", [geometry]):
        yield Way(part, width, where)


def _width(tags: Mapping[str, Any], where: str) -> float:
    for key, unit in (("width", 1.0), ("lanes", LANE_M)):
        if (told := tags.get(key)) is None:
            continue
        number = re.fullmatch(r"(\d+(?:\.\d+)?)(?: ?m)?", str(told).strip())
        if not number or not 0 < float(number[1]) * unit <= WIDEST_M:
            wanted = "metres, such as 12" if key == "width" else "a number of lanes"
            raise InputError(f"{where}: {key}: found {told!r}, needed is {wanted}, at most {WIDEST_M:g} m in all")
        return float(number[1]) * unit
    return WIDTHS_M.get(str(tags.get("highway")), DEFAULT_M)
