"""Bytes as characters, in whatever encoding they came."""

from __future__ import annotations

import codecs
import re
import unicodedata

from sitewatch.read.prose import cleaned

_DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE)
_HEAD = 4096
"""Bytes in which a page declares its encoding."""
_NOISE = 0.02
"""Share of control characters above which bytes are no text."""


class NotText(ValueError):
    """The bytes hold no text; the message says what they look like."""


def decoded(data: bytes, media_type: str = "") -> str:
    """Decode bytes as UTF-8, else line by line in the declared encoding, else in Windows-1252.

    Line by line, because one file may have been pasted together from several. Line ends become plain, and characters
    that cannot be seen are left out.

    Raises:
        NotText: the bytes are an image, an archive or the like.
    """
    for mark, name in ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if data.startswith(mark):
            return _text(data.decode(name, errors="replace").lstrip("\ufeff"))
    if b"\x00" in data[:_HEAD] or data.startswith((b"%PDF", b"\x89PNG", b"PK\x03\x04", b"\xff\xd8\xff", b"GIF8")):
        raise NotText(f"{_looks_like(data)}, not text")
    try:
        return _text(data.decode("utf-8"))
    except UnicodeDecodeError:
        hint = _declared(data, media_type)
        return _text("".join(_line(line, hint) for line in data.splitlines(keepends=True)))


def _declared(data: bytes, media_type: str) -> str:
    """The encoding that the transport or the page itself names, where Python knows it."""
    match = _DECLARED.search(media_type.encode()) or _DECLARED.search(data[:_HEAD])
    try:
        return codecs.lookup(match[1].decode("ascii")).name if match else "cp1252"
    except LookupError:
        return "cp1252"


def _line(line: bytes, hint: str) -> str:
    for encoding in ("utf-8", "cp1252" if hint in ("utf-8", "iso8859-1", "ascii") else hint, "cp1252"):
        try:
            return line.decode(encoding)
        except UnicodeDecodeError:
            continue
    return line.decode("latin-1")


def _text(text: str) -> str:
    sample = text[:20_000]
    noise = sum(unicodedata.category(c) in ("Cc", "Cn", "Co") or c == "\ufffd" for c in sample if c not in "\t\n\r\f")
    if noise > _NOISE * max(len(sample), 1):
        raise NotText("mostly control characters, not text")
    return cleaned(text)


def _looks_like(data: bytes) -> str:
    kinds = {b"%PDF": "a PDF file", b"\x89PNG": "a PNG image", b"PK\x03": "a zip archive", b"\xff\xd8": "a JPEG image"}
    return next((kind for start, kind in kinds.items() if data.startswith(start)), "binary data")
