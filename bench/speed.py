"""How fast the monitor is, beside nrt's CUSUM on the same cube in the same run, and what it costs as cubes grow.

Usage: python bench/speed.py [--quick]
Needs the third-party data (bench/README.md), and makes an environment with nrt 0.3.0 in .env-peers as
bench/optical.py does.

beside nrt: the Romanian scene (140 dates, 100 x 100 px), watched from 2019-01-01. A band-observation is one seen
value of one band. Ours takes four bands and does everything but placebos and power: robust fit, ring, registration,
whitening, statistic, alerts. nrt takes one band, the NDVI made beforehand, without any guard. Best of five runs after
a first one, whose excess is printed apart (compiling, or loading what was compiled); nrt with one thread, its
default, and with all cores. Ours uses what threads it likes.

one new pass: a made-up cube of 200 x 200 px and six bands, 100 passes of history, then 20 fed one by one with
`update`; the median, and the size of the file that `save` writes.

growth: made-up cubes; pixels, dates or bands change, the rest stays. Each in a process of its own: best of three
after a first run, and the peak of memory above what the process held before, its cube included.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import numpy as np
import xarray as xr

from figures import Figure, show
from optical import peers_python
from sites import Bools, cube, scene
from sitewatch.look import monitor

START = date(2019, 1, 1)
MIDDLE = slice(40, 60)
BANDS = ("blue", "green", "red", "nir", "swir16", "swir22", "rededge", "coastal")
USUAL = {"side": 100, "dates": 140, "bands": 4}
GROWTH = {"side": (50, 100, 200), "dates": (70, 140, 280), "bands": (1, 2, 4, 8)}


def field(side: int, dates: int, bands: int, seed: int = 0) -> tuple[xr.DataArray, Bools, date]:
    """A made-up cube with seasons, haze and clouds, a fence of 24 x 24 px, and the first watched day (5/7 on)."""
    rng = np.random.default_rng(seed)
    times = np.datetime64("2015-01-01") + np.cumsum(rng.integers(5, 16, dates)).astype("timedelta64[D]")
    turn = times.astype(np.float32)[:, None, None, None] * np.float32(2 * np.pi / 365.25)
    kind = rng.uniform(0.5, 1.5, (1, 1, side, side)).astype(np.float32)
    level = np.linspace(0.06, 0.25, bands, dtype=np.float32)[:, None, None]
    swing = np.linspace(-0.01, 0.06, bands, dtype=np.float32)[:, None, None]
    values = kind * (level + swing * np.cos(turn))
    values *= rng.normal(1, 0.03, (dates, 1, 1, 1)).astype(np.float32)
    values += rng.normal(0, 0.005, values.shape).astype(np.float32)
    for index in np.flatnonzero(rng.random(dates) < 0.3):
        values[index, :, : rng.integers(5, side)] = np.nan
    inside = np.zeros((side, side), bool)
    inside[side // 2 - 12 : side // 2 + 12, side // 2 - 12 : side // 2 + 12] = True
    return cube(values, times, BANDS[:bands]), inside, times[5 * dates // 7].astype(object)


def timed(passes: xr.DataArray, inside: Bools, start: date, runs: int) -> tuple[float, float]:
    """Seconds of the first run and of the best of the further ones."""
    seconds = []
    for _ in range(runs + 1):
        begun = time.perf_counter()
        monitor(passes, inside, start)
        seconds.append(time.perf_counter() - begun)
    return seconds[0], min(seconds[1:])


def beside_nrt(runs: int) -> list[Figure]:
    """Band-observations a second of ours and of every fit of nrt, and the ratios."""
    passes = scene()
    inside = np.zeros(passes.shape[2:], bool)
    inside[MIDDLE, MIDDLE] = True
    first, best = timed(passes, inside, START, runs)
    red, nir = (passes.sel(band=band).values for band in ("red", "nir"))
    ndvi = (nir - red) / (nir + red)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "cube.npz"
        np.savez(file, times=passes.time.values, ndvi=ndvi, start=np.datetime64(START))
        command = [str(peers_python()), str(Path(__file__).with_name("nrt_cusum.py")), str(file)]
        out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rows = [("sitewatch, 4 bands", int(np.isfinite(passes.values).sum()), first, best)]
    for line in map(json.loads, out.splitlines()):
        name = f"nrt CUSUM {line['fit']}, {line['threads']} thread(s)"
        rows.append((name, int(np.isfinite(ndvi).sum()), line["first"], line["best"]))
    ours = rows[0][1] / rows[0][3]
    return [
        figure
        for name, seen, first, best in rows
        for figure in (
            Figure(name, "band-observations a second", seen / best, "1/s"),
            Figure(name, "ours over it", ours / (seen / best), "ratio"),
            Figure(name, "best run", best, "s"),
            Figure(name, "first run above it", first - best, "s"),
        )
    ]


def one_pass() -> list[Figure]:
    """Seconds of a new pass, and the size of the saved state."""
    passes, inside, _ = field(200, 120, 6)
    watch = monitor(passes[:100], inside, passes.time.values[70].astype("datetime64[D]").astype(object))
    seconds = []
    for index in range(100, 120):
        begun = time.perf_counter()
        watch.update(passes[index : index + 1])
        seconds.append(time.perf_counter() - begun)
    with tempfile.TemporaryDirectory() as folder:
        watch.save(Path(folder) / "state")
        size = (Path(folder) / "state").stat().st_size
    case = "one new pass, 200 x 200 px, 6 bands"
    return [
        Figure(case, "median", 1000 * float(np.median(seconds)), "ms"),
        Figure(case, "slowest", 1000 * max(seconds), "ms"),
        Figure(case, "saved state", size / 1e6, "MB"),
    ]


def growth(sizes: dict[str, int]) -> list[Figure]:
    """Seconds and memory of one made-up cube, in a process of its own."""
    command = [sys.executable, __file__, "--one", json.dumps(sizes)]
    row = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    case = "{side} x {side} px, {dates} dates, {bands} band(s)".format(**sizes)
    return [Figure(case, "best run", row["seconds"], "s"), Figure(case, "peak memory", row["memory"], "MB"),
            Figure(case, "cube", row["cube"], "MB")]  # fmt: skip


def one(sizes: dict[str, int]) -> dict[str, float]:
    """Measure one cube in this process."""
    before = memory("VmRSS")
    passes, inside, start = field(**sizes)
    _, seconds = timed(passes, inside, start, 3)
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew, without what compiling needed
    monitor(passes, inside, start)
    return {"seconds": seconds, "memory": memory("VmHWM") - before, "cube": passes.nbytes / 1e6}


def memory(what: str) -> float:
    """A figure of this process's memory from Linux, MB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1000 for line in lines if line.startswith(what))


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one run instead of five, one growth; no measurement")
    parser.add_argument("--one", type=json.loads, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(one(arguments.one)))
        return
    grown = [USUAL | {what: size} for what, sizes in GROWTH.items() for size in sizes]
    figures = [*beside_nrt(1 if arguments.quick else 5), *one_pass()]
    for sizes in grown[:1] if arguments.quick else grown:
        figures += growth(sizes)
    show("speed", figures)


if __name__ == "__main__":
    main()
