"""The files that a case names: that they are there, and what the fences and tables among them hold."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sitewatch.case.fence import Ring, read_fence_file
from sitewatch.case.model import Problem
from sitewatch.case.references import ids, tables
from sitewatch.case.table import read_table
from sitewatch.case.values import Unfit, Wrong, show
from sitewatch.records import Look


@dataclass
class Files:
    """What was read beside the case file, by the place of the table that names it."""

    fences: dict[int, Ring] = field(default_factory=dict)
    """Ring of each site with a `fence_file`, by the site's place."""
    looks: dict[int, list[Look]] = field(default_factory=dict)
    """Looks of each table that is right, by its place."""
    wrong: list[Wrong] = field(default_factory=list)
    """Problems at a line of the case file."""
    problems: list[Problem] = field(default_factory=list)
    """Problems inside another file."""


def read_files(raw: dict[str, Any], folder: Path) -> Files:
    """Read what the case names; paths start from `folder`."""
    files = Files()
    for section, key, there in (
        ("catalogues", "folder", Path.is_dir),
        ("reports", "folder", Path.is_dir),
        ("reports", "file", Path.is_file),
        ("hotspots", "table", Path.is_file),
        ("hotspots", "tables", Path.is_file),
        ("hotspots", "clouds", Path.is_file),
        ("roads", "file", Path.is_file),
        ("looks", "table", Path.is_file),
        ("sites", "fence_file", Path.is_file),
        ("links", "child", Path.is_file),
        ("links", "parent", Path.is_file),
    ):
        for path, table in tables(raw, section):
            for at, where in _paths((*path, key), table.get(key)):
                _read(files, at, folder / where, there, raw)
    return files


def _paths(path: tuple[str | int, ...], value: object) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """The paths that a field names, one or a list of them, each with its place; addresses are none."""
    many = isinstance(value, list)
    for number, one in enumerate(value if isinstance(value, list) else [value]):
        if isinstance(one, str) and one.strip() and "://" not in one:
            yield (*path, number) if many else path, one.strip()


def _read(
    files: Files, path: tuple[str | int, ...], file: Path, there: Callable[[Path], bool], raw: dict[str, Any]
) -> None:
    section, number, key, *_ = path
    what = "folder" if there is Path.is_dir else "file"
    if not there(file):
        found = f"{show(str(file))}, which is {'something else' if file.exists() else 'not there'}"
        files.wrong.append(Wrong(path, found, f"the path of a {what}, from the case's folder"))
        return
    try:
        if key == "fence_file":
            files.fences[int(number)] = read_fence_file(file)
        elif section == "roads":
            _collection(file)
        elif section == "looks":
            written = str(raw["looks"][number]["table"]).strip()
            files.looks[int(number)], problems = read_table(file, written, ids(raw, "sites"))
            files.problems += problems
    except Unfit as unfit:
        files.wrong.append(Wrong(path, f"in {file.name}: {unfit.found}", unfit.right))
    except json.JSONDecodeError as error:
        files.problems.append(Problem(str(file), error.lineno, "(syntax)", error.msg, "GeoJSON", error.colno))
    except (OSError, UnicodeDecodeError) as error:
        files.wrong.append(Wrong(path, f"in {file.name}: {error}", f"a {what} of UTF-8 text that can be read"))


def _collection(file: Path) -> None:
    """Refuse what is no GeoJSON collection; what its roads are is told when they are laid onto the site's grid.

    Raises:
        Unfit: it is JSON of another kind.
        json.JSONDecodeError: it is no JSON.
    """
    right = "a GeoJSON FeatureCollection of lines and polygons, as drawn or as exported from OpenStreetMap"
    data = json.loads(file.read_text(encoding="utf-8-sig"))
    found = data.get("type") if isinstance(data, dict) else type(data).__name__
    if found != "FeatureCollection" or not isinstance(data.get("features"), list):
        raise Unfit(show(found), right)
