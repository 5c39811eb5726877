"""Numbers of thermal archives become kelvin: counts by scale, radiance by its constants, units told or refused."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sitewatch.errors import InputError

SCALE, OFFSET = 0.00341802, 149.0
"""Landsat Collection 2 Level-2 ST_B10: kelvin = count x SCALE + OFFSET (USGS LSDS-1619)."""
FILL = 0
"""Count that stands for no data in Landsat's thermal bands, Level-1 and Level-2."""
COLDEST, HOTTEST = 200.0, 370.0
"""Kelvin between which the surface of the Earth, seen from space, lies; the tops of the highest clouds are colder."""
FREEZING = 273.15
"""Kelvin."""
FITTING = 0.95
"""Share of the values that must be possible for a unit to fit."""
YEARLY = (3.0, 30.0)
"""Kelvin between which half the yearly range of land poleward of `OUTSIDE_TROPICS` lies; less than tenfold apart."""
OUTSIDE_TROPICS = 30.0
"""Degrees of latitude from which the season tells units apart."""
FILLS = (0.0, -9999.0, -32768.0)
"""Values that archives write where they have none."""
CONSTANTS = ("RADIANCE_MULT_BAND_10", "RADIANCE_ADD_BAND_10", "K1_CONSTANT_BAND_10", "K2_CONSTANT_BAND_10")
"""What an MTL file must hold for a brightness temperature."""

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]


class Unit(Enum):
    """What the numbers of an archive are: (name, kelvin in one step, kelvin at zero, whole numbers only)."""

    KELVIN = ("kelvin", 1.0, 0.0, False)
    KELVIN_X10 = ("kelvin x 10", 0.1, 0.0, True)
    CELSIUS = ("Celsius", 1.0, FREEZING, False)
    CELSIUS_X100 = ("Celsius x 100", 0.01, FREEZING, True)

    def __str__(self) -> str:
        """Its name."""
        return self.value[0]

    def kelvin(self, values: ArrayLike) -> Floats:
        """Values of any shape in kelvin; NaN where no surface has them or they are fill (in Celsius, 0 is none)."""
        raw = np.asarray(values, np.float64)
        found = raw * self.value[1] + self.value[2]
        held = possible(found) & ((raw != FILL) | (self is Unit.CELSIUS))
        return np.where(held, found, np.nan).astype(np.float32)

    def fits(self, values: Doubles) -> bool:
        """Whether nearly all values, fill left out, are possible temperatures in this unit."""
        if self.value[3] and not np.equal(values, np.rint(values)).all():
            return False
        return bool(possible(values * self.value[1] + self.value[2]).mean() >= FITTING)


SPELT = {
    Unit.KELVIN: ("k", "kelvin", "degreekelvin", "degrees kelvin", "degk"),
    Unit.KELVIN_X10: ("k x 10", "kelvin x 10", "0.1 k", "0.1 kelvin", "decikelvin", "dk"),
    Unit.CELSIUS: ("c", "celsius", "degc", "deg c", "degree celsius", "degrees celsius", "°c"),
    Unit.CELSIUS_X100: ("c x 100", "celsius x 100", "degc x 100", "°c x 100", "0.01 c", "0.01 celsius", "0.01 degc"),
}
"""How metadata spell units, in small letters, with "x" for any sign of a product."""


