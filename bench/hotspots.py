"""How soon the counting monitor notices that a steelworks stopped or started, and how often it cries wolf.

Usage: python bench/hotspots.py [--quick] [--workers N] [--choose]
Real VIIRS hotspots of Germany in 2023 (Suomi NPP; bench/README.md) at seven steelworks that ran all year. The changes
are planted: a shutdown on every day from 1 July on takes all later detections of that plant away, while its neighbours
stay; a start on every day takes away all earlier ones. Each plant's centre is the middle of its detections from January
to June, its fence a circle of 2.6 km. History is January to June, watched is July to December. Without planting, every
"went quiet" is false. A delay counts from the first day without (or with) heat to the day on which the change is told;
never counts as infinite in a median. Peer: "silent for N days".
--choose measures the limits on January to June alone, with a change on every other day: April to June after a history
of January to March, and the other way round.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache

import numpy as np

from figures import Figure, share, show
from sites import SHARED, options, spread
from sitewatch.look.hotspots.firms import Detection, read
from sitewatch.look.hotspots.rates import HotspotChange, HotspotWatch, watch_series
from sitewatch.look.hotspots.series import DEGREE_KM, Circle, HalfDay, Series, half_day_series
from sitewatch.look.hotspots.settings import HotspotSettings

PLANTS = {
    "Duisburg": (6.73, 51.49), "Salzgitter": (10.40, 52.15), "Huckingen": (6.72, 51.37), "Bremen": (8.68, 53.13),
    "Dillingen": (6.74, 49.35), "Voelklingen": (6.85, 49.25), "Eisenhuettenstadt": (14.62, 52.17),
}  # fmt: skip
"""Longitude and latitude, roughly."""
RADIUS_KM, SEARCH_KM = 2.6, 6.0
HALF_YEAR = date(2023, 7, 1)
SPRING = date(2023, 4, 1)
LEFT = 30
"""Days that must be left for a change to count as one that could be found."""
SILENT = (10, 12, 15, 20)
LIMITS = (0.9, 0.95, 0.98, 0.99)


@dataclass(frozen=True)
class Task:
    """One plant, followed from a day on."""

    plant: str
    fold: str
    """judge, spring (April to June after January to March) or winter (the other way round)."""
    settings: HotspotSettings
    step: int
    """Days between two planted changes."""


@dataclass(frozen=True)
class Outcome:
    """What was found at one plant."""

    stops: list[float]
    """Delay for each planted shutdown, days; infinite where never."""
    starts: list[float]
    """The same for each planted start."""
    left: list[int]
    """Days from each planted change to the last day of the file."""
    false_quiet: int
    """Without planting."""
    false_alive: int
    highest: float
    """Highest probability of quiet on a watched day, without planting."""
    silent: dict[int, list[float]]
    """Delay of each "silent for N days" rule."""
    silent_false: dict[int, int]


@cache
def detections(fold: str) -> tuple[Detection, ...]:
    """The file; of January to June only, and rearranged, for choosing."""
    every = read(SHARED / "data" / "heat" / "viirs_snpp_2023_germany.csv", near=(10.0, 51.0))
    if fold == "judge":
        return every
    known = [one for one in every if one.time.date() < HALF_YEAR]
    if fold == "spring":
        return tuple(known)
    later = timedelta(days=(HALF_YEAR - date(2023, 1, 1)).days)
    return tuple(replace(one, time=one.time + later) if one.time.date() < SPRING else one for one in known)


@cache
def fence(plant: str) -> Circle:
    """Around the middle of the densest detections of January to June."""
    lon, lat = PLANTS[plant]
    known = [one for one in detections("judge") if one.time.date() < HALF_YEAR]
    east = DEGREE_KM * math.cos(math.radians(lat))
    places = np.array([((one.lon - lon) * east, (one.lat - lat) * DEGREE_KM) for one in known])
    places = places[np.hypot(*places.T) < SEARCH_KM]
    crowd = (np.hypot(*(places[:, None] - places).transpose(2, 0, 1)) < 1.5).sum(1)
    middle = places[crowd.argmax()]
    for _ in range(10):
        middle = places[np.hypot(*(places - middle).T) < RADIUS_KM].mean(0)
    return Circle(lon + float(middle[0]) / east, lat + float(middle[1]) / DEGREE_KM, RADIUS_KM)


def without(series: Series, first: date, last: date) -> Series:
    """The series with no detection within the fence from one day to before another."""
    halves = (replace(half, count=0) if first <= half.day < last else half for half in series.half_days)
    return replace(series, half_days=tuple(halves))


def delay(watch: HotspotWatch, change: HotspotChange, day: date) -> float:
    """Days from a planted change to its first event; infinite where none."""
    told = (event.first_flagged for event in watch.events if event.change is change and event.first_flagged >= day)
    return float(min(((flagged - day).days for flagged in told), default=math.inf))


def run(task: Task) -> Outcome:
    """All planted changes at one plant."""
    begun = SPRING if task.fold == "spring" else HALF_YEAR
    series = half_day_series(detections(task.fold), fence(task.plant), begun, settings=task.settings)
    always, never = date(2000, 1, 1), date(2100, 1, 1)
    plain = watch_series(series, settings=task.settings)
    days = sorted({half.day for half in series.half_days})
    hot = np.array(sorted({half.day for half in series.half_days if half.count}))
    planted = [day for day in days if day >= begun][:: task.step]
    stops = [watch_series(without(series, day, never), settings=task.settings) for day in planted]
    gone = half_day_series(_absent(task, begun), fence(task.plant), begun, settings=task.settings)
    new = replace(gone, half_days=_merged(gone, series, begun))
    starts = [watch_series(without(new, always, day), settings=task.settings) for day in planted]
    silent: dict[int, list[float]] = {n: [] for n in SILENT}
    for day in planted:
        last = hot[hot < day][-1]
        for n in SILENT:
            told = max(last + timedelta(days=n), day)
            silent[n].append(float((told - day).days) if told <= days[-1] else math.inf)
    ends = [*hot[hot >= begun], days[-1] + timedelta(days=1)]
    silences = [(later - one).days for one, later in zip([hot[hot < begun][-1], *ends[:-1]], ends, strict=True)]
    return Outcome(
        [delay(w, HotspotChange.WENT_QUIET, d) for w, d in zip(stops, planted, strict=True)],
        [delay(w, HotspotChange.CAME_ALIVE, d) for w, d in zip(starts, planted, strict=True)],
        [(days[-1] - day).days for day in planted],
        sum(event.change is HotspotChange.WENT_QUIET for event in plain.events),
        sum(event.change is HotspotChange.CAME_ALIVE for event in plain.events),
        max(state.quiet for state in plain.days),
        silent, {n: sum(gap > n for gap in silences) for n in SILENT},
    )  # fmt: skip


def _absent(task: Task, begun: date) -> list[Detection]:
    """The detections without those of the plant before the watch, so that its own past tells nothing of the sky."""
    place = fence(task.plant)
    east = DEGREE_KM * math.cos(math.radians(place.lat))
    return [
        one
        for one in detections(task.fold)
        if one.time.date() >= begun
        or math.hypot((one.lon - place.lon) * east, (one.lat - place.lat) * DEGREE_KM) > place.radius_km + 0.4
    ]


def _merged(gone: Series, series: Series, begun: date) -> tuple[HalfDay, ...]:
    """The chances of the one, the counts of the other in the watch."""
    counts = {(half.day, half.night, half.satellite): half.count for half in series.half_days if half.day >= begun}
    return tuple(
        replace(half, count=counts.get((half.day, half.night, half.satellite), 0)) for half in gone.half_days
    )  # fmt: skip


def judged(name: str, found: Sequence[Outcome]) -> list[Figure]:
    """The figures of one plant, or of all."""
    left = np.concatenate([one.left for one in found])
    stops, starts = (np.concatenate([getattr(one, kind) for one in found]) for kind in ("stops", "starts"))
    room = left >= LEFT
    return [
        Figure(name, "false went quiet", sum(one.false_quiet for one in found), "events"),
        Figure(name, "false came alive", sum(one.false_alive for one in found), "events"),
        Figure(name, "highest P(quiet)", max(one.highest for one in found), "probability"),
        Figure(name, "planted stops", len(stops), "stops"),
        Figure(name, "median delay, all stops", float(np.median(stops)), "days"),
        Figure(name, f"median delay, {LEFT} days left", float(np.median(stops[room])), "days"),
        Figure(name, f"90 % delay, {LEFT} days left", float(np.quantile(stops[room], 0.9, method="higher")), "days"),
        share(name, f"never found, {LEFT} days left", int(np.isinf(stops[room]).sum()), int(room.sum())),
        Figure(name, "median delay of starts", float(np.median(starts[room])), "days"),
        share(name, f"starts never found, {LEFT} days left", int(np.isinf(starts[room]).sum()), int(room.sum())),
    ]


def peers(found: Sequence[Outcome]) -> list[Figure]:
    """The rules "silent for N days" over all plants."""
    left = np.concatenate([one.left for one in found])
    figures = []
    for n in SILENT:
        name, days = f"silent {n} days", np.concatenate([one.silent[n] for one in found])
        missed = int(np.isinf(days[left >= LEFT]).sum())
        figures += [
            Figure(name, "false went quiet", sum(one.silent_false[n] for one in found), "events"),
            Figure(name, "median delay, all stops", float(np.median(days)), "days"),
            share(name, f"never found, {LEFT} days left", missed, int((left >= LEFT).sum())),
        ]
    return figures


def main() -> None:
    """Measure, and print."""
    parser = options(__doc__)
    parser.add_argument("--choose", action="store_true", help="the limits, on January to June alone")
    arguments = parser.parse_args()
    names = list(PLANTS)[:2] if arguments.quick else list(PLANTS)
    step = 20 if arguments.quick else 1
    figures: list[Figure] = []
    print("Real hotspots; shutdowns and starts are planted.\n")
    if arguments.choose:
        for limit in LIMITS:
            settings = HotspotSettings(limit=limit)
            tasks = [Task(name, fold, settings, max(step, 2)) for name in names for fold in ("spring", "winter")]
            figures += judged(f"limit {limit:g}, Jan-Jun", spread(run, tasks, arguments.workers))
    else:
        found = spread(run, [Task(name, "judge", HotspotSettings(), step) for name in names], arguments.workers)
        for name, one in zip(names, found, strict=True):
            figures += judged(name, [one])
        figures += judged("all", found) + peers(found)
    show("hotspots", figures)


if __name__ == "__main__":
    main()
