"""The named parts of a structure: what became of each, who says so, and how far the structure is taken apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum

import numpy as np
from rasterio.features import geometry_mask
from rasterio.transform import Affine
from scipy.ndimage import binary_dilation, binary_erosion
from shapely.geometry import Polygon

from sitewatch.errors import InputError
from sitewatch.look.structures.pairs import Comparison

Ring = tuple[tuple[float, float], ...]
_PARTLY, _GONE = 0.2, 0.75
"""Shares of a part's ground that lost its structure, from which it is proposed as partly removed, and as removed."""
_ASSESSED = 0.7
"""Share of a part's ground that must be seen on both days."""
_FEWEST = 12
"""Working pixels below which a part is too small to be proposed."""
_MOSTLY = 0.5
"""Share of the parts above the foundations, a partly removed one counted half, from which removal is well under way."""


class PartKind(StrEnum):
    """What a part is."""

    ROOF = "roof"
    WALLS = "walls"
    BASE = "base"
    TANKS = "tanks"
    FOUNDATIONS = "foundations"
    OTHER = "other"
    """Anything else that stands above the foundations."""


class PartState(StrEnum):
    """What an image shows of a part."""

    INTACT = "intact"
    PARTLY_REMOVED = "partly removed"
    REMOVED = "removed"
    NOT_ASSESSABLE = "not assessable"


class Stage(IntEnum):
    """Progress of a removal."""

    NOT_BEGUN = 0
    BEGUN = 1
    WELL_UNDER_WAY = 2
    RAZED = 3
    """Nothing stands above the foundations."""


@dataclass(frozen=True)
class Part:
    """A named part of a structure."""

    name: str
    """In the analyst's words, such as "west wall"."""
    kind: PartKind
    outline: Ring = ()
    """Closed or open ring, x and y on the comparison's map; empty for a part that only an analyst judges."""


@dataclass(frozen=True)
class Reading:
    """The state of one part, as proposed by a comparison or told by an analyst."""

    part: Part
    state: PartState
    reason: str
    analyst: str | None = None
    """Who confirmed or set it; None for a mere proposal, which counts for nothing."""
    share: tuple[float, float, float] | None = None
    """Share of its seen ground that lost its structure, and the same with the edges of the regions told moved inwards
    and outwards by one working pixel: lowest, best, highest. None where it was not measured."""


@dataclass(frozen=True)
class Progress:
    """How far a structure is taken apart."""

    stage: Stage
    """What the assessed parts show; what was not assessed counts as standing."""
    at_most: Stage
    """What it would be if all that was not assessed were gone."""
    words: str
    """What is removed, what stands, and what nobody can tell."""


def propose(parts: Sequence[Part], comparison: Comparison) -> tuple[Reading, ...]:
    """Propose each part's state from what the comparison tells removed inside its outline.

    Raises:
        InputError: an outline is no polygon, or lies outside the images.
    """
    return tuple(_proposed(part, comparison) for part in parts)


def confirm(reading: Reading, analyst: str, state: PartState | None = None, reason: str | None = None) -> Reading:
    """A proposal as an analyst confirms it, or overrules it.

    Raises:
        InputError: no analyst is named, or a state is overruled without a reason.
    """
    if not analyst.strip():
        raise InputError(f"part {reading.part.name}: a state is confirmed by an analyst; name who it is")
    if state is not None and state is not reading.state and not reason:
        raise InputError(
            f"part {reading.part.name}: proposed is {reading.state}, the analyst says {state}; give the reason"
        )
    return replace(reading, state=state or reading.state, reason=reason or reading.reason, analyst=analyst)


def told(part: Part, state: PartState, analyst: str, reason: str) -> Reading:
    """A state that an analyst sets without a proposal.

    Raises:
        InputError: no analyst is named.
    """
    return confirm(Reading(part, state, reason), analyst)


def progress(readings: Sequence[Reading]) -> Progress:
    """Progress 0 to 3 from one confirmed reading of each part; a proposal that nobody confirmed is not assessed.

    0: everything assessed stands. 1: some part above the foundations is removed or partly so. 2: half of them or more.
    3: all of them, whatever remains of the foundations.

    Raises:
        InputError: no part, a part twice, or nothing above the foundations.
    """
    names = [reading.part.name for reading in readings]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise InputError(f"parts: {', '.join(twice)} is there more than once; give one reading of each part")
    upper = [reading for reading in readings if reading.part.kind is not PartKind.FOUNDATIONS]
    if not upper:
        raise InputError("parts: nothing above the foundations is named; name the roof, walls, base or tanks")
    states = {reading.part.name: _counted(reading) for reading in readings}
    above = [states[reading.part.name] for reading in upper]
    gone = [PartState.REMOVED if state is PartState.NOT_ASSESSABLE else state for state in above]
    return Progress(_stage(above), _stage(gone), _words(states))


def _counted(reading: Reading) -> PartState:
    return reading.state if reading.analyst else PartState.NOT_ASSESSABLE


def _stage(states: Sequence[PartState]) -> Stage:
    """Of the parts above the foundations; one that cannot be assessed counts as standing."""
    worth = {PartState.REMOVED: 1.0, PartState.PARTLY_REMOVED: 0.5}
    share = sum(worth.get(state, 0.0) for state in states) / len(states)
    if share == 1:
        return Stage.RAZED
    if share >= _MOSTLY:
        return Stage.WELL_UNDER_WAY
    return Stage.BEGUN if share else Stage.NOT_BEGUN


def _words(states: dict[str, PartState]) -> str:
    heads = (
        (PartState.REMOVED, "removed"),
        (PartState.PARTLY_REMOVED, "partly standing"),
        (PartState.INTACT, "standing"),
        (PartState.NOT_ASSESSABLE, "not assessable"),
    )
    groups = ((head, [name for name, one in states.items() if one is state]) for state, head in heads)
    return "; ".join(f"{head}: {', '.join(names)}" for head, names in groups if names)


def _proposed(part: Part, comparison: Comparison) -> Reading:
    if not part.outline:
        return Reading(part, PartState.NOT_ASSESSABLE, "the part has no outline; an analyst must judge it")
    polygon = Polygon(part.outline) if len(part.outline) > 2 else Polygon()
    if polygon.is_empty or not polygon.is_valid or not polygon.area > 0:
        raise InputError(f"part {part.name}: its outline is no polygon; give three corners or more that do not cross")
    inside = geometry_mask([polygon], comparison.seen.shape, Affine(*comparison.transform), invert=True)
    if not inside.any():
        raise InputError(
            f"part {part.name}: no pixel's middle lies inside its outline; give x and y in "
            f"{comparison.crs or 'pixels'}, x first, within the common ground of the images"
        )
    seen = inside & comparison.seen
    if inside.sum() < _FEWEST:
        area = _FEWEST * comparison.pixel_m**2
        return Reading(part, PartState.NOT_ASSESSABLE, f"smaller than the {area:.0f} m2 that these images can tell")
    if seen.sum() < _ASSESSED * inside.sum():
        return Reading(
            part, PartState.NOT_ASSESSABLE, f"only {100 * seen.sum() / inside.sum():.0f} % of it is seen on both days"
        )
    gone = (comparison.signed < 0) & (comparison.labels > 0)
    edges = binary_erosion(gone), gone, binary_dilation(gone)
    low, share, high = (float(np.mean(ground[seen])) for ground in edges)
    state = PartState.REMOVED if share >= _GONE else PartState.PARTLY_REMOVED if share >= _PARTLY else PartState.INTACT
    return Reading(
        part,
        state,
        f"{100 * share:.0f} % of its ground shows structure before and none after",
        share=(low, share, high),
    )
