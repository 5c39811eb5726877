"""Through whom a thing came: from whoever said it first, through other outlets, to the outlet that printed it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sitewatch.read import cues
from sitewatch.read.outlets import names_of, whole_credits
from sitewatch.read.prose import Paragraph, entity
from sitewatch.read.speech import Attribution
from sitewatch.records import Holder, Item, Source

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

Path = tuple[Holder, ...]
"""Holders in order, the first one first, without the outlet itself."""

_LONGEST = 160
"""Characters of a holder's name; a description may run on."""
_PERSONS = frozenset("he she him her himself herself".split())
_NOT_PERSONS = frozenset(("GPE", "NORP", "LOC", "FAC", "PRODUCT", "EVENT"))
"""Kinds of names that "she" cannot stand for; the tagger takes too many people for organisations to rule those out."""
_OURSELVES = frozenset("i we us our ourselves".split())
_DEFINITE = frozenset("the this that these those both".split())


class Chains:
    """Builds the chains of one item and remembers who spoke, so that "the official" and "she" are known again."""

    def __init__(self, item: Item | None, sources: Sequence[Source]) -> None:
        self._names = {name.lower(): slug for name, slug in names_of(sources).items()}
        self._titles = {s.slug: s.name for s in sources}
        self._own = item.outlet if item is not None else None
        whole = whole_credits(item.text, item.byline, sources) if item is not None else ()
        self._whole: Path = tuple(self._outlet(slug) for slug in whole if slug != self._own)
        self._seen: dict[str, Path] = {}
        self._outlets: set[str] = {h.name for h in self._whole}
        self._press: Path = self._whole or tuple(
            self._outlet(slug) for slug in (item.credit[:1] if item is not None else ()) if slug != self._own
        )
        """What "the newspaper" stands for: the outlet that was named last."""

    def whole(self, path: Path) -> tuple[Path, bool]:
        """The chain down to the outlet, and whether the outlet had it at first hand."""
        end = (self._outlet(self._own),) if self._own is not None else ()
        chain = _without_echo((*path, *self._whole, *end))
        return chain, not any(h.name in self._outlets for h in chain if h not in end)

    def hear(self, block: Paragraph, doc: Doc) -> None:
        """Take note of whom somebody is said to cite: after "the newspaper cited officials" they speak through it."""
        for verb in doc:
            if verb.pos_ == "VERB" and verb.lemma_ in ("cite", "quote"):
                through = next((c for c in (*verb.children, *verb.head.children) if c.dep_ == "nsubj"), None)
                for whom in (c for c in verb.children if c.dep_ == "dobj" and _is_person(c)):
                    span = doc[whom.left_edge.i : whom.right_edge.i + 1]
                    holder = Holder(name=_short(block.text[span.start_char : span.end_char]), form=_form(whom))
                    outlet = self._outlet_of(through, block) if through is not None else ()
                    self._remember(whom, (holder, *outlet))

    def path(self, one: Attribution, block: Paragraph, outer: Path = ()) -> Path:
        """Holders of one attribution, down to the outlet's own desk.

        Args:
            one: the attribution.
            block: its paragraph.
            outer: the path of the attribution in which it is nested.
        """
        path = self._cited(one) + self._of(one, block)
        if one.told is not None:
            path += self._outlet_of(one.told, block)
        path = _without_echo(path + outer)
        if one.source is not None and path and not one.continued:
            self._remember(one.source, path)
        return path

    def _of(self, one: Attribution, block: Paragraph) -> Path:
        source = one.source
        if source is None or not one.sources or source.lower_ in _OURSELVES or self._is_own(source, block):
            return ()
        known = self._outlet_of(source, block) or self._known(source, block)
        if known:
            return known
        if source.lemma_.lower() in cues.IMAGERY:
            return next((path for t in source.subtree if (path := self._outlet_of(t, block))), ())
        holder = Holder(name=_short(block.text[one.sources[0][0] : one.sources[-1][1]]), form=_form(source))
        if source.lemma_.lower() in cues.PRESS:
            self._outlets.add(holder.name)
        return (holder,)

    def _cited(self, one: Attribution) -> Path:
        """Whom the reporting outlet had it from: "Daily B reported, citing officials, that …"."""
        for child in one.cue.children:
            if child.lemma_ in ("cite", "quote") and child.tag_ == "VBG":
                for whom in (c for c in child.children if c.dep_ == "dobj"):
                    return self._seen.get(whom.lemma_.lower(), ())[:1]
        return ()

    def _outlet_of(self, token: Token, block: Paragraph) -> Path:
        """The outlet that a word names, or that "the newspaper" and "the institute" stand for; nothing for our own."""
        slug = self._slug(token, block)
        if slug is not None:
            return () if slug == self._own else (self._note(slug),)
        if token.lemma_.lower() in cues.PRESS and not _has(token, ("a", "an", "another")):
            return self._press
        return ()

    def _known(self, source: Token, block: Paragraph) -> Path:
        """The path of somebody who was named before and is now "the official", "she" or "it"."""
        word, lemma = source.lower_, source.lemma_.lower()
        if word in _PERSONS:
            return self._person_before(source, block) or self._seen.get("*person", ())
        if word == "it":
            return self._seen.get("*body", ())
        if word in ("they", "them") or (word in ("one", "some", "both") and _of_them(source)):
            return self._seen.get("*", ())
        if not (_has(source, _DEFINITE) or source.tag_ == "NNP"):
            return ()
        return self._seen.get(lemma, ()) or (self._seen.get("*body", ()) if lemma in cues.BODIES else ())

    def _person_before(self, pronoun: Token, block: Paragraph) -> Path:
        """The last person that was a subject before "she" in the same paragraph."""
        for token in reversed(pronoun.doc[: pronoun.i]):
            if token.dep_ not in ("nsubj", "nsubjpass") or token.pos_ == "PRON":
                continue
            named = token.pos_ == "PROPN" and self._slug(token, block) is None and entity(token) not in _NOT_PERSONS
            if named or _is_person(token):
                span = token.doc[token.left_edge.i : token.right_edge.i + 1]
                name = block.text[span.start_char : span.end_char]
                return self._seen.get(token.lemma_.lower()) or (Holder(name=_short(name), form=_form(token)),)
        return ()

    def _remember(self, source: Token, path: Path) -> None:
        if source.pos_ != "PRON":
            self._seen |= {source.lemma_.lower(): path, "*person" if _is_person(source) else "*body": path}
        self._seen["*"] = path

    def _slug(self, token: Token, block: Paragraph) -> str | None:
        """The outlet that a word stands for; the parser saw a name of several words as one."""
        return self._names.get(block.text[token.idx : token.idx + len(token)].lower())

    def _is_own(self, token: Token, block: Paragraph) -> bool:
        return self._own is not None and self._slug(token, block) == self._own

    def _note(self, slug: str) -> Holder:
        holder = self._outlet(slug)
        self._outlets.add(holder.name)
        self._press = (holder,)
        self._seen |= {word.lower(): (holder,) for word in holder.name.split() if len(word) > 1}
        return holder

    def _outlet(self, slug: str) -> Holder:
        return Holder(name=self._titles.get(slug, slug), form="named")


