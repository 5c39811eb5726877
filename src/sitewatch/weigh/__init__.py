"""Weigh: from records to judgements that can be taken apart.

`assess` answers a question with ratios between its rival hypotheses, `find` says what the looks make of a commitment,
and `words` puts numbers into words. Everything here is pure: records in, records out; `docs/methods/weigh.md` has every
formula with its source and its assumptions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sitewatch.late import late

if TYPE_CHECKING:
    from sitewatch.weigh.commitments import find
    from sitewatch.weigh.hypotheses import assess
    from sitewatch.weigh.words import lint, say, word

__all__ = ["assess", "find", "lint", "say", "word"]

__getattr__ = late(__name__, {"commitments": ("find",), "hypotheses": ("assess",), "words": ("lint", "say", "word")})
