"""Tables of looks: what an analyst saw in images, her own that the desk holds among them, one row an observable."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from sitewatch.case.model import Problem
from sitewatch.case.values import Unfit, read_day, show
from sitewatch.records import Look, Probability, Result, When, day_end, day_start

NEEDED = ("site", "acquired", "published", "publisher", "provider", "observable", "result")
"""Columns that every table has; cells of `acquired`, `published` and `provider` may still be blank."""

_YES_NO = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False, "": False}


def read_table(path: Path, written: str, sites: Sequence[str]) -> tuple[list[Look], list[Problem]]:
    """The looks of a table, and everything that is wrong with it.

    Args:
        path: the CSV file: commas, UTF-8, the names of the columns in the first line.
        written: the path as the case writes it, which becomes a part of each look's `row`.
        sites: ids of the sites of the case.
    """
    table = _Table(str(path), written, sites)
    return list(table.looks(path.read_bytes())), table.problems


class _Table:
    """One reading of one file."""

    def __init__(self, file: str, written: str, sites: Sequence[str]) -> None:
        self.problems: list[Problem] = []
        self._file = file
        self._written = written
        self._columns: list[str] = []
        self._seen: dict[tuple[Any, ...], tuple[int, Result]] = {}
        self._readers: dict[str, Callable[[str], Any]] = {
            "site": lambda cell: _one_of(cell, sites, "the id of a site of the case"),
            "acquired": _interval,
            "published": lambda cell: read_day(cell) if cell else None,
            "publisher": _word,
            "provider": lambda cell: cell or "not stated",
            "resolution_m": _metres,
            "observable": _word,
            "result": lambda cell: Result(_one_of(cell.lower().replace(" ", "_"), list(Result), "a result")),
            **dict.fromkeys(("p_detect_lo", "p_detect_hi", "p_false_lo", "p_false_hi"), _share),
            "note": lambda cell: cell or None,
            "image": lambda cell: cell or None,
            "redistributable": lambda cell: _YES_NO[_one_of(cell.lower(), list(_YES_NO), "an answer")],
        }

    def looks(self, data: bytes) -> Iterator[Look]:
        """The looks of the rows that are right."""
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            self._wrong(line, "text", f"a byte that is no UTF-8 ({error.reason})", "a table saved as CSV UTF-8")
            return
        rows = csv.reader(io.StringIO(text, newline=""), strict=True)
        line = 1
        try:
            for row in rows:
                cells = [cell.strip() for cell in row]
                if not self._columns:
                    self._read_header(line, cells)
                    if self.problems:
                        return
                elif any(cells) and (look := self._look(line, cells)):
                    yield look
                line = rows.line_num + 1  # a quoted note may run over several lines
        except csv.Error as error:
            self._wrong(line, "row", f"{error}", "quotation marks in pairs around a cell, doubled inside it")
        if not self._columns:
            self._wrong(1, "columns", "an empty file", f"a first line with the columns {', '.join(NEEDED)}, …")

    def _read_header(self, line: int, cells: list[str]) -> None:
        known = list(self._readers)
        for number, name in enumerate(cells, 1):
            if name in cells[: number - 1]:
                self._wrong(line, name, "the column twice", "each column once", number)
            elif name not in known:
                self._wrong(line, name or "(no name)", f"column {show(name)}", f"one of {', '.join(known)}", number)
        missing = [name for name in NEEDED if name not in cells]
        if missing:
            self._wrong(line, "columns", f"no column {', '.join(missing)}", "a first line with it, commas between")
        self._columns = cells

    def _look(self, line: int, cells: list[str]) -> Look | None:
        before = len(self.problems)
        if len(cells) != len(self._columns):
            found, right = f"{len(cells)} cells", f"{len(self._columns)}, one for each column, commas in quoted cells"
            self._wrong(line, "row", found, right)
            return None
        written = dict(zip(self._columns, cells, strict=True))
        values: dict[str, Any] = {name: None for name in self._readers if name not in written}
        for name, cell in written.items():
            with self._noting(line, name):
                values[name] = self._readers[name](cell)
        powers = {}
        for name in ("p_detect", "p_false"):
            with self._noting(line, f"{name}_hi"):
                powers[name] = _power(values, name, f"stated at {self._written}:{line}")
        with self._noting(line, "published"):
            _check_order(values.get("acquired"), values.get("published"))
        self._check_new(line, values)
        return None if len(self.problems) > before else _record(values, powers, f"{self._written}:{line}")

    def _check_new(self, line: int, values: Mapping[str, Any]) -> None:
        """A look that stands twice would count twice, or with two results take its own place for ever."""
        if not {"site", "acquired", "publisher", "provider", "observable", "resolution_m", "result"} <= values.keys():
            return  # one of them is wrong already
        image = ("image",) if values["image"] else ("acquired", "provider", "resolution_m")
        columns = ("site", "publisher", "observable", *image)
        result = values["result"]
        first, said = self._seen.setdefault(tuple(values[name] for name in columns), (line, result))
        if first != line and said == result:
            self._wrong(line, "row", f"the same look as in line {first}", "each look once, so that it counts once")
        elif first != line:
            found = f"{result}, where line {first} says {said} of the same look"
            self._wrong(line, "row", found, "one result for a look; another image differs in its day or resolution_m")

    @contextmanager
    def _noting(self, line: int, name: str) -> Iterator[None]:
        """Keep what is wrong with one cell, and go on to the next."""
        try:
            yield
        except Unfit as unfit:
            column = self._columns.index(name) + 1 if name in self._columns else None
            self._wrong(line, name, unfit.found, unfit.right, column)

    def _wrong(self, line: int, field: str, found: str, right: str, column: int | None = None) -> None:
        self.problems.append(Problem(self._file, line, field, found, right, column))


def _record(values: Mapping[str, Any], powers: Mapping[str, Probability | None], row: str) -> Look:
    published: date | None = values["published"]
    return Look(
        site=values["site"],
        observable=values["observable"],
        result=values["result"],
        when=values["acquired"],
        by="analyst",
        provider=values["provider"],
        publisher=values["publisher"],
        resolution_m=values["resolution_m"],
        note=values["note"],
        image=values["image"],
        row=row,
        redistributable=bool(values["redistributable"]),
        available_at=published and day_end(published),
        **powers,
    )


def _power(values: Mapping[str, Any], name: str, origin: str) -> Probability | None:
    """The range of a pair of columns; its best value lies in the middle."""
    if not {f"{name}_lo", f"{name}_hi"} <= values.keys():
        return None  # one of them is wrong already
    lo, hi = values[f"{name}_lo"], values[f"{name}_hi"]
    if lo is None and hi is None:
        return None
    if lo is None or hi is None:
        raise Unfit(f"only one of {name}_lo and {name}_hi", "both, or neither for the case's stated default")
    if lo > hi:
        raise Unfit(f"{lo} to {hi}", f"low before high: {hi} to {lo}")
    middle = round((lo + hi) / 2, 9)  # 0.85, not 0.8500000000000001
    return Probability(lo=lo, best=min(max(middle, lo), hi), hi=hi, origin=origin)


def _check_order(acquired: When | None, published: date | None) -> None:
    last = acquired and (acquired.latest or acquired.earliest)
    if last and published and published < last.date():
        right = f"a day from {last.date()} on, or blank where it is not known"
        raise Unfit(f"{published}, before the image was acquired ({acquired})", right)


def _interval(cell: str) -> When:
    """A day, two days as first/last, an open side as first/ or /last, or blank for a time that is not known."""
    first, slash, last = cell.partition("/")
    days = [read_day(part.strip()) if part else None for part in (first, last if slash else first)]
    if days[0] and days[1] and days[0] > days[1]:
        raise Unfit(show(cell), f"the earlier day first: {days[1]}/{days[0]}")
    return When(earliest=days[0] and day_start(days[0]), latest=days[1] and day_end(days[1]))


def _word(cell: str) -> str:
    if not cell:
        raise Unfit("a blank cell", "a word: this column is never blank")
    return cell


def _one_of(cell: str, known: Sequence[str], what: str) -> str:
    if cell not in known:
        raise Unfit(show(cell), f"{what}: {', '.join(one for one in known if one)}")
    return cell


def _number(cell: str) -> float:
    try:
        return float(cell)
    except ValueError as error:
        raise Unfit(show(cell), "a number with a decimal point, or blank") from error


def _metres(cell: str) -> float | None:
    number = _number(cell) if cell else None
    if number is not None and not (math.isfinite(number) and number > 0):
        raise Unfit(cell, "metres above 0, or blank")
    return number


def _share(cell: str) -> float | None:
    number = _number(cell) if cell else None
    if number is not None and not 0 <= number <= 1:
        raise Unfit(cell, "a probability from 0 to 1, or blank")
    return number
