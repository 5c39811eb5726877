"""The parts of a structure: proposed by the comparison, confirmed by an analyst, and told as progress."""

from __future__ import annotations

import numpy as np
import pytest

from sitewatch.errors import InputError
from sitewatch.look.structures import (
    Comparison,
    Part,
    PartKind,
    PartState,
    Reading,
    Stage,
    compare_arrays,
    confirm,
    progress,
    propose,
    told,
)  # fmt: skip
from tests.look.structures.scenes import AFTER, BEFORE, GONE, NEW, STANDING

OFF, PARTLY, STANDS = PartState.REMOVED, PartState.PARTLY_REMOVED, PartState.INTACT
UNKNOWN = PartState.NOT_ASSESSABLE


@pytest.fixture(scope="module")
def found() -> Comparison:
    return compare_arrays(BEFORE, AFTER, (0.5, 0.5))


def ring(top: float, left: float, height: float, width: float) -> tuple[tuple[float, float], ...]:
    return ((left, top), (left + width, top), (left + width, top + height), (left, top + height))


def state(found: Comparison, outline: tuple[tuple[float, float], ...]) -> PartState:
    return propose([Part("roof", PartKind.ROOF, outline)], found)[0].state


def test_the_state_follows_what_is_told_inside_the_outline(found: Comparison) -> None:
    top, left, height, width = GONE
    assert state(found, ring(*GONE)) is OFF
    assert state(found, ring(top, left - width, height, 2 * width)) is PARTLY
    assert state(found, ring(*STANDING[0])) is STANDS
    assert state(found, ring(*NEW)) is STANDS  # a new structure is no removal


def test_what_cannot_be_seen_or_is_too_small_is_not_assessable(found: Comparison) -> None:
    assert state(found, ring(100, 60, 6, 6)) is UNKNOWN
    assert state(found, ()) is UNKNOWN
    seen = np.ones(BEFORE.shape[1:], bool)
    seen[GONE[0] : GONE[0] + GONE[2] // 2] = False
    half = compare_arrays(BEFORE, AFTER, (0.5, 0.5), seen=(seen, seen))
    reading = propose([Part("roof", PartKind.ROOF, ring(*GONE))], half)[0]
    assert reading.state is UNKNOWN
    assert "seen on both days" in reading.reason


@pytest.mark.parametrize("outline", [((0, 0), (9, 9)), ((0, 0), (40, 40), (40, 0), (0, 40)), ring(900, 900, 30, 30)])
def test_an_outline_that_is_none_is_refused(found: Comparison, outline: tuple[tuple[float, float], ...]) -> None:
    with pytest.raises(InputError, match="part roof"):
        state(found, outline)


def test_a_proposal_counts_for_nothing_until_an_analyst_confirms_it(found: Comparison) -> None:
    proposed = propose([Part("roof", PartKind.ROOF, ring(*GONE))], found)
    before = progress(proposed)
    assert (before.stage, before.at_most) == (Stage.NOT_BEGUN, Stage.RAZED)
    assert before.words == "not assessable: roof"
    after = progress([confirm(proposed[0], "A. Analyst")])
    assert (after.stage, after.at_most, after.words) == (Stage.RAZED, Stage.RAZED, "removed: roof")


def test_overruling_needs_a_reason_and_a_name() -> None:
    proposed = Reading(Part("roof", PartKind.ROOF), OFF, "90% of its ground")
    with pytest.raises(InputError, match="give the reason"):
        confirm(proposed, "A. Analyst", STANDS)
    with pytest.raises(InputError, match="name who"):
        confirm(proposed, " ")
    overruled = confirm(proposed, "A. Analyst", STANDS, "a tarpaulin")
    assert (overruled.state, overruled.reason, overruled.analyst) == (STANDS, "a tarpaulin", "A. Analyst")


def readings(**states: PartState) -> list[Reading]:
    return [told(Part(name, PartKind(name.rstrip("2")), ()), one, "A. Analyst", "seen") for name, one in states.items()]


@pytest.mark.parametrize(
    ("states", "stage", "at_most"),
    [
        ({"roof": STANDS, "walls": STANDS, "foundations": STANDS}, 0, 0),
        ({"roof": PARTLY, "walls": STANDS, "base": STANDS, "foundations": STANDS}, 1, 1),
        ({"roof": OFF, "walls": PARTLY, "base": PARTLY, "tanks": PARTLY, "foundations": STANDS}, 2, 2),
        ({"roof": OFF, "walls": OFF, "base": OFF, "tanks": OFF, "foundations": STANDS}, 3, 3),
        ({"roof": OFF, "walls": OFF, "base": PARTLY, "foundations": OFF}, 2, 2),
        ({"roof": OFF, "walls": UNKNOWN, "base": UNKNOWN, "foundations": STANDS}, 1, 3),
        ({"roof": UNKNOWN, "walls": UNKNOWN, "foundations": OFF}, 0, 3),
        ({"roof": OFF, "walls": OFF, "base": UNKNOWN}, 2, 3),
    ],
)
def test_progress_never_goes_beyond_what_is_assessed(states: dict[str, PartState], stage: int, at_most: int) -> None:
    got = progress(readings(**states))
    assert (got.stage, got.at_most) == (stage, at_most)


def test_the_words_tell_what_is_left_standing() -> None:
    got = progress(readings(roof=OFF, walls=PARTLY, base=UNKNOWN, foundations=STANDS))
    assert got.words == "removed: roof; partly standing: walls; standing: foundations; not assessable: base"


def test_parts_that_make_no_structure_are_refused() -> None:
    with pytest.raises(InputError, match="more than once"):
        progress(readings(roof=OFF) * 2)
    with pytest.raises(InputError, match="nothing above the foundations"):
        progress(readings(foundations=OFF))
