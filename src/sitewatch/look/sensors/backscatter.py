"""Gamma0 as delivered, linear power or decibels: which it is, and decibels from either."""

from __future__ import annotations

import re
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from sitewatch.errors import InputError

FAINTEST, BRIGHTEST = -60.0, 35.0
"""Decibels outside these are fill or a fault of the feed."""
FILL = 900.0
"""Values from this on, either side of zero, are taken for fill (-9999, -32768, 65535) where the unit is told."""
SHORT_FILL = -99.0
"""Fill too, though nearer to zero."""
NEGATIVE = 0.05
"""Share of negative values up to which they may be power (noise was taken off), and from which decibels."""
POWER = 3.0
"""Most that the median of linear gamma0 may be: 5 dB, brighter than any town."""
OTHER = frozenset({"amplitude", "dn", "digital", "phase", "degree", "degrees"})
"""Words that tell of something else than gamma0."""
Floats = NDArray[np.float32]


class Unit(StrEnum):
    """Of backscatter."""

    POWER = "linear power"
    DECIBEL = "dB"


def unit_of(stated: str | None, values: Floats, *, name: str = "the pass") -> Unit:
    """Whether gamma0 is linear power or decibels: what the metadata state, checked against the values.

    Linear gamma0 is positive and its median below 3; in decibels most ground is negative and its median above -60.
    Zeros, fill and what is not finite tell nothing.

    Args:
        stated: unit or description from the metadata; None where there is none.
        values: of any shape, as delivered.
        name: of the pass, for messages.

    Raises:
        InputError: the metadata and the values contradict each other, tell of something else, or neither tells.
    """
    spoken = units_in(stated or "")
    if other := OTHER & _words(stated or ""):
        words = ", ".join(sorted(other))
        raise InputError(f"{name}: it is stated as {stated!r}; needed is gamma0 as linear power or dB, not {words}")
    held = telling(values)
    if len(spoken) > 1:
        raise InputError(f"{name}: its unit is stated as {stated!r}, which is both power and decibels; state one")
    if not held.size:
        if spoken:
            return spoken.pop()
        raise InputError(f"{name}: its unit is not stated, and none of its values tells it; state linear power or dB")
    negative, middle = float((held < 0).mean()), float(np.median(held))
    seen = f"{negative:.0%} of its values are negative and their median is {middle:.3g}"
    looks_power, looks_decibel = negative < NEGATIVE and middle < POWER, negative >= NEGATIVE and middle >= FAINTEST
    if spoken:
        unit = spoken.pop()
        if not (looks_power if unit is Unit.POWER else looks_decibel):
            raise InputError(f"{name}: its unit is stated as {stated!r}, but {seen}; check the unit and the scale")
        return unit
    if looks_power:
        return Unit.POWER
    if looks_decibel and negative > 0.5:
        return Unit.DECIBEL
    found = "is not stated" if not stated else f"is stated as {stated!r}"
    raise InputError(f"{name}: its unit {found}, and {seen}, which fits neither linear power nor dB; state which it is")


def decibels(values: Floats, unit: Unit) -> Floats:
    """Gamma0 in decibels, float32, NaN for no data.

    No data are values that are not finite, zeros, power that is negative or fill, and decibels below -60 or above 35.

    Args:
        values: of any shape, in some unit.
        unit: as `unit_of` tells it.
    """
    given = values.astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        if unit is Unit.POWER:
            given = 10 * np.log10(np.where(given > 0, given, np.nan))
        else:
            given = np.where(given == 0, np.nan, given)
        seen = (given >= FAINTEST) & (given <= BRIGHTEST)
    return np.where(seen, given, np.nan).astype(np.float32)


def telling(values: Floats) -> Floats:
    """Those values that tell something: neither zero nor fill, and finite."""
    given = np.asarray(values, np.float32)
    told = np.isfinite(given) & (given != 0) & (given != SHORT_FILL) & (np.abs(given) < FILL)
    return np.asarray(given[told], np.float32)


def units_in(text: str) -> set[Unit]:
    """The units that a text speaks of."""
    words = _words(text)
    spoken = {Unit.POWER} if words & {"linear", "power"} else set()
    return spoken | ({Unit.DECIBEL} if words & {"db", "decibel", "decibels"} else set())


def tells_unit(text: str) -> bool:
    """Whether a text speaks of a unit, or of something that is no gamma0 in power or decibels."""
    return bool(units_in(text) or OTHER & _words(text))


def _words(text: str) -> set[str]:
    return set(re.findall(r"[a-z]+", text.casefold()))
