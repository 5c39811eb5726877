"""A check on how a text puts its likelihoods, against ICD 203 or PHIA; text inside quotation marks is not looked at.

Refused are a hedge with no number in its sentence, words of two columns or scales in one text, confidence and
likelihood in one sentence (ICD 203, on expressing uncertainty), and a word whose own number lies outside its band.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from sitewatch.weigh.hedges import LOOSE, Hedge, Number, paired, sentences, unquoted
from sitewatch.weigh.scales import COLUMNS, SCALES, Band, Scale, ScaleName, words_of

Rule = Literal["no number", "outside its band", "two columns", "confidence"]

_CONFIDENCE = re.compile(
    r"\b(?:(?:low|moderate|medium|high)[\s-]+confidence"
    r"|confidence(?:\s+(?:in|of|that)(?:\s+[\w’'-]+){1,6}?)?\s+(?:is|was|remains)\s+(?:low|moderate|medium|high)"
    r"|confidence:\s+(?:low|moderate|medium|high)|confident(?:ly)?)\b",
    re.I,
)
_AROUND = 50
"""Characters of the sentence shown on either side of what is wrong."""


class Slip(NamedTuple):
    """One thing that is wrong, and where."""

    line: int
    """From 1."""
    column: int
    """Characters from the start of the line, from 1."""
    rule: Rule
    found: str
    part: str
    """The part of the sentence around it."""
    mend: str

    def __str__(self) -> str:
        return f"{self.found}, in “{self.part}”; {self.mend}"


class _Place(NamedTuple):
    """Characters of a text within one of its sentences."""

    text: str
    start: int
    end: int
    sentence: tuple[int, int]

    def slip(self, rule: Rule, found: str, mend: str) -> Slip:
        line_start = self.text.rfind("\n", 0, self.start) + 1
        line = self.text.count("\n", 0, self.start) + 1
        return Slip(line, self.start - line_start + 1, rule, found, self._part(), mend)

    def _part(self) -> str:
        first, last = max(self.start - _AROUND, self.sentence[0]), min(self.end + _AROUND, self.sentence[1])
        shown = " ".join(self.text[first:last].split())
        return f"{'…' if first > self.sentence[0] else ''}{shown}{'…' if last < self.sentence[1] else ''}"


class _Said(NamedTuple):
    """A hedge, the number that goes with it, and where it stands."""

    hedge: Hedge
    number: Number | None
    counted: bool
    """False where its sentence has no number for it at all."""
    place: _Place


def lint(text: str, scale: ScaleName = "icd203") -> list[str]:
    """What is wrong with how a text puts its likelihoods, in words; nothing where all holds."""
    return [str(slip) for slip in slips(text, scale)]


def slips(text: str, scale: ScaleName = "icd203") -> list[Slip]:
    """What is wrong with how a text puts its likelihoods, in the order of the text.

    Args:
        text: plain text; a blank line, or the start of a list's item, ends a sentence as a full stop does.
        scale: whose words count; those that only the other scale has are refused.
    """
    own = unquoted(text)
    found: list[Slip] = []
    said: list[_Said] = []
    for span in sentences(own):
        here = [
            _Said(hedge, number, counted, _Place(text, hedge.start, hedge.end, span))
            for hedge, number, counted in paired(own, span)
        ]
        found += _in_sentence(here, scale)
        confidence = _CONFIDENCE.search(own, *span) if here else None
        if confidence:
            what = f"confidence and likelihood in one sentence: “{confidence[0]}” and “{here[0].hedge.text}”"
            found.append(_Place(text, *confidence.span(), span).slip("confidence", what, "give each a sentence"))
        said += here
    return sorted([*found, *_mixed(said, scale)], key=lambda slip: slip[:2])


def _in_sentence(said: Iterable[_Said], scale: ScaleName) -> Iterator[Slip]:
    """Hedges without a number, and those whose number is not theirs."""
    for hedge, number, counted, place in said:
        if not counted:
            mend = f"write the word with its per cent, such as {_example(hedge, scale)}"
            yield place.slip("no number", f"a hedge without a number: “{hedge.text}”", mend)
        elif number and _band(hedge.first, scale) and _band(hedge.last, scale) and not _holds(hedge, number, scale):
            (_, low), (_, high) = _known(hedge.first, scale), _known(hedge.last, scale)
            found = f"“{hedge.text}” beside {number}, where {SCALES[scale]} means {low.lo}-{high.hi} %"
            yield place.slip("outside its band", found, _right(hedge.first, number, scale))


def _holds(hedge: Hedge, number: Number, scale: ScaleName) -> bool:
    """Whether a number lies in the band of its word, both edges in it, or runs from one band of a span to the other."""
    (column, low), (_, high) = _known(hedge.first, scale), _known(hedge.last, scale)
    whole = COLUMNS[scale][column]
    first, last = (min(max(n, whole[0].lo), whole[-1].hi) for n in (number.low, number.high))
    if number.high < whole[0].lo or number.low > whole[-1].hi:
        return False
    if hedge.first == hedge.last or number.low == number.high:
        return low.lo <= first and last <= high.hi
    return low.lo <= first <= low.hi and high.lo <= last <= high.hi


def _mixed(said: Sequence[_Said], scale: ScaleName) -> Iterator[Slip]:
    """The first use of each word that stands outside the column to which most of the text's words belong."""
    first: dict[str, _Said] = {}
    for one in said:
        for word in dict.fromkeys((one.hedge.first, one.hedge.last)):
            if word not in LOOSE:
                first.setdefault(word, one)
    fits = {name: {b.word for b in bands} & first.keys() for name, bands in COLUMNS[scale].items()}
    column = max(fits, key=lambda name: len(fits[name]))
    for word in first.keys() - fits[column]:
        one = first[word]
        others = ", ".join(f"“{w}”" for w in first if w in fits[column])
        if _band(word, scale):
            found = f"words of different columns in one text: “{word}” beside {others}"
        else:
            found = f"“{word}” is no word of {SCALES[scale]}"
        yield one.place.slip("two columns", found, f"keep to one scale: {_suggested(one, word, column, scale)}")


