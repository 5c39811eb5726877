"""Named parts from GeoJSON: what is read of them, and what each wrong one is told, by feature and field."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sitewatch.errors import InputError
from sitewatch.look.structures import PartKind
from sitewatch.look.structures.outlines import parse_parts

SQUARE = [[[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0], [0.0, 0.0]]]


def feature(
    part: Any = "roof", structure: Any = "hall", rings: Any = SQUARE, kind: str = "Polygon", **more: Any
) -> Any:
    geometry = {"type": kind, "coordinates": rings}
    return {"type": "Feature", "properties": {"structure": structure, "part": part, **more}, "geometry": geometry}


def text(*features: Any, **more: Any) -> str:
    return json.dumps({"type": "FeatureCollection", "features": list(features), **more})


def test_parts_are_read_with_their_kinds_and_order() -> None:
    raised = [[[x, y, 12.0] for x, y in SQUARE[0]]]
    parts = parse_parts(
        text(
            feature(order=1), feature("West wall"), feature("fuel  tank"), feature("gantry", rings=raised),
            feature("foundations"), crs={"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}},
        ),
        "p.geojson",
    )  # fmt: skip
    assert [(one.part, one.kind) for one in parts] == [
        ("roof", PartKind.ROOF), ("West wall", PartKind.WALLS), ("fuel tank", PartKind.TANKS),
        ("gantry", PartKind.OTHER), ("foundations", PartKind.FOUNDATIONS),
    ]  # fmt: skip
    assert [one.order for one in parts] == [1, None, None, None, None]
    assert (parts[3].polygon.area, parts[3].polygon.has_z, parts[1].where) == (1.0, False, "p.geojson: feature 2")


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("{", r"p\.geojson:1: not JSON"),
        ("[]", "found 'list'; right would be a GeoJSON FeatureCollection"),
        (text(), "features: found none"),
        (text(feature(), crs={"properties": {"name": "EPSG:32652"}}), "crs: its reference system is EPSG:32652"),
        (text(feature(), {"type": "Polygon"}), "feature 2: is no GeoJSON Feature"),
        (text(feature(part=None)), "feature 1: part: found None"),
        (text(feature(structure=" ")), "feature 1: structure: found ' '"),
        (text(feature(part="a=b")), "feature 1: part: found 'a=b'; a name holds no ="),
        (text(feature(part="x" * 61)), "feature 1: part: found 'x+'; right would be a name of up to 60"),
        (text(feature(state="removed")), "feature 1: state: is no property that is known here"),
        (text(feature(order=0)), "feature 1: order: found 0"),
        (text(feature(order=True)), "feature 1: order: found True"),
        (text(feature(), feature("ROOF", "shed")), "feature 2: part: 'ROOF' is the part of feature 1 too"),
        (text(feature("foundations")), "structure 'hall' has nothing above its foundations"),
        (text(feature(kind="MultiPolygon", rings=[SQUARE])), "feature 1: geometry: found 'MultiPolygon'"),
        (text(feature(rings=[[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]])), "feature 1: geometry: it crosses itself"),
        (text(feature(rings=[[[0, 0], [1, "x"], [1, 0], [0, 0]]])), "feature 1: geometry: its coordinates cannot be"),
        (
            text(feature(rings=[[[3e5, 4e6], [3e5 + 9, 4e6], [3e5, 4e6 + 9], [3e5, 4e6]]])),
            "is no longitude and latitude",
        ),
        (
            text(feature(rings=[*SQUARE, [[0.4, 0.4], [0.6, 0.4], [0.6, 0.6], [0.4, 0.4]]])),
            "feature 1: geometry: it has a hole",
        ),
    ],
)
def test_wrong_parts_are_refused_by_feature_and_field(given: str, why: str) -> None:
    with pytest.raises(InputError, match=why):
        parse_parts(given, "p.geojson")
