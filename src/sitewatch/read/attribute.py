"""Claims of a text: who says what, through whom, how surely, how many, when and where, bound to exact characters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from sitewatch.read.facts import Facts
from sitewatch.read.holders import Chains, Path
from sitewatch.read.language import language_of
from sitewatch.read.modality import of_predicate, weakest
from sitewatch.read.outlets import names_of
from sitewatch.read.places import mentions
from sitewatch.read.prose import Paragraph, paragraphs, parsed
from sitewatch.read.spans import Chars, covered
from sitewatch.read.speech import Attribution
from sitewatch.read.voices import attributions
from sitewatch.records import Claim, Item, Modality, Place, Source

if TYPE_CHECKING:
    from spacy.tokens import Doc, Span, Token

_REACH = 3
"""For how many sentences a place that was named stays what is spoken of."""
_BACK = re.compile(
    r"\b(?:there\b(?!\s+(?:is|are|was|were|has|have|had|will|may)\b)|(?:the|this|that|its)\s+(?:[\w-]+\s+){0,2}(?:site|plant|factory|facility|works|yard|pad|hall|complex|station|base|"
    r"building|stand|bunker|reactor|mine|camp|port|airfield|silos?))\b",
    re.IGNORECASE,
)
"""Words that go back to the place that is spoken of, however long ago it was named."""
_SHORTEST = 4
"""Words of the shortest sentence that is a claim of its own."""
_SHOWING = frozenset("show reveal indicate suggest depict capture".split())
"""With these the source is evidence, and a time in it is the time of what it shows: "images of 20 July show"."""


def claims(
    text: str,
    *,
    published: date | None,
    places: Sequence[Place] | None,
    item: Item | None = None,
    sources: Sequence[Source] = (),
) -> list[Claim]:
    """Draw the claims from a text, in the order in which they stand.

    What somebody is said to say, hold, deny or decline to say is a claim with source, cue and content; what the text
    says in its own voice is a claim of a whole sentence with none of the three. Boilerplate lines are passed over, and
    so is a text in another language than English.

    Args:
        text: the text; all spans are into it, and `text[a:b]` is the claim's quote.
        published: the day from which "on Tuesday" is reckoned; the item's own day where this is None.
        places: the case's places.
        item: the report that the text is of; gives each claim its item, its `available_at` and the end of its chain.
        sources: the case's outlets, so that "Wire A reported" is known for a step between the holder and this outlet.
    """
    language = item.language if item is not None else language_of(text)
    if language not in (None, "en"):
        return []
    if published is None and item is not None and item.published.earliest is not None:
        published = item.published.earliest.date()
    reader = _Reader(text, published, tuple(places or ()), item, tuple(sources))
    for block, doc in parsed(paragraphs(text), names_of(sources)):
        reader.read(block, doc)
    return reader.found


@dataclass
class _Reader:
    """Reads paragraph after paragraph and remembers who spoke last and which place was spoken of."""

    text: str
    published: date | None
    places: tuple[Place, ...]
    item: Item | None
    sources: tuple[Source, ...]
    found: list[Claim] = field(default_factory=list)
    last: Attribution | None = None
    focus: tuple[str, ...] = ()
    """Places named last."""
    since: int = 0
    """Sentences since then."""

    def __post_init__(self) -> None:
        self.chains = Chains(self.item, self.sources)
        title = self.item.title if self.item is not None else None
        self.focus = tuple(dict.fromkeys(m.site for m in mentions(title or "", self.places)))

    def read(self, block: Paragraph, doc: Doc) -> None:
        """Add the claims of one paragraph."""
        facts = Facts(block, doc, self.published, mentions(block.text, self.places))
        self.chains.hear(block, doc)
        said = attributions(doc, self.last)
        self.last = said[-1] if said else self.last
        about = [(sentence, self._spoken_of(sentence, facts)) for sentence in doc.sents]
        found = [*self._own(about, said, facts), *self._attributed(about, said, facts)]
        self.found += sorted(found, key=lambda c: (c.span[0], -c.span[1]))

    def _spoken_of(self, sentence: Span, facts: Facts) -> tuple[str, ...]:
        """Places that a sentence is about: those it names, else the last ones named, for a few sentences."""
        named = facts.places((sentence.start_char, sentence.end_char))
        if named:
            self.focus, self.since = named, 0
            return named
        self.since = 0 if _BACK.search(sentence.text) else self.since + 1
        return self.focus if self.since <= _REACH else ()

    def _own(
        self, about: Iterable[tuple[Span, tuple[str, ...]]], said: Sequence[Attribution], facts: Facts
    ) -> Iterator[Claim]:
        """What the text says in its own voice, a sentence each."""
        for sentence, places in about:
            head = _own_predicate(sentence, said)
            if head is None:
                continue
            span = (sentence.start_char, len(sentence.text.rstrip()) + sentence.start_char)
            modality = of_predicate(head)
            yield self._claim(
                facts,
                span,
                (),
                modality=modality,
                quantities=facts.quantities([span]),
                time=facts.time([span], modality),
                places=places,
            )

    def _attributed(
        self, about: Sequence[tuple[Span, tuple[str, ...]]], said: Iterable[Attribution], facts: Facts
    ) -> Iterator[Claim]:
        """What others are said to say; an attribution inside the content of another is nested in it."""
        made: list[tuple[Attribution, Claim, Path]] = []
        for one in sorted(said, key=lambda a: (a.span[0], -a.span[1])):
            parent = _enclosing(one, made)
            path = self.chains.path(one, facts.block, parent[2] if parent else ())
            where = next((p for s, p in reversed(about) if s.start_char <= one.span[0]), ())
            seen = one.sources if one.cue.lemma_ in _SHOWING else ()
            spans = {"source_spans": one.sources, "cue_spans": one.cues, "content_spans": one.contents}
            if one.continued:
                spans = {"content_spans": one.contents}
            claim = self._claim(
                facts,
                one.span,
                path,
                modality=weakest(one.modality, *_outer(parent)),
                quantities=facts.quantities(one.contents),
                time=facts.time((*one.contents, *seen), one.modality),
                places=facts.places(one.span) or where,
                parent=parent[1].id if parent else None,
                **{name: tuple(map(facts.into_text, of)) for name, of in spans.items()},
            )
            made.append((one, claim, path))
            yield claim

    def _claim(self, facts: Facts, span: Chars, path: Path, **rest: object) -> Claim:
        start, end = facts.into_text(span)
        chain, first_hand = self.chains.whole(path)
        told = {"item": self.item.id, "available_at": self.item.available_at} if self.item is not None else {}
        return Claim.model_validate(
            {
                "quote": self.text[start:end],
                "span": (start, end),
                "chain": chain,
                "first_hand": first_hand,
                **told,
                **rest,
            }
        )


def _enclosing(
    one: Attribution, made: Sequence[tuple[Attribution, Claim, Path]]
) -> tuple[Attribution, Claim, Path] | None:
    """The narrowest attribution whose content holds the cue of this one."""
    cue = (one.cue.idx, one.cue.idx + 1)
    outer = [m for m in made if not one.continued and m[0].cue != one.cue and covered(cue, m[0].contents)]
    return min(outer, key=lambda m: m[0].span[1] - m[0].span[0], default=None)


def _outer(parent: tuple[Attribution, Claim, Path] | None) -> list[Modality]:
    """What hangs over a nested claim: in what is denied, doubted or left open, nothing is asserted."""
    over = parent[1].modality if parent is not None else Modality.ASSERTED
    return [over] if over in (Modality.UNKNOWN, Modality.DOUBTFUL, Modality.DENIED, Modality.POSSIBLE) else []


def _own_predicate(sentence: Span, said: Sequence[Attribution]) -> Token | None:
    """The main predicate of what a sentence says in its own voice; None where it has none, or asks."""
    if sum(t.is_alpha for t in sentence) < _SHORTEST or sentence.text.rstrip().endswith("?"):
        return None
    taken = [span for a in said for span in (*a.sources, *a.cues, *a.contents)]
    before = [t for t in sentence.root.lefts if t.dep_ == "ccomp"]  # "The stand was used for tests, so we judge that …"
    mains = [sentence.root, *before, *(t for t in sentence if t.dep_ == "conj" and _is_main(t))]
    for main in mains:
        if not covered((main.idx, main.idx + len(main)), taken) and (main == sentence.root or _has_subject(main)):
            return main
    return None


def _is_main(token: Token) -> bool:
    """True for a clause that "and" joins to the sentence's main one."""
    while token.dep_ == "conj" and token.pos_ in ("VERB", "AUX"):
        token = token.head
    return bool(token.dep_ == "ROOT")


def _has_subject(token: Token) -> bool:
    return any(c.dep_ in ("nsubj", "nsubjpass", "expl") for c in token.children)
