"""Named parts of structures from GeoJSON: polygons that an analyst drew over the earlier image."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.geometry import Polygon, shape

from sitewatch.errors import InputError
from sitewatch.look.structures.parts import PartKind

_CRS84 = re.compile(r"(?:urn:ogc:def:crs:)?(?:OGC:(?:1\.3)?:?CRS84|EPSG:(?:[\d.]*:)?4326)", re.IGNORECASE)
_KINDS = {kind.value: kind for kind in PartKind} | {"wall": PartKind.WALLS, "tank": PartKind.TANKS,
          "foundation": PartKind.FOUNDATIONS}  # fmt: skip
_KEYS = ("structure", "part", "order")
_LONGEST = 60


@dataclass(frozen=True)
class Outline:
    """A part of a structure as it was drawn."""

    structure: str
    part: str
    """In the analyst's words; no other part of the file has it."""
    kind: PartKind
    """By the part's word, or the last of its words: a "west wall" is of the walls. Other where it is none of these."""
    polygon: Polygon
    """Longitude and latitude."""
    order: int | None
    """Its turn in a demolition, 1 first."""
    where: str
    """File and feature, for messages."""


def parse_parts(text: str, name: str) -> tuple[Outline, ...]:
    """The parts of a GeoJSON text (RFC 7946: WGS 84, longitude before latitude), as they stand in it.

    Each feature is one polygon without holes with the properties `structure`, `part` (roof, walls, base, tanks,
    foundations, or another word) and, where it matters, `order` (a whole number from 1: its turn in a demolition).

    Args:
        text: a FeatureCollection.
        name: of the file, for messages.

    Raises:
        InputError: it is no such GeoJSON, a property is wrong, two parts have one name, or a structure has nothing
            above its foundations; the message names the feature's number and the field.
    """
    parts = tuple(_part(one, f"{name}: feature {n}") for n, one in enumerate(_features(text, name), start=1))
    if not parts:
        raise InputError(f"{name}: features: found none; draw a polygon for each part")
    seen: dict[str, Outline] = {}
    for one in parts:
        if (before := seen.setdefault(one.part.casefold(), one)) is not one:
            raise InputError(
                f"{one.where}: part: {one.part!r} is the part of {before.where.removeprefix(f'{name}: ')} too; give "
                "each part of the file a name of its own, such as west wall and north wall"
            )
    for structure in dict.fromkeys(one.structure for one in parts):
        if all(one.kind is PartKind.FOUNDATIONS for one in parts if one.structure == structure):
            raise InputError(
                f"{name}: structure {structure!r} has nothing above its foundations; draw the roof, walls, base or "
                "tanks as well"
            )
    return parts


def _features(text: str, name: str) -> Sequence[Any]:
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(f"{name}:{error.lineno}: not JSON: {error.msg}; export the parts again as GeoJSON") from error
    features = data.get("features") if isinstance(data, dict) else None
    if not isinstance(data, dict) or data.get("type") != "FeatureCollection" or not isinstance(features, list):
        found = data.get("type") if isinstance(data, dict) else type(data).__name__
        raise InputError(f"{name}: found {found!r}; right would be a GeoJSON FeatureCollection of polygons")
    if (crs := data.get("crs")) is not None:
        named = str((crs.get("properties") or {}).get("name", crs)) if isinstance(crs, dict) else str(crs)
        if not _CRS84.fullmatch(named):
            raise InputError(
                f"{name}: crs: its reference system is {named}; GeoJSON is in WGS 84 longitude and latitude: "
                f"ogr2ogr -t_srs EPSG:4326 parts-wgs84.geojson {name}"
            )
    return features


def _part(feature: Any, where: str) -> Outline:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise InputError(f"{where}: is no GeoJSON Feature; export the parts again")
    told = feature.get("properties") or {}
    if not isinstance(told, dict):
        raise InputError(f"{where}: properties: found {told!r}; right would be an object with structure and part")
    structure, part = (_word(told, key, where) for key in ("structure", "part"))
    if unknown := sorted(set(told) - set(_KEYS)):
        raise InputError(
            f"{where}: {unknown[0]}: is no property that is known here; known are {', '.join(_KEYS)}: leave it out"
        )
    order = told.get("order")
    if order is not None and (not isinstance(order, int) or isinstance(order, bool) or order < 1):
        raise InputError(f"{where}: order: found {order!r}; right would be a whole number from 1 on, or nothing")
    kind = next((_KINDS[word] for word in (part.casefold(), part.casefold().split()[-1]) if word in _KINDS), None)
    return Outline(structure, part, kind or PartKind.OTHER, _polygon(feature.get("geometry"), where), order, where)


def _word(told: Mapping[str, Any], key: str, where: str) -> str:
    found = told.get(key)
    if not isinstance(found, str) or not re.search(r"\w", found) or len(found.strip()) > _LONGEST:
        raise InputError(f"{where}: {key}: found {found!r}; right would be a name of up to {_LONGEST} characters")
    if "=" in found:
        raise InputError(f"{where}: {key}: found {found!r}; a name holds no =, since states are told as PART=STATE")
    return " ".join(found.split())


def _polygon(geometry: Any, where: str) -> Polygon:
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind != "Polygon":
        raise InputError(f"{where}: geometry: found {kind!r}; right would be one Polygon: draw each part by itself")
    try:
        polygon = shape(geometry)
        corners = shapely.get_coordinates(polygon)
    except (shapely.errors.GEOSException, KeyError, TypeError, ValueError, IndexError) as error:
        raise InputError(f"{where}: geometry: its coordinates cannot be read ({error}); draw it again") from error
    if not len(corners) or not np.isfinite(corners).all() or not polygon.is_valid or not polygon.area > 0:
        raise InputError(f"{where}: geometry: it crosses itself or encloses nothing; draw it again")
    if len(polygon.interiors):
        raise InputError(f"{where}: geometry: it has a hole; draw the part as one ring, or as two parts")
    outside = (np.abs(corners) > (180, 90)).any(1)
    if outside.any():
        x, y = corners[outside][0]
        raise InputError(
            f"{where}: geometry: the corner {x:g}, {y:g} is no longitude and latitude in degrees; GeoJSON is in "
            "WGS 84: convert it with ogr2ogr -s_srs EPSG:CODE -t_srs EPSG:4326, CODE being that of its own system"
        )
    return shapely.force_2d(polygon)
