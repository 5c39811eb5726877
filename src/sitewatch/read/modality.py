"""How surely a thing is put forward: what the cue does to it, and what hedges stand over its main predicate.

Scope follows the parse: a hedge counts where it governs the main predicate of the clause or the chain of raising verbs
above it, not in a relative clause beside it (after the factuality profiler of Saurí and Pustejovsky, 2012).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sitewatch.records import Modality

if TYPE_CHECKING:
    from spacy.tokens import Token

STRENGTH = {
    Modality.ASSERTED: 4,
    Modality.ASSESSED: 3,
    Modality.LIKELY: 3,
    Modality.POSSIBLE: 2,
    Modality.PLANNED: 2,
    Modality.UNKNOWN: 1,
    Modality.DOUBTFUL: 0,
    Modality.DENIED: 0,
    Modality.DECLINED: 0,
}
"""How much a claim says that the thing is so; only the order means something."""

_ORDER = (
    Modality.DECLINED,
    Modality.DENIED,
    Modality.UNKNOWN,
    Modality.DOUBTFUL,
    Modality.POSSIBLE,
    Modality.PLANNED,
    Modality.LIKELY,
    Modality.ASSESSED,
    Modality.ASSERTED,
)
"""Of two modalities over one predicate, the first in this order holds."""

_ADVERBS = {
    Modality.LIKELY: "likely probably presumably apparently seemingly evidently almost-certainly",
    Modality.POSSIBLE: "possibly perhaps maybe potentially conceivably",
    Modality.DOUBTFUL: "unlikely hardly",
    Modality.ASSESSED: "reportedly allegedly supposedly purportedly",
}
_ADVERB = {word: modality for modality, words in _ADVERBS.items() for word in words.split()}
_PREDICATES = {
    "likely": Modality.LIKELY,
    "probable": Modality.LIKELY,
    "possible": Modality.POSSIBLE,
    "conceivable": Modality.POSSIBLE,
    "unlikely": Modality.DOUBTFUL,
    "doubtful": Modality.DOUBTFUL,
    "unclear": Modality.UNKNOWN,
    "unknown": Modality.UNKNOWN,
    "uncertain": Modality.UNKNOWN,
    "impossible": Modality.UNKNOWN,
    "set": Modality.PLANNED,
    "due": Modality.PLANNED,
    "ready": Modality.PLANNED,
    "consistent": Modality.POSSIBLE,
}
_RAISING = {
    "appear": Modality.LIKELY,
    "seem": Modality.LIKELY,
    "look": Modality.LIKELY,
    "plan": Modality.PLANNED,
    "intend": Modality.PLANNED,
    "aim": Modality.PLANNED,
    "pledge": Modality.PLANNED,
    "promise": Modality.PLANNED,
    "vow": Modality.PLANNED,
    "agree": Modality.PLANNED,
    "commit": Modality.PLANNED,
    "schedule": Modality.PLANNED,
    "want": Modality.PLANNED,
    "hope": Modality.PLANNED,
    "prepare": Modality.PLANNED,
    "threaten": Modality.PLANNED,
    "believe": Modality.ASSESSED,
    "think": Modality.ASSESSED,
    "assess": Modality.ASSESSED,
    "judge": Modality.ASSESSED,
    "consider": Modality.ASSESSED,
    "estimate": Modality.ASSESSED,
    "suspect": Modality.LIKELY,
    "expect": Modality.LIKELY,
    "suggest": Modality.LIKELY,
    "indicate": Modality.LIKELY,
}
_SEEING = frozenset("see observe detect identify find distinguish spot tell recognize recognise".split())
"""After "could" these tell what was within sight, not what is possible."""
_KNOWING = frozenset(
    "know tell say show confirm verify determine establish see reveal prove decide disclose ascertain".split()
)
"""When these are negated, the clause under them is left open."""
_WH = frozenset("whether if how what who why when where which".split())


def weakest(*modalities: Modality) -> Modality:
    """What holds when several stand over one predicate."""
    return min(modalities, key=_ORDER.index)


def under_cue(cue: Token, force: Modality, content: Token | None) -> Modality:
    """The modality of what a cue reports.

    Args:
        cue: the reporting word.
        force: what the word does by itself.
        content: the main predicate of what is reported; None where that is a noun or missing.
    """
    negated = is_negated(cue)
    asked = content is not None and is_question(content)
    if negated and force is Modality.DENIED:
        return Modality.UNKNOWN
    if negated and (asked or (force is Modality.ASSERTED and content is not None)):
        return Modality.UNKNOWN
    if negated and force is Modality.ASSESSED:
        return Modality.DOUBTFUL
    if asked and content is not None and _opener(content) in ("whether", "if") and force is not Modality.DENIED:
        return Modality.UNKNOWN
    inner = Modality.ASSERTED if content is None else of_predicate(content, reported=True)
    return weakest(inner, force, _outer(cue))


def of_predicate(head: Token, *, reported: bool = False) -> Modality:
    """The modality that a clause carries by itself, read at its main predicate.

    In reported speech "would" is the future of what was said; elsewhere it tells what might be.
    """
    found = [Modality.ASSERTED]
    node: Token | None = head
    while node is not None:
        hedges = _hedges(node)
        if not reported and Modality.PLANNED in hedges and any(c.lower_ == "would" for c in node.children):
            hedges = [Modality.POSSIBLE if h is Modality.PLANNED else h for h in hedges]
        found += hedges
        node = _lower(node)
    return weakest(*found)


def is_negated(token: Token) -> bool:
    """True where "not", "no", "never" or "nobody" governs the word, or the verb that "or" joins it to."""
    if any(c.lower_ in ("or", "nor") for c in token.head.children if c.dep_ == "cc") and token.dep_ == "conj":
        return any(is_negated(above) for above in token.ancestors if above.pos_ in ("VERB", "AUX"))
    return any(
        child.dep_ == "neg"
        or child.lower_ in ("never", "cannot", "nor", "neither")
        or (child.dep_ in ("nsubj", "nsubjpass") and _is_none(child))
        for child in token.children
    )


def is_question(clause: Token) -> bool:
    """True where a clause is an indirect question: "whether …", "how far …"."""
    return _opener(clause) in _WH


def _is_none(subject: Token) -> bool:
    return subject.lower_ in ("nobody", "nothing", "none", "neither") or any(c.lower_ == "no" for c in subject.children)


def _opener(clause: Token) -> str:
    """The first word of a clause, past prepositions and conjunctions."""
    for token in clause.subtree:
        if token.pos_ not in ("ADP", "CCONJ", "PUNCT"):
            return token.lower_
    return ""


def _outer(cue: Token) -> Modality:
    """Hedges on the cue itself ("may say", "would indicate"); not its plain future ("will say")."""
    return weakest(Modality.ASSERTED, *(h for h in _hedges(cue, cue=True) if h is not Modality.PLANNED))


def _hedges(node: Token, *, cue: bool = False) -> list[Modality]:
    found: list[Modality] = []
    for child in node.children:
        word = child.lower_
        if child.dep_ in ("aux", "auxpass"):
            found += _auxiliary(node, child)
        elif child.dep_ in ("advmod", "acomp", "oprd") or (child.dep_ == "attr" and child.pos_ == "ADJ"):
            found += [_ADVERB[word]] if word in _ADVERB else []
            found += _adjective(child)
    if not cue and node.lemma_ in _RAISING and _lower(node) is not None:
        found.append(Modality.DOUBTFUL if is_negated(node) else _RAISING[node.lemma_])
    if node.lemma_ in ("appear", "seem", "look") and any(c.dep_ in ("acomp", "oprd") for c in node.children):
        found.append(Modality.LIKELY)
    if any(c.lower_ == "in" and any(_is_judgement(p) for p in c.children) for c in node.children):
        found.append(Modality.ASSESSED)
    if not cue and node.lemma_ in _KNOWING and is_negated(node) and any(_is_open(c) for c in node.children):
        found.append(Modality.UNKNOWN)
    if node.lemma_ == "remain" and any(c.dep_ == "xcomp" and c.lemma_ in ("see", "know") for c in node.children):
        found.append(Modality.UNKNOWN)
    return found


def _is_judgement(noun: Token) -> bool:
    """ "in our assessment", "in its view"."""
    owned = any(c.dep_ == "poss" for c in noun.children)
    return owned and noun.lemma_ in ("assessment", "judgement", "judgment", "view", "opinion", "estimation")


def _auxiliary(node: Token, aux: Token) -> list[Modality]:
    word, negated = aux.lower_, is_negated(node)
    if word in ("may", "might"):
        return [Modality.POSSIBLE]
    if word == "could" and not negated and node.lemma_ not in _SEEING:
        return [Modality.POSSIBLE]
    if word == "would" and node.lemma_ == "be":
        return [Modality.POSSIBLE]
    if word in ("will", "'ll", "’ll", "would", "shall") and not any(c.lower_ == "have" for c in node.children):
        return [Modality.PLANNED]
    if word == "to" and node.dep_ == "xcomp" and node.head.lemma_ == "be":
        return [Modality.PLANNED]  # "is to be dismantled"
    return []


def _adjective(child: Token) -> list[Modality]:
    """ "is likely", "is unclear", "is not clear", "is not known"."""
    if child.lower_ in _PREDICATES:
        return [_PREDICATES[child.lower_]]
    if child.lower_ in ("clear", "certain", "sure", "known", "possible") and is_negated(child.head):
        return [Modality.UNKNOWN]
    return []


def _is_open(child: Token) -> bool:
    return child.dep_ in ("ccomp", "pcomp", "csubj", "csubjpass", "advcl") and is_question(child)


def _lower(node: Token) -> Token | None:
    """The predicate that a raising verb or a predicate adjective passes its clause on to."""
    raising = node.lemma_ in _RAISING or node.lemma_ in ("begin", "start", "continue", "be", "go", "have", "keep")
    for child in node.children:
        if raising and child.dep_ in ("xcomp", "ccomp") and child.i > node.i:
            return child
        if child.dep_ in ("acomp", "oprd"):
            below = [c for c in child.children if c.dep_ == "xcomp"]
            if below:
                return below[0]
    return None
