"""The search of one pass: candidates along the road, strongest first, each taken out before the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np
from scipy.ndimage import maximum_filter

from sitewatch.look.traffic.background import background, colour_spread
from sitewatch.look.traffic.mask import Bools, Floats, Road
from sitewatch.look.traffic.motion import Evidence, amplitudes, at_rest, evidence, score, spots
from sitewatch.look.traffic.settings import BAND_SECONDS, TrafficSettings

_APART_PX = 8
"""Candidates that are taken in the same round lie at least so far apart."""
_ROUNDS = 60
_SHIFTS_PX = (-0.5, -0.25, 0.0, 0.25, 0.5)
"""Between pixels, where a candidate is looked at again."""
_DROP = 2.706
"""Fall of the squared score that bounds a 90 % interval of the speed."""
IMPOSSIBLE = [order for order in permutations(BAND_SECONDS) if order[1] != BAND_SECONDS[1]]
"""The bands' times in orders that no vehicle can show: green is seen first, or last."""
_MEDIAN_SCORE = 0.6745
"""Median size of a standard Gaussian."""


@dataclass(frozen=True, eq=False)
class Scene:
    """One pass over a road, ready to be searched."""

    residual: Floats
    """(band, y, x): difference to the road's background, 0 where unknown."""
    spread: Floats
    """(band, band): covariance of the road's colours."""
    weights: Floats
    """(band,): brightness of the road."""
    searched: Bools
    """(y, x): road that was seen and has a background."""
    angle: Floats
    """(y, x), as `Road.angle`."""
    pixel_m: float


@dataclass(frozen=True, eq=False)
class Candidate:
    """What may be a vehicle."""

    row: float
    """Of the green spot."""
    column: float
    angle: float
    """Where it goes, radians from the columns' direction towards the rows'."""
    offsets_px: Floats
    """(band,): along that way from the green spot."""
    speed_kmh: tuple[float, float, float]
    score: float
    """In standard deviations of the road's colours."""
    sizes: Floats
    """(band,): contrast with the road in each band, summed over the spot's pixels."""
    moving: float
    """Likelihood ratio of three spots of any size in the order of a vehicle."""
    resting: float
    """The same of one spot at rest, where that is largest."""


def prepared(planes: Floats, road: Road, settings: TrafficSettings) -> Scene:
    """A pass against the background of its road.

    Args:
        planes: (band, y, x), NaN where unseen; some of the road is seen.
        road: on the same pixels.
        settings: of the background.
    """
    ground = background(planes, road, along_m=settings.along_m, across_m=settings.across_m)
    known = road.near & np.isfinite(ground).all(0) & np.isfinite(planes).all(0)
    searched = known & road.mask
    difference = planes - ground
    middle, spread = colour_spread(difference[:, searched].T)
    return Scene(
        residual=np.where(known, difference - middle[:, None, None], 0.0),
        spread=spread,
        weights=np.median(ground[:, searched], 1),
        searched=searched,
        angle=road.angle,
        pixel_m=road.pixel_m,
    )


def search(scene: Scene, settings: TrafficSettings) -> tuple[list[Candidate], float]:
    """The vehicles of a pass, in the order in which they were taken, and the road's restlessness.

    Restlessness is the spread of the scores of orders of the colours that no vehicle can show, at the same places and
    speeds, vehicles taken out: what unmoving things do on this road. It is 1 where the road's pixels are independent
    noise, and scores are judged in units of it.
    """
    residual, found = scene.residual, list[Candidate]()
    barred = ~scene.searched
    restless = 1.0
    for _ in range(_ROUNDS):
        seen = evidence(residual, scene.spread, scene.weights, settings.spot_px)
        restless = _restlessness(scene, seen, settings)
        best, speed = _best(scene, seen, settings)
        best[barred] = -np.inf
        peaks = (best == maximum_filter(best, 2 * _APART_PX + 1)) & (best > settings.limit * restless)
        if not peaks.any():
            break
        for row, column in np.argwhere(peaks):
            one = _refined(scene, seen, int(row), int(column), float(speed[row, column]), settings)
            barred[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2] = True
            if one.sizes.min() >= settings.balance * one.sizes.mean() and (
                one.resting <= settings.static_share * one.moving
            ):
                found.append(one)
                shapes = spots(best.shape, one.row, one.column, one.angle, one.offsets_px, settings.spot_px)
                residual = residual - (one.sizes * scene.weights)[:, None, None] * shapes
    return found, restless


