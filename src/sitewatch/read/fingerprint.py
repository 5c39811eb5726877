"""What of a text survives a retelling: its word sequences, and the frame of small words, names and numbers under them.

A copy keeps runs of words. A copy whose words were swapped for synonyms loses those, but keeps the order of its small
words, names and numbers, which no thesaurus touches (after Stamatatos, 2011, on stop-word n-grams).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from sitewatch.read.prose import paragraphs
from sitewatch.records import Item

WORDS = 3
"""Words of one shingle."""
FRAME = 5
"""Small words, names and numbers of one frame shingle."""
FEWEST = 8
"""Shared runs below which a share says nothing: two texts meet in a few by chance."""
_COMMON = 200
"""Items that hold a run from which it is a phrase of the trade and says nothing."""
_PERMUTATIONS, _BANDS = 96, 48
"""With bands of two rows, a pair that shares a tenth of its runs is found in 38 % of cases, a fifth 86 %, 0.3 99 %."""
_TOKEN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?|\d[\d,.]*\d|\d|[.!?\n\"“”:]")
SMALL = frozenset(
    """
    the a an of and to in that is was for on with as by at from said says say are were not have has had it its which
    be been being but or nor so if than then they them their he him his she her we us our you i will would can could
    may might must should do does did this these those there here who whom whose what when where why how while
    because after before since until into over under out up down off about during between against through all some
    any no none each every other another such only own same more most also both either neither one two near still
    just very too now again once
    """.split()
)
"""Words that no thesaurus swaps."""
_IRREGULAR = {
    form: verb
    for entry in """
    begin=began/begun break=broke/broken bring=brought build=built buy=bought come=came cut=cutting dig=dug
    draw=drew/drawn drive=drove/driven fall=fell/fallen fight=fought find=found fly=flew/flown give=gave/given
    go=went/gone/goes grow=grew/grown hide=hid/hidden hold=held keep=kept know=knew/known lay=laid lead=led
    leave=left lose=lost make=made meet=met rise=rose/risen run=ran see=saw/seen sell=sold send=sent shoot=shot
    show=shown stand=stood strike=struck take=took/taken tear=tore/torn tell=told think=thought
    write=wrote/written
    """.split()
    for verb, _, forms in [entry.partition("=")]
    for form in forms.split("/")
}


@dataclass(frozen=True)
class Fingerprint:
    """The traces of one item's text."""

    item: Item
    words: frozenset[tuple[str, ...]]
    """Runs of words."""
    frame: frozenset[tuple[str, ...]]
    """Runs of small words, names and numbers."""
    anchors: frozenset[str]
    """Names and numbers."""
    stems: Counter[str]
    """Words that carry content, without their endings, by how often they stand."""

    @cached_property
    def shingles(self) -> frozenset[tuple[str, ...]]:
        """Both kinds of runs, for the search for candidates; they never equal each other, being of two lengths."""
        return self.words | self.frame


def fingerprint(item: Item) -> Fingerprint:
    """Take the traces of an item's prose, without boilerplate, datelines and credit lines."""
    tokens = [t for p in paragraphs(item.text) for t in (*_TOKEN.findall(p.text), "\n")]
    starts = [not i or not _is_word(tokens[i - 1]) for i in range(len(tokens))]
    inside = {t for t, start in zip(tokens, starts, strict=True) if not start and t[0].isupper()}
    words = [t.lower() for t in tokens if _is_word(t)]
    frame, anchors = [], set()
    for token, start in zip(tokens, starts, strict=True):
        name = token[0].isdigit() or (token[0].isupper() and (not start or token in inside))
        if _is_word(token) and (name or token.lower() in SMALL):
            frame.append(token.lower())
            anchors |= {token.lower()} if name and token.lower() not in SMALL else set()
    stems = Counter(stem(w) for w in words if w not in SMALL)
    return Fingerprint(item, _runs(words, WORDS), _runs(frame, FRAME), frozenset(anchors), stems)


def stem(word: str) -> str:
    """A word without its English ending: "missiles" and "missile" are one, and so are "built" and "builds"."""
    word = _IRREGULAR.get(word.lower(), word.lower())
    if len(word) < 4:
        return word
    if word.endswith(("ies", "ied")):
        return word[:-3] + "y"
    if match := re.fullmatch(r"(\w*[aeiouy]\w*[^e])(?:ing|ed)", word):
        word = match[1][:-1] if re.search(r"([bdgmnprt])\1$", match[1]) else match[1]
    elif re.search(r"(?:x|sh|ch|ss)es$", word):
        word = word[:-2]
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    return word.rstrip("e")


def share(child: frozenset[tuple[str, ...]], parent: frozenset[tuple[str, ...]]) -> float:
    """The part of the child's runs that the parent has too; 0 where the child has none."""
    return len(child & parent) / len(child) if child else 0.0


def accounted(child: Fingerprint, parent: Fingerprint) -> float:
    """The part of the child's telling words that the parent has too; a thing of these two texts alone."""
    return len(child.stems.keys() & parent.stems.keys()) / len(child.stems) if child.stems else 0.0


class Vocabulary:
    """How telling each word is among some items: rare ones say more."""

    def __init__(self, prints: Sequence[Fingerprint]) -> None:
        held = Counter(s for p in prints for s in p.stems)
        self._weight = {s: math.log(1 + len(prints) / n) for s, n in held.items()}

    def likeness(self, a: Fingerprint, b: Fingerprint) -> float:
        """Cosine of the two texts' weighted words (0 to 1)."""
        both = sum(self._of(a, s) * self._of(b, s) for s in a.stems if s in b.stems)
        return both / (self._length(a) * self._length(b)) if both else 0.0

    def _of(self, fingerprint: Fingerprint, stem: str) -> float:
        return (1 + math.log(fingerprint.stems[stem])) * self._weight.get(stem, 0.0)

    def _length(self, fingerprint: Fingerprint) -> float:
        return math.sqrt(sum(self._of(fingerprint, s) ** 2 for s in fingerprint.stems))


def _is_word(token: str) -> bool:
    return token[0].isalnum()


def _runs(tokens: Sequence[str], length: int) -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(tokens[i : i + length]) for i in range(len(tokens) - length + 1))


def candidates(prints: Sequence[Fingerprint], *, few: int = 2000) -> Iterable[tuple[int, int]]:
    """Pairs (i < j) of items that share runs: all of them where there are few items, most of them where there are many.

    Many are searched with MinHash and locality-sensitive hashing (datasketch; Broder, 1997) at a low threshold.
    """
    return _exact(prints) if len(prints) <= few else _hashed(prints)


def _exact(prints: Sequence[Fingerprint]) -> Iterable[tuple[int, int]]:
    holders: dict[tuple[str, ...], list[int]] = {}
    for i, one in enumerate(prints):
        for shingle in one.shingles:
            holders.setdefault(shingle, []).append(i)
    telling = (held for held in holders.values() if len(held) <= _COMMON)
    shared = Counter((i, j) for held in telling for n, i in enumerate(held) for j in held[n + 1 :])
    return [pair for pair, n in shared.items() if n >= FEWEST]


def _hashed(prints: Sequence[Fingerprint]) -> Iterable[tuple[int, int]]:
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(num_perm=_PERMUTATIONS, params=(_BANDS, _PERMUTATIONS // _BANDS))
    pairs = set()
    for j, one in enumerate(prints):
        hashed = MinHash(num_perm=_PERMUTATIONS)
        hashed.update_batch([" ".join(s).encode() for s in one.shingles])
        pairs |= {(int(i), j) for i in index.query(hashed)}
        index.insert(str(j), hashed)
    return sorted(pairs)
