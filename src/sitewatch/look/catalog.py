"""What a catalogue lists over a site: a STAC API through pystac-client, a static STAC folder through pystac."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterable
from contextlib import closing
from datetime import UTC, datetime
from json import JSONDecodeError
from pathlib import Path
from typing import TypeVar

import pystac
from pystac.stac_io import DefaultStacIO
from pystac_client import Client
from pystac_client.exceptions import APIError
from pystac_client.stac_api_io import StacApiIO
from pystac_client.warnings import PystacClientWarning

from sitewatch.errors import InputError, ServiceError
from sitewatch.look.grid import grid_polygon, site_grid
from sitewatch.look.items import Unusable, taken
from sitewatch.look.passes import Credit, Found, passes_of
from sitewatch.records import Catalogue, Site, day_end, day_start

T = TypeVar("T")

TRIES = 3
"""How often an API is asked before it counts as down."""
PAUSE_S = 2.0
"""Pause before the second try, seconds; it doubles from try to try."""
TIMEOUT_S = 60.0
"""How long an API may take to answer one request, seconds."""
PAGE = 200
"""Items asked for at a time."""
_SHOWN = 120
"""Characters of a wrong answer that a message repeats."""


def search(
    catalogue: Catalogue,
    site: Site,
    *,
    folder: Path,
    refused: list[str] | None = None,
    sleep: Callable[[float], None] = time.sleep,
    timeout: float = TIMEOUT_S,
) -> list[Found]:
    """Passes over a site's fence, in order of time; empty when none covers it (`nothing_found` has the words).

    What an API returns is filtered, cleared of doubles and sorted here too: not every server does what it is asked.

    Args:
        catalogue: an API's address or a folder, and the collection.
        site: with a fence.
        folder: the case's folder, from which the catalogue's folder is reckoned.
        refused: is given a sentence for each item that is left out because what it says of itself cannot be read.
        sleep: called with seconds between two tries.
        timeout: seconds that one request may take.

    Raises:
        InputError: the folder holds no STAC catalogue or a broken one, the collection is not there, or the fence is
            wrong.
        ServiceError: the API is down, times out, or answers something else than STAC, after three tries.
    """
    if catalogue.folder is not None:
        items, credit = _from_folder(catalogue, folder / catalogue.folder)
    else:
        bounds = grid_polygon(site_grid(site)).bounds
        items, credit = _retried(catalogue, lambda: _from_api(catalogue, bounds, timeout), sleep)
    wanted = [item for item in items if item.collection_id == catalogue.collection and _within(item, catalogue)]
    unique = {item.id: item for item in sorted(wanted, key=lambda i: i.id)}
    return passes_of(unique.values(), catalogue, site, credit, refused)


def nothing_found(catalogue: Catalogue, site: Site) -> str:
    """The sentence for a search that found no pass over a fence."""
    return (
        f"site {site.slug}: no pass of collection {catalogue.collection} in catalogue {catalogue.slug} "
        f"({_address(catalogue)}) covers the fence between {catalogue.since} and {catalogue.until or 'today'}; "
        "check that the fence names longitude before latitude, the collection, and the days"
    )


def _address(catalogue: Catalogue) -> str:
    return catalogue.url or f"folder {catalogue.folder}"


def _within(item: pystac.Item, catalogue: Catalogue) -> bool:
    """Whether an item was, or can have been, taken in the days asked for; one without a time is kept for complaint."""
    try:
        start, end = taken(item)
    except Unusable:
        return True
    latest = day_end(catalogue.until) if catalogue.until else datetime.max.replace(tzinfo=UTC)
    return (end or start) >= day_start(catalogue.since) and start <= latest


class _FilesOnly(DefaultStacIO):
    """Reads a catalogue from files and never from the network; remembers the file it read last."""

    last = ""

    def read_text_from_href(self, href: str) -> str:
        self.last = href
        if "://" in href:
            raise InputError(
                f"a link of its folder leads to {href}; such links must be relative, and an API is named by url"
            )
        return str(super().read_text_from_href(href))


def _unreadable(reader: _FilesOnly, error: BaseException) -> str:
    """What is wrong in a folder, with the file."""
    while error.__cause__ is not None:
        error = error.__cause__
    if isinstance(error, InputError):
        return str(error)
    return f"{reader.last} is not readable as STAC ({_brief(error)}); repair or remove it, with the link to it"


def _from_folder(catalogue: Catalogue, folder: Path) -> tuple[list[pystac.Item], Credit]:
    """Every item below a folder's catalog.json, read from files only."""
    root = folder / "catalog.json"
    if not root.is_file():
        raise InputError(
            f"catalogue {catalogue.slug}: {folder} holds no catalog.json; name the folder of a static STAC catalogue"
        )
    reader = _FilesOnly()
    try:
        top = pystac.Catalog.from_file(str(root), stac_io=reader)
        parts = [c for c in (top, *top.get_collections()) if isinstance(c, pystac.Collection)]
        items = list(top.get_items(recursive=True))
    except Exception as error:  # pystac raises whatever its parser meets in a broken file
        raise InputError(f"catalogue {catalogue.slug}: {_unreadable(reader, error)}") from error
    collection = next((c for c in parts if c.id == catalogue.collection), None)
    if collection is None and not any(i.collection_id == catalogue.collection for i in items):
        known = sorted({c.id for c in parts} | {str(i.collection_id) for i in items})
        raise InputError(_no_collection(catalogue, known))
    return items, _credit(catalogue, collection)


