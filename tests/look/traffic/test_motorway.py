"""The real motorway, against the triplets marked by eye."""

import csv
from pathlib import Path

import numpy as np
import pytest
import rasterio

from sitewatch.errors import InputError
from sitewatch.look.traffic import find_triplets, read_roads, road_mask
from sitewatch.records import Grid

MARKS = Path(__file__).parents[3] / "bench" / "data"


def test_clear_triplets_are_found_their_way_at_the_speed_of_lorries(shared: Path) -> None:
    with rasterio.open(shared / "traffic" / "s2_motorway_b04_b03_b02_b08.tif") as file:
        red, green, blue, _ = file.read().astype(float)
        grid = Grid(crs=file.crs.to_string(), transform=tuple(file.transform)[:6], shape=file.shape)
    road = road_mask(read_roads(MARKS / "motorway_road.geojson"), grid)
    found = find_triplets(np.stack([blue, green, red]), road)
    with (MARKS / "motorway_triplets.csv").open(encoding="utf-8") as lines:
        marks = list(csv.DictReader(lines))
    clear = [mark for mark in marks if mark["clear"] == "yes"]

    def is_marked(one: object, mark: dict[str, str]) -> bool:
        row, column = one.green  # type: ignore[attr-defined]
        near = np.hypot(row - float(mark["green_row"]), column - float(mark["green_column"])) <= 2
        return bool(near and (mark["carriageway"] == "east") == (one.bearing < 180))  # type: ignore[attr-defined]

    hits = [one for one in found.triplets if any(is_marked(one, mark) for mark in clear)]
    assert sum(any(is_marked(one, mark) for one in found.triplets) for mark in clear) >= 0.8 * len(clear)
    assert sum(not any(is_marked(one, mark) for mark in marks) for one in found.triplets) <= 2
    assert 70 <= np.median([one.speed_kmh[1] for one in hits]) <= 95
    for one in hits:
        assert min(abs(one.bearing - 110), abs(one.bearing - 290)) < 3


def test_the_motorway_does_not_lie_on_another_site() -> None:
    elsewhere = Grid(crs="EPSG:32632", transform=(10.0, 0.0, 5e5, 0.0, -10.0, 5.7e6), shape=(50, 50))
    with pytest.raises(InputError, match="lies on the site's grid"):
        road_mask(read_roads(MARKS / "motorway_road.geojson"), elsewhere)
