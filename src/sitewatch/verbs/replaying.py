"""Replay: how each answer moved from day to day, and what moved it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sitewatch.errors import InputError

if TYPE_CHECKING:
    from sitewatch.verbs.bench import Bench


def replay(bench: Bench, question: str | None = None) -> list[dict[str, Any]]:
    """The case's questions, each with its curve as a brief has it, from what is known by now; nothing is weighed anew
    into the ledger.

    Args:
        bench: the case.
        question: id of one question; all of them where none is given.

    Raises:
        InputError: the case asks no such question.
    """
    from sitewatch.tell.cite import Citations
    from sitewatch.tell.judged import judgements
    from sitewatch.tell.moved import with_curves
    from sitewatch.verbs.telling import assessed
    from sitewatch.weigh import curve, say

    asked = [q for q in bench.case.questions if question in (None, q.slug)]
    if not asked and question is not None:
        known = ", ".join(q.slug for q in bench.case.questions) or "none"
        raise InputError(f"--question: found {question!r}; right would be a question of the case: {known}")
    view = bench.ledger.view(bench.clock())
    cites = Citations(view)
    judged = judgements(assessed(bench, view, asked), view, cites, say)
    told = with_curves(judged, (curve(q, view, bench.case.assumptions) for q in asked), cites)
    return [{key: j[key] for key in ("slug", "question", "site", "hypotheses", "curve")} for j in told]
