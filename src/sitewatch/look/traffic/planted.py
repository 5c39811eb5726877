"""Planted vehicles: how often the search would have found one that drives on this road in this pass (simulated)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import distance_transform_edt
from scipy.stats import beta

from sitewatch.errors import InputError
from sitewatch.look.traffic.background import background
from sitewatch.look.traffic.mask import Bools, Floats, Road
from sitewatch.look.traffic.search import offsets_px
from sitewatch.look.traffic.settings import COLOURS, TrafficSettings
from sitewatch.look.traffic.triplets import DEFAULT, RoadPass, Triplet, find_triplets

LENGTH_M = 16.0
"""Of a planted vehicle: a lorry with its trailer."""
POINT_SPREAD_PX = 0.5
"""Standard deviation of the sensor's point spread, as for all planted changes."""
COLOUR_SPREAD = 0.15
"""Standard deviation of the logarithm of a vehicle's contrast from band to band: few are grey."""
AT_ONCE = 3
"""Vehicles planted together."""
APART_PX = 12.0
CLEAR_PX = 3.0
"""Least distance of a planted vehicle from the spots of one that was found without planting."""
NEAR_PX = 1.5
"""A triplet whose green spot lies so near to a planted one's, and that goes its way, has found it."""
FEWEST = 24
"""Plants below which no power is told."""


@dataclass(frozen=True)
class Vehicle:
    """A simulated vehicle."""

    row: float
    """Where it is when green looks, pixels."""
    column: float
    angle: float
    """Where it goes, radians from the columns' direction towards the rows'."""
    speed_kmh: float
    contrast: tuple[float, ...]
    """What it adds in blue, green and red, in brightnesses of the road, summed over its pixels."""


@dataclass(frozen=True)
class TrafficPower:
    """How often planted vehicles of one kind were found."""

    probability: float
    """Share of the plants; NaN where they were too few."""
    low: float
    """Lower end of the 90 % interval (Jeffreys)."""
    high: float
    found: int
    plants: int
    contrast: float
    """As `Triplet.contrast`."""
    speed_kmh: float
    speed_error_kmh: float
    """Median size of the error of the speed of those found; NaN where none was."""
    reason: str
    """Why no power is told; empty where it is."""


def plant(planes: Floats, road: Road, vehicles: Sequence[Vehicle], ground: Floats) -> Floats:
    """(band, y, x): a pass with vehicles in it, as each band sees them at its own time.

    Args:
        planes: (band, y, x) blue, green, red, NaN where unseen.
        road: on the same pixels.
        vehicles: to add.
        ground: (band, y, x), the road's background; its median around a vehicle is the brightness that it exceeds.
    """
    out = planes[: len(COLOURS)].astype(float).copy()
    y, x = np.ogrid[: out.shape[1], : out.shape[2]]
    for one in vehicles:
        level = ground[:, round(one.row), round(one.column)]
        for band, at in enumerate(offsets_px(one.speed_kmh, road.pixel_m)):
            shape = np.zeros(out.shape[1:])
            for part in np.linspace(-0.5, 0.5, 9) * LENGTH_M / road.pixel_m:
                row, column = one.row + (at + part) * np.sin(one.angle), one.column + (at + part) * np.cos(one.angle)
                shape += np.exp(-((y - row) ** 2 + (x - column) ** 2) / (2 * POINT_SPREAD_PX**2))
            out[band] += one.contrast[band] * level[band] * shape / (9 * 2 * np.pi * POINT_SPREAD_PX**2)
    return out


