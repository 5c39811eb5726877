"""What was counted or measured in a look, with its unit, its bounds, and crops that show it."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from sitewatch.records.base import Range, Record, Sha256, Slug, Utc, Value, When
from sitewatch.records.looks import Position
from sitewatch.records.view import View


class Crop(Value):
    """A piece of an image that shows what was observed."""

    picture: Sha256
    """Blob of a PNG."""
    caption: str
    """What it shows, and what the outlines mean."""
    side_m: float = Field(gt=0)
    """Ground along its longer side, metres: crops of one observation have one."""
    at: Position
    """Its middle."""


State = Literal["intact", "partly removed", "removed", "not assessable"]
"""What an image shows of a part of a structure."""


class PartSeen(Value):
    """A named part of a structure, as a comparison proposes it or an analyst says."""

    name: str
    """In the analyst's words, such as "west wall"."""
    kind: str
    """roof, walls, base, tanks, foundations or other."""
    state: State
    proposed: State
    """What the comparison proposed, whatever an analyst said since."""
    share: Range | None = None
    """Share of its ground that lost its structure; None where that cannot be told."""
    order: int | None = None
    """Its turn in a demolition, 1 first; None where none was told."""
    reason: str
    confirmed_by: str | None = None
    """The analyst whose state it is; None for a mere proposal, which counts for nothing."""


class Review(Value):
    """An analyst's word on an observation."""

    by: str
    verdict: Literal["confirmed", "rejected"]
    reason: str
    at: Utc


class Observation(Record):
    """Something counted or measured over a site in one look, or in a pair of images."""

    kind: ClassVar[str] = "observation"
    site: Slug
    what: str
    """What is observed, such as "vehicles" or "moving vehicles on the road"."""
    when: When
    value: Range
    """Lowest, best and highest, with where the bounds come from."""
    unit: str
    """Such as "vehicles" or "times the rate of its past"."""
    looks: tuple[Sha256, ...]
    """The looks that it rests on, in order of time."""
    method: str
    """What made it: the engine's own method, or the analyst's detector by name, version and hash, with its licence."""
    says: tuple[str, ...] = ()
    """Sentences on its parts, each with its own bounds: never more than what was measured."""
    crops: tuple[Crop, ...] = ()
    """In the order in which they are shown."""
    confirmed_by: str | None = None
    """The analyst who confirmed it; None while nobody has."""
    note: str | None = None
    """What to bear in mind: what was hidden, how many may have been missed."""
    parts: tuple[PartSeen, ...] = ()
    """Of a structure whose parts are told one by one, in their order; empty for any other observation."""
    review: Review | None = None
    """The last word of an analyst; None while nobody has spoken. Of a structure she may have spoken of some parts."""


def rejected_looks(view: View) -> frozenset[str]:
    """The looks of which an analyst rejected every observation: what she says was not seen tests and weighs nothing."""
    told: dict[str, list[bool]] = {}
    for one in view.of(Observation):
        for look in one.looks:
            told.setdefault(look, []).append(one.review is not None and one.review.verdict == "rejected")
    return frozenset(look for look, verdicts in told.items() if all(verdicts))
