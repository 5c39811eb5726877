from __future__ import annotations

import pytest

from sitewatch.read import claims


def parts(text):
    """Source, cue and content of each attribution, as words."""
    found = [c for c in claims(text, published=None, places=None) if c.content_spans or c.cue_spans]
    return [
        tuple(" … ".join(text[a:b] for a, b in spans) for spans in (c.source_spans, c.cue_spans, c.content_spans))
        for c in found
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Officials said that the plant is closed.", ("Officials", "said", "that the plant is closed")),
        ("The plant is closed, officials said.", ("officials", "said", "The plant is closed")),
        ("The plant, officials said, is closed.", ("officials", "said", "The plant … is closed")),
        ("The plant is closed, said two officials.", ("two officials", "said", "The plant is closed")),
        ("According to the group, the plant is closed.", ("the group", "According to", "the plant is closed")),
        ("The plant is closed, according to the group.", ("the group", "according to", "The plant is closed")),
        ("The claim by the ministry that it is closed was new.", ("the ministry", "claim", "that it is closed")),
        ("She is sure that the plant is closed.", ("She", "is sure", "that the plant is closed")),
        ("The leader promised to destroy the stand.", ("The leader", "promised", "to destroy the stand")),
        ("Officials are said to know the plant.", ("", "are said", "Officials … to know the plant")),
        (
            "The plant was opened again, it was reported by Wire A.",
            ("Wire A", "was reported", "The plant was opened again"),
        ),
        ("The ministry rejected the report.", ("The ministry", "rejected", "the report")),
        ("The ministry declined to comment.", ("The ministry", "declined to comment", "")),
        (
            "One of them was quoted as saying that the plant is closed.",
            ("One of them", "saying", "that the plant is closed"),
        ),
        (
            "Daily B had reported on Monday, citing officials, that pictures showed a crane.",
            ("Daily B", "had reported", "that pictures showed a crane"),
        ),
    ],
)
def test_ways_to_report(text, expected):
    assert expected in parts(text)


@pytest.mark.parametrize(
    "text",
    [
        "It is hard to say whether the plant is closed.",
        "It was not known whether the plant was closed.",
        "Missiles that are believed to be new stood there.",
    ],
)
def test_nobody_says_it(text):
    assert parts(text) == []


def test_a_quotation_belongs_to_who_says_it_and_goes_on_with_her():
    text = '"We saw vehicles at the gate," said Ana Lind, an analyst. "They come and go all day."\n'
    first, second = claims(text, published=None, places=None)
    assert text[slice(*first.content_spans[0])] == '"We saw vehicles at the gate,"'
    assert second.quote == '"They come and go all day."'
    assert (second.source_spans, second.cue_spans) == ((), ())
    assert first.chain == second.chain


def test_a_quotation_of_several_sentences_is_one():
    text = "“We see that the gate is busy. We cannot see through a roof,” added the official."
    (found,) = [c for c in claims(text, published=None, places=None) if c.parent is None]
    assert text[slice(*found.content_spans[0])] == "“We see that the gate is busy. We cannot see through a roof,”"


def test_a_nested_attribution_names_its_parent():
    text = "The daily reported that officials believe that the plant is closed."
    outer, inner = claims(text, published=None, places=None)
    assert inner.parent == outer.id
    assert outer.parent is None
