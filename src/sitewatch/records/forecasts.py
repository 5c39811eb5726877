"""Records of what was forecast and what came true, and the scores that follow from both."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal

from pydantic import Field

from sitewatch.records.base import Record, Sha256, Slug, Value
from sitewatch.records.judgements import Posterior, Terms

Verdict = Literal["too few to tell", "as often as said", "overconfident", "underconfident"]


class Forecast(Record):
    """The probabilities that one weighing printed for a question that will be settled.

    None is ever superseded: each day's forecast stands as it was made. `available_at` is the moment of the weighing.
    """

    kind: ClassVar[str] = "forecast"
    question: Slug
    made: date
    """The day of the weighing, UTC; it lies before the day from which the question can be settled."""
    terms: Terms
    """By what the question is to be settled, as the case had it on that day."""
    rows: tuple[Posterior, ...]
    """What was printed: a row for each prior of the grid."""
    assessment: Sha256

    @property
    def even(self) -> dict[str, float]:
        """The best values of the row that starts from equal priors, by hypothesis; the one that is scored."""
        row = next(row for row in self.rows if max(row.prior.values()) - min(row.prior.values()) < 1e-9)
        return {hypothesis: p.best for hypothesis, p in row.posterior.items()}


class Resolution(Record):
    """Which hypothesis of a question came true, on what evidence and by whose word."""

    kind: ClassVar[str] = "resolution"
    question: Slug
    hypothesis: str
    on: date
    """The day on which the evidence showed it."""
    evidence: str = Field(min_length=1)
    by: str = Field(min_length=1)
    """Who resolved it."""
    terms: Terms
    """By what the question was settled, as the case had it then."""
    reason: str | None = None
    """Why it takes the place of an earlier resolution; None for the first."""


class Murphy(Value):
    """The Brier score in parts: score = reliability - resolution + uncertainty + within."""

    reliability: float
    """Mean square of what was said against what happened, over the bands; 0 is best."""
    resolution: float
    """How far the bands differ in what happened; more is better."""
    uncertainty: float
    """How far the events themselves were open: share x (1 - share)."""
    within: float
    """What the bands hide: spread of the forecasts inside a band."""


class BandScore(Value):
    """One band of the scale: what was said, and how often it happened."""

    word: str
    """The band's word; "below 1 %" and "above 99 %" beyond the scale."""
    lo: int
    hi: int
    questions: int
    """Resolved questions with a forecast in the band; forecasts of one question are no independent trials."""
    said: float
    """Mean probability."""
    happened: float
    """Share that came true."""
    share_lo: float
    """5 % point of the share, from a flat prior."""
    share_hi: float
    needed: int
    """Questions that it takes to tell the mean from one that is ten points away."""
    verdict: Verdict


class ScoredQuestion(Value):
    """One resolved question."""

    question: Slug
    resolution: Sha256
    hypothesis: str
    """What came true."""
    forecasts: int
    """Days with a forecast on the same terms; the last of each day counts."""
    other_terms: int
    """Forecasts that were made on terms which the case has changed since: they are not scored."""
    brier: float | None
    """Mean over its days and hypotheses; None where nothing is scored."""
    log: float | None
    """Mean over its days of -ln of the probability, clipped, that the true one was given."""
    last: dict[str, float]
    """The last forecast, by hypothesis."""


class Scores(Value):
    """How good the forecasts were, over all questions that are resolved; each question weighs the same."""

    questions: tuple[ScoredQuestion, ...]
    """Every resolved one, also those without a forecast."""
    scored: int
    """Resolved questions that have a forecast."""
    brier: float | None = None
    """0 is best, 1 worst."""
    brier_even: float | None = None
    """What equal chances for all hypotheses would have scored."""
    log: float | None = None
    """0 is best, in nats."""
    log_even: float | None = None
    murphy: Murphy | None = None
    bands: tuple[BandScore, ...] = ()
    needed: int
    """Resolved questions that it takes to tell .70 from .80."""
    enough: bool
