"""Judgements: the ratio first, then the posterior over a grid of priors, what moved it, and what speaks against it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence

from sitewatch.errors import LedgerError
from sitewatch.records import OTHER, Assessment, Driver, Hypothesis, Indicator, Posterior, Question, Ratio, View
from sitewatch.tell.cite import Citations, Json
from sitewatch.tell.wording import clause, factor, favours, joined, legible, per_cent, plain, plural, spread, worth

Say = Callable[[float, float], str]
"""Words and numbers of a probability's range, such as "likely (60–70 %)"."""

_SLIGHT = 1.1
"""A naive product within this factor of the ratio makes no difference worth a warning."""
_CLOSE = 10**0.3
"""A factor of two, 3 dB: hypotheses nearer than this are not told apart."""
_NOTHING = 10**0.02
"""0.2 dB: within this of 1, nothing is left to tell two hypotheses apart."""
_NO_WEIGHT = 1.02
"""An indicator whose ratio is nearer to 1 than this is said to weigh nothing."""


def judgements(assessments: Sequence[Assessment], view: View, cites: Citations, say: Say) -> list[Json]:
    """One entry per question, in the order of the assessments.

    Raises:
        LedgerError: an assessment answers a question that is not among the records.
    """
    questions = {q.slug: q for q in view.of(Question)}
    told = []
    for assessment in assessments:
        if assessment.question not in questions:
            raise LedgerError(
                f'the assessment {assessment.id} answers the question "{assessment.question}", which is not among the '
                "records shown; weigh the case again"
            )
        told.append(_judgement(assessment, questions[assessment.question], cites, say))
    return told


def _judgement(assessment: Assessment, question: Question, cites: Citations, say: Say) -> Json:
    names = _names(question.hypotheses)
    pair = leaders(assessment.ratios, [h.id for h in question.hypotheses])
    texts = {h.id: clause(h.text) for h in question.hypotheses}
    ratios = [_ratio(r, names, texts) for r in assessment.ratios]
    head = next((r for r in ratios if {r["first"], r["second"]} == set(pair)), None)
    lead = (head["first"], head["second"]) if head else pair
    drivers = [_driver(d, question, lead, names, cites) for d in assessment.drivers]
    ahead = _ahead(assessment.ratios, [h.id for h in question.hypotheses])
    cuts = _leave_out(assessment, ahead, names)
    drivers.sort(key=lambda d: (d["status"] == "no evidence", -abs(math.log(d["ratio"]))))
    return {
        "id": assessment.id,
        "slug": question.slug,
        "anchor": f"question-{question.slug}",
        "question": legible(question.text),
        "site": question.site,
        "hypotheses": [{"id": h.id, "letter": names[h.id], "text": texts[h.id]} for h in question.hypotheses],
        "ratio": head,
        "other_ratios": [r for r in ratios if r is not head],
        "cannot_tell_apart": bool(head and head["cannot_tell"]),
        "rivals": _rivals(ratios, head, names, texts),
        "posteriors": [_posterior(p, names, say) for p in assessment.posteriors],
        "drivers": drivers,
        "silent": all(d["status"] == "no evidence" for d in drivers),
        "contrary": _contrary(drivers, lead) + _hanging(cuts, [names[h] for h in ahead]),
        "leave_out_of": [names[h] for h in ahead],
        "leave_out": cuts,
        "cannot_tell": [plain(line) for line in assessment.cannot_tell],
        "next_looks": _next_looks(assessment, question),
        "seed": assessment.seed,
        "samples": assessment.samples,
        "engine": assessment.engine,
        "evidence_head": assessment.evidence_head,
    }


def leaders(ratios: Iterable[Ratio], order: Sequence[str]) -> tuple[str, str]:
    """The two named hypotheses that the evidence favours most, the favoured one first.

    "Other" is no rival that a headline could name, so it leads only where fewer than two hypotheses are named.
    """
    score = _scores(ratios, order)
    rank = sorted(score, key=lambda h: (h == OTHER, -score[h]))
    return (rank[0], rank[1]) if len(rank) > 1 else (rank[0], rank[0])


