"""Leave one part out: does the order of the two leading hypotheses hang on one root, one look or one assumption?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from sitewatch.records import LeaveOut
from sitewatch.weigh.evidence import Number
from sitewatch.weigh.likelihoods import SHARED, VISIBLE, Weights, at_best, log_r
from sitewatch.weigh.ratio import Array, finite

_SAME = 1e-9
_NOTHING = 0.2 * np.log(10) / 10
"""0.2 dB as a natural logarithm: a ratio nearer to 1 leaves nothing."""


def leave_out(weights: Weights) -> tuple[LeaveOut, ...]:
    """The ratio of the two leading hypotheses without each part, those that move it most first.

    Parts are roots with all that retells them, looks, indicators, and three assumptions: that roots which share
    something may be one report, that a thing may be hidden from every look, and that grades differ.
    """
    rows = weights.rows()
    total = rows[weights.counted(rows)].sum(axis=0)
    if len(total) < 2:
        return ()
    first, second = np.lexsort(([h.id for h in weights.question.hypotheses], -total))[:2]
    whole = total[first] - total[second]
    found = []
    for name, changes in _without_each(weights, rows):
        part = _total_with(weights, rows, total, changes)
        log = part[first] - part[second]
        flips = bool(whole > _SAME and log < -_SAME)
        entry = LeaveOut(without=name, best=finite(log), flips=flips, leaves_nothing=bool(abs(log) <= _NOTHING))
        found.append((-abs(log - whole), name, entry))
    return tuple(entry for *_, entry in sorted(found, key=lambda f: f[:2]))


def _total_with(weights: Weights, rows: Array, total: Array, changes: dict[int, Array]) -> Array:
    """The sum over all indicators with some rows changed, (hypotheses,)."""
    if any(weights.evidence[i].indicator.group for i in changes):
        changed = rows.copy()
        for i, row in changes.items():
            changed[i] = row
        return np.asarray(changed[weights.counted(changed)].sum(axis=0))
    # Outside the groups nothing else moves, so the difference is enough and the cost does not grow with the case.
    return np.asarray(total + sum(row - rows[i] for i, row in changes.items()))


def _without_each(weights: Weights, rows: Array) -> Iterator[tuple[str, dict[int, Array]]]:
    """Each part's name and the rows that change without it, by place; each row (hypotheses,)."""
    names: dict[str, str] = {}
    places: dict[str, set[int]] = defaultdict(set)
    for i, evidence in enumerate(weights.evidence):
        for witness in (*evidence.roots, *evidence.looks):
            names[witness.key] = witness.name
            places[witness.key].add(i)
    whole = [log_r(evidence, weights.assumptions, at_best) for evidence in weights.evidence]
    for key, name in names.items():
        yield name, {i: _row_without(weights, i, whole[i], key) for i in places[key]}
    for i, evidence in enumerate(weights.evidence):
        if not evidence.silent:
            yield f"the indicator “{evidence.indicator.text}”", {i: np.zeros_like(rows[i])}
    for name, changed in _without_assumptions(weights):
        yield name, dict(enumerate(changed))


def _row_without(weights: Weights, i: int, whole: Array, key: str) -> Array:
    """One indicator's row without a root or look: only its own group is weighed anew, (hypotheses,)."""
    evidence = weights.evidence[i]
    if evidence.without(key).silent:
        return np.zeros(len(weights.question.hypotheses))
    beside = evidence.beside(key)
    before, after = (log_r(e, weights.assumptions, at_best) for e in (beside, beside.without(key)))
    return weights.row_of(evidence, whole - before + after)


def _without_assumptions(weights: Weights) -> Iterator[tuple[str, Array]]:
    """Each assumption at the value that switches it off; those that nothing rests on are passed over."""
    tables = {"hit": weights.assumptions.hit, "false": weights.assumptions.false}

    def apart(number: Number) -> Array:
        return np.zeros(1) if number.name == SHARED else at_best(number)

    def in_sight(number: Number) -> Array:
        return np.ones(1) if number.name == VISIBLE else at_best(number)

    def alike(number: Number) -> Array:
        table = tables.get(number.name.split()[0])
        return np.array([table["F"].best]) if table else at_best(number)

    if any(len({w.key for w in e.roots}) > e.root_count for e in weights.evidence):
        yield "the assumption that roots which share something may be one report", weights.rows(apart)
    if any(e.looks for e in weights.evidence):
        yield "the assumption that a thing may be hidden from every look", weights.rows(in_sight)
    if any(e.roots for e in weights.evidence):
        yield "the grades, every outlet taken as one that cannot be judged", weights.rows(alike)
