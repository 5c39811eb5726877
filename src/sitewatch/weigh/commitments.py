"""Pledges as tests: what the looks make of a commitment's observables, and how far it has come."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from sitewatch.records import (
    Alert,
    Assumptions,
    Commitment,
    Finding,
    FindingWord,
    Form,
    Look,
    Probability,
    Result,
    State,
    Step,
    Test,
    View,
    When,
    day_end,
)

Progress = Literal[0, 1, 2, 3]

STAGES: dict[Progress, str] = {0: "not begun", 1: "begun", 2: "well under way", 3: "done"}


def find(
    commitment: Commitment, view: View, assumptions: Assumptions, *, evidence_head: str, engine: str, config: str
) -> Finding:
    """Hold a commitment against the dated looks of a view.

    Only a look whose power reaches `commitment.min_power`, and that was surely taken after the pledge, can test it. The
    monitor's looks have the power of its watch, and see a change only once an alert is more than possible.

    Args:
        commitment: the clause with its steps, and what would reverse or contradict it.
        view: the records that count, such as those available by one day.
        assumptions: give the power of the monitor where it was not measured.
        evidence_head: chain hash of the last record that is not itself a judgement.
        engine: name and version of the software.
        config: SHA-256 of the case file.
    """
    dossier = _sorted_looks(commitment, view, assumptions.monitor_detect)
    progress, finding, why = _judge(commitment, dossier)
    known = [look.available_at for look in (*dossier.before, *dossier.all_after) if look.available_at]
    return Finding(
        available_at=max([*known, commitment.available_at]) if commitment.available_at else None,
        commitment=commitment.slug,
        finding=finding,
        progress=progress,
        why=why,
        tests=tuple(_tests(commitment, dossier)),
        caveats=tuple(_caveats(commitment, dossier)),
        evidence_head=evidence_head,
        engine=engine,
        config=config,
    )


@dataclass
class _Dossier:
    """The site's looks at a commitment's observables, by what they can say."""

    monitor: Probability
    """Power of the monitor's watch, where a look of its does not state one."""
    seen: list[Look] = field(default_factory=list)
    """Seen after the pledge, with power."""
    missing: list[Look] = field(default_factory=list)
    """Not seen after the pledge, with power."""
    weak: list[Look] = field(default_factory=list)
    """Seen or not seen after the pledge, with too little power or none stated."""
    blind: list[Look] = field(default_factory=list)
    """After the pledge, but could not see."""
    before: list[Look] = field(default_factory=list)
    """Seen, with power, before the pledge was made."""
    unplaced: list[Look] = field(default_factory=list)
    """Seen, with power, on a day that may lie on either side of the pledge."""
    undated: list[Look] = field(default_factory=list)
    """Published on no known day."""

    def power(self, look: Look) -> Probability | None:
        """The power of a look; that of its watch for a look of the monitor."""
        return look.p_detect or (self.monitor if look.by == "monitor" else None)

    @property
    def all_after(self) -> list[Look]:
        return [*self.seen, *self.missing, *self.weak, *self.blind]


def _sorted_looks(commitment: Commitment, view: View, monitor: Probability) -> _Dossier:
    """Put each look that bears on the commitment where it belongs, in the order of their days."""
    wanted = {name for name, _ in _observables(commitment)}
    looks = [k for k in view.of(Look) if k.site == commitment.site and k.observable in wanted]
    alerts = [a for a in view.of(Alert) if a.site == commitment.site]
    told = any(a.state in (State.PROBABLE, State.CONFIRMED, State.ENDED) for a in alerts)
    pending = not told and any(a.state is State.POSSIBLE for a in alerts)
    dossier, made = _Dossier(monitor), commitment.made.earliest or commitment.made.latest
    for look in sorted(looks, key=lambda k: (str(k.when.earliest or k.when.latest), k.id)):
        power = dossier.power(look)
        able = power is not None and power.best >= commitment.min_power and not (look.by == "monitor" and pending)
        _pile(look, dossier, made, able=able).append(look)
    return dossier