def _ahead(ratios: Iterable[Ratio], order: Sequence[str]) -> tuple[str, str]:
    """The two hypotheses that the evidence favours most, "other" among them: what leaving a part out is told for."""
    score = _scores(ratios, order)
    rank = sorted(score, key=lambda h: (-round(score[h], 9), h))
    return (rank[0], rank[1]) if len(rank) > 1 else (rank[0], rank[0])


def _scores(ratios: Iterable[Ratio], order: Sequence[str]) -> dict[str, float]:
    """For each hypothesis, the sum of the logarithms of its ratios over all others."""
    score = dict.fromkeys(order, 0.0)
    for ratio in ratios:
        score[ratio.first] += math.log(ratio.best)
        score[ratio.second] -= math.log(ratio.best)
    return score


def _names(hypotheses: Sequence[Hypothesis]) -> dict[str, str]:
    """A letter for each named hypothesis, in the analyst's order; "other" keeps its word."""
    named = [h.id for h in hypotheses if h.id != OTHER]
    return {**{h: chr(ord("A") + n) for n, h in enumerate(named)}, OTHER: "Other"}


def _ratio(ratio: Ratio, names: Mapping[str, str], texts: Mapping[str, str]) -> Json:
    """A ratio turned so that the favoured hypothesis stands first; both rivals are always named."""
    turned = ratio.best < 1
    first, second = (ratio.second, ratio.first) if turned else (ratio.first, ratio.second)

    def ends(lo: float, hi: float) -> tuple[float, float]:
        return (1 / hi, 1 / lo) if turned else (lo, hi)

    best, naive = (1 / ratio.best, 1 / ratio.naive) if turned else (ratio.best, ratio.naive)
    (lo, hi), (corner_lo, corner_hi) = ends(ratio.lo, ratio.hi), ends(ratio.corner_lo, ratio.corner_hi)
    return {
        "first": first,
        "second": second,
        "best": best,
        "lo": lo,
        "hi": hi,
        "corner_lo": corner_lo,
        "corner_hi": corner_hi,
        "naive": naive,
        "naive_differs": abs(math.log(naive / best)) > math.log(_SLIGHT),
        "naive_in_words": favours(max(naive, 1 / naive), *(names[h] for h in _turned(naive, first, second))),
        "cannot_tell": ratio.cannot_tell,
        "in_words": favours(best, names[first], names[second]),
        "named": favours(best, f"{names[first]}, “{texts[first]}”,", f"{names[second]}, “{texts[second]}”"),
        "ranges": f"5–95 %: {spread(lo, hi)}; outer bound {spread(corner_lo, corner_hi)}",
    }


def _rivals(
    ratios: Sequence[Json], head: Json | None, names: Mapping[str, str], texts: Mapping[str, str]
) -> list[Json]:
    """A sentence for each hypothesis outside the headline that the leader is no farther from than from its rival.

    Where the evidence cannot tell the two, or they lie within a factor of two, that is what the sentence says.
    """
    told: list[Json] = []
    for ratio in ratios:
        if head is None or ratio is head or head["first"] not in (ratio["first"], ratio["second"]):
            continue
        rival = ratio["second"] if ratio["first"] == head["first"] else ratio["first"]
        close = ratio["cannot_tell"] or ratio["best"] < _CLOSE
        if close:
            says = f"It cannot tell {names[head['first']]} from {names[rival]} ({factor(ratio['best'])} times)."
        elif rival == ratio["first"] or ratio["best"] < head["best"]:
            says = f"It is {ratio['in_words']}."
        else:
            continue
        told.append({"hypothesis": rival, "text": texts[rival], "cannot_tell": close, "says": says})
    return told


def _leave_out(assessment: Assessment, ahead: tuple[str, str], names: Mapping[str, str]) -> list[Json]:
    """What is left of the two that lead without each part."""
    whole = next((r.best for r in assessment.ratios if {r.first, r.second} == set(ahead)), 1.0)
    told = not _is_nothing(whole)
    return [
        {
            "without": legible(cut.without),
            **_facing(cut.best, ahead, names),
            "flips": cut.flips,
            "leaves_nothing": told and not cut.flips and _is_nothing(cut.best),
        }
        for cut in assessment.leave_out
    ]


def _is_nothing(ratio: float) -> bool:
    return abs(math.log(ratio)) <= math.log(_NOTHING)


