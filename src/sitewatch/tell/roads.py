"""Pieces of one pass that show the vehicles told in motion on a road, all at one scale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patheffects import Normal, Stroke
from numpy.typing import NDArray
from pyproj import Transformer
from scipy.ndimage import binary_dilation

from sitewatch.records import Pass
from sitewatch.tell.chips import NARROWEST, TRUE_COLOUR, ChipImage, read_chip
from sitewatch.tell.figures import Box, Ring, plate

SIDE_PX = 60
"""Longest side of a piece, pixels."""
MOST = 6
"""Pieces that are drawn."""
_VERGE_PX, _BLACK, _WHITE = 5, 1.0, 99.8
"""The stretch: percentiles of the road and so many pixels beside it, so that a lorry is not lost in white."""
_ROOM_PX = 3
"""From a vehicle to the edge of a piece that is laid around it."""
_COLOURS = ("#4aa3ff", "#39e06a", "#ff5a4d")
_CASING = [Stroke(linewidth=1.8, foreground="#000000", alpha=0.5), Normal()]

Spot = tuple[float, float]
"""Row and column, pixels; whole numbers are the middles of pixels."""


class Vehicle(NamedTuple):
    """A vehicle where each colour saw it."""

    blue: Spot
    green: Spot
    red: Spot


class RoadPiece(NamedTuple):
    """A picture of a piece of road."""

    png: bytes
    shows: tuple[int, ...]
    """Numbers of the vehicles that it shows, from 1 in the order in which they were given."""
    at: tuple[float, float]
    """Longitude and latitude of its middle, degrees."""
    side_m: float
    hatched: bool
    """Whether some of it was not seen."""


def road_pieces(
    passed: Pass, data: bytes, mask: NDArray[np.bool_], vehicles: Sequence[Vehicle], fence: Ring
) -> list[RoadPiece]:
    """Draw the pieces of a pass on which vehicles were told, or one piece of the bare road where none was.

    Args:
        passed: whose chip it is, in blue, green and red; it holds data over some of the road.
        data: the chip's bytes.
        mask: (y, x) on the chip's grid: the road.
        vehicles: in the order of their numbers; the first are shown if not all can be.
        fence: closed ring of the site's fence.

    Raises:
        LedgerError: the stored bytes are no such chip.
    """
    chip = read_chip(passed, data)
    colours = chip.colour(TRUE_COLOUR)
    floor, ceiling = np.nanpercentile(colours[binary_dilation(mask, iterations=_VERGE_PX)], (_BLACK, _WHITE), axis=0)
    picture = np.clip((colours - floor) / np.maximum(ceiling - floor, NARROWEST), 0, 1).astype(np.float32)
    side = min(SIDE_PX, *mask.shape)
    return [_piece(chip, picture, mask, corner, side, vehicles, fence) for corner in _corners(mask, vehicles, side)]


def _corners(mask: NDArray[np.bool_], vehicles: Sequence[Vehicle], side: int) -> list[tuple[int, int]]:
    """First row and column of each piece: the first vehicle that no piece shows yet, and most others beside it."""
    corners: list[tuple[int, int]] = []
    left = list(vehicles)
    while left and len(corners) < MOST:
        places = [_between(left[0].green, other.green) for other in left]
        every = [_around(place, mask.shape, side) for place in places]
        able = [corner for corner in every if _within(left[0], corner, side, _ROOM_PX)] or every[:1]
        best = max(able, key=lambda corner: sum(_within(one, corner, side, _ROOM_PX) for one in left))
        corners.append(best)
        left = [one for one in left[1:] if not _within(one, best, side, _ROOM_PX)]
    if not corners:
        road = np.argwhere(mask)
        middle = road[np.hypot(*(road - np.array(mask.shape) / 2).T).argmin()]
        corners.append(_around((float(middle[0]), float(middle[1])), mask.shape, side))
    return corners


def _between(one: Spot, other: Spot) -> Spot:
    return (one[0] + other[0]) / 2, (one[1] + other[1]) / 2


def _around(at: Spot, shape: tuple[int, ...], side: int) -> tuple[int, int]:
    row, column = (min(max(round(at[n]) - side // 2, 0), shape[n] - side) for n in (0, 1))
    return row, column


def _within(one: Vehicle, corner: tuple[int, int], side: int, room: float = 0.0) -> bool:
    """Whether a piece shows all spots of a vehicle, with some room to its edge."""
    spots = np.array(one) - np.array(corner)
    return bool((spots >= room - 0.5).all() and (spots <= side - room - 0.5).all())


def _piece(
    chip: ChipImage,
    picture: NDArray[np.float32],
    mask: NDArray[np.bool_],
    corner: tuple[int, int],
    side: int,
    vehicles: Sequence[Vehicle],
    fence: Ring,
) -> RoadPiece:
    a, _, left, _, e, top = chip.transform
    row, column = corner
    box: Box = (left + a * column, left + a * (column + side), top + e * (row + side), top + e * row)
    shown = [n for n, one in enumerate(vehicles, start=1) if _within(one, corner, side)]

    def mark(axes: Axes) -> None:
        _outline(axes, chip, mask)
        for n in shown:
            _vehicle(axes, chip, vehicles[n - 1], str(n))

    png = plate(chip, picture[row : row + side, column : column + side], box, fence, "traffic", mark=mark)
    hatched = bool(chip.unseen[row : row + side, column : column + side].any())
    to_earth = Transformer.from_crs(chip.crs, "EPSG:4326", always_xy=True)
    longitude, latitude = to_earth.transform((box[0] + box[1]) / 2, (box[2] + box[3]) / 2)
    return RoadPiece(png, tuple(shown), (round(longitude, 6), round(latitude, 6)), side * a, hatched)


def _outline(axes: Axes, chip: ChipImage, mask: NDArray[np.bool_]) -> None:
    """The edge of the road's mask, thin, so that it hides nothing."""
    a, _, left, _, e, top = chip.transform
    rows, columns = mask.shape
    x, y = left + a * (np.arange(columns) + 0.5), top + e * (np.arange(rows) + 0.5)
    axes.contour(x, y, mask.astype(float), levels=[0.5], colors="#ffffff", linewidths=0.6, alpha=0.8)


def _vehicle(axes: Axes, chip: ChipImage, one: Vehicle, number: str) -> None:
    """An open ring around each colour's spot, and the number beside them."""
    a, _, left, _, e, top = chip.transform
    places = [(left + a * (column + 0.5), top + e * (row + 0.5)) for row, column in one]
    for (x, y), colour in zip(places, _COLOURS, strict=True):
        axes.plot(x, y, "o", markersize=11, markerfacecolor="none", markeredgecolor=colour, markeredgewidth=1.0,
                  path_effects=_CASING)  # fmt: skip
    axes.annotate(number, places[1], xytext=(11, 9), textcoords="offset points", color="#ffffff", fontsize=8.5,
                  fontweight="bold", path_effects=_CASING, annotation_clip=True)  # fmt: skip
