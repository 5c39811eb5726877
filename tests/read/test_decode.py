from __future__ import annotations

import pytest

from sitewatch.read.decode import NotText, decoded

WORDS = "The Müller plant – “closed”."


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (WORDS.encode(), ""),
        (WORDS.encode("utf-8-sig"), ""),
        (WORDS.encode("utf-16"), ""),
        (WORDS.encode("cp1252"), "text/plain; charset=iso-8859-1"),
        (WORDS.encode("cp1252"), "text/plain; charset=no-such-thing"),
        (WORDS.encode("cp1252"), ""),
        (b"<meta charset='koi8-r'>" + "Завод".encode("koi8-r"), "text/html"),
    ],
)
def test_text_in_any_encoding(data, media_type):
    assert decoded(data, media_type).removeprefix("<meta charset='koi8-r'>") in (WORDS, "Завод")


def test_a_file_pasted_together_from_two_encodings():
    assert decoded("Müller\n".encode() + "Köln\n".encode("latin-1")) == "Müller\nKöln\n"


def test_a_byte_that_no_encoding_has_is_kept_as_it_is():
    assert decoded(b"a caf\x81 " + b"and more words " * 9) == "a caf\x81 " + "and more words " * 9


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"%PDF-1.7 ...", "a PDF file"),
        (b"PK\x03\x04...", "a zip archive"),
        (b"a\x00b", "binary data"),
        (b"\x01\x02" * 99, "control"),
    ],
)
def test_what_is_no_text_says_what_it_looks_like(data, words):
    with pytest.raises(NotText, match=words):
        decoded(data)
