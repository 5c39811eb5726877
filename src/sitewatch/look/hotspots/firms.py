"""Hotspots as FIRMS exports them: a CSV of VIIRS or MODIS, archive or near real time, becomes detections.

Columns are told by their names (NASA FIRMS, attributes of the VIIRS 375 m and of the MODIS Collection 6.1 active-fire
product). `version` and `type` are not read: NASA's type names a vegetation fire for most detections at a steelworks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Literal

from sitewatch.errors import InputError
from sitewatch.look.hotspots.checks import check_place, check_times
from sitewatch.look.hotspots.table import Row, rows, text_of

NEEDED = (
    "latitude", "longitude", "acq_date", "acq_time", "satellite", "instrument", "confidence", "frp", "daynight"
)  # fmt: skip
"""Columns that every export has."""
BRIGHT = {"VIIRS": ("bright_ti4", "bright_ti5"), "MODIS": ("brightness", "bright_t31")}
"""Columns by which the instrument's export is known, beside those."""

SATELLITES = {"A": "Aqua", "T": "Terra", "1": "N20", "NPP": "N"}
"""Other names that some exports have for a satellite: under two names it would count as two."""
YEARS = range(2000, 2100)
"""In which a detection can lie; the first of these satellites flew in 2000."""

Confidence = Literal["low", "nominal", "high"]


@dataclass(frozen=True)
class Detection:
    """One hotspot pixel of one overpass."""

    time: datetime
    """UTC."""
    lon: float
    """Degrees east of the pixel's centre."""
    lat: float
    """Degrees north."""
    frp: float
    """Fire radiative power, MW."""
    satellite: str
    """As the archive writes it: N, N20, N21, Terra, Aqua..."""
    instrument: str
    """VIIRS or MODIS."""
    night: bool
    """The file's own flag."""
    confidence: Confidence
    """MODIS per cent in the classes of its user guide: below 30 low, from 80 on high."""

    def __post_init__(self) -> None:
        """Refuse what no file says: a time that is not UTC, no place, another instrument.

        Raises:
            InputError: it is one of these.
        """
        placed = abs(self.lon) <= 180 and abs(self.lat) <= 90
        if self.time.utcoffset() != timedelta(0) or not placed or self.instrument not in BRIGHT:
            raise InputError(
                f"a detection at {self.time.isoformat()}, {self.lon} E {self.lat} N by {self.instrument}; needed are a "
                "time in UTC (with its zone), degrees, and VIIRS or MODIS"
            )


def read(path: str | Path, *, near: tuple[float, float] | None = None) -> tuple[Detection, ...]:
    """The detections of a FIRMS CSV, in order of time.

    Args:
        path: of the file, UTF-8.
        near: longitude and latitude of the site, degrees; where given, a file about another part of the world is
            refused, which is how most swapped coordinates show.

    Raises:
        InputError: as `parse`, or the file cannot be read.
    """
    return parse(text_of(path, "as FIRMS exports it"), str(path), near=near)


def parse(text: str, name: str = "hotspots", *, near: tuple[float, float] | None = None) -> tuple[Detection, ...]:
    """The detections of the text of a FIRMS CSV, in order of time; a header alone gives none.

    Args:
        text: with its header line.
        name: of the file, for messages.
        near: as in `read`.

    Raises:
        InputError: columns are missing, a value is unreadable or impossible, a row is there twice, latitude and
            longitude seem swapped, or day and night contradict the sun, so that the times are not UTC.
    """
    found: list[Detection] = []
    lines: dict[tuple[object, ...], int] = {}
    for row in rows(text, name, NEEDED, tuple(BRIGHT.values())):
        one = _detection(row)
        key = (one.time, one.satellite, one.lon, one.lat)
        if key in lines:
            raise InputError(
                f"{name}:{row.line}: repeats the detection of line {lines[key]} (same time, satellite and place); "
                "remove one, or give archive and near-real-time exports that do not overlap"
            )
        lines[key] = row.line
        found.append(one)
    lon, lat = [one.lon for one in found], [one.lat for one in found]
    check_place(lon, lat, name, near)
    check_times([one.time for one in found], [one.night for one in found], lon, lat, name)
    return tuple(sorted(found, key=lambda one: (one.time, one.satellite, one.lat, one.lon)))


def _detection(row: Row) -> Detection:
    lat, lon = row.number("latitude"), row.number("longitude")
    if abs(lat) > 90:
        swapped = "; latitude and longitude seem swapped" if abs(lon) <= 90 else ""
        raise row.wrong("latitude", f"a number of degrees between -90 and 90{swapped}")
    if abs(lon) > 180:
        raise row.wrong("longitude", "a number of degrees between -180 and 180")
    if (frp := row.number("frp")) < 0:
        raise row.wrong("frp", "a power in MW, 0 or more")
    instrument = row.cells["instrument"].upper()
    if instrument not in BRIGHT or not set(BRIGHT[instrument]) <= set(row.cells):
        raise row.wrong("instrument", "VIIRS with bright_ti4 and bright_ti5, or MODIS with brightness and bright_t31")
    if not row.cells["satellite"]:
        raise row.wrong("satellite", "the satellite's name")
    if (flag := row.cells["daynight"].upper()) not in ("D", "N"):
        raise row.wrong("daynight", "D or N")
    satellite = SATELLITES.get(row.cells["satellite"].upper(), row.cells["satellite"])
    return Detection(_time(row), lon, lat, frp, satellite, instrument, flag == "N", _confidence(row, instrument))


def _time(row: Row) -> datetime:
    """Date and HHMM, whose leading zeros spreadsheets drop: 131 is 01:31."""
    day = row.day("acq_date")
    if day.year not in YEARS:
        raise row.wrong("acq_date", f"a day from {YEARS[0]} to {YEARS[-1]}")
    written = row.cells["acq_time"]
    digits = written.replace(":", "").zfill(4)
    if not re.fullmatch(r"\d{1,4}|\d{1,2}:\d\d", written, re.ASCII) or int(digits[:2]) > 23 or int(digits[2:]) > 59:
        raise row.wrong("acq_time", "a time HHMM in UTC")
    return datetime.combine(day, time(int(digits[:2]), int(digits[2:])), UTC)


def _confidence(row: Row, instrument: str) -> Confidence:
    if instrument == "MODIS":
        share = row.number("confidence")
        if not 0 <= share <= 100:
            raise row.wrong("confidence", "0 to 100 for MODIS")
        return "low" if share < 30 else "nominal" if share < 80 else "high"
    words: dict[str, Confidence] = {"l": "low", "n": "nominal", "h": "high"}
    word = row.cells["confidence"].lower()[:1]
    if word not in words or row.cells["confidence"].lower() not in (word, words[word]):
        raise row.wrong("confidence", "l, n or h for VIIRS")
    return words[word]


def read_clouds(path: str | Path) -> dict[date, float]:
    """A cloud series: which share of the sky over a site was clear on each day.

    Args:
        path: of a CSV with the columns date (YYYY-MM-DD) and clear (0 to 1).

    Raises:
        InputError: the file cannot be read, lacks a column, has a day twice, or a share outside 0 to 1.
    """
    found: dict[date, float] = {}
    for row in rows(text_of(path, "with the columns date, clear"), str(path), ("date", "clear")):
        day, share = row.day("date"), row.number("clear")
        if not 0 <= share <= 1:
            raise row.wrong("clear", "a share from 0 (all cloud) to 1 (clear); divide per cent by 100")
        if day in found:
            raise row.wrong("date", "each day once")
        found[day] = share
    if not found:
        raise InputError(f"{path}: holds no day; give a CSV with the columns date, clear")
    return found
