"""Who says what in one parsed paragraph: reporting verbs, "according to", nouns and adjectives that report, quotation marks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sitewatch.read import cues
from sitewatch.read.modality import is_negated, under_cue
from sitewatch.records import Modality

if TYPE_CHECKING:
    from spacy.tokens import Doc, Span, Token

Chars = tuple[int, int]
"""Start and end offset in characters of the paragraph."""

_QUOTED = re.compile(
    r"“[^“”\n]*(?:”|$)|(?<!\w)\"[^\"\n]*(?:\"|$)|(?<![\w’'])[‘'][^‘’'\n]+(?:['’]\w[^‘’'\n]*)*[’'](?!\w)"
)
_QUOTING = {"begin": Modality.ASSERTED, "go": Modality.ASSERTED, "put": Modality.ASSESSED}
"""Verbs that report only beside quotation marks: "… is how she put it"."""
_SUBJECTS = ("nsubj", "nsubjpass", "csubj")
_TRIM = " \t,;:-–—"


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

    @property
    def span(self) -> Chars:
        """From the first to the last character of it, to whom and when it was said too; a quotation that goes on is its
        words alone."""
        if self.continued:
            return self.contents[0][0], self.contents[-1][1]
        spans = [*self.sources, *self.cues, *self.contents, *_beside(self.cue)]
        text = self.cue.doc.text
        end = max(b for _, b in spans)
        stop = re.compile(r"[.!?]?[\"”’]?[.!?]?").match(text, end)
        return min(a for a, _ in spans), stop.end() if stop else end


def attributions(doc: Doc, before: Attribution | None = None) -> list[Attribution]:
    """Attributions of one paragraph, in order of their cues.

    Args:
        doc: the parsed paragraph.
        before: the last attribution of the paragraph before, whose speaker a paragraph may go on quoting.
    """
    found = [*_verbal(doc), *_according(doc), *_nominal(doc)]
    found = _without_doubles(sorted(found, key=lambda a: a.cue.i))
    return _with_quotations(doc, found, before)


def quotations(text: str) -> list[Chars]:
    """Passages between quotation marks of at least three words, the marks included."""
    return [m.span() for m in _QUOTED.finditer(text) if len(m.group().split()) >= 3]


def covered(span: Chars, by: Iterable[Chars]) -> int:
    """Characters of a span that lie in others."""
    return sum(max(0, min(span[1], b) - max(span[0], a)) for a, b in by)


# --- verbs ---------------------------------------------------------------------------------------------------------


def _verbal(doc: Doc) -> Iterator[Attribution]:
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
    lemma = verb.lemma_.lower()
    force = cues.REPORTING[lemma]
    source, passive = _speaker(verb)
    clause = _complement(verb)
    if source is not None and source.lower_ in ("it", "there") and (verb.dep_ == "xcomp" or source.dep_ == "expl"):
        return  # "it is hard to say whether": nobody says it
    if clause is not None and clause.i < verb.i and source is None and not passive:
        source = next(
            (c for c in verb.children if c.dep_ == "dobj" and c.i > verb.i), None
        )  # "…," remarked the official
    if source is None and not (passive and lemma in cues.RAISING and lemma not in cues.PLAIN_KNOWING):
        return
    if source is None and any(c.dep_ == "nsubjpass" and c.tag_ in ("WDT", "WP") for c in verb.children):
        return  # "missiles that are believed to be new": part of what the sentence says
    if clause is not None and not (passive and clause.dep_ in ("xcomp", "oprd")) and clause.i < verb.i:
        yield _made(verb, force, source, _around(verb, source), clause)
    elif clause is not None:
        inside = [clause]
        if passive and clause.dep_ in ("xcomp", "oprd") and source is None:
            inside = [c for c in verb.children if c.dep_ == "nsubjpass"] + inside
        yield _made(verb, force, source, _trees(inside, verb, source), clause)
    elif source is not None and _is_aside(verb, source):
        around = _around(verb, source)
        yield _made(verb, force, source, around, _host(verb, around))
    elif source is not None and (late := _late_clause(verb)) is not None:
        yield _made(verb, force, source, late[0], late[1])
    elif source is not None and verb.pos_ == "VERB" and (nouns := _objects(verb)):
        yield _made(verb, force, source, _trees(nouns, verb, source), None)


def _complement(verb: Token) -> Token | None:
    """The clause that a verb governs as what is said or held."""
    kids = [c for c in verb.children if c.pos_ not in ("PUNCT", "SPACE", "CCONJ")]
    for child in sorted(kids, key=lambda c: c.i < verb.i):  # what follows the verb before what stands in front of it
        if child.dep_ == "ccomp" and verb.pos_ != "AUX" and not _is_misread(verb, child):
            return child
    lemma = verb.lemma_.lower()
    passive = any(c.dep_ == "auxpass" for c in verb.children)
    for child in kids:
        if child.dep_ == "xcomp" and (lemma in cues.INFINITIVE or (passive and lemma in cues.RAISING)):
            return child
        if child.dep_ == "oprd" and passive and lemma in cues.RAISING:
            return child
        if (
            child.dep_ == "advcl"
            and child.i > verb.i
            and _begins(child) in ("whether", "if")
            and lemma in ("ask", "wonder")
        ):
            return child
    return next((c for c in kids if c.dep_ == "acl" and _begins(c) == "that"), None) or _of_the_object(verb)


def _is_misread(verb: Token, clause: Token) -> bool:
    """True where the parser made the reporting clause the content of what it reports: "B reported, citing C, that D showed"."""
    subject = next((c for c in verb.children if c.dep_ in _SUBJECTS), None)
    return clause.i < verb.i and subject is not None and subject.left_edge.lower_ == "that"


def _of_the_object(verb: Token) -> Token | None:
    """A that-clause that the parser hung on the listener: "told the agency that …"."""
    for child in verb.children:
        if child.dep_ in ("dobj", "dative") and verb.lemma_ in ("tell", "inform", "assure", "remind", "warn", "notify"):
            clause = next((c for c in child.children if c.dep_ in ("acl", "relcl") and _begins(c) == "that"), None)
            if clause is not None:
                return clause
    return None


def _is_aside(verb: Token, source: Token) -> bool:
    """True for "…, officials said, …", "… , said officials." and "as officials said": the sentence around it is what is said."""
    if verb.dep_ == "parataxis":
        return True
    if verb.dep_ == "advcl" and _begins(verb) == "as":
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


def _says(verb: Token) -> bool:
    return verb.lemma_ in (
        "say",
        "state",
        "add",
        "tell",
        "report",
        "note",
        "write",
        "remark",
        "explain",
        "claim",
        "announce",
        "recall",
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
            return (_runs(verb.doc, {t.i for t in rest}), heads[0]) if heads else None
    return None


def _objects(verb: Token) -> list[Token]:
    """The noun with which a verb alone reports: "denied the report"; of "quoted", only with what follows "as"."""
    if verb.lemma_.lower() not in cues.OF_A_NOUN:
        return []
    nouns = [c for c in verb.children if c.dep_ == "dobj" and c.tag_ not in ("WDT", "WP")]
    if is_negated(verb) and cues.REPORTING[verb.lemma_.lower()] is Modality.ASSERTED:
        return []
    if nouns and cues.REPORTING[verb.lemma_.lower()] is Modality.ASSESSED:  # "called the work an important step"
        return nouns + [
            c for c in verb.rights if c.dep_ in ("oprd", "ccomp", "xcomp", "attr", "prep", "advcl") and c.i > nouns[0].i
        ]
    manner = [
        c for c in verb.children if c.dep_ == "prep" and c.lower_ == "as" and any(p.dep_ == "pcomp" for p in c.children)
    ]
    return (nouns + manner if manner else []) if verb.lemma_ == "quote" else nouns


def _declined(verb: Token) -> Attribution | None:
    """ "declined to comment", "would not say", "did not respond to questions", "had no comment"."""
    source, _ = _speaker(verb)
    if source is None:
        return None
    lemma, kids = verb.lemma_, list(verb.children)
    goal = next((c for c in kids if c.dep_ == "xcomp" and c.lemma_ in cues.SPEAKING), None)
    negated = any(c.dep_ == "neg" for c in kids)
    would = any(c.lower_ in ("would", "will") for c in kids)
    refuses = lemma in ("decline", "refuse") and goal is not None
    silent = negated and (lemma == "respond" or lemma == "reply" or (would and lemma in cues.SPEAKING))
    nothing = lemma in ("have", "offer", "give", "make", "receive") and any(
        c.dep_ == "dobj"
        and c.lemma_ in ("comment", "answer", "reply", "response")
        and any(k.lower_ == "no" for k in c.children)
        for c in kids
    )
    if not (refuses or silent or nothing):
        return None
    made = _made(verb, Modality.DECLINED, source, (), None)
    words = {verb.i, *(c.i for c in kids if c.dep_ in ("aux", "neg"))}
    if refuses and goal is not None:
        words |= set(range(verb.i, goal.i + 1))
    asked = _complement(goal or verb)
    contents = _trees([asked], verb, source) if asked is not None and asked != goal else ()
    return replace(made, modality=Modality.DECLINED, cues=_runs(verb.doc, words), contents=contents)


def _held(verb: Token) -> Iterator[Attribution]:
    """ "is confident that", "is not sure whether"."""
    source, _ = _speaker(verb)
    for state in verb.children:
        force = cues.ADJECTIVES.get(state.lemma_.lower()) if state.dep_ == "acomp" else None
        clause = next((c for c in (*state.children, *verb.children) if c.dep_ == "ccomp"), None)
        if force is None or clause is None or source is None or source.lower_ in ("it", "there"):
            continue
        made = _made(verb, force, source, _trees([clause], verb, source), clause)
        negated = any(c.dep_ == "neg" for c in verb.children)
        yield replace(
            made, modality=Modality.UNKNOWN if negated else made.modality, cues=_runs(verb.doc, {verb.i, state.i})
        )


def _speaker(verb: Token) -> tuple[Token | None, bool]:
    """Who performs a verb, and whether it stands in the passive; inherited through "and", participles and infinitives."""
    passive = any(c.dep_ == "auxpass" for c in verb.children)
    if passive and verb.lemma_ == "quote":  # "one of them was quoted as saying"
        return next((c for c in verb.children if c.dep_ == "nsubjpass"), None), False
    if passive:
        agents = [p for c in verb.children if c.dep_ == "agent" for p in c.children if p.dep_ == "pobj"]
        return (agents[0] if agents else None), True
    subjects = [c for c in verb.children if c.dep_ in _SUBJECTS]
    if subjects:  # of two, the parser misread the first: it belongs to what is said
        return _antecedent(min(subjects, key=lambda c: abs(c.i - verb.i)), verb), False
    head = verb.head
    if verb.dep_ in ("conj", "xcomp", "advcl") and head != verb and head.pos_ in ("VERB", "AUX"):
        inherited, was_passive = _speaker(head)
        if was_passive and inherited is None:
            inherited = next((c for c in head.children if c.dep_ == "nsubjpass"), None)
        return inherited, False
    if verb.dep_ == "acl" and head.pos_ in ("NOUN", "PROPN") and verb.tag_ == "VBG":
        return head, False
    if verb.dep_ == "pcomp" and head.lower_ == "as":  # "quoted officials as saying that"
        return next((c for c in head.head.children if c.dep_ == "dobj"), None), False
    if _says(verb) and verb.i > verb.sent.start and verb.nbor(-1).pos_ == "PROPN":
        return verb.nbor(-1), False
    return None, False


def _antecedent(subject: Token, verb: Token) -> Token:
    """The noun that "who" or "which" stands for."""
    if subject.tag_ in ("WP", "WDT") and verb.dep_ == "relcl":
        return verb.head
    return subject


# --- "according to", nouns that report ------------------------------------------------------------------------------


def _according(doc: Doc) -> Iterator[Attribution]:
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
        made = _made(word, Modality.ASSERTED, source, _runs(doc, within - phrase), clause)
        yield replace(made, cues=_runs(doc, {word.i, word.i + 1}))


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
        node.dep_ == "conj"
        and node.head.pos_ in ("VERB", "AUX")
        and not any(c.dep_ in _SUBJECTS for c in node.children)
    ):
        node = node.head
    return node


def _nominal(doc: Doc) -> Iterator[Attribution]:
    """ "the report that …", "its claim that …"; who makes it is the possessor, or the "by …" behind it."""
    for noun in doc:
        if noun.pos_ != "NOUN" or noun.lemma_ not in cues.NOUNS:
            continue
        clause = next((c for c in noun.children if c.dep_ in ("acl", "ccomp", "relcl") and _begins(c) == "that"), None)
        if clause is None or any(t.tag_ in ("WDT",) and t.head == clause for t in clause.lefts):
            continue
        owner = next((c for c in noun.children if c.dep_ == "poss"), None)
        if owner is None:
            owner = next((p for c in noun.children if c.lower_ in ("by", "of", "from") for p in c.children), None)
        if owner is not None:
            yield _made(noun, _force_of_noun(noun), owner, _trees([clause], noun, owner), clause)


def _force_of_noun(noun: Token) -> Modality:
    return {
        "denial": Modality.DENIED,
        "promise": Modality.PLANNED,
        "pledge": Modality.PLANNED,
        "vow": Modality.PLANNED,
        "threat": Modality.PLANNED,
    }.get(noun.lemma_, Modality.ASSESSED)


# --- quotation marks ------------------------------------------------------------------------------------------------


def _with_quotations(doc: Doc, found: list[Attribution], before: Attribution | None) -> list[Attribution]:
    """Give every quotation to the attribution that it belongs to, or go on with the last speaker."""
    for quoted in quotations(doc.text):
        at = _owner(doc, quoted, found)
        if at is not None:
            whole = tuple(_merged([*found[at].contents, quoted]))
            found[at] = replace(found[at], contents=_outside(whole, (*found[at].cues, *found[at].sources)))
            continue
        if (bare := _bare_cue(doc, quoted, found)) is not None:
            found.append(bare)
            continue
        last = _last_speaker(quoted, found) or before
        if last is not None and _is_sentence(doc, quoted):
            head = _first_predicate(doc, quoted)
            found.append(
                replace(
                    last,
                    contents=(quoted,),
                    content=head,
                    continued=True,
                    modality=under_cue(last.cue, Modality.ASSERTED, head) if last.cue.doc is doc else Modality.ASSERTED,
                )
            )
    return sorted(found, key=lambda a: a.span)


def _owner(doc: Doc, quoted: Chars, found: list[Attribution]) -> int | None:
    """The attribution whose content overlaps the quotation most, with its cue outside the marks."""
    best, most = None, 0
    for n, one in enumerate(found):
        inside = quoted[0] < one.cue.idx < quoted[1]
        size = 0 if inside or one.continued else covered(quoted, one.contents)
        if size > most:
            best, most = n, size
    return best


def _bare_cue(doc: Doc, quoted: Chars, found: list[Attribution]) -> Attribution | None:
    """A reporting verb in the quotation's sentence, or just before it, that has nothing else to report."""
    taken = {a.cue.i for a in found}
    span = doc.char_span(*quoted, alignment_mode="expand")
    if span is None:
        return None
    near = {t.sent.start for t in (span[0], span[-1])}
    for verb in doc:
        outside = not quoted[0] <= verb.idx < quoted[1]
        if outside and verb.sent.start in near and verb.i not in taken and _can_report(verb):
            source, _ = _speaker(verb)
            if source is not None and not quoted[0] <= source.idx < quoted[1]:
                head = _first_predicate(doc, quoted)
                return _made(
                    verb, _QUOTING.get(verb.lemma_) or cues.REPORTING[verb.lemma_.lower()], source, (quoted,), head
                )
    return None


