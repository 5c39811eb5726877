"""Where the sun stands: what is day and what is night at a place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import ArrayLike, NDArray


def elevations(times: Sequence[datetime], longitude: ArrayLike, latitude: ArrayLike) -> NDArray[np.float64]:
    """Degrees of the sun above the horizon, (n,), to about 0.1 degrees from 1950 to 2050, refraction left out.

    The low-precision formulae of the Astronomical Almanac.

    Args:
        times: (n,), with their time zones.
        longitude: (n,) or one, degrees, east positive.
        latitude: (n,) or one, degrees, north positive.
    """
    noon = datetime(2000, 1, 1, 12, tzinfo=UTC)
    days = np.array([(time.astimezone(UTC) - noon) / timedelta(days=1) for time in times], np.float64)
    anomaly = np.radians(357.528 + 0.9856003 * days)
    ecliptic = np.radians(280.460 + 0.9856474 * days + 1.915 * np.sin(anomaly) + 0.020 * np.sin(2 * anomaly))
    tilt = np.radians(23.439 - 4e-7 * days)
    ascension = np.arctan2(np.cos(tilt) * np.sin(ecliptic), np.cos(ecliptic))
    declination = np.arcsin(np.sin(tilt) * np.sin(ecliptic))
    sidereal = np.radians(280.46062 + 360.98564737 * days + np.asarray(longitude, np.float64))
    up = np.radians(np.asarray(latitude, np.float64))
    sine = np.sin(up) * np.sin(declination) + np.cos(up) * np.cos(declination) * np.cos(sidereal - ascension)
    return np.asarray(np.degrees(np.arcsin(np.clip(sine, -1, 1))))
