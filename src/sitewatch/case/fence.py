"""Fences: closed rings of longitude and latitude that a monitor can watch."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pyproj import Geod
from shapely import Polygon
from shapely.validation import explain_validity

from sitewatch.case.values import Unfit, is_number, show

Ring = tuple[tuple[float, float], ...]
"""Corners as (longitude, latitude) in degrees, WGS 84; the last is the first again."""

LONGEST_SIDE = 20_000.0
"""Metres that a fence may measure from west to east and from south to north."""

_CORNERS = "at least three corners [longitude, latitude] in degrees, in order around the place"


def read_fence(value: object) -> Ring:
    """The ring of a list of corners; an open one is closed.

    Raises:
        Unfit: it is no list of corners, lies off the globe, crosses itself, or is too large.
    """
    if not (isinstance(value, list) and all(_is_corner(corner) for corner in value)):
        raise Unfit(show(value), _CORNERS)
    ring = tuple((float(lon), float(lat)) for lon, lat in value)
    if len(set(ring)) < 3:
        raise Unfit(show(value), _CORNERS)
    _check_globe(ring)
    ring = ring if ring[0] == ring[-1] else (*ring, ring[0])
    _check_shape(ring)
    _check_size(ring)
    return ring


def read_fence_file(path: Path) -> Ring:
    """The ring of a GeoJSON file that holds one polygon.

    Raises:
        json.JSONDecodeError: the file is no JSON; the error tells the line.
        UnicodeDecodeError: the file is no text.
        Unfit: it is no GeoJSON polygon, or its ring is unfit.
    """
    polygons = _polygons(json.loads(path.read_text(encoding="utf-8-sig")))
    if len(polygons) != 1:
        raise Unfit(f"{len(polygons)} polygons in it", "a GeoJSON file with exactly one polygon")
    (rings,) = polygons
    if not isinstance(rings, list) or len(rings) != 1 or not isinstance(rings[0], list):
        raise Unfit("a polygon with holes, or none at all", "one outer ring and no hole: a fence is watched whole")
    return read_fence([corner[:2] if isinstance(corner, list) else corner for corner in rings[0]])


def size(ring: Ring) -> tuple[float, float]:
    """Metres from west to east, measured where that is longest, and from south to north (WGS 84 ellipsoid)."""
    west, south, east, north = Polygon(ring).bounds
    widest = 0.0 if south <= 0 <= north else min(abs(south), abs(north))
    earth = Geod(ellps="WGS84")
    middle = (west + east) / 2  # in two halves: a line of over 180 degrees would be measured the short way round
    width = sum(earth.inv(*half)[2] for half in ((west, widest, middle, widest), (middle, widest, east, widest)))
    return width, earth.inv(west, south, west, north)[2]


def _is_corner(corner: object) -> bool:
    return isinstance(corner, list) and len(corner) == 2 and all(is_number(n) for n in corner)


def _check_globe(ring: Ring) -> None:
    outside = [(x, y) for x, y in ring if not (abs(x) <= 180 and abs(y) <= 90)]
    if not outside:
        return
    if all(abs(x) <= 90 and abs(y) <= 180 for x, y in ring):
        x, y = outside[0]
        raise Unfit(f"{show([x, y])}, latitude before longitude", f"longitude first: {show([y, x])}")
    raise Unfit(
        f"{show(list(outside[0]))}, which is off the globe",
        "[longitude, latitude] in degrees (WGS 84): -180 to 180, -90 to 90",
    )


def _check_shape(ring: Ring) -> None:
    polygon = Polygon(ring)
    if not polygon.is_valid:
        kind, _, place = explain_validity(polygon).rstrip("]").partition("[")
        near = place.replace(" ", ", ")
        raise Unfit(
            f"a fence that crosses or touches itself near [{near}] ({kind.lower()})",
            "the corners in order around the place, each once",
        )


def _check_size(ring: Ring) -> None:
    width, height = size(ring)
    if max(width, height) > LONGEST_SIDE:
        raise Unfit(
            f"a fence of {width / 1000:.1f} km by {height / 1000:.1f} km",
            f"at most {LONGEST_SIDE / 1000:.0f} km from west to east and from south to north; "
            "make several sites of a larger place",
        )


def _polygons(geojson: Any) -> list[Any]:
    """Coordinates of every polygon in a GeoJSON object."""
    kind = geojson.get("type") if isinstance(geojson, dict) else None
    if kind == "FeatureCollection" and isinstance(geojson.get("features"), list):
        return [polygon for feature in geojson["features"] for polygon in _polygons(feature)]
    if kind == "Feature":
        return _polygons(geojson.get("geometry"))
    if kind == "Polygon":
        return [geojson.get("coordinates")]
    if kind == "MultiPolygon" and isinstance(geojson.get("coordinates"), list):
        return list(geojson["coordinates"])
    raise Unfit(f"{show(kind)} where a polygon is wanted", "GeoJSON of one polygon, alone or as a feature")
