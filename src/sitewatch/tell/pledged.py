"""Commitments: the clause, what kind of promise it is, what the looks say of it, and what must be said each time."""

from __future__ import annotations

from collections.abc import Sequence

from sitewatch.errors import LedgerError
from sitewatch.records import Commitment, Finding, FindingWord, Look, Result, Test, View, When
from sitewatch.tell.cite import Citations, Json
from sitewatch.tell.wording import day, iso, joined, legible, per_cent, spelled, when

PROGRESS = ("not begun", "begun", "well under way", "done")
"""What the numbers 0 to 3 of progress mean."""

_KIND = {0: "would reverse or contradict it", 1: "begun", 2: "well under way", 3: "done"}
_RESULT = {
    Result.SEEN: "seen",
    Result.NOT_SEEN: "not seen",
    Result.OBSCURED: "obscured",
    Result.NOT_ASSESSABLE: "not assessable",
}


def commitments(findings: Sequence[Finding], view: View, cites: Citations) -> list[Json]:
    """One entry per finding, in order.

    Raises:
        LedgerError: a finding is about a commitment that is not among the records.
    """
    pledges = {c.slug: c for c in view.of(Commitment)}
    told = []
    for finding in findings:
        if finding.commitment not in pledges:
            raise LedgerError(
                f'the finding {finding.id} is about the commitment "{finding.commitment}", which is not among the '
                "records shown; weigh the case again"
            )
        told.append(_commitment(finding, pledges[finding.commitment], cites))
    return told


def _commitment(finding: Finding, pledge: Commitment, cites: Citations) -> Json:
    return {
        "id": finding.id,
        "slug": pledge.slug,
        "anchor": f"commitment-{pledge.slug}",
        "clause": legible(pledge.clause),
        "obligor": legible(pledge.obligor),
        "form": pledge.form.value,
        "made": when(pledge.made),
        "confirmed_by_obligor": pledge.confirmed_by_obligor,
        "names_site": pledge.names_site,
        "site": pledge.site,
        "conditions": [legible(c) for c in pledge.conditions],
        "deadline": iso(pledge.deadline),
        "deadline_says": day(pledge.deadline) if pledge.deadline else "none given",
        "finding": finding.finding.value,
        "progress": finding.progress,
        "progress_says": _progress(finding),
        "why": legible(finding.why),
        "caveats": [legible(c) for c in finding.caveats],
        "tests": [_test(t, cites) for t in finding.tests],
        "min_power": pledge.min_power,
        "evidence_head": finding.evidence_head,
        "engine": finding.engine,
    }


_TELLING = (Result.SEEN, Result.NOT_SEEN)


def _progress(finding: Finding) -> str:
    if finding.finding is FindingWord.REVERSED:
        return f"had come to {finding.progress} of 3 ({PROGRESS[finding.progress]}) before it was reversed"
    if finding.progress == 0 and not any(t.progress and t.result in _TELLING for t in finding.tests):
        return "not known, since no look could tell"
    return f"{finding.progress} of 3: {PROGRESS[finding.progress]}"


def _test(test: Test, cites: Citations) -> Json:
    return {
        "observable": test.observable,
        "text": spelled(test.observable),
        "progress": test.progress,
        "kind": _KIND[test.progress],
        "result": test.result.value,
        "says": _RESULT[test.result],
        "when": _when(test, cites),
        "power": per_cent(test.power) if test.looks else "no look",
        "looks": cites.looks(test.looks),
    }


_FEW = 3
"""Days that are listed one by one."""


def _when(test: Test, cites: Citations) -> str | None:
    """When it was seen; where that begins on no known day, the days of the looks behind it."""
    if test.when and test.when.earliest:
        return when(test.when)
    looks = sorted((cites.find(Look, id).when for id in test.looks), key=lambda w: (w.earliest is None, str(w)))
    days = list(dict.fromkeys(when(span) for span in looks))
    if len(days) <= _FEW:
        return joined(days) or (when(test.when) if test.when else None)
    ends = [edge for span in looks for edge in (span.earliest, span.latest) if edge]
    return f"{when(When(earliest=min(ends), latest=max(ends)))}, {len(looks)} looks"
