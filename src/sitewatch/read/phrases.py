"""Phrases that report: "according to …", and nouns with what they say ("the report that …")."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from sitewatch.read import cues
from sitewatch.read.spans import runs
from sitewatch.read.speech import SUBJECTS, Attribution, begins, made, trees
from sitewatch.records import Modality

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token


def according(doc: Doc) -> Iterator[Attribution]:
    """ "According to officials, …", "…, according to officials": the clause or sentence around it is what is said."""
    for word in doc[:-2]:
        if word.lower_ != "according" or doc[word.i + 1].lower_ != "to":
            continue
        source = next(
            (t for t in doc[word.i + 2 :] if t.dep_ in ("pobj", "pcomp") and t.head.i in (word.i, word.i + 1)), None
        )
        if source is None or source.sent.start != word.sent.start:
            continue
        phrase = {word.i, word.i + 1} | {t.i for t in source.subtree}
        phrase |= _to_next_mark(max(phrase), word.sent.end, doc)
        clause = _clause_of(word)
        ends = all(t.is_punct for t in doc[max(phrase) + 1 : word.sent.end])
        within = {t.i for t in (word.sent if ends or clause.dep_ == "ROOT" else clause.subtree)}
        found = made(word, Modality.ASSERTED, source, runs(doc, within - phrase), clause)
        yield replace(found, cues=runs(doc, {word.i, word.i + 1}))


def _to_next_mark(last: int, end: int, doc: Doc) -> set[int]:
    """Tokens behind a phrase up to the next comma or stop: they belong to it, whatever the parser hung them on."""
    stop = next((i for i in range(last + 1, end) if doc[i].is_punct), end)
    return set(range(last + 1, stop))


def _clause_of(word: Token) -> Token:
    """The predicate of the clause in which a phrase stands."""
    node = word
    while node.head != node and not (node.pos_ in ("VERB", "AUX") and node != word):
        node = node.head
    while (
        node.dep_ == "conj" and node.head.pos_ in ("VERB", "AUX") and not any(c.dep_ in SUBJECTS for c in node.children)
    ):
        node = node.head
    return node


def nominal(doc: Doc) -> Iterator[Attribution]:
    """ "the report that …", "its claim that …"; who makes it is the possessor, or the "by …" behind it."""
    for noun in doc:
        if noun.pos_ != "NOUN" or noun.lemma_ not in cues.NOUNS:
            continue
        clause = next((c for c in noun.children if c.dep_ in ("acl", "ccomp", "relcl") and begins(c) == "that"), None)
        if clause is None or any(t.tag_ in ("WDT",) and t.head == clause for t in clause.lefts):
            continue
        owner = next((c for c in noun.children if c.dep_ == "poss"), None)
        if owner is None:
            owner = next((p for c in noun.children if c.lower_ in ("by", "of", "from") for p in c.children), None)
        if owner is not None:
            yield made(noun, _force_of_noun(noun), owner, trees([clause], noun, owner), clause)


def _force_of_noun(noun: Token) -> Modality:
    return {
        "denial": Modality.DENIED,
        "promise": Modality.PLANNED,
        "pledge": Modality.PLANNED,
        "vow": Modality.PLANNED,
        "threat": Modality.PLANNED,
    }.get(noun.lemma_, Modality.ASSESSED)
