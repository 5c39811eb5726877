"""Verbs that report: their clause, infinitive, noun or the sentence around them, who says it, and who will not say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from sitewatch.read import cues
from sitewatch.read.modality import is_negated
from sitewatch.read.spans import Chars, covered, runs
from sitewatch.read.speech import SUBJECTS, Attribution, around, begins, made, trees
from sitewatch.records import Modality

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

_SAYING = frozenset("say state add tell report note write remark explain claim announce recall".split())
"""Verbs that stand in asides."""
_PREDICATES = ("oprd", "ccomp", "xcomp", "attr", "prep", "advcl")
"""What may follow the object of "called the work an important step"."""


def verbal(doc: Doc) -> Iterator[Attribution]:
    """Attributions by verbs, and by adjectives that stand with "be"."""
    for verb in doc:
        if verb.pos_ not in ("VERB", "AUX", "NOUN"):
            continue
        if declined := _declined(verb):
            yield declined
        elif verb.lemma_ in ("cite", "quote") and verb.tag_ == "VBG":
            continue  # "…, citing officials, …" names the holder of what another verb reports
        elif verb.lemma_.lower() in cues.REPORTING and verb.pos_ != "NOUN":
            yield from _reported(verb)
        elif verb.lemma_ == "be":
            yield from _held(verb)


def _reported(verb: Token) -> Iterator[Attribution]:
    """What a reporting verb reports: a clause, an infinitive, the sentence around it, or a noun."""
    force = cues.REPORTING[verb.lemma_.lower()]
    source, passive = speaker(verb)
    clause = _complement(verb)
    if clause is not None and clause.i < verb.i and source is None and not passive:  # "…," remarked the official
        source = next((c for c in verb.rights if c.dep_ == "dobj"), None)
    if _says_nobody(verb, source, passive):
        return
    raised = passive and clause is not None and clause.dep_ in ("xcomp", "oprd")
    if clause is not None and clause.i < verb.i and not raised:
        yield made(verb, force, source, around(verb, source), clause)
    elif clause is not None:
        subject = [c for c in verb.lefts if c.dep_ == "nsubjpass"] if raised and source is None else []
        yield made(verb, force, source, trees([*subject, clause], verb, source), clause)
    elif source is not None:
        yield from _without_clause(verb, force, source)


def _without_clause(verb: Token, force: Modality, source: Token) -> Iterator[Attribution]:
    """A reporting verb that governs no clause by the parse: an aside, a that-clause far behind, a noun."""
    late = _late_clause(verb)
    if _is_aside(verb, source):
        outside = around(verb, source)
        yield made(verb, force, source, outside, _host(verb, outside))
    elif late is not None:
        yield made(verb, force, source, *late)
    elif verb.pos_ == "VERB" and (nouns := _objects(verb)):
        yield made(verb, force, source, trees(nouns, verb, source), None)


def _says_nobody(verb: Token, source: Token | None, passive: bool) -> bool:
    """True where no holder stands behind the verb, so that the writer's own voice speaks.

    "It is hard to say whether", "it was not known whether", "missiles that are believed to be new"; but "the plant is
    believed to be new" tells that somebody believes it.
    """
    if source is not None:
        return source.lower_ in ("it", "there") and (verb.dep_ == "xcomp" or source.dep_ == "expl")
    lemma = verb.lemma_.lower()
    if not passive or lemma not in cues.RAISING or lemma in cues.PLAIN_KNOWING:
        return True
    return any(c.dep_ == "nsubjpass" and c.tag_ in ("WDT", "WP") for c in verb.children)


def _complement(verb: Token) -> Token | None:
    """The clause that a verb governs as what is said or held; one behind the verb before one in front of it."""
    kids = [c for c in (*verb.rights, *verb.lefts) if c.pos_ not in ("PUNCT", "SPACE", "CCONJ")]
    clauses = (c for c in kids if c.dep_ == "ccomp" and verb.pos_ != "AUX" and not _is_misread(verb, c))
    others = (c for c in kids if _is_infinitive(verb, c) or _is_question(verb, c) or _is_that_clause(c))
    return next(clauses, None) or next(others, None) or _of_the_object(verb)


def _is_infinitive(verb: Token, child: Token) -> bool:
    """ "promised to destroy it", "is believed to be new"."""
    lemma = verb.lemma_.lower()
    raised = lemma in cues.RAISING and any(c.dep_ == "auxpass" for c in verb.children)
    return (child.dep_ == "xcomp" and (raised or lemma in cues.INFINITIVE)) or (child.dep_ == "oprd" and raised)


def _is_question(verb: Token, child: Token) -> bool:
    asks = verb.lemma_.lower() in ("ask", "wonder") and child.i > verb.i
    return asks and child.dep_ == "advcl" and begins(child) in ("whether", "if")


def _is_that_clause(child: Token) -> bool:
    return child.dep_ == "acl" and begins(child) == "that"


def _is_misread(verb: Token, clause: Token) -> bool:
    """True where the parser turned the clauses round: in "B reported, citing C, that D showed" it is B who reports."""
    subject = next((c for c in verb.children if c.dep_ in SUBJECTS), None)
    return clause.i < verb.i and subject is not None and subject.left_edge.lower_ == "that"


def _of_the_object(verb: Token) -> Token | None:
    """A that-clause that the parser hung on the listener: "told the agency that …"."""
    for child in verb.children:
        if child.dep_ in ("dobj", "dative") and verb.lemma_ in ("tell", "inform", "assure", "remind", "warn", "notify"):
            clause = next((c for c in child.children if c.dep_ in ("acl", "relcl") and begins(c) == "that"), None)
            if clause is not None:
                return clause
    return None


def _is_aside(verb: Token, source: Token) -> bool:
    """True for "…, officials said, …" and "as officials said": the rest of the sentence is what is said."""
    if verb.dep_ == "parataxis":
        return True
    if verb.dep_ == "advcl" and begins(verb) == "as":
        return verb.head.pos_ in ("VERB", "AUX")
    start = min(source.left_edge.i, verb.i)
    after = [t for t in verb.doc[verb.i + 1 : verb.sent.end] if t.pos_ == "VERB" and t.head == verb]
    return (
        start > verb.sent.start
        and verb.doc[start - 1].text in ",-–—"
        and not after
        and _says(verb)
        and source.head == verb
    )


def _host(verb: Token, around: Iterable[Chars]) -> Token | None:
    """The main predicate of the words around an aside."""
    if verb.head != verb and covered((verb.head.idx, verb.head.idx + 1), around):
        return verb.head
    within = [t for t in verb.sent if t.pos_ in ("VERB", "AUX") and covered((t.idx, t.idx + 1), around)]
    return min(within, key=lambda t: len(list(t.ancestors)), default=None)


def _late_clause(verb: Token) -> tuple[tuple[Chars, ...], Token | None] | None:
    """A that-clause behind an adjunct, which the parser lost: "reported on Monday, citing officials, that …"."""
    for token in verb.doc[verb.i + 1 : verb.sent.end]:
        if token.lower_ == "that" and token.nbor(-1).text == ",":
            rest = verb.doc[token.i : verb.sent.end]
            heads = [t for t in rest if t.pos_ in ("VERB", "AUX") and t.tag_ not in ("VBG", "VBN")]
            return (runs(verb.doc, {t.i for t in rest}), heads[0]) if heads else None
    return None


def _objects(verb: Token) -> list[Token]:
    """The noun with which a verb alone reports: "denied the report"; of "quoted", only with what follows "as"."""
    lemma = verb.lemma_.lower()
    nouns = [c for c in verb.rights if c.dep_ == "dobj" and c.tag_ not in ("WDT", "WP")]
    if lemma not in cues.OF_A_NOUN or not nouns:
        return []
    force = cues.REPORTING[lemma]
    if is_negated(verb) and force is Modality.ASSERTED:
        return []
    if force is Modality.ASSESSED:  # "called the work an important step"
        return nouns + [c for c in verb.rights if c.dep_ in _PREDICATES and c.i > nouns[0].i]
    if lemma == "quote":
        as_saying = [c for c in verb.rights if c.lower_ == "as" and any(p.dep_ == "pcomp" for p in c.children)]
        return nouns + as_saying if as_saying else []
    return nouns


def _declined(verb: Token) -> Attribution | None:
    """ "declined to comment", "would not say", "did not respond to questions", "had no comment"."""
    source, _ = speaker(verb)
    goal = next((c for c in verb.rights if c.dep_ == "xcomp" and c.lemma_ in cues.SPEAKING), None)
    refuses = verb.lemma_ in ("decline", "refuse") and goal is not None
    if source is None or not (refuses or _is_silent(verb) or _gives_no_answer(verb)):
        return None
    words = {verb.i, *(c.i for c in verb.children if c.dep_ in ("aux", "neg"))}
    if refuses and goal is not None:
        words |= set(range(verb.i, goal.i + 1))
    asked = _complement(goal or verb)
    contents = trees([asked], verb, source) if asked is not None and asked != goal else ()
    declined = made(verb, Modality.DECLINED, source, contents, None)
    return replace(declined, modality=Modality.DECLINED, cues=runs(verb.doc, words))


def _is_silent(verb: Token) -> bool:
    """ "did not respond", "would not say"."""
    would = any(c.lower_ in ("would", "will") for c in verb.children)
    speaks = verb.lemma_ in ("respond", "reply") or (would and verb.lemma_ in cues.SPEAKING)
    return speaks and any(c.dep_ == "neg" for c in verb.children)


def _gives_no_answer(verb: Token) -> bool:
    """ "had no comment", "received no answer"."""
    answers = [c for c in verb.rights if c.dep_ == "dobj" and c.lemma_ in ("comment", "answer", "reply", "response")]
    gives = verb.lemma_ in ("have", "offer", "give", "make", "receive")
    return gives and any(k.lower_ == "no" for c in answers for k in c.children)


def _held(verb: Token) -> Iterator[Attribution]:
    """ "is confident that", "is not sure whether"."""
    source, _ = speaker(verb)
    for state in verb.children:
        force = cues.ADJECTIVES.get(state.lemma_.lower()) if state.dep_ == "acomp" else None
        clause = next((c for c in (*state.children, *verb.children) if c.dep_ == "ccomp"), None)
        if force is None or clause is None or source is None or source.lower_ in ("it", "there"):
            continue
        found = made(verb, force, source, trees([clause], verb, source), clause)
        negated = any(c.dep_ == "neg" for c in verb.children)
        yield replace(
            found, modality=Modality.UNKNOWN if negated else found.modality, cues=runs(verb.doc, {verb.i, state.i})
        )


def speaker(verb: Token) -> tuple[Token | None, bool]:
    """Who performs a verb, and whether it stands in the passive; handed on through "and", participles, infinitives."""
    passive = any(c.dep_ == "auxpass" for c in verb.children)
    if passive and verb.lemma_ == "quote":  # "one of them was quoted as saying"
        return next((c for c in verb.children if c.dep_ == "nsubjpass"), None), False
    if passive:
        agents = [p for c in verb.children if c.dep_ == "agent" for p in c.children if p.dep_ == "pobj"]
        return (agents[0] if agents else None), True
    subjects = [c for c in verb.children if c.dep_ in SUBJECTS]
    if subjects:  # of two, the parser misread the first: it belongs to what is said
        return _antecedent(min(subjects, key=lambda c: abs(c.i - verb.i)), verb), False
    head = verb.head
    if verb.dep_ in ("conj", "xcomp", "advcl") and head != verb and head.pos_ in ("VERB", "AUX"):
        inherited, was_passive = speaker(head)
        if was_passive and inherited is None:
            inherited = next((c for c in head.children if c.dep_ == "nsubjpass"), None)
        return inherited, False
    if verb.dep_ == "acl" and head.pos_ in ("NOUN", "PROPN") and verb.tag_ == "VBG":
        return head, False
    if verb.dep_ == "pcomp" and head.lower_ == "as":  # "quoted officials as saying that"
        return next((c for c in head.head.children if c.dep_ in ("dobj", "nsubjpass")), None), False
    if _says(verb) and verb.i > verb.sent.start and verb.nbor(-1).pos_ == "PROPN":
        return verb.nbor(-1), False
    return None, False


def _antecedent(subject: Token, verb: Token) -> Token:
    """The noun that "who" or "which" stands for."""
    if subject.tag_ in ("WP", "WDT") and verb.dep_ == "relcl":
        return verb.head
    return subject


def _says(verb: Token) -> bool:
    return verb.lemma_ in _SAYING
