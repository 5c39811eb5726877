"""Whether two counts of a road are worth comparing: an empty road brings some too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from scipy.stats import poisson

from sitewatch.look.traffic.rate import PassCount, RelativeRate, relative_rate

EMPTY_ROAD, OF_PX = 0.13, 271
"""Vehicles that are told in a pass where none drives, upper end of the 90 % interval on a road of so many pixels in
Romania (docs/methods/traffic.md); two rates of which neither is above it, pixel for pixel, are not compared."""
ABOVE = 0.05
"""Chance of so many on an empty road below which a count is above it."""


def compared(past: Sequence[PassCount], now: Sequence[PassCount], road_px: int) -> RelativeRate:
    """The relative rate, or the reason why it is not told where an empty road may bring both counts.

    Args:
        past: what is normal here.
        now: what is asked about.
        road_px: pixels of the road: the longer it is, the more is told on it where nothing drives.
    """
    rate, empty = relative_rate(past, now), EMPTY_ROAD * road_px / OF_PX
    if rate.reason or any(_above(group, empty) for group in (past, now)):
        return rate
    (told, of), (lately, among) = (_sums(group) for group in (past, now))
    reason = (
        f"{told} vehicles in {of} passes before and {lately} in {among} now are no more than may be told where none "
        f"drives, up to {empty:.2g} a pass on so long a road"
    )
    return replace(rate, reason=reason)


def _sums(group: Sequence[PassCount]) -> tuple[int, int]:
    """Vehicles, and the passes that counted them."""
    return sum(one.vehicles or 0 for one in group), sum(one.vehicles is not None for one in group)


def _above(group: Sequence[PassCount], empty: float) -> bool:
    """Whether the vehicles of some passes are too many for an empty road that brings so many a pass."""
    seen = sum(one.seen for one in group if one.vehicles is not None)
    return bool(poisson.sf(_sums(group)[0] - 1, empty * seen) < ABOVE)
