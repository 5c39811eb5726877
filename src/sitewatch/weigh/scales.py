"""The published scales of words for likelihood, as data: which word stands for which per cents.

ICD 203 (US Office of the Director of National Intelligence, 2015) has two columns of words over the same numbers. The
Probability Yardstick of the UK's Professional Head of Intelligence Assessment (PHIA) has gaps between its bands.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import floor
from typing import Literal, NamedTuple

ScaleName = Literal["icd203", "phia"]
"""What a scale is called on the command line."""


class Band(NamedTuple):
    """One word and its percentages, both ends included."""

    word: str
    lo: int
    hi: int


Scale = tuple[Band, ...]

ICD_203: Scale = (
    Band("almost no chance", 1, 5),
    Band("very unlikely", 5, 20),
    Band("unlikely", 20, 45),
    Band("roughly even chance", 45, 55),
    Band("likely", 55, 80),
    Band("very likely", 80, 95),
    Band("almost certain", 95, 99),
)
ICD_203_OTHER: Scale = (
    Band("remote possibility", 1, 5),
    Band("highly improbable", 5, 20),
    Band("improbable", 20, 45),
    Band("roughly even odds", 45, 55),
    Band("probable", 55, 80),
    Band("highly probable", 80, 95),
    Band("nearly certain", 95, 99),
)
"""The second column of ICD 203: other words for the same numbers, not to be mixed with the first."""
PHIA: Scale = (
    Band("remote chance", 0, 5),
    Band("highly unlikely", 10, 20),
    Band("unlikely", 25, 35),
    Band("realistic possibility", 40, 50),
    Band("likely", 55, 75),
    Band("highly likely", 80, 90),
    Band("almost certain", 95, 100),
)

COLUMNS: Mapping[ScaleName, Mapping[str, Scale]] = {
    "icd203": {"ICD 203, first column": ICD_203, "ICD 203, second column": ICD_203_OTHER},
    "phia": {"PHIA": PHIA},
}
"""By scale, its columns; a text keeps to one of them."""
SCALES: Mapping[ScaleName, str] = {"icd203": "ICD 203", "phia": "PHIA"}
"""The scales as their readers call them."""

ADVERBS: Mapping[str, str] = {
    "almost certainly": "almost certain",
    "nearly certainly": "nearly certain",
    "probably": "probable",
    "highly probably": "highly probable",
    "improbably": "improbable",
}
"""Forms of a scale's word that stand for it."""


def percent(p: float) -> int:
    """A probability as a whole percent, halves upwards.

    Raises:
        ValueError: it is not between 0 and 1.
    """
    if not -1e-9 <= p <= 1 + 1e-9:
        raise ValueError(f"a probability lies between 0 and 1, found {p}")
    return floor(100 * p + 0.5 + 1e-9)


def word_of(whole: float, scale: Scale) -> str | None:
    """The word for per cents, where the lower band owns its edge; None where the scale has none."""
    return next((b.word for b in scale if b.lo <= whole <= b.hi), None)


def words_of(low: float, high: float, scale: Scale) -> str | None:
    """The word of the band that holds both ends, per cents, else the span; None where an end falls into a gap.

    What reaches beyond the scale's first or last number is told by its part within the scale.
    """
    first, last = scale[0].lo, scale[-1].hi
    if high < first or low > last:
        return None
    low, high = max(low, first), min(high, last)
    whole = [b.word for b in scale if b.lo <= low and high <= b.hi]
    if whole:
        return whole[0]
    ends = [b.word for b in reversed(scale) if b.lo <= low <= b.hi][:1], word_of(high, scale)
    return f"{ends[0][0]} to {ends[1]}" if ends[0] and ends[1] else None
