from __future__ import annotations

import pytest

from sitewatch.read import claims
from sitewatch.read.prose import LONGEST, Paragraph, cleaned, paragraphs, parsed

TEXT = """PORTVILLE, July 30 (Wire A) - Trucks came to the gate.

Subscribe to our newsletter for more.
Read also: The gate and its trucks
Picture caption: The gate, in an image of 2016. Photo: Monitor D
A crane stands there. (Wire A)
502 Bad Gateway
© The Gazette 2018
(Wire A)
This article first appeared in Daily B.
"""


def test_furniture_datelines_labels_and_credits_are_left_out():
    found = paragraphs(TEXT)
    assert [p.text for p in found] == [
        "Trucks came to the gate.",
        "The gate, in an image of 2016.",
        "A crane stands there.",
    ]
    assert all(TEXT[p.start : p.start + len(p.text)] == p.text for p in found)


@pytest.mark.parametrize("text", ["First, the gate (a new one) was shut.", "North Korea (DPRK) denied it."])
def test_brackets_in_a_sentence_are_no_dateline(text):
    assert [p.text for p in paragraphs(text)] == [text]


def test_a_paragraph_that_no_writer_made_is_not_parsed():
    assert paragraphs("word " * LONGEST) == []


def test_a_name_with_an_initial_still_ends_its_sentence():
    text = "An official told Daily B. He would not say more."
    ((_, doc),) = parsed([Paragraph(0, text)], ["Daily B"])
    assert len(list(doc.sents)) == 2
    assert len(doc.text) == len(text)


def test_characters_that_nobody_sees_are_taken_out():
    assert cleaned("a\u200bb\u00adc\ufeff\r\nd\u00a0e\rf") == "abc\nd e\nf"


WRAPPED = (
    "The mayor said on Monday that forty lorries had\nleft the yard in June and that nobody had\nweighed them.\n\n"
    "A clerk denied it.\n"
)


def test_lines_that_an_editor_broke_are_one_paragraph():
    first, second = paragraphs(WRAPPED)
    assert (
        first.text
        == "The mayor said on Monday that forty lorries had left the yard in June and that nobody had weighed them."
    )
    assert second.text == "A clerk denied it."
    assert WRAPPED[second.start :].startswith("A clerk")


def test_a_claim_runs_over_a_broken_line_and_keeps_its_exact_words():
    (said, *_) = claims(WRAPPED, published=None, places=())
    start, end = said.span
    assert WRAPPED[start:end] == said.quote
    assert said.quote.endswith("weighed them.")
    assert said.chain[0].name == "The mayor"


def test_short_lines_of_a_list_stay_lines():
    lines = ["Seen at the gate:", "two cranes", "a red trailer, parked along the northern wall", "no guard"]
    assert [p.text for p in paragraphs("\n".join(lines))] == lines
