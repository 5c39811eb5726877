"""The values of a case, each read from what the analyst wrote or refused in words that say what would be right."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, NamedTuple, TypeVar

from pydantic_core import PydanticCustomError

from sitewatch.records import Probability, Range

T = TypeVar("T")

STATED = "stated in the case"
"""Origin of a range that the analyst wrote without a reason of its own."""

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_LONGEST = 72
# Characters of a value that a message shows.
_LONGEST_M = 50.0
# Longest vehicle that anybody may name, metres.


class Unfit(ValueError):
    """A value that cannot be used."""

    def __init__(self, found: str, right: str) -> None:
        super().__init__(f"found {found}; right would be {right}")
        self.found = found
        self.right = right


def fits(read: Callable[[Any], T]) -> Callable[[Any], T]:
    """A reader that raises `Unfit`, as a validator that pydantic understands."""

    def validate(value: Any) -> T:
        try:
            return read(value)
        except Unfit as unfit:
            raise PydanticCustomError("unfit", "{right}", {"found": unfit.found, "right": unfit.right}) from unfit

    return validate


def show(value: object) -> str:
    """A value as a message shows it: close to how it was written, and short."""
    text = value.isoformat() if isinstance(value, date) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def read_day(value: object) -> date:
    """A day, from a TOML date or from text such as 2018-07-20.

    Raises:
        Unfit: it is no day of the calendar, or has a time of day.
    """
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError as error:
            raise Unfit(show(value), f"a day of the calendar ({error})") from error
    raise Unfit(show(value), "a day written year-month-day, such as 2018-07-20")


def read_probability(value: object) -> Probability:
    """A probability from [low, best, high], or from a table with such a `range` and a `why`.

    Raises:
        Unfit: it is not three numbers from 0 to 1 in order.
    """
    numbers, why = value, STATED
    if isinstance(value, dict) and set(value) == {"range", "why"} and isinstance(value["why"], str):
        numbers, why = value["range"], value["why"].strip() or STATED
    if not (isinstance(numbers, list) and len(numbers) == 3 and all(is_number(n) for n in numbers)):
        raise Unfit(show(value), "three numbers [low, best, high] from 0 to 1, such as [0.5, 0.7, 0.9]")
    lo, best, hi = (float(n) for n in numbers)
    if not all(0 <= n <= 1 for n in (lo, best, hi)):
        raise Unfit(show(numbers), "three probabilities, each from 0 to 1")
    if not lo <= best <= hi:
        raise Unfit(show(numbers), f"the same in order, low to high: {show(sorted((lo, best, hi)))}")
    return Probability(lo=lo, best=best, hi=hi, origin=why)


def read_length(value: object) -> Range:
    """A length in metres from [shortest, usual, longest].

    Raises:
        Unfit: it is not three numbers above 0, up to 50, in order.
    """
    if not (isinstance(value, list) and len(value) == 3 and all(is_number(n) for n in value)):
        raise Unfit(show(value), "three numbers [shortest, usual, longest] in metres, such as [11, 13, 16]")
    lo, best, hi = (float(n) for n in value)
    if not all(0 < n <= _LONGEST_M for n in (lo, best, hi)):
        raise Unfit(show(value), f"metres above 0, up to {_LONGEST_M:g}")
    if not lo <= best <= hi:
        raise Unfit(show(value), f"the same in order, short to long: {show(sorted((lo, best, hi)))}")
    return Range(lo=lo, best=best, hi=hi, origin=STATED)


def is_number(value: object) -> bool:
    """True for an integer or a float; TOML's true and false are neither."""
    return isinstance(value, int | float) and not isinstance(value, bool)


class Wrong(NamedTuple):
    """Something wrong at one place of the case file."""

    path: tuple[str | int, ...]
    """Keys and places in arrays, from the top."""
    found: str
    right: str
