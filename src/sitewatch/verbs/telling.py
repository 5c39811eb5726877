"""Weigh and tell: judgements are drawn from what is known, and told."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sitewatch.errors import InputError
from sitewatch.records import Assessment, Brief, Estimate, Finding, Item, Look, Question, Reckoning, View, day_end
from sitewatch.tell import Page, brief, latest_evidence
from sitewatch.verbs.covering import covered
from sitewatch.verbs.files import write_whole
from sitewatch.verbs.forecasting import keep_forecasts
from sitewatch.verbs.outcome import Outcome
from sitewatch.weigh import assess, curve, find, reckon, say, score, unmet

if TYPE_CHECKING:
    from sitewatch.verbs.bench import Bench


def weigh(bench: Bench) -> Outcome:
    """Answer every question and test every commitment from what is known by now."""
    outcome = Outcome("weigh")
    view = bench.ledger.view(bench.clock())
    outcome.notes += unmet(bench.case.questions, bench.case.commitments, bench.ledger.view())
    bench.keep([*_assessments(bench, view), *_findings(bench, view), *_reckonings(bench, view)], outcome)
    keep_forecasts(bench, outcome)
    return outcome


def tell(bench: Bench) -> Outcome:
    """Write brief.html and brief.json into the case folder.

    Raises:
        InputError: the evidence or the case has changed since it was weighed.
    """
    outcome = Outcome("tell")
    view, judged = bench.ledger.view(bench.clock()), bench.ledger.view()
    assessments, findings = _current(bench, judged)
    reckonings = _current_reckonings(bench, judged, view)
    told_from = bench.ledger.told_head
    earlier = [b for b in judged.of(Brief) if b.head != told_from]
    page = _page(bench, view, assessments, findings, reckonings, previous=earlier[-1] if earlier else None)
    _write(bench.case.folder / "brief", page, outcome)
    known = [r.available_at for r in (*assessments, *findings, *reckonings) if r.available_at]
    told = Brief(
        available_at=max(known, default=None),
        page=bench.ledger.put(page.html.encode()),
        data=bench.ledger.put(as_json(page)),
        evidence=page.evidence,
        head=told_from,
    )
    bench.add([told], outcome)
    return outcome


def asof(bench: Bench, day: date) -> Outcome:
    """Write the brief as it would have stood at the end of a day, UTC; nothing is recorded."""
    outcome = Outcome("asof")
    view = bench.ledger.view(day_end(day))
    judged = _assessments(bench, view), _findings(bench, view), _reckonings(bench, view)
    page = _page(bench, view, *judged, day=day)
    _write(bench.case.folder / "asof" / str(day), page, outcome)
    return outcome


def _current(bench: Bench, judged: View) -> tuple[list[Assessment], list[Finding]]:
    """The judgements of every question and commitment, all of the evidence and the case as they are now."""
    assessments = {a.question: a for a in judged.of(Assessment)}
    findings = {f.commitment: f for f in judged.of(Finding)}
    now = (bench.ledger.evidence_head, bench.case.config)
    known = bench.ledger.view(bench.clock())
    pledged = [c for c in bench.case.commitments if _is_known(c.available_at, known)]
    wanted = [*(assessments.get(q.slug) for q in bench.case.questions), *(findings.get(c.slug) for c in pledged)]
    if any(one is None or (one.evidence_head, one.config) != now for one in wanted):
        raise _stale(bench)
    return [assessments[q.slug] for q in bench.case.questions], [findings[c.slug] for c in pledged]


def _current_reckonings(bench: Bench, judged: View, known: View) -> list[Reckoning]:
    """The reckonings of all that is declared, counted, balanced and tallied by now."""
    held = {(r.found.form, r.slug): r for r in judged.of(Reckoning)}
    wanted = _reckonings(bench, known)
    current = [one for r in wanted if (one := held.get((r.found.form, r.slug))) and _says_the_same(one, r)]
    if len(current) < len(wanted):
        raise _stale(bench)
    return current


def _says_the_same(one: Reckoning, other: Reckoning) -> bool:
    return (one.found, one.evidence_head, one.config) == (other.found, other.evidence_head, other.config)


def _stale(bench: Bench) -> InputError:
    return InputError(
        f"{bench.case.folder}: what is known, or the case, has changed since it was weighed; "
        f"run: sitewatch weigh {bench.case.folder}"
    )


def _provenance(bench: Bench) -> dict[str, str]:
    from sitewatch.verbs.bench import ENGINE

    return {"evidence_head": bench.ledger.evidence_head, "engine": ENGINE, "config": bench.case.config}


def _assessments(bench: Bench, view: View) -> list[Assessment]:
    return assessed(bench, view, bench.case.questions)


def assessed(bench: Bench, view: View, questions: Iterable[Question]) -> list[Assessment]:
    """The answers to some of the case's questions from what a view holds; nothing is recorded."""
    given = _provenance(bench)
    return [assess(question, view, bench.case.assumptions, **given) for question in questions]


def _findings(bench: Bench, view: View) -> list[Finding]:
    given = _provenance(bench)
    pledged = [c for c in bench.case.commitments if _is_known(c.available_at, view)]
    return [find(commitment, view, bench.case.assumptions, **given) for commitment in pledged]


def _reckonings(bench: Bench, view: View) -> list[Reckoning]:
    return reckon(view, **_provenance(bench))


def _page(
    bench: Bench,
    view: View,
    assessments: list[Assessment],
    findings: list[Finding],
    reckonings: list[Reckoning],
    *,
    day: date | None = None,
    previous: Brief | None = None,
) -> Page:
    case, given = bench.case, _provenance(bench)
    return brief(
        view,
        title=case.title,
        about=case.about or "",
        case_file=case.file.name,
        config=case.config,
        engine=given["engine"],
        assessments=assessments,
        findings=findings,
        reckonings=reckonings,
        curves=[curve(question, view, case.assumptions) for question in case.questions],
        blob=bench.ledger.get,
        say=say,
        as_of=day,
        previous=previous,
        head=bench.ledger.told_head,
        assumptions=case.assumptions,
        held_back=_undated(bench.ledger.view()),
        coverage=covered(view, day or latest_evidence(view)),
        scores=score(view),
    )


def _undated(view: View) -> list[Look | Item | Estimate]:
    """Looks, items and counts that nobody dates: they count on no day, and the brief says so."""
    held: tuple[Look | Item | Estimate, ...] = (*view.of(Look), *view.of(Item), *view.of(Estimate))
    return [record for record in held if record.available_at is None]


def _is_known(available_at: datetime | None, view: View) -> bool:
    return view.until is None or (available_at is not None and available_at <= view.until)


def as_json(page: Page) -> bytes:
    """A page's data as the file holds them."""
    return (json.dumps(page.data, indent=1, ensure_ascii=False) + "\n").encode()


def _write(stem: Path, page: Page, outcome: Outcome) -> None:
    """Write a page and its data beside each other."""
    for suffix, data in ((".html", page.html.encode()), (".json", as_json(page))):
        path = stem.with_name(stem.name + suffix)
        write_whole(path, data)
        outcome.files.append(path)
