"""Load a case: the TOML file with all that it names, as records, or everything that is wrong with it at once."""

from __future__ import annotations

import hashlib
import re
import tomllib
from pathlib import Path
from typing import Any

from sitewatch.case.build import build
from sitewatch.case.files import read_files
from sitewatch.case.lines import Lines
from sitewatch.case.model import Case, CaseError, Problem
from sitewatch.case.numbers import check_numbers
from sitewatch.case.references import check_references
from sitewatch.case.shape import read_shape
from sitewatch.case.values import Wrong

CASE_FILE = "case.toml"
"""Name of the case file in a case's folder."""

_DAY_OF_A_KIND = re.compile(r"=\s*(?!\d{4}-\d\d-\d\d\b)\d{1,4}([./-])\d{1,2}\1\d{1,4}\b")
# A value that is meant as a day and written as TOML writes none: 25.07.2018, 7/25/2018, 2018-7-25.


def load_case(path: Path) -> Case:
    """The case of a folder with a `case.toml`, or of a TOML file. Nothing is fetched.

    Raises:
        CaseError: with every problem of the case file, of its fences and of its tables.
    """
    file = path / CASE_FILE if path.is_dir() else path
    data = _bytes(file)
    text = _text(file, data)
    raw = _toml(file, text)
    table, wrong = read_shape(raw)
    files = read_files(raw, file.parent)
    wrong += [*check_references(raw), *check_numbers(raw), *files.wrong]
    problems = [*_placed(file, text, raw, wrong), *files.problems]
    if problems or table is None:
        raise CaseError(problems)
    return Case(
        folder=file.parent, file=file, config=hashlib.sha256(data).hexdigest(), data=data, **build(table, files)
    )


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        right = f"a TOML file, or a folder with a {CASE_FILE}; `sitewatch new DIR` writes one"
        raise CaseError([Problem(str(file), None, "case", error.strerror or str(error), right)]) from error


def _text(file: Path, data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise CaseError([Problem(str(file), line, "text", "a byte that is no UTF-8", "a file in UTF-8")]) from error


def _toml(file: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"\(at line (\d+), column (\d+)\)|\(at end of document\)", str(error))
        line, column = (int(n) for n in at.groups()) if at and at[1] else (text.count("\n") + 1, None)
        said = str(error).partition(" (at ")[0]
        right = "TOML: key = value, text in quotation marks, tables as [name] or [[name]]"
        if _DAY_OF_A_KIND.search((text.splitlines() or [""])[line - 1]):
            right = f"{right}; a day is written 2018-07-25 (year, month, day) without quotes"
        raise CaseError([Problem(str(file), line, "(syntax)", said, right, column)]) from error


def _placed(file: Path, text: str, raw: dict[str, Any], wrong: list[Wrong]) -> list[Problem]:
    """Problems with the lines at which they stand."""
    if not wrong:
        return []
    lines = Lines(text.encode())
    return [Problem(str(file), lines.of(one.path), _name(one.path, raw), one.found, one.right) for one in wrong]


def _name(path: tuple[str | int, ...], raw: Any) -> str:
    """A dotted path in which a table of an array goes by its id, or by its place from 1: sites[sohae].fence."""
    name, here = "", raw
    for part in path:
        try:
            here = here[part]
        except (KeyError, IndexError, TypeError):
            here = None
        if isinstance(part, int):
            id = here.get("id") if isinstance(here, dict) else None
            name += f"[{id if isinstance(id, str) else part + 1}]"
        else:
            name += f".{part}" if name else part
    return name
