"""How an answer moved from day to day; made anew from the records each time, and never kept among them."""

from __future__ import annotations

from datetime import date
from typing import Literal

from sitewatch.records.base import Sha256, Slug, Value
from sitewatch.records.judgements import Ratio


class Cause(Value):
    """One thing that became known on a day and bears on the question."""

    kind: Literal["report", "look", "watch", "tie"]
    """A report with its claims; an analyst's look; what the monitor told that day; what ties two earlier reports."""
    ids: tuple[Sha256, ...]
    """The item, the look, the looks, alerts and measurements of the monitor, or the lineage."""
    moved: dict[str, float]
    """Natural logarithm of P(evidence | hypothesis) with it over without it alone, up to what all hypotheses share."""


class CurveDay(Value):
    """One day that brought evidence."""

    day: date
    """UTC; the ratios are those of its end."""
    ratios: tuple[Ratio, ...]
    """Every pair of hypotheses, in the order of the question."""
    causes: tuple[Cause, ...]
    """What came that day; two that tell the same may each move nothing alone."""


class Curve(Value):
    """The ratios of one question over the days that brought evidence; before the first of them each ratio is 1."""

    question: Slug
    days: tuple[CurveDay, ...]
