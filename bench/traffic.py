"""Vehicles that move on a road in Sentinel-2 passes: found, missed, made up, and their rate against the past.

Usage: python bench/traffic.py [--quick] [--workers N] [--choose]
Real: one chip of a German motorway (bench/README.md) against bench/data/motorway_triplets.csv, marked by eye from the
enlarged picture before the search was written: 15 triplets that are clear, 6 that are faint; bench/data has the roads
as drawn by eye. A triplet that the search tells is right when it goes the way of a marked one and both its green and
its blue spot lie within 2 px of the marks. The same chip without a mask: every pixel, 8 ways. Real passes of a valley
road in Romania with next to no traffic: what is told there counts as false.
Simulated: vehicles planted into the chip and into passes of that road (a 16 m vehicle, band offsets, both ways, point
spread, colours that are not grey), by contrast at 80 km/h and by speed at contrast 1; counts from negative binomials
of known clumping, with and without trends in the past, of which the share of 90 % intervals that hold the true ratio.
--choose prints what the settings were chosen by: planted vehicles and false ones in every other pass of the Romanian
road (2015 on, those that the figures are not measured on); of the settings with at most 0.05 false a pass, those that
find most.
"""

from __future__ import annotations

import csv
import itertools
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import rasterio
import xarray as xr

from figures import Figure, share, show
from sites import SHARED, Floats, options, scene, spread
from sitewatch.look.traffic import (
    PassCount,
    Road,
    TrafficSettings,
    Triplet,
    everywhere,
    find_triplets,
    power,
    read_roads,
    relative_rate,
    road_mask,
)
from sitewatch.records import Grid

HERE = Path(__file__).resolve().parent / "data"
NEAR_PX = 2.0
CONTRASTS, SPEEDS = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0), (40.0, 50.0, 60.0, 80.0, 100.0, 120.0)
SEEN = 0.5
"""Least share of the Romanian road that a pass must have seen."""
MEANS, CLUMPINGS, LENGTHS, RATIOS = (2.0, 8.0), (0.0, 0.2, 0.7), (8, 20, 50), (0.4, 1.0, 2.5)
TRENDS = (0.0, -0.5, 0.5)
"""By how much the rate of the past changes over it, as a share of its mean."""
CHOICES = tuple(itertools.product((5.0, 6.0), (0.35, 0.5), (0.7, 0.8, 0.9)))
ALLOWED = 0.05


@cache
def chip() -> tuple[Floats, Grid]:
    """(band, y, x) blue, green, red, near infrared of the motorway, and its grid."""
    with rasterio.open(SHARED / "data" / "traffic" / "s2_motorway_b04_b03_b02_b08.tif") as file:
        red, green, blue, nir = file.read().astype(float)
        grid = Grid(crs=file.crs.to_string(), transform=tuple(file.transform)[:6], shape=file.shape)
        return np.stack([blue, green, red, nir]), grid


@cache
def motorway() -> Road:
    """Both carriageways."""
    return road_mask(read_roads(HERE / "motorway_road.geojson"), chip()[1])


def valley_grid() -> Grid:
    """The Romanian scene's; its file names no reference system, and the numbers are those of EPSG:3035."""
    with xr.open_dataset(SHARED / "data" / "optical" / "romania_s2_10m.nc") as data:
        left, top = float(data.x[0]) - 5, float(data.y[0]) + 5
        return Grid(crs="EPSG:3035", transform=(10.0, 0.0, left, 0.0, -10.0, top), shape=(100, 100))


@cache
def valley() -> tuple[Floats, Road]:
    """(pass, band, y, x) blue, green, red of the passes that saw enough of the Romanian road, and the road."""
    road = road_mask(read_roads(HERE / "romania_road.geojson"), valley_grid())
    values = scene().values[:, :3].astype(float)
    seen = np.isfinite(values).all(1)[:, road.mask].mean(1) >= SEEN
    return values[seen], road


def half(judged: bool) -> Floats:
    """Every other pass of the Romanian road: those that judge, or those for choosing."""
    return valley()[0][1 if judged else 0 :: 2]


