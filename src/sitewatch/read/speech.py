"""One "who says what" inside a parsed paragraph, and how its parts are cut out of the parse."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from sitewatch.read.modality import under_cue
from sitewatch.read.spans import Chars, outside, runs, text_of, trimmed
from sitewatch.records import Modality

if TYPE_CHECKING:
    from spacy.tokens import Token

SUBJECTS = ("nsubj", "nsubjpass", "csubj")
"""Dependencies of a clause's subject."""
_STOP = re.compile(r"[.!?]?[\"”’]?[.!?]?")
_LISTENED = ("tell", "inform", "assure", "remind")


@dataclass(frozen=True)
class Attribution:
    """One "who says what" inside a paragraph; spans are characters of the paragraph."""

    cue: Token
    """The word that reports."""
    cues: tuple[Chars, ...]
    modality: Modality
    source: Token | None = None
    """Head of the phrase that names who says it; None where nobody is named."""
    sources: tuple[Chars, ...] = ()
    content: Token | None = None
    """Main predicate of what is said; None where that is a noun or a quotation alone."""
    contents: tuple[Chars, ...] = ()
    told: Token | None = None
    """Whom it was told to."""
    continued: bool = field(default=False, compare=False)
    """True for a quotation that goes on from the sentence before, where nobody is named again."""

    @cached_property
    def span(self) -> Chars:
        """From the first to the last character of it, to whom and when it was said too; a quotation that goes on is its
        words alone."""
        if self.continued:
            return self.contents[0][0], self.contents[-1][1]
        spans = [*self.sources, *self.cues, *self.contents, *_beside(self.cue)]
        text = text_of(self.cue.doc)
        end = max(b for _, b in spans)
        stop = _STOP.match(text, end)
        return min(a for a, _ in spans), stop.end() if stop else end


def made(
    cue: Token, force: Modality, source: Token | None, contents: tuple[Chars, ...], content: Token | None
) -> Attribution:
    """An attribution from its words.

    Args:
        cue: the word that reports.
        force: what it does by itself to the sureness of what it reports.
        source: head of the phrase that names who says it.
        contents: what is said; parts of the source's phrase are taken out of it.
        content: the main predicate of that.
    """
    doc = cue.doc
    words = {cue.i} | {c.i for c in cue.children if c.dep_ in ("aux", "auxpass", "neg", "prt") and c.i < cue.i + 2}
    sources = runs(doc, phrase(source, cue)) if source is not None else ()
    told = next((c for c in cue.children if c.dep_ in ("dobj", "dative") and c.pos_ in ("NOUN", "PROPN", "PRON")), None)
    return Attribution(
        cue=cue,
        cues=runs(doc, words),
        modality=under_cue(cue, force, content),
        source=source,
        sources=sources,
        content=content,
        contents=tuple(t for span in outside(contents, sources) if (t := trimmed(text_of(doc), *span)) is not None),
        told=told if cue.lemma_ in _LISTENED else None,
    )


def phrase(head: Token, cue: Token) -> set[int]:
    """The noun phrase of a source, without the cue itself where that hangs below it ("officials saying …")."""
    below = {t.i for t in cue.subtree} if head in cue.ancestors else set()
    return {t.i for t in head.subtree} - below


def trees(heads: list[Token], cue: Token, source: Token | None) -> tuple[Chars, ...]:
    """What hangs on some words, without the cue and the source."""
    barred = {cue.i} | (phrase(source, cue) if source is not None and source not in heads else set())
    return runs(cue.doc, {t.i for head in heads for t in head.subtree} - barred)


def around(cue: Token, source: Token | None) -> tuple[Chars, ...]:
    """The sentence around a reporting clause: all but who says it, the verb, and what hangs on the verb behind it."""
    behind = (c for c in cue.rights if c.dep_ not in ("conj", "cc", "ccomp", "punct"))
    aside = {cue.i} | {t.i for c in behind for t in c.subtree}
    aside |= {c.i for c in cue.lefts if c.dep_ in ("aux", "auxpass", "neg", "mark", "advmod")}
    aside |= {c.i for c in cue.lefts if c.lower_ == "it" and c.dep_ in SUBJECTS}  # "…, it was reported by"
    aside |= {t.i for t in source.subtree} if source is not None else set()
    return runs(cue.doc, {t.i for t in cue.sent} - aside)


def _beside(cue: Token) -> tuple[Chars, ...]:
    """What hangs on the cue behind it, such as to whom and when it was said; not what "and" or "but" adds."""
    if cue.pos_ not in ("VERB", "AUX"):
        return ()
    kids = [
        c for c in cue.rights if c.dep_ in ("dobj", "dative", "prep", "npadvmod", "advmod", "agent", "prt", "advcl")
    ]
    return runs(cue.doc, {t.i for c in kids for t in c.subtree})


def begins(clause: Token) -> str:
    """The first word of a clause, in lower case."""
    return next((t.lower_ for t in clause.subtree if t.pos_ != "PUNCT"), "")
