"""What stands behind the brief: sources with grades, records held back, assumptions, and how to recompute it."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from datetime import date

from sitewatch.records import (
    Alert,
    Assessment,
    Assumptions,
    Catalogue,
    Claim,
    Declaration,
    Estimate,
    Finding,
    Heat,
    HeatChange,
    Item,
    Look,
    Observation,
    Pass,
    Probability,
    Reckoning,
    Record,
    Relation,
    Source,
    View,
)
from sitewatch.tell.cite import Citations, Json, analyst_looks
from sitewatch.tell.heat import attributions
from sitewatch.tell.wording import day, legible, per_cent, spelled, when

_EVIDENCE: tuple[type[Record], ...] = (
    Alert, Declaration, Estimate, Heat, HeatChange, Item, Look, Observation, Pass,
)  # fmt: skip
_RATES = (
    ("monitor_detect", "a watch sees a change that is there, where its power was not measured at the site"),
    ("monitor_false", "a watch raises a false alarm, where the rate was not measured at the site"),
    ("shared", "two roots that share an image or an official are one report"),
    ("visible", "a thing that is there is not hidden from all looks at once"),
)


def latest_evidence(view: View) -> date | None:
    """The last day on which something became known that the view holds."""
    days = [r.available_at.date() for kind in _EVIDENCE for r in view.of(kind) if r.available_at]
    return max(days, default=None)


def sources(view: View, on: date | None) -> list[Json]:
    """Outlets with the grade that held on the brief's day, and how many of the reports are theirs."""
    held = [i.outlet for i in view.of(Item)]
    return [
        {
            "slug": s.slug,
            "name": legible(s.name),
            "owner": legible(s.owner),
            "grade": (grade := s.grade_on(on or date.max)).letter,
            "since": day(grade.since) if grade.since else None,
            "why": legible(grade.why),
            "reports": held.count(s.slug),
        }
        for s in sorted(view.of(Source), key=lambda s: (-held.count(s.slug), s.name))
    ]


def held_back(view: View, besides: Iterable[Record], cites: Citations, as_of: date | None) -> list[Json]:
    """Undated records: what the public could know on no known day counts on no day.

    In a brief as of a day only looks stand here that were taken by that day: the rest is of its future, or may be.
    """
    inside: list[Record] = [*analyst_looks(view), *view.of(Item)]
    undated = {r.id: r for r in [*inside, *besides] if r.available_at is None and _taken_by(r, as_of)}
    return [{"id": r.id, "kind": r.kind, "text": _described(r, cites)} for r in undated.values()]


def _taken_by(record: Record, as_of: date | None) -> bool:
    if as_of is None:
        return True
    return isinstance(record, Look) and record.when.earliest is not None and record.when.earliest.date() <= as_of


def _described(record: Record, cites: Citations) -> str:
    if isinstance(record, Look):
        seen = f"{spelled(record.observable)}: {spelled(record.result.value)}"
        return legible(f"{seen}, {when(record.when)}, {record.publisher}; day of publication unknown")
    if isinstance(record, Item):
        return legible(f"{cites.outlet(record.outlet)}: {record.title or record.text[:80]}; day of publication unknown")
    if isinstance(record, Estimate):
        return legible(f"{record.what}: a count by {record.by}; day of publication unknown")
    if isinstance(record, Claim):
        return legible(f"“{record.quote}”; day of publication unknown")
    if isinstance(record, Relation):
        return legible(f"{record.says}; rests on something undated")
    return f"{record.kind} {record.id}; rests on something undated"


def assumptions(stated: Assumptions | None) -> Json | None:
    """Numbers that nobody measured, each with its reason; None when the caller gives none."""
    if stated is None:
        return None
    return {
        "rates": [_rate(text, getattr(stated, name)) for name, text in _RATES],
        "grades": [
            {"letter": letter, "hit": _rate("", stated.hit[letter]), "false": _rate("", stated.false[letter])}
            for letter in sorted(stated.hit)
            if letter in stated.false
        ],
        "samples": stated.samples,
        "seed": stated.seed,
    }


def _rate(text: str, rate: Probability) -> Json:
    return {
        "text": text,
        "lo": rate.lo,
        "best": rate.best,
        "hi": rate.hi,
        "says": per_cent(rate),
        "best_says": f"{round(100 * rate.best)} %",
        "why": legible(rate.origin),
    }


def appendix(
    view: View,
    *,
    head: str,
    config: str,
    engine: str,
    case_file: str,
    as_of: date | None,
    judged: Sequence[Assessment | Finding | Reckoning],
) -> Json:
    """All that someone else needs to check the brief and to make it again."""
    case = shlex.quote(case_file)
    replay = f"sitewatch asof {case} {as_of.isoformat()}" if as_of else f"sitewatch tell {case}"
    return {
        "head": head,
        "config": config,
        "engine": engine,
        "case_file": case_file,
        "verify": f"sitewatch verify {case} --head {head}",
        "replay": replay,
        "judgements": [
            {"kind": "assessment", "of": j.question, "id": j.id, "seed": j.seed, "samples": j.samples}
            if isinstance(j, Assessment)
            else {"kind": j.kind, "of": _of(j), "id": j.id, "seed": None, "samples": None}
            for j in judged
        ],
        "attributions": _attributions(view),
        "claims": len(view.of(Claim)),
    }


def _of(judged: Finding | Reckoning) -> str:
    return judged.commitment if isinstance(judged, Finding) else judged.slug


def _attributions(view: View) -> list[str]:
    """The lines that must stand beside every use of pixels and hotspots, each once."""
    lines = [c.attribution for c in view.of(Catalogue)] + [p.attribution for p in view.of(Pass)] + attributions(view)
    return [legible(line) for line in dict.fromkeys(lines) if line]
