"""An analyst's word on an observation: confirmed or rejected, and of a structure part by part."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sitewatch.errors import InputError
from sitewatch.records import Look, Observation, PartSeen, Pass, Probability, Record, Review, View
from sitewatch.records.observations import State
from sitewatch.tell.observed import lines
from sitewatch.verbs.outcome import Outcome
from sitewatch.verbs.part_looks import STATES, part_looks, words_on

if TYPE_CHECKING:
    from sitewatch.verbs.bench import Bench

_LEAST = 4
"""Digits of an id that are needed at least."""
_SHOWN = 12
"""Candidates that a message names."""
_ANEW = "the analyst's word on the parts was given anew"


def confirm(
    bench: Bench,
    wanted: str,
    *,
    by: str,
    reason: str,
    states: Sequence[str] = (),
    reject: bool = False,
    p_detect: Sequence[float] | None = None,
    p_false: Sequence[float] | None = None,
) -> Outcome:
    """Record that an analyst confirms an observation, or rejects it; the one before stays in the ledger.

    Of a structure, `states` confirm the parts that they name and leave the others as they are; without them every part
    is confirmed as proposed. Each confirmed part becomes an analyst's look at the later image, such as `roof_removed`,
    by which commitments are tested. The same word twice adds nothing.

    Args:
        bench: the opened case.
        wanted: how the observation's id begins.
        by: the analyst.
        reason: hers.
        states: PART=STATE each.
        reject: whether she rejects it.
        p_detect: lowest, best and highest probability that she would have seen the state, were it so; the power of the
            comparison at this pair where it is left out and was measured.
        p_false: the same of seeing it were it not so.

    Raises:
        InputError: the id is of no observation or of several, a name or reason is blank, or a state is wrong.
    """
    outcome = Outcome("confirm")
    for option, text in (("--by", by), ("--reason", reason)):
        if not text.strip():
            raise InputError(f"{option}: found nothing; an analyst's word has a name and a reason")
    powers = _power("--p-detect", p_detect, by), _power("--p-false", p_false, by)
    view = bench.ledger.view()
    found = _named(view, wanted)
    if (reject or not found.parts) and states:
        what = "a rejected observation has no states" if reject else f"{found.what} has no parts"
        raise InputError(f"--state: {what}; leave it out")
    if (reject or not found.parts) and any(powers):
        what = "a rejected observation has no power" if reject else f"{found.what} has no parts to see"
        raise InputError(f"--p-detect, --p-false: {what}; leave them out")
    now = bench.clock()
    told = _states(found, states) if states else {part.name: part.proposed for part in found.parts}
    said = _rejected(found, by, reason, now) if reject else _confirmed(found, told, by, reason, now)
    if found.review and _word(said) == _word(found) and not any(powers):
        outcome.notes.append(f"{wanted}: {found.review.verdict} by {found.review.by} already, with the same words")
        return outcome

    def new(view: View) -> Iterable[Record]:
        spoken = tuple(part for part in said.parts if part.name in told)
        looks = _looks(said, spoken, view, powers)
        yield said
        yield from looks
        places = {(look.observable, look.publisher) for look in looks}
        for back in words_on(said.model_copy(update={"parts": spoken}), view, _ANEW):
            old = view.get(Look, str(back.supersedes))
            if (old.observable, old.publisher) not in places:
                yield back

    kept = bench.keep(new, outcome)
    outcome.notes += _told(bench, kept)
    return outcome


def _power(option: str, told: Sequence[float] | None, by: str) -> Probability | None:
    if told is None:
        return None
    if len(told) != 3 or not 0 <= told[0] <= told[1] <= told[2] <= 1:
        raise InputError(
            f"{option}: found {', '.join(f'{one:g}' for one in told)}; right would be lowest, best and highest "
            "probability, such as 0.7,0.85,0.95"
        )
    return Probability(lo=told[0], best=told[1], hi=told[2], origin=f"stated by {by}")


def _named(view: View, wanted: str) -> Observation:
    """The observation whose id begins so."""
    every = view.of(Observation)
    right = re.fullmatch(rf"[0-9a-f]{{{_LEAST},64}}", wanted)
    found = [one for one in every if right and one.id.startswith(wanted)]
    if len(found) == 1:
        return found[0]
    candidates = found or [one for one in every if wanted and wanted in _after(one, view)] or list(every)
    shown = [f"{one.id[:12]} {one.site}: {one.what}, {one.when}" for one in candidates[:_SHOWN]]
    more = f" and {len(candidates) - _SHOWN} more" if len(candidates) > _SHOWN else ""
    what = "several observations" if found else "no observation that stands"
    listed = f"; there are: {'; '.join(shown)}{more}" if shown else "; the case holds none yet"
    raise InputError(
        f"OBSERVATION: found {wanted!r}, the beginning of {what}{listed}; right would be {_LEAST} digits or more of "
        "one id"
    )


def _after(one: Observation, view: View) -> set[str]:
    """Beginnings of the ids whose place an observation took."""
    before = {old.id: old.supersedes for old in view.every(Observation)}
    ids, at = set(), one.supersedes
    while at in before:
        ids.add(at)
        at = before[at]
    return {id[:n] for id in ids for n in range(_LEAST, 65)}


# --- The word


def _rejected(found: Observation, by: str, reason: str, now: datetime) -> Observation:
    parts = tuple(part.model_copy(update={"state": part.proposed, "confirmed_by": None}) for part in found.parts)
    return _reviewed(found, parts, Review(by=by, verdict="rejected", reason=reason, at=now), None)


def _confirmed(
    found: Observation, told: Mapping[str, State], by: str, reason: str, now: datetime
) -> Observation:  # fmt: skip
    update = {"confirmed_by": by, "reason": reason}
    parts = tuple(
        part.model_copy(update=update | {"state": told[part.name]}) if part.name in told else part
        for part in found.parts
    )
    return _reviewed(found, parts, Review(by=by, verdict="confirmed", reason=reason, at=now), by)


def _states(found: Observation, states: Sequence[str]) -> dict[str, State]:
    """The state of each part that was named."""
    names = {part.name.casefold(): part.name for part in found.parts}
    told: dict[str, State] = {}
    for one in states:
        name, _, state = (text.strip() for text in one.partition("="))
        plain = re.sub(r"[_\s-]+", " ", state.casefold())
        if name.casefold() not in names:
            raise InputError(
                f"--state: found {one!r}; {found.what.partition(':')[0]} has the parts {', '.join(names.values())}"
            )
        if plain not in STATES:
            raise InputError(f"--state: found {one!r}; right would be PART=STATE with one of {', '.join(STATES)}")
        if names[name.casefold()] in told:
            raise InputError(f"--state: {name} is told twice; give each part one state")
        told[names[name.casefold()]] = plain
    return told


def _reviewed(found: Observation, parts: tuple[PartSeen, ...], review: Review, by: str | None) -> Observation:
    """An observation with an analyst's word on it; the word was known no earlier than it was given."""
    update: dict[str, object] = {"parts": parts, "review": review, "confirmed_by": by, "recorded_at": None}
    if found.available_at:
        update["available_at"] = max(found.available_at, review.at)
    if parts:
        from sitewatch.verbs.structure_words import come_so_far

        update["value"], update["says"] = come_so_far(parts)
    return found.model_copy(update=update)


