"""Pledges as tests: what the looks make of a commitment's observables, and how far it has come."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sitewatch.records import (
    Assumptions,
    Commitment,
    Finding,
    FindingWord,
    Form,
    Look,
    Probability,
    Result,
    Step,
    Test,
    View,
    day_end,
)
from sitewatch.weigh.dossier import Dossier, Progress, observables, sorted_looks

STAGES: dict[Progress, str] = {0: "not begun", 1: "begun", 2: "well under way", 3: "done"}


def find(
    commitment: Commitment, view: View, assumptions: Assumptions, *, evidence_head: str, engine: str, config: str
) -> Finding:
    """Hold a commitment against the dated looks of a view.

    Only a look whose power reaches `commitment.min_power`, and that was surely taken after the pledge, can test it. The
    monitor's passes are one finding with the power of its watch: seen from the onset of an alert that is more than
    possible, else not seen, and nothing while an alert is only possible.

    Args:
        commitment: the clause with its steps, and what would reverse or contradict it.
        view: the records that count, such as those available by one day.
        assumptions: give the power of the monitor where it was not measured.
        evidence_head: chain hash of the last record that is not itself a judgement.
        engine: name and version of the software.
        config: SHA-256 of the case file.
    """
    dossier = sorted_looks(commitment, view, assumptions.monitor_detect)
    progress, finding, why = _judge(commitment, dossier)
    known = [look.available_at for look in (*dossier.before, *dossier.all_after) if look.available_at]
    if any(k.of_watch for k in dossier.all_after):
        known += [one.available_at for one in dossier.measured if one.available_at]
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


def _judge(commitment: Commitment, dossier: Dossier) -> tuple[Progress, FindingWord, str]:
    """The rule: how far it came, what the looks make of it, and why."""
    steps = {name for step in commitment.steps for name in (*step.any_of, *step.all_of)}
    seen = {k.observable for k in dossier.seen}
    progress: Progress = max((s.progress for s in commitment.steps if _reached(s, seen)), default=0)
    done = [k for k in dossier.seen if k.observable in steps]
    undone = _later(dossier, done, [k for k in dossier.seen if k.observable in commitment.reversed_by])
    against = [k for k in dossier.seen if k.observable in commitment.contradicted_by]
    if commitment.not_assessable:
        return 0, FindingWord.NOT_ASSESSABLE, _sentence(commitment.not_assessable)
    if progress and undone:
        told = f"It had come to “{STAGES[progress]}” ({dossier.told(done)}); since then: {dossier.told(undone)}."
        return progress, FindingWord.REVERSED, told
    if against:
        return progress, FindingWord.NOT_CONSISTENT, f"Seen since the pledge, and against it: {dossier.told(against)}."
    overdue = _overdue(commitment, dossier)
    if overdue:
        told = (
            f"It was to be done by {commitment.deadline}, and was not there to see after it: {dossier.told(overdue)}."
        )
        return progress, FindingWord.NOT_CONSISTENT, told
    if progress:
        return progress, FindingWord.CONSISTENT, f"Seen since the pledge: {dossier.told(done)}."
    return 0, *_nothing_reached(commitment, dossier)


def _nothing_reached(commitment: Commitment, dossier: Dossier) -> tuple[FindingWord, str]:
    """The finding where no step was reached and nothing speaks against it."""
    if dossier.seen:
        return FindingWord.INDETERMINATE, f"Seen, but not enough for a first step: {dossier.told(dossier.seen)}."
    if dossier.missing:
        return FindingWord.INDETERMINATE, f"Looked for in time and not seen: {dossier.told(dossier.missing)}."
    if dossier.waiting:
        told = f"An alert is pending; it counts once two further clear looks agree: {dossier.told(dossier.waiting)}."
        return FindingWord.INDETERMINATE, told
    if dossier.weak:
        told = f"No look had the power of {commitment.min_power:.0%} that the test needs: {dossier.told(dossier.weak)}."
        return FindingWord.INDETERMINATE, told
    if dossier.blind:
        return FindingWord.NOT_ASSESSABLE, f"No look since the pledge could see: {dossier.told(dossier.blind)}."
    return FindingWord.NOT_ASSESSABLE, "No dated look since the pledge bears on it."


def _reached(step: Step, seen: Collection[str]) -> bool:
    """A step is reached by one of `any_of`, or by all of `all_of`."""
    return any(o in seen for o in step.any_of) or (bool(step.all_of) and all(o in seen for o in step.all_of))


def _missed(step: Step, absent: Collection[str]) -> bool:
    """A step is missed when neither way to reach it stays open: every one of `any_of` and one of `all_of` is absent."""
    ways = [all(o in absent for o in step.any_of)] if step.any_of else []
    ways += [any(o in absent for o in step.all_of)] if step.all_of else []
    return bool(ways) and all(ways)


def _overdue(commitment: Commitment, dossier: Dossier) -> list[Look]:
    """Looks after the deadline that show the first or the last step missing; none where that is not shown."""
    if commitment.deadline is None:
        return []
    end = day_end(commitment.deadline)
    seen = {k.observable for k in dossier.seen}
    late = [k for k in dossier.missing if k.when.earliest and k.when.earliest > end and k.observable not in seen]
    absent = {k.observable for k in late}
    ends = sorted(commitment.steps, key=lambda s: s.progress)[:: max(1, len(commitment.steps) - 1)]
    return late if any(_missed(step, absent) for step in ends) else []


def _later(dossier: Dossier, done: Iterable[Look], undone: Iterable[Look]) -> list[Look]:
    """Looks that surely come after the last look that showed progress; an alert comes once, with its onset."""
    marks = [came.latest or came.earliest for came in map(dossier.came, done)]
    last = max((m for m in marks if m), default=None)
    return [k for k in undone if last is None or ((first := dossier.came(k).earliest) is not None and first > last)]


def _tests(commitment: Commitment, dossier: Dossier) -> Iterable[Test]:
    """One test for each observable: what the looks that count make of it."""
    for name, progress in observables(commitment):
        piles = ((Result.SEEN, dossier.seen), (Result.NOT_SEEN, dossier.missing), (Result.OBSCURED, dossier.blind))
        found = [(result, looks) for result, pile in piles if (looks := [k for k in pile if k.observable == name])]
        result, looks = found[0] if found else (Result.NOT_ASSESSABLE, [])
        looks = looks or [k for k in (*dossier.weak, *dossier.waiting) if k.observable == name]
        yield Test(
            observable=name,
            progress=progress,
            result=result,
            when=looks[0].when if result is Result.SEEN else None,
            power=_best_power(dossier, looks),
            looks=tuple(k.id for k in dossier.all_after if k.observable == name),
        )


def _best_power(dossier: Dossier, looks: Iterable[Look]) -> Probability | None:
    powers = [power for k in looks if (power := dossier.power(k))]
    return max(powers, key=lambda p: p.best, default=None)


def _caveats(commitment: Commitment, dossier: Dossier) -> Iterable[str]:
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
        yield f"Already seen before the pledge, so it counts for no progress: {dossier.told(dossier.before)}."
    if dossier.unplaced:
        yield f"Taken perhaps before the pledge, so it counts for no progress: {dossier.told(dossier.unplaced)}."
    if dossier.undated:
        yield f"Published on no known day and so left out: {dossier.told(dossier.undated)}."


def _sentence(text: str) -> str:
    return text.rstrip(". ") + "."
