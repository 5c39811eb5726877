"""Weigh: from records to judgements that can be taken apart.

`assess` answers a question with ratios between its rival hypotheses, `find` says what the looks make of a commitment,
and `words` puts numbers into words. Everything here is pure: records in, records out; `docs/methods/weigh.md` has every
formula with its source and its assumptions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sitewatch.weigh.words as words
    from sitewatch.weigh.commitments import find
    from sitewatch.weigh.hypotheses import assess
    from sitewatch.weigh.words import lint, say

__all__ = ["assess", "find", "lint", "say", "words"]

_HOMES = {"assess": "hypotheses", "find": "commitments", "lint": "words", "say": "words", "words": ""}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - the type is that of whichever name is asked for
    """Import a public name when it is first asked for, since numpy is slow to start."""
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name == "words":
        return import_module("sitewatch.weigh.words")
    return getattr(import_module(f"sitewatch.weigh.{_HOMES[name]}"), name)
