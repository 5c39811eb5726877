"""Add the analyst's own image: a GeoTIFF becomes a pass."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sitewatch.errors import InputError
from sitewatch.look import Taken, load_image
from sitewatch.records import Artifact, Pass, Record, Retraction, Site, View, day_end, day_start
from sitewatch.verbs.outcome import Outcome
from sitewatch.verbs.stale import ANOTHER_IMAGE
from sitewatch.verbs.tying import untied

if TYPE_CHECKING:
    from sitewatch.look.images import Image
    from sitewatch.verbs.bench import Bench

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def add_image(
    bench: Bench,
    file: Path,
    *,
    site: str,
    acquired: str,
    published: str,
    provider: str,
    licence: str,
    attribution: str | None = None,
    bands: Sequence[str] = (),
    replace: bool = False,
) -> Outcome:
    """Take of a GeoTIFF what lies over a site's fence, and record it as a pass.

    The same file with the same words adds nothing; with other words, or after the fence was redrawn, the pass takes
    the place of the one before. Another file of the same acquisition is refused unless `replace` is given.

    Args:
        bench: the opened case.
        file: the GeoTIFF; it is read and not kept.
        site: id of a site with a fence.
        acquired, published: a day, or a moment with its zone, ISO 8601.
        provider, licence: whose image it is, and on what terms it may be used.
        attribution: the line that must stand beside every use.
        bands: names in the file's order, `-` for one that is not kept.
        replace: whether it takes the place of another file of the same acquisition.

    Raises:
        InputError: an option or the file is wrong, or the acquisition is held already from another file.
    """
    outcome = Outcome("add-image")
    place = fenced_site(bench, site)
    moments = _taken(acquired, published, bench.clock())
    taken = Taken(*moments, _stated("--provider", provider), _stated("--licence", licence), attribution or None)
    image = load_image(file, place, taken, names=tuple(bands), progress=bench.progress)
    bench.ledger.put(image.chip.data)
    notes: list[str] = []

    def new(view: View) -> Iterable[Record]:
        yield from _new(image, view, replace, notes)

    kept = bench.keep(new, outcome)
    moved = bench.keep_case()
    outcome.new.update(record.kind for record in moved)
    outcome.notes += [
        *notes,
        *([image.kept, *_when_known(image, bench.clock())] if kept else []),
        *([ANOTHER_IMAGE] if any(isinstance(r, Retraction) and r.reason == ANOTHER_IMAGE for r in moved) else []),
        *untied(bench.ledger.view()),
    ]
    return outcome


# --- What the analyst tells


def fenced_site(bench: Bench, wanted: str) -> Site:
    """The site of an id, which must have a fence.

    Raises:
        InputError: there is none, or it has none.
    """
    for site in bench.case.sites:
        if site.slug == wanted and site.fence:
            return site
    fenced = ", ".join(f"{s.slug} ({s.name})" for s in bench.case.sites if s.fence) or "none yet"
    if any(site.slug == wanted for site in bench.case.sites):
        raise InputError(
            f"--site: site {wanted} has no fence, and of an image only what lies over a fence is kept; give it a "
            f"fence in {bench.case.file}; sites with a fence: {fenced}"
        )
    raise InputError(f"--site: found {wanted!r}, which is no site of the case; sites with a fence: {fenced}")


def _stated(option: str, text: str) -> str:
    if not text.strip():
        raise InputError(f"{option}: found nothing; it is never blank, since it stands beside every use of the image")
    return text.strip()


def _taken(acquired: str, published: str, now: datetime) -> tuple[datetime, datetime | None, datetime]:
    """First and last moment of the acquisition (None where they are one), and when the public could know it."""
    first, last = _moments("--acquired", acquired)
    known, until = _moments("--published", published)
    for option, text, moment in (("--acquired", acquired, first), ("--published", published, known)):
        if moment > now:
            raise InputError(f"{option}: found {text}, which is still to come (it is {now:%Y-%m-%d %H:%M} UTC)")
    if (until or known) < first:
        raise InputError(
            f"--published: found {published}, before the image was acquired ({acquired}); right would be the day from "
            "which the public could know it"
        )
    return first, last, until or known


def _moments(option: str, text: str) -> tuple[datetime, datetime | None]:
    """The ends of a day, UTC, or one moment and None."""
    right = "a day such as 2018-07-20, or a moment with its zone such as 2018-07-20T02:11:00Z"
    try:
        if _DAY.fullmatch(text):
            day = date.fromisoformat(text)
            return day_start(day), day_end(day)
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"{option}: found {text!r} ({error}); right would be {right}") from error
    if moment.tzinfo is None:
        raise InputError(f"{option}: found {text!r}, which names no zone; right would be {right}")
    return moment.astimezone(UTC), None


# --- What is new


def _new(image: Image, view: View, replace: bool, notes: list[str]) -> list[Record]:
    """The records that an image adds to what is held; refuses one whose acquisition is held from another file."""
    chip, one = image.chip, image.chip.record()
    held = [p for p in view.of(Pass) if p.sensor == "analyst" and p.site == one.site]
    same = next((p for p in held if p.original and one.original and p.original.sha256 == one.original.sha256), None)
    twin = next((p for p in held if p is not same and _acquisition(p) == _acquisition(one)), None)
    if same is not None and _said(same) == _said(one):
        notes.append(f"{chip.items[0]} is held already, as pass {same.id[:12]}")
        return []
    if twin is not None and not replace:
        raise InputError(
            f"{chip.items[0]}: this acquisition is held already, from the file {', '.join(twin.items)} with other "
            f"bytes (pass {twin.id[:12]}); --replace puts this file in its place; if they are two images, give "
            "--acquired with the time of each; if they are parts of one, merge them first (gdal_merge.py)"
        )
    old = same or twin
    if old is not None:
        words = "the same file, with other words or another fence" if same else f"the file {', '.join(old.items)}"
        notes.append(f"it takes the place of pass {old.id[:12]} ({words}), which stays in the ledger")
    credit = Artifact(
        sha256=one.chip,
        size=len(chip.data),
        media_type="image/tiff; application=geotiff",
        origin=f"a clip of {chip.items[0]}",
        licence=one.licence,
        attribution=one.attribution,
    )
    return [credit, one.model_copy(update={"supersedes": old.id if old else None})]


def _acquisition(one: Pass) -> tuple[object, ...]:
    """What makes two files one acquisition; its colours and its panchromatic band are often delivered apart."""
    return one.site, one.provider.casefold(), one.acquired, one.acquired_until, one.bands


def _said(one: Pass) -> dict[str, object]:
    return one.model_dump(exclude={"recorded_at", "supersedes"})


def _when_known(image: Image, now: datetime) -> list[str]:
    known = image.chip.available_at
    if known <= now:
        return []
    return [
        f"it counts from the end of {known:%Y-%m-%d} on, UTC; give --published with a time to have it count earlier"
    ]
