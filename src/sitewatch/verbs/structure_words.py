"""What is said of a structure part by part, and how far it is taken apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sitewatch.look.structures import Part, PartKind, PartState, Reading, Stage, progress
from sitewatch.records import PartSeen, Range

PROGRESS = "progress of removal"
UNIT = "on the scale 0 to 3"
STAGES = {
    Stage.NOT_BEGUN: "not begun",
    Stage.BEGUN: "begun",
    Stage.WELL_UNDER_WAY: "well under way",
    Stage.RAZED: "nothing stands above the foundations",
}
_ORIGIN = "parts that an analyst confirmed; at most, were all others gone"


def named(structure: str) -> str:
    """What the observation of a structure is of."""
    return f"{structure}: {PROGRESS}"


def part_seen(reading: Reading, order: int | None) -> PartSeen:
    """A comparison's proposal as the ledger keeps it."""
    origin = "edges of the regions told moved inwards and outwards by one working pixel"
    share = (
        Range(**dict(zip(("lo", "best", "hi"), reading.share, strict=True)), origin=origin) if reading.share else None
    )
    return PartSeen(
        name=reading.part.name,
        kind=reading.part.kind.value,
        state=reading.state.value,
        proposed=reading.state.value,
        share=share,
        order=order,
        reason=reading.reason,
    )


def come_so_far(parts: Sequence[PartSeen]) -> tuple[Range, tuple[str, ...]]:
    """Progress of a structure's removal with its bounds, and a sentence on each part and on what is left."""
    sure = progress([_reading(one, one.confirmed_by) for one in parts])
    value = Range(lo=sure.stage, best=sure.stage, hi=sure.at_most, origin=_ORIGIN)
    return value, (*(_said(one) for one in parts), *_left(parts), *_out_of_turn(parts))


def _reading(one: PartSeen, analyst: str | None) -> Reading:
    return Reading(Part(one.name, PartKind(one.kind)), PartState(one.state), one.reason, analyst)


def _said(one: PartSeen) -> str:
    if one.confirmed_by:
        other = f", where the comparison proposed {one.proposed}" if one.proposed != one.state else ""
        return f"{one.name}: {one.state}, by {one.confirmed_by}{other}: {one.reason.rstrip('. ')}"
    bounds = f" [{100 * one.share.lo:.0f}, {100 * one.share.hi:.0f}]" if one.share else ""
    return f"{one.name}: proposed as {one.state}, which no analyst confirmed; {one.reason}{bounds}"


def _left(parts: Sequence[PartSeen]) -> Iterator[str]:
    open_parts = [one for one in parts if not one.confirmed_by]
    if len(open_parts) < len(parts):
        sure = progress([_reading(one, one.confirmed_by) for one in parts])
        yield f"as confirmed, removal is at stage {sure.stage} ({STAGES[sure.stage]}); {sure.words}"
    if open_parts:
        every = progress([_reading(one, one.confirmed_by or "proposed") for one in parts])
        yield f"were all proposals confirmed, it would be at stage {every.stage} ({STAGES[every.stage]}); {every.words}"


def _out_of_turn(parts: Iterable[PartSeen]) -> Iterator[str]:
    """Parts that are gone before one that comes earlier in the order that was told."""
    turns = sorted((one for one in parts if one.order is not None), key=lambda one: one.order or 0)
    for n, late in enumerate(turns):
        earlier = [one.name for one in turns[:n] if one.state == "intact" and one.order != late.order]
        if late.state == "removed" and earlier:
            before = ", ".join(earlier)
            yield f"{late.name} is told as removed while {before}, which comes before it, stands: look again"
