"""The monitor on the real Romanian scene beside its peers: who finds what was cleared, how fast, how falsely.

Usage: python bench/optical.py [--peers]
Needs the third-party data (bench/README.md). `--peers` makes an environment of its own with nrt 0.3.0 and pyxccd 1.1.0
in .env-peers and runs them on the same scene with the same score. The watch starts on 2019-01-01, our settings are the
package's defaults; a square of 20 x 20 px stands for the fence, since the score counts the pixels of the whole scene.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from types import ModuleType

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from figures import Figure, show
from sites import ENVIRONMENT, SHARED, scene, shared_script
from sitewatch.look import monitor

UNITS = {"seconds": "s", "delay": "days", "stands_judged": "stands", "too_early": "stands", "never": "stands"}


def ours(peers: ModuleType) -> tuple[dict[str, float], list[Figure]]:
    """Score and delay of the package's defaults; and what its false pixels are like."""
    cube = scene()
    inside = np.zeros(cube.shape[2:], bool)
    inside[40:60, 40:60] = True
    begun = time.perf_counter()
    watch = monitor(cube, inside, date(2019, 1, 1))
    seconds = time.perf_counter() - begun
    when = cube.time.values.astype("datetime64[D]")
    late = when >= peers.START
    days, judged, early, never = peers.delay(when[late], watch.flagged[late])
    found = peers.score(watch.flagged[late].any(0))
    scored = {k: float(v) for k, v in found.items()} | {
        "delay": days, "stands_judged": judged, "too_early": early, "never": never, "seconds": seconds
    }  # fmt: skip
    return scored, wrong(when[late], watch.flagged[late])


def wrong(when: NDArray[np.datetime64], flagged: NDArray[np.bool_]) -> list[Figure]:
    """What the pixels are like that count as false: flagged (time, y, x), on days (time,)."""
    with np.load(SHARED / "data" / "optical" / "romania_truth_2019_2020.npz") as truth:
        false = flagged.any(0) & truth["unchanged"]
        far = distance_transform_edt(~truth["cleared"])[false]
    shown = flagged[:, false]
    spring = np.isin(when.astype("datetime64[M]").astype(int)[shown.argmax(0)] % 12, (2, 3))
    case = "pixels that count as false"
    return [
        Figure(case, "pixels", int(false.sum()), "pixels"),
        Figure(case, "passes flagged, median", float(np.median(shown.sum(0))), "passes"),
        Figure(case, "of passes", len(when), "passes"),
        Figure(case, "standing at the end", float(shown[-1].mean()), "share"),
        Figure(case, "first flagged in March or April", float(spring.mean()), "share"),
        Figure(case, "within 4 px of a cut", float((far <= 4).mean()), "share"),
    ]


def peers_python() -> Path:
    """The interpreter of the peers' environment, made at its first use."""
    python = ENVIRONMENT / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(ENVIRONMENT)], check=True)
        subprocess.run(
            [str(python), "-m", "pip", "install", "-q", "nrt==0.3.0", "pyxccd==1.1.0", "netcdf4"], check=True
        )
    return python


def others() -> dict[str, dict[str, float]]:
    """What the peers' own run prints, in their own environment, by method."""
    script = SHARED / "bench" / "optical_peers.py"
    run = subprocess.run([str(peers_python()), str(script), "--cold"], capture_output=True, text=True, check=True)
    rows = [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]
    return {row.pop("method"): row for row in rows}


def main() -> None:
    """Measure, and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--peers", action="store_true", help="also run nrt and pyxccd")
    arguments = options.parse_args()
    scored, false = ours(shared_script("optical_peers"))
    rows = {"sitewatch": scored} | (others() if arguments.peers else {})
    show("optical", [*(
        Figure(method, metric, value, UNITS.get(metric, "share"))
        for method, row in rows.items() for metric, value in row.items()
    ), *false])  # fmt: skip


if __name__ == "__main__":
    main()
