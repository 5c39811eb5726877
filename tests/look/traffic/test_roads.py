"""Roads from GeoJSON, and the pixels on which they lie."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyproj import Transformer

from sitewatch.errors import InputError
from sitewatch.look.traffic import Road, parse_roads, read_roads, road_mask
from sitewatch.records import Grid

GRID = Grid(crs="EPSG:32632", transform=(10.0, 0.0, 600_000.0, 0.0, -10.0, 5_800_000.0), shape=(60, 80))


def degrees(*places: tuple[float, float]) -> list[list[float]]:
    """Columns and rows of pixel middles as longitude and latitude."""
    to = Transformer.from_crs(GRID.crs, "EPSG:4326", always_xy=True)
    return [list(to.transform(600_000 + 10 * (x + 0.5), 5_800_000 - 10 * (y + 0.5))) for x, y in places]


def line(*places: tuple[float, float], **tags: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": tags, "geometry": {"type": "LineString", "coordinates": degrees(*places)}}


def area(*places: tuple[float, float], **tags: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": tags, "geometry": {"type": "Polygon", "coordinates": [degrees(*places)]}}


def collection(*features: Any, **members: Any) -> str:
    return json.dumps({"type": "FeatureCollection", "features": features, **members})


def road(*features: Any) -> Road:
    return road_mask(parse_roads(collection(*features), "r.geojson"), GRID)


def test_a_line_is_as_wide_as_it_says_and_knows_its_way() -> None:
    found = road(line((-5, 20), (90, 20), width=36))
    assert found.mask[:, 40].nonzero()[0].tolist() == [18, 19, 20, 21, 22]
    assert found.near[:, 40].nonzero()[0].tolist() == [17, 18, 19, 20, 21, 22, 23]
    assert np.allclose(np.cos(2 * found.angle[found.near]), 1, atol=1e-3)
    assert np.isnan(found.angle[~found.near]).all()
    down = road(line((10, 0), (40, 30), width=10))
    assert np.degrees(down.angle[15, 25]) == pytest.approx(45, abs=1)


@pytest.mark.parametrize(
    ("tags", "width"),
    [
        ({"width": "12 m", "lanes": 9}, 12),
        ({"lanes": "4"}, 14),
        ({"highway": "motorway"}, 15),
        ({"name": "no more"}, 10),
        ({"highway": "track", "width": 3.5}, 3.5),
    ],
)
def test_the_width_comes_from_the_first_that_tells_it(tags: dict[str, Any], width: float) -> None:
    assert parse_roads(collection(line((0, 0), (9, 9), **tags)), "r")[0].width_m == width


def test_of_an_extract_only_roads_for_vehicles_count_and_no_tunnels() -> None:
    kept = line((0, 10), (80, 10), highway="primary")
    left = [
        line((0, 20), (80, 20), highway="footway"),
        line((0, 30), (80, 30), highway="primary", tunnel="yes"),
        area((0, 40), (20, 40), (20, 50), (0, 40), building="yes"),
        {
            "type": "Feature",
            "properties": {"highway": "crossing"},
            "geometry": {"type": "Point", "coordinates": [0, 0]},
        },
    ]
    assert len(parse_roads(collection(kept, *left), "r")) == 1
    with pytest.raises(InputError, match="holds no road"):
        parse_roads(collection(*left), "r")


def test_an_area_runs_along_its_longer_side() -> None:
    found = road(area((0, 10), (60, 40), (60, 45), (0, 15), (0, 10)))
    assert np.degrees(found.angle[27, 30]) == pytest.approx(np.degrees(np.arctan2(30, 60)), abs=3)
    assert found.mask[27, 30]
    assert not found.mask[40, 10]


@pytest.mark.parametrize("name", ["urn:ogc:def:crs:EPSG::32632", "EPSG:3857", "urn:ogc:def:crs:EPSG::31467"])
def test_a_mask_in_another_reference_system_is_refused(name: str) -> None:
    text = collection(line((0, 0), (9, 9)), crs={"type": "name", "properties": {"name": name}})
    with pytest.raises(InputError, match=r"crs: its reference system is .*ogr2ogr -t_srs EPSG:4326"):
        parse_roads(text, "r.geojson")
    fine = text.replace(name, "urn:ogc:def:crs:OGC:1.3:CRS84")
    assert len(parse_roads(fine, "r")) == 1


def test_metres_for_degrees_are_refused() -> None:
    metres = {"type": "Feature", "properties": {}, "geometry": {
        "type": "LineString", "coordinates": [[600_000, 5_800_000], [600_100, 5_800_000]]}}  # fmt: skip
    with pytest.raises(InputError, match=r"feature 0: the corner 600000, .* is no longitude and latitude"):
        parse_roads(collection(metres), "r")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "r:1: not JSON"),
        ("[]", "found 'list'"),
        ('{"type": "LineString"}', "found 'LineString'"),
        (collection(), "holds no road"),
        (collection({"type": "Road"}), "feature 0: is no GeoJSON Feature"),
        (collection({"type": "Feature", "geometry": {"type": "Point", "coordinates": [1, 2]}}), "geometry is 'Point'"),
        (collection(line((3, 3), (3, 3))), "has no extent"),
        (collection(line((0, 0), (9, 9), width="wide")), "width: found 'wide', needed is metres"),
        (collection(line((0, 0), (9, 9), width=0)), "width: found 0"),
        (collection(line((0, 0), (9, 9), lanes=400)), "lanes: found 400"),
        (collection({"type": "Feature", "geometry": {"type": "LineString", "coordinates": [["a", "b"], [1, 2]]}}),
         "cannot be read"),
    ],
)  # fmt: skip
def test_what_is_no_road_file_is_refused(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse_roads(text, "r")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_roads(tmp_path / "none.geojson")
    (tmp_path / "r.geojson").write_text(collection(line((0, 9), (80, 9))), encoding="utf-8")
    assert read_roads(tmp_path / "r.geojson")[0].name.endswith("feature 0")


def test_a_road_outside_the_grid_and_no_road_are_refused() -> None:
    with pytest.raises(InputError, match="none of the 1 roads lies on the site's grid"):
        road(line((-500, -500), (-400, -500)))
    with pytest.raises(InputError, match="no road: give"):
        road_mask((), GRID)


@pytest.mark.parametrize(
    "grid",
    [
        GRID.model_copy(update={"crs": "EPSG:4326"}),
        GRID.model_copy(update={"transform": (10.0, 1.0, 0.0, 0.0, -10.0, 0.0)}),
        GRID.model_copy(update={"transform": (10.0, 0.0, 0.0, 0.0, -30.0, 0.0)}),
    ],
)
def test_a_grid_without_square_metres_is_refused(grid: Grid) -> None:
    with pytest.raises(InputError, match="no north-up squares of metres"):
        road_mask(parse_roads(collection(line((0, 0), (9, 9))), "r"), grid)