def _can_report(verb: Token) -> bool:
    return verb.pos_ == "VERB" and (verb.lemma_.lower() in cues.REPORTING or verb.lemma_ in _QUOTING)


def _last_speaker(quoted: Chars, found: list[Attribution]) -> Attribution | None:
    earlier = [a for a in found if a.span[1] <= quoted[0] and a.source is not None]
    return earlier[-1] if earlier else None


def _is_sentence(doc: Doc, quoted: Chars) -> bool:
    """True where the quotation stands alone, from the start of a sentence to the end of one."""
    text = doc.text
    before, after = text[: quoted[0]].rstrip(), text[quoted[1] :].lstrip()
    ends = text[quoted[0] : quoted[1]].rstrip("\"”’' ")[-1:] in ".?!…" or not after
    return ends and (not before or before[-1] in '.?!”"’')


def _first_predicate(doc: Doc, quoted: Chars) -> Token | None:
    span = doc.char_span(*quoted, alignment_mode="contract")
    return next((t for t in span if t.pos_ in ("VERB", "AUX") and not _inside(t.head, span)), None) or (
        span.root if span is not None and len(span) else None
    )


def _inside(token: Token, span: Span) -> bool:
    return bool(span.start <= token.i < span.end)


# --- spans ----------------------------------------------------------------------------------------------------------


