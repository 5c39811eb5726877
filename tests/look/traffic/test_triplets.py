"""Moving vehicles on a made-up road, found and refused; power on it."""

from typing import Any

import numpy as np
import pytest

from sitewatch.errors import InputError
from sitewatch.look.traffic import Road, Vehicle, everywhere, find_triplets, plant, power
from sitewatch.look.traffic.background import background
from sitewatch.records import Grid

SHAPE = (50, 120)
ALONG = 0.0


def straight() -> Road:
    """Five pixels wide, from edge to edge, along the columns."""
    rows = np.abs(np.arange(SHAPE[0]) - 25)[:, None] * np.ones(SHAPE)
    near = rows <= 4
    return Road(rows <= 2, near, np.where(near, ALONG, np.nan), 10.0)


def planes(seed: int = 0) -> Any:
    """Grey asphalt between green verges, in reflectance."""
    random = np.random.default_rng(seed)
    asphalt = straight().mask
    ground = np.where(asphalt, 0.1, np.array([0.05, 0.08, 0.06])[:, None, None])
    return ground + random.normal(0, 0.004, (3, *SHAPE)) + random.normal(0, 0.004, SHAPE)


def with_vehicles(*vehicles: Vehicle, seed: int = 0) -> Any:
    ground = background(planes(seed), straight(), along_m=120, across_m=7.5)
    return plant(planes(seed), straight(), vehicles, ground)


def lorry(row: float, column: float, *, east: bool, kmh: float = 85.0, contrast: float = 1.5) -> Vehicle:
    return Vehicle(row, column, ALONG if east else np.pi, kmh, (contrast,) * 3)


def test_lorries_are_found_with_their_way_and_speed() -> None:
    found = find_triplets(with_vehicles(lorry(26, 30, east=True), lorry(24.3, 80.4, east=False, kmh=60)), straight())
    assert found.count == 2
    assert (found.hidden, found.reason) == (0, "")
    east, west = sorted(found.triplets, key=lambda one: one.green[1])
    assert east.green == pytest.approx((26, 30), abs=0.5)
    assert (east.bearing, west.bearing) == pytest.approx((90, 270))
    assert east.blue[1] < east.green[1] < east.red[1]
    assert west.blue[1] > west.green[1] > west.red[1]
    for one, kmh in ((east, 85), (west, 60)):
        low, best, high = one.speed_kmh
        assert low <= best <= high
        assert best == pytest.approx(kmh, abs=10)
        assert one.contrast == pytest.approx(1.5, rel=0.3)
        assert one.p_value < 1e-3


def test_planted_colours_lie_where_each_band_sees_them() -> None:
    added = with_vehicles(lorry(25, 60, east=True, kmh=72)) - planes()
    columns = np.arange(SHAPE[1])
    middles = [(band.sum(0) * columns).sum() / band.sum() for band in added]
    assert np.diff(middles) == pytest.approx([20 * 0.527 / 10, 20 * 0.478 / 10], abs=0.02)
    assert added.sum((1, 2)) == pytest.approx(1.5 * 0.1, rel=0.1)


def test_nothing_moves_on_an_empty_road_and_a_patch_at_rest_is_no_lorry() -> None:
    assert [find_triplets(planes(seed), straight()).count for seed in range(8)] == [0] * 8
    still = planes(3)
    still[:, 24:27, 40:43] += np.array([0.2, 0.15, 0.25])[:, None, None]
    still[:, 25, 80] += 0.3
    still[0, 26, 100] += 0.2
    assert find_triplets(still, straight()).count == 0


def test_colours_in_an_order_that_no_vehicle_shows_are_not_told() -> None:
    moving = with_vehicles(lorry(25, 60, east=True, kmh=100))
    assert find_triplets(moving, straight()).count == 1
    assert find_triplets(moving[[1, 0, 2]], straight()).count == 0


def test_the_unit_does_not_matter_and_near_infrared_is_left_alone() -> None:
    image = with_vehicles(lorry(26, 30, east=True))
    plain, scaled = find_triplets(image, straight()), find_triplets(1000 * image, straight())
    assert scaled.triplets[0].score == pytest.approx(plain.triplets[0].score, rel=1e-3)
    assert find_triplets(np.concatenate([image, image[:1]]), straight()) == plain


def test_without_a_mask_the_lorry_is_found_too() -> None:
    grid = Grid(crs="EPSG:32632", transform=(10.0, 0.0, 0.0, 0.0, -10.0, 0.0), shape=SHAPE)
    found = find_triplets(with_vehicles(lorry(25, 60, east=True)), everywhere(grid, 0.0))
    assert [round(one.green[1]) for one in found.triplets] == [60]


def test_cloud_hides_a_share_of_the_road() -> None:
    image = with_vehicles(lorry(26, 30, east=True), lorry(24, 80, east=False))
    image[1, :, 60:] = np.nan
    found = find_triplets(image, straight())
    assert found.hidden == pytest.approx(0.5)
    assert [round(one.green[1]) for one in found.triplets] == [30]


@pytest.mark.parametrize("columns", [slice(None), slice(30, None)])
def test_a_road_under_cloud_is_not_counted(columns: slice) -> None:
    image = planes()
    image[:, :, columns] = np.nan
    found = find_triplets(image, straight())
    assert (found.count, found.triplets) == (None, ())
    assert "pixels of road were seen" in found.reason
    assert np.isnan(power(image, straight(), 1.0, 80.0).probability)


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (planes()[:, :40], r"they have \(40, 120\) pixels and the road's mask \(50, 120\)"),
        (planes()[0], r"found an array of \(50, 120\)"),
        (planes()[:2], r"found an array of \(2, 50, 120\)"),
        (-planes(), "blue is -0.*on the road; give reflectance"),
        (np.zeros((3, *SHAPE)), "blue is 0 on the road"),
    ],
)
def test_what_is_no_pass_over_the_road_is_refused(image: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        find_triplets(image, straight())


def test_power_rises_with_contrast_and_repeats() -> None:
    pale, bright = (power(planes(), straight(), contrast, 85.0, plants=24) for contrast in (0.1, 2.0))
    assert pale.probability < 0.3
    assert bright.probability > 0.8
    assert bright.low < bright.probability <= bright.high
    assert bright.speed_error_kmh < 15
    assert power(planes(), straight(), 2.0, 85.0, plants=24) == bright


def test_too_few_plants_tell_no_power() -> None:
    few = power(planes(), straight(), 1.0, 80.0, plants=6)
    assert (few.plants, np.isnan(few.probability)) == (6, True)
    assert "only 6 vehicles" in few.reason
    with pytest.raises(InputError, match="must be above 0"):
        power(planes(), straight(), -1.0, 80.0)
