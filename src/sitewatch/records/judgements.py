"""Records of what the evidence is asked and what it answers: questions, commitments, assessments, findings, briefs."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import ClassVar, Literal

from pydantic import Field

from sitewatch.records.base import Probability, Record, Sha256, Slug, Value, When
from sitewatch.records.looks import Result

OTHER = "other"
"""The hypothesis that none of the named ones is true; every question has it."""


class Hypothesis(Value):
    """One of the rival explanations."""

    id: Slug
    text: str
    true_if: str | None = None
    """What would count as its being true; None where the question has no day on which it is settled."""


class Indicator(Value):
    """Something that would be seen or said, with how likely it is under each hypothesis."""

    id: Slug
    text: str
    likelihood: dict[str, Probability]
    """P(indicator | hypothesis), by the hypothesis's id; every hypothesis of the question has one."""
    why: str
    observables: tuple[str, ...] = ()
    """Looks that bear on it: their observable is one of these."""
    terms: tuple[tuple[str, ...], ...] = ()
    """Claims that bear on it: the quote holds every word of one of these groups (lower case, by word beginnings)."""
    group: str | None = None
    """Indicators of one group rest on the same object in the same look; only the strongest counts."""


class Terms(Value):
    """By what a question is settled: from which day on, and what would count as each hypothesis being true."""

    resolves: date
    true_if: dict[str, str]
    """Sentences by the hypothesis's id."""


class Question(Record):
    """What is asked about one site, with exhaustive rival hypotheses."""

    kind: ClassVar[str] = "question"
    timeless: ClassVar[bool] = True
    slug: Slug
    text: str
    site: Slug
    hypotheses: tuple[Hypothesis, ...]
    indicators: tuple[Indicator, ...]
    next_looks: tuple[str, ...] = ()
    """Ids of indicators that a further look could settle."""
    resolves: date | None = None
    """The day from which it can be told which hypothesis is true; None for a question that no day settles."""

    @property
    def terms(self) -> Terms | None:
        """By what it is settled; None where no day settles it."""
        if self.resolves is None:
            return None
        return Terms(resolves=self.resolves, true_if={h.id: h.true_if or "" for h in self.hypotheses})


class Form(StrEnum):
    """What kind of promise a commitment is."""

    LEGALLY_BINDING = "legally binding"
    POLITICALLY_BINDING = "politically binding"
    UNILATERAL = "unilateral"
    ORAL = "oral"
    REPORTED_BY_OTHER_PARTY = "reported by the other party"


class Step(Value):
    """What must be seen for a commitment to have come so far."""

    progress: Literal[1, 2, 3]
    """1 begun, 2 well under way, 3 done."""
    any_of: tuple[str, ...] = ()
    """Observables of which one is enough."""
    all_of: tuple[str, ...] = ()
    """Observables that are all needed."""


class Commitment(Record):
    """A pledge as a test: the clause, who made it and how, and what would show that it is kept or reversed."""

    kind: ClassVar[str] = "commitment"
    slug: Slug
    clause: str
    """The words, as reported."""
    obligor: str
    form: Form
    made: When
    confirmed_by_obligor: bool
    names_site: bool
    """False when the clause itself does not say which place it means."""
    site: Slug
    conditions: tuple[str, ...] = ()
    deadline: date | None = None
    steps: tuple[Step, ...]
    reversed_by: tuple[str, ...] = ()
    """Observables that show the undone thing being built again."""
    contradicted_by: tuple[str, ...] = ()
    """Observables that show the opposite of what was pledged."""
    min_power: float = Field(default=0.5, ge=0, le=1)
    """A test whose power is below this says nothing."""
    not_assessable: str | None = None
    """Why no look from above could test it; None where one can."""


class Assumptions(Value):
    """Numbers that nobody measured, in one place, each with its reason in `origin`."""

    hit: dict[str, Probability]
    """h = P(report | true) by source grade A to F."""
    false: dict[str, Probability]
    """f = P(report | not true) by source grade A to F."""
    shared: Probability
    """rho: that two roots which share an image or an official are one report."""
    visible: Probability
    """c: that the thing, if there, is not hidden from all looks at once."""
    monitor_detect: Probability
    """Power of the monitor over a watch, where it was not measured at the site."""
    monitor_false: Probability
    """False alarm over a watch, where it was not measured at the site."""
    samples: int = Field(default=4000, ge=100, le=1_000_000)
    seed: int = 0


