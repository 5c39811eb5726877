"""Planes of passes on a site's grid become the cube that every sensor hands to the monitor."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from sitewatch.records import Grid


def stacked(
    values: NDArray[np.float32], times: Sequence[datetime], bands: Sequence[str], grid: Grid, name: str, **told: object
) -> xr.DataArray:
    """A cube (time, band, y, x) with its coordinates.

    Args:
        values: (time, band, y, x), NaN where unseen.
        times: of the passes, with their zones; the cube's times are UTC.
        bands: their names.
        grid: gives x and y of the pixels' centres, metres.
        name: of the quantity.
        told: attributes beside the grid's reference system, such as `units`.
    """
    across, _, left, _, down, top = grid.transform
    height, width = grid.shape
    return xr.DataArray(
        values,
        dims=("time", "band", "y", "x"),
        coords={
            "time": np.array([time.astimezone(UTC).replace(tzinfo=None) for time in times], "datetime64[ns]"),
            "band": list(bands),
            "y": top + (np.arange(height) + 0.5) * down,
            "x": left + (np.arange(width) + 0.5) * across,
        },
        attrs={"crs": grid.crs, **told},
        name=name,
    )
