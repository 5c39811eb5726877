"""Quotation marks: whose words they hold, also where the speaker is named only in the sentence before."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from sitewatch.read import cues
from sitewatch.read.modality import under_cue
from sitewatch.read.reporting import speaker
from sitewatch.read.spans import Chars, covered, merged, outside
from sitewatch.read.speech import Attribution, made
from sitewatch.records import Modality

if TYPE_CHECKING:
    from spacy.tokens import Doc, Span, Token

_QUOTED = re.compile(
    r"“[^“”\n]*(?:”|$)|(?<!\w)\"[^\"\n]*(?:\"|$)|(?<![\w’'])[‘'][^‘’'\n]+(?:['’]\w[^‘’'\n]*){0,40}[’'](?!\w)"
)
_QUOTING = {"begin": Modality.ASSERTED, "go": Modality.ASSERTED, "put": Modality.ASSESSED}
"""Verbs that report only beside quotation marks: "… is how she put it"."""


def quotations(text: str) -> list[Chars]:
    """Passages between quotation marks of at least three words, the marks included."""
    return [m.span() for m in _QUOTED.finditer(text) if len(m.group().split()) >= 3]


def with_quotations(doc: Doc, found: list[Attribution], before: Attribution | None) -> list[Attribution]:
    """Give every quotation to the attribution that it belongs to, or go on with the last speaker."""
    for quoted in quotations(doc.text):
        at = _owner(quoted, found)
        if at is not None:
            whole = tuple(merged([*found[at].contents, quoted]))
            found[at] = replace(found[at], contents=outside(whole, (*found[at].cues, *found[at].sources)))
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


def _owner(quoted: Chars, found: list[Attribution]) -> int | None:
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
            source, _ = speaker(verb)
            if source is not None and not quoted[0] <= source.idx < quoted[1]:
                head = _first_predicate(doc, quoted)
                return made(
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
    """The main verb among quoted words, else their head; None where no whole word is quoted."""
    span = doc.char_span(*quoted, alignment_mode="contract")
    if span is None or not len(span):
        return None
    return next((t for t in span if t.pos_ in ("VERB", "AUX") and not _inside(t.head, span)), span.root)


def _inside(token: Token, span: Span) -> bool:
    return bool(span.start <= token.i < span.end)
