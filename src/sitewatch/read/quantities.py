"""Counted and measured things as intervals: "one or two missiles", "at least a dozen trucks", "some 55 boxes"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from sitewatch.read.prose import entity
from sitewatch.records import Quantity

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

_DIGITS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?")
_UNITS = frozenset(
    """
    one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
    eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety
    """.split()
)
_SCALES = {"dozen": 12, "score": 20, "hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
_MANY = {f"{word}s": value for word, value in _SCALES.items()} | {"tens": 10}
_BEGIN = frozenset(("a", "an", "half", *_UNITS, *_MANY))
"""Words that a numeral may begin with, besides digits."""
_FRACTIONS = {"half": 2, "third": 3, "thirds": 3, "quarter": 4, "quarters": 4, "fifth": 5, "fifths": 5}

_AT_LEAST = ("at least", "no fewer than", "not less than", "no less than", "upwards of", "a minimum of")
_MORE = ("more than", "over", "above", "in excess of")
_AT_MOST = (
    "at most",
    "up to",
    "as many as",
    "no more than",
    "a maximum of",
    "fewer than",
    "less than",
    "under",
    "below",
)
_NEARLY = ("nearly", "almost", "close to", "just under")
_ABOUT = ("about", "around", "some", "roughly", "approximately", "an estimated", "circa", "perhaps")
_BOUNDS = sorted((*_AT_LEAST, *_MORE, *_AT_MOST, *_NEARLY, *_ABOUT), key=len, reverse=True)
_TAKING_OVER = frozenset("hand turn give take pass sign win bring make".split())
"""Verbs that make one word with "over"."""
_SLACK = 0.1
"""How far "about" reaches to either side, as a share of the number."""

_MEASURES = {
    "length": "m metre meter km kilometre kilometer cm mm mile foot yard",
    "weight": "kg kilogram gram ton tonne pound",
    "area": "hectare acre km2",
    "power": "kw mw gw kilowatt megawatt gigawatt kiloton megaton",
    "share": "% percent per-cent",
}
_DIMENSION = {unit: name for name, units in _MEASURES.items() for unit in units.split()}
_ADJECTIVES = {"long": "length", "wide": "width", "high": "height", "tall": "height", "deep": "depth", "thick": "depth"}
_CLOCK = frozenset("second minute hour day week month year decade century time o'clock p.m. a.m.".split())
_PACKING = frozenset("set piece pair group lot box case crate casket coffin bag batch".split())


class _Number(NamedTuple):
    """A numeral: tokens [start, end) of the paragraph, the values it spans, and whether it is a fraction."""

    start: int
    end: int
    lo: float
    hi: float
    fraction: bool = False


def quantities(doc: Doc, *, offset: int = 0, without: Iterable[tuple[int, int]] = ()) -> list[Quantity]:
    """Quantities of one parsed paragraph, in order.

    Ordinals, dates, clock times, ages and bare "one" (mostly an article) are none of them.

    Args:
        doc: the paragraph, tagged by spaCy.
        offset: where the paragraph begins in the text; spans of the result are into the text.
        without: character spans of the paragraph that are dates or names, in which no number counts.
    """
    barred = list(without)
    found: list[Quantity] = []
    words = [t.lower_ for t in doc]
    at = 0
    while at < len(doc):
        number = _range(words, at) if words[at] in _BEGIN or words[at][0].isdigit() else None
        if number is None:
            at += 1
            continue
        at = number.end
        quantity = None if _is_barred(doc, number, barred) else _quantity(doc, words, number, offset)
        if quantity is not None:
            found.append(quantity)
    return found


def _range(words: Sequence[str], at: int) -> _Number | None:
    """ "one or two", "10 to 20", "50 by 110", "between 10 and 20", or a single numeral."""
    first = _numeral(words, at)
    if first is None or first.fraction or first.end + 1 >= len(words):
        return first
    joins = {"or", "to", "-", "–"} | ({"and"} if at and words[at - 1] == "between" else set())
    second = _numeral(words, first.end + 1) if words[first.end] in joins else None
    if second is None or second.fraction or second.lo <= first.lo:
        return first
    return _Number(first.start, second.end, first.lo, second.hi)


def _numeral(words: Sequence[str], at: int) -> _Number | None:
    """One numeral that begins at a token: digits, words, a vague plural ("dozens") or a fraction."""
    if words[at] in _MANY:
        return _vague(words, at)
    value, end = _value(words, at)
    if value is None:
        return None
    parts = _FRACTIONS.get(words[end]) if end < len(words) else None
    if parts and value < parts:
        return _Number(at, end + 1, value / parts, value / parts, fraction=True)
    return _Number(at, end, value, value)


def _vague(words: Sequence[str], at: int) -> _Number:
    """ "dozens" is 24 to 119, "tens of thousands" 20,000 to 99,999: at least two of the unit, not yet ten."""
    unit, end = float(_MANY[words[at]]), at + 1
    if words[end : end + 1] == ["of"] and end + 1 < len(words) and words[end + 1] in _MANY:
        unit, end = unit * _MANY[words[end + 1]], end + 2
    return _Number(at, end, 2 * unit, 10 * unit - 1)


def _value(words: Sequence[str], at: int) -> tuple[float | None, int]:
    """Value of the numeral at a token and the token after it."""
    word, end = words[at], at + 1
    after = words[end] if end < len(words) else ""
    if _DIGITS.fullmatch(word):
        value = float(word.replace(",", ""))
        return (value * _SCALES[after], end + 1) if after in _SCALES else (value, end)
    if word in ("a", "an") and (after in _SCALES or after in _FRACTIONS):
        return (1.0, end) if after in _FRACTIONS else (float(_SCALES[after]), end + 1)
    if word == "half" and words[end : end + 2] == ["a", "dozen"]:
        return 6.0, end + 2
    if word == "half":
        return 1.0, at
    return _in_words(words, at)


def _in_words(words: Sequence[str], at: int) -> tuple[float | None, int]:
    """ "fifty-five", "two hundred and five", "three dozen"."""
    from text_to_num import text2num

    end = at
    while end < len(words) and (words[end] in _UNITS or words[end] in _SCALES or _joins(words, at, end)):
        end += 1
    run = [w for w in words[at:end] if w not in ("-", "and")]
    factor = 1
    while run and run[-1] in ("dozen", "score"):
        factor *= _SCALES[run.pop()]
    if not run or run[0] not in _UNITS:
        return None, at + 1
    try:
        return float(text2num(" ".join(run), "en")) * factor, end
    except ValueError:  # "twenty thirty": two numerals side by side; the first alone is one
        return float(text2num(run[0], "en")), at + 1


def _joins(words: Sequence[str], start: int, at: int) -> bool:
    """A hyphen inside "fifty-five", or the "and" after a hundred, with a numeral on both sides."""
    if not start < at < len(words) - 1 or words[at + 1] not in _UNITS:
        return False
    return words[at] == "-" or (words[at] == "and" and words[at - 1] in ("hundred", "thousand", "million"))


def _is_barred(doc: Doc, number: _Number, barred: Sequence[tuple[int, int]]) -> bool:
    """Dates, sums of money, and numbers that are part of a name ("38 North", "Hall 3")."""
    first, last = doc[number.start], doc[number.end - 1]
    if any(a < last.idx + len(last) and first.idx < b for a, b in barred):
        return True
    before = doc[number.start - 1] if number.start else None
    if before is not None and (
        before.pos_ == "SYM" or before.is_currency or (before.pos_ == "PROPN" and first.is_digit)
    ):
        return True
    after = doc[number.end] if number.end < len(doc) else None
    return after is not None and after.pos_ == "PROPN" and entity(first) == "ORG" == entity(after)


def _quantity(doc: Doc, words: Sequence[str], number: _Number, offset: int) -> Quantity | None:
    """The quantity of a numeral; None where nothing is counted."""
    named = _counted(doc, words, number)
    if named is None:
        return None
    attribute, unit, last = named
    bound = _bound(doc, words, number.start)
    if (number.lo, number.hi, bound, unit) == (1, 1, "", None) and words[number.start] == "one":
        return None
    start, end = doc[number.start - len(bound.split())].idx, last.idx + len(last)
    lo, hi = _interval(number.lo, number.hi, bound)
    words_of_it = doc.text[start:end]
    return Quantity(text=words_of_it, span=(offset + start, offset + end), lo=lo, hi=hi, attribute=attribute, unit=unit)


def _bound(doc: Doc, words: Sequence[str], start: int) -> str:
    """The words just before a numeral that loosen it, or nothing; the "over" of "handed over" is no such word."""
    for bound in _BOUNDS:
        parts = bound.split()
        at = start - len(parts)
        if at >= 0 and list(words[at:start]) == parts:
            return "" if len(parts) == 1 and at and _is_particle(doc[at - 1], doc[at]) else bound
    return ""


def _is_particle(before: Token, word: Token) -> bool:
    """True for the "over" of "handed over 54", which belongs to the verb."""
    if before.pos_ != "VERB":
        return False
    return word.dep_ in ("prt", "prep") or (word.lower_ == "over" and before.lemma_ in _TAKING_OVER)


def _interval(lo: float, hi: float, bound: str) -> tuple[float, float | None]:
    if bound in _AT_LEAST or bound in _MORE:
        return lo, None
    if bound in _AT_MOST:
        return 0.0, hi
    below = _SLACK if bound in _NEARLY or bound in _ABOUT else 0.0
    above = _SLACK if bound in _ABOUT else 0.0
    return lo * (1 - below), hi * (1 + above)


def _counted(doc: Doc, words: Sequence[str], number: _Number) -> tuple[str, str | None, Token] | None:
    """What a numeral counts: its attribute, its unit, and the last token of the phrase."""
    at = number.end
    if words[at : at + 1] and words[at] in ("by", "x", "×"):  # "50 by 110 metres": the first side has the unit too
        other = _numeral(words, at + 1) if at + 1 < len(words) else None
        at = other.end if other else at
    if number.fraction or words[number.start] in _MANY:
        at += words[at : at + 1] == ["of"]
    run = _noun_phrase(doc, at)
    if not run and at < len(doc) and doc[at].tag_ == "VBZ" and number.hi > 1:
        run = [doc[at]]  # "54 remains": a plural number is never the subject of a verb in -s, so this is a noun
    if not run:
        return None
    unit = _DIMENSION.get(run[0].lemma_.lower())
    if unit is not None:
        return _measured(doc, run, unit)
    head = run[-1]
    if head.lemma_.lower() in _CLOCK or any(t.lemma_.lower() in _CLOCK for t in run[:1]):
        return None
    if head.lemma_.lower() in _PACKING:
        inner = _after_of(doc, head.i + 1)
        head = inner[-1] if inner else head
    return head.lemma_.lower(), "share" if number.fraction else None, head


def _measured(doc: Doc, run: list[Token], dimension: str) -> tuple[str, str | None, Token]:
    """ "1 km wall", "20 tons of fuel", "50 metres wide": the measured thing, else the dimension."""
    unit, rest = run[0], run[1:]
    inner = rest or _after_of(doc, unit.i + 1)
    after = doc[unit.i + 1].lower_ if unit.i + 1 < len(doc) else ""
    if after in _ADJECTIVES:
        return _ADJECTIVES[after], unit.lemma_.lower(), doc[unit.i + 1]
    head = inner[-1] if inner else unit
    return (head.lemma_.lower() if inner else dimension), unit.lemma_.lower(), head


def _after_of(doc: Doc, at: int) -> list[Token]:
    return _noun_phrase(doc, at + 1) if at < len(doc) and doc[at].lower_ == "of" else []


def _noun_phrase(doc: Doc, at: int) -> list[Token]:
    """Tokens from `at` up to the head of the noun phrase that begins there; empty where none does."""
    run: list[Token] = []
    for token in doc[at:]:
        inside = token.pos_ in ("NOUN", "PROPN", "ADJ") or token.lower_ in ("-", "%") or token.tag_ in ("VBN", "VBG")
        if token.pos_ == "DET" and not run and token.lower_ not in ("that", "this", "these", "those"):
            continue
        if not inside:
            break
        run.append(token)
    while run and not _is_countable(run[-1]):
        run.pop()
    return run


def _is_countable(token: Token) -> bool:
    return token.tag_ in ("NN", "NNS", "NNPS") or (token.tag_ == "NNP" and token.is_lower) or token.lower_ == "%"
