"""Sentinel-1 RTC gamma0: swaths of several orbits become one cube in decibels that the monitor takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import xarray as xr

from sitewatch.errors import InputError
from sitewatch.look.sensors.backscatter import Floats, Unit, decibels, telling, tells_unit, unit_of
from sitewatch.look.sensors.orbits import Track, levelled
from sitewatch.look.sensors.stacking import stacked
from sitewatch.look.settings import MonitorSettings
from sitewatch.records import Grid

__all__ = [
    "RADAR",
    "LeftOut",
    "Stack",
    "Swath",
    "Track",
    "Unit",
    "cube",
    "decibels",
    "planes",
    "stated",
    "tracks",
    "unit_of",
]
RADAR = MonitorSettings(tail=6.14e-6)
"""A limit of 20 for VV and VH (the package's own is 34.6), twice what unchanged simulated sites reach; see
docs/methods/radar.md."""
PIXELS = (10.0, 20.0)
"""Metres of the grids on which it may come."""
ORBITS = range(1, 176)
"""Sentinel-1's relative orbits."""
SLICE = timedelta(minutes=10)
"""Two swaths of one track that are nearer in time are slices or versions of one pass."""


@dataclass(frozen=True, eq=False)
class Swath:
    """One Sentinel-1 pass over a site, as delivered: terrain-flattened gamma0 on the site's grid."""

    item: str
    """Name of the product, for messages."""
    time: datetime
    """When it was taken; without a zone it is UTC."""
    orbit: int | None
    """Relative orbit; None where the metadata do not tell it."""
    direction: str | None
    """"ascending" or "descending"; None where the metadata do not tell it."""
    unit: str | None
    """As the metadata state it, such as "linear power" or "dB"; None where they do not."""
    vv: Floats
    """(y, x)."""
    vh: Floats | None
    """(y, x); None where only VV was taken."""


@dataclass(frozen=True)
class LeftOut:
    """A track whose passes are not in the cube, and why."""

    track: Track
    passes: int
    reason: str


@dataclass(frozen=True, eq=False)
class Stack:
    """What became of some swaths."""

    cube: xr.DataArray
    """(time, band, y, x) float32, dB, NaN where unseen; every track at the level and noise that all have in common."""
    tracks: tuple[Track, ...]
    """Those in the cube."""
    left_out: tuple[LeftOut, ...]


def stated(item: Mapping[str, Any], asset: str = "vv") -> tuple[int | None, str | None, str | None]:
    """Relative orbit, direction and unit that a STAC item states; None for what it does not.

    The orbit and its direction are those of the sat extension; the unit is that of the asset's bands (`raster:bands`
    or `bands`), or else what the asset's description or title says of one.

    Raises:
        InputError: the orbit is none of Sentinel-1's.
    """
    properties, held = item.get("properties") or {}, (item.get("assets") or {}).get(asset) or {}
    bands = [*(held.get("raster:bands") or ()), *(held.get("bands") or ())]
    said = [held.get("unit"), *(band.get("unit") for band in bands)]
    said += [held.get("description"), held.get("title"), *(band.get("description") for band in bands)]
    orbit = properties.get("sat:relative_orbit")
    if orbit is not None and orbit not in ORBITS:
        raise InputError(f"item {item.get('id')}: sat:relative_orbit is {orbit!r}; needed is a whole number, 1 to 175")
    unit = next((str(text) for text in said if text and tells_unit(str(text))), None)
    return None if orbit is None else int(orbit), properties.get("sat:orbit_state"), unit


def tracks(swaths: Sequence[Swath]) -> dict[Track, list[Swath]]:
    """Swaths by relative orbit and direction, each in order of time: ascending is never mixed with descending.

    Raises:
        InputError: a swath has no orbit or direction, or two are of the same pass.
    """
    groups: dict[Track, list[Swath]] = {}
    for swath in sorted(swaths, key=lambda one: (_utc(one), one.item)):
        if swath.orbit is None or swath.orbit not in ORBITS or swath.direction not in ("ascending", "descending"):
            raise InputError(
                f"{swath.item}: relative orbit {swath.orbit}, direction {swath.direction!r}; a pass needs both "
                "(sat:relative_orbit, 1 to 175, and sat:orbit_state ascending or descending): each looks from another "
                "side"
            )
        group = groups.setdefault(Track(swath.orbit, swath.direction), [])
        if group and _utc(swath) - _utc(group[-1]) < SLICE:
            raise InputError(
                f"{group[-1].item} and {swath.item} are of one pass ({swath.time:%Y-%m-%d %H:%M}); keep one version, "
                "or mosaic slices first"
            )
        group.append(swath)
    return dict(sorted(groups.items()))


def cube(swaths: Sequence[Swath], grid: Grid, start: date, *, least: int = 5) -> Stack:
    """Swaths of all tracks as one cube for one monitor.

    Each look from another side has another brightness and noise. Per pixel and band, each track's own log-mean over
    its history gives way to the mean of all tracks, and its deviations are scaled to the noise that all have in
    common (`sitewatch.look.sensors.orbits`). What a pass does to the whole scene, moisture or calibration, is left in:
    the monitor's ring takes it out.

    Args:
        swaths: in any order, all on the grid.
        grid: gives x and y of the pixels' centres, metres.
        start: first watched day; the passes before it are the history.
        least: passes of its history that a track needs, 2 or more; so many looks, too, a pixel needs on a track.

    Raises:
        InputError: there is no swath, the grid is not of 10 or 20 m, the start is no day, one swath is of another
            shape, unit or orbit than it may be, some have VH and others do not, two are of one time, or no track has
            enough history.
    """
    if not swaths:
        raise InputError("a cube needs at least one pass")
    across, _, _, _, down, _ = grid.transform
    if abs(across) not in PIXELS or abs(across) != abs(down):
        raise InputError(f"radar has a grid of 10 or 20 m; found {across:g} by {down:g}")
    if isinstance(start, datetime) or least < 2:
        raise InputError(f"start is a day and least 2 or more; found start {start!r} and least {least}")
    groups = tracks(swaths)
    held, left_out = {}, []
    for track, group in groups.items():
        past = sum(_utc(one).date() < start for one in group)
        if past < least:
            reason = f"{past} passes before {start}; a track needs {least} to know its own brightness"
            left_out.append(LeftOut(track, len(group), reason))
        else:
            held[track] = group
    if not held:
        raise InputError("; ".join(f"{one.track}: {one.reason}" for one in left_out) + "; take a later start")
    order = sorted((one for group in held.values() for one in group), key=lambda one: (_utc(one), one.orbit, one.item))
    for one, after in pairwise(order):
        if _utc(one) == _utc(after):
            raise InputError(f"{one.item} and {after.item} have the same time {one.time:%Y-%m-%d %H:%M:%S}")
    names = _bands(order)
    values = np.stack([planes(one, names, grid) for one in order])
    kept = tuple(held)
    whose = np.array([kept.index(Track(one.orbit or 0, one.direction or "")) for one in order])
    days = np.array([_utc(one).date().toordinal() for one in order])
    values = levelled(values, whose, days, start.toordinal(), least)
    series = stacked(values, [_utc(one) for one in order], names, grid, "gamma0", units="dB")
    return Stack(series, kept, tuple(left_out))


def _utc(swath: Swath) -> datetime:
    return swath.time.replace(tzinfo=UTC) if swath.time.tzinfo is None else swath.time.astimezone(UTC)


def _bands(swaths: Sequence[Swath]) -> tuple[str, ...]:
    """The bands that all have."""
    single = [one.item for one in swaths if one.vh is None]
    if single and len(single) < len(swaths):
        raise InputError(
            f"{len(single)} of {len(swaths)} passes have no VH, the first is {single[0]}; leave them out, or give "
            "vh=None for all to watch VV alone"
        )
    return ("vv",) if single else ("vv", "vh")


def planes(swath: Swath, names: tuple[str, ...], grid: Grid) -> Floats:
    """(band, y, x): a swath in decibels, NaN in all bands where one does not see.

    Raises:
        InputError: a band is of another shape than the grid, or its unit is stated wrongly, not told, or not that of
            the other.
    """
    held = [swath.vv] if swath.vh is None else [swath.vv, swath.vh]
    for name, plane in zip(names, held, strict=True):
        if plane.shape != grid.shape:
            raise InputError(f"{swath.item}: {name} has {plane.shape} pixels, the grid {grid.shape}; load it again")
    blank = np.full(grid.shape, np.nan, np.float32)
    units = [
        unit_of(swath.unit, one, name=f"{swath.item}, {b}") if telling(one).size else None
        for b, one in zip(names, held, strict=True)
    ]
    if len(told := {unit for unit in units if unit}) > 1:
        raise InputError(f"{swath.item}: vv is {units[0]} and vh {units[1]}; give both in one unit, and state it")
    values = np.stack([decibels(one, *told) if unit else blank for one, unit in zip(held, units, strict=True)])
    values[:, ~np.isfinite(values).all(0)] = np.nan
    return values
