"""Changes planted into real passes: what settings of the monitor were chosen on, without the judging truth.

Usage: python bench/plants.py [--quick]
The history of the Romanian scene ends with 2018. Each of its years from 2016 to 2018 is watched in turn as if it were
the last one, with the other passes as its history: three springs and three weathers instead of one. Stands are planted
into its passes of January to May and followed until December. A planted stand takes the colour of the
scene's own open ground on that very pass, wholly or in part (thinning); it fades out as the scene's cuts of 2016 to
2018 do, and is seen through the sensor's point spread, displaced as that pass is. A stand is where the summer
vegetation index falls by .08, as in the judging truth's definition. Ground whose index moved as much between 2016 and
2018 is left out. Real changes count as false, alike for all settings: compare rows, not with other benches. F0.5 weighs
a false pixel as four times a missed one: an analyst can wait for the next pass, and cannot take back a false alarm.
A simulation on real pixels.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, binary_opening, gaussian_filter, label, shift
from scipy.stats import chi2

from figures import Figure, show
from sites import options, scene, spread
from sitewatch.look import MonitorSettings, monitor

START = np.datetime64("2018-01-01")
BEGUN_BY = np.datetime64("2018-06-01")
END = np.datetime64("2019-01-01")
FALL = 0.08
"""Fall of the summer vegetation index that counts as changed."""
EDGE = 1.2
"""Pixels (Gaussian) over which a stand fades out."""
WATCHED = (2016, 2017, 2018)
"""Years that are watched in turn."""
SPREAD = 0.5
"""Point spread of the sensor, pixels (Gaussian)."""
SIZES = (9, 12, 16, 25, 36, 60)
"""Pixels of a planted stand before it fades out."""
STANDS = 26
DRAWS = 5
"""Of each year."""
Bools = NDArray[np.bool_]
Floats = NDArray[np.floating]


def at(limit: float) -> float:
    """The chance that sets a limit for four bands."""
    return float(chi2.sf(1.2 * limit, 4))


DEFAULT = MonitorSettings()
SETTINGS = {
    "default": DEFAULT,
    **{f"limit {limit}": replace(DEFAULT, tail=at(limit)) for limit in (30, 35, 40, 50, 60)},
    "no registration": replace(DEFAULT, register=False),
    "no contamination screen": replace(DEFAULT, contaminated=np.inf),
    "contaminated from 3": replace(DEFAULT, contaminated=3.0),
    "ring trimmed to 75 %": replace(DEFAULT, kept=0.75),
    "no habits": replace(DEFAULT, habits=0),
    "8 habits": replace(DEFAULT, habits=8),
    "one look may carry 95 %": replace(DEFAULT, alone=0.95),
    "smoothing 0.45 px": replace(DEFAULT, smoothing=0.45),
    "smoothing 0.8 px": replace(DEFAULT, smoothing=0.8),
}


@dataclass
class Draw:
    """One planted world."""

    cube: xr.DataArray
    planted: NDArray[np.int_]
    """(y, x): number of the stand, 0 for none."""
    since: dict[int, np.datetime64]
    stable: Bools
    """(y, x): ground that kept its place in the scene."""


def summer(cube: xr.DataArray, year: int) -> Floats:
    """(y, x): median vegetation index from June to August."""
    time = cube.time.values.astype("datetime64[D]")
    chosen = (time >= np.datetime64(f"{year}-06-01")) & (time < np.datetime64(f"{year}-09-01"))
    red, nir = (cube.sel(band=band).values[chosen] for band in ("red", "nir"))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="All-NaN slice")  # a pixel under cloud all summer
        return np.asarray(np.nanmedian((nir - red) / (nir + red), axis=0))


def stable_ground(cube: xr.DataArray) -> Bools:
    """(y, x): ground whose summer vegetation index kept its place in the scene from 2016 to 2018."""
    years = np.stack([summer(cube, year) for year in (2016, 2017, 2018)])
    return binary_opening(np.ptp(years - np.median(years, axis=(1, 2), keepdims=True), axis=0) < FALL)


def as_last(cube: xr.DataArray, year: int) -> xr.DataArray:
    """The cube with a year in the place of 2018, and what came after it a few years earlier."""
    time = cube.time.values.astype("datetime64[D]")
    moved = START - np.datetime64(f"{year}-01-01")
    own = time.astype("datetime64[Y]") == np.datetime64(f"{year}")
    last = time.astype("datetime64[Y]") == np.datetime64("2018")
    time = np.where(own, time + moved, np.where(last, time - moved, time))
    return cube.assign_coords(time=time.astype("datetime64[ns]")).sortby("time")


def plant(cube: xr.DataArray, stable: Bools, shifts: Floats, seed: int) -> Draw:
    """One draw of stands on stable forest; `shifts` (time, 2) are the passes' displacements in pixels."""
    rng = np.random.default_rng(seed)
    time = cube.time.values.astype("datetime64[D]")
    values = cube.values.copy()
    index = summer(cube, 2017)
    forest = stable & (index > np.nanquantile(index, 0.4))
    open_ground = stable & (index < np.nanquantile(index, 0.12))
    contrast = float(np.nanmedian(index[forest]) - np.nanmedian(index[open_ground]))
    planted = np.zeros(stable.shape, int)
    since: dict[int, np.datetime64] = {}
    free = forest.copy()
    candidates = np.flatnonzero((time >= START) & (time < BEGUN_BY))
    for _ in range(20 * STANDS):
        if len(since) == STANDS or not free.any():
            break
        stand = _stand(free, int(rng.choice(SIZES)), rng)
        field = rng.uniform(0.5, 1.0) * gaussian_filter(stand.astype(float), EDGE)
        shown = (field * contrast >= FALL) & ~binary_dilation(planted > 0, iterations=2)
        if stand.sum() < 5 or shown.sum() < 4:
            continue
        number, begun = len(since) + 1, int(rng.choice(candidates))
        planted[shown], since[number] = number, time[begun]
        free &= ~binary_dilation(shown, iterations=5)
        for i in range(begun, len(time)):
            if np.isfinite(values[i]).any():
                grounds = (np.where(on, values[i], np.nan) for on in (open_ground, forest))
                with warnings.catch_warnings():
                    warnings.filterwarnings("ignore", message="All-NaN slice")  # none of that ground was clear
                    cleared, trees = (np.nanmedian(ground, axis=(1, 2)) for ground in grounds)
                share = shift(gaussian_filter(field, SPREAD), shifts[i], order=1)
                values[i] += (share * np.nan_to_num(cleared - trees)[:, None, None]).astype(np.float32)
    return Draw(cube.copy(data=values), planted, since, stable)