def power(
    planes: Floats,
    road: Road,
    contrast: float,
    speed_kmh: float,
    *,
    plants: int = 60,
    seed: int = 0,
    settings: TrafficSettings = DEFAULT,
) -> TrafficPower:
    """The share of simulated vehicles that are found in a real pass.

    They are put on seen road at random, between the pixels too, both ways along it, away from vehicles that were found
    without them, with the sensor's point spread and colours that are not quite grey.

    Args:
        planes: (band, y, x), as `find_triplets` takes them.
        road: on the same pixels.
        contrast: as `Triplet.contrast`.
        speed_kmh: along the road.
        plants: how many.
        seed: of places, ways and colours.
        settings: of the search.

    Raises:
        InputError: contrast, speed or number are not above 0, or the planes are refused by `find_triplets`.
    """
    if not (contrast > 0 and speed_kmh > 0 and plants > 0):
        raise InputError(
            f"planted vehicles: found contrast {contrast:g}, speed {speed_kmh:g} and {plants} plants; all must be "
            "above 0"
        )
    unplanted = find_triplets(planes, road, settings=settings)
    ground = background(planes[: len(COLOURS)], road, along_m=settings.along_m, across_m=settings.across_m)
    room = _room(planes[: len(COLOURS)], road, unplanted, offsets_px(speed_kmh, road.pixel_m))
    if unplanted.count is None or not room.any():
        reason = unplanted.reason or "no place on the road is clear of vehicles that are there"
        return _told(0, 0, contrast, speed_kmh, [], reason)
    random = np.random.default_rng(seed)
    found, tried, errors = 0, 0, list[float]()
    while tried < plants:
        vehicles = _drawn(room, road, contrast, speed_kmh, min(AT_ONCE, plants - tried), random)
        seen = find_triplets(plant(planes, road, vehicles, ground), road, settings=settings).triplets
        for vehicle in vehicles:
            match = next((one for one in seen if _same(one, vehicle)), None)
            tried, found = tried + 1, found + (match is not None)
            if match is not None:
                errors.append(abs(match.speed_kmh[1] - speed_kmh))
    return _told(found, tried, contrast, speed_kmh, errors, "")


def _room(planes: Floats, road: Road, unplanted: RoadPass, offsets: Floats) -> Bools:
    """(y, x): seen road, clear of vehicles, far enough from the edge of what was seen."""
    seen = np.isfinite(planes).all(0)
    inside = distance_transform_edt(np.pad(seen, 1))[1:-1, 1:-1] > np.abs(offsets).max() + 2
    busy = np.zeros(seen.shape, np.bool_)
    for one in unplanted.triplets:
        rows, columns = np.round([one.blue, one.green, one.red]).astype(int).T
        busy[rows.clip(0, len(busy) - 1), columns.clip(0, len(busy.T) - 1)] = True
    far = distance_transform_edt(~busy) > CLEAR_PX if busy.any() else np.ones_like(busy)
    return np.asarray(road.mask & seen & inside & far)


def _drawn(
    room: Bools, road: Road, contrast: float, kmh: float, count: int, random: np.random.Generator
) -> list[Vehicle]:
    """Up to some vehicles apart from each other; at least one."""
    places = np.argwhere(room)
    drawn: list[Vehicle] = []
    for row, column in random.permutation(places):
        if all(np.hypot(row - one.row, column - one.column) >= APART_PX for one in drawn):
            angle = float(road.angle[row, column]) + np.pi * int(random.integers(2))
            colours = contrast * np.exp(random.normal(0, COLOUR_SPREAD, 3))
            at = np.array([row, column]) + random.uniform(-0.5, 0.5, 2)
            drawn.append(Vehicle(float(at[0]), float(at[1]), angle, kmh, tuple(float(c) for c in colours)))
        if len(drawn) == count:
            break
    return drawn


def _same(triplet: Triplet, vehicle: Vehicle) -> bool:
    near = np.hypot(triplet.green[0] - vehicle.row, triplet.green[1] - vehicle.column) <= NEAR_PX
    way = np.radians(triplet.bearing)
    return bool(near and np.sin(way) * np.cos(vehicle.angle) - np.cos(way) * np.sin(vehicle.angle) > 0)


def _told(found: int, tried: int, contrast: float, kmh: float, errors: Sequence[float], reason: str) -> TrafficPower:
    error = float(np.median(errors)) if errors else float("nan")
    if tried < FEWEST:
        why = reason or f"only {tried} vehicles were planted; {FEWEST} are needed to tell a power"
        nan = float("nan")
        return TrafficPower(nan, nan, nan, found, tried, contrast, kmh, error, why)
    low = float(beta.ppf(0.05, found + 0.5, tried - found + 0.5)) if found else 0.0
    high = float(beta.ppf(0.95, found + 0.5, tried - found + 0.5)) if found < tried else 1.0
    return TrafficPower(found / tried, low, high, found, tried, contrast, kmh, error, "")
