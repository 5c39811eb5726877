"""The tables of how many there are: declared, counted, balanced, added up."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import Field, PlainValidator, ValidationInfo, field_validator

from sitewatch.case.fields import Day, Many, Text, Written, not_before, unfit
from sitewatch.case.values import STATED, Unfit, fits, is_number, read_day, read_probability, show
from sitewatch.records import Probability, Range, When
from sitewatch.records.base import Slug

_MOST = 1_000_000_000
_LARGEST = 1e15
"""Amount or standard deviation, in the unit of its balance."""
_LEAST_POWER = 1e-4


def read_number(value: object) -> Range:
    """A number from 0 on, or [lowest, highest]; both whole.

    Raises:
        Unfit: it is neither.
    """
    numbers = _whole(value, (1, 2), "a whole number from 0 on, or [lowest, highest]")
    return Range(lo=numbers[0], best=numbers[0], hi=numbers[-1], origin=STATED)


def read_seen(value: object) -> Range:
    """A count from 0 on, or [lowest, best, highest]; all whole.

    Raises:
        Unfit: it is neither.
    """
    numbers = _whole(value, (1, 3), "a whole number from 0 on, or [lowest, best, highest]")
    return Range(lo=numbers[0], best=numbers[len(numbers) // 2], hi=numbers[-1], origin=STATED)


def read_power(value: object) -> Probability:
    """A power from [low, best, high], or from a table with such a `range` and a `why`.

    Raises:
        Unfit: it is not three numbers from the least power to 1 in order.
    """
    numbers = value.get("range") if isinstance(value, dict) else value
    if isinstance(numbers, list) and any(is_number(n) and not 0 <= n <= 1 for n in numbers):
        raise Unfit(show(numbers), "three probabilities, each from 0 to 1")
    power = read_probability(value)
    if power.lo <= 0:
        raise Unfit(f"a power of {power.lo:g}", "a share above 0: at power 0 the true number has no upper end")
    if power.lo < _LEAST_POWER:
        raise Unfit(f"a power of {power.lo:g}", f"a share of at least {_LEAST_POWER:g}, up to 1")
    return power


def _whole(value: object, lengths: tuple[int, int], right: str) -> list[int]:
    numbers: list[Any] = value if isinstance(value, list) else [value]
    if len(numbers) not in (lengths if isinstance(value, list) else (1,)):
        raise Unfit(show(value), right)
    if not all(isinstance(n, int) and is_number(n) and 0 <= n <= _MOST for n in numbers):
        raise Unfit(show(value), right)
    if sorted(numbers) != numbers:
        raise Unfit(show(value), f"the same in order, low to high: {show(sorted(numbers))}")
    return numbers


def read_time(value: object) -> When:
    """A day, or two days as "2021-06-01/2021-06-30".

    Raises:
        Unfit: it is neither, or they are the wrong way round.
    """
    first, slash, last = value.partition("/") if isinstance(value, str) else (value, "", value)
    days = read_day(first), read_day(last if slash else first)
    if days[0] > days[1]:
        raise Unfit(show(value), f"the earlier day first: {days[1]}/{days[0]}")
    return When.of(*days)


Number = Annotated[Range, PlainValidator(fits(read_number))]
Seen = Annotated[Range, PlainValidator(fits(read_seen))]
Power = Annotated[Probability, PlainValidator(fits(read_power))]
Time = Annotated[When, PlainValidator(fits(read_time))]


class DeclarationTable(Written):
    """[[declarations]]."""

    id: Slug
    """a short name of lower-case letters, digits, hyphens and underscores"""
    what: Text
    """what is declared, "launchers" for one, as text"""
    scope: Text
    """which of them, in your words: counts of the same words are held against it, others never"""
    site: Slug | None = None
    """the id of the site that it is about"""
    number: Number
    """a whole number from 0 on, or [lowest, highest]"""
    by: Text
    """who declares it, as text"""
    made: Day
    """the day on which it was made, such as 2018-06-12"""
    available: Day | None = None
    """the day on which the public could know it; the day it was made when it is left out"""
    quote: Text | None = None
    """the words of it"""
    why: Text | None = None
    """what to bear in mind, as text"""

    @field_validator("available")
    @classmethod
    def _after_made(cls, value: date | None, info: ValidationInfo) -> date | None:
        return not_before(value, info.data.get("made"), "made")


class CountTable(Written):
    """[[counts]]."""

    id: Slug
    """a short name of lower-case letters, digits, hyphens and underscores"""
    what: Text
    """what was counted, in the same words as other counts and declarations of it"""
    scope: Text | None = None
    """which of them, in your words; left out where the source does not say"""
    site: Slug | None = None
    """the id of the site that it is about"""
    seen: Seen
    """a whole number from 0 on, or [lowest, best, highest]"""
    power: Power | None = None
    """[low, best, high] of the share of those there that the count finds, each from 0.0001 to 1"""
    acquired: Time | None = None
    """the day of the image, such as 2018-07-20, or "first/last" for a window"""
    published: Day | None = None
    """the day on which the public could know it; without it, the count counts on no day"""
    by: Text
    """who counted, as text"""
    source: Text | None = None
    """where it is published, as text"""
    why: Text | None = None
    """the reason for the power, as text"""
    settled_by: Text | None = None
    """the source that would tell what was counted, as text"""
    against: Slug | None = None
    """the id of the declaration that it is held against, whose `what`, `scope` and `site` it must share"""

    @field_validator("published")
    @classmethod
    def _after_acquired(cls, value: date | None, info: ValidationInfo) -> date | None:
        taken = info.data.get("acquired")
        return not_before(value, taken.latest.date() if taken else None, "acquired")


class TermTable(Written):
    """One term of [[balances]]."""

    what: Text | None = None
    """what it is, as text"""
    value: float = Field(ge=0, le=_LARGEST, allow_inf_nan=False)
    """an amount from 0 on, at most 1e15"""
    sd: float = Field(ge=0, le=_LARGEST, allow_inf_nan=False)
    """the standard deviation of its error, at most 1e15, from 0 on, in the same unit"""


class QuantityTable(Written):
    """`significant_quantity` of [[balances]]."""

    value: float = Field(gt=0, le=_LARGEST, allow_inf_nan=False)
    """an amount above 0, at most 1e15"""
    source: Text
    """who sets it, as text"""


class BalanceTable(Written):
    """[[balances]]."""

    id: Slug
    """a short name of lower-case letters, digits, hyphens and underscores"""
    what: Text
    """the material and where it is balanced, as text"""
    site: Slug | None = None
    """the id of the site that it is about"""
    unit: Text
    """the unit of all its amounts, "kg" for one"""
    first: Day
    """the first day of the period"""
    last: Day
    """the last day of the period"""
    available: Day
    """the day on which the public could know it"""
    by: Text
    """whose figures they are, as text"""
    beginning: TermTable
    """what was there at the beginning: { value = 10.0, sd = 0.1 }"""
    receipts: Many[TermTable] = ()
    """a list of { what = "…", value = 5.0, sd = 0.1 } that came in"""
    shipments: Many[TermTable] = ()
    """a list of { what = "…", value = 5.0, sd = 0.1 } that went out"""
    ending: TermTable
    """what was there at the end: { value = 10.0, sd = 0.1 }"""
    significant_quantity: QuantityTable | None = None
    """{ value = 8.0, source = "…" }: the amount that matters, and who says so"""

    @field_validator("last", "available")
    @classmethod
    def _in_order(cls, value: date, info: ValidationInfo) -> date:
        name = "last" if info.field_name == "available" else "first"
        not_before(value, info.data.get(name), name)
        return value

    @field_validator("ending")
    @classmethod
    def _errs(cls, value: TermTable, info: ValidationInfo) -> TermTable:
        told = info.data
        if not {"beginning", "receipts", "shipments"} <= told.keys():
            return value  # one of them is wrong already
        if not any(term.sd for term in (told["beginning"], *told["receipts"], *told["shipments"], value)):
            raise unfit("a balance whose every `sd` is 0", "the error of at least one term: no measurement is exact")
        return value


class TallyTable(Written):
    """[[tallies]]."""

    id: Slug
    """a short name of lower-case letters, digits, hyphens and underscores"""
    what: Text
    """what is tallied, as text"""
    site: Slug | None = None
    """the id of the site that it is about"""
    number: Number | None = None
    """a whole number from 0 on, or [lowest, highest]; left out where nobody gives it"""
    parts: Many[Slug] = ()
    """a list of ids of the tallies that it is the sum of"""
    by: Text | None = None
    """who gives the number, as text"""
    available: Day
    """the day on which the public could know it"""
