from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sitewatch.case import CaseError, load_case
from sitewatch.case.fence import read_fence, size
from sitewatch.case.values import Unfit

SQUARE = [[25.0, 45.0], [25.01, 45.0], [25.01, 45.01], [25.0, 45.01]]
POLYGON = {"type": "Polygon", "coordinates": [[*SQUARE, SQUARE[0]]]}


def write(tmp_path: Path, geojson: Any) -> Path:
    text = geojson if isinstance(geojson, str) else json.dumps(geojson)
    (tmp_path / "fence.geojson").write_text(text, encoding="utf-8")
    (tmp_path / "case.toml").write_text('title = "T"\n[[sites]]\nid = "a"\nname = "A"\nfence_file = "fence.geojson"\n')
    return tmp_path


@pytest.mark.parametrize(
    "geojson",
    [
        POLYGON,
        {"type": "Feature", "properties": {}, "geometry": POLYGON},
        {"type": "FeatureCollection", "features": [{"type": "Feature", "properties": None, "geometry": POLYGON}]},
        {"type": "MultiPolygon", "coordinates": [POLYGON["coordinates"]]},
        {"type": "Polygon", "coordinates": [[[x, y, 310.5] for x, y in [*SQUARE, SQUARE[0]]]]},
        "\ufeff" + json.dumps(POLYGON),
    ],
)
def test_a_geojson_file_gives_the_same_fence_as_corners(tmp_path: Path, geojson: Any) -> None:
    (site,) = load_case(write(tmp_path, geojson)).sites
    assert site.fence == read_fence(SQUARE)
    assert site.fence[0] == site.fence[-1]


@pytest.mark.parametrize(
    ("geojson", "found"),
    [
        ({"type": "Point", "coordinates": [25, 45]}, 'in fence.geojson: "Point" where a polygon is wanted'),
        ({"type": "FeatureCollection", "features": []}, "0 polygons"),
        ({"type": "MultiPolygon", "coordinates": [[SQUARE], [SQUARE]]}, "2 polygons"),
        ({"type": "Polygon", "coordinates": [SQUARE, SQUARE]}, "a polygon with holes"),
        ({"type": "Polygon", "coordinates": None}, "a polygon with holes, or none at all"),
        ({"type": "Polygon", "coordinates": [[["a", "b"]]]}, "in fence.geojson: "),
        ({"type": "Polygon", "coordinates": [[[45, 125], [45, 125.01], [45.01, 125]]]}, "latitude before longitude"),
        ({"type": "Feature", "geometry": None}, "null where a polygon is wanted"),
        ([1, 2], "null where a polygon is wanted"),
    ],
)
def test_a_file_that_is_no_fence_is_told_at_the_line_that_names_it(tmp_path: Path, geojson: Any, found: str) -> None:
    with pytest.raises(CaseError) as error:
        load_case(write(tmp_path, geojson))
    (problem,) = error.value.problems
    assert (problem.file, problem.line, problem.field) == (str(tmp_path / "case.toml"), 5, "sites[a].fence_file")
    assert found in problem.found


def test_a_file_that_is_no_json_is_told_at_its_own_line(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match=r"fence\.geojson:2:9: \(syntax\): found Expecting value"):
        load_case(write(tmp_path, '{\n"type": oops}'))
    (tmp_path / "fence.geojson").write_bytes(b'{"type": "\xff"}')
    with pytest.raises(CaseError, match=r"case\.toml:5: .*in fence\.geojson: .*can't decode"):
        load_case(tmp_path)


def test_a_closed_ring_stays_as_it_is_and_an_open_one_is_closed() -> None:
    closed = read_fence([*SQUARE, SQUARE[0]])
    assert read_fence(SQUARE) == closed
    assert len(closed) == 5


@pytest.mark.parametrize(
    ("lon", "lat", "width", "height"),
    [(0.0, 0.0, 111_320, 110_574), (25.0, 45.0, 78_847, 111_141), (25.0, -46.0, 78_847, 111_141)],
)
def test_a_fence_is_measured_in_metres_on_the_ellipsoid(lon: float, lat: float, width: float, height: float) -> None:
    """One degree at the equator and at 45 degrees, from the usual tables; the width is that of the wider side."""
    ring = ((lon, lat), (lon + 1, lat), (lon + 1, lat + 1), (lon, lat + 1), (lon, lat))
    assert size(ring) == (pytest.approx(width, rel=1e-3), pytest.approx(height, rel=1e-3))


def test_twenty_kilometres_are_the_most() -> None:
    degree = 19_990 / 111_320
    assert len(read_fence([[0, 0], [degree, 0], [degree, 0.01], [0, 0.01]])) == 5
    degree = 20_010 / 111_320
    with pytest.raises(Unfit, match=r"20\.0 km"):
        read_fence([[0, 0], [degree, 0], [degree, 0.01], [0, 0.01]])


def test_a_fence_over_the_date_line_is_too_wide_and_never_taken_for_a_small_one() -> None:
    with pytest.raises(Unfit, match="km by"):
        read_fence([[179.95, 10], [-179.95, 10], [-179.95, 10.05], [179.95, 10.05]])