def _from_api(catalogue: Catalogue, bounds: tuple[float, ...], timeout: float) -> tuple[list[pystac.Item], Credit]:
    """What the API's search returns for the grid's extent and the catalogue's days."""
    days = f"{catalogue.since}T00:00:00Z/" + (f"{catalogue.until}T23:59:59Z" if catalogue.until else "..")
    asking = StacApiIO(max_retries=None)
    with warnings.catch_warnings(), closing(asking.session):
        # What a server does not declare shows in its answer, which is checked.
        warnings.simplefilter("ignore", PystacClientWarning)
        client = Client.open(str(catalogue.url), stac_io=asking, timeout=timeout)
        collection = client.get_collection(catalogue.collection)
        if collection is None:
            raise InputError(_no_collection(catalogue, sorted(c.id for c in client.get_collections())))
        asked = client.search(collections=[catalogue.collection], bbox=list(bounds), datetime=days, limit=PAGE)
        return _pages(asked.pages()), _credit(catalogue, collection)


def _pages(pages: Iterable[Iterable[pystac.Item]]) -> list[pystac.Item]:
    """Items of all pages, until a page brings nothing new: some servers repeat their last page for ever."""
    found: dict[str, pystac.Item] = {}
    for page in pages:
        new = {item.id: item for item in page if item.id not in found}
        if not new:
            break
        found |= new
    return list(found.values())


def _credit(catalogue: Catalogue, collection: pystac.Collection | None) -> Credit:
    """Provider, licence and attribution: the case's word first, then the collection's."""
    providers = (collection.providers or []) if collection else []
    makers = [p.name for p in providers if p.roles and "producer" in p.roles] or [p.name for p in providers]
    stated = collection.extra_fields.get("attribution") if collection else None
    return Credit(
        provider=makers[0] if makers else catalogue.slug,
        licence=catalogue.licence or (_licence(collection) if collection else None),
        attribution=catalogue.attribution or (str(stated) if stated else None),
    )


def _licence(collection: pystac.Collection) -> str:
    """The collection's licence by name; where that only says that it is none of the known ones, what it links to."""
    link = collection.get_single_link("license")
    if collection.license not in ("other", "proprietary", "various") or link is None:
        return collection.license
    return link.title or str(link.target)


def _no_collection(catalogue: Catalogue, known: list[str]) -> str:
    listed = ", ".join(known[:20]) or "none"
    return (
        f"catalogue {catalogue.slug} ({_address(catalogue)}): there is no collection {catalogue.collection}; "
        f"right would be one of: {listed}"
    )


def _retried(catalogue: Catalogue, ask: Callable[[], T], sleep: Callable[[float], None]) -> T:
    """Ask up to three times; an answer that another try cannot mend is not asked for again."""
    for attempt in range(1, TRIES + 1):
        try:
            return ask()
        except InputError:
            raise
        except Exception as error:  # the clients raise whatever their parsers meet in a wrong answer
            if attempt < TRIES and _may_pass(error):
                sleep(PAUSE_S * 2 ** (attempt - 1))
                continue
            tried = "once" if attempt == 1 else f"{attempt} times"
            raise ServiceError(
                f"catalogue {catalogue.slug} at {catalogue.url}, asked {tried}: {_answer(error)}; check the address in "
                "a browser, or try again later: what is loaded already is kept"
            ) from error
    raise AssertionError("unreachable: the last try returns or raises")


def _may_pass(error: Exception) -> bool:
    """Whether the same question may be answered another time: no answer, a broken one, or a busy server."""
    status = getattr(error, "status_code", None)
    return status is None or status == 429 or status >= 500


def _answer(error: Exception) -> str:
    """What the catalogue answered, in words."""
    if isinstance(error, JSONDecodeError):
        what = "HTML" if error.doc.lstrip().startswith("<") else "text that is not JSON"
        return f"it answered {what}: {' '.join(error.doc.split())[:_SHOWN]!r}"
    if isinstance(error, APIError) and getattr(error, "status_code", None):
        return f"it answered with HTTP status {error.status_code}: {' '.join(str(error).split())[:_SHOWN]!r}"
    if isinstance(error, APIError):
        return f"it did not answer ({_brief(error)})"
    return f"it answered JSON that is not a STAC API's ({_brief(error)})"


def _brief(error: BaseException) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:_SHOWN]}"
