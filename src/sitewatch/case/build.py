"""Build the records of a case from its tables, once nothing in them is wrong."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from importlib.resources import files as package_files
from typing import Any, get_args

from sitewatch.case import numbers
from sitewatch.case.asked import AssumptionsTable, CommitmentTable, HypothesisTable, IndicatorTable, QuestionTable
from sitewatch.case.fields import Letter
from sitewatch.case.files import Files
from sitewatch.case.model import Hotspots, Link, Roads, VehicleKind
from sitewatch.case.values import STATED
from sitewatch.case.written import (
    CaseTable,
    CatalogueTable,
    HotspotsTable,
    LooksTable,
    OutletTable,
    ReportTable,
    SiteTable,
    VehicleKindTable,
)
from sitewatch.records import (
    OTHER,
    Assumptions,
    Catalogue,
    Commitment,
    Grade,
    Hypothesis,
    Indicator,
    Intake,
    Look,
    Probability,
    Question,
    Site,
    Source,
    When,
    day_end,
)

_OTHER_TEXT = "None of these explanations."
_OTHER_TRUE_IF = "Nothing that is named for the others came true."
_OTHER_LIKELIHOOD = Probability(
    lo=0.05, best=0.5, hi=0.95, origin="default: nothing is assumed of what other explanations would show"
)


def build(case: CaseTable, files: Files) -> dict[str, Any]:
    """The fields of a `Case` that come from its tables."""
    return {
        "title": case.title,
        "about": case.about,
        "sites": tuple(_site(site, files.fences.get(number, ())) for number, site in enumerate(case.sites)),
        "catalogues": tuple(_catalogue(catalogue, case.sites) for catalogue in case.catalogues),
        "hotspots": tuple(_hotspots(one, case.sites) for one in case.hotspots),
        "roads": tuple(Roads(**one.model_dump()) for one in case.roads),
        "vehicle_kinds": tuple(_kind(kind) for kind in case.vehicle_kinds),
        "sources": tuple(_source(outlet) for outlet in case.outlets),
        "intakes": tuple(_intake(report) for report in case.reports),
        "looks": tuple(look for number, table in enumerate(case.looks) for look in _looks(table, files.looks[number])),
        "questions": tuple(_question(question) for question in case.questions),
        "commitments": tuple(_commitment(commitment) for commitment in case.commitments),
        "declarations": numbers.declarations(case.declarations),
        "estimates": numbers.estimates(case.counts),
        "balances": numbers.balances(case.balances),
        "tallies": numbers.tallies(case.tallies),
        "links": tuple(Link(link.child, link.parent, link.relation, link.why) for link in case.links),
        "assumptions": assume(case.assumptions),
    }


def assume(own: AssumptionsTable | None = None) -> Assumptions:
    """The assumptions of a case: its own where it states one, else those of `assumptions.toml`."""
    text = (package_files("sitewatch.case") / "assumptions.toml").read_text(encoding="utf-8")
    defaults = AssumptionsTable.model_validate(tomllib.loads(text))
    own = own or AssumptionsTable()
    merged: dict[str, Any] = {
        name: getattr(defaults if getattr(own, name) is None else own, name) for name in AssumptionsTable.model_fields
    }
    for name in ("hit", "false"):
        merged[name] = {
            letter: {**getattr(defaults, name), **getattr(own, name)}[letter] for letter in get_args(Letter)
        }
    return Assumptions(**merged)


def _site(site: SiteTable, from_file: tuple[tuple[float, float], ...]) -> Site:
    return Site(**site.model_dump(exclude={"id", "fence", "fence_file"}), slug=site.id, fence=site.fence or from_file)


def _catalogue(catalogue: CatalogueTable, sites: Iterable[SiteTable]) -> Catalogue:
    return Catalogue(
        **catalogue.model_dump(exclude={"id", "sites"}), slug=catalogue.id, sites=catalogue.sites or _fenced(sites)
    )


def _hotspots(table: HotspotsTable, sites: Iterable[SiteTable]) -> Hotspots:
    paths = (table.table,) if table.table else table.tables or ()
    return Hotspots(**{**table.model_dump(exclude={"table"}), "tables": paths, "sites": table.sites or _fenced(sites)})


def _kind(kind: VehicleKindTable) -> VehicleKind:
    return VehicleKind(kind.name, kind.length.model_copy(update={"origin": kind.why}))


def _fenced(sites: Iterable[SiteTable]) -> tuple[str, ...]:
    """Ids of the sites that have a fence."""
    return tuple(site.id for site in sites if site.fence or site.fence_file)


def _source(outlet: OutletTable) -> Source:
    grades = [Grade(since=grade.since, letter=grade.letter, why=grade.why) for grade in outlet.grades]
    if outlet.grade:
        grades = [Grade(letter=outlet.grade, why=STATED)]
    return Source(slug=outlet.id, name=outlet.name, owner=outlet.owner, grades=tuple(grades), credits=outlet.credits)


def _intake(report: ReportTable) -> Intake:
    (form, where), *_ = ((form, where) for form, where in report.model_dump(exclude={"outlet"}).items() if where)
    return Intake(form=form, where=where, outlet=report.outlet)


def _looks(table: LooksTable, rows: Iterable[Look]) -> Iterator[Look]:
    """The looks of a table, with the case's stated powers where a row leaves its own blank."""
    stated = {"p_detect": table.p_detect, "p_false": table.p_false}
    origin = f"the case's stated default for {table.table}"
    default = {
        name: power.model_copy(update={"origin": origin if power.origin == STATED else f"{origin}: {power.origin}"})
        for name, power in stated.items()
        if power
    }
    for look in rows:
        blank = {name: power for name, power in default.items() if getattr(look, name) is None}
        yield look.model_copy(update=blank)


def _question(question: QuestionTable) -> Question:
    hypotheses = [Hypothesis(id=h.id, text=h.text, true_if=_settled(question, h)) for h in question.hypotheses]
    if OTHER not in {hypothesis.id for hypothesis in hypotheses}:
        hypotheses.append(Hypothesis(id=OTHER, text=_OTHER_TEXT, true_if=_settled(question)))
    return Question(
        slug=question.id,
        text=question.text,
        site=question.site,
        hypotheses=tuple(hypotheses),
        indicators=tuple(_indicator(indicator) for indicator in question.indicators),
        next_looks=question.next_looks,
        resolves=question.resolves,
    )


def _settled(question: QuestionTable, hypothesis: HypothesisTable | None = None) -> str | None:
    """What would count as a hypothesis being true; where none of the named ones is, the rest of them is."""
    if question.resolves is None:
        return None
    return (hypothesis.true_if if hypothesis else None) or _OTHER_TRUE_IF


def _indicator(indicator: IndicatorTable) -> Indicator:
    return Indicator(
        id=indicator.id,
        text=indicator.text,
        likelihood={**indicator.likelihood, OTHER: indicator.likelihood.get(OTHER, _OTHER_LIKELIHOOD)},
        why=indicator.why,
        observables=indicator.observables,
        terms=tuple(tuple(term.lower().split()) for term in indicator.terms),
        group=indicator.group,
    )


def _commitment(commitment: CommitmentTable) -> Commitment:
    return Commitment(
        **commitment.model_dump(exclude={"id", "made", "available"}),
        slug=commitment.id,
        made=When.of(commitment.made),
        available_at=day_end(commitment.available or commitment.made),
    )