def _made(
    cue: Token, force: Modality, source: Token | None, contents: tuple[Chars, ...], content: Token | None
) -> Attribution:
    doc = cue.doc
    words = {cue.i} | {c.i for c in cue.children if c.dep_ in ("aux", "auxpass", "neg", "prt") and c.i < cue.i + 2}
    sources = _runs(doc, _phrase(source, cue)) if source is not None else ()
    told = next((c for c in cue.children if c.dep_ in ("dobj", "dative") and c.pos_ in ("NOUN", "PROPN", "PRON")), None)
    return Attribution(
        cue=cue,
        cues=_runs(doc, words),
        modality=under_cue(cue, force, content),
        source=source,
        sources=sources,
        content=content,
        contents=_outside(contents, sources),
        told=told if cue.lemma_ in ("tell", "inform", "assure", "remind") else None,
    )


def _phrase(head: Token, cue: Token) -> set[int]:
    """The noun phrase of a source, without the cue itself where that hangs below it ("officials saying …")."""
    below = {t.i for t in cue.subtree} if head in cue.ancestors else set()
    return {t.i for t in head.subtree} - below


def _trees(heads: list[Token], cue: Token, source: Token | None) -> tuple[Chars, ...]:
    barred = {cue.i} | (_phrase(source, cue) if source is not None and source not in heads else set())
    return _runs(cue.doc, {t.i for head in heads for t in head.subtree} - barred)