def marks() -> list[dict[str, str]]:
    """The triplets marked by eye."""
    with (HERE / "motorway_triplets.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def same(found: Triplet, mark: dict[str, str]) -> bool:
    """Whether a triplet is a marked one."""
    near = all(
        np.hypot(spot[0] - float(mark[f"{name}_row"]), spot[1] - float(mark[f"{name}_column"])) <= NEAR_PX
        for name, spot in (("green", found.green), ("blue", found.blue))
    )
    return near and (mark["carriageway"] == "east") == (found.bearing < 180)


def on_chip() -> list[Figure]:
    """Found and false on the motorway."""
    told = find_triplets(chip()[0], motorway()).triplets
    every = marks()
    clear = [mark for mark in every if mark["clear"] == "yes"]
    hit = {id(mark) for mark in every if any(same(one, mark) for one in told)}
    false = sum(not any(same(one, mark) for mark in every) for one in told)
    faint = sum(any(same(one, mark) for mark in every) for one in told) - sum(
        any(same(one, mark) for mark in clear) for one in told
    )
    speeds = [one.speed_kmh[1] for one in told]
    name = "motorway chip"
    return [
        share(name, "recall, clear marks", sum(id(mark) in hit for mark in clear), len(clear)),
        share(name, "recall, all marks", len(hit), len(every)),
        Figure(name, "told", len(told), "triplets"),
        Figure(name, "told, faint marks", faint, "triplets"),
        Figure(name, "false on the road", false, "triplets"),
        Figure(name, "median speed", float(np.median(speeds)), "km/h"),
        Figure(name, "slowest", min(speeds), "km/h"),
        Figure(name, "fastest", max(speeds), "km/h"),
    ]


def without_mask() -> list[Figure]:
    """What is told off the road when nothing says where the road is."""
    planes, grid = chip()
    told: list[Triplet] = []
    for degrees in np.arange(8) * 22.5:
        told += find_triplets(planes, everywhere(grid, float(degrees))).triplets
    kept: list[Triplet] = []
    for one in sorted(told, key=lambda one: -one.score):
        if all(np.hypot(one.green[0] - o.green[0], one.green[1] - o.green[1]) > NEAR_PX for o in kept):
            kept.append(one)
    rows, columns = (np.clip([round(one.green[i]) for one in kept], 0, grid.shape[i] - 1) for i in (0, 1))
    off = ~motorway().near[rows, columns]
    brightness = planes[:3].mean(0)
    bright = brightness > np.quantile(brightness, 0.9)
    clear = [mark for mark in marks() if mark["clear"] == "yes"]
    name = "the same without a mask"
    return [
        Figure(name, "told", len(kept), "triplets"),
        Figure(name, "clear marks found", sum(any(same(one, mark) for one in kept) for mark in clear), "triplets"),
        Figure(name, "off the road", int(off.sum()), "triplets"),
        Figure(name, "of these on the brightest tenth: roofs", int((off & bright[rows, columns]).sum()), "triplets"),
    ]


def without_traffic() -> list[Figure]:
    """Triplets told on a road with next to no traffic."""
    found = [find_triplets(planes, valley()[1]) for planes in half(True)]
    count, passes = sum(one.count or 0 for one in found), len(found)
    kilometres = valley()[1].mask.sum() / 100 / 2.6
    return [
        Figure("Romanian road, judging half", "passes", passes, "passes"),
        Figure("Romanian road, judging half", "road", float(kilometres), "km"),
        Figure("Romanian road, judging half", "told, counted as false", count, "triplets"),
        share("Romanian road, judging half", "passes with any", sum(bool(one.count) for one in found), passes),
    ]


@dataclass(frozen=True)
class Plants:
    """One kind of planted vehicle."""

    road: str
    contrast: float
    speed: float
    plants: int


def planted(task: Plants) -> tuple[int, int, list[float]]:
    """Found, planted, and the median errors of speed, over the passes."""
    if task.road == "motorway":
        one = power(chip()[0], motorway(), task.contrast, task.speed, plants=task.plants)
        return one.found, one.plants, [one.speed_error_kmh]
    every = half(True)
    told = [
        power(planes, valley()[1], task.contrast, task.speed, plants=3, seed=n)
        for n, planes in enumerate(every[np.linspace(0, len(every) - 1, task.plants // 3).astype(int)])
    ]
    return sum(one.found for one in told), sum(one.plants for one in told), [one.speed_error_kmh for one in told]


def powers(quick: bool, workers: int) -> list[Figure]:
    """Power by contrast and by speed on both roads."""
    plants = 9 if quick else 60
    kinds = [(c, 80.0) for c in CONTRASTS] + [(1.0, s) for s in SPEEDS]
    tasks = [Plants(road, *kind, plants) for road in ("motorway", "Romanian road") for kind in kinds]
    figures = []
    for task, (found, tried, errors) in zip(tasks, spread(planted, tasks, workers), strict=True):
        name = f"simulated, {task.road}: contrast {task.contrast:g}, {task.speed:g} km/h"
        error = np.array(errors)[np.isfinite(errors)]
        figures += [
            share(name, "power", found, tried),
            Figure(name, "median error of speed", float(np.median(error)) if len(error) else float("nan"), "km/h"),
        ]
    return figures


@dataclass(frozen=True)
class Counts:
    """One kind of simulated past."""

    mean: float
    clumping: float
    length: int
    ratio: float
    trend: float
    runs: int


def covered(task: Counts) -> tuple[int, int, float]:
    """Intervals that hold the true ratio, intervals told, and their median width as a factor."""
    seed = [int(1000 * v) for v in (task.mean, task.clumping, task.length, task.ratio, task.trend + 1)]
    random = np.random.default_rng(seed)
    days = [date(2024, 1, 1) + timedelta(days=5 * n) for n in range(task.length + 1)]
    inside, widths = 0, []
    for _ in range(task.runs):
        seen = random.uniform(0.4, 1, task.length + 1)
        mean = task.mean * seen
        mean[:-1] *= 1 + task.trend * np.linspace(-0.5, 0.5, task.length)
        mean[-1] *= task.ratio
        if task.clumping:
            mean = mean * random.gamma(1 / task.clumping, task.clumping, len(mean))
        counts = [PassCount(day, int(n), float(s)) for day, n, s in zip(days, random.poisson(mean), seen, strict=True)]
        told = relative_rate(counts[:-1], counts[-1:])
        if not told.reason:
            inside += told.low <= task.ratio <= told.high
            widths.append(told.high / told.low)
    return inside, len(widths), float(np.median(widths))


def coverage(quick: bool, workers: int) -> list[Figure]:
    """Coverage of the interval of the relative rate."""
    runs = 10 if quick else 60
    grid = itertools.product(MEANS, CLUMPINGS, LENGTHS, RATIOS, TRENDS)
    tasks = [Counts(*cell, runs) for cell in grid]
    found = list(zip(tasks, spread(covered, tasks, workers), strict=True))
    figures = []
    for clumping, trend in itertools.product(CLUMPINGS, TRENDS):
        cells = [out for task, out in found if (task.clumping, task.trend) == (clumping, trend)]
        name = f"simulated counts, clumping {clumping:g}, trend {trend:+.0%}"
        figures += [
            share(name, "coverage of 90 % interval", sum(o[0] for o in cells), sum(o[1] for o in cells)),
            Figure(name, "lowest cell", min(o[0] / o[1] for o in cells), "share"),
            Figure(name, "highest cell", max(o[0] / o[1] for o in cells), "share"),
        ]
    figures.append(
        share("simulated counts, all", "coverage of 90 % interval", sum(o[0] for _, o in found),
              sum(o[1] for _, o in found))
    )  # fmt: skip
    for mean, length in itertools.product(MEANS, LENGTHS):
        cells = [out for task, out in found if (task.mean, task.length, task.clumping) == (mean, length, 0.2)]
        name = f"simulated counts, mean {mean:g}, {length} past passes, clumping 0.2"
        figures.append(Figure(name, "median upper over lower end", float(np.median([o[2] for o in cells])), "factor"))
    return figures


def chosen(choice: tuple[float, float, float]) -> list[Figure]:
    """False ones and finds at some settings, on the half for choosing."""
    settings = TrafficSettings(limit=choice[0], balance=choice[1], static_share=choice[2])
    passes, road = half(False), valley()[1]
    false = sum(find_triplets(planes, road, settings=settings).count or 0 for planes in passes)
    kinds = list(itertools.product((0.5, 1.0, 2.0), (50.0, 80.0, 110.0)))
    told = [
        power(planes, road, *kinds[n % len(kinds)], plants=3, seed=1000 + n, settings=settings)
        for n, planes in enumerate(passes)
    ]
    name = "choosing half: limit {:g}, balance {:g}, static share {:g}".format(*choice)
    return [
        Figure(name, "false a pass", false / len(passes), "triplets"),
        share(name, "planted found", sum(one.found for one in told), sum(one.plants for one in told)),
    ]


def main() -> None:
    """Measure, and print."""
    parser = options(__doc__)
    parser.add_argument("--choose", action="store_true", help="the settings, on passes that the figures are not of")
    arguments = parser.parse_args()
    if arguments.choose:
        tables = spread(chosen, CHOICES[:2] if arguments.quick else CHOICES, arguments.workers)
        figures = [figure for table in tables for figure in table]
        allowed = [table for table in tables if table[0].value <= ALLOWED]
        if allowed:
            print(f"Found most, of those allowed: {max(allowed, key=lambda table: table[1].value)[0].case}\n")
    else:
        print("Marks by eye on a real chip; planted vehicles and counts are simulated.\n")
        figures = on_chip() + without_mask() + without_traffic()
        figures += powers(arguments.quick, arguments.workers) + coverage(arguments.quick, arguments.workers)
    show("traffic", figures)


if __name__ == "__main__":
    main()
