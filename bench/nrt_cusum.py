"""Time nrt's CUSUM on a cube; run by bench/speed.py with the interpreter of the peers' environment.

Usage: python bench/nrt_cusum.py CUBE.npz
The file holds `times` (datetime64), `ndvi` (time, y, x), NaN where unseen, and `start`, the first watched day. Each fit
is run once to compile, then five times; prints one JSON line a fit: seconds of the first run and of the best.
"""

from __future__ import annotations

import json
import os
import sys
import time
import warnings
from datetime import datetime

import numpy as np
import xarray as xr
from nrt.monitor.cusum import CuSum

FITS = {
    "OLS": {"method": "OLS"},
    "OLS, Shewhart": {"method": "OLS", "screen_outliers": "Shewhart"},
    "RIRLS": {"method": "RIRLS"},
}


def run(cube: xr.DataArray, start: np.datetime64, fit: dict[str, str], threads: int) -> float:
    """Seconds of one run: the fit to the history, then every later pass."""
    history = int(np.searchsorted(cube.time.values, start))
    dates = cube.time.values.astype("datetime64[s]").astype(datetime)
    begun = time.perf_counter()
    monitor = CuSum(trend=False, harmonic_order=2, sensitivity=0.001)
    monitor.fit(dataarray=cube[:history].dropna("time", how="all"), n_threads=threads, **fit)
    for index in range(history, len(dates)):
        monitor.monitor(array=cube.values[index], date=dates[index])
    return time.perf_counter() - begun


def main() -> None:
    """Time every fit with one thread, nrt's default, and with all cores."""
    warnings.filterwarnings("ignore")
    with np.load(sys.argv[1]) as held:
        times, ndvi, start = held["times"], held["ndvi"].astype(np.float64), held["start"]
    y, x = (10.0 * np.arange(size) for size in ndvi.shape[1:])
    cube = xr.DataArray(ndvi, dims=("time", "y", "x"), coords={"time": times, "y": y[::-1], "x": x})
    for name, fit in FITS.items():
        for threads in sorted({1, os.cpu_count() or 1}):
            first, *others = (run(cube, start, fit, threads) for _ in range(6))
            print(json.dumps({"fit": name, "threads": threads, "first": first, "best": min(others)}))


if __name__ == "__main__":
    main()
