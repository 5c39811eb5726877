"""Moving vehicles on a road in one Sentinel-2 pass: blue, green and red spots in the order in which the bands look."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from sitewatch.errors import InputError
from sitewatch.look.traffic.mask import Floats, Road
from sitewatch.look.traffic.search import Candidate, prepared, search
from sitewatch.look.traffic.settings import COLOURS, TrafficSettings

DEFAULT = TrafficSettings()


@dataclass(frozen=True)
class Triplet:
    """A vehicle that moved while the bands looked."""

    blue: tuple[float, float]
    """Row and column of the blue spot, pixels; whole numbers are the middles of pixels."""
    green: tuple[float, float]
    red: tuple[float, float]
    bearing: float
    """Where it went: degrees clockwise from the grid's north, along the road."""
    speed_kmh: tuple[float, float, float]
    """Lower end of the 90 % interval, best, upper end; within the speeds that are tried."""
    contrast: float
    """What it adds to the road's brightness, mean of bands, summed over pixels: 1 is a whole pixel twice as bright."""
    score: float
    """In standard deviations of what unmoving things do on this road in this pass."""
    p_value: float
    """Chance of such a score anywhere on the road without a vehicle, were the tail Gaussian: it ranks, it does not
    gate."""


@dataclass(frozen=True)
class RoadPass:
    """What one pass shows of the traffic on a road."""

    triplets: tuple[Triplet, ...]
    """Strongest first."""
    count: int | None
    """Vehicles seen moving; None where too little of the road was seen to count."""
    road_px: int
    seen_px: int
    hidden: float
    """Share of the road that cloud, shadow or the edge of the pass hid."""
    restlessness: float
    """Spread of the scores of impossible orders of the colours, in units of road noise; NaN where not searched."""
    reason: str
    """Why nothing is counted; empty where it is."""


def find_triplets(planes: Floats, road: Road, *, settings: TrafficSettings = DEFAULT) -> RoadPass:
    """Find the vehicles that moved along a road in one pass.

    The effect is that of Fisser et al. (2022, Remote Sensing 14, 1595), who classify pixels by colour. Here each band's
    difference to the local background of the road is matched with a vehicle's three spots at each speed, both ways
    along the road, against the covariance of that road's own colours. Triplets are taken strongest first and taken out
    of the picture, so that neighbours lend each other no colours. A candidate is dropped whose palest colour is too
    pale beside the others, or that one spot at rest explains almost as well.

    Args:
        planes: (band, y, x) blue, green, red; near infrared may follow and is not used; any unit that is 0 for black;
            NaN where unseen.
        road: on the same pixels.
        settings: of the search.

    Raises:
        InputError: the planes are no such array, differ from the road's mask in shape, or are not above 0 on the road.
    """
    values = _checked(planes, road)
    road_px = int(road.mask.sum())
    seen_px = int((road.mask & np.isfinite(values).all(0)).sum())
    hidden = 1 - seen_px / road_px
    if seen_px < settings.least_pixels or 1 - hidden < settings.least_seen:
        reason = (
            f"{seen_px} of {road_px} pixels of road were seen; a count needs at least {settings.least_pixels}, and "
            f"{settings.least_seen:.0%} of the road"
        )
        return RoadPass((), None, road_px, seen_px, hidden, float("nan"), reason)
    scene = prepared(values, road, settings)
    found, restless = search(scene, settings)
    told = [_told(one, restless, seen_px) for one in found]
    told = sorted((one for one in told if one.score >= settings.limit), key=lambda one: -one.score)
    return RoadPass(tuple(told), len(told), road_px, seen_px, hidden, restless, "")


def _checked(planes: Floats, road: Road) -> Floats:
    values = np.asarray(planes, float)
    if values.ndim != 3 or len(values) not in (3, 4):
        raise InputError(
            f"planes: found an array of {values.shape}; needed is (band, y, x) of {', '.join(COLOURS)}, and near "
            "infrared where it is given"
        )
    if values.shape[1:] != road.mask.shape:
        raise InputError(
            f"planes: they have {values.shape[1:]} pixels and the road's mask {road.mask.shape}; lay both onto one grid"
        )
    for name, plane in zip(COLOURS, values[:, road.mask], strict=False):
        if np.isfinite(plane).any() and np.nanmedian(plane) <= 0:
            raise InputError(
                f"planes: {name} is {np.nanmedian(plane):g} on the road; give reflectance, NaN where unseen"
            )
    return np.where(np.isfinite(values[:3]).all(0), values[:3], np.nan)


def _told(one: Candidate, restless: float, seen_px: int) -> Triplet:
    down, right = np.sin(one.angle), np.cos(one.angle)
    blue, green, red = ((one.row + at * down, one.column + at * right) for at in one.offsets_px)
    scaled = one.score / restless
    return Triplet(
        blue=(float(blue[0]), float(blue[1])),
        green=(float(green[0]), float(green[1])),
        red=(float(red[0]), float(red[1])),
        bearing=float(np.degrees(np.arctan2(right, -down)) % 360),
        speed_kmh=one.speed_kmh,
        contrast=float(one.sizes.mean()),
        score=scaled,
        p_value=float(-np.expm1(2 * seen_px * np.log1p(-norm.sf(scaled)))),
    )
