"""The cube that a monitor is given, checked: what is wrong with it is said in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import xarray as xr

from sitewatch.errors import InputError
from sitewatch.look.baseline import Bools, Floats


@dataclass(frozen=True, eq=False)
class Scene:
    """A checked cube: the passes of one place."""

    values: Floats
    """(time, y, x, band), bands in the order of their names; NaN in all bands where unseen."""
    times: tuple[np.datetime64, ...]
    bands: tuple[str, ...]
    pixel: float
    """Metres."""
    corner: tuple[float, float]
    """x and y of the first pixel, metres."""

    @property
    def days(self) -> tuple[date, ...]:
        """The day of each pass."""
        return tuple(time.astype("datetime64[D]").astype(object) for time in self.times)


def checked(cube: xr.DataArray, inside: Bools) -> Scene:
    """The cube's values, times, bands and the size of a pixel, or an InputError that says what is wrong with it."""
    if cube.dims != ("time", "band", "y", "x"):
        raise InputError(
            f"a cube has the dimensions time, band, y, x in this order; found {', '.join(map(str, cube.dims))}"
        )
    if inside.shape != cube.shape[2:] or inside.dtype != bool:
        raise InputError(
            f"the fence mask must be bool of shape {cube.shape[2:]}; found {inside.dtype} of {inside.shape}"
        )
    if not inside.any() or inside.all():
        raise InputError("the fence must hold at least one pixel and leave a ring around it")
    if 0 in cube.shape:
        raise InputError(f"the cube holds nothing: {dict(cube.sizes)}")
    times = cube.time.values
    if not np.issubdtype(times.dtype, np.datetime64) or np.isnat(times).any():
        raise InputError(f"every pass needs a time, as numpy's datetime64; found {times.dtype}: {times[:3]} …")
    late = np.flatnonzero(times[1:] <= times[:-1]) + 1
    if late.size:
        wrong = int(late[0])
        raise InputError(
            f"times must increase strictly; pass {wrong} ({times[wrong]}) does not follow {times[wrong - 1]}"
        )
    with np.errstate(over="ignore"):
        data = cube.values.astype(np.float32)
    if np.isinf(data).any():
        raise InputError("the cube holds infinities; mark unseen pixels with NaN")
    bands, corner, pixel = _frame(cube)
    order = np.argsort(bands, kind="stable")
    values = np.ascontiguousarray(data[:, order].transpose(0, 2, 3, 1))
    values[~np.isfinite(values).all(3)] = np.nan
    return Scene(values, tuple(times), tuple(bands[i] for i in order), pixel, corner)


def _frame(cube: xr.DataArray) -> tuple[tuple[str, ...], tuple[float, float], float]:
    """The names of the bands, x and y of the first pixel, and the size of a pixel in metres."""
    if not {"band", "x", "y"} <= set(cube.coords):
        raise InputError("a cube needs the coordinates band (names), x and y (metres)")
    bands = tuple(str(b) for b in cube.band.values)
    if len(set(bands)) < len(bands):
        raise InputError(f"every band needs a name of its own; found {', '.join(bands)}")
    try:
        x, y = (cube[axis].values.astype(float) for axis in ("x", "y"))
    except (ValueError, TypeError) as error:
        raise InputError(f"x and y must hold positions in metres: {error}") from error
    steps = [float(abs(np.diff(axis).mean())) if len(axis) > 1 else 0.0 for axis in (x, y)]
    if not all(step > 0 and np.isfinite(step) for step in steps):
        raise InputError("x and y must hold two or more positions in metres")
    return bands, (float(x[0]), float(y[0])), steps[0]
