"""Records of how many there are: declared, counted, balanced and added up; and what they say of each other."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar, Literal

from pydantic import Field

from sitewatch.records.base import Probability, Range, Record, Sha256, Slug, Value, When


def same_words(text: str | None) -> str | None:
    """What two texts have in common that say the same in other capitals or with other blanks; None stays None."""
    return None if text is None else " ".join(text.casefold().split())


class Declaration(Record):
    """A number that somebody declared, of a scope in his words."""

    kind: ClassVar[str] = "declaration"
    slug: Slug
    what: str
    """What is declared, such as "launchers": declarations and counts of the same thing stand together."""
    scope: str
    """Which of them, in the analyst's words: numbers of different scope are never compared."""
    site: Slug | None = None
    number: Range
    """Lowest and highest of what was declared."""
    by: str
    made: When
    quote: str | None = None
    """The words of it."""
    why: str | None = None
    """What to bear in mind."""


class Estimate(Record):
    """What somebody counted; `available_at` is its day of publication where that is known."""

    kind: ClassVar[str] = "estimate"
    slug: Slug
    what: str
    scope: str | None = None
    """Which of them; None where the source does not say."""
    site: Slug | None = None
    seen: Range
    """How many were counted, lowest, best and highest: none that is not there, and none twice."""
    power: Probability | None = None
    """Share of those that are there which the count finds; None where nobody states it."""
    when: When = When()
    """When what was counted was so: the day of the image."""
    by: str
    source: str | None = None
    why: str | None = None
    settled_by: str | None = None
    """The source that would tell what was counted."""


class Term(Value):
    """One term of a material balance."""

    what: str
    value: float = Field(ge=0, allow_inf_nan=False)
    """In the unit of the balance."""
    sd: float = Field(ge=0, allow_inf_nan=False)
    """Standard deviation of the error of its measurement, in the same unit."""


class Balance(Record):
    """A material balance over a period: what was there and came in, less what went out and is left."""

    kind: ClassVar[str] = "balance"
    slug: Slug
    what: str
    """The material and the area over which it is balanced."""
    site: Slug | None = None
    unit: str
    period: When
    beginning: Term
    receipts: tuple[Term, ...] = ()
    shipments: tuple[Term, ...] = ()
    ending: Term
    significant_quantity: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    """In the unit of the balance."""
    quantity_source: str | None = None
    """Who set the significant quantity."""
    by: str


class Tallied(Record):
    """A number that parts must add up to, or one of such parts; None where nobody gives the number."""

    kind: ClassVar[str] = "tallied"
    slug: Slug
    what: str
    site: Slug | None = None
    number: Range | None = None
    """Lowest and highest that was told."""
    parts: tuple[Slug, ...] = ()
    """Slugs of the tallies that it is the sum of."""
    by: str | None = None


class Apart(StrEnum):
    """Why two numbers differ, or that they do not."""

    SCOPE = "differ by scope"
    TIME = "differ by time"
    COUNT = "conflict"
    UNTOLD = "cannot tell"
    AGREE = "agree"


class Comparison(Value):
    """Counts of one thing side by side."""

    estimates: tuple[Sha256, ...]
    apart: Apart
    says: str


class Held(Value):
    """A count held against one declaration."""

    estimate: Sha256
    declaration: Sha256
    above: Probability | None = None
    """P(more than the highest number declared); None where the power of the count is not stated."""
    below: Probability | None = None
    """P(fewer than the lowest number declared)."""
    says: tuple[str, ...] = ()
    """What must be said beside it."""


class Numbered(Value):
    """The true number behind one count."""

    estimate: Sha256
    number: Range
    """5 %, 50 % and 95 % points at the best values."""
    outer: Range
    """The same ends with power and count at their least favourable."""


class CountsFound(Value):
    """What counts and declarations of one thing say of each other."""

    form: Literal["counts"] = "counts"
    what: str
    site: Slug | None = None
    numbers: tuple[Numbered, ...] = ()
    held: tuple[Held, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    notes: tuple[str, ...] = ()
    """What was not compared, and why."""


class BalanceFound(Value):
    """What a material balance comes to."""

    form: Literal["balance"] = "balance"
    balance: Sha256
    muf: float
    """Material unaccounted for, in the unit of the balance: above 0 where something is missing."""
    sigma: float = Field(gt=0)
    """Standard deviation of it, from those of its terms."""
    limit: float = Field(gt=0)
    """Three of them: beyond it measurement alone is no good explanation."""
    beyond: bool
    p_false: float = Field(ge=0, le=1)
    """P(beyond the limit | nothing is missing)."""
    p_detect: float | None = Field(default=None, ge=0, le=1)
    """P(beyond the limit | one significant quantity is missing)."""


class SumFound(Value):
    """What one sum of tallies comes to."""

    whole: Sha256
    holds: bool | None
    """False where no numbers within the bounds told add up; None where a part is not known by that day."""
    says: str


class TallyFound(Value):
    """What tallies that hang together say of each other."""

    form: Literal["tallies"] = "tallies"
    holds: bool | None
    sums: tuple[SumFound, ...]
    bounds: dict[str, tuple[float, float | None]]
    """Lowest and highest number of each tally that fit all sums, by its slug; None for no upper end."""


class Reckoning(Record):
    """What numbers say of each other, from the records of one state of the ledger."""

    kind: ClassVar[str] = "reckoning"
    slug: Slug
    """Of the first record that it is about."""
    found: CountsFound | BalanceFound | TallyFound = Field(discriminator="form")
    evidence_head: Sha256
    engine: str
    config: Sha256
    """SHA-256 of the case file."""
