"""How long a vehicle is in metres, how surely, and what may be said of it: its size, and never what it is."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pyproj import Geod, Transformer
from rasterio.transform import Affine

from sitewatch.look.geotiff import WGS84
from sitewatch.look.vehicles.boxes import Boxes
from sitewatch.look.vehicles.settings import VehicleSettings

Array = NDArray[np.float64]

NINETY = 1.645
"""Standard deviations on each side that hold 90 % of a normal distribution."""
SLENDER = (0.15, 0.55)
"""Width over length, from the longest articulated lorry to the shortest car."""
_EARTH = Geod(ellps="WGS84")


@dataclass(frozen=True)
class Metres:
    """A measured length."""

    value: float
    """Metres."""
    sd: float
    """Standard deviation, metres."""

    @property
    def half_width(self) -> float:
        """Half of the 90 % interval, metres."""
        return NINETY * self.sd

    def __str__(self) -> str:
        shown = self.half_width
        if shown >= 0.75:
            return f"{self.value:.0f} m +/- {math.ceil(shown - 0.05):d}"
        return f"{self.value:.1f} m +/- {math.ceil(10 * shown - 0.5) / 10:.1f}"


def placed(points: Array, transform: Affine) -> Array:
    """Points of an image, (…, 2) x and y in pixels, on its map."""
    x, y = points[..., 0], points[..., 1]
    a, b, c, d, e, f = tuple(transform)[:6]
    return np.stack([a * x + b * y + c, d * x + e * y + f], axis=-1)


def on_ground(ends: Array, transform: Affine, crs: str) -> Array:
    """Distances on the ellipsoid between pairs of points of an image, metres.

    Degrees, feet, rotated frames and the stretched metres of a web map all come out right.

    Args:
        ends: (pair, 2, 2) x and y, pixels.
        transform: from pixels to the map.
        crs: of the map, as pyproj takes it.
    """
    x, y = np.moveaxis(placed(ends, transform), -1, 0)
    lon, lat = Transformer.from_crs(crs, WGS84, always_xy=True).transform(x, y)
    return np.asarray(_EARTH.inv(lon[:, 0], lat[:, 0], lon[:, 1], lat[:, 1])[2], dtype=float)


def measured(
    boxes: Boxes, transform: Affine, crs: str, settings: VehicleSettings, *, oriented: bool
) -> list[tuple[Metres, Metres | None]]:
    """Length and width of each vehicle.

    The error of an oriented box adds, as variances, where both of its ends were put, how loosely a detector draws, and
    the pixel size. An upright box around a vehicle that stands askew is longer or shorter than the vehicle: the length
    is then the middle of all lengths that a vehicle of usual slenderness can have within it, their spread is part of
    the error, and no width is told.
    """
    ends = boxes.middles()
    sides = np.stack([on_ground(pair, transform, crs) for pair in ends], axis=1)
    pixel = sides / np.maximum(boxes.size, 1e-9)
    length, width = sides.max(1), sides.min(1)
    least, most = (length, length) if oriented else within_upright(length, width)
    middle = (least + most) / 2
    edge = math.sqrt(2) * settings.edge_px * pixel.mean(1)
    share = math.hypot(settings.loose, settings.scale)
    spread = np.sqrt(edge**2 + (share * middle) ** 2 + (most - least) ** 2 / 12)
    across = np.sqrt(edge**2 + (share * width) ** 2)
    return [
        (Metres(float(long), float(sd)), Metres(float(wide), float(error)) if oriented else None)
        for long, sd, wide, error in zip(middle, spread, width, across, strict=True)
    ]


def within_upright(longer: Array, shorter: Array) -> tuple[Array, Array]:
    """Least and greatest length of a vehicle that just fills an upright box, metres.

    A vehicle of length l and width r l at the angle t to the longer side fills W = l (cos t + r sin t) by
    H = l (sin t + r cos t); for each slenderness r of `SLENDER` that leads to an angle, l follows.
    """
    ratio = (longer / np.maximum(shorter, 1e-9))[:, np.newaxis]
    slender = np.linspace(*SLENDER, 41)
    tangent = np.clip((1 - ratio * slender) / np.maximum(ratio - slender, 1e-9), 0, 1)
    lengths = longer[:, np.newaxis] * np.sqrt(1 + tangent**2) / (1 + slender * tangent)
    return lengths.min(1), lengths.max(1)


def size_word(length: Metres, settings: VehicleSettings) -> str:
    """Small, medium or large; two or three of them where the 90 % interval of the length reaches over a limit."""
    limits = (("small", settings.medium_m), ("medium", settings.large_m), ("large", math.inf))
    low, high = length.value - length.half_width, length.value + length.half_width
    starts = (-math.inf, settings.medium_m, settings.large_m)
    return " or ".join(word for (word, end), start in zip(limits, starts, strict=True) if low < end and high >= start)


def said(length: Metres | None, settings: VehicleSettings) -> str:
    """All that is said of a vehicle: its size, and its length with the 90 % interval."""
    return "vehicle" if length is None else f"{size_word(length, settings)} vehicle, {length}"