def _word(one: Observation) -> dict[str, object]:
    """What an observation says, but for the moment at which an analyst said it."""
    told = one.model_dump(exclude={"recorded_at", "supersedes", "available_at"})
    return told | {"review": {**told["review"], "at": None}}


# --- Looks


def _looks(
    said: Observation, spoken: Iterable[PartSeen], view: View, powers: tuple[Probability | None, Probability | None]
) -> list[Look]:
    """The looks of the parts of which an analyst spoke and that she confirmed."""
    look = next((k for k in view.of(Look) if k.id in said.looks and k.pass_id in view), None)
    if look is None:
        return []
    passed, able = view.get(Pass, str(look.pass_id)), powers[0] or look.p_detect
    confirmed = [part for part in spoken if part.confirmed_by]
    return [one for part in confirmed for one in part_looks(said, part, look, passed, able, powers[1])]


def _told(bench: Bench, kept: Iterable[Record]) -> list[str]:
    """What stands now, for the terminal."""
    names = {site.slug: site.name for site in bench.case.sites}
    notes: list[str] = []
    for one in kept:
        if isinstance(one, Observation) and one.review:
            notes += [f"{one.id[:12]} {line}" for line in lines(names.get(one.site, one.site), [one])]
            notes += [f"  {said}." for said in (*one.says, f"{one.review.verdict} by {one.review.by}")]
        elif isinstance(one, Look):
            weak = "" if one.p_detect else "; no power is stated for it, so it tests nothing: give --p-detect"
            notes.append(f"look: {one.observable}, {one.result.value.replace('_', ' ')}{weak}")
    return notes
