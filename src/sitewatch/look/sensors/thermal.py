"""Landsat surface temperature: thermal passes become a cube of kelvin for the monitor, one overpass class at a time.

Fence minus ring per overpass class is what the monitor makes of such a cube: on each pass the ring of the same class
says what weather, season and hour do to the ground, and that is taken out of the fence (docs/methods/thermal.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from pyproj import Transformer

from sitewatch.errors import InputError
from sitewatch.look.sensors.collection2 import hidden
from sitewatch.look.sensors.stacking import stacked
from sitewatch.look.sensors.temperature import (
    COLDEST,
    FILL,
    FREEZING,
    HOTTEST,
    OFFSET,
    SCALE,
    Floats,
    Unit,
    brightness,
    kelvin,
    possible,
    refuse_impossible,
    unit_of,
)  # fmt: skip
from sitewatch.look.settings import MonitorSettings
from sitewatch.look.sun import elevations
from sitewatch.records import Grid

__all__ = [
    "BAND", "OFFSET", "PIXEL_M", "SCALE", "SUPPORT_M", "THERMAL", "HeatPass", "Overpass", "Product", "Unit",
    "brightness", "cube", "kelvin", "overpass_class", "screen", "sun_elevation", "unit_of",
]  # fmt: skip

SUPPORT_M = 100
"""Metres over which the sensor takes one temperature (Landsat 8 and 9 TIRS): finer pixels are resampled, not seen."""
PIXEL_M = 30
"""Metres of the grid on which the archive delivers it."""
BAND = "lwir11"
"""Name of the one band."""
UNSURE_K = 5.0
"""Uncertainty of the surface temperature (ST_QA), kelvin, above which it is dropped."""
UNSURE_STEP = 0.01
"""Kelvin in one count of ST_QA."""
THERMAL = MonitorSettings(windows=(3, 4, 6), tail=1e-3, register=False, point_spread=1.4)
"""What the monitor is set to; docs/methods/thermal.md tells how each was chosen."""

Overpass = Literal["day", "night"]
Product = Literal["surface temperature", "brightness temperature"]


@dataclass(frozen=True, eq=False)
class HeatPass:
    """One screened thermal pass on the site's 30 m grid."""

    time: datetime
    """When it was taken, with its time zone."""
    values: Floats
    """(y, x), kelvin, NaN where unseen."""
    product: Product
    """Level-2 surface temperature, or Level-1 brightness temperature at the sensor."""


def screen(st: Floats, qa_pixel: NDArray[np.uint16], st_qa: NDArray[np.int16] | None) -> Floats:
    """Temperatures (y, x) with NaN wherever the pass did not see the ground, or says itself that it is unsure.

    Dropped are fill, snow, cloud, its shadow, cirrus and the pixels within 2 of the latter three; an uncertainty above
    5 K or without a value; and what lies outside 200 to 370 K.

    Args:
        st: (y, x), kelvin.
        qa_pixel: (y, x), Collection 2's QA_PIXEL as delivered.
        st_qa: (y, x), ST_QA as delivered, hundredths of a kelvin, -9999 for none; None for Level-1 brightness, which
            has none.

    Raises:
        InputError: shapes differ, the quality is not in whole numbers, or most of what is no fill is no kelvin.
    """
    refuse_impossible(
        np.where(st == FILL, np.nan, st), "the temperatures hold", "if they are Celsius, convert them (unit_of)"
    )
    for name, layer in (("QA_PIXEL", qa_pixel), ("ST_QA", st_qa)):
        if layer is None:
            continue
        if layer.shape != st.shape or not np.issubdtype(layer.dtype, np.integer):
            raise InputError(
                f"{name} must be whole numbers of shape {st.shape}; found {layer.dtype} of {layer.shape}; "
                "load it onto the grid of the temperatures with nearest neighbours, without scale"
            )
    seen = ~hidden(qa_pixel) & possible(st)
    if st_qa is not None:
        seen &= (st_qa >= 0) & (st_qa <= round(UNSURE_K / UNSURE_STEP))
    return np.where(seen, st, np.float32(np.nan)).astype(np.float32)


