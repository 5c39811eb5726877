"""Words of likelihood in a text, its per cents, and which number goes with which word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sitewatch.weigh.scales import ADVERBS, COLUMNS

LOOSE = frozenset(
    {"possibly", "perhaps", "maybe", "presumably", "conceivably", "it is possible that", "it is doubtful"}
    | {"virtually certain", "virtually certainly", "near certainty", "even chance", "in all probability"}
)
"""Hedges of no scale: they need a number as the others do."""


class Number(NamedTuple):
    """Per cents as a text gives them."""

    start: int
    end: int
    low: float
    high: float
    side: str = ""
    """"above" or "below" where the number itself is left out: both ends then lie just on that side of it."""

    def __str__(self) -> str:
        if self.low == self.high:
            return f"{self.side} {self.low:.5g} %".lstrip()
        return f"{self.low:g}-{self.high:g} %"


class Hedge(NamedTuple):
    """A word of likelihood, or two of them as the ends of a span, and where it stands."""

    start: int
    end: int
    first: str
    """In lower case; an adverb as the scale's own word."""
    last: str
    """The same as `first` where it is one word."""
    text: str
    """As the text has it."""


_TERMS = {band.word for columns in COLUMNS.values() for scale in columns.values() for band in scale}
_ONE = "|".join(
    re.escape(term).replace(r"\ ", r"\s+") for term in sorted(_TERMS | set(ADVERBS) | LOOSE, key=len, reverse=True)
)
# "a probable alert", "state: probable" and "that became probable" name a step in an alert's history, not a likelihood.
_STEP = r"(?<!state )(?<!state: )(?!(?:(?<=became )|(?<=become ))probable\b(?! that\b))"
_HEDGE = re.compile(rf"{_STEP}\b({_ONE})\b(?:\s+to\s+({_ONE})\b)?(?! (?:alert|change)s?\b)", re.I)
_PER_CENT = r"\s?(?:%|per ?cent\b)"
_NUMBER = re.compile(
    r"(?:(?P<above>(?:\b(?:above|over|more than|greater than|higher than)\b|>)\s*)"
    r"|(?P<below>(?:\b(?:below|under|less than|lower than)\b|<)\s*))?"
    rf"(?<![\d.])(?P<one>\d+(?:\.\d+)?)(?:(?:{_PER_CENT})?\s?(?P<join>[-–—]|to\b|and\b|±|\+/[-−])\s?"
    rf"(?P<two>\d+(?:\.\d+)?))?{_PER_CENT}",
    re.I,
)
_JUST = 1e-6
"""Per cents by which a number is left out."""
_SMALL = r"(?:at|about|around|some|with|between|from|a|an|the|chance|probability|of)\b[\s,:]*"
_THEN_NUMBER = re.compile(rf"[\s,:(\[–—-]*(?:{_SMALL})*", re.I)
_OPENED = re.compile(
    r"[(\[][\s,:=~≈≃≤≥]*(?:(?:(?:more|less) than|over|under|above|below|at least|at most|up to|no more than"
    r"|no less than|approximately|approx|roughly|circa|ca|nearly|almost|close to|only|just|i\.e|p|equals|is|at"
    r"|about|around|some|with|between|from|a|an|the|chance|probability|likelihood|of)\b[\s.,:=~≈≃≤≥]*)*",
    re.I,
)
"""A bracket and what may stand in it before its number."""
_THEN_HEDGE = re.compile(r"[\s,:(\[–—-]*(?:(?:chance|so|thus|that is)\b[\s,:(]*)*", re.I)

# A quotation ends with its paragraph at the latest, so that a stray mark hides no more than that.
_MARKS = (
    *(("“", "”"), ("„", "“”"), ("«", "»"), ("»", "«"), ("‹", "›"), ("›", "‹"), ("「", "」"), ("『", "』")),
    (r'(?<!\d)"', '"'),
)
_SINGLE = (("‘", "’"), ("‚", "‘’"), (r"(?<!\w)'(?![\s\d])", "'"))
"""Marks of which one within a word is an apostrophe."""
_QUOTED = re.compile(
    "|".join(
        [rf"{opened}(?:[^{closed}\n]|\n(?!\s*\n))*[{closed}]" for opened, closed in _MARKS]
        + [
            rf"{opened}(?:[^{closed}\n]|(?<=\w)[{closed}](?=\w)|\n(?!\s*\n))*(?<!\s)[{closed}](?!\w)"
            for opened, closed in _SINGLE
        ]
    )
)
_QUOTED_LINE = re.compile(r"^([ \t]*>)(?!\s*\d[\d.]*\s?(?:%|per ?cent))([ \t].*)$", re.M)
"""A line that Markdown takes for a quotation; "> 90 %" is none."""
_NOT_ABBREVIATED = "".join(
    rf"(?<!\b{short})" for short in (r"e\.g\.", r"i\.e\.", r"ca\.", r"vs\.", "approx.", "No.", "Mr.", "Dr.", "Gen.")
)
_END = re.compile(rf"(?<=[.!?]){_NOT_ABBREVIATED}\s+|\n\s*\n|\n(?=\s*(?:[-*•#|>]|\d+[.)])\s)")


