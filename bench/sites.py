"""The ground that the benches watch: the real Romanian scene and simulated fences, as cubes that the monitor takes.

Both come from third-party data and a simulator that this repository does not carry (bench/README.md).
"""

from __future__ import annotations

import argparse
import importlib.util
import multiprocessing
import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar
from unittest.mock import patch

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation

from sitewatch.look import Watch
from sitewatch.look.sensors.optical import screen

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("SITEWATCH_SHARED", ROOT.parent / "shared"))
ENVIRONMENT = ROOT / ".env-peers"
"""An environment of its own for the peers."""
TOUCHING = np.ones((3, 3), bool)

Floats = NDArray[np.floating]
Bools = NDArray[np.bool_]
Item = TypeVar("Item")
Out = TypeVar("Out")


@dataclass(frozen=True, eq=False)
class Site:
    """A fence to watch, and what is known of its ground."""

    cube: xr.DataArray
    """(time, band, y, x) reflectance, NaN where unseen."""
    inside: Bools
    """(y, x)."""
    start: date
    """First watched day."""
    changed: Bools
    """(y, x): ground that the simulator changed; none where it changed nothing."""
    day: date | None = None
    """When it changed."""
    moves: Floats = field(default_factory=lambda: np.zeros((0, 2)))
    """(time, 2): by how many pixels (y, x) the simulator moved each pass; none on real ground."""

    @property
    def days(self) -> list[date]:
        """The day of each pass."""
        return days_of(self.cube)

    @property
    def years(self) -> float:
        """Watched years, from the first watched day to the last pass."""
        return (self.days[-1] - self.start).days / 365.25


def cube(values: Floats, times: NDArray[np.datetime64], bands: Sequence[str]) -> xr.DataArray:
    """Values (time, band, y, x) as a cube with 10 m pixels."""
    y, x = (10.0 * np.arange(size) for size in values.shape[2:])
    coords = {"time": times.astype("datetime64[ns]"), "band": list(bands), "y": y[::-1], "x": x}
    return xr.DataArray(values.astype(np.float32), dims=("time", "band", "y", "x"), coords=coords)


def days_of(passes: xr.DataArray) -> list[date]:
    """The day of each pass of a cube."""
    return list(passes.time.values.astype("datetime64[D]").astype(object))


def shared_script(name: str) -> ModuleType:
    """A script beside the third-party data, as a module.

    Raises:
        SystemExit: it is not there.
    """
    path = SHARED / "bench" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None or not path.exists():
        raise SystemExit(f"{path} is not there; bench/README.md tells where the data are to be had")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def scene() -> xr.DataArray:
    """The Romanian scene, screened as the package screens every pass."""
    with xr.open_dataset(SHARED / "data" / "optical" / "romania_s2_10m.nc") as data:
        bands = np.stack([data[b].values for b in ("B2", "B3", "B4", "B8")], axis=1).astype(np.float32) / 1e4
        passes = [screen(image, scl.astype(np.uint8)) for image, scl in zip(bands, data.SCL.values, strict=True)]
        return cube(np.stack(passes), data.time.values, ("blue", "green", "red", "nir"))


def stable_fences(step: int) -> list[tuple[slice, slice]]:
    """Squares of 12 x 12 px of that scene, `step` px apart, whose ground is unchanged for at least 95 % in the truth.

    The truth serves only to choose ground on which nothing lasting happened in 2019 and 2020. The squares overlap.
    """
    with np.load(SHARED / "data" / "optical" / "romania_truth_2019_2020.npz") as truth:
        unchanged = truth["unchanged"]
    corners = [(y, x) for y in range(0, 89, step) for x in range(0, 89, step)]
    squares = [(slice(y, y + 12), slice(x, x + 12)) for y, x in corners]
    return [square for square in squares if unchanged[square].mean() >= 0.95]


def real(fence: tuple[slice, slice], start: date, *, side: int = 100) -> Site:
    """A fence of the Romanian scene in a tile of some side, as near its middle as the edge of the scene allows."""
    tile = tuple(slice(low := min(max(0, (s.start + s.stop - side) // 2), 100 - side), low + side) for s in fence)
    inside = np.zeros((100, 100), bool)
    inside[fence] = True
    return Site(scene()[:, :, tile[0], tile[1]], inside[tile], start, np.zeros((side, side), bool))


@cache
def _simulator() -> ModuleType:
    return shared_script("simulated_sites")


def simulated(seed: int, change: tuple[int, float] | None = None, *, step: bool = False, fence: int = 24) -> Site:
    """A simulated site of 48 x 48 px, three years of history and two watched.

    Args:
        seed: of the site.
        change: side in pixels and size in reflectance of a change during the watch.
        step: a feed fault, +0.1 reflectance from 2022-08-01 on.
        fence: side of the square fence in the middle, pixels; the simulator's own is 24.
    """
    simulator: Any = _simulator()
    moved: list[tuple[float, float]] = []

    def shift(band: Floats, by: tuple[float, float], **how: object) -> Floats:
        moved.append(by)
        return np.asarray(original(band, by, **how))

    original = simulator.shift
    with patch.object(simulator, "shift", shift):
        values, index, mask = simulator.site(np.random.default_rng(seed), change, step)
    taken = np.isfinite(values).any((1, 2, 3))
    inside = np.zeros(values.shape[2:], bool)
    middle = slice((len(inside) - fence) // 2, (len(inside) + fence) // 2)
    inside[middle, middle] = True
    dates = simulator.DATES
    return Site(
        cube=cube(values[taken], dates[taken], ("red", "nir", "swir16")),
        inside=inside,
        start=dates[simulator.N_HIST].astype(object),
        changed=mask,
        day=None if index is None else dates[index].astype(object),
        moves=np.array(moved[:: values.shape[1]]),
    )


def found(watch: Watch, ground: Bools, since: date) -> date | None:
    """The day on which an alert that opened on a day or later first touched some ground; None where none did.

    Args:
        watch: of the site.
        ground: (y, x) changed ground; an alert's region touches it when it reaches its neighbouring pixels.
        since: day of the change.
    """
    near, days = binary_dilation(ground, TOUCHING), watch.days
    touched = (a for a in watch.steps if days[a.first_flag] >= since and (a.region & near).any())
    return min((days[alert.index] for alert in touched), default=None)


def alarms(watch: Watch, since: date) -> int:
    """Alerts that became possible on a day or later, withdrawn afterwards or not."""
    days = watch.days
    return sum(days[alert.first_flag] >= since for alert in watch.alerts)


def spread(work: Callable[[Item], Out], items: Iterable[Item], workers: int) -> list[Out]:
    """The work on every item, in order, by some processes; by this one where one is asked for."""
    if workers == 1:
        return [work(item) for item in items]
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        return list(pool.map(work, items))


def options(text: str | None) -> argparse.ArgumentParser:
    """The options that the benches over many sites share, described by a module's docstring."""
    parser = argparse.ArgumentParser(description=text, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a few sites only, to see that it runs; no measurement")
    parser.add_argument("--workers", type=int, default=2, help="processes (default 2)")
    return parser
