"""Which language a text is in, by its commonest words and its script: enough to leave foreign texts alone."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

_WORDS = {
    "en": "a an the of and to in that is was for on with as by at from said are were not have has it its which be",
    "fr": "le la les des et est dans que qui pour une sur pas par au du ce avec plus sont ne se",
    "de": "der die das und ist nicht ein eine mit von zu den dem des auf für sich im auch wurde sind",
    "es": "el la los las de que y en un una por con para no se es del al lo su más como",
    "it": "il lo gli di che e la un una per non è con del della sono da si nel più",
    "pt": "o a os as de que e do da em um uma para não com por se no na dos mais foi",
    "nl": "de het een en van ik te dat die in is niet op aan met voor zijn er door ook",
    "sv": "och att det som en är på för av med den till inte har ett om var de från",
    "pl": "i w na z się nie do że jest to o po za od przez jak są oraz",
    "tr": "ve bir bu da de için ile olarak olan gibi daha çok en ise ancak",
    "id": "yang dan di dari untuk dengan pada ini itu dalam tidak akan oleh juga",
}
_COMMON = {language: frozenset(words.split()) for language, words in _WORDS.items()}
_SCRIPTS = {
    "HANGUL": "ko",
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "CJK": "zh",
    "CYRILLIC": "ru",
    "ARABIC": "ar",
    "HEBREW": "he",
    "GREEK": "el",
    "THAI": "th",
    "DEVANAGARI": "hi",
}
_SAMPLE = 20_000
"""Characters that are looked at."""


def language_of(text: str) -> str | None:
    """The two-letter code of a text's language; None where it is too short to tell.

    English, which the other languages share small words with, holds unless another has half as many again.
    """
    sample = text[:_SAMPLE]
    letters = [c for c in sample if c.isalpha()]
    foreign = Counter(script for c in letters if (script := _script(c)) is not None)
    if letters and sum(foreign.values()) > len(letters) / 2:
        return "ja" if foreign["ja"] else foreign.most_common(1)[0][0]
    words = re.findall(r"[^\W\d_]+", sample.lower())
    hits = {language: sum(w in common for w in words) for language, common in _COMMON.items()}
    best = max(hits, key=lambda language: hits[language])
    if hits["en"] >= 3 and hits[best] < 1.5 * hits["en"]:
        return "en"
    return best if hits[best] >= 4 and best != "en" else None


def _script(char: str) -> str | None:
    if char < "\u0370":  # Latin, and what stands in front of Greek
        return None
    return _SCRIPTS.get(unicodedata.name(char, "").split(" ")[0])