def _pile(look: Look, dossier: _Dossier, made: datetime | None, *, able: bool) -> list[Look]:
    """The list of the dossier that takes a look; `able` looks have the power that the test needs."""
    if look.available_at is None:
        return dossier.undated
    if made and (look.when.earliest is None or look.when.earliest < made):
        early = dossier.before if look.when.latest and look.when.latest < made else dossier.unplaced
        return early if able and look.result is Result.SEEN else []  # nothing to say of the rest
    if look.result not in (Result.SEEN, Result.NOT_SEEN):
        return dossier.blind
    if not able:
        return dossier.weak
    return dossier.seen if look.result is Result.SEEN else dossier.missing


def _judge(commitment: Commitment, dossier: _Dossier) -> tuple[Progress, FindingWord, str]:
    """The rule: how far it came, what the looks make of it, and why."""
    steps = {name for step in commitment.steps for name in (*step.any_of, *step.all_of)}
    seen = {k.observable for k in dossier.seen}
    progress: Progress = max((s.progress for s in commitment.steps if _reached(s, seen)), default=0)
    done = [k for k in dossier.seen if k.observable in steps]
    undone = _later(done, [k for k in dossier.seen if k.observable in commitment.reversed_by])
    against = [k for k in dossier.seen if k.observable in commitment.contradicted_by]
    if commitment.not_assessable:
        return 0, FindingWord.NOT_ASSESSABLE, _sentence(commitment.not_assessable)
    if progress and undone:
        told = f"It had come to “{STAGES[progress]}” ({_told(done)}); since then: {_told(undone)}."
        return progress, FindingWord.REVERSED, told
    if against:
        return progress, FindingWord.NOT_CONSISTENT, f"Seen since the pledge, and against it: {_told(against)}."
    overdue = _overdue(commitment, dossier)
    if overdue:
        told = f"It was to be done by {commitment.deadline}, and was not there to see after it: {_told(overdue)}."
        return progress, FindingWord.NOT_CONSISTENT, told
    if progress:
        return progress, FindingWord.CONSISTENT, f"Seen since the pledge: {_told(done)}."
    return 0, *_nothing_reached(commitment, dossier)


def _nothing_reached(commitment: Commitment, dossier: _Dossier) -> tuple[FindingWord, str]:
    """The finding where no step was reached and nothing speaks against it."""
    if dossier.seen:
        return FindingWord.INDETERMINATE, f"Seen, but not enough for a first step: {_told(dossier.seen)}."
    if dossier.missing:
        return FindingWord.INDETERMINATE, f"Looked for in time and not seen: {_told(dossier.missing)}."
    if dossier.weak:
        need = f"{commitment.min_power:.0%}"
        return FindingWord.INDETERMINATE, f"No look had the power of {need} that the test needs: {_told(dossier.weak)}."
    if dossier.blind:
        return FindingWord.NOT_ASSESSABLE, f"No look since the pledge could see: {_told(dossier.blind)}."
    return FindingWord.NOT_ASSESSABLE, "No dated look since the pledge bears on it."


def _reached(step: Step, seen: Collection[str]) -> bool:
    """A step is reached by one of `any_of`, or by all of `all_of`."""
    return any(o in seen for o in step.any_of) or (bool(step.all_of) and all(o in seen for o in step.all_of))


def _missed(step: Step, absent: Collection[str]) -> bool:
    """A step is missed when neither way to reach it stays open: every one of `any_of` and one of `all_of` is absent."""
    ways = [all(o in absent for o in step.any_of)] if step.any_of else []
    ways += [any(o in absent for o in step.all_of)] if step.all_of else []
    return bool(ways) and all(ways)


