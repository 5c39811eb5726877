"""Forecasts: what stands to be settled and what was said of it, what came true, and how good that was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from sitewatch.records import BandScore, Forecast, Question, Resolution, ScoredQuestion, Scores, View
from sitewatch.tell.cite import Json
from sitewatch.tell.judged import Say
from sitewatch.tell.wording import clause, day, iso, legible, plural

_EVEN = 1e-9


def forecasts(view: View, scores: Scores | None, judged: Sequence[Json], say: Say) -> Json:
    """What the view holds of forecasts.

    Args:
        view: the records that hold on the brief's day.
        scores: of the forecasts in that view; None where nobody scored them.
        judged: the judgements as they are told, for the letters of their hypotheses.
        say: words and numbers of a probability's range.
    """
    settled = {r.question: r for r in view.of(Resolution)}
    letters = {j["slug"]: {h["id"]: h["letter"] for h in j["hypotheses"]} for j in judged}
    asked = [q for q in view.of(Question) if q.resolves and q.slug not in settled]
    return {
        "open": [_open(question, view, letters.get(question.slug, {}), say) for question in asked],
        "resolved": [
            _resolved(one, settled[one.question], view, letters.get(one.question, {}), say)
            for one in (scores.questions if scores else ())
        ],
        "scores": _scores(scores) if scores and scores.questions else None,
    }


def _open(question: Question, view: View, letters: Mapping[str, str], say: Say) -> Json:
    made = [f for f in view.of(Forecast) if f.question == question.slug]
    mine = [f for f in made if f.terms == question.terms]
    last = mine[-1] if mine else None
    return {
        "slug": question.slug,
        "anchor": f"question-{question.slug}",
        "question": legible(question.text),
        "resolves": iso(question.resolves),
        "resolves_says": day(question.resolves),
        "made": iso(last.made) if last else None,
        "made_says": day(last.made) if last else None,
        "days": len({f.made for f in mine}),
        "other_terms": len(made) - len(mine),
        "id": last.id if last else None,
        "hypotheses": [
            {
                "id": h.id,
                "letter": letters.get(h.id, h.id),
                "true_if": legible(h.true_if or ""),
                "says": _said(last, h.id, say),
                "best": last.even[h.id] if last else None,
            }
            for h in question.hypotheses
        ],
    }


def _said(forecast: Forecast | None, hypothesis: str, say: Say) -> str | None:
    """The range that was printed for a hypothesis, from equal chances."""
    if forecast is None:
        return None
    row = next(r for r in forecast.rows if max(r.prior.values()) - min(r.prior.values()) < _EVEN)
    return say(row.posterior[hypothesis].lo, row.posterior[hypothesis].hi)


def _resolved(one: ScoredQuestion, resolution: Resolution, view: View, letters: Mapping[str, str], say: Say) -> Json:
    question = next((q for q in view.every(Question) if q.slug == one.question and q.terms == resolution.terms), None)
    texts = {h.id: clause(h.text) for h in question.hypotheses} if question else {}
    mine = [f for f in view.of(Forecast) if f.question == one.question and f.terms == resolution.terms]
    last: date | None = mine[-1].made if mine else None
    return {
        "slug": one.question,
        "id": resolution.id,
        "question": legible(question.text if question else one.question),
        "hypothesis": one.hypothesis,
        "letter": letters.get(one.hypothesis, one.hypothesis),
        "text": texts.get(one.hypothesis, one.hypothesis),
        "true_if": legible(resolution.terms.true_if.get(one.hypothesis, "")),
        "on": iso(resolution.on),
        "on_says": day(resolution.on),
        "by": legible(resolution.by),
        "evidence": clause(resolution.evidence),
        "reason": clause(resolution.reason) if resolution.reason else None,
        "forecasts": one.forecasts,
        "other_terms": one.other_terms,
        "last": iso(last),
        "last_says": day(last) if last else None,
        "said": _said(mine[-1], one.hypothesis, say) if mine else None,
        "brier": one.brier,
        "log": one.log,
        "score_says": f"Brier score {one.brier:.3f}" if one.brier is not None else None,
    }


def _scores(scores: Scores) -> Json:
    return {
        **scores.model_dump(mode="json", exclude={"questions", "bands"}),
        "says": lines(scores),
        "bands": [{**band.model_dump(mode="json"), "says": band_says(band)} for band in scores.bands],
    }


def lines(scores: Scores) -> list[str]:
    """The scores as sentences, the guard among them."""
    if scores.brier is None or scores.log is None or scores.murphy is None:
        if not scores.questions:
            return ["No question is resolved yet, so nothing is scored."]
        return [f"{plural(len(scores.questions), 'question')} resolved, none of them forecast before its day."]
    parts = scores.murphy
    told = [
        f"Over {plural(scores.scored, 'resolved question')}, each counted once: Brier score {scores.brier:.3f} (0 is "
        f"best; equal chances would have scored {scores.brier_even:.3f}), logarithmic score {scores.log:.2f} (0 is "
        f"best; equal chances {scores.log_even:.2f}).",
        f"The Brier score in parts: reliability {parts.reliability:.3f} (0 is best), resolution {parts.resolution:.3f} "
        f"(more is better), uncertainty {parts.uncertainty:.3f}, spread within the bands {parts.within:+z.3f}.",
    ]
    if not scores.enough:
        needed = f"to tell 70 % from 80 % takes {scores.needed} resolved questions"
        told.append(f"Too few to tell how well the numbers hold: {needed}.")
    return told


def score_lines(scores: Scores) -> list[str]:
    """All that the scores say, for a terminal: the whole, each band, each question."""
    told = [*lines(scores), *(f"  {band_says(band)}" for band in scores.bands)]
    for one in scores.questions:
        says = f"came out as {one.hypothesis}; {plural(one.forecasts, 'day')} with a forecast"
        if one.brier is not None and one.log is not None:
            says += f", Brier score {one.brier:.3f}, logarithmic score {one.log:.2f}"
        if one.other_terms:
            says += f"; {plural(one.other_terms, 'forecast')} on other terms not scored"
        told.append(f"{one.question}: {says}")
    return told


def band_says(band: BandScore) -> str:
    """One band in words: what was said, what happened, and what that tells."""
    share = f"{round(100 * band.share_lo)}-{round(100 * band.share_hi)} %"
    verdict = f"{band.verdict} (it takes {band.needed})" if band.verdict == "too few to tell" else band.verdict
    return (
        f"{named(band)}: said {100 * band.said:.0f} %, came true {100 * band.happened:.0f} % of the time [{share}], "
        f"{plural(band.questions, 'question')}; {verdict}"
    )


def named(band: BandScore) -> str:
    """A band's word with its numbers; the number alone beyond the scale."""
    return band.word if "%" in band.word else f"{band.word} ({band.lo}-{band.hi} %)"
