"""What the evidence cannot tell, and which next look would tell most."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from difflib import get_close_matches

import numpy as np

from sitewatch.records import Commitment, Item, Look, NextLook, Question, Ratio, View
from sitewatch.weigh import ratio
from sitewatch.weigh.dossier import observables
from sitewatch.weigh.evidence import Evidence, Omissions
from sitewatch.weigh.likelihoods import Weights, at_best, log_r
from sitewatch.weigh.ratio import Array


def cannot_tell(question: Question, ratios: Iterable[Ratio], omissions: Omissions) -> tuple[str, ...]:
    """Sentences: pairs that the evidence does not tell apart, then what was left out and why."""
    text = {h.id: h.text.rstrip(".") for h in question.hypotheses}
    sentences = [_pair(text[r.first], text[r.second], r) for r in ratios if r.cannot_tell]
    sentences += _blind(omissions.obscured.values())
    sentences += _undated(list(omissions.undated.values()))
    if omissions.powerless:
        days = _listed(f"{k.publisher}, {k.when}" for k in omissions.powerless.values())
        sentences.append(f"Looks whose power nobody states count for nothing: {days}.")
    for alert in omissions.pending.values():
        flagged = f"{alert.site}, first flagged on {alert.first_flag.date()}"
        sentences.append(f"An alert is pending at {flagged}; it counts once two further clear looks agree.")
    if omissions.circular:
        origins = _listed(i.origin for i in omissions.circular.values())
        sentences.append(f"These reports cite each other in a circle and count as one root: {origins}.")
    return tuple(sentences)


def unmet(questions: Iterable[Question], commitments: Iterable[Commitment], view: View) -> list[str]:
    """Sentences: observables of indicators and commitments that no look was ever asked for, such as a misspelt one.

    What a next look is to settle, and a commitment that no look could test, are left out.
    """
    asked = {look.observable for look in view.of(Look)}
    wanted: list[tuple[str, str]] = []
    planned: set[str] = set()
    for question in questions:
        for indicator in question.indicators:
            names = indicator.observables
            if indicator.id in question.next_looks:
                planned.update(names)
            else:
                wanted += [(f"question {question.slug}, indicator {indicator.id}", name) for name in names]
    for pledge in commitments:
        if not pledge.not_assessable:
            wanted += [(f"commitment {pledge.slug}", name) for name, _ in observables(pledge)]
    return [_unmet(place, name, asked) for place, name in wanted if name not in asked | planned]


def _unmet(place: str, name: str, asked: Collection[str]) -> str:
    near = get_close_matches(name, sorted(asked), n=1, cutoff=0.75)
    hint = f"did you mean `{near[0]}`?" if near else "until one is, it says nothing."
    return f"{place}: no look was ever asked for `{name}`; {hint}"


def _pair(first: str, second: str, r: Ratio) -> str:
    """One pair: the ratio the way round that is at least 1, and which of the two rules it fails."""
    if r.best < 1:
        first, second = second, first
        best, lo, hi = 1 / r.best, 1 / r.hi, 1 / r.lo
    else:
        best, lo, hi = r.best, r.lo, r.hi
    flips = lo < 1 < hi
    rule = "the order turns round inside that range" if flips else "that is less than twice"
    if np.isclose(best, 1, rtol=5e-3) and np.isclose(lo, 1, rtol=5e-3) and np.isclose(hi, 1, rtol=5e-3):
        return f"Nothing here tells “{first}” from “{second}”."
    return (
        f"The evidence cannot tell “{first}” from “{second}”: what is known is {times(best)} times as expected "
        f"under the first ({times(lo)} to {times(hi)}); {rule}."
    )


def times(x: float) -> str:
    """A ratio in two significant figures, without an exponent up to a million."""
    if x >= 1e6 or x < 1e-4:
        return f"{x:.0e}"
    digits = max(0, 1 - int(np.floor(np.log10(x) + 1e-9)))
    return f"{x:,.{digits}f}" if digits else f"{float(f'{x:.2g}'):,.0f}"


def _blind(looks: Iterable[Look]) -> list[str]:
    """Looks that could not see, in order of their days."""
    sentences = []
    for look in sorted(looks, key=lambda k: (str(k.when), k.id)):
        why = f" ({look.reason.rstrip('.')})" if look.reason else ""
        what = look.observable.replace("_", " ")
        sentences.append(f"The look of {look.when} by {look.publisher} says nothing of “{what}”{why}.")
    return sentences


def _undated(left_out: Sequence[Item | Look]) -> list[str]:
    """Reports and looks of no known day, which count on no day."""
    reports = [i.origin for i in left_out if isinstance(i, Item)]
    looks = [f"{k.publisher} on {k.observable.replace('_', ' ')}" for k in left_out if isinstance(k, Look)]
    sentences = []
    if reports:
        sentences.append(f"Reports with no known day of publication were left out: {_listed(reports)}.")
    if looks:
        sentences.append(f"Looks with no known day of publication were left out: {_listed(looks)}.")
    return sentences


def _listed(names: Iterable[str], most: int = 5) -> str:
    """Names in order, at most so many, then how many more."""
    ordered = sorted(set(names))
    more = len(ordered) - most
    return ", ".join(ordered[:most]) + (f" and {more} more" if more > 0 else "")


def next_looks(weights: Weights) -> tuple[NextLook, ...]:
    """The looks that the case names, those that would teach most first.

    The gain is the mutual information between the hypotheses, all equally likely, and what the look would say, given
    what is already known of its indicator: a thing that is settled teaches nothing when it is seen again.
    """
    by_id = {e.indicator.id: e for e in weights.evidence}
    found = []
    for evidence in (by_id[id] for id in dict.fromkeys(weights.question.next_looks) if id in by_id):
        hit, false, how = _next_power(evidence)
        gain = information(_seen_next(weights, evidence, hit, false))
        text = f"{evidence.indicator.text.rstrip('.')}: {how}, {gain:.2g} bits"
        found.append(NextLook(indicator=evidence.indicator.id, gain_bits=gain, text=text))
    return tuple(sorted(found, key=lambda n: (-n.gain_bits, n.indicator)))


def _next_power(evidence: Evidence) -> tuple[float, float, str]:
    """h and f of a further look: as strong as the best so far; where there was none, as strong as any could be."""
    if evidence.looks:
        best = max(evidence.looks, key=lambda w: (w.hit.range.best, -w.false.range.best, w.key))
        h, f = best.hit.range.best, best.false.range.best
        return (max(h, f) if best.watch else h + f * (1 - h)), f, "a look as strong as the best so far"
    if evidence.monitor:
        h, f = (number.range.best for number in evidence.monitor)
        return max(h, f), f, "a further watch by the monitor"
    return 1.0, 0.0, "a look that sees for certain"


def _seen_next(weights: Weights, evidence: Evidence, hit: float, false: float) -> Array:
    """P(the next look sees | H and what is known of the indicator), (hypotheses,)."""
    p = np.array([r.best for r in weights.ranges(evidence)])
    known = log_r(evidence, weights.assumptions, at_best)
    top = np.maximum(known, 0)
    present, absent = p * np.exp(known - top), (1 - p) * np.exp(-top)
    p_now = present / np.maximum(present + absent, ratio.TINY)
    return np.asarray(false + weights.assumptions.visible.best * (hit - false) * p_now)


def information(p: Array) -> float:
    """Mutual information, in bits, between equally likely hypotheses and an outcome of probability p under each."""
    return max(0.0, float(_entropy(p.mean()) - _entropy(p).mean()))


def _entropy(p: Array | float) -> Array:
    """Entropy of a yes or no with probability p, in bits."""
    q = np.clip(np.asarray(p, dtype=np.float64), 1e-15, 1 - 1e-15)
    return -(q * np.log2(q) + (1 - q) * np.log2(1 - q))
