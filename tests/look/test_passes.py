from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from shapely.geometry import box as outline
from shapely.geometry import mapping, shape

from sitewatch.look.items import baseline
from sitewatch.look.passes import Credit, passes_of
from tests.look import skies

NOON = datetime(2018, 6, 1, 12, tzinfo=UTC)
CREDIT = Credit("Maker", "CC-BY-4.0", None)


def found(*items, **changes):
    return passes_of(items, skies.catalogue(**changes), skies.site(), CREDIT)


def moved(item, bounds):
    """The item with another footprint, degrees."""
    item.geometry, item.bbox = mapping(outline(*bounds)), list(bounds)
    return item


def test_of_two_baselines_of_one_tile_the_newest_is_kept():
    old = skies.item("old", {}, when=NOON, **{"s2:mgrs_tile": "34TFR", "s2:processing_baseline": "02.14"})
    new = skies.item("new", {}, when=NOON, **{"s2:mgrs_tile": "34TFR", "s2:processing_baseline": "05.00"})
    for order in ((old, new), (new, old)):
        (only,) = found(*order)
        assert only.ids == ("new",)


@pytest.mark.parametrize(
    "tile",
    [{}, {"grid:code": "MGRS-34TFR"}, {"mgrs:utm_zone": 34, "mgrs:latitude_band": "T", "mgrs:grid_square": "FR"}],
)
def test_a_tile_is_known_by_its_name_or_its_extent(tile):
    old = skies.item("S2A_MSIL2A_20180601T092031_N0208_R093_T34TFR_1", {}, when=NOON, **tile)
    new = skies.item("S2A_MSIL2A_20180601T092031_N0500_R093_T34TFR_2", {}, when=NOON, **tile)
    assert found(new, old)[0].ids == (new.id,)


def test_of_one_baseline_the_product_made_last_is_kept():
    tile = {"grid:code": "MGRS-34TFR", "s2:processing_baseline": "05.00"}
    first = skies.item(
        "S2A_34TFR_20180601_1_L2A", {}, when=NOON, **tile, **{"s2:generation_time": "2018-06-02T00:00:00Z"}
    )
    last = skies.item(
        "S2A_34TFR_20180601_0_L2A", {}, when=NOON, **tile, **{"s2:generation_time": "2023-01-02T00:00:00Z"}
    )
    assert found(first, last)[0].ids == (last.id,)


@pytest.mark.parametrize(
    ("stated", "id", "expected"),
    [
        ({"s2:processing_baseline": "05.09"}, "a", (5, 9)),
        ({"processing:version": "04.00"}, "a", (4, 0)),
        ({}, "S2B_MSIL2A_20250302T095029_N0511_R079_T33UXP", (5, 11)),
        ({}, "S2A_20180815_L2A", None),
    ],
)
def test_the_baseline_is_read_where_it_stands(stated, id, expected):
    assert baseline(skies.item(id, {}, **stated)) == expected


def test_items_of_one_platform_within_ten_minutes_are_one_pass():
    near = skies.item("a", {}, when=NOON, **{"grid:code": "A"})
    later = skies.item("b", {}, when=NOON + timedelta(minutes=9), **{"grid:code": "B"})
    other = skies.item("c", {}, when=NOON, platform="sentinel-2b")
    next_day = skies.item("d", {}, when=NOON + timedelta(days=1))
    assert [(f.platform, f.acquired.day, len(f.ids)) for f in found(next_day, other, later, near)] == [
        ("sentinel-2a", 1, 1),
        ("sentinel-2b", 1, 1),
        ("sentinel-2a", 2, 1),
    ]


def test_items_of_one_datatake_are_one_pass_whatever_their_baseline():
    a = skies.item("a", {}, when=NOON, **{"s2:datatake_id": "GS2A_20180601T092031_015360_N02.08"})
    b = skies.item(
        "b", {}, when=NOON + timedelta(minutes=14), **{"s2:datatake_id": "GS2A_20180601T092031_015360_N05.00"}
    )
    c = skies.item(
        "c", {}, when=NOON + timedelta(minutes=14), **{"s2:datatake_id": "GS2A_20180601T110031_015361_N05.00"}
    )
    assert len(found(a, b)) == 1
    assert len(found(a, c)) == 2


def test_a_second_tile_is_loaded_only_where_it_adds_ground():
    west, south, east, north = shape(skies.item("a", {}).geometry).bounds
    whole = skies.item("whole", {}, when=NOON, **{"grid:code": "A", "proj:epsg": 32634})
    foreign = skies.item("foreign", {}, when=NOON, **{"grid:code": "B", "proj:epsg": 32635})
    assert found(foreign, whole)[0].ids == ("whole",)
    middle = (west + east) / 2
    left = moved(skies.item("left", {}, when=NOON, **{"grid:code": "C"}), (west, south, middle + 0.001, north))
    right = moved(skies.item("right", {}, when=NOON, **{"grid:code": "D"}), (middle, south, east, north))
    assert sorted(found(left, right)[0].ids) == ["left", "right"]


def test_a_pass_that_misses_the_fence_is_no_pass():
    beside = moved(skies.item("beside", {}), (10.0, 10.0, 11.0, 11.0))
    assert found(beside) == []


def test_a_day_without_its_hour_stays_an_interval():
    first, last = datetime(2018, 6, 1, tzinfo=UTC), datetime(2018, 6, 1, 23, 59, 59, tzinfo=UTC)
    known = skies.item("day", {})
    known.datetime = None
    known.properties |= {"start_datetime": "2018-06-01T00:00:00Z", "end_datetime": "2018-06-01T23:59:59Z"}
    (only,) = found(known, latency_hours=24)
    assert (only.acquired, only.acquired_until) == (first, last)
    assert only.available_at == last + timedelta(hours=24)


def test_an_item_says_when_it_was_published_else_the_latency_counts():
    said = skies.item("said", {}, when=NOON, published="2018-06-03T04:05:06Z")
    silent = skies.item("silent", {}, when=NOON)
    assert found(said)[0].available_at == datetime(2018, 6, 3, 4, 5, 6, tzinfo=UTC)
    assert found(silent, latency_hours=6)[0].available_at == NOON + timedelta(hours=6)


def test_an_item_that_says_no_day_of_publication_that_can_be_read_takes_no_other_with_it():
    soon, sound = skies.item("soon", {}, when=NOON, published="soon"), skies.item("sound", {}, when=NOON)
    assert [f.ids for f in found(soon, sound)] == [("sound",)]
