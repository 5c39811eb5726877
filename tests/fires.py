"""Made-up files of hotspots: a plant and its neighbours under one sky, as FIRMS exports them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np

HEAD = (
    "latitude,longitude,bright_ti4,scan,track,acq_date,acq_time,satellite,instrument,confidence,version,bright_ti5,frp,"
    "daynight,type"
)
FIRST, START, STOP, LAST = date(2022, 1, 1), date(2022, 6, 1), date(2022, 8, 1), date(2022, 10, 28)
"""Of the file; of the watch; of the shutdown; of the file."""
LON, LAT = 10.0, 50.0
FENCE = ((9.98, 49.99), (10.02, 49.99), (10.02, 50.01), (9.98, 50.01), (9.98, 49.99))
AROUND = ((20.0, 0.0), (-30.0, 15.0), (0.0, 45.0), (60.0, -10.0), (-5.0, -70.0))
"""Kilometres east and north of the plant."""


def fires(*, stop: date = LAST + timedelta(1), last: date = LAST, lon: float = LON) -> str:
    """A file from the first day to the last; the plant at its middle is cold from one day on."""
    return "\n".join([HEAD, *sorted(_rows(stop, last, lon))]) + "\n"


def clouds() -> str:
    """The sky as a cloud series."""
    return "\n".join(["date,clear", *(f"{day},{share:g}" for day, share in _sky().items())]) + "\n"


def _sky() -> dict[date, float]:
    """Clear on 45 % of the days, alike all over the region."""
    rng = np.random.default_rng(1)
    return {FIRST + timedelta(k): float(rng.random() < 0.45) for k in range((LAST - FIRST).days + 1)}


def _rows(stop: date, last: date, lon: float) -> Iterator[str]:
    """Each source is seen on most clear nights, and on half as many clear days."""
    sky = _sky()
    for seed, (east, north) in enumerate(((0.0, 0.0), *AROUND)):
        rng = np.random.default_rng(10 + seed)
        place = f"{LAT + north / 111.32:.5f},{lon + east / 111.32 / math.cos(math.radians(LAT)):.5f}"
        for day, clear in sky.items():
            for share, hour, flag in ((0.8, "0120", "N"), (0.4, "1220", "D")):
                seen = rng.random() < clear * share
                if seen and day <= last and not (seed == 0 and day >= stop):
                    yield f"{place},330.1,0.4,0.4,{day},{hour},N,VIIRS,n,2,261.5,4.9,{flag},2"