def possible(kelvin: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Where values in kelvin, of any shape, can be the surface's; False for NaN."""
    with np.errstate(invalid="ignore"):
        return np.asarray((kelvin >= COLDEST) & (kelvin <= HOTTEST))


def kelvin(counts: ArrayLike, scale: float = SCALE, offset: float = OFFSET) -> Floats:
    """Counts of any shape in kelvin, float32, by an archive's scale and offset; NaN where fill (0, or negative) or NaN.

    The defaults are those of Landsat Collection 2 Level-2 ST_B10. A pass of nothing but fill is all NaN, as any pass
    that saw nothing.

    Raises:
        InputError: over half of what is not fill is no possible temperature, so that scale and offset belong to others.
    """
    raw = np.asarray(counts, np.float64)
    found = np.where((raw > FILL) & np.isfinite(raw), raw * scale + offset, np.nan).astype(np.float32)
    refuse_impossible(
        found, f"counts x {scale:g} + {offset:g} give",
        "take scale and offset from the metadata of that very file (Landsat Collection 2 ST_B10: "
        f"{SCALE:g} and {OFFSET:g})",
    )  # fmt: skip
    return found


def refuse_impossible(values: NDArray[np.floating], whose: str, mend: str) -> None:
    """Refuse temperatures of which most can't be the surface's, so that their unit, scale or constants are wrong.

    Args:
        values: of any shape, kelvin; NaN where there are none.
        whose: the message begins with it.
        mend: what would mend it.

    Raises:
        InputError: over half of what is finite is no possible temperature.
    """
    held = values[np.isfinite(values)]
    if held.size and possible(held).mean() < 0.5:
        surface = f"the surface lies between {COLDEST:g} and {HOTTEST:g}"
        raise InputError(f"{whose} {_range(held)} kelvin, and {surface}; {mend}")


def unit_of(
    stated: str | None, values: ArrayLike, *, days: Sequence[date] | None = None, latitude: float | None = None
) -> Unit:
    """The unit of an archive's temperatures: as its metadata state it, borne out by the values; else by these alone.

    From values alone a unit is told when no other fits. Whole numbers about 2900 may be kelvin x 10 or Celsius x 100:
    between such units the season decides, for half the yearly range of land outside the tropics is 3 to 30 K, and each
    unit makes tenfold or more of the other's.

    Args:
        stated: by the metadata; None or "" where they say nothing.
        values: of any shape, as the archive has them, fill and cloud among them.
        days: of the values where these are a series of one pixel, (time,).
        latitude: of the pixel, degrees.

    Raises:
        InputError: there is nothing but fill, what is stated is no known unit or is not borne out, no unit fits, or
            more than one does; or there is not one day for each value.
    """
    raw = np.asarray(values, np.float64)
    if days is not None and raw.shape != (len(days),):
        raise InputError(f"temperatures of shape {raw.shape} come with {len(days)} days; give one day for each value")
    held = np.isfinite(raw) & ~np.isin(raw, FILLS)
    if not held.any():
        fills = ", ".join(f"{value:g}" for value in np.unique(raw)[:3])
        raise InputError(
            f"all {raw.size} temperatures are fill ({fills or 'there are none'}); "
            "the archive holds no thermal data here: leave the column out, or load the thermal band itself"
        )
    fitting = [unit for unit in Unit if unit.fits(raw[held])]
    told = f"the values, {_range(raw[held])}, "
    could = " or ".join(map(str, fitting)) or "no unit that is known here"
    if stated:
        unit = _spelt(stated)
        if unit not in fitting:
            raise InputError(
                f"the metadata state {stated!r}, and {told}would fit {could}; find out which is right before any of it "
                "is used: the two never make one series"
            )
        return unit
    if len(fitting) > 1 and days is not None and latitude is not None and abs(latitude) >= OUTSIDE_TROPICS:
        swing = _swing(raw[held], np.array(days, "datetime64[D]")[held])
        fitting = [unit for unit in fitting if YEARLY[0] <= swing * unit.value[1] < YEARLY[1]]
    if len(fitting) != 1:
        raise InputError(
            f"no unit is stated, and {told}fit {could}; state the unit, as the archive's documentation has it: "
            f"{', '.join(map(str, Unit))}"
        )
    return fitting[0]


def brightness(counts: ArrayLike, mtl: Mapping[str, Any] | str) -> Floats:
    """Brightness temperature of Landsat 8 and 9 Level-1 band 10, kelvin, float32; NaN where fill (0).

    L = ML x count + AL, T = K2 / ln(K1 / L + 1) (USGS LSDS-1574). No emissivity and no
    atmosphere: some kelvin off the surface's temperature, and never in one series with it.

    Args:
        counts: of any shape, as delivered.
        mtl: the scene's metadata: the text of its MTL.json, or the mapping that it holds, nested or flat.

    Raises:
        InputError: the text is no JSON, a constant is missing or no positive number (only AL may be negative), or over
            half of what is not fill becomes no possible temperature.
    """
    multiplier, addend, k1, k2 = _constants(mtl)
    raw = np.asarray(counts, np.float64)
    radiance = np.where((raw > FILL) & np.isfinite(raw), multiplier * raw + addend, np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = np.where(radiance > 0, k2 / np.log(k1 / radiance + 1), np.nan).astype(np.float32)
    refuse_impossible(found, "counts and the MTL's constants give", "give Level-1 counts of band 10 with their own MTL")
    return found


def _constants(mtl: Mapping[str, Any] | str) -> list[float]:
    """The four constants, in the order of CONSTANTS."""
    if isinstance(mtl, str):
        try:
            mtl = json.loads(mtl)
        except json.JSONDecodeError as error:
            raise InputError(
                f"MTL, line {error.lineno}, column {error.colno}: {error.msg}; give the text of the scene's MTL.json"
            ) from error
    flat = dict(_leaves(mtl))
    if missing := [name for name in CONSTANTS if name not in flat]:
        raise InputError(
            f"the MTL lacks {', '.join(missing)}; give that of a Level-1 scene of Landsat 8 or 9, whole "
            "(Landsat 4 to 7 have no band 10)"
        )
    found = []
    for name in CONSTANTS:
        try:
            number = float(flat[name])
        except (TypeError, ValueError):
            number = np.nan
        if not np.isfinite(number) or (number <= 0 and name != "RADIANCE_ADD_BAND_10"):
            raise InputError(f"the MTL's {name} is {flat[name]!r}, and must be a positive number; load the MTL again")
        found.append(number)
    return found


def _leaves(tree: object) -> Iterator[tuple[str, Any]]:
    """Names and values of a nested mapping."""
    for name, value in tree.items() if isinstance(tree, Mapping) else ():
        if isinstance(value, Mapping):
            yield from _leaves(value)
        else:
            yield str(name), value


def _spelt(stated: str) -> Unit:
    """The unit that metadata name, whatever way they spell it."""
    plain = " ".join(stated.lower().replace("_", " ").replace("*", " x ").replace("×", " x ").split())
    for unit, ways in SPELT.items():
        if plain in ways or plain.replace("x10", "x 10") in ways:
            return unit
    raise InputError(f"the metadata state {stated!r} as the unit of temperature; known are {', '.join(map(str, Unit))}")


def _swing(values: Doubles, days: NDArray[np.datetime64]) -> float:
    """Half the yearly range of a series, in its own steps: cosine and sine of the year, least squares; 0 if too short.

    Too short is what leaves out a quarter of the year, or has fewer than 12 values.
    """
    turn = 2 * np.pi * days.astype("datetime64[D]").astype(np.int64) / 365.25
    if len(values) < 12 or len(set(np.floor(turn % (2 * np.pi) / (np.pi / 2)))) < 4:
        return 0.0
    design = np.stack([np.ones_like(turn), np.cos(turn), np.sin(turn)], axis=1)
    fitted = np.linalg.lstsq(design, values, rcond=None)[0]
    return float(np.hypot(fitted[1], fitted[2]))


def _range(values: NDArray[np.floating]) -> str:
    """Between what values lie, in words."""
    return f"{np.min(values):g} to {np.max(values):g}"
