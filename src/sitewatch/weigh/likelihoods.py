"""From evidence to log-likelihoods: at the best values, over seeded draws, and between corners."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from sitewatch.records import Assumptions, Probability, Question
from sitewatch.weigh import ratio
from sitewatch.weigh.evidence import Evidence, Number, Witness
from sitewatch.weigh.ratio import Array, Mask

Numbers = Callable[[Number], Array]
"""Gives an input its value or its draws, (draws,)."""

SHARED, VISIBLE = "shared", "visible"


def at_best(number: Number) -> Array:
    """The best value alone, (1,)."""
    return np.array([number.range.best])


class Draws:
    """Seeded draws, the same for a name whatever was drawn before: evidence in another order changes nothing."""

    def __init__(self, seed: int, samples: int) -> None:
        self._seed = seed
        self._samples = samples
        self._kept: dict[str, Array] = {}

    def __call__(self, number: Number) -> Array:
        """Draws of an input that may stand in several places; they are kept."""
        if number.name not in self._kept:
            self._kept[number.name] = self.once(number)
        return self._kept[number.name]

    def once(self, number: Number) -> Array:
        """Draws of an input that stands in one place, (samples,)."""
        digest = hashlib.sha256(number.name.encode()).digest()
        rng = np.random.default_rng([self._seed, *np.frombuffer(digest[:16], dtype=np.uint32).tolist()])
        return ratio.pert(number.range.lo, number.range.best, number.range.hi, self._samples, rng)


def report_pair(witness: Witness, numbers: Numbers) -> tuple[Array, Array]:
    """P(report | E) and P(report | not E); a denial swaps them."""
    h, f = numbers(witness.hit), numbers(witness.false)
    return (f, h) if witness.says == "denied" else (h, f)


def look_weight(witness: Witness, numbers: Numbers) -> Array:
    """log r of one look, before anything could hide the thing from all of them."""
    power, false = numbers(witness.hit), numbers(witness.false)
    if witness.watch:
        return ratio.log_watch(power, false, alarm=witness.says == "seen")
    return ratio.log_seen(power, false) if witness.says == "seen" else ratio.log_not_seen(power)


def root_groups(roots: Sequence[Witness]) -> list[list[Witness]]:
    """Roots that may be one report: same group, same direction; always in the same order."""

    def together(w: Witness) -> tuple[str, str]:
        return w.group, w.says

    ordered = sorted(roots, key=lambda w: (*together(w), w.key))
    return [list(members) for _, members in groupby(ordered, key=together)]


def log_r(evidence: Evidence, assumptions: Assumptions, numbers: Numbers) -> Array:
    """log P(evidence | E) - log P(evidence | not E) of one indicator, (draws,)."""
    total = np.zeros(1)
    for group in root_groups(evidence.roots):
        pairs = [report_pair(w, numbers) for w in group]
        h, f = (np.stack(side) for side in zip(*pairs, strict=True))
        total = total + ratio.log_shared(h, f, numbers(Number(SHARED, assumptions.shared)))
    if evidence.looks:
        seen = np.sum([look_weight(w, numbers) for w in evidence.looks], axis=0)
        total = total + ratio.log_hidden(seen, numbers(Number(VISIBLE, assumptions.visible)))
    return np.asarray(total)


def corners(evidence: Evidence, assumptions: Assumptions) -> tuple[float, float]:
    """Outer bounds of `log_r` with every input at its extremes."""
    rho, visible = assumptions.shared, assumptions.visible
    lows, highs = [0.0], [0.0]
    for group in root_groups(evidence.roots):
        ends = [report_pair(w, lambda n: np.array([n.range.lo, n.range.hi])) for w in group]
        h, f = (np.stack(side, axis=-1) for side in zip(*ends, strict=True))
        low, high = ratio.corner_shared((h[0], h[1]), (f[0], f[1]), (rho.lo, rho.hi))
        lows.append(low)
        highs.append(high)
    if evidence.looks:
        seen = np.sum([_look_corners(w) for w in evidence.looks], axis=0)[:, np.newaxis]
        hidden = ratio.log_hidden(seen, np.array([visible.lo, visible.hi]))
        lows.append(float(hidden.min()))
        highs.append(float(hidden.max()))
    return sum(lows), sum(highs)


def _look_corners(witness: Witness) -> tuple[float, float]:
    """Outer bounds of one look's log r, which is monotone in its power and in its false alarm."""
    power, false = witness.hit.range, witness.false.range
    ends = {
        witness.hit: np.array([power.lo, power.lo, power.hi, power.hi]),
        witness.false: np.array([false.lo, false.hi, false.lo, false.hi]),
    }
    weight = look_weight(witness, ends.__getitem__)
    return float(weight.min()), float(weight.max())