class FindingWord(StrEnum):
    """What the looks say of a commitment."""

    CONSISTENT = "consistent"
    NOT_CONSISTENT = "not consistent"
    INDETERMINATE = "indeterminate"
    NOT_ASSESSABLE = "not assessable"
    REVERSED = "reversed"


class Test(Value):
    """One observable of a commitment and what the looks made of it."""

    observable: str
    progress: Literal[0, 1, 2, 3]
    """The step it belongs to; 0 for a reversal or a contradiction."""
    result: Result
    when: When | None
    """When it was seen; None where it was not."""
    power: Probability | None
    looks: tuple[Sha256, ...]


class Finding(Record):
    """What the looks say of one commitment."""

    kind: ClassVar[str] = "finding"
    commitment: Slug
    finding: FindingWord
    progress: Literal[0, 1, 2, 3]
    """0 not begun, 1 begun, 2 well under way, 3 done; after a reversal, how far it had come."""
    why: str
    tests: tuple[Test, ...]
    caveats: tuple[str, ...]
    """What must be said beside the finding each time."""
    evidence_head: Sha256
    engine: str
    config: Sha256


class Ratio(Value):
    """By how much the evidence favours one hypothesis over another."""

    first: str
    second: str
    best: float = Field(gt=0)
    """P(evidence | first) / P(evidence | second), at the best values."""
    lo: float = Field(gt=0)
    """5 % point of the seeded draws."""
    hi: float = Field(gt=0)
    """95 % point of the seeded draws."""
    corner_lo: float = Field(gt=0)
    """Outer bound, each input at its least favourable extreme."""
    corner_hi: float = Field(gt=0)
    naive: float = Field(gt=0)
    """What multiplying one ratio per report would have given: shown to be wrong, never used."""
    cannot_tell: bool
    """True under 3 dB, or when the order flips inside the range."""


class Driver(Value):
    """What one indicator contributes."""

    indicator: str
    status: Literal["reported", "denied", "seen", "not seen", "mixed", "no evidence", "in a group"]
    log_likelihood: dict[str, float]
    """Natural logarithm of P(evidence | hypothesis), up to a constant."""
    roots: int
    """Independent roots behind it."""
    reports: int
    """Items that tell it, copies included."""
    looks: tuple[Sha256, ...]
    claims: tuple[Sha256, ...]
    why: str


class Posterior(Value):
    """What the evidence makes of one prior."""

    prior: dict[str, float]
    posterior: dict[str, Probability]
    """5 %, best and 95 % by hypothesis."""


class LeaveOut(Value):
    """The ratio of the two leading hypotheses without one part of the evidence."""

    without: str
    best: float = Field(gt=0)
    flips: bool
    """True when the order of the two turns round."""
    leaves_nothing: bool = False
    """True when without it the ratio is within 0.2 dB of 1: nothing is left that tells the two apart."""


class NextLook(Value):
    """A look that would teach most."""

    indicator: str
    gain_bits: float = Field(ge=0)
    """Expected gain over equal priors."""
    text: str


class Assessment(Record):
    """The answer to one question from the evidence of one state of the ledger."""

    kind: ClassVar[str] = "assessment"
    question: Slug
    ratios: tuple[Ratio, ...]
    posteriors: tuple[Posterior, ...]
    drivers: tuple[Driver, ...]
    leave_out: tuple[LeaveOut, ...]
    next_looks: tuple[NextLook, ...]
    cannot_tell: tuple[str, ...]
    """Sentences: what this evidence cannot tell apart, and what was left out of it."""
    evidence_head: Sha256
    """Chain hash of the last record that is not itself a judgement."""
    engine: str
    config: Sha256
    """SHA-256 of the case file."""
    seed: int
    samples: int


class Brief(Record):
    """A brief that was told."""

    kind: ClassVar[str] = "brief"
    page: Sha256
    """Blob of the HTML page."""
    data: Sha256
    """Blob of the same as JSON."""
    head: Sha256
    """Chain hash of the last record before it that is no brief, as printed in it: everything it was told from."""
    evidence: tuple[str, ...] = ()
    """One line for each judgement it gave, so that the next brief can say what changed."""
