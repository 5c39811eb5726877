"""The brief: one self-contained page, and the same as data. The page renders the data and says nothing beside it."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from sitewatch.records import (
    Alert,
    Assessment,
    Assumptions,
    Brief,
    Claim,
    Coverage,
    Curve,
    Finding,
    Item,
    Pass,
    Reckoning,
    Record,
    Scores,
    Site,
    State,
    View,
)
from sitewatch.tell import apparatus, changed, scale, strip
from sitewatch.tell.cite import Citations, Json
from sitewatch.tell.foretold import forecasts
from sitewatch.tell.heat_strip import heat_strip
from sitewatch.tell.images import drawn_images
from sitewatch.tell.judged import Say, judgements
from sitewatch.tell.moved import step_chart, with_curves
from sitewatch.tell.observed import drawn_crops
from sitewatch.tell.overhead import faults, sites
from sitewatch.tell.pledged import PROGRESS, commitments
from sitewatch.tell.reckoned import reckonings as told_numbers
from sitewatch.tell.reported import relations, reports
from sitewatch.tell.wording import day, factor, iso, legible, sentence, taken, tight, when

SCHEMA = "sitewatch.brief/1"
"""Name and version of the data's shape."""

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
"""The page's own rule for the browser: nothing is loaded, nothing is sent, no script runs."""

FIGURES = 6
"""Alerts that get a before and after figure; a page with more would be too heavy to send."""


@dataclass(frozen=True)
class Page:
    """A brief as it is told."""

    html: str
    """The whole page, self-contained."""
    data: dict[str, Any]
    """The same content, ready for JSON, without the pictures."""
    stand: dict[str, str] = field(default_factory=dict)
    """From what it was told: hashes of the case file and of the evidence."""

    @property
    def evidence(self) -> tuple[str, ...]:
        """A line for each judgement and for what it was told from, as a Brief record keeps them to compare with."""
        return changed.as_evidence(self.data["in_brief"], self.stand)


def brief(
    view: View,
    *,
    title: str,
    about: str,
    case_file: str,
    config: str,
    engine: str,
    assessments: Sequence[Assessment],
    findings: Sequence[Finding],
    blob: Callable[[str], bytes],
    say: Say,
    as_of: date | None = None,
    previous: Brief | None = None,
    head: str | None = None,
    assumptions: Assumptions | None = None,
    held_back: Iterable[Record] = (),
    coverage: Iterable[Coverage] = (),
    reckonings: Sequence[Reckoning] = (),
    curves: Iterable[Curve] = (),
    scores: Scores | None = None,
) -> Page:
    """Tell a case as one page; the same arguments give the same bytes.

    Args:
        view: the records that hold on the brief's day; the judgements must come from this same view.
        title, about: of the case; `about`, a paragraph, may be empty.
        case_file, config, engine: the case as one would name it, the SHA-256 of its file, the software with version.
        assessments, findings: the judgements, in the order to tell them.
        blob: gives the bytes of a chip by its hash.
        say: words and numbers of a probability's range, from two probabilities between 0 and 1.
        as_of: the day whose knowledge the view holds; None for all that is in the ledger.
        previous: the last brief told from another state of the ledger; None for the first.
        head: chain hash to print; the judgements' evidence head when it is left out.
        assumptions, held_back: numbers that nobody measured, and undated records that the view left out.
        coverage: how each site was covered by the brief's day; of a site without it only the passes are counted.
        reckonings: what numbers say of each other, in the order to tell them.
        curves: how the answers moved, of some or all of the questions.
        scores: of the forecasts in the view; None where nobody scored them.

    Raises:
        LedgerError: a judgement cites what the view does not hold, or stored bytes are not what they should be.
    """
    judged: tuple[Assessment | Finding | Reckoning, ...] = (*assessments, *findings, *reckonings)
    cites, head = Citations(view), head or next((j.evidence_head for j in judged), view.head)
    content = _masthead(view, title, about, as_of, head) | {"judgements": judgements(assessments, view, cites, say)}
    content |= _evidence(view, cites, as_of, coverage) | {"commitments": commitments(findings, view, cites)}
    content["judgements"] = with_curves(content["judgements"], curves, cites)
    content["reckonings"] = told_numbers(reckonings, view, cites, say)
    content["forecasts"] = forecasts(view, scores, content["judgements"], say)
    content |= _apparatus(view, cites, as_of, held_back, assumptions) | _summed_up(content, view, previous, config)
    content["quotes"] = cites.quotes
    content["appendix"] = apparatus.appendix(
        view, head=head, config=config, engine=engine, case_file=case_file, as_of=as_of, judged=judged
    )
    return Page(_render(content, _drawn(content, view, blob, cites)), content, changed.stand(view, config))


def _masthead(view: View, title: str, about: str, as_of: date | None, head: str) -> Json:
    latest = apparatus.latest_evidence(view)
    return {
        "schema": SCHEMA,
        "title": legible(title),
        "about": legible(about),
        "as_of": iso(as_of),
        "as_of_says": day(as_of) if as_of else None,
        "latest_evidence": iso(latest),
        "latest_evidence_says": day(latest) if latest else "none is dated",
        "head": head,
    }


