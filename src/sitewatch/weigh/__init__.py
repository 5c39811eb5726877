"""Weigh: from records to judgements that can be taken apart.

`assess` answers a question with ratios between its rival hypotheses, `find` says what the looks make of a commitment,
`reckon` what counts, declarations, balances and tallies say of each other,
`curve` how an answer moved from day to day,
`unmet` names observables that no look was ever asked for, and `words` puts numbers into words. Everything here is pure:
records in, records or sentences out; `docs/methods/weigh.md` has every formula with its source and its assumptions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sitewatch.late import late

if TYPE_CHECKING:
    from sitewatch.weigh.commitments import find
    from sitewatch.weigh.hypotheses import assess
    from sitewatch.weigh.limits import unmet
    from sitewatch.weigh.reckoning import reckon
    from sitewatch.weigh.replay import curve
    from sitewatch.weigh.scores import score
    from sitewatch.weigh.words import lint, say, word

__all__ = ["assess", "curve", "find", "lint", "reckon", "say", "score", "unmet", "word"]

__getattr__ = late(
    __name__,
    {
        "commitments": ("find",),
        "hypotheses": ("assess",),
        "limits": ("unmet",),
        "reckoning": ("reckon",),
        "replay": ("curve",),
        "scores": ("score",),
        "words": ("lint", "say", "word"),
    },
)
