"""Numbers into words, and a check that no text puts words without numbers.

The words are those of ICD 203 (US Office of the Director of National Intelligence, 2015), or of the Probability
Yardstick of the UK's Professional Head of Intelligence Assessment with its gaps kept. In both the lower band owns its
edge, so 20 % is "very unlikely", not "unlikely".
"""

from __future__ import annotations

import re
from math import floor
from typing import NamedTuple


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
PHIA: Scale = (
    Band("remote chance", 0, 5),
    Band("highly unlikely", 10, 20),
    Band("unlikely", 25, 35),
    Band("realistic possibility", 40, 50),
    Band("likely", 55, 75),
    Band("highly likely", 80, 90),
    Band("almost certain", 95, 100),
)
UNTELLABLE = "the evidence cannot tell"
WIDEST = 50
"""Points; a wider range tells nothing."""


def percent(p: float) -> int:
    """A probability as a whole percent, halves upwards.

    Raises:
        ValueError: it is not between 0 and 1.
    """
    if not -1e-9 <= p <= 1 + 1e-9:
        raise ValueError(f"a probability lies between 0 and 1, found {p}")
    return floor(100 * p + 0.5 + 1e-9)


def word(p: float, scale: Scale = ICD_203) -> str | None:
    """The word for a probability, rounded to a whole percent first; None where the scale has none."""
    return _from_below(percent(p), scale)


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
    words = _words(low, high, scale)
    return f"{words} ({numbers})" if words else numbers


def _words(low: int, high: int, scale: Scale) -> str | None:
    """The word of the band that holds both ends, else the span; None where an end falls into a gap."""
    first, last = scale[0].lo, scale[-1].hi
    if high < first or low > last:
        return None
    low, high = max(low, first), min(high, last)
    whole = [b.word for b in scale if b.lo <= low and high <= b.hi]
    if whole:
        return whole[0]
    ends = [b.word for b in reversed(scale) if b.lo <= low <= b.hi][:1], _from_below(high, scale)
    return f"{ends[0][0]} to {ends[1]}" if ends[0] and ends[1] else None


def _from_below(whole: int, scale: Scale) -> str | None:
    return next((b.word for b in scale if b.lo <= whole <= b.hi), None)


def _numbers(low: int, high: int) -> str:
    """Whole percents; no estimate is put at 0 or 100."""
    if high < 1:
        return "below 1 %"
    if low > 99:
        return "above 99 %"
    return f"{low} %" if low == high else f"{low}-{high} %"


_COLUMNS = {
    "ICD 203, first column": {b.word for b in ICD_203} | {"almost certainly"},
    "ICD 203, second column": {
        "remote possibility",
        "highly improbable",
        "improbable",
        "roughly even odds",
        "probable",
        "probably",
        "highly probable",
        "nearly certain",
    },
    "PHIA": {b.word for b in PHIA} | {"almost certainly"},
}
_LOOSE = {"possibly", "perhaps", "maybe", "presumably", "conceivably"}
_TERMS = sorted(set().union(*_COLUMNS.values(), _LOOSE), key=len, reverse=True)
# "a probable alert" and "state: probable" name a step in an alert's history, not a likelihood.
_TERM = re.compile(rf"(?<!state )(?<!state: )\b({'|'.join(map(re.escape, _TERMS))})\b(?! (?:alert|change)s?\b)", re.I)
_HEDGE = re.compile(rf"(?:{_TERM.pattern})(?: to (?:{_TERM.pattern}))?", re.I)
_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:\s?(?:[-–]|to)\s?\d+(?:\.\d+)?)?\s?(?:%|per ?cent\b)", re.I)
_CONFIDENCE = re.compile(r"\b(?:(?:low|moderate|medium|high) confidence|confident|confidently)\b", re.I)
_QUOTED = re.compile(r"“[^”]*”|„[^“”]*[“”]|«[^»]*»|‘[^’]*’(?!\w)|\"[^\"]*\"")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")


def lint(text: str) -> list[str]:
    """What is wrong with how a text puts its likelihoods; text inside quotation marks is not looked at.

    Refused are a hedge without a number in its sentence, words of two scales or columns in one text, and confidence
    and likelihood in one sentence (ICD 203, on expressing uncertainty).
    """
    own = _QUOTED.sub("…", text)
    problems = [problem for sentence in _SENTENCE.split(own) for problem in _lint_sentence(sentence.strip())]
    used = {match.group(1).lower() for match in _TERM.finditer(own)} - _LOOSE
    if used and not any(used <= column for column in _COLUMNS.values()):
        problems.append(f"words of different columns in one text: {', '.join(sorted(used))}; keep to one scale")
    return problems


def _lint_sentence(sentence: str) -> list[str]:
    hedges = [match.group(0).lower() for match in _HEDGE.finditer(sentence)]
    problems = []
    if len(hedges) > len(_NUMBER.findall(sentence)):
        found = ", ".join(f"“{hedge}”" for hedge in hedges)
        problems.append(f"a hedge without a number: {found} in “{sentence}”; write the word with its per cent")
    confidence = _CONFIDENCE.search(sentence)
    if hedges and confidence:
        problems.append(
            f"confidence and likelihood in one sentence: “{confidence.group(0)}” and “{hedges[0]}” in “{sentence}”; "
            "give each a sentence"
        )
    return problems