def sun_elevation(time: datetime, longitude: float, latitude: float) -> float:
    """Degrees of the sun above the horizon, as `look.sun` reckons it.

    Args:
        time: with its time zone.
        longitude: degrees, east positive.
        latitude: degrees, north positive.

    Raises:
        InputError: the time has no zone, or there is no such place.
    """
    if time.tzinfo is None:
        raise InputError(f"the time {time.isoformat()} has no time zone; Landsat's metadata give UTC")
    if not (-180 <= longitude <= 360 and -90 <= latitude <= 90):
        raise InputError(f"no place has longitude {longitude:g} and latitude {latitude:g}; give degrees, x before y")
    return float(elevations([time], longitude, latitude)[0])


def overpass_class(time: datetime, longitude: float, latitude: float) -> Overpass:
    """Whether a pass was taken by day, the sun above the horizon, or by night; arguments as of `sun_elevation`.

    Raises:
        InputError: the time has no zone, or there is no such place.
    """
    return "day" if sun_elevation(time, longitude, latitude) > 0 else "night"


def cube(passes: Sequence[HeatPass], grid: Grid, overpass: Overpass) -> xr.DataArray:
    """Thermal passes of one overpass class as a cube (time, band, y, x) of kelvin, float32, NaN where unseen.

    Its attributes carry `units`, `support_m`, `overpass` and `product`. A day's cube and a night's are monitored each
    by itself: what the ring does at ten in the morning says nothing of ten in the evening.

    Args:
        passes: in order of time, screened, all on the grid.
        grid: 30 m; gives x and y of the pixels' centres, metres, and the place whose sun tells day from night.
        overpass: the class that all passes are of.

    Raises:
        InputError: there is no pass, the grid has other pixels, passes of the other class or of both products are among
            them, or one lies on another grid, or holds what is no kelvin.
    """
    if not passes:
        raise InputError("a cube needs at least one pass")
    across, _, left, _, down, top = grid.transform
    if abs(across) != PIXEL_M or abs(down) != PIXEL_M:
        raise InputError(f"surface temperature has a grid of {PIXEL_M} m of its own; found {across:g} by {down:g} m")
    height, width = grid.shape
    middle = left + width / 2 * across, top + height / 2 * down
    longitude, latitude = Transformer.from_crs(grid.crs, "EPSG:4326", always_xy=True).transform(*middle)
    wrong = [one for one in passes if overpass_class(one.time, longitude, latitude) != overpass]
    if wrong:
        raise InputError(
            f"a cube of {overpass} passes holds {len(wrong)} of the other class: {_named(wrong)}; put them into a cube "
            "of their own"
        )
    strange = [one for one in passes if one.product != passes[0].product]
    if strange:
        raise InputError(
            f"the cube begins with {passes[0].product}, and {len(strange)} passes are {strange[0].product}: "
            f"{_named(strange)}; the two differ by kelvins and never make one series"
        )
    for one in passes:
        _kelvin_or_refused(one, grid)
    values = np.stack([one.values for one in passes])[:, None].astype(np.float32)
    return stacked(
        values, [one.time for one in passes], [BAND], grid, "temperature", units="K", support_m=SUPPORT_M,
        overpass=overpass, product=passes[0].product,
    )  # fmt: skip


def _kelvin_or_refused(one: HeatPass, grid: Grid) -> None:
    """Refuse a pass on another grid, or one that holds values that no surface has in kelvin."""
    if one.values.shape != grid.shape:
        raise InputError(f"the pass of {one.time:%Y-%m-%d %H:%M} has {one.values.shape} pixels; the grid {grid.shape}")
    held = one.values[~np.isnan(one.values)]
    bad = held[~possible(held)]
    if bad.size:
        celsius = possible(held + FREEZING).all() and bad.size == held.size
        raise InputError(
            f"the pass of {one.time:%Y-%m-%d %H:%M} holds {np.min(bad):g} to {np.max(bad):g}, and a surface has "
            f"{COLDEST:g} to {HOTTEST:g} kelvin; "
            + ("it looks like Celsius: tell its unit (unit_of) and convert it" if celsius else "screen it first")
        )


def _named(passes: Sequence[HeatPass], most: int = 5) -> str:
    """Passes by their time, the first few."""
    told = ", ".join(f"{one.time.astimezone(UTC):%Y-%m-%d %H:%M} UTC" for one in passes[:most])
    return told + (f" and {len(passes) - most} more" if len(passes) > most else "")
