"""Forecasts: what a weighing said of questions that a day will settle, how they are resolved, and what that scores."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from sitewatch.errors import InputError
from sitewatch.records import Assessment, Forecast, Question, Resolution, Scores, Terms, View, day_end
from sitewatch.verbs.outcome import Outcome
from sitewatch.weigh.forecasts import forecast
from sitewatch.weigh.scores import score

if TYPE_CHECKING:
    from sitewatch.verbs.bench import Bench


@dataclass(frozen=True)
class Verdict:
    """How a question came out, as the analyst says it."""

    question: str
    hypothesis: str
    on: date
    """The day on which the evidence showed it."""
    evidence: str
    by: str
    """Who says so."""
    replace: str | None = None
    """Why it takes the place of an earlier resolution."""


def keep_forecasts(bench: Bench, outcome: Outcome) -> None:
    """Record what the standing assessments forecast today; a day's forecast that says the same is recorded once."""
    now, view = bench.clock(), bench.ledger.view()
    assessments = {a.question: a for a in view.of(Assessment)}
    settled = {r.question for r in view.of(Resolution)}
    open_ = [q for q in bench.case.questions if q.slug in assessments and q.slug not in settled]
    made = [forecast(question, assessments[question.slug], now) for question in open_]
    bench.add(_new([one for one in made if one], view), outcome)
    outcome.notes += _due(bench, open_, now)


def _new(made: Iterable[Forecast], view: View) -> list[Forecast]:
    """Those that the last forecast of their question and day does not say already."""
    last = {(f.question, f.made): f for f in view.of(Forecast)}
    return [one for one in made if _said(last.get((one.question, one.made))) != _said(one)]


def _said(one: Forecast | None) -> object:
    return (one.terms, one.rows) if one else None


def _due(bench: Bench, questions: Iterable[Question], now: datetime) -> list[str]:
    return [
        f"question {q.slug}: the day that settles it, {q.resolves}, has come; when it is known what came true: "
        f"sitewatch resolve {bench.case.folder} {q.slug} --as HYPOTHESIS --on DATE --evidence TEXT --by NAME"
        for q in questions
        if q.resolves and q.resolves <= now.date()
    ]


def resolve(bench: Bench, verdict: Verdict) -> Outcome:
    """Record which hypothesis of a question came true; saying the same again records nothing.

    Raises:
        InputError: there is no such question or hypothesis, nothing says by what it is settled, the day is too early or
            has not come, the evidence or the name is missing, or it was resolved otherwise.
    """
    outcome, now, view = Outcome("resolve"), bench.clock(), bench.ledger.view()
    question = _question(bench, verdict.question)
    terms = _checked(bench, question, verdict, now)
    standing = next((r for r in view.of(Resolution) if r.question == question.slug), None)
    found = Resolution(
        available_at=min(day_end(verdict.on), now),
        supersedes=standing.id if standing else None,
        question=question.slug,
        hypothesis=verdict.hypothesis,
        on=verdict.on,
        evidence=verdict.evidence.strip(),
        by=verdict.by.strip(),
        terms=terms,
        reason=verdict.replace.strip() if verdict.replace is not None else None,
    )
    if standing and _told(standing) == _told(found):
        return outcome
    _replaces(standing, verdict)
    bench.add([found], outcome)
    return outcome


def _checked(bench: Bench, question: Question, verdict: Verdict, now: datetime) -> Terms:
    """By what the question is settled, once nothing of what is said of it is wrong."""
    known = [h.id for h in question.hypotheses]
    if question.terms is None:
        raise InputError(
            f"{bench.case.file}: questions[{question.slug}].resolves: found nothing; right would be the day from which "
            "it can be told, and `true_if` for each hypothesis: without them nothing says what would count"
        )
    if verdict.hypothesis not in known:
        raise InputError(f"--as: found {verdict.hypothesis!r}; right would be {_meant(verdict.hypothesis, known)}")
    if verdict.on > now.date():
        raise InputError(f"--on: found {verdict.on}, which has not come; right would be a day up to {now.date()}")
    texts = {"--evidence": verdict.evidence, "--by": verdict.by, "--replace": verdict.replace}
    means = {"--evidence": "what shows it: a report, an image, a record", "--by": "who resolves it"}
    for option, text in texts.items():
        if text is not None and not text.strip():
            raise InputError(f"{option}: found nothing; right would be {means.get(option, 'the reason for it')}")
    return question.terms


def _replaces(standing: Resolution | None, verdict: Verdict) -> None:
    if standing is None and verdict.replace is not None:
        raise InputError(f"--replace: question {verdict.question} is not resolved yet; leave the option out")
    if standing is not None and verdict.replace is None:
        raise InputError(
            f"question {verdict.question} was resolved as {standing.hypothesis!r}, shown on {standing.on}, by "
            f"{standing.by}; to take its place, give the reason: --replace REASON"
        )


def _told(one: Resolution) -> object:
    return one.hypothesis, one.on, one.evidence, one.by, one.terms


def _question(bench: Bench, slug: str) -> Question:
    known = {q.slug: q for q in bench.case.questions}
    if slug not in known:
        raise InputError(f"{bench.case.file}: questions: found no {slug!r}; right would be {_meant(slug, list(known))}")
    return known[slug]


def _meant(word: str, known: list[str]) -> str:
    near = difflib.get_close_matches(word, known, n=1)
    return repr(near[0]) if near else f"one of {', '.join(known) or '(the case asks none)'}"


def scores(bench: Bench) -> Scores:
    """How good the forecasts of a case were, over its resolved questions."""
    return score(bench.ledger.view())
