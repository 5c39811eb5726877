"""Changes planted into real passes: what the settings of the monitor were chosen on, without the judging truth.

Usage: python bench/plants.py [--draws 6] [--tails ...]
The history of the Romanian scene ends with 2017; stands are planted into its passes of 2018, before any date that the
truth of bench/optical.py tells of. A planted stand takes the scene's own open ground of that very pass in place of
its forest, wholly or in part (thinning), seen through the sensor's point spread and displaced as that pass is. This is
a simulation on real pixels. Ground whose summer vegetation index moved between 2016 and 2018 is left out of the score.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import xarray as xr
from optical import scene
from scipy.ndimage import binary_dilation, binary_opening, gaussian_filter, label, shift

from sitewatch.look import MonitorSettings, monitor

START = date(2018, 1, 1)
END = np.datetime64("2019-01-01")
FALL = 0.08
"""Fall of the summer vegetation index that counts as changed, as in the definition of the judging truth."""
EDGE = 1.2
"""Pixels (Gaussian) over which a stand fades out, as the cuts of 2016 to 2018 in this scene do."""
SPREAD = 0.5
"""Point spread of the sensor, pixels (Gaussian)."""


@dataclass
class Draw:
    cube: xr.DataArray
    planted: np.ndarray
    """(y, x): number of the stand, 0 for none."""
    since: dict[int, np.datetime64]


def summer(cube: xr.DataArray, year: int) -> np.ndarray:
    """(y, x): median vegetation index from June to August."""
    time = cube.time.values.astype("datetime64[D]")
    chosen = (time >= np.datetime64(f"{year}-06-01")) & (time < np.datetime64(f"{year}-09-01"))
    red, nir = cube.values[chosen, 2], cube.values[chosen, 3]
    return np.nanmedian((nir - red) / (nir + red), axis=0)


def plant(cube: xr.DataArray, stable: np.ndarray, shifts: np.ndarray, seed: int, stands: int = 26) -> Draw:
    """One draw of stands on stable forest."""
    rng = np.random.default_rng(seed)
    time = cube.time.values.astype("datetime64[D]")
    values = cube.values.copy()
    index = summer(cube, 2017)
    forest = stable & (index > np.nanquantile(index, 0.4))
    open_ground = stable & (index < np.nanquantile(index, 0.12))
    contrast = float(np.nanmedian(index[forest]) - np.nanmedian(index[open_ground]))
    planted = np.zeros(stable.shape, int)
    free = forest.copy()
    since: dict[int, np.datetime64] = {}
    candidates = np.flatnonzero((time >= np.datetime64(START)) & (time < np.datetime64("2018-06-01")))
    for _ in range(20 * stands):
        number = len(since) + 1
        if number > stands:
            break
        size = int(rng.choice([9, 12, 16, 25, 36, 60]))
        middle = rng.choice(np.flatnonzero(free)) if free.any() else None
        if middle is None:
            break
        blob = gaussian_filter(rng.normal(size=stable.shape), 1.2)
        y, x = np.divmod(middle, stable.shape[1])
        rows, columns = np.indices(stable.shape)
        order = np.hypot(rows - y, (columns - x) * rng.uniform(0.6, 1.6)) - 1.2 * blob / blob.std()
        grown = (order <= np.sort(order.ravel())[size - 1]) & free
        parts, _ = label(grown)
        if not parts[y, x]:
            continue
        stand = parts == parts[y, x]
        if stand.sum() < 5:
            continue
        field = rng.uniform(0.5, 1.0) * gaussian_filter(stand.astype(float), EDGE)
        shown = (field * contrast >= FALL) & ~binary_dilation(planted > 0, iterations=2)
        if shown.sum() < 4:
            continue
        planted[shown] = number
        free &= ~binary_dilation(shown, iterations=5)
        begun = int(rng.choice(candidates))
        since[number] = time[begun]
        for i in range(begun, len(time)):
            ground = np.nanmedian(np.where(open_ground, values[i], np.nan), axis=(1, 2))
            trees = np.nanmedian(np.where(forest, values[i], np.nan), axis=(1, 2))
            share = shift(gaussian_filter(field, SPREAD), shifts[i], order=1)
            values[i] += (share * (ground - trees)[:, None, None]).astype(np.float32)
    return Draw(cube.copy(data=values), planted, since)


def stable_ground(cube: xr.DataArray) -> np.ndarray:
    """(y, x): summer vegetation index within .05 from 2016 to 2018, its neighbours too."""
    years = np.stack([summer(cube, year) for year in (2016, 2017, 2018)])
    return binary_opening(np.ptp(years - np.median(years, axis=(1, 2), keepdims=True), axis=0) < FALL)


def score(draw: Draw, stable: np.ndarray, flagged: np.ndarray, time: np.ndarray) -> dict[str, float]:
    """As the scorer of bench/optical.py does, on the planted truth."""
    truth = draw.planted > 0
    unchanged = stable & ~binary_dilation(truth, np.ones((3, 3)), iterations=2)
    watched = (time >= np.datetime64(START)) & (time < END)
    ever = flagged[watched].any(0)
    days = []
    for number, begun in draw.since.items():
        on = time[watched][flagged[watched][:, draw.planted == number].mean(1) >= 0.3]
        on = on[on >= begun]
        days.append(float((on[0] - begun).astype(int)) if len(on) else np.inf)
    return {
        "tp": float((ever & truth).sum()), "fn": float((~ever & truth).sum()), "fp": float((ever & unchanged).sum()),
        "false_px": float((ever & unchanged).sum() / unchanged.sum()), "delay": float(np.median(days)),
        "missed": float(np.isinf(days).mean()),
    }  # fmt: skip
