"""Details of an image around vehicles, all of one size: what an analyst looks at to see what was boxed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pyproj import Transformer

from sitewatch.look.geotiff import WGS84, opened
from sitewatch.look.vehicles.boxes import Array
from sitewatch.look.vehicles.find import Vehicle, Vehicles
from sitewatch.look.vehicles.pixels import picture

LEAST_M, MOST_M = 25.0, 80.0
"""Shortest and longest side of a detail, metres."""
_AROUND = 2.0
"""Side of a detail, in lengths of the longest vehicle that is shown."""
_LEAST_PX = 16


@dataclass(frozen=True, eq=False)
class Detail:
    """A square of an image with a vehicle in it."""

    vehicle: Vehicle
    colours: NDArray[np.uint8]
    """(side, side, 3): red, green and blue as the detector was shown them."""
    corners: Array
    """(4, 2): of the vehicle's box, x and y in pixels of the detail."""
    others: tuple[Array, ...]
    """The same of other boxes that touch the detail."""
    centre: tuple[float, float]
    """Longitude and latitude of the detail's middle, degrees."""


def details(
    path: Path, found: Vehicles, chosen: Sequence[Vehicle], *, bands: Sequence[int] = ()
) -> tuple[tuple[Detail, ...], float]:
    """Details of some of the vehicles, in their order, and the side that all of them have, metres.

    Args:
        path: of the image in which they were found.
        found: with lengths; where there are none, there is no scale and no detail.
        chosen: of them, those to show.
        bands: as they were shown to the detector.

    Raises:
        InputError: the image cannot be read.
    """
    if found.pixel is None or not chosen:
        return (), 0.0
    longest = max((one.length.value for one in chosen if one.length), default=0.0)
    side = max(math.ceil(min(max(_AROUND * longest, LEAST_M), MOST_M) / found.pixel), _LEAST_PX)
    with opened(path) as file:
        shown = picture(file, path, bands)
        to_earth = Transformer.from_crs(file.crs.to_wkt(), WGS84, always_xy=True)
        cut = []
        for one in chosen:
            x, y = (_start(at, side, length) for at, length in zip(one.centre, reversed(shown.shape), strict=True))
            colours = shown.window(x, y, (side, side))[0]
            moved = [vehicle.corners - (x, y) for vehicle in found.vehicles if vehicle is not one]
            longitude, latitude = to_earth.transform(*(file.transform @ (x + side / 2, y + side / 2)))
            cut.append(
                Detail(
                    vehicle=one,
                    colours=np.rint(colours.transpose(1, 2, 0)).astype(np.uint8),
                    corners=one.corners - (x, y),
                    others=tuple(box for box in moved if ((box.max(0) > 0) & (box.min(0) < side)).all()),
                    centre=(round(longitude, 6), round(latitude, 6)),
                )
            )
    return tuple(cut), side * found.pixel


def _start(centre: float, side: int, length: int) -> int:
    """First row or column of a detail, moved so that it lies within the image where that is long enough."""
    return max(min(math.floor(centre - side / 2 + 0.5), length - side), 0)
