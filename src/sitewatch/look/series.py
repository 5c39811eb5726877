"""What each sensor's passes become for the one monitor: a cube, the settings to watch it with, and what is planted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import NamedTuple

import xarray as xr

from sitewatch.errors import InputError
from sitewatch.look.chips import Reading
from sitewatch.look.materials import Material
from sitewatch.look.products import QA_PIXEL, ST_QA
from sitewatch.look.sensors import optical, radar, thermal
from sitewatch.look.settings import MonitorSettings
from sitewatch.records import Grid, Pass, Sensor


class Stack(NamedTuple):
    """The cube of some passes."""

    cube: xr.DataArray
    kept: tuple[int, ...]
    """Place of each of its passes among those given, in order."""
    left_out: Mapping[int, str]
    """Why each of the others is not in it, by its place."""


class Plant(NamedTuple):
    """A kind of change that is planted at every site."""

    size_px: int
    name: str
    """In words; what the trial is told by."""
    material: Material
    within_days: int


@dataclass(frozen=True)
class Series:
    """How the passes of one sensor are watched."""

    settings: MonitorSettings
    planted: tuple[Plant, ...]
    stack: Callable[[Sequence[Reading], Sequence[Pass], Grid, date], Stack]
    """From chips and passes, both in order of time, the grid and the first watched day.

    Raises:
        InputError: nothing can be watched.
    """
    support_m: float = 0.0
    """Metres over which the sensor sees where that is more than a pixel of its grid."""


def _colours(chips: Sequence[Reading], passes: Sequence[Pass], grid: Grid, start: date) -> Stack:
    return Stack(optical.cube(chips, [p.acquired for p in passes], grid), tuple(range(len(passes))), {})


def _heat(
    chips: Sequence[Reading], passes: Sequence[Pass], grid: Grid, start: date, *,
    overpass: thermal.Overpass, product: thermal.Product,
) -> Stack:  # fmt: skip
    """Thermal passes; one whose values are no kelvin is left out with the reason."""
    held, left_out = dict[int, thermal.HeatPass](), dict[int, str]()
    for place, (chip, one) in enumerate(zip(chips, passes, strict=True)):
        try:
            values = thermal.screen(chip.values[0], chip.quality[QA_PIXEL], chip.quality.get(ST_QA))
        except InputError as error:
            left_out[place] = str(error)
        else:
            held[place] = thermal.HeatPass(one.acquired, values, product)
    if not held:
        raise InputError(next(iter(left_out.values())))
    return Stack(thermal.cube(list(held.values()), grid, overpass), tuple(held), left_out)


def _gamma0(chips: Sequence[Reading], passes: Sequence[Pass], grid: Grid, start: date) -> Stack:
    """Radar passes; one whose unit nobody can tell, and those of a track without history, are left out."""
    held, left_out = dict[int, radar.Swath](), dict[int, str]()
    both = sum("vh" in chip.names for chip in chips) * 2 >= len(chips)
    last: dict[radar.Track, datetime] = {}
    for place, (chip, one) in enumerate(zip(chips, passes, strict=True)):
        swath = _swath(chip, one)
        track = radar.Track(swath.orbit or 0, swath.direction or "")
        if both != (swath.vh is not None):
            left_out[place] = "it has no VH, and most radar passes here have it" if both else "it has VH beside VV"
            continue
        if track in last and one.acquired - last[track] < radar.SLICE:
            left_out[place] = f"it is of the same pass of {track} as the one of {last[track]:%Y-%m-%d %H:%M:%S}"
            continue
        try:
            radar.planes(swath, ("vv",) if swath.vh is None else ("vv", "vh"), grid)
        except InputError as error:
            left_out[place] = str(error)
        else:
            held[place] = swath
            last[track] = one.acquired
    if not held:
        raise InputError(next(iter(left_out.values())))
    stack = radar.cube(list(held.values()), grid, start)
    young = {out.track: f"{out.track}: {out.reason}" for out in stack.left_out}
    for place, swath in list(held.items()):
        if reason := young.get(radar.Track(swath.orbit or 0, swath.direction or "")):
            left_out[place] = reason
            del held[place]
    return Stack(stack.cube, tuple(held), left_out)


def _swath(chip: Reading, one: Pass) -> radar.Swath:
    """A chip with what it tells of itself."""
    planes, told = dict(zip(chip.names, chip.values, strict=True)), chip.tags
    orbit = told.get("ORBIT")
    return radar.Swath(
        item=" ".join(one.items), time=one.acquired, orbit=int(orbit) if orbit else None,
        direction=told.get("DIRECTION"), unit=told.get("UNIT"), vv=planes["vv"], vh=planes.get("vh"),
    )  # fmt: skip


_ROOFS = (
    Plant(3, "bright_roof", "bright_roof", 60),
    Plant(3, "bright_roof", "bright_roof", 180),
    Plant(3, "vegetation_lost", "vegetation_lost", 60),
    Plant(3, "vegetation_lost", "vegetation_lost", 180),
    Plant(3, "bare", "bare", 60),
    Plant(3, "bare", "bare", 180),
    Plant(5, "bright_roof", "bright_roof", 60),
)
"""Under cloud two months often bring too few looks, however plain the change; a watch of years is weighed by the longer
trials."""
_WARMER = tuple(
    Plant(7, f"ground {kelvin} K warmer", {thermal.BAND: float(kelvin)}, days)
    for kelvin in (4, 10)
    for days in (90, 180)
)
_BRIGHTER = tuple(
    Plant(5, f"ground {power} dB brighter to the radar", dict.fromkeys(("vv", "vh"), float(power)), days)
    for power in (3, 6)
    for days in (60, 180)
)

SERIES: Mapping[Sensor, Series] = {
    "optical": Series(MonitorSettings(), _ROOFS, _colours),
    "landsat": Series(MonitorSettings(), _ROOFS, _colours),
    "radar": Series(radar.RADAR, _BRIGHTER, _gamma0),
    "thermal": Series(
        thermal.THERMAL, _WARMER, partial(_heat, overpass="day", product="surface temperature"), thermal.SUPPORT_M
    ),
    "thermal_night": Series(
        thermal.THERMAL, _WARMER, partial(_heat, overpass="night", product="brightness temperature"), thermal.SUPPORT_M
    ),
}
"""By the sensor of the passes; analysts read their own images themselves."""