def _around(cue: Token, source: Token | None) -> tuple[Chars, ...]:
    """The sentence around a reporting clause: all but who says it, the verb, and what hangs on the verb behind it."""
    behind = (c for c in cue.rights if c.dep_ not in ("conj", "cc", "ccomp", "punct"))
    aside = {cue.i} | {t.i for c in behind for t in c.subtree}
    aside |= {c.i for c in cue.lefts if c.dep_ in ("aux", "auxpass", "neg", "mark", "advmod")}
    aside |= {t.i for t in source.subtree} if source is not None else set()
    return _runs(cue.doc, {t.i for t in cue.sent} - aside)


def _beside(cue: Token) -> tuple[Chars, ...]:
    """What hangs on the cue behind it, such as to whom and when it was said; not what "and" or "but" adds."""
    if cue.pos_ not in ("VERB", "AUX"):
        return ()
    kids = [
        c for c in cue.rights if c.dep_ in ("dobj", "dative", "prep", "npadvmod", "advmod", "agent", "prt", "advcl")
    ]
    return _runs(cue.doc, {t.i for c in kids for t in c.subtree})


def _runs(doc: Doc, tokens: set[int]) -> tuple[Chars, ...]:
    """Character spans of the unbroken runs among some tokens, with no comma, dash or lone mark at either end."""
    runs: list[list[int]] = []
    for i in sorted(tokens):
        if runs and i == runs[-1][-1] + 1:
            runs[-1].append(i)
        else:
            runs.append([i])
    spans = (_trimmed(doc.text, doc[r[0]].idx, doc[r[-1]].idx + len(doc[r[-1]])) for r in runs)
    return tuple(s for s in spans if s is not None)


def _trimmed(text: str, start: int, end: int) -> Chars | None:
    while start < end and text[start] in _TRIM:
        start += 1
    while end > start and text[end - 1] in _TRIM + ".":
        end -= 1
    return (start, end) if re.search(r"\w", text[start:end]) else None


def _merged(spans: Iterable[Chars]) -> Iterator[Chars]:
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


def _outside(spans: Iterable[Chars], barred: Iterable[Chars]) -> tuple[Chars, ...]:
    """Spans without the parts that lie in others."""
    kept = list(spans)
    for a, b in barred:
        kept = [p for s, e in kept for p in ((s, min(e, a)), (max(s, b), e)) if p[0] < p[1]]
    return tuple(kept)


def _without_doubles(found: list[Attribution]) -> list[Attribution]:
    """One attribution per cue, and none for a verb that is part of another's cue ("declined to say")."""
    once = list({a.cue.i: a for a in found}.values())
    return [a for a in once if not any(b.cue != a.cue and covered((a.cue.idx, a.cue.idx + 1), b.cues) for b in once)]


def _begins(clause: Token) -> str:
    return next((t.lower_ for t in clause.subtree if t.pos_ != "PUNCT"), "")
