"""A site's half-days: what each satellite detected there by night and by day, and how likely it could see the ground.

A hotspot file lists detections only. A clear overpass without one is a zero, an obscured one is not. The unit is the
half-day of one satellite: all its overpasses of one night, or of one day, by local solar time; VIIRS passes every place
on Earth at least once in each, MODIS nearly so.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
import shapely

from sitewatch.errors import InputError
from sitewatch.look.hotspots.checks import check_place
from sitewatch.look.hotspots.firms import Detection
from sitewatch.look.hotspots.settings import HotspotSettings
from sitewatch.look.hotspots.sky import Bools, Floats, Ints, clear_chance, find_sources

PIXEL_KM = {"VIIRS": 0.4, "MODIS": 1.0}
"""How far outside the fence a pixel's centre may lie: about one pixel."""
DEGREE_KM = 111.32


@dataclass(frozen=True)
class Circle:
    """A fence given by its centre."""

    lon: float
    """Degrees east."""
    lat: float
    """Degrees north."""
    radius_km: float
    """Kilometres, above 0."""

    def __post_init__(self) -> None:
        if not (abs(self.lon) <= 180 and abs(self.lat) < 89 and 0 < self.radius_km < 100):
            raise InputError(
                f"the fence is a circle at {self.lon} E {self.lat} N of {self.radius_km} km; needed are degrees "
                "(latitude below 89) and a radius above 0 and below 100 km"
            )


@dataclass(frozen=True)
class HalfDay:
    """One satellite's overpasses of one night or one day."""

    day: date
    """By local solar time; of a night, the day on which it ends."""
    night: bool
    """By local solar time, 18 to 6; not the file's flag, which follows the sun."""
    satellite: str
    """As the file writes it."""
    count: int
    """Detections within the fence."""
    clear: float
    """Chance that it could see the ground; 0 where a cloud series says nothing of the day."""


@dataclass(frozen=True)
class Series:
    """The half-days of a site."""

    half_days: tuple[HalfDay, ...]
    """In order of days; empty where the reason says why."""
    start: date
    """First watched day."""
    clouds: str
    """Where the chance of clear sky comes from."""
    reason: str = ""
    """Why there are none."""


def half_day_series(
    detections: Sequence[Detection], fence: Circle | shapely.Polygon, start: date, *,
    clouds: Mapping[date, float] | None = None, until: date | None = None, settings: HotspotSettings | None = None,
) -> Series:  # fmt: skip
    """The half-days of a site, from the first day of the file to the last.

    Args:
        detections: of the site and, without `clouds`, of some hundred kilometres around; order changes nothing.
        fence: a circle, or a polygon in degrees (longitude, latitude).
        start: first watched day.
        clouds: share of clear sky over the site by day; days that it lacks are obscured.
        until: last day; later detections are left out. None is the last day with a detection anywhere in the file, or
            of the cloud series where that is later.
        settings: of the counting monitor.

    Returns:
        The series; empty, with its reason, where cloud cannot be told.

    Raises:
        InputError: the watch starts after the last day, a day is a moment, no day of the cloud series is watched, no
            hotspot lies within 1,000 km of the fence, or a share or the fence is impossible.
    """
    settings = settings or HotspotSettings()
    if strange := [day for day in (start, until or start, *(clouds or ())) if type(day) is not date]:
        raise InputError(f"start, until and the days of clouds are dates; found {strange[0]!r}; take its date()")
    if not detections:
        return Series((), start, "unknown", "the file holds no hotspot, so that nothing tells which satellites passed")
    lon, x, y, inside, beyond = _places(detections, fence, settings)
    halves = [_half_day(one.time, east) for one, east in zip(detections, lon.tolist(), strict=True)]
    days = np.array([half[0].toordinal() for half in halves])
    nights = np.array([half[1] for half in halves])
    ends = [until] if until else [date.fromordinal(int(days.max())), *(clouds or ())]
    first, last = int(days.min()), max(ends).toordinal()
    if not first <= start.toordinal() <= last:
        raise InputError(
            f"the watch starts on {start}, and the hotspots run from {date.fromordinal(first)} to "
            f"{date.fromordinal(last)}; give a start within them"
        )
    calendar = _Calendar(days - first, nights, np.array([one.satellite for one in detections]), last - first + 1)
    history = start.toordinal() - first
    if history < settings.least_days:
        return Series((), start, "unknown", (
            f"{history} days of hotspots before the watch, and {settings.least_days} are needed; export earlier "
            "ones too"
        ))  # fmt: skip
    if clouds is not None:
        chance = _given(clouds, start, first, calendar.length)
        return Series(_listed(calendar, inside, {key: chance for key in calendar.classes}, first), start, "given")
    rows = np.flatnonzero(beyond)
    past = days[rows] < start.toordinal()
    sources = find_sources(x[rows], y[rows], past, 2 * days[rows] + nights[rows], settings)
    if len(sources) < settings.least_sources:
        return Series((), start, "unknown", (
            f"{len(sources)} persistent sources of other hotspots within {settings.far_km:g} km, and "
            f"{settings.least_sources} are needed to tell cloud from silence; give a cloud series, or export the "
            "hotspots of a wider area"
        ))  # fmt: skip
    sx, sy = (np.array([getattr(source, axis) for source in sources]) for axis in ("x", "y"))
    chances: dict[tuple[str, bool], Floats] = {}
    for key in calendar.classes:
        seen = np.stack([calendar.counts(rows[source.rows], key) > 0 for source in sources])
        own = calendar.counts(np.flatnonzero(inside), key)[:history]
        chances[key] = clear_chance(seen, sx, sy, float((own > 0).mean()), history, settings)
    nearest = sorted(np.hypot(sx, sy))[:3]
    near = ", ".join(f"{km:.0f}" for km in nearest)
    told = f"estimated from {len(sources)} neighbouring sources, the nearest {near} km off, and the season's own share"
    return Series(_listed(calendar, inside, chances, first), start, told)


