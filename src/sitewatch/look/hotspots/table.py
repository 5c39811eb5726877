"""The lines of a CSV by the names of its columns, and what is wrong with one."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sitewatch.errors import InputError


def text_of(path: str | Path, wanted: str) -> str:
    """What a file holds.

    Args:
        path: of a CSV in UTF-8, with a byte order mark or without.
        wanted: what CSV it should be, for the message.

    Raises:
        InputError: it cannot be read.
    """
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read: {error}; give a CSV {wanted}, in UTF-8") from error


@dataclass(frozen=True)
class Row:
    """The cells of one line by column."""

    name: str
    line: int
    cells: dict[str, str]

    def wrong(self, column: str, wanted: str) -> InputError:
        """What to raise about a cell."""
        return InputError(f"{self.name}:{self.line}:{column}: found {self.cells[column]!r}, needed is {wanted}")

    def number(self, column: str) -> float:
        """The cell as a finite number."""
        try:
            value = float(self.cells[column])
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise self.wrong(column, "a number with a decimal point")
        return value

    def day(self, column: str) -> date:
        """The cell as a day."""
        try:
            return date.fromisoformat(self.cells[column])
        except ValueError:
            raise self.wrong(column, "a date YYYY-MM-DD") from None


def rows(text: str, name: str, needed: Sequence[str], either: Sequence[tuple[str, str]] = ()) -> Iterator[Row]:
    """The lines of a CSV, blank ones left out.

    Args:
        text: with its header line; case and order of the columns are free.
        name: of the file, for messages.
        needed: columns that it must have.
        either: pairs of columns of which it must have one.

    Raises:
        InputError: columns are missing or there twice, a line has more or fewer values, or it is no CSV.
    """
    lines = csv.reader(text.splitlines(), strict=True)
    try:
        head = [cell.strip().lower() for cell in next(lines, [])]
        _check_columns(head, name, needed, either)
        for cells in lines:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(head):
                raise InputError(
                    f"{name}:{lines.line_num}: {len(cells)} values under {len(head)} columns; a number has a decimal "
                    "point, no comma; export the file again"
                )
            yield Row(name, lines.line_num, dict(zip(head, (cell.strip() for cell in cells), strict=True)))
    except csv.Error as error:
        raise InputError(f"{name}:{lines.line_num}: not a CSV: {error}; export the file again") from error


def _check_columns(head: list[str], name: str, needed: Sequence[str], either: Sequence[tuple[str, str]]) -> None:
    """Refuse a header that lacks a column, or one of two pairs, or has one twice."""
    missing = [column for column in needed if column not in head]
    if either and not any(set(pair) <= set(head) for pair in either):
        missing.append(" or ".join("/".join(pair) for pair in either))
    if missing:
        raise InputError(
            f"{name}:1: missing columns: {', '.join(missing)}; found {', '.join(head) or 'nothing'}; give a CSV with "
            "these columns, its header line, and commas between the values"
        )
    if twice := sorted({column for column in head if head.count(column) > 1}):
        raise InputError(f"{name}:1: columns that are there twice: {', '.join(twice)}; export the file again")
