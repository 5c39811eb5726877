"""What is installed, reachable and missing on this machine."""

from __future__ import annotations

import shutil
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Literal

import httpx
from packaging.requirements import Requirement

PROGRAMS = {"chromium": "draws the briefs in tests", "make": "builds the environment"}
PUBLIC_CATALOGUE = "https://earth-search.aws.element84.com/v1"


@dataclass(frozen=True)
class Examined:
    """One thing that was looked at."""

    mark: Literal["ok", "absent", "silent", "missing"]
    """missing: Sitewatch can't work without it; absent: only some things need it; silent: it did not answer."""
    what: str
    detail: str

    def as_json(self) -> dict[str, str]:
        """Ready for JSON."""
        return asdict(self)


def examine(case: Path | None = None, *, client: httpx.Client | None = None) -> list[Examined]:
    """Look at the interpreter, the packages, the programs and the services that a case (or a newcomer) needs."""
    found = [*_python(), *_packages(), *_database(), *_programs()]
    with client or httpx.Client(timeout=5, follow_redirects=True) as asked:
        return [*found, *(_service(asked, what, url) for what, url in _services(case))]


def _python() -> Iterator[Examined]:
    here = ".".join(map(str, sys.version_info[:3]))
    yield Examined("ok" if sys.version_info >= (3, 11) else "missing", "Python", f"{here}; 3.11 or newer is needed")


def _packages() -> Iterator[Examined]:
    for line in requires("sitewatch") or []:
        needed = Requirement(line)
        if needed.marker is not None and not needed.marker.evaluate({"extra": ""}):
            continue
        try:
            here = version(needed.name)
        except PackageNotFoundError:
            yield Examined("missing", needed.name, f"not installed; mend it with: pip install '{needed}'")
            continue
        fits = needed.specifier.contains(here, prereleases=True)
        yield Examined("ok" if fits else "missing", needed.name, here if fits else f"{here}, but {needed} is needed")


def _database() -> Iterator[Examined]:
    fits = sqlite3.sqlite_version_info >= (3, 35)
    yield Examined("ok" if fits else "missing", "SQLite", f"{sqlite3.sqlite_version}; 3.35 or newer is needed")


def _programs() -> Iterator[Examined]:
    for name, use in PROGRAMS.items():
        path = shutil.which(name)
        yield Examined("ok" if path else "absent", name, path or f"not found; it {use}")


def _services(case: Path | None) -> Iterator[tuple[str, str]]:
    if case is None:
        yield "public catalogue", PUBLIC_CATALOGUE
        return
    from sitewatch.case import load_case

    loaded = load_case(case)
    yield from ((f"catalogue {c.slug}", c.url) for c in loaded.catalogues if c.url)
    yield from ((i.form, i.where) for i in loaded.intakes if i.form in ("feed", "url"))


def _service(client: httpx.Client, what: str, url: str) -> Examined:
    try:
        answer = client.get(url)
    except httpx.HTTPError as error:
        return Examined("silent", what, f"{url} did not answer ({type(error).__name__}); bundled cases work without it")
    return Examined("ok" if answer.is_success else "silent", what, f"{url} answered {answer.status_code}")