def _suggested(one: _Said, word: str, column: str, scale: ScaleName) -> str:
    """What a column says for the number beside a word, or for the middle of the word's own band elsewhere."""
    if one.number:
        return _told(one.number, COLUMNS[scale][column])
    band = next(b for bands in COLUMNS.values() for s in bands.values() for b in s if b.word == word)
    middle = (band.lo + band.hi) / 2
    there = words_of(middle, middle, COLUMNS[scale][column])
    return f"“{there}”, with its per cent" if there else "write the number alone"


def _right(word: str, number: Number, scale: ScaleName) -> str:
    return _told(number, COLUMNS[scale][_known(word, scale)[0]])


def _told(number: Number, column: Scale) -> str:
    words = words_of(number.low, number.high, column)
    return f"write “{words} ({number})”" if words else f"write {number} alone, for which the scale has no word"


def _band(word: str, scale: ScaleName) -> tuple[str, Band] | None:
    """The column that has a word, and its band there."""
    known = ((column, band) for column, bands in COLUMNS[scale].items() for band in bands if band.word == word)
    return next(known, None)


def _known(word: str, scale: ScaleName) -> tuple[str, Band]:
    found = _band(word, scale)
    assert found is not None  # noqa: S101  asked before
    return found


def _example(hedge: Hedge, scale: ScaleName) -> str:
    """A word of the chosen scale with its band: the hedge's own, else the nearest; "likely" for one of no scale."""
    known = _band(hedge.first, scale)
    first = next(iter(COLUMNS[scale].values()))
    every = (band for columns in COLUMNS.values() for bands in columns.values() for band in bands)
    foreign = next((b for b in every if b.word == hedge.first), next(b for b in first if b.word == "likely"))
    band = known[1] if known else min(first, key=lambda b: abs(b.lo + b.hi - foreign.lo - foreign.hi))
    return f"“{band.word} ({band.lo}-{band.hi} %)”"
