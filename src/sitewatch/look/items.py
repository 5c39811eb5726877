"""What an item of a catalogue says of itself: whose it is, when it was taken and published, where it lies."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta

import pystac
from pystac.utils import str_to_datetime
from shapely import make_valid
from shapely.geometry import box, shape
from shapely.geometry.base import BaseGeometry

UNKNOWN = "unknown"
"""Platform of an item that does not tell its own."""
_KEEPER = "it is left out; ask the catalogue's keeper to mend it"


class Unusable(ValueError):
    """What an item says of itself cannot be read; the message says what, and what would mend it."""


def platform(item: pystac.Item) -> str:
    """The satellite's name, `UNKNOWN` where the item does not tell."""
    return str(item.properties.get("platform") or UNKNOWN)


def baseline(item: pystac.Item) -> tuple[int, ...] | None:
    """The processing baseline that an item states, such as (5, 9) for 05.09; None where it states none."""
    for name in ("s2:processing_baseline", "processing:version", "sentinel:processing_baseline"):
        if digits := re.findall(r"\d+", str(item.properties.get(name) or "")):
            return tuple(int(d) for d in digits)
    in_id = re.search(r"_N(\d\d)(\d\d)_", item.id)
    return (int(in_id[1]), int(in_id[2])) if in_id else None


def taken(item: pystac.Item) -> tuple[datetime, datetime | None]:
    """When an item was taken, UTC: one moment, or the ends of an interval.

    Raises:
        Unusable: it does not tell, or not as a time.
    """
    if item.datetime is not None:
        return item.datetime.astimezone(UTC), None
    try:
        first, last = item.common_metadata.start_datetime, item.common_metadata.end_datetime
    except (ValueError, TypeError) as error:
        raise Unusable(f"its start_datetime or end_datetime is no time ({error}); {_KEEPER}") from error
    if first is None or last is None:
        raise Unusable(f"it has no datetime, and no start_datetime and end_datetime in its place; {_KEEPER}")
    return first.astimezone(UTC), last.astimezone(UTC)


def available(item: pystac.Item, latency: timedelta) -> datetime:
    """When the public could have an item: as it says itself, else so long after it was taken.

    Raises:
        Unusable: it says so in words that are no time, or has none at all.
    """
    first, last = taken(item)
    if stated := item.properties.get("published"):
        try:
            moment = str_to_datetime(str(stated))
        except ValueError as error:
            raise Unusable(f"its published is {str(stated)[:40]!r}, which is no time; {_KEEPER}") from error
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (last or first) + latency


def footprint(item: pystac.Item) -> BaseGeometry:
    """The item's outline as a valid shapely geometry; the whole world where it states none.

    Raises:
        Unusable: what it states is no outline.
    """
    edges = item.bbox
    try:
        if item.geometry:
            outline = make_valid(shape(item.geometry))
        elif edges:
            outline = box(edges[0], edges[1], edges[len(edges) // 2], edges[len(edges) // 2 + 1])
        else:
            outline = box(-180, -90, 180, 90)
    except Exception as error:  # shapely raises whatever it meets in a broken geometry
        what = f"{type(error).__name__}: {' '.join(str(error).split())[:80]}"
        raise Unusable(f"its geometry is no outline ({what}); {_KEEPER}") from error
    if outline.is_empty or not all(map(math.isfinite, outline.bounds)):
        raise Unusable(f"its geometry encloses nothing; {_KEEPER}")
    return outline
