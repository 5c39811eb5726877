"""The tables of what is asked, what was promised, and what is assumed."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from sitewatch.case.fields import Day, Letter, Many, Stated, Text, Written, not_before, unfit
from sitewatch.records import Form
from sitewatch.records.base import Slug


class HypothesisTable(Written):
    """[[questions.hypotheses]]."""

    id: Slug
    """a short name of lower-case letters, digits, hyphens and underscores"""
    text: Text
    """the explanation, as a sentence"""
    true_if: Text | None = None
    """a sentence: what would count as its being true, once the question's day `resolves` has come"""


class IndicatorTable(Written):
    """[[questions.indicators]]."""

    id: Slug
    """a short name of lower-case letters, digits, hyphens and underscores"""
    text: Text
    """what would be seen or said, as text"""
    why: Text
    """the reason for the likelihoods, as text"""
    likelihood: dict[str, Stated]
    """one line `likelihood.HYPOTHESIS = [low, best, high]` for each hypothesis"""
    observables: Many[Text] = ()
    """a list of observables of looks; "change" is the monitor's own"""
    terms: Many[Text] = ()
    """a list of words that a claim must hold, such as ["covered trailer"]"""
    group: Text | None = None
    """a name that indicators of the same object in the same look share"""


class QuestionTable(Written):
    """[[questions]]."""

    id: Slug
    """a short name of lower-case letters, digits, hyphens and underscores"""
    text: Text
    """the question, as a sentence"""
    site: Slug
    """the id of the site that it is about"""
    hypotheses: Many[HypothesisTable]
    """two or more tables [[questions.hypotheses]] with id and text"""
    indicators: Many[IndicatorTable] = Field(min_length=1)
    """one or more tables [[questions.indicators]]"""
    next_looks: Many[Slug] = ()
    """a list of ids of indicators that a further look could settle"""
    resolves: Day | None = None
    """the day from which it can be told which hypothesis is true, such as 2027-03-31"""


class StepTable(Written):
    """[[commitments.steps]]."""

    progress: Literal[1, 2, 3]
    """1 (begun), 2 (well under way) or 3 (done)"""
    any_of: Many[Text] = ()
    """a list of observables of which one is enough"""
    all_of: Annotated[Many[Text], Field(validate_default=True)] = ()
    """a list of observables that are all needed"""

    @field_validator("all_of")
    @classmethod
    def _asks_something(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if not value and info.data.get("any_of") == ():
            raise unfit("a step that asks for nothing", "observables in `any_of`, in `all_of`, or in both")
        return value


class CommitmentTable(Written):
    """[[commitments]]."""

    id: Slug
    """a short name of lower-case letters, digits, hyphens and underscores"""
    clause: Text
    """the words of the pledge as reported"""
    obligor: Text
    """who is bound by it, as text"""
    form: Annotated[Form, Field(strict=False)]
    """one of these forms: legally binding, politically binding, unilateral, oral, reported by the other party"""
    made: Day
    """the day on which it was made, such as 2018-06-12"""
    available: Day | None = None
    """the day on which the public could know it; the day it was made when it is left out"""
    confirmed_by_obligor: bool
    """true or false: has the one who is bound ever confirmed it?"""
    names_site: bool
    """true or false: does the clause itself say which place it means?"""
    site: Slug
    """the id of the site at which it is tested"""
    conditions: Many[Text] = ()
    """a list of what the pledge hangs on"""
    deadline: Day | None = None
    """the last day for it to be done"""
    min_power: float = Field(default=0.5, ge=0, le=1)
    """a number from 0 to 1: a test whose power is below it says nothing"""
    steps: Many[StepTable] = ()
    """tables [[commitments.steps]] with progress, and any_of or all_of; none for a ban, see `contradicted_by`"""
    reversed_by: Many[Text] = ()
    """a list of observables that show it undone again"""
    contradicted_by: Many[Text] = ()
    """a list of observables that show the opposite"""
    not_assessable: Annotated[Text | None, Field(validate_default=True)] = None
    """the reason why no look from above could test it, as text"""

    @field_validator("available", "deadline")
    @classmethod
    def _after_made(cls, value: date | None, info: ValidationInfo) -> date | None:
        return not_before(value, info.data.get("made"), "made")

    @field_validator("reversed_by", "contradicted_by")
    @classmethod
    def _no_two_things(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        done = {name for step in info.data.get("steps") or () for name in (*step.any_of, *step.all_of)}
        undone = set() if info.field_name == "reversed_by" else set(info.data.get("reversed_by") or ())
        for others, where in ((done, "`steps`"), (undone, "`reversed_by`")):
            if both := [name for name in value if name in others]:
                raise unfit(f"{', '.join(both)}, which stands in {where} too", "observables that show one thing alone")
        return value

    @field_validator("not_assessable")
    @classmethod
    def _testable(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None and info.data.get("steps") == info.data.get("contradicted_by") == ():
            raise unfit(
                "no steps",
                "[[commitments.steps]] to test it by, `contradicted_by` for a ban, with what must not be seen, "
                "or `not_assessable` with the reason",
            )
        return value


class AssumptionsTable(Written):
    """[assumptions], here and in the package's own defaults."""

    hit: dict[Letter, Stated] = Field(default_factory=dict)
    """[low, best, high] of P(report | true) by letter, A to F"""
    false: dict[Letter, Stated] = Field(default_factory=dict)
    """[low, best, high] of P(report | not true) by letter, A to F"""
    shared: Stated | None = None
    """[low, best, high] that roots which share an image or an official are one report"""
    visible: Stated | None = None
    """[low, best, high] that a thing, if there, is not hidden from all looks at once"""
    monitor_detect: Stated | None = None
    """[low, best, high] of the monitor's power where it was not measured"""
    monitor_false: Stated | None = None
    """[low, best, high] of the monitor's false alarms where they were not measured"""
    samples: int | None = Field(default=None, ge=100, le=1_000_000)
    """a whole number of draws, 100 to 1000000"""
    seed: int | None = Field(default=None, ge=0, lt=2**53)
    """a whole number from 0 up"""
