"""The case's outlets as other outlets write of them: credit lines, "according to Wire A", "told Wire A"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from sitewatch.records import Source

_BEFORE = (
    r"(?:according to|reported by|told|tells|citing|cites|cited|cited by|quoting|quoted by|via|report (?:by|in|from)|"
    r"interview with|published (?:by|in)|speaking to|spoke to|by|from|paper,?|newspaper,?|agency,?)"
)
_AFTER = (
    r"(?:has |had |also |first |later )*(?:report|said|say|quot|wrot|write|not(?:ed|es)|publish|reveal|"
    r"cit(?:ed|es|ing)|point|add|found|stress|caution|describ|tell|told|claim|conclud|judg|warn|base[sd]|stat(?:ed|es))\w*"
)


def names_of(sources: Iterable[Source]) -> dict[str, str]:
    """Every way in which an outlet is named or credited, without brackets, with the outlet's slug."""
    pairs = ((name.strip(" ()[]"), s.slug) for s in sources for name in (*s.credits, s.name))
    return {name: slug for name, slug in pairs if name}


def credited(text: str, byline: str | None, sources: Sequence[Source], own: str) -> tuple[str, ...]:
    """Outlets that a text credits, in order of mention, the byline first; never its own outlet.

    A credit is a name in the byline, a name alone in brackets or on a line of its own, one of a source's `credits`
    strings that is itself bracketed, or a name where the text says that it has something from there: "according to",
    "told", "via", "reported by", "… reported".
    """
    found = {**dict.fromkeys(whole_credits(text, byline, sources)), **dict.fromkeys(_cited(text, sources))}
    return tuple(slug for slug in found if slug != own)


def whole_credits(text: str, byline: str | None, sources: Sequence[Source]) -> tuple[str, ...]:
    """Outlets that the text as a whole is credited to: in the byline, the dateline, or a credit at its end."""
    slugs = names_of(sources)
    if not slugs:
        return ()
    name = _alternatives(tuple(slugs))
    line = re.compile(
        rf"\(\s*(?P<a>{name})\s*\)|^\W*(?:source:|via|from|by|©)?\s*(?P<b>{name})\W*$"
        rf"|(?:first|originally) (?:appeared|published)\b[^\n]*?(?P<c>{name})",
        re.MULTILINE | re.IGNORECASE,
    )
    in_byline = [m.group() for m in re.finditer(rf"(?<!\w)(?:{name})(?!\w)", byline or "", re.IGNORECASE)]
    in_text = [next(filter(None, m.group("a", "b", "c"))) for m in line.finditer(text)]
    folded = {n.lower(): slug for n, slug in slugs.items()}
    return tuple(dict.fromkeys(folded[n.lower()] for n in (*in_byline, *in_text)))


def _cited(text: str, sources: Sequence[Source]) -> list[str]:
    slugs = names_of(sources)
    if not slugs:
        return []
    name = _alternatives(tuple(slugs))
    pattern = re.compile(
        rf"\b(?:{_BEFORE})\s+(?:the\s+)?(?P<a>{name})(?!\w)|(?<!\w)(?P<b>{name})(?:['’]s?)?\s+(?:\w+\s+)?{_AFTER}"
    )
    return [slugs[m["a"] or m["b"]] for m in pattern.finditer(text)]


@lru_cache(maxsize=32)
def _alternatives(names: tuple[str, ...]) -> str:
    return "|".join(re.escape(n) for n in sorted(names, key=len, reverse=True))