def _evidence(view: View, cites: Citations, as_of: date | None, coverage: Iterable[Coverage]) -> Json:
    """What was seen and what was reported; faults are the desk's own, of today, and in no brief as of a day."""
    return {
        "sites": sites(view, cites, coverage),
        "faults": [] if as_of else faults(view),
        "reports": reports(view, cites),
        **{f"{kind}s": found for kind, found in relations(view, cites).items()},
    }


def _apparatus(
    view: View, cites: Citations, as_of: date | None, held_back: Iterable[Record], assumptions: Assumptions | None
) -> Json:
    return {
        "sources": apparatus.sources(view, as_of or apparatus.latest_evidence(view)),
        "held_back": apparatus.held_back(view, held_back, cites, as_of),
        "assumptions": apparatus.assumptions(assumptions),
    }


def _summed_up(content: Json, view: View, previous: Brief | None, config: str) -> Json:
    """The gist, what changed of it, and the parts of all questions that are told together, taken out of each."""
    moved = ("cannot_tell", "next_looks", "contrary")
    gathered: Json = {part: _gathered(content["judgements"], part) for part in moved}
    for answer in content["judgements"]:
        for part in moved:
            del answer[part]
    told = changed.lines(content)
    return {**gathered, "in_brief": told, "changed": changed.since(previous, told, changed.stand(view, config))}


def _drawn(content: Json, view: View, blob: Callable[[str], bytes], cites: Citations) -> Json:
    """What the page shows and the data does not hold: strips and pictures."""
    return {
        "strips": {s["slug"]: strip.timeline(s, _about(s["slug"], view, cites)) for s in content["sites"]},
        "heat_strips": {s["slug"]: heat_strip(s["heat"]) for s in content["sites"]},
        "figures": _figures(view, blob, cites),
        "crops": drawn_crops(content["sites"], blob),
        "pictures": {id: {"png": _embedded(p.png), "legend": p.legend} for id, p in drawn_images(view, blob).items()},
    }


def _gathered(judged: Sequence[Json], part: str) -> list[Json]:
    """One part of every question, with the question it belongs to."""
    return [{"question": j["question"], "anchor": j["anchor"], "of": j[part]} for j in judged if j[part]]


def _about(site: str, view: View, cites: Citations) -> list[Json]:
    """Reports in which some claim is about the site."""
    items = {c.item for c in view.of(Claim) if site in c.places and c.item in view}
    told = []
    for item in view.of(Item):
        if item.id in items:
            ref = cites.item(item.id)
            title = f"{cites.outlet(item.outlet)}, {when(item.published)}"
            told.append({"earliest": iso(item.published.earliest), "title": title, "anchor": ref["anchor"]})
    return told


def _figures(view: View, blob: Callable[[str], bytes], cites: Citations) -> dict[str, list[Json]]:
    """Plates of the first alerts that name both their passes, by the alert's id, as data: addresses."""
    alerts = [a for a in view.of(Alert) if a.before and a.after and a.state is not State.WITHDRAWN][:FIGURES]
    return {a.id: _plates(a, view, blob, cites) for a in alerts}


def _plates(alert: Alert, view: View, blob: Callable[[str], bytes], cites: Citations) -> list[Json]:
    from sitewatch.tell.chips import read_chip
    from sitewatch.tell.figures import before_after, licence_line

    fence = next((s.fence for s in view.of(Site) if s.slug == alert.site), ())
    passes = [cites.find(Pass, id) for id in (alert.before, alert.after) if id]
    before, after = (read_chip(p, blob(p.chip)) for p in passes)
    plates = before_after(before, after, outline=alert.region.outline, fence=fence, number=alert.number)
    return [
        {
            "kind": plate.kind,
            "legend": plate.legend,
            "before": _embedded(plate.before),
            "after": _embedded(plate.after),
            "refs": [cites.passed(p.id) for p in passes],
            "days": [taken(p) for p in passes],
            "licences": list(dict.fromkeys(licence_line(chip) for chip in (before, after))),
            "season_apart": _season_apart(*passes),
            "hatched": plate.hatched,
        }
        for plate in plates
    ]


def _season_apart(before: Pass, after: Pass) -> int:
    """Days between the two passes' places in the year: over some weeks the whole scene differs by season."""
    apart = abs(before.acquired.timetuple().tm_yday - after.acquired.timetuple().tm_yday)
    return min(apart, 365 - apart)


def _embedded(png: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")


def _render(content: Json, drawn: Json) -> str:
    environment = Environment(
        loader=PackageLoader("sitewatch.tell"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals.update(
        ratio_scale=scale.ratio_scale,
        pull=scale.pull,
        probability_bar=scale.probability_bar,
        progress_words=PROGRESS,
        step_chart=step_chart,
    )
    environment.filters.update(sentence=sentence, tight=tight, factor=factor)
    return environment.get_template("brief.html.j2").render(**content, **drawn, policy=POLICY)
