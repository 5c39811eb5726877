"""The answer to one question: ratios between its hypotheses, posteriors over a grid of priors, and what drives them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import combinations

import numpy as np

from sitewatch.errors import InputError
from sitewatch.records import OTHER, Assessment, Assumptions, Driver, Posterior, Probability, Question, Ratio, View
from sitewatch.weigh.evidence import Collector, Evidence, Witness
from sitewatch.weigh.likelihoods import Weights
from sitewatch.weigh.limits import cannot_tell, next_looks
from sitewatch.weigh.ratio import Array, Mask, finite
from sitewatch.weigh.robustness import leave_out

LEAST_DECIBELS = 3.0
"""A pair below this cannot be told apart: a factor of two."""
RANGE = (0.05, 0.95)


def assess(
    question: Question, view: View, assumptions: Assumptions, *, evidence_head: str, engine: str, config: str
) -> Assessment:
    """Weigh everything dated in a view that bears on a question.

    Args:
        question: rival hypotheses and indicators, each indicator with P(E | H) for every hypothesis.
        view: the records that count, such as those available by one day.
        assumptions: h and f by grade, what roots and looks share, and the seed and number of the draws.
        evidence_head: chain hash of the last record that is not itself a judgement.
        engine: name and version of the software.
        config: SHA-256 of the case file.

    Raises:
        InputError: an indicator lacks a likelihood, or a next look is no indicator.
    """
    checked(question)
    collector = Collector(question, view, assumptions)
    evidence = tuple(collector.evidence(indicator) for indicator in question.indicators)
    weights = Weights(question, evidence, assumptions)
    rows = weights.rows()
    counted = weights.counted(rows)
    best, drawn = rows[counted].sum(axis=0), weights.drawn(counted)
    ratios = pairs(weights, counted, best, drawn)
    return Assessment(
        available_at=_latest(evidence, question.available_at),
        question=question.slug,
        ratios=ratios,
        posteriors=tuple(_posterior(question, prior, best, drawn) for prior in priors(question)),
        drivers=tuple(_drivers(weights, rows, counted)),
        leave_out=leave_out(weights),
        next_looks=next_looks(weights),
        cannot_tell=cannot_tell(question, ratios, collector.omissions),
        evidence_head=evidence_head,
        engine=engine,
        config=config,
        seed=assumptions.seed,
        samples=assumptions.samples,
    )


def priors(question: Question) -> list[dict[str, float]]:
    """The grid: even; each named hypothesis at one half and the rest alike; OTHER at one tenth and the rest alike."""
    ids = [h.id for h in question.hypotheses]
    grid = [_prior(ids, None, 0.0)]
    grid += [_prior(ids, named, 0.5) for named in ids if named != OTHER]
    grid += [_prior(ids, OTHER, 0.1)] if OTHER in ids else []
    return [prior for i, prior in enumerate(grid) if prior not in grid[:i]]


def _prior(ids: Sequence[str], chosen: str | None, share: float) -> dict[str, float]:
    """One hypothesis at a share, the others alike; all alike when none is chosen or there is only one."""
    if chosen is None or len(ids) == 1:
        return dict.fromkeys(ids, 1 / len(ids))
    return {id: share if id == chosen else (1 - share) / (len(ids) - 1) for id in ids}


def checked(question: Question) -> None:
    """Name what is missing before anything is computed.

    Raises:
        InputError: an indicator lacks a likelihood, or a next look is no indicator.
    """
    unknown = set(question.next_looks) - {i.id for i in question.indicators}
    if unknown:
        raise InputError(
            f"question {question.slug}: next_looks names {', '.join(sorted(unknown))}, which is no indicator of it"
        )
    for indicator in question.indicators:
        missing = [h.id for h in question.hypotheses if h.id not in indicator.likelihood]
        if missing:
            raise InputError(
                f"question {question.slug}: indicator {indicator.id} has no likelihood for {', '.join(missing)}; "
                "give it [lo, best, hi] for each hypothesis"
            )


def _latest(evidence: Iterable[Evidence], otherwise: datetime | None) -> datetime | None:
    """When the last of the evidence became available; where there is none, when the question did."""
    return max((e.latest for e in evidence if e.latest), default=otherwise)


def pairs(weights: Weights, counted: Mask, best: Array, drawn: Array) -> tuple[Ratio, ...]:
    """Every pair of hypotheses, in the order of the question.

    Args:
        weights: of all evidence.
        counted: which indicators count, (indicators,).
        best: log-likelihoods at the best values, (hypotheses,).
        drawn: log-likelihoods of the draws, (hypotheses, samples).
    """
    ids = [h.id for h in weights.question.hypotheses]
    low, high = weights.corner_sums(counted)
    naive = weights.naive()
    ratios = []
    for i, j in combinations(range(len(ids)), 2):
        middle = float(best[i] - best[j])
        ends = np.quantile(drawn[i] - drawn[j], RANGE)
        lo, hi = min(ends[0], middle), max(ends[1], middle)
        ratios.append(
            Ratio(
                first=ids[i],
                second=ids[j],
                best=finite(middle),
                lo=finite(lo),
                hi=finite(hi),
                corner_lo=finite(min(low[i, j], lo)),
                corner_hi=finite(max(high[i, j], hi)),
                naive=finite(naive[i] - naive[j]),
                cannot_tell=bool(abs(middle) < LEAST_DECIBELS * np.log(10) / 10 or lo < 0 < hi),
            )
        )
    return tuple(ratios)


def _posterior(question: Question, prior: dict[str, float], best: Array, drawn: Array) -> Posterior:
    """Bayes' rule at the best values and over the draws."""
    ids = [h.id for h in question.hypotheses]
    weight = np.array([prior[id] for id in ids])
    # Rounding may carry a share past 0 or 1 by a last digit, which no probability may.
    middle = np.clip(_normalised(weight, best[:, np.newaxis])[:, 0], 0, 1)
    lo, hi = np.clip(np.quantile(_normalised(weight, drawn), RANGE, axis=-1), 0, 1)
    origin = f"{int(100 * RANGE[0])}-{int(100 * RANGE[1])} % of seeded draws"
    return Posterior(
        prior=prior,
        posterior={
            id: Probability(lo=min(lo[i], middle[i]), best=middle[i], hi=max(hi[i], middle[i]), origin=origin)
            for i, id in enumerate(ids)
        },
    )


