"""Items of a catalogue become passes: one overflight of one satellite, newest processing, as few tiles as cover it."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pystac
from pystac.utils import str_to_datetime
from shapely import make_valid
from shapely.geometry import box, shape
from shapely.geometry.base import BaseGeometry

from sitewatch.look.grid import fence_polygon, grid_polygon
from sitewatch.records import Catalogue, Grid, Site

SAME_PASS = timedelta(minutes=10)
"""Items of one platform that were taken within this time of each other belong to one pass."""
UNKNOWN = "unknown"
"""Platform of an item that does not tell its own."""
_KEEPER = "it is left out; ask the catalogue's keeper to mend it"
_ADDS = 1e-3
"""A further tile is loaded when it adds more than this share of the grid."""


class Unusable(ValueError):
    """What an item says of itself cannot be read; the message says what, and what would mend it."""


@dataclass(frozen=True)
class Credit:
    """Who made a collection and on what terms."""

    provider: str
    licence: str | None
    attribution: str | None


@dataclass(frozen=True, eq=False)
class Found:
    """A pass over a site that a catalogue lists; nothing of it is loaded yet."""

    site: str
    catalogue: str
    platform: str
    acquired: datetime
    """When it was taken, UTC; the first moment at which it can have been where the catalogue knows only an interval."""
    acquired_until: datetime | None
    """Last moment at which it can have been taken, UTC, where the catalogue knows only an interval."""
    available_at: datetime
    """When the public could have it: as the items say, else acquisition and the catalogue's latency."""
    credit: Credit
    items: tuple[pystac.Item, ...]
    """One per tile; where tiles overlap the first counts."""

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of the items: with the catalogue they tell whether the pass is known already."""
        return tuple(item.id for item in self.items)

    @property
    def name(self) -> str:
        """How a message calls the pass."""
        return f"{self.platform} of {self.acquired:%Y-%m-%d %H:%M} over {self.site} ({self.catalogue})"


def passes_of(
    items: Iterable[pystac.Item],
    catalogue: Catalogue,
    site: Site,
    grid: Grid,
    credit: Credit,
    refused: list[str] | None = None,
) -> list[Found]:
    """Group items into the passes that cover the fence, in order of time.

    Of one tile that was processed more than once the newest processing baseline is kept, and of overlapping tiles only
    those that add ground to the grid, first those in the grid's own reference system. An item whose time, outline or
    day of publication cannot be read is left out, and a sentence in `refused` says why.
    """
    fence = fence_polygon(site)
    found = []
    for group in _grouped(_usable(items, catalogue, refused if refused is not None else [])):
        if not any(_footprint(item).intersects(fence) for item in group):
            continue
        kept = _needed(_newest(group), grid)
        first, last = min(taken(i)[0] for i in kept), _latest(kept)
        found.append(
            Found(
                site=site.slug,
                catalogue=catalogue.slug,
                platform=platform(kept[0]),
                acquired=first,
                acquired_until=last,
                available_at=max(_available(item, catalogue) for item in kept),
                credit=credit,
                items=tuple(kept),
            )
        )
    return sorted(found, key=lambda f: (f.acquired, f.platform, f.ids))


def _usable(items: Iterable[pystac.Item], catalogue: Catalogue, refused: list[str]) -> Iterator[pystac.Item]:
    """The items that tell all that a pass needs; what the others lack is added to `refused`."""
    for item in items:
        try:
            _footprint(item), _available(item, catalogue)
        except Unusable as error:
            refused.append(f"item {item.id} of catalogue {catalogue.slug}: {error}")
        else:
            yield item


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


def _latest(items: Sequence[pystac.Item]) -> datetime | None:
    return max((last for item in items if (last := taken(item)[1])), default=None)


def _available(item: pystac.Item, catalogue: Catalogue) -> datetime:
    """When the public could have the item; Unusable when it says so in words that are no time, or has none at all."""
    first, last = taken(item)
    if stated := item.properties.get("published"):
        try:
            moment = str_to_datetime(str(stated))
        except ValueError as error:
            raise Unusable(f"its published is {str(stated)[:40]!r}, which is no time; {_KEEPER}") from error
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (last or first) + timedelta(hours=catalogue.latency_hours)


def _grouped(items: Iterable[pystac.Item]) -> list[list[pystac.Item]]:
    """Items of one platform that share a datatake, or lie within ten minutes of the group's first."""
    groups: list[list[pystac.Item]] = []
    open_groups: dict[str, list[pystac.Item]] = {}
    for item in sorted(items, key=lambda i: (platform(i), taken(i)[0], i.id)):
        here = open_groups.get(platform(item))
        if here and (taken(item)[0] - taken(here[0])[0] <= SAME_PASS or _same_datatake(item, here[0])):
            here.append(item)
        else:
            open_groups[platform(item)] = [item]
            groups.append(open_groups[platform(item)])
    return groups


def _same_datatake(a: pystac.Item, b: pystac.Item) -> bool:
    """Whether two items name one datatake, whatever the baseline that its name ends with."""
    first, second = (re.sub(r"_N\d\d\.\d\d$", "", str(i.properties.get("s2:datatake_id") or "")) for i in (a, b))
    return bool(first) and first == second


def _newest(items: Iterable[pystac.Item]) -> list[pystac.Item]:
    """Of each tile the item of the newest processing baseline; of one baseline the one made last."""
    by_tile: dict[str, list[pystac.Item]] = defaultdict(list)
    for item in items:
        by_tile[_tile(item)].append(item)
    return [max(same, key=_made) for _, same in sorted(by_tile.items())]


def _made(item: pystac.Item) -> tuple[tuple[int, ...], str, str]:
    made = item.properties.get("s2:generation_time") or item.properties.get("created") or ""
    return baseline(item) or (), str(made), item.id


def _tile(item: pystac.Item) -> str:
    """The tile's name on its grid; where the item names none, its extent to a hundredth of a degree."""
    stated = item.properties
    if code := stated.get("grid:code"):
        return str(code).removeprefix("MGRS-")
    if code := stated.get("s2:mgrs_tile"):
        return str(code).removeprefix("T")
    if parts := [str(stated[k]) for k in ("mgrs:utm_zone", "mgrs:latitude_band", "mgrs:grid_square") if k in stated]:
        return "".join(parts)
    return str([round(edge, 2) for edge in _footprint(item).bounds])


def _needed(items: Sequence[pystac.Item], grid: Grid) -> list[pystac.Item]:
    """The tiles to load: each adds ground to the grid that those before it lack; the first is kept in any case."""
    area = grid_polygon(grid)
    share = {item.id: _footprint(item).intersection(area).area / area.area for item in items}
    ordered = sorted(items, key=lambda i: (_foreign(i, grid), -round(share[i.id], 3), i.id))
    kept, covered = [ordered[0]], _footprint(ordered[0]).intersection(area)
    for item in ordered[1:]:
        wider = covered.union(_footprint(item).intersection(area))
        if wider.area - covered.area > _ADDS * area.area:
            kept.append(item)
            covered = wider
    return kept


def _foreign(item: pystac.Item, grid: Grid) -> bool:
    """Whether an item is known to lie in another reference system than the grid."""
    code = item.properties.get("proj:code") or item.properties.get("proj:epsg")
    return code is not None and str(code).upper().removeprefix("EPSG:") != grid.crs.removeprefix("EPSG:")


def _footprint(item: pystac.Item) -> BaseGeometry:
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
