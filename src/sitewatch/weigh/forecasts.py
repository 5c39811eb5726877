"""Forecasts: what a weighing printed of a question that will be settled, kept as it was on its day."""

from __future__ import annotations

from datetime import datetime

from sitewatch.records import Assessment, Forecast, Question


def forecast(question: Question, assessment: Assessment, now: datetime) -> Forecast | None:
    """The forecast that an assessment makes; None where no day settles the question, or that day has come.

    On the day from which a question can be settled its answer may be public, and a probability is no forecast any more.

    Args:
        question: as the case has it.
        assessment: its answer, weighed at `now` from what was known by then.
        now: an aware moment; its day in UTC is the forecast's.
    """
    terms = question.terms
    if terms is None or now.date() >= terms.resolves:
        return None
    return Forecast(
        available_at=now,
        question=question.slug,
        made=now.date(),
        terms=terms,
        rows=assessment.posteriors,
        assessment=assessment.id,
    )
