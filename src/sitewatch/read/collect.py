"""Gather reports: from files and folders, feeds and pages."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sitewatch.records import Fault, Intake

if TYPE_CHECKING:
    import httpx

    from sitewatch.read.web import Fetcher, Page

LARGEST = 10 * 1024 * 1024
"""Bytes of one file beyond which it is refused."""
WHOLE = 600
"""Characters of a feed entry's own text from which it is taken for the whole report, and its page is left alone."""
_TYPES = {".txt": "text/plain", ".md": "text/markdown", ".html": "text/html", ".htm": "text/html"}


@dataclass(frozen=True)
class Fetched:
    """Bytes as they came, with what was said of them where they were found; None where nothing was."""

    origin: str
    """Address without credentials, or path as the case has it: what a later run knows it by."""
    data: bytes
    media_type: str
    outlet: str | None = None
    """The outlet that the case gives for everything from there."""
    published: datetime | None = None
    title: str | None = None
    byline: str | None = None
    publisher: str | None = None
    """The true publisher, where a feed carries other outlets' reports."""


def gather(
    intakes: Iterable[Intake],
    *,
    folder: Path,
    known: Collection[str],
    client: httpx.Client | None,
    allow_private: bool = False,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Fetched | Fault]:
    """Fetch what the case's intakes hold, one thing at a time; what cannot be had comes as a fault in its place.

    Args:
        intakes: the folders, files, feeds and pages.
        folder: the case's folder; relative paths start there.
        known: origins that are archived already; they are not fetched again. A feed itself is always read again.
        client: the client to fetch with; an own one is opened where this is None and something is to be fetched.
        allow_private: also fetch from loopback and private networks.
        sleep: pauses between retries.
    """
    seen = set(known)
    with ExitStack() as stack:
        fetcher: Fetcher | None = None
        for intake in intakes:
            if intake.form in ("folder", "file"):
                found = _local(intake, folder, seen)
            else:
                fetcher = fetcher or _fetcher(client, stack, allow_private, sleep)
                found = _feed(intake, fetcher, seen) if intake.form == "feed" else _page(intake, fetcher, seen)
            for one in found:
                if isinstance(one, Fetched):
                    seen.add(one.origin)
                yield one


def _fetcher(
    client: httpx.Client | None, stack: ExitStack, allow_private: bool, sleep: Callable[[float], None]
) -> Fetcher:
    import httpx

    from sitewatch.read.web import Fetcher

    return Fetcher(client or stack.enter_context(httpx.Client()), sleep, allow_private)


def _fault(subject: str, reason: str, *, transient: bool) -> Fault:
    return Fault(room="read", subject=subject, reason=reason, transient=transient)


# --- files ----------------------------------------------------------------------------------------------------------


def _local(intake: Intake, folder: Path, seen: Collection[str]) -> Iterator[Fetched | Fault]:
    """A file, or every text and HTML file below a folder, in order of their paths."""
    top = folder / intake.where
    if intake.form == "folder" and not top.is_dir():
        yield _fault(
            intake.where, "there is no such folder; create it or mend `folder` in [[reports]]", transient=False
        )
        return
    paths = sorted(p for p in top.rglob("*") if p.suffix.lower() in _TYPES and p.is_file()) if top.is_dir() else [top]
    for path in paths:
        origin = Path(os.path.relpath(path, folder)).as_posix()
        if origin not in seen:
            yield _file(path, origin, intake.outlet)


def _file(path: Path, origin: str, outlet: str | None) -> Fetched | Fault:
    try:
        if path.stat().st_size > LARGEST:
            return _fault(
                origin, f"the file is larger than {LARGEST // 1024 // 1024} MB; cut it into its parts", transient=False
            )
        data = path.read_bytes()
    except OSError as error:
        return _fault(origin, f"the file cannot be read: {error.strerror}", transient=False)
    return Fetched(origin, data, _TYPES.get(path.suffix.lower(), "text/plain"), outlet)


# --- pages and feeds ------------------------------------------------------------------------------------------------


def _page(intake: Intake, fetcher: Fetcher, seen: Collection[str]) -> Iterator[Fetched | Fault]:
    origin = _bare(intake.where)
    if origin not in seen:
        page = _fetch(intake.where, fetcher)
        yield page if isinstance(page, Fault) else Fetched(origin, page.data, page.media_type, intake.outlet)


def _bare(address: str) -> str:
    from sitewatch.read.web import without_credentials

    return without_credentials(address)


def _fetch(address: str, fetcher: Fetcher) -> Page | Fault:
    from sitewatch.read.web import Failed, Refused

    try:
        return fetcher.page(address)
    except Refused as refused:
        return _fault(_bare(address), str(refused), transient=False)
    except Failed as failed:
        return _fault(_bare(address), str(failed), transient=True)


def _feed(intake: Intake, fetcher: Fetcher, seen: Collection[str]) -> Iterator[Fetched | Fault]:
    """The entries of a feed that are not known yet."""
    import feedparser

    page = _fetch(intake.where, fetcher)
    if isinstance(page, Fault):
        yield page
        return
    feed = feedparser.parse(
        page.data, response_headers={"content-type": page.media_type, "content-location": page.address}
    )
    if not feed.get("version"):
        yield _fault(
            _bare(intake.where),
            "it answers with something that is no RSS or Atom feed; for a page, use `url`",
            transient=False,
        )
        return
    for entry in feed.entries:
        link = str(entry.get("link") or "")
        origin = _bare(link) or f"{_bare(intake.where)}#{entry.get('id') or entry.get('title') or ''}"
        if origin not in seen:
            yield _entry(entry, origin, intake, fetcher)


def _entry(entry: Any, origin: str, intake: Intake, fetcher: Fetcher) -> Fetched | Fault:
    """An entry with its own text where that is whole, else the page behind its link."""
    own, link = _own_text(entry), str(entry.get("link") or "")
    data, media_type = own.encode(), "text/html"
    if len(re.sub(r"<[^>]*>", "", own)) < WHOLE and link.startswith(("http://", "https://")):
        page = _fetch(link, fetcher)
        if isinstance(page, Fault):
            return page
        data, media_type = page.data, page.media_type
    if not data.strip():
        return _fault(origin, "the feed's entry has neither text nor an address of its own", transient=False)
    return Fetched(
        origin,
        data,
        media_type,
        intake.outlet,
        # dict.get: feedparser's own would answer for the one with the other, and warn
        published=_moment(dict.get(entry, "published_parsed") or dict.get(entry, "updated_parsed")),
        title=entry.get("title") or None,
        byline=entry.get("author") or None,
        publisher=(entry.get("source") or {}).get("title") or None,
    )


def _own_text(entry: Any) -> str:
    """The longest of an entry's content and summary, as markup."""
    bodies = [str(c.get("value") or "") for c in entry.get("content") or ()]
    return max([*bodies, str(entry.get("summary") or "")], key=len)


def _moment(parsed: time.struct_time | None) -> datetime | None:
    """feedparser's time, which is UTC; None where the entry has none or an impossible one."""
    try:
        return datetime(*parsed[:6], tzinfo=UTC) if parsed else None
    except ValueError:
        return None
