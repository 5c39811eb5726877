"""What every record has: an id that is the hash of its content, two times, and ranges in place of bare numbers."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Annotated, Any, ClassVar, Self

import rfc8785
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator

Utc = Annotated[AwareDatetime, AfterValidator(lambda moment: moment.astimezone(UTC))]
"""An aware moment, always kept in UTC."""

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""A SHA-256 digest in lower-case hexadecimal: the id of a record, or the address of a blob."""

Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=64)]
"""A short name that the analyst chose: lower-case letters, digits, hyphen and underscore."""


def day_start(day: date) -> datetime:
    """The first moment of a day, UTC."""
    return datetime.combine(day, time(), UTC)


def day_end(day: date) -> datetime:
    """The last moment of a day, UTC: what `asof` counts up to."""
    return day_start(day) + timedelta(days=1) - timedelta(microseconds=1)


class Value(BaseModel):
    """A frozen, typed, serialisable value without an identity of its own."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="constants", arbitrary_types_allowed=False)


class Range(Value):
    """A number that is known only within bounds, with where the bounds come from."""

    lo: float = Field(allow_inf_nan=False)
    """Smallest value thought possible."""
    best: float = Field(allow_inf_nan=False)
    """Most likely value."""
    hi: float = Field(allow_inf_nan=False)
    """Largest value thought possible."""
    origin: str = Field(min_length=1)
    """Who or what says so: a measurement, a case's stated assumption, a default."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.lo <= self.best <= self.hi:
            raise ValueError(f"a range runs from low over best to high, found [{self.lo}, {self.best}, {self.hi}]")
        return self

    @classmethod
    def exactly(cls, value: float, origin: str) -> Self:
        """The degenerate range of a number that is known."""
        return cls(lo=value, best=value, hi=value, origin=origin)


class Probability(Range):
    """A range whose three numbers are probabilities."""

    @model_validator(mode="after")
    def _is_probability(self) -> Self:
        if self.lo < 0 or self.hi > 1:
            raise ValueError(f"a probability lies between 0 and 1, found [{self.lo}, {self.best}, {self.hi}]")
        return self


class When(Value):
    """A time that is known as an interval; an open side is None, and a date is never invented."""

    earliest: Utc | None = None
    """First moment at which it can have been, UTC."""
    latest: Utc | None = None
    """Last moment at which it can have been, UTC."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.earliest and self.latest and self.earliest > self.latest:
            raise ValueError(f"an interval ends after it begins, found {self.earliest} to {self.latest}")
        return self

    @classmethod
    def of(cls, first: date, last: date | None = None) -> Self:
        """The interval of one whole day, or from the start of one day to the end of another."""
        return cls(earliest=day_start(first), latest=day_end(last or first))

    def __str__(self) -> str:
        first, last = (moment and moment.date().isoformat() for moment in (self.earliest, self.latest))
        return str(first) if first == last and first else f"{first or 'unknown'} to {last or 'unknown'}"


class Record(Value):
    """One line of the ledger.

    `id` is the SHA-256 of the canonical JSON (RFC 8785) of everything but `recorded_at`; a correction is a new record
    that names the old one in `supersedes`.
    """

    kind: ClassVar[str]
    """The record's name in the ledger."""
    timeless: ClassVar[bool] = False
    """True for what the analyst sets up or the desk notes of itself: it stands in a view of any day."""

    available_at: Utc | None = None
    """Earliest moment at which the public could know it; None means that it counts on no day."""
    recorded_at: Utc | None = None
    """When the ledger took it; None until then, and no part of the id."""
    supersedes: Sha256 | None = None
    """The record that this one corrects or continues."""

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy with some fields changed; it finds its own id, where pydantic would carry over the one it copied."""
        copy = super().model_copy(update=update, deep=deep)
        copy.__dict__.pop("id", None)
        return copy

    def content(self) -> dict[str, Any]:
        """Everything that the id covers, ready for JSON."""
        return {"kind": self.kind, **self.model_dump(mode="json", exclude={"recorded_at"})}

    @cached_property
    def id(self) -> str:
        """SHA-256 of the canonical content, hexadecimal."""
        return hashlib.sha256(rfc8785.dumps(self.content())).hexdigest()


class Retraction(Record):
    """A record is taken back, and nothing takes its place: `supersedes` names it."""

    kind: ClassVar[str] = "retraction"
    timeless: ClassVar[bool] = True
    reason: str

    @model_validator(mode="after")
    def _names_it(self) -> Self:
        if self.supersedes is None:
            raise ValueError("a retraction names the record that it takes back")
        return self