@dataclass(frozen=True)
class Weights:
    """The log-likelihoods of one question's evidence; hypotheses and indicators in the order of the question."""

    question: Question
    evidence: tuple[Evidence, ...]
    assumptions: Assumptions

    def ranges(self, evidence: Evidence) -> list[Probability]:
        """P(E | H) for each hypothesis."""
        return [evidence.indicator.likelihood[h.id] for h in self.question.hypotheses]

    def row(self, evidence: Evidence, numbers: Numbers = at_best) -> Array:
        """log P(evidence | H) of one indicator at the best values, (hypotheses,), up to a constant."""
        return self.row_of(evidence, log_r(evidence, self.assumptions, numbers))

    def row_of(self, evidence: Evidence, log_r: Array) -> Array:
        """The same from what the evidence says of the indicator, (1,)."""
        p = np.array([[r.best] for r in self.ranges(evidence)])
        return ratio.log_likelihood(log_r, p)[:, 0]

    def rows(self, numbers: Numbers = at_best) -> Array:
        """The same for all indicators, (indicators, hypotheses); a silent one is a row of zeros."""
        rows = np.zeros((len(self.evidence), len(self.question.hypotheses)))
        for i, evidence in enumerate(self.evidence):
            if not evidence.silent:
                rows[i] = self.row(evidence, numbers)
        return rows

    def counted(self, rows: Array) -> Mask:
        """Which indicators count: all but those of a group that has a stronger member, (indicators,)."""
        spread = np.ptp(rows, axis=1)
        members: dict[str, list[int]] = defaultdict(list)
        for i, evidence in enumerate(self.evidence):
            if evidence.indicator.group and not evidence.silent:
                members[evidence.indicator.group].append(i)
        mask = np.array([not e.silent for e in self.evidence], dtype=bool)
        for group in members.values():
            strongest = max(group, key=lambda i: (spread[i], self.evidence[i].indicator.id))
            mask[[i for i in group if i != strongest]] = False
        return mask

    def drawn(self, counted: Mask) -> Array:
        """The sum over the counted indicators for each draw, (hypotheses, samples)."""
        draws = Draws(self.assumptions.seed, self.assumptions.samples)
        total = np.zeros((len(self.question.hypotheses), self.assumptions.samples))
        for i in np.flatnonzero(counted):
            total += self.drawn_row(self.evidence[i], draws)
        return total

    def drawn_row(self, evidence: Evidence, draws: Draws) -> Array:
        """One indicator's share of that sum, (hypotheses, samples)."""
        return ratio.log_likelihood(log_r(evidence, self.assumptions, draws), self._drawn_p(evidence, draws))

    def _drawn_p(self, evidence: Evidence, draws: Draws) -> Array:
        """Draws of P(E | H), (hypotheses, samples); hypotheses with the same range have the same number.

        Whoever gives two hypotheses one range says that the indicator does not tell them apart.
        """
        ranges = self.ranges(evidence)
        drawn = {(r.lo, r.best, r.hi): r for r in ranges}
        p = {ends: draws.once(Number(f"p {evidence.indicator.id} {ends}", r)) for ends, r in drawn.items()}
        return np.stack([p[r.lo, r.best, r.hi] for r in ranges])

    def corner_sums(self, counted: Mask) -> ratio.Bounds:
        """Outer bounds of the log ratio of each pair, (hypotheses, hypotheses), row over column."""
        size = len(self.question.hypotheses)
        low, high = np.zeros((size, size)), np.zeros((size, size))
        for i in np.flatnonzero(counted):
            ranges = self.ranges(self.evidence[i])
            p_lo, p_hi = np.array([r.lo for r in ranges]), np.array([r.hi for r in ranges])
            least, most = ratio.corner_ratios(corners(self.evidence[i], self.assumptions), p_lo, p_hi)
            low, high = low + least, high + most
        return low, high

    def naive(self) -> Array:
        """What one ratio per report and look, multiplied, would give: log-likelihoods, (hypotheses,)."""
        total = np.zeros(len(self.question.hypotheses))
        for evidence in self.evidence:
            p = np.array([[r.best] for r in self.ranges(evidence)])
            for witness in evidence.reports:
                h, f = report_pair(witness, at_best)
                total += ratio.log_likelihood(ratio.log_shared(h[np.newaxis], f[np.newaxis], 1.0), p)[:, 0]
            for witness in evidence.looks:
                total += ratio.log_likelihood(look_weight(witness, at_best), p)[:, 0]
        return total
