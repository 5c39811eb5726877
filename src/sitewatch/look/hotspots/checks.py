"""Whether a hotspot file can be what it says: about the site, and in UTC."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from sitewatch.errors import InputError
from sitewatch.look.sun import elevations

TWILIGHT = 8.0
"""Degrees by which the sun must be on the wrong side of the horizon before a day or night flag counts as wrong."""
WRONG_SHARE, WRONG_ROWS = 0.1, 3
"""Share and number of such rows from which the times cannot be UTC."""
FAR_KM = 1000.0
"""A file none of whose rows lies this near to the site is not about the site."""


def check_place(lons: Sequence[float], lats: Sequence[float], name: str, near: tuple[float, float] | None) -> None:
    """Refuse a file that is about another part of the world than the site.

    Args:
        lons: (n,) degrees east.
        lats: (n,) degrees north.
        name: of the file, for messages.
        near: longitude and latitude of the site; None checks nothing.

    Raises:
        InputError: no row lies within 1,000 km.
    """
    if near is None or not lons:
        return
    lon, lat = np.asarray(lons, np.float64), np.asarray(lats, np.float64)
    if (closest := float(distance_km(lon, lat, near).min())) <= FAR_KM:
        return
    if float(distance_km(lat, np.clip(lon, -90, 90), near).min()) <= FAR_KM:
        raise InputError(
            f"{name}: latitude and longitude seem swapped: the nearest row lies {closest:,.0f} km from the site at "
            f"{near[0]:g} E {near[1]:g} N, and near it when read the other way; put them in the right order"
        )
    raise InputError(
        f"{name}: the nearest row lies {closest:,.0f} km from the site at {near[0]:g} E {near[1]:g} N; export the area "
        "around the site"
    )


def check_times(
    times: Sequence[datetime], nights: Sequence[bool], lons: Sequence[float], lats: Sequence[float], name: str
) -> None:
    """Refuse times under which the sun stands where the file's own day and night flags say it does not.

    An hour or two of local time can pass unnoticed: it moves no overpass from night into day.

    Args:
        times: (n,) as UTC.
        nights: (n,) the flags.
        lons: (n,) degrees east.
        lats: (n,) degrees north.
        name: of the file, for messages.

    Raises:
        InputError: over a tenth of the rows, and three at least, contradict the sun.
    """
    lon, lat, night = np.asarray(lons, np.float64), np.asarray(lats, np.float64), np.asarray(nights, bool)
    sun = elevations(times, lon, lat)
    wrong = np.where(night, sun > TWILIGHT, sun < -TWILIGHT)
    if wrong.sum() >= WRONG_ROWS and wrong.mean() > WRONG_SHARE:
        first = int(wrong.argmax())
        raise InputError(
            f"{name}: acq_time is not UTC: in {wrong.mean():.0%} of the rows daynight contradicts the sun, first on "
            f"{times[first]:%Y-%m-%d %H:%M} at {lon[first]:.2f} E {lat[first]:.2f} N, flagged "
            f"{'night' if night[first] else 'day'} with the sun at {sun[first]:.0f} degrees; convert local times to UTC"
        )


def distance_km(
    lon: NDArray[np.float64], lat: NDArray[np.float64], place: tuple[float, float]
) -> NDArray[np.float64]:  # fmt: skip
    """(n,) great-circle kilometres from a place (longitude, latitude), degrees."""
    one, other = np.radians(lat), math.radians(place[1])
    half = np.sin((one - other) / 2) ** 2 + np.cos(one) * math.cos(other) * np.sin(np.radians(lon - place[0]) / 2) ** 2
    return np.asarray(2 * 6371.0 * np.arcsin(np.sqrt(np.clip(half, 0, 1))))
