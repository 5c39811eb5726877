"""The case's own places in a text, and what kind of place a text makes of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from sitewatch.records import Place


class Mention(NamedTuple):
    """A place named in a text: characters [start, end) and the site it stands for."""

    start: int
    end: int
    site: str


class Nature(NamedTuple):
    """A kind of place named in a text: characters [start, end), the words, and the family the kind belongs to."""

    start: int
    end: int
    words: str
    family: str
    functional: bool = False
    """Told by what is done there ("the site, which builds missiles"), not by a name for the kind."""


_PLANT = (
    r"(?:factor(?:y|ies)|plants?|works|assembly (?:hall|plant)s?|workshops?|production (?:sites?|facilit(?:y|ies)))"
)
_GROUND = r"(?:sites?|grounds?|ranges?|facilit(?:y|ies)|cent(?:er|re)s?|stations?|complex(?:es)?|bases?)"
_FAMILIES = {
    "nuclear test site": rf"(?:nuclear|atomic)(?:[ -](?:weapons?|bomb|device))?[ -]test(?:ing)? {_GROUND}",
    "launch or engine test site": rf"(?:(?:satellite|space|rocket|missile)[ -])?launch(?:ing)? {_GROUND}"
    rf"|(?:(?:rocket|missile|engine)[ -])+test(?:ing)? (?:{_GROUND}|stands?)|rocket {_GROUND}|cosmodrome|spaceport",
    "enrichment plant": rf"(?:uranium[ -])?enrichment (?:{_PLANT}|{_GROUND}|halls?)",
    "weapons factory": rf"(?:missile|rocket|weapons?|arms|munitions|ICBM)[ -]{_PLANT}",
    "reactor": r"(?:nuclear |research |power )?reactors?|(?:nuclear |atomic )?power (?:plants?|stations?)",
    "mine": r"(?:uranium |coal |open[ -]pit )?mines?(?= )",
    "naval base": r"naval (?:base|yard|station)s?|shipyards?|submarine (?:base|pen)s?",
    "air base": r"air ?(?:base|field|strip)s?|airports?",
    "silo field": r"(?:missile )?silo fields?",
    "camp": r"(?:prison|detention|internment|labou?r) (?:camps?|facilit(?:y|ies))",
}
_NATURE = re.compile(
    "|".join(rf"(?P<f{n}>(?<![\w-])(?:{pattern})(?!\w))" for n, pattern in enumerate(_FAMILIES.values())), re.IGNORECASE
)
_NAMES = tuple(_FAMILIES)
_ARMS = r"(?:missile|rocket|ICBM|weapon|warhead|bomb)s?"
_DONE_THERE = {
    "weapons factory": rf"(?:builds?|makes?|produces?|assembles?|manufactures?)\b[^.,;]{{0,40}}?\b{_ARMS}",
    "enrichment plant": r"enrich(?:es)?\b[^.,;]{0,20}?\buranium",
    "nuclear test site": rf"(?:tests?|detonates?)\b[^.,;]{{0,20}}?\b(?:nuclear|atomic)\s+{_ARMS}",
}
_DOES = "|".join(f"(?P<g{n}>{pattern})" for n, pattern in enumerate(_DONE_THERE.values()))
_FUNCTION = re.compile(rf"\b(?:site|plant|factory|base|complex|facility|station),?\s+(?:which|that)\s+(?:{_DOES})")


def mentions(text: str, places: Sequence[Place]) -> list[Mention]:
    """Where a text names the case's places, by word bounds, the longest name first.

    A name of several words is found in any case of letters; a single word only as it is written, or in capitals, so
    that a common word is not taken for it.
    """
    pattern, sites = _gazetteer(tuple(places))
    if not sites:
        return []
    return [Mention(m.start(), m.end(), sites[_key(m.group())]) for m in pattern.finditer(text)]


def natures(text: str) -> list[Nature]:
    """The kinds of place that a text names, such as "launch site" or "uranium enrichment plant"."""
    named = [Nature(m.start(), m.end(), m.group(), _NAMES[_index(m)]) for m in _NATURE.finditer(text)]
    done = tuple(_DONE_THERE)
    return named + [Nature(m.start(), m.end(), m.group(), done[_index(m)], True) for m in _FUNCTION.finditer(text)]


def _index(match: re.Match[str]) -> int:
    """The number of the family whose pattern matched."""
    return int((match.lastgroup or "f0")[1:])


@lru_cache(maxsize=32)
def _gazetteer(places: tuple[Place, ...]) -> tuple[re.Pattern[str], dict[str, str]]:
    sites = {_key(name): place.site for place in places for name in (*place.aliases, place.name) if name.strip()}
    names = sorted({n.strip() for p in places for n in (p.name, *p.aliases) if n.strip()}, key=len, reverse=True)
    alternatives = "|".join(_spelling(name) for name in names)
    return re.compile(rf"(?<![\w-])(?:{alternatives})(?![\w])"), sites


def _spelling(name: str) -> str:
    """The pattern of one name: a blank may be a hyphen, and case is free where there are several words."""
    words = [re.escape(w) for w in re.split(r"[\s-]+", name)]
    if len(words) > 1:
        return "(?i:" + r"[\s-]+".join(words) + ")"
    return f"(?:{words[0]}|{words[0].upper()})"


def _key(name: str) -> str:
    return re.sub(r"[\s-]+", " ", name).lower()
