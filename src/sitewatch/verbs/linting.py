"""Lint: read a text from a file or from standard input, and check how it puts its likelihoods."""

from __future__ import annotations

import sys
from pathlib import Path

from sitewatch.errors import InputError
from sitewatch.weigh.linter import Slip, slips
from sitewatch.weigh.scales import SCALES, ScaleName

STDIN = "-"
"""The name by which standard input is asked for."""


def lint_file(file: str, scale: str = "icd203") -> list[Slip]:
    """What is wrong in a text of the analyst's, each with its line and column.

    Args:
        file: path of a plain text in UTF-8, or "-" for standard input.
        scale: "icd203" or "phia".

    Raises:
        InputError: there is no such scale or file, or it holds no plain text.
    """
    known = _scale(scale)
    return slips(_text(file), known)


def _scale(name: str) -> ScaleName:
    for known in SCALES:
        if name == known:
            return known
    raise InputError(f"--scale: found {name!r}; right would be one of {', '.join(SCALES)}")


def _text(file: str) -> str:
    where = "standard input" if file == STDIN else file
    try:
        data = sys.stdin.buffer.read() if file == STDIN else Path(file).read_bytes()
    except OSError as error:
        raise InputError(f"{where}: {error.strerror or error}; name a text file, or - for standard input") from error
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(f"{where}:{line}: a byte that is no UTF-8; save the text as UTF-8") from error
    if "\0" in text or text.lstrip()[:15].lower().startswith(("<!doctype html", "<html")):
        raise InputError(f"{where}: it is no plain text; save it as text, without markup")
    return text
