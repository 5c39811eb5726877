"""Made-up cubes for the tests of the monitor: a field with seasons, haze and clouds."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

BANDS = ("blue", "green", "red", "nir")
START = date(2021, 1, 1)


def field(
    *, seed: int = 0, size: int = 40, every: int = 10, years: int = 3, bands: int = 4, cloudy: float = 0.2
) -> tuple[xr.DataArray, NDArray[np.bool_]]:
    """A (time, band, y, x) cube from 2019 on, nothing changing, and a fence of 10 x 10 px in its middle."""
    rng = np.random.default_rng(seed)
    days = [date(2019, 1, 3) + timedelta(days=every * i) for i in range(365 * years // every)]
    kind = rng.uniform(0.5, 1.5, (1, size, size))
    level = np.linspace(0.06, 0.25, bands)[:, None, None] * kind
    swing = np.linspace(-0.01, 0.06, bands)[:, None, None] * kind
    images = []
    for day in days:
        turn = 2 * np.pi * day.toordinal() / 365.25
        image = level + swing * np.cos(turn) + rng.normal(0, 0.004, (bands, size, size))
        image = image * (1 + rng.normal(0, 0.03)) + rng.normal(0, 0.005)
        if rng.random() < cloudy:
            image[:, : rng.integers(5, size)] = np.nan
        images.append(image)
    inside = np.zeros((size, size), bool)
    inside[15:25, 15:25] = True
    return cube(np.stack(images), days), inside


def cube(values: NDArray[np.floating], days: list[date]) -> xr.DataArray:
    """Values (time, band, y, x) as a cube with 10 m pixels."""
    count, bands, height, width = values.shape
    assert count == len(days)
    return xr.DataArray(
        values.astype(np.float32),
        dims=("time", "band", "y", "x"),
        coords={
            "time": np.array(days, "datetime64[ns]"),
            "band": list(BANDS[:bands]) if bands <= 4 else [f"b{i}" for i in range(bands)],
            "y": 10.0 * np.arange(height)[::-1],
            "x": 10.0 * np.arange(width),
        },
    )


def small(**changes: Any) -> tuple[xr.DataArray, NDArray[np.bool_]]:
    """The field on 28 x 28 px, 68 passes in three years: enough for every rule, and quick."""
    return field(**({"size": 28, "every": 16, "cloudy": 0.1} | changes))


def plus(
    data: xr.DataArray,
    delta: float | NDArray[np.floating],
    since: str,
    until: str = "2100-01-01",
    *,
    rows: slice = slice(17, 22),
    columns: slice = slice(17, 22),
) -> xr.DataArray:
    """The cube with something added to some pixels, inside the fence unless said, from a day on until before another.

    `delta` broadcasts to (time, band, y, x); (band, 1, 1) gives each band its own.
    """
    out = data.copy(deep=True)
    chosen = np.flatnonzero((data.time.values >= np.datetime64(since)) & (data.time.values < np.datetime64(until)))
    out.values[chosen, :, rows, columns] += delta
    return out


def terrain(
    shifts: dict[int, tuple[float, float]] | None = None,
    *,
    seed: int = 0,
    size: int = 40,
    count: int = 40,
    every: int = 20,
    noise: float = 0.002,
    height: float = 0.03,
) -> tuple[xr.DataArray, NDArray[np.bool_]]:
    """Clear passes of ground made of waves 6 to 20 px long, so that it can be drawn displaced by any part of a pixel.

    Args:
        shifts: rows and columns by which what a pass shows is displaced, by its index.
        seed: of the waves and the noise.
        size: pixels a side; the fence of 10 x 10 px lies in the middle.
        count: passes.
        every: days between them.
        noise: of each pixel and pass.
        height: standard deviation of the ground; 0 makes it flat.
    """
    rng = np.random.default_rng(seed)
    length, heading, phase = rng.uniform((6, 0, 0), (20, np.pi, 2 * np.pi), (24, 3)).T
    mixed = rng.uniform(0.5, 1.5, (4, 24))
    y, x = np.mgrid[:size, :size]
    images, days = [], [date(2019, 1, 3) + timedelta(days=every * i) for i in range(count)]
    for index in range(count):
        down, right = (shifts or {}).get(index, (0.0, 0.0))
        along = (y - down)[..., None] * np.sin(heading) + (x - right)[..., None] * np.cos(heading)
        ground = np.einsum("bw,yxw->byx", mixed, np.sin(2 * np.pi * along / length + phase)) * height / np.sqrt(12)
        images.append(0.2 + ground + rng.normal(0, noise, (4, size, size)))
    inside = np.zeros((size, size), bool)
    inside[size // 2 - 5 : size // 2 + 5, size // 2 - 5 : size // 2 + 5] = True
    return cube(np.stack(images), days), inside
