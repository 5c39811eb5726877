"""The pixels of a grid on which a road lies, and which way it runs there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from scipy.ndimage import uniform_filter
from shapely.geometry.base import BaseGeometry

from sitewatch.errors import InputError
from sitewatch.look.traffic.roads import Way
from sitewatch.records import Grid

Floats = NDArray[np.floating]
Bools = NDArray[np.bool_]

_STEP_DEGREES = 0.001
_NEAR_PX = 8
"""Pixels around one of an area of road that tell which way it runs."""


@dataclass(frozen=True, eq=False)
class Road:
    """A road on a grid."""

    mask: Bools
    """(y, x): the road lies on the pixel, or half a pixel beside it."""
    near: Bools
    """(y, x): the mask and a margin of some metres."""
    angle: Floats
    """(y, x): which way the road runs, radians from the direction of the columns towards that of the rows, in
    [0, pi); of the nearest line, or of the area around; NaN outside `near`."""
    pixel_m: float
    """Side of a pixel, metres."""


def road_mask(ways: Sequence[Way], grid: Grid, *, margin_m: float = 15.0) -> Road:
    """Lay roads onto a grid.

    Args:
        ways: as `read_roads` gives them.
        grid: square pixels of metres, north up.
        margin_m: width of what counts as near the road.

    Raises:
        InputError: there is no road, none touches the grid, or its pixels are no squares of metres.
    """
    pixel = pixel_metres(grid)
    if not ways:
        raise InputError("no road: give at least one line or polygon")
    height, width = grid.shape
    frame = shapely.box(-0.5, -0.5, width - 0.5, height - 0.5)
    lines: list[tuple[BaseGeometry, float]] = []
    areas: list[BaseGeometry] = []
    for way in ways:
        drawn = _on_pixels(way.geometry, grid)
        reach = drawn.buffer((way.width_m / 2 + margin_m) / pixel + 1)
        if np.isfinite(shapely.get_coordinates(drawn)).all() and reach.intersects(frame):
            if way.width_m:
                lines.append((drawn, way.width_m / 2 / pixel))
            else:
                areas.append(drawn)
    distance = np.full(grid.shape, np.inf)
    angle = np.full(grid.shape, np.nan)
    points = shapely.points(*np.meshgrid(np.arange(width), np.arange(height)))
    for line, half in lines:
        edge = shapely.distance(line, points) - half
        closer = edge < distance
        distance[closer] = edge[closer]
        angle[closer] = _along(line, points[closer])
    if areas:
        edge = shapely.distance(shapely.union_all(areas), points)
        closer = edge < distance
        distance[closer] = edge[closer]
        angle[closer] = _axis(distance <= 0.5)[closer]
    mask = distance <= 0.5
    if not mask.any():
        raise InputError(
            f"{ways[0].name}: none of the {len(ways)} roads lies on the site's grid; give the roads around the site, "
            "longitude before latitude"
        )
    near = distance <= 0.5 + margin_m / pixel
    return Road(mask, near, np.where(near, angle, np.nan), pixel)


def everywhere(grid: Grid, degrees: float) -> Road:
    """A mask that leaves nothing out, for a road that runs at some angle from east towards south."""
    whole = np.ones(grid.shape, np.bool_)
    return Road(whole, whole, np.full(grid.shape, np.radians(degrees) % np.pi), pixel_metres(grid))


def pixel_metres(grid: Grid) -> float:
    """Side of a grid's pixel.

    Raises:
        InputError: its pixels are no north-up squares of metres.
    """
    across, skew, _, turn, down, _ = grid.transform
    crs = CRS.from_user_input(grid.crs)
    if (
        not crs.is_projected
        or crs.axis_info[0].unit_name != "metre"
        or skew
        or turn
        or abs(across + down) > 0.01 * across
    ):
        raise InputError(
            f"grid: {grid.crs} with the transform {grid.transform} has no north-up squares of metres; lay the pass "
            "onto the site's UTM grid"
        )
    return across


def _on_pixels(geometry: BaseGeometry, grid: Grid) -> BaseGeometry:
    """Longitude and latitude to column and row; whole numbers are the middles of pixels."""
    project = Transformer.from_crs("EPSG:4326", grid.crs, always_xy=True).transform
    across, _, left, _, down, top = grid.transform

    def place(corners: Floats) -> Floats:
        east, north = project(corners[:, 0], corners[:, 1])
        return np.column_stack([(east - left) / across, (north - top) / down]) - 0.5

    return shapely.transform(shapely.segmentize(geometry, _STEP_DEGREES), place)


def _along(line: BaseGeometry, points: NDArray[np.object_]) -> Floats:
    """Angle of a line at the places nearest to some points, over a pixel each way."""
    at = shapely.line_locate_point(line, points)
    before = shapely.get_coordinates(shapely.line_interpolate_point(line, np.maximum(at - 1, 0)))
    after = shapely.get_coordinates(shapely.line_interpolate_point(line, np.minimum(at + 1, line.length)))
    right, down = (after - before).T
    return np.asarray(np.arctan2(down, right) % np.pi)


def _axis(mask: Bools) -> Floats:
    """(y, x): longest axis of the pixels of a mask around each pixel."""
    size = 2 * _NEAR_PX + 1
    rows, columns = np.indices(mask.shape, dtype=float)

    def mean(values: Floats) -> Floats:
        return np.asarray(uniform_filter(np.where(mask, values, 0.0), size, mode="constant"))

    with np.errstate(invalid="ignore", divide="ignore"):
        share = mean(np.ones(mask.shape))
        x, y = mean(columns) / share, mean(rows) / share
        xx, yy, xy = mean(columns**2) / share - x**2, mean(rows**2) / share - y**2, mean(rows * columns) / share - x * y
    return np.arctan2(2 * xy, xx - yy) / 2 % np.pi
