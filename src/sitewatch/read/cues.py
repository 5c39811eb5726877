"""Words that report: what each does to the sureness of what it reports."""

from __future__ import annotations

from sitewatch.records import Modality


def _entries(modality: Modality, words: str) -> dict[str, Modality]:
    return dict.fromkeys(words.split(), modality)


REPORTING: dict[str, Modality] = (
    _entries(
        Modality.ASSERTED,
        """
        say tell add note announce state write report explain claim insist assert declare observe remark reply respond
        acknowledge admit concede confirm reveal disclose show demonstrate find discover prove warn caution stress
        emphasize emphasise underline point recall recount argue maintain contend allege testify complain joke tweet
        post assure inform remind notify read quote cite mention boast brag lament quip retort counter shout yell
        whisper comment continue conclude answer learn hear know see realize realise recognize recognise understand
        remember detect establish determine document verify certify agree reiterate repeat relate signal hint
        """,
    )
    | _entries(
        Modality.ASSESSED,
        "believe think assess judge reckon estimate consider suppose assume deem gauge calculate figure feel guess "
        "view infer deduce opine call describe dub label regard",
    )
    | _entries(
        Modality.LIKELY, "suggest indicate imply expect predict forecast anticipate suspect presume project foresee"
    )
    | _entries(Modality.POSSIBLE, "speculate fear worry hope imagine hypothesize theorize envision")
    | _entries(
        Modality.PLANNED, "plan pledge promise vow intend commit propose threaten swear undertake decide urge demand"
    )
    | _entries(Modality.DENIED, "deny reject refute dispute dismiss contradict rebut disavow disclaim")
    | _entries(Modality.DOUBTFUL, "doubt question")
    | _entries(Modality.UNKNOWN, "ask wonder inquire enquire")
)
"""Verbs that take a clause as what is said or held, by lemma; ASSERTED leaves the sureness to the clause."""

INFINITIVE = frozenset(
    """
    plan pledge promise vow intend commit propose threaten swear undertake decide agree claim hope expect refuse decline
    urge tell warn
    """.split()
)
"""Verbs whose infinitive is what is said or held: "promised to destroy the site"."""

RAISING = frozenset(
    """
    say believe think report know understand expect suspect consider claim allege estimate assess judge deem assume
    presume predict reckon show find see suppose
    """.split()
)
"""Verbs whose passive is followed by what is held: "is believed to be building missiles"."""

OF_A_NOUN = frozenset(
    """
    deny reject dispute dismiss refute confirm report announce claim allege acknowledge admit describe call mention
    criticize criticise condemn praise predict note reveal deem blame denounce quote
    """.split()
)
"""Verbs that report with a noun alone: "denied the report", "reported new construction"."""

NOUNS = frozenset(
    """
    report claim statement allegation suggestion assertion belief assessment view warning announcement promise pledge
    conclusion finding evidence sign indication fear hope accusation assurance argument denial rumour rumor speculation
    estimate prediction notion idea suspicion admission confirmation opinion concern comment declaration vow threat
    """.split()
)
"""Nouns whose that-clause is what is said or held: "the report that missiles are built"."""

ADJECTIVES = {
    "confident": Modality.ASSESSED,
    "sure": Modality.ASSESSED,
    "certain": Modality.ASSESSED,
    "convinced": Modality.ASSESSED,
    "aware": Modality.ASSERTED,
    "clear": Modality.ASSERTED,
    "adamant": Modality.ASSERTED,
    "hopeful": Modality.POSSIBLE,
    "optimistic": Modality.POSSIBLE,
    "afraid": Modality.POSSIBLE,
    "concerned": Modality.POSSIBLE,
    "worried": Modality.POSSIBLE,
    "doubtful": Modality.DOUBTFUL,
    "sceptical": Modality.DOUBTFUL,
    "skeptical": Modality.DOUBTFUL,
    "unsure": Modality.UNKNOWN,
    "uncertain": Modality.UNKNOWN,
}
"""Adjectives whose clause is what somebody holds: "is confident that"."""

SPEAKING = frozenset(
    "say comment discuss answer respond reply elaborate confirm identify name disclose reveal speculate".split()
)
"""What somebody who declines declines to do; any other refusal ("refused to leave") is no refusal to speak."""

ANONYMOUS = frozenset(
    """
    official source person people insider somebody someone other some many few one two diplomat officer analyst expert
    observer critic witness resident activist aide adviser advisor spokesman spokeswoman spokesperson member lawmaker
    researcher defector
    """.split()
)
"""Nouns that stand for people who are not named."""

ROLES = frozenset(
    """
    president leader minister premier chancellor secretary chief commander general king queen director head chairman
    governor mayor ambassador envoy senator judge doctor man woman mother father driver pilot scientist engineer
    professor author
    """.split()
)
"""Nouns for people in an office, whom "he" and "she" may stand for."""

IMAGERY = frozenset("image photo photograph picture imagery satellite snap shot footage video scan".split())
"""What a thing is seen on; it holds nothing itself: whoever shows it does."""

BODIES = frozenset("group institute institution organisation organization centre center watchdog monitor".split())
"""Nouns for an organisation that is not named again: "the group said"."""

PLAIN_KNOWING = frozenset("know see find show understand learn".split())
"""Verbs whose passive names no holder: "it was not known whether" is the writer's own voice."""

PRESS = frozenset(
    "newspaper paper daily weekly tabloid magazine broadcaster channel station newswire website outlet press".split()
)
"""Nouns for an outlet that is not named again: "the newspaper reported"."""