def _speeds(settings: TrafficSettings) -> Floats:
    """Signed: backwards along the road, then forwards."""
    forth = np.arange(settings.slowest_kmh, settings.fastest_kmh + settings.step_kmh / 2, settings.step_kmh)
    return np.concatenate([-forth[::-1], forth])


def offsets_px(kmh: float, pixel_m: float, seconds: Sequence[float] = BAND_SECONDS) -> Floats:
    """(band,): how far along its way each band sees a vehicle from where green does, pixels."""
    times = np.asarray(seconds)
    return np.asarray(kmh / 3.6 * (times - times[1]) / pixel_m)


def _best(scene: Scene, seen: Evidence, settings: TrafficSettings) -> tuple[Floats, Floats]:
    """(y, x): the best score over the speeds, and that speed; -inf off the road."""
    rows, columns = np.nonzero(scene.searched)
    angle = scene.angle[rows, columns]
    speeds = _speeds(settings)
    scores = np.stack([
        score(seen, rows.astype(float), columns.astype(float), angle, offsets_px(kmh, scene.pixel_m)) for kmh in speeds
    ])  # fmt: skip
    best, speed = np.full(scene.searched.shape, -np.inf), np.zeros(scene.searched.shape)
    best[rows, columns], speed[rows, columns] = scores.max(0), speeds[scores.argmax(0)]
    return best, speed


def _restlessness(scene: Scene, seen: Evidence, settings: TrafficSettings) -> float:
    rows, columns = np.nonzero(scene.searched)
    angle = scene.angle[rows, columns]
    scores = [
        score(seen, rows.astype(float), columns.astype(float), angle, offsets_px(kmh, scene.pixel_m, seconds))
        for seconds in IMPOSSIBLE
        for kmh in _speeds(settings)[::4]
    ]
    return max(1.0, float(np.median(np.abs(scores))) / _MEDIAN_SCORE)


def _refined(scene: Scene, seen: Evidence, row: int, column: int, kmh: float, settings: TrafficSettings) -> Candidate:
    """The best place between the pixels and the best speed in the same direction, with its interval."""
    angle = float(scene.angle[row, column])
    down, right = (axis.ravel() for axis in np.meshgrid(_SHIFTS_PX, _SHIFTS_PX, indexing="ij"))
    speeds = _speeds(settings)
    speeds = speeds[np.sign(speeds) == np.sign(kmh)]
    ways = np.full(len(down), angle)
    scores = np.stack(
        [score(seen, row + down, column + right, ways, offsets_px(speed, scene.pixel_m)) for speed in speeds]
    )
    profile = scores.max(1)
    speed, place = (int(n) for n in np.unravel_index(scores.argmax(), scores.shape))
    likely = np.abs(speeds[profile**2 >= profile.max() ** 2 - _DROP])
    at = float(row + down[place]), float(column + right[place])
    offsets = offsets_px(float(speeds[speed]), scene.pixel_m)
    sizes, moving = amplitudes(seen, *at, angle, offsets)
    return Candidate(
        *at,
        angle=angle if kmh > 0 else angle + np.pi,
        offsets_px=offsets * np.sign(kmh),
        speed_kmh=(float(likely.min()), float(abs(speeds[speed])), float(likely.max())),
        score=float(scores.max()),
        sizes=sizes / scene.weights,
        moving=moving,
        resting=at_rest(seen, *at, angle, offsets),
    )
