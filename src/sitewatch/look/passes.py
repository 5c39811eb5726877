"""Items of a catalogue become passes: one overflight of one satellite, newest processing, as few tiles as cover it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pystac

from sitewatch.look.grid import fence_polygon, grid_polygon, site_grid
from sitewatch.look.items import Unusable, available, baseline, footprint, platform, taken
from sitewatch.look.products import Product
from sitewatch.look.recognition import recognised
from sitewatch.records import Catalogue, Grid, Site

SAME_PASS = timedelta(minutes=10)
"""Items of one platform that were taken within this time of each other belong to one pass."""
_ADDS = 1e-3
"""A further tile is loaded when it adds more than this share of the grid."""


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
    grid: Grid
    """What it is loaded onto."""
    product: Product
    """What its items are."""

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of the items: with the catalogue they tell whether the pass is known already."""
        return tuple(item.id for item in self.items)

    @property
    def name(self) -> str:
        """How a message calls the pass."""
        return f"{self.platform} of {self.acquired:%Y-%m-%d %H:%M} over {self.site} ({self.catalogue})"


def passes_of(
    items: Iterable[pystac.Item], catalogue: Catalogue, site: Site, credit: Credit, refused: list[str] | None = None
) -> list[Found]:
    """Group items into the passes that cover the fence, in order of time.

    Of one tile that was processed more than once the newest processing baseline is kept, and of overlapping tiles only
    those that add ground to the grid, first those in the grid's own reference system. An item whose time, outline or
    day of publication cannot be read, or that is no product which the catalogue's bands can be read from, is left out,
    and a sentence in `refused` says why.
    """
    fence, around = fence_polygon(site), grid_polygon(site_grid(site))
    place, latency = (fence.centroid.x, fence.centroid.y), timedelta(hours=catalogue.latency_hours)
    by_product: dict[Product, list[pystac.Item]] = defaultdict(list)
    for item in items:
        try:
            if footprint(item).intersects(around):
                available(item, latency)
                by_product[recognised(item, catalogue.bands, place)].append(item)
        except Unusable as error:
            if refused is not None:
                refused.append(f"item {item.id} of catalogue {catalogue.slug}: {error}")
    found = []
    for product, group in ((p, g) for p, of in by_product.items() for g in _grouped(of)):
        if not any(footprint(item).intersects(fence) for item in group):
            continue
        grid = site_grid(site, product.pixel_m)
        kept = _needed(_newest(group), grid)
        found.append(
            Found(
                site=site.slug,
                catalogue=catalogue.slug,
                platform=platform(kept[0]),
                acquired=min(taken(i)[0] for i in kept),
                acquired_until=_latest(kept),
                available_at=max(available(item, latency) for item in kept),
                credit=credit,
                items=tuple(kept),
                grid=grid,
                product=product,
            )
        )
    return sorted(found, key=lambda f: (f.acquired, f.platform, f.ids))


def _latest(items: Sequence[pystac.Item]) -> datetime | None:
    return max((last for item in items if (last := taken(item)[1])), default=None)


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
    for names in (("mgrs:utm_zone", "mgrs:latitude_band", "mgrs:grid_square"), ("landsat:wrs_path", "landsat:wrs_row")):
        if parts := [str(stated[k]) for k in names if k in stated]:
            return " ".join(parts)
    return str([round(edge, 2) for edge in footprint(item).bounds])


def _needed(items: Sequence[pystac.Item], grid: Grid) -> list[pystac.Item]:
    """The tiles to load: each adds ground to the grid that those before it lack; the first is kept in any case."""
    area = grid_polygon(grid)
    share = {item.id: footprint(item).intersection(area).area / area.area for item in items}
    ordered = sorted(items, key=lambda i: (_foreign(i, grid), -round(share[i.id], 3), i.id))
    kept, covered = [ordered[0]], footprint(ordered[0]).intersection(area)
    for item in ordered[1:]:
        wider = covered.union(footprint(item).intersection(area))
        if wider.area - covered.area > _ADDS * area.area:
            kept.append(item)
            covered = wider
    return kept


def _foreign(item: pystac.Item, grid: Grid) -> bool:
    """Whether an item is known to lie in another reference system than the grid."""
    code = item.properties.get("proj:code") or item.properties.get("proj:epsg")
    own, its = grid.crs.removeprefix("EPSG:"), str(code).upper().removeprefix("EPSG:")
    return code is not None and own not in (its, its.replace("326", "327", 1))
