"""Numbers into words.

The words are those of ICD 203, or of PHIA's yardstick with its gaps kept (`scales`). In both the lower band owns its
edge, so 20 % is "very unlikely", not "unlikely". What a text makes of such words is checked in `linter`.
"""

from __future__ import annotations

from sitewatch.weigh.linter import lint
from sitewatch.weigh.scales import ICD_203, PHIA, Scale, percent, word_of, words_of

__all__ = ["ICD_203", "PHIA", "UNTELLABLE", "WIDEST", "lint", "percent", "say", "word"]

UNTELLABLE = "the evidence cannot tell"
WIDEST = 50
"""Points; a wider range tells nothing."""


def word(p: float, scale: Scale = ICD_203) -> str | None:
    """The word for a probability, rounded to a whole percent first; None where the scale has none."""
    return word_of(percent(p), scale)


def say(lo: float, hi: float, scale: Scale = ICD_203) -> str:
    """A range in words and numbers, such as "likely (55-80 %)".

    A range within one band takes its word. One over two or more bands prints both ends' words; there, an end on an edge
    belongs to the band into which the range runs. Over 50 points the evidence cannot tell.

    Raises:
        ValueError: an end is no probability, or they are the wrong way round.
    """
    if lo > hi:
        raise ValueError(f"a range runs from low to high, found {lo} to {hi}")
    low, high = percent(lo), percent(hi)
    numbers = _numbers(low, high)
    if high - low > WIDEST:
        return f"{UNTELLABLE} ({numbers})"
    words = words_of(low, high, scale)
    return f"{words} ({numbers})" if words else numbers


def _numbers(low: int, high: int) -> str:
    """Whole percents; no estimate is put at 0 or 100."""
    if high < 1:
        return "below 1 %"
    if low > 99:
        return "above 99 %"
    return f"{low} %" if low == high else f"{low}-{high} %"
