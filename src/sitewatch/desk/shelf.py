"""The shelf: which briefs lie in a case folder, or in a folder of cases, and what they say in a line."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sitewatch.errors import InputError

SCHEMA = "sitewatch.brief/"
"""How the data of a brief begins to name its shape."""

_SIGNS = ("brief.html", "case.toml", "ledger")
"""What a case folder holds at least one of."""


_SHOWN = {"title", "as_of_says", "latest_evidence_says", "head", "in_brief"}
"""What the list of briefs shows of each."""


@dataclass(frozen=True)
class Told:
    """One brief as it lies in its folder."""

    address: str
    """Path of the page below the desk's root."""
    day: date | None
    """The day whose knowledge it holds; None for the latest."""
    data: dict[str, Any] | None
    """The brief's data; None where the folder holds none that can be read."""
    trouble: str | None
    """Why the data could not be read."""


@dataclass(frozen=True)
class Shelf:
    """The briefs of one case."""

    slug: str
    """The folder's name; empty where the desk shows one case alone."""
    folder: Path
    latest: Told | None
    earlier: tuple[Told, ...]
    """Briefs as of a day, the last day first."""

    @property
    def title(self) -> str:
        """The case's title as its brief has it, else the folder's name."""
        data = next((told.data for told in (self.latest, *self.earlier) if told and told.data), {})
        return str(data.get("title") or self.folder.name)


def shelves(folder: Path) -> dict[str, Shelf]:
    """The cases of a folder by their slug, each with what its briefs say.

    Raises:
        InputError: there is no such folder.
    """
    return {slug: _shelf(case, slug) for slug, case in cases(folder).items()}


def cases(folder: Path) -> dict[str, Path]:
    """The case folders in a folder by their slug; a case folder itself is the one case with the empty slug.

    Raises:
        InputError: there is no such folder.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: there is no such folder; give a case folder, or one that holds case folders")
    if _is_case(folder):
        return {"": folder}
    return {child.name: child for child in sorted(folder.iterdir()) if child.is_dir() and _is_case(child)}


def _is_case(folder: Path) -> bool:
    return any((folder / sign).exists() for sign in _SIGNS)


def _shelf(folder: Path, slug: str) -> Shelf:
    root = f"/cases/{quote(slug)}" if slug else ""
    latest = _told(folder / "brief.html", f"{root}/brief.html", None)
    days = sorted((day for page in folder.glob("asof/*.html") if (day := day_of(page.stem))), reverse=True)
    earlier = [_told(folder / "asof" / f"{day}.html", f"{root}/asof/{day}.html", day) for day in days]
    return Shelf(slug, folder, latest, tuple(told for told in earlier if told))


def day_of(name: str) -> date | None:
    """The day that a file is named by, written YYYY-MM-DD and no other way."""
    try:
        day = date.fromisoformat(name)
    except ValueError:
        return None
    return day if day.isoformat() == name else None


def _told(page: Path, address: str, day: date | None) -> Told | None:
    """A brief, when its page is there; its data lies beside it."""
    if not page.is_file():
        return None
    data = page.with_suffix(".json")
    if not data.is_file():
        return Told(address, day, None, f"{data.name} is missing; tell the case again")
    try:
        read = json.loads(data.read_bytes())
    except ValueError as error:
        return Told(address, day, None, f"{data.name} is damaged ({error}); tell the case again")
    if not _is_brief(read):
        return Told(address, day, None, f"{data.name} is no brief of this desk; tell the case again")
    return Told(address, day, read, None)


def _is_brief(read: object) -> bool:
    """Whether some JSON is a brief's data, with all that the list of briefs shows of it."""
    return isinstance(read, dict) and str(read.get("schema", "")).startswith(SCHEMA) and read.keys() >= _SHOWN


def file_in(case: Path, *parts: str) -> Path | None:
    """A file of a case folder; None where there is none, or where it would lie outside the folder."""
    path = case.joinpath(*parts)
    inside = path.resolve().is_relative_to(case.resolve())
    return path if inside and path.is_file() else None
