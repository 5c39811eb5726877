"""Records of what others say: sources, items, claims, and how the items hang together."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import ClassVar, Literal

from pydantic import Field

from sitewatch.records.base import Range, Record, Sha256, Slug, Value, When

Span = tuple[int, int]
"""Start and end offset, in characters of the item's text; the end is excluded."""


class Modality(StrEnum):
    """How surely a claim is put forward."""

    ASSERTED = "asserted"
    ASSESSED = "assessed"
    LIKELY = "likely"
    POSSIBLE = "possible"
    PLANNED = "planned"
    UNKNOWN = "unknown"
    DOUBTFUL = "doubtful"
    DENIED = "denied"
    DECLINED = "declined"


class Place(Value):
    """A name of the case's gazetteer."""

    site: Slug
    name: str
    aliases: tuple[str, ...] = ()
    nature: str | None = None


class Grade(Value):
    """A source's letter from a day on, on the scale A (reliable) to F (cannot be judged)."""

    since: date | None = None
    """First day of the grade; None means from the beginning."""
    letter: Literal["A", "B", "C", "D", "E", "F"]
    why: str


class Source(Record):
    """An outlet, with the family that owns it and its dated grades."""

    kind: ClassVar[str] = "source"
    timeless: ClassVar[bool] = True
    slug: Slug
    name: str
    owner: str
    """Owner family: outlets of one family are never independent."""
    grades: tuple[Grade, ...]
    credits: tuple[str, ...] = ()
    """How others credit it in a byline or credit line, such as "Wire A" or "(WA)"."""

    def grade_on(self, day: date) -> Grade:
        """The grade that held on a day; the letter F where none did."""
        held = [g for g in self.grades if g.since is None or g.since <= day]
        return max(held, key=lambda g: g.since or date.min) if held else Grade(letter="F", why="no grade on that day")


class Intake(Record):
    """A place that reports come from: a folder, a file, a feed or a page."""

    kind: ClassVar[str] = "intake"
    timeless: ClassVar[bool] = True
    form: Literal["folder", "file", "feed", "url"]
    where: str
    """Path or address."""
    outlet: Slug | None
    """The outlet of everything that comes from it; None where each report names its own."""


class Item(Record):
    """One report as it was published; `available_at` is its day of publication where that is known."""

    kind: ClassVar[str] = "item"
    artifact: Sha256
    """Blob of the bytes as they were fetched."""
    text: str
    """The text that was drawn from the bytes; all offsets of claims are into it, in characters."""
    origin: str
    """Address or path."""
    title: str | None
    outlet: Slug
    byline: str | None = None
    published: When
    """When it was published; both sides open when nobody says."""
    language: str | None = None
    credit: tuple[Slug, ...] = ()
    """Outlets that the item itself credits, in order of mention."""


class Quantity(Value):
    """A counted or measured thing, as an interval."""

    text: str
    """The words of it."""
    span: Span
    lo: float
    hi: float | None
    """None for "at least": no upper end was given."""
    attribute: str
    """Lemma of what is counted, such as "missile"."""
    unit: str | None = None


class Holder(Value):
    """One step of an attribution chain."""

    name: str
    """As the text has it: "an official", "Wire A", "the ministry"."""
    form: Literal["named", "described", "unnamed"]


class Claim(Record):
    """Who says what, bound to the exact words of one item."""

    kind: ClassVar[str] = "claim"
    item: Sha256 | None = None
    """The item it stands in; None while the text is not an item of the ledger."""
    quote: str
    """The words, exactly as they stand at `span` of the item's text."""
    span: Span
    source_spans: tuple[Span, ...] = ()
    cue_spans: tuple[Span, ...] = ()
    content_spans: tuple[Span, ...] = ()
    modality: Modality
    quantities: tuple[Quantity, ...] = ()
    time: When = When()
    """When the claimed thing happened; both sides open when the text does not tell."""
    places: tuple[Slug, ...] = ()
    """Sites of the case that the claim is about."""
    chain: tuple[Holder, ...] = ()
    """From the first holder to the outlet: ("an official", "Wire A")."""
    first_hand: bool = False
    """True when the outlet had it itself from the first holder, not through another outlet."""
    parent: Sha256 | None = None
    """The claim in which this one is nested."""


class Lineage(Record):
    """One item has something from another."""

    kind: ClassVar[str] = "lineage"
    child: Sha256
    parent: Sha256
    relation: Literal["copy", "quote", "paraphrase", "translation", "same_image", "same_official"]
    score: float = Field(ge=0, le=1)
    """Share of the child that the parent accounts for; 1 where an analyst says so."""
    method: str
    """How it was found, with the evidence."""


class Relation(Record):
    """Two claims side by side: they conflict, one updates the other, or the child has drifted from its root."""

    kind: ClassVar[str] = "relation"
    relation: Literal["conflict", "update", "drift"]
    a: Sha256
    """Claim: the root's, for a drift; the earlier, for an update."""
    b: Sha256
    about: str
    """What differs: a quantity's attribute, or hedge, number, date, place, nature."""
    says: str
    """One sentence with both values."""
    a_value: Range | None = None
    b_value: Range | None = None