def _facing(best: float, lead: tuple[str, str], names: Mapping[str, str]) -> Json:
    """A bare ratio of the leading pair, with the side that it favours first."""
    first, second = _turned(best, *lead)
    return {"best": best, "in_words": favours(max(best, 1 / best), names[first], names[second])}


def _turned(best: float, first: str, second: str) -> tuple[str, str]:
    """The pair with the side first that a ratio favours."""
    return (first, second) if best >= 1 else (second, first)


def _posterior(posterior: Posterior, names: Mapping[str, str], say: Say) -> Json:
    shares = {h: round(100 * posterior.prior[h]) for h in names if h in posterior.prior}
    same = len(set(shares.values())) == 1
    return {
        "prior": posterior.prior,
        "label": "all alike" if same else ", ".join(f"{names[h]} {share} %" for h, share in shares.items()),
        "posterior": {
            h: {"lo": p.lo, "best": p.best, "hi": p.hi, "says": say(p.lo, p.hi)} for h, p in posterior.posterior.items()
        },
    }


def _driver(
    driver: Driver, question: Question, lead: tuple[str, str], names: Mapping[str, str], cites: Citations
) -> Json:
    indicator = {i.id: i for i in question.indicators}.get(driver.indicator)
    first, second = lead
    ratio = math.exp(driver.log_likelihood.get(first, 0.0) - driver.log_likelihood.get(second, 0.0))
    favoured = first if ratio >= 1 else second
    strength = max(ratio, 1 / ratio)
    return {
        "indicator": driver.indicator,
        "text": legible(indicator.text) if indicator else driver.indicator,
        "status": driver.status,
        "why": legible(driver.why),
        "ratio": ratio,
        "favours": favoured if strength >= _NO_WEIGHT else None,
        "in_words": favours(strength, names[favoured], names[second if favoured == first else first])
        if strength >= _NO_WEIGHT
        else "weighs nothing between the two",
        "log_likelihood": driver.log_likelihood,
        "roots": driver.roots,
        "reports": driver.reports,
        "behind": f"{plural(driver.reports, 'report')}, {plural(driver.roots, 'independent root')}",
        "claims": cites.claims(driver.claims),
        "looks": cites.looks(driver.looks),
        "assumed": _assumed(indicator, names),
    }


def _assumed(indicator: Indicator | None, names: Mapping[str, str]) -> list[Json]:
    """P(indicator | hypothesis) as the case states it."""
    if indicator is None:
        return []
    return [
        {"hypothesis": h, "letter": names[h], "says": per_cent(p), "best": p.best, "origin": legible(p.origin)}
        for h, p in ((h, indicator.likelihood[h]) for h in names if h in indicator.likelihood)
    ]


def _contrary(drivers: Sequence[Json], lead: tuple[str, str]) -> list[Json]:
    """What speaks against the hypothesis that leads."""
    against = [
        {"text": f"{d['text']} ({d['status']}): {d['in_words']}", "claims": d["claims"], "looks": d["looks"]}
        for d in drivers
        if d["favours"] == lead[1]
    ]
    denied = [
        {"text": f"{d['text']}: denied by a source", "claims": d["claims"], "looks": d["looks"]}
        for d in drivers
        if d["status"] in ("denied", "mixed") and d["favours"] != lead[1]
    ]
    return against + denied


def _hanging(cuts: Sequence[Json], ahead: Sequence[str]) -> list[Json]:
    """What the lead hangs on: single parts without which it is turned, or gone."""
    told = []
    for key, says in (("flips", "The order of {} and {} reverses"), ("leaves_nothing", "Nothing tells {} from {}")):
        parts = [cut["without"] for cut in cuts if cut[key]]
        if parts:
            text = f"{says.format(*ahead)} without {joined(parts, last='or without')}"
            told.append({"text": text, "claims": [], "looks": []})
    return told


def _next_looks(assessment: Assessment, question: Question) -> list[Json]:
    texts = {i.id: legible(i.text) for i in question.indicators}
    ranked = sorted(assessment.next_looks, key=lambda look: -look.gain_bits)
    return [
        {
            "indicator": look.indicator,
            "about": texts.get(look.indicator, look.indicator),
            "gain_bits": look.gain_bits,
            "text": worth(look.text, look.gain_bits),
        }
        for look in ranked
    ]
