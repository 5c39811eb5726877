"""Spans of characters in a paragraph: joined, cut out of one another, and drawn round runs of words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spacy.tokens import Doc

Chars = tuple[int, int]
"""Start and end offset in characters of the paragraph."""

_EDGES = " \t,;:-–—"


def text_of(doc: Doc) -> str:
    """The text of a paragraph, joined once: the parser's own property joins all tokens each time."""
    if "text" not in doc.user_data:
        doc.user_data["text"] = doc.text
    return str(doc.user_data["text"])


def covered(span: Chars, by: Iterable[Chars]) -> int:
    """Characters of a span that lie in others."""
    return sum(max(0, min(span[1], b) - max(span[0], a)) for a, b in by)


def runs(doc: Doc, tokens: set[int]) -> tuple[Chars, ...]:
    """Character spans of the unbroken runs among some tokens, with no comma, dash or lone mark at either end."""
    unbroken: list[list[int]] = []
    for i in sorted(tokens):
        if unbroken and i == unbroken[-1][-1] + 1:
            unbroken[-1].append(i)
        else:
            unbroken.append([i])
    text = text_of(doc)
    spans = (trimmed(text, doc[r[0]].idx, doc[r[-1]].idx + len(doc[r[-1]])) for r in unbroken)
    return tuple(s for s in spans if s is not None)


def trimmed(text: str, start: int, end: int) -> Chars | None:
    """The span without commas, dashes and stops at its ends; None where no word is left."""
    while start < end and text[start] in _EDGES:
        start += 1
    while end > start and text[end - 1] in _EDGES + ".":
        end -= 1
    return (start, end) if re.search(r"\w", text[start:end]) else None


def merged(spans: Iterable[Chars]) -> Iterator[Chars]:
    """Spans in order, those that touch or overlap joined."""
    last: Chars | None = None
    for start, end in sorted(spans):
        if last is not None and start <= last[1] + 1:
            last = (last[0], max(last[1], end))
        else:
            if last is not None:
                yield last
            last = (start, end)
    if last is not None:
        yield last


def outside(spans: Iterable[Chars], barred: Iterable[Chars]) -> tuple[Chars, ...]:
    """Spans without the parts that lie in others."""
    kept = list(spans)
    for a, b in barred:
        kept = [p for s, e in kept for p in ((s, min(e, a)), (max(s, b), e)) if p[0] < p[1]]
    return tuple(kept)