def unquoted(text: str) -> str:
    """The text with every quotation blanked, each character in its place; its last full stop still ends a sentence."""
    return _QUOTED.sub(_blank, _QUOTED_LINE.sub(lambda line: f"{line[1]}{'…' * (len(line[2]) - 1)}.", text))


def _blank(quoted: re.Match[str]) -> str:
    inside = quoted[0][:-1]
    end = inside[-1] if inside[-1:] in (".", "!", "?") else "…"
    return "".join("\n" if c == "\n" else "…" for c in inside) + end


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """First and last character of each sentence; a line's end alone ends none, for texts are wrapped."""
    start = 0
    for end in (*(match.span() for match in _END.finditer(text)), (len(text), len(text))):
        if text[start : end[0]].strip():
            yield start, end[0]
        start = end[1]


def paired(text: str, span: tuple[int, int]) -> list[tuple[Hedge, Number | None, bool]]:
    """The hedges of one sentence, each with the number that is its own, and whether there is any number for it.

    A number belongs to the word right before it, else to the word right after it, else, in brackets, to the nearest
    word before it. Any other number of the sentence may be of something else: it is taken for a hedge's, and nothing
    is said of what it is.
    """
    hedges = [_hedge(match) for match in _HEDGE.finditer(text, *span)]
    free = [_number(match) for match in _NUMBER.finditer(text, *span)]
    own: dict[Hedge, Number] = {}
    for belongs in (_follows, _leads, _in_brackets):
        for hedge in hedges:
            number = None if hedge in own else next((n for n in free if belongs(text, hedge, n, hedges)), None)
            if number:
                own[hedge] = number
                free.remove(number)
    spare = len(free)
    told = []
    for hedge in hedges:
        counted = hedge in own or spare > 0
        spare -= hedge not in own
        told.append((hedge, own.get(hedge), counted))
    return told


def _follows(text: str, hedge: Hedge, number: Number, among: Sequence[Hedge]) -> bool:
    if number.side:  # "likely above 20 % of its height" is no likelihood of 20 %
        return False
    return hedge.end <= number.start and _THEN_NUMBER.fullmatch(text, hedge.end, number.start) is not None


def _leads(text: str, hedge: Hedge, number: Number, among: Sequence[Hedge]) -> bool:
    return number.end <= hedge.start and _THEN_HEDGE.fullmatch(text, number.end, hedge.start) is not None


def _in_brackets(text: str, hedge: Hedge, number: Number, among: Sequence[Hedge]) -> bool:
    nearest = max((h.start for h in among if h.end <= number.start), default=None)
    if hedge.start != nearest:
        return False
    opened = max(text.rfind(mark, hedge.end, number.start) for mark in "([")
    return opened >= 0 and _OPENED.fullmatch(text, opened, number.start) is not None


def _number(match: re.Match[str]) -> Number:
    one, two = float(match["one"]), float(match["two"] or match["one"])
    if match["join"] and match["join"][0] in "±+":
        return Number(*match.span(), max(one - two, 0.0), min(one + two, 100.0))
    if match["two"] or not (match["above"] or match["below"]):
        return Number(*match.span(), min(one, two), max(one, two))
    side, just = ("above", one + _JUST) if match["above"] else ("below", one - _JUST)
    return Number(*match.span(), just, just, side)


def _hedge(match: re.Match[str]) -> Hedge:
    first, last = (_plain(word) for word in (match[1], match[2] or match[1]))
    return Hedge(*match.span(), first, last, " ".join(match[0].split()))


def _plain(word: str) -> str:
    word = " ".join(word.lower().split())
    return ADVERBS.get(word, word)