def _overdue(commitment: Commitment, dossier: _Dossier) -> list[Look]:
    """Looks after the deadline that show the first or the last step missing; none where that is not shown."""
    if commitment.deadline is None:
        return []
    end = day_end(commitment.deadline)
    seen = {k.observable for k in dossier.seen}
    late = [k for k in dossier.missing if k.when.earliest and k.when.earliest > end and k.observable not in seen]
    absent = {k.observable for k in late}
    ends = sorted(commitment.steps, key=lambda s: s.progress)[:: max(1, len(commitment.steps) - 1)]
    return late if any(_missed(step, absent) for step in ends) else []


def _later(done: Sequence[Look], undone: Iterable[Look]) -> list[Look]:
    """Looks that surely come after the last look that showed progress."""
    marks = [k.when.latest or k.when.earliest for k in done]
    last = max((m for m in marks if m), default=None)
    return [k for k in undone if last is None or (k.when.earliest is not None and k.when.earliest > last)]


def _observables(commitment: Commitment) -> list[tuple[str, Progress]]:
    """Each observable with the step it belongs to, the first where it stands in several; 0 for the counter-signs."""
    found: dict[str, Progress] = {}
    for step in sorted(commitment.steps, key=lambda s: s.progress):
        for name in (*step.any_of, *step.all_of):
            found.setdefault(name, step.progress)
    for name in (*commitment.reversed_by, *commitment.contradicted_by):
        found.setdefault(name, 0)
    return list(found.items())


def _tests(commitment: Commitment, dossier: _Dossier) -> Iterable[Test]:
    """One test for each observable: what the looks that count make of it."""
    for name, progress in _observables(commitment):
        piles = ((Result.SEEN, dossier.seen), (Result.NOT_SEEN, dossier.missing), (Result.OBSCURED, dossier.blind))
        found = [(result, looks) for result, pile in piles if (looks := [k for k in pile if k.observable == name])]
        result, looks = found[0] if found else (Result.NOT_ASSESSABLE, [])
        looks = looks or [k for k in dossier.weak if k.observable == name]
        yield Test(
            observable=name,
            progress=progress,
            result=result,
            when=looks[0].when if result is Result.SEEN else None,
            power=_best_power(dossier, looks),
            looks=tuple(k.id for k in dossier.all_after if k.observable == name),
        )


def _best_power(dossier: _Dossier, looks: Iterable[Look]) -> Probability | None:
    powers = [power for k in looks if (power := dossier.power(k))]
    return max(powers, key=lambda p: p.best, default=None)


def _caveats(commitment: Commitment, dossier: _Dossier) -> Iterable[str]:
    """What must be said each time, whatever the finding."""
    if not commitment.names_site:
        yield "The clause names no site."
    if not commitment.confirmed_by_obligor:
        yield "The obligor never confirmed it."
    if commitment.form is Form.REPORTED_BY_OTHER_PARTY:
        yield "The pledge is known only as the other party reported it."
    if commitment.conditions:
        yield f"It was made on conditions: {'; '.join(c.rstrip('.') for c in commitment.conditions)}."
    if dossier.before:
        yield f"Already seen before the pledge, so it counts for no progress: {_told(dossier.before)}."
    if dossier.unplaced:
        yield f"Taken perhaps before the pledge, so it counts for no progress: {_told(dossier.unplaced)}."
    if dossier.undated:
        yield f"Published on no known day and so left out: {_told(dossier.undated)}."


def _told(looks: Sequence[Look]) -> str:
    """Looks as a sentence tells them: what, when, by whom; each observable of a publisher and day once, a watch as one."""
    lines = [f"{_name(k)} ({k.when}, {k.publisher})" for k in looks if k.by == "analyst"]
    watched: dict[str, list[Look]] = {}
    for look in looks:
        if look.by == "monitor":
            watched.setdefault(look.observable, []).append(look)
    for seen in watched.values():
        span = When(earliest=seen[0].when.earliest, latest=seen[-1].when.latest)
        lines.append(f"{_name(seen[0])} ({span}, {len(seen)} passes, {seen[0].publisher})")
    return ", ".join(dict.fromkeys(lines))


def _name(look: Look) -> str:
    return look.observable.replace("_", " ")


def _sentence(text: str) -> str:
    return text.rstrip(". ") + "."