def _is_person(noun: Token) -> bool:
    """People, by the tagger's names, by nouns for people, or because they are a "who"."""
    who = any(t.lower_ == "who" for c in noun.children if c.dep_ == "relcl" for t in c.subtree)
    if who or noun.lemma_.lower() in cues.ANONYMOUS | cues.ROLES:
        return True
    return noun.pos_ == "PROPN" and entity(noun) == "PERSON"


def _form(head: Token) -> str:
    """Named where a proper name heads the phrase or stands beside the head; else unnamed people, or a description."""
    if head.pos_ == "PROPN" or any(c.dep_ == "appos" and c.pos_ == "PROPN" for c in head.children):
        return "named"
    if head.pos_ == "PRON" or head.lemma_.lower() in cues.ANONYMOUS or head.pos_ == "NUM":
        return "unnamed"
    return "described"


def _has(noun: Token, determiners: frozenset[str] | tuple[str, ...]) -> bool:
    return any(c.lower_ in determiners for c in noun.children if c.dep_ in ("det", "predet"))


def _of_them(head: Token) -> bool:
    return any(c.lower_ == "of" and any(p.lower_ in ("them", "those") for p in c.children) for c in head.children)


def _short(name: str) -> str:
    name = " ".join(name.split())
    return name if len(name) <= _LONGEST else name[: name.rfind(" ", 0, _LONGEST)] + " …"


def _without_echo(path: Path) -> Path:
    """Each holder once, where it stands last but for the first."""
    kept: list[Holder] = []
    for holder in path:
        if not any(h.name.lower() == holder.name.lower() for h in kept):
            kept.append(holder)
    return tuple(kept)
