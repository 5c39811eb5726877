"""Made-up cubes for the tests of the monitor: a field with seasons, haze and clouds."""

from __future__ import annotations

from datetime import date, timedelta

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
