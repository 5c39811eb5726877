"""Sentinel-2 L2A: reflectance chips and their scene classification become a screened cube."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation

from sitewatch.errors import InputError
from sitewatch.look.chips import Reading
from sitewatch.look.sensors.stacking import stacked
from sitewatch.records import Grid

KEPT = (4, 5, 6, 7)
"""Scene classes that count as seen ground: vegetation, bare, water, unclassified."""
SHUNNED = (3, 8, 9, 10)
"""Scene classes whose edges are drawn too tightly: cloud shadow, cloud of medium and of high probability, cirrus."""
SHUNNED_PX = 2
"""Pixels around a shunned one that are dropped with it."""
LEAST, MOST = -0.2, 2.0
"""Reflectance outside these is a fault of the sensor or the feed."""


def screen(reflectance: NDArray[np.float32], scl: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Reflectance (band, y, x) with NaN, in all bands, wherever the pass did not see the ground.

    Kept are the scene classes 4 to 7 that lie more than 2 pixels from shadow, cloud and cirrus and whose values are
    finite and possible in every band.

    Args:
        reflectance: (band, y, x), NaN for no data.
        scl: (y, x), scene classification as delivered.
    """
    near = binary_dilation(np.isin(scl, SHUNNED), iterations=SHUNNED_PX)
    with np.errstate(invalid="ignore"):
        possible = np.isfinite(reflectance) & (reflectance >= LEAST) & (reflectance <= MOST)
    seen = np.isin(scl, KEPT) & ~near & possible.all(0)
    return np.where(seen, reflectance, np.float32(np.nan))


def cube(
    chips: Sequence[Reading], times: Sequence[datetime], grid: Grid, bands: Sequence[str] | None = None
) -> xr.DataArray:
    """Passes as a cube (time, band, y, x) of screened reflectance, float32, NaN where unseen.

    Args:
        chips: in order of time, all on the grid.
        times: when each was taken; the cube's times are UTC.
        grid: gives x and y of the pixels' centres, metres.
        bands: names and their order; None takes those of the first chip.

    Raises:
        InputError: there is no chip, one lacks a band, or lies on another grid.
    """
    if not chips:
        raise InputError("a cube needs at least one pass")
    names = tuple(bands or chips[0].names)
    planes = [_planes(chip, time, names, grid) for chip, time in zip(chips, times, strict=True)]
    return stacked(np.stack(planes), times, names, grid, "reflectance", units="1")


def _planes(chip: Reading, time: datetime, names: tuple[str, ...], grid: Grid) -> NDArray[np.float32]:
    """The wanted bands of one chip, screened."""
    lacking = [name for name in names if name not in chip.names]
    if lacking or chip.scl.shape != grid.shape:
        raise InputError(
            f"the chip of {time:%Y-%m-%d %H:%M} has the bands {', '.join(chip.names)} and {chip.scl.shape} pixels; "
            f"needed are {', '.join(names)} and {grid.shape}; load the passes of the site again"
        )
    return screen(chip.reflectance[[chip.names.index(name) for name in names]], chip.scl)