@dataclass(frozen=True, eq=False)
class _Calendar:
    """The half-day of every detection."""

    days: Ints
    """(n,) from the first day of the file."""
    nights: Bools
    """(n,)."""
    satellites: np.ndarray[tuple[int, ...], np.dtype[np.str_]]
    """(n,)."""
    length: int
    """Days."""

    @property
    def classes(self) -> list[tuple[str, bool]]:
        """Satellites by day and by night, as far as the file knows them."""
        return sorted(set(zip(self.satellites.tolist(), self.nights.tolist(), strict=True)))

    def counts(self, rows: Ints, key: tuple[str, bool]) -> Ints:
        """(day,) how many of some detections belong to one satellite by night or by day."""
        taken = rows[
            (self.satellites[rows] == key[0]) & (self.nights[rows] == key[1]) & (self.days[rows] < self.length)
        ]
        return np.bincount(self.days[taken], minlength=self.length)


def _listed(
    calendar: _Calendar, inside: Bools, chances: Mapping[tuple[str, bool], Floats], first: int
) -> tuple[HalfDay, ...]:
    """Half-days in order; of each satellite from its first detection anywhere in the file on."""
    rows, listed = np.flatnonzero(inside), []
    for key, chance in chances.items():
        mine = (calendar.satellites == key[0]) & (calendar.days >= 0)
        counts = calendar.counts(rows, key)
        for day in range(int(calendar.days[mine].min()), calendar.length):
            listed.append(HalfDay(date.fromordinal(first + day), key[1], key[0], int(counts[day]), float(chance[day])))
    return tuple(sorted(listed, key=lambda half: (half.day, not half.night, half.satellite)))


def _half_day(time: datetime, lon: float) -> tuple[date, bool]:
    """The day and whether it was night, by local solar time; a night belongs to the day on which it ends."""
    local = time + timedelta(hours=lon / 15)
    if 6 <= local.hour < 18:
        return local.date(), False
    return (local + timedelta(hours=6)).date(), True


def _given(clouds: Mapping[date, float], start: date, first: int, length: int) -> Floats:
    """(day,) the chance of clear sky from a series; 0 where it says nothing."""
    if wrong := [f"{day}: {share}" for day, share in clouds.items() if not 0 <= share <= 1]:
        raise InputError(f"a clear share lies between 0 and 1; found {wrong[0]}; divide per cent by 100")
    last = date.fromordinal(first + length - 1)
    if not any(start <= day <= last for day in clouds):
        raise InputError(f"the cloud series holds no day of the watch, {start} to {last}; give one that does")
    return np.array([clouds.get(date.fromordinal(first + day), 0.0) for day in range(length)])


def _places(
    detections: Sequence[Detection], fence: Circle | shapely.Polygon, settings: HotspotSettings
) -> tuple[Floats, Floats, Floats, Bools, Bools]:
    """Longitudes that run on over the date line, kilometres east and north of the fence, and which detections are its
    own, and which lie beyond its margin."""
    lon, lat = (np.array([getattr(one, axis) for one in detections]) for axis in ("lon", "lat"))
    if isinstance(fence, Circle):
        middle, outline = (fence.lon, fence.lat), None
    else:
        outline = _in_one_piece(fence)
        middle = (outline.centroid.x + 180) % 360 - 180, outline.centroid.y
        Circle(*middle, radius_km=1.0)
    check_place(lon.tolist(), lat.tolist(), "the hotspots", middle)
    east = DEGREE_KM * math.cos(math.radians(middle[1]))
    lon = _beside(lon, middle[0])
    x, y = (lon - middle[0]) * east, (lat - middle[1]) * DEGREE_KM
    if outline is None:
        outside = np.hypot(x, y) - (fence.radius_km if isinstance(fence, Circle) else 0)
    else:
        origin = np.array([outline.centroid.x, outline.centroid.y])
        flat = shapely.transform(outline, lambda at: (at - origin) * np.array([east, DEGREE_KM]))
        outside = shapely.distance(flat, shapely.points(x, y))
    pixel = np.array([PIXEL_KM[one.instrument] for one in detections])
    return lon, x, y, np.asarray(outside <= pixel), np.asarray(outside > pixel + settings.margin_km)


def _in_one_piece(fence: shapely.Polygon) -> shapely.Polygon:
    """A fence whose longitudes run on over the date line."""
    if not fence.is_empty:
        west = shapely.get_coordinates(fence)[0, 0]
        fence = shapely.transform(fence, lambda at: np.column_stack([_beside(at[:, 0], west), at[:, 1]]))
    if fence.is_empty or not fence.is_valid:
        raise InputError("the fence is an empty polygon or one that crosses itself; draw it again")
    return fence


def _beside(lon: Floats, middle: float) -> Floats:
    """Longitudes within 180 degrees of one."""
    return np.asarray(lon + 360 * np.round((middle - lon) / 360))
