"""The monitor on the real Romanian scene beside its peers: who finds what was cleared, how fast, how falsely.

Usage: python bench/optical.py [--peers]
Needs the third-party data (bench/README.md). `--peers` makes an environment of its own with nrt 0.3.0 and pyxccd 1.1.0
in .env-peers and runs them on the same scene with the same score. The watch starts on 2019-01-01, our settings are the
package's defaults; a square of 20 x 20 px stands for the fence, since the score counts the pixels of the whole scene.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from types import ModuleType

import numpy as np
import xarray as xr

from sitewatch.look import monitor
from sitewatch.look.sensors.optical import screen

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("SITEWATCH_SHARED", ROOT.parent / "shared"))
PEERS = SHARED / "bench" / "optical_peers.py"
ENVIRONMENT = ROOT / ".env-peers"


def scorer() -> ModuleType:
    """The module that holds the scene, the score and the peers."""
    spec = importlib.util.spec_from_file_location("optical_peers", PEERS)
    if spec is None or spec.loader is None or not PEERS.exists():
        raise SystemExit(f"{PEERS} is not there; bench/README.md tells where the data are to be had")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def scene() -> xr.DataArray:
    """The scene as a cube, screened as the package screens every pass."""
    with xr.open_dataset(SHARED / "data" / "optical" / "romania_s2_10m.nc") as data:
        bands = np.stack([data[b].values for b in ("B2", "B3", "B4", "B8")], axis=1).astype(np.float32) / 1e4
        passes = [screen(image, scl.astype(np.uint8)) for image, scl in zip(bands, data.SCL.values, strict=True)]
        coords = {
            "time": data.time.values,
            "band": ["blue", "green", "red", "nir"],
            "y": data.y.values,
            "x": data.x.values,
        }
    return xr.DataArray(np.stack(passes), dims=("time", "band", "y", "x"), coords=coords)


def ours(peers: ModuleType) -> dict[str, float]:
    """Score and delay of the package's defaults."""
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
    return {k: float(v) for k, v in found.items()} | {
        "delay": days, "stands_judged": judged, "too_early": early, "never": never, "seconds": seconds
    }  # fmt: skip


def others() -> list[dict[str, float | str]]:
    """What the peers' own run prints, in their own environment."""
    python = ENVIRONMENT / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(ENVIRONMENT)], check=True)
        subprocess.run(
            [str(python), "-m", "pip", "install", "-q", "nrt==0.3.0", "pyxccd==1.1.0", "netcdf4"], check=True
        )
    run = subprocess.run([str(python), str(PEERS), "--cold"], capture_output=True, text=True, check=True)
    return [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]


def main() -> None:
    """Measure, and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--peers", action="store_true", help="also run nrt and pyxccd")
    arguments = options.parse_args()
    rows: list[dict[str, float | str]] = [{"method": "sitewatch", **ours(scorer())}]
    rows += others() if arguments.peers else []
    print(f"{'method':26} {'F1':>5} {'prec.':>6} {'recall':>6} {'false':>6} {'delay':>6} {'s':>6}")
    for row in rows:
        delay = f"{row['delay']:6.0f}" if "delay" in row else "     -"
        print(
            f"{row['method']:26} {row['f1']:5.2f} {row['precision']:6.2f} {row['recall']:6.2f} {row['false_px']:6.3f} "
            f"{delay} {row['seconds']:6.1f}"
        )
    units = {"delay": "days", "seconds": "s", "stands_judged": "stands", "too_early": "stands", "never": "stands"}
    for row in rows:
        for metric, value in row.items():
            if metric != "method":
                line = {"bench": "optical", "case": row["method"], "metric": metric, "value": round(float(value), 4)}
                print(json.dumps(line | {"unit": units.get(metric, "share")}))


if __name__ == "__main__":
    main()