def _normalised(prior: Array, log_likelihood: Array) -> Array:
    """Posterior of each column, (hypotheses, draws)."""
    joint = prior[:, np.newaxis] * np.exp(log_likelihood - log_likelihood.max(axis=0))
    return np.asarray(joint / joint.sum(axis=0))


def _drivers(weights: Weights, rows: Array, counted: Mask) -> Iterable[Driver]:
    """What each indicator adds; the sum over all of them is the whole."""
    for evidence, row, counts in zip(weights.evidence, rows, counted, strict=True):
        shown = row - row.max() if counts else np.zeros_like(row)
        yield Driver(
            indicator=evidence.indicator.id,
            status="no evidence" if evidence.silent else _status(evidence) if counts else "in a group",
            log_likelihood={h.id: float(x) for h, x in zip(weights.question.hypotheses, shown, strict=True)},
            roots=evidence.root_count,
            reports=evidence.items,
            looks=evidence.look_ids,
            claims=evidence.claim_ids,
            why=_why(evidence, counts=bool(counts)),
        )


def _status(evidence: Evidence) -> str:
    """The one word for what its roots and looks say; looks are named before reports that agree with them."""
    says = {w.says for w in (*evidence.roots, *evidence.looks)}
    if says & {"reported", "seen"} and says & {"denied", "not seen"}:
        return "mixed"
    return next(word for word in ("seen", "not seen", "reported", "denied") if word in says)


def _why(evidence: Evidence, *, counts: bool) -> str:
    """The analyst's reason, then what the evidence rests on."""
    parts = []
    for says, word in (("reported", "told"), ("denied", "denied")):
        reports = len({w.key for w in evidence.reports if w.says == says})
        roots = len({w.group for w in evidence.roots if w.says == says})
        parts += [f"{word} by {_number(reports, 'report')}, {_number(roots, 'independent root')}"] if reports else []
    for says in ("seen", "not seen"):
        looks = sum(1 for w in evidence.looks if w.says == says and not w.watch)
        parts += [f"{says} in {_number(looks, 'look')}"] if looks else []
        parts += [f"{says} by {_watch(w)}" for w in evidence.looks if w.says == says and w.watch]
    if evidence.obscured:
        parts.append(f"{_number(len(evidence.obscured), 'look')} could not see")
    if not counts and not evidence.silent:
        parts.append("a stronger indicator of its group counts in its place")
    found = "; ".join(parts) or "nothing bears on it yet"
    return f"{evidence.indicator.why.rstrip()} ({found})"


def _watch(witness: Witness) -> str:
    """The monitor's watch with the two numbers that it is weighed by."""
    power, false = (_spread(number.range) for number in (witness.hit, witness.false))
    return f"{witness.name}: power {power}; false alarm {false}"


def _spread(range: Probability) -> str:
    return f"{range.best:.2f} [{range.lo:.2f}, {range.hi:.2f}] ({range.origin})"


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
