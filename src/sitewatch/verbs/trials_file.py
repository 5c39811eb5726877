"""An analyst's trials of a detector: a CSV with one row for each image whose vehicles are known."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sitewatch.case import CaseError, Problem
from sitewatch.weigh.counted import Tried

COLUMNS = ("image", "found", "of", "false")
"""What the file holds: the image, vehicles found, vehicles there, boxes with no vehicle."""
_MOST = 1_000_000


@dataclass(frozen=True)
class TrialsFile:
    """The trials with the bytes that they come from."""

    name: str
    data: bytes
    trials: tuple[Tried, ...]


def read_trials(path: Path) -> TrialsFile:
    """The trials of a file.

    Raises:
        CaseError: it cannot be read, or rows are wrong; all of them at once, each with its line and column.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        right = f"a CSV with the columns {', '.join(COLUMNS)} on this machine"
        raise CaseError([Problem(str(path), None, "--trials", error.strerror or str(error), right)]) from error
    problems: list[Problem] = []
    trials = tuple(_trials(str(path), data, problems))
    if not problems and not any(one.of for one in trials):
        found = f"no vehicle in {len(trials)} images"
        right = "at least one image with vehicles whose places are known: nobody can tell recall from none"
        problems.append(Problem(str(path), None, "of", found, right))
    if problems:
        raise CaseError(problems)
    return TrialsFile(path.name, data, trials)


def _trials(file: str, data: bytes, problems: list[Problem]) -> Iterator[Tried]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problems.append(Problem(file, line, "text", f"a byte that is no UTF-8 ({error.reason})", "CSV in UTF-8"))
        return
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    header: list[str] = []
    lines: dict[str, int] = {}
    before = 0
    try:
        for row in rows:
            line, before = before + 1, rows.line_num
            cells = [cell.strip() for cell in row]
            if not any(cells):
                continue
            if not header:
                header = cells
                if sorted(header) != sorted(COLUMNS):
                    right = f"a first line with exactly these: {', '.join(COLUMNS)}"
                    problems.append(Problem(file, line, "columns", ", ".join(header), right))
                    return
            elif one := _trial(file, line, header, cells, lines, problems):
                yield one
    except csv.Error as error:
        problems.append(Problem(file, before + 1, "row", str(error), "quotation marks in pairs around a cell"))
    if not header:
        problems.append(Problem(file, 1, "columns", "an empty file", f"a first line: {','.join(COLUMNS)}"))


def _trial(
    file: str, line: int, header: list[str], cells: list[str], lines: dict[str, int], problems: list[Problem]
) -> Tried | None:
    """The trial of a row, or None where it is wrong."""
    known = len(problems)

    def wrong(name: str, found: str, right: str) -> None:
        column = header.index(name) + 1 if name in header else None
        problems.append(Problem(file, line, name, found, right, column))

    if len(cells) != len(header):
        wrong("row", f"{len(cells)} cells", f"{len(header)}, one for each column")
        return None
    written = dict(zip(header, cells, strict=True))
    image = written["image"]
    if not image:
        wrong("image", "nothing", "the name of the image, so that nobody counts it twice")
    elif image in lines:
        wrong("image", f"{image!r}, which line {lines[image]} has too", "each image once")
    lines.setdefault(image, line)
    counts: dict[str, int] = {}
    for name in COLUMNS[1:]:
        if written[name].isascii() and written[name].isdigit() and int(written[name][:9]) <= _MOST:
            counts[name] = int(written[name])
        else:
            wrong(name, repr(written[name]), "a whole number from 0 on")
    if {"found", "of"} <= counts.keys() and counts["found"] > counts["of"]:
        wrong("found", f"{counts['found']} of {counts['of']}", "no more vehicles found than there were")
    return None if len(problems) > known else Tried(image, **counts)
