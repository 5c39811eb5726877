"""The kinds of field that the tables of a case file have."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, StringConstraints
from pydantic_core import PydanticCustomError

from sitewatch.case.fence import Ring, read_fence
from sitewatch.case.values import fits, read_day, read_length, read_probability
from sitewatch.records import Probability, Range

T = TypeVar("T")

Many = Annotated[tuple[T, ...], Field(strict=False)]
"""A list in the file, kept as a tuple; what it holds is still strict."""

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Day = Annotated[date, PlainValidator(fits(read_day))]
Stated = Annotated[Probability, PlainValidator(fits(read_probability))]
Length = Annotated[Range, PlainValidator(fits(read_length))]
Fence = Annotated[Ring, PlainValidator(fits(read_fence))]
Address = Annotated[str, StringConstraints(pattern=r"^https?://[^\s/]+\S*$")]
Letter = Literal["A", "B", "C", "D", "E", "F"]


class Written(BaseModel):
    """A table of the case file.

    The docstring under each field is shown to the analyst when the field is missing or holds something of another kind.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, use_attribute_docstrings=True)


def unfit(found: str, right: str) -> PydanticCustomError:
    """What a validator raises, with both halves of the message."""
    return PydanticCustomError("unfit", "{right}", {"found": found, "right": right})


def not_before(value: date | None, first: date | None, name: str) -> date | None:
    """Validate a day that cannot lie before the one in another field."""
    if value and first and value < first:
        raise unfit(f"{value}, before `{name}` ({first})", f"a day from {first} on")
    return value
