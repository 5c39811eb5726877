"""The looks that an analyst's word on the parts of a structure makes: what a commitment is tested by."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import get_args

from sitewatch.records import Look, Observation, PartSeen, Pass, Probability, Result, Retraction, View
from sitewatch.records.observations import State

STATES: tuple[State, ...] = get_args(State)
_PLAIN = re.compile(r"\W+")


def observable(part: str, state: str) -> str:
    """What a look at a part in one state is for: "west wall", "partly removed" is "west_wall_partly_removed"."""
    return _PLAIN.sub("_", f"{part} {state}".casefold()).strip("_")


def part_looks(
    observation: Observation, part: PartSeen, look: Look, passed: Pass, p_detect: Probability | None,
    p_false: Probability | None,
) -> Iterator[Look]:  # fmt: skip
    """The looks of one confirmed part: its state is seen, and the others are not.

    Args:
        observation: of the structure.
        part: confirmed.
        look: that the observation rests on.
        passed: the later image.
        p_detect: P(seen | it is so).
        p_false: P(seen | it is not so).
    """
    able = part.state != "not assessable"
    for state in (state for state in STATES if state != "not assessable"):
        result = (Result.SEEN if state == part.state else Result.NOT_SEEN) if able else Result.NOT_ASSESSABLE
        yield Look(
            available_at=observation.available_at,
            site=observation.site,
            observable=observable(part.name, state),
            result=result,
            when=look.when,
            by="analyst",
            pass_id=passed.id,
            image=passed.id[:12],
            provider=passed.provider,
            publisher=str(part.confirmed_by),
            resolution_m=look.resolution_m,
            p_detect=p_detect if able else None,
            p_false=p_false if able else None,
            reason=part.reason,
            note=f"{part.name} of {observation.what.partition(':')[0]}: {part.state}",
        )


def words_on(observation: Observation, view: View, reason: str) -> list[Retraction]:
    """A retraction for each look that an analyst's word on an observation's parts made."""
    asked = {observable(part.name, state) for part in observation.parts for state in STATES}
    passes = {look.pass_id for look in view.every(Look) if look.id in observation.looks}
    return [
        Retraction(supersedes=look.id, reason=reason)
        for look in view.of(Look)
        if look.by == "analyst" and look.row is None and look.site == observation.site
        if look.pass_id in passes and look.observable in asked
    ]  # fmt: skip
