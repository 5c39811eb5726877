"""Sunlight sent back: reflectance of Sentinel-2 or of Landsat, with its quality layer, becomes a screened cube."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation

from sitewatch.errors import InputError
from sitewatch.look.chips import Reading
from sitewatch.look.products import QA_PIXEL, SCL
from sitewatch.look.sensors.collection2 import hidden
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
    return _kept(reflectance, np.isin(scl, KEPT) & ~near)


def _kept(reflectance: NDArray[np.float32], seen: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Reflectance where the ground was seen and every band has a possible value, else NaN."""
    with np.errstate(invalid="ignore"):
        possible = np.isfinite(reflectance) & (reflectance >= LEAST) & (reflectance <= MOST)
    return np.where(seen & possible.all(0), reflectance, np.float32(np.nan))


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
    if lacking or chip.values.shape[1:] != grid.shape:
        raise InputError(
            f"the chip of {time:%Y-%m-%d %H:%M} has the bands {', '.join(chip.names)} and {chip.values.shape[1:]} "
            f"pixels; needed are {', '.join(names)} and {grid.shape}; load the passes of the site again"
        )
    reflectance = chip.values[[chip.names.index(name) for name in names]]
    if SCL in chip.quality:
        return screen(reflectance, chip.quality[SCL])
    if QA_PIXEL in chip.quality:
        return _kept(reflectance, ~hidden(chip.quality[QA_PIXEL]))
    raise InputError(
        f"the chip of {time:%Y-%m-%d %H:%M} has neither {SCL} nor {QA_PIXEL}, so that nothing tells cloud from ground; "
        "load the pass again"
    )