def _stand(free: Bools, size: int, rng: np.random.Generator) -> Bools:
    """(y, x): an irregular patch of about some pixels on free ground, all in one piece."""
    y, x = np.divmod(rng.choice(np.flatnonzero(free)), free.shape[1])
    blob = gaussian_filter(rng.normal(size=free.shape), 1.2)
    rows, columns = np.indices(free.shape)
    order = np.hypot(rows - y, (columns - x) * rng.uniform(0.6, 1.6)) - 1.2 * blob / blob.std()
    parts, _ = label((order <= np.sort(order.ravel())[size - 1]) & free)
    return np.asarray((parts == parts[y, x]) & (parts > 0))


def scores(item: tuple[str, MonitorSettings]) -> list[Figure]:
    """The figures of some settings: each year's score as the scorer of bench/optical.py counts, and their mean."""
    case, settings = item
    rows = [score(case, draws, settings) for draws in world()]
    whole = [
        Figure(case, f"mean {rows[0][i].metric}", float(np.mean([r[i].value for r in rows])), "share") for i in (0, 1)
    ]
    return whole + [replace(f, case=f"{case}, {year}") for year, row in zip(WATCHED, rows, strict=True) for f in row]


@cache
def world() -> list[list[Draw]]:
    """Every year's draws."""
    cube = scene()
    cube = cube.isel(time=cube.time.values < END)
    stable = stable_ground(cube)
    out = []
    for year in WATCHED:
        passes = as_last(cube, year)
        placed = monitor(passes, fence(stable), START.astype(object)).placed
        shifts = np.array([placed[i].shift if i in placed else (0.0, 0.0) for i in range(passes.sizes["time"])])
        out.append([plant(passes, stable, shifts, seed) for seed in range(DRAWS)])
    return out


def fence(ground: Bools) -> Bools:
    """(y, x): a fence in the middle of the scene; the score takes all of the scene."""
    inside = np.zeros(ground.shape, bool)
    inside[40:60, 40:60] = True
    return inside


def score(case: str, draws: list[Draw], settings: MonitorSettings) -> list[Figure]:
    """Found as the scorer of bench/optical.py counts, over the draws of a year."""
    hits = misses = false = grounds = 0
    days: list[float] = []
    for draw in draws:
        stable = draw.stable
        watch = monitor(draw.cube, fence(stable), START.astype(object), settings=settings)
        time = draw.cube.time.values.astype("datetime64[D]")
        truth = draw.planted > 0
        unchanged = stable & ~binary_dilation(truth, np.ones((3, 3)), iterations=2)
        ever = watch.flagged.any(0)
        hits, misses = hits + int((ever & truth).sum()), misses + int((~ever & truth).sum())
        false, grounds = false + int((ever & unchanged).sum()), grounds + int(unchanged.sum())
        for number, begun in draw.since.items():
            on = time[watch.flagged[:, draw.planted == number].mean(1) >= 0.3]
            on = on[on >= begun]
            days.append(float((on[0] - begun).astype(int)) if len(on) else np.inf)
    return [
        Figure(case, "F1", 2 * hits / (2 * hits + misses + false), "share"),
        Figure(case, "F0.5", 1.25 * hits / (1.25 * hits + 0.25 * misses + false), "share"),
        Figure(case, "precision", hits / max(hits + false, 1), "share"),
        Figure(case, "recall", hits / (hits + misses), "share"),
        Figure(case, "false pixels", false / grounds, "share"),
        Figure(case, "median delay", float(np.median(days)), "days"),
        Figure(case, "stands never found", float(np.isinf(days).mean()), "share"),
    ]


def main() -> None:
    """Measure, and print."""
    arguments = options(__doc__).parse_args()
    chosen = list(SETTINGS.items())[: 1 if arguments.quick else None]
    print("Stands planted into real passes of 2016 to 2018; a simulation on real pixels.\n")
    show("plants", [figure for row in spread(scores, chosen, arguments.workers) for figure in row])


if __name__ == "__main__":
    main()
