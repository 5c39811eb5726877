"""Pictures of what became of structures: before and after, outlined, all of one observation at one scale."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pyproj import Transformer
from shapely.ops import unary_union

from sitewatch.look.grid import WGS84, fence_polygon, projected
from sitewatch.look.structures.change import StructureChange
from sitewatch.look.structures.inside import FencedRegion
from sitewatch.look.structures.outlines import Outline as Drawn
from sitewatch.look.structures.windows import LaidPair, Piece
from sitewatch.records import Artifact, Crop, Pass
from sitewatch.tell.figures import Ring
from sitewatch.tell.pair_plates import Ground, Outline, Stretch, pair_plates, stretch_of
from sitewatch.tell.wording import legible, taken
from sitewatch.verbs.structure_records import GROUND, Compared
from sitewatch.verbs.structure_words import named

PAIRS = 8
"""Pairs that one observation shows."""
COLOURS = {StructureChange.NEW: "#5ad1ff", StructureChange.REMOVED: "#ffd21f"}
PART_COLOUR = "#ff9df2"
_LEAST_M = 60.0
_AROUND = 1.6
"""Side of a picture, in longer sides of what it shows."""
_MOST_PX = 700
"""Longest side of what a picture is drawn from, pixels."""


@dataclass(frozen=True)
class Shown:
    """A crop with its bytes, and what the ledger says of them."""

    crop: Crop
    data: bytes
    artifact: Artifact


@dataclass(frozen=True)
class Outlined:
    """Something to show."""

    bounds: tuple[float, float, float, float]
    """Left, bottom, right, top on the pair's map."""
    outlines: tuple[Outline, ...]
    caption: str


class Camera:
    """Draws pieces of one pair in one stretch."""

    def __init__(self, laid: LaidPair, before: Pass, after: Pass, fence: Ring) -> None:
        """Take the stretch from all of the common ground, thinned."""
        self._laid, self._passes, self._fence = laid, (before, after), fence
        left, bottom, right, top = laid.ground
        self._stretch: Stretch = stretch_of(
            self._grounds(laid.read(laid.ground, self._thin(right - left, top - bottom)))
        )

    def shots(self, things: Sequence[Outlined]) -> list[Shown]:
        """Two crops of each, before and after, as much ground on all: as much as the largest needs."""
        if not things:
            return []
        sides = [max(one.bounds[2] - one.bounds[0], one.bounds[3] - one.bounds[1]) for one in things]
        side = max(_AROUND * max(sides), _LEAST_M)
        by = self._thin(side, side)
        pixels = math.ceil(side / (self._laid.pair.pixel_m * by))
        return [shown for one in things for shown in self._shot(one, pixels, by)]

    def _thin(self, width: float, height: float) -> int:
        return max(math.ceil(max(width, height) / self._laid.pair.pixel_m / _MOST_PX), 1)

    def _shot(self, one: Outlined, pixels: int, by: int) -> Iterable[Shown]:
        middle = (one.bounds[0] + one.bounds[2]) / 2, (one.bounds[1] + one.bounds[3]) / 2
        piece = self._laid.square(middle, pixels, by)
        first, second = self._grounds(piece)
        plates = pair_plates(first, second, self._stretch, fence=self._fence, outlines=one.outlines)
        to_earth = Transformer.from_crs(self._laid.pair.crs, WGS84, always_xy=True)
        at = to_earth.transform(*middle)
        for word, passed, data in zip(("before", "after"), self._passes, plates, strict=True):
            sha = hashlib.sha256(data).hexdigest()
            terms = "; ".join(legible(text) for text in (passed.attribution, passed.licence) if text)
            yield Shown(
                Crop(
                    picture=sha,
                    caption=f"{one.caption}, {word}; {legible(passed.provider)}, {taken(passed)}; {terms}",
                    side_m=round(pixels * piece.pixel_m, 2),
                    at=(round(at[0], 6), round(at[1], 6)),
                ),
                data,
                Artifact(
                    sha256=sha,
                    size=len(data),
                    media_type="image/png",
                    origin=f"a detail of {', '.join(passed.items)}, with outlines of structures",
                    licence=passed.licence,
                    attribution=passed.attribution,
                ),
            )

    def _grounds(self, piece: Piece) -> tuple[Ground, Ground]:
        bands, crs = list(self._laid.pair.colours or (0, 0, 0)), str(self._laid.pair.crs)
        first, second = (
            Ground(passed, tile.values[bands], tile.seen, crs, piece.transform)
            for passed, tile in zip(self._passes, (piece.before, piece.after), strict=True)
        )
        return first, second


def of_region(region: FencedRegion, caption: str) -> Outlined:
    """A region to show, under its number."""
    return Outlined(region.bounds, (outline_of(region),), caption)


def outline_of(region: FencedRegion) -> Outline:
    """A region's outline: one colour for what is new, another for what is gone."""
    return Outline(region.ring, str(region.number), COLOURS[region.change])


def pictures(laid: LaidPair, found: Compared, drawn: Sequence[Drawn]) -> dict[str, list[Shown]]:
    """The crops of each observation of a pair, by what it is of.

    Args:
        laid: the pair, open.
        found: what it tells.
        drawn: the named parts.
    """
    camera = Camera(laid, found.before, found.after, found.site.fence)
    crs = str(laid.pair.crs)
    every = found.fenced.regions
    whole = Outlined(
        fence_polygon(found.site, crs).bounds,
        tuple(outline_of(one) for one in every),
        "all of the fence; outlined: new structures in blue, removed ones in yellow, by their numbers",
    )
    shown = {GROUND: camera.shots([whole])}
    for change in StructureChange:
        regions = found.fenced.of(change)[:PAIRS]
        shown[f"{change.value} structures"] = camera.shots(
            [of_region(one, f"region {one.number} told as {change.value}") for one in regions]
        )
    for structure in found.structures:
        parts = [one for one in drawn if one.structure == structure]
        outlines = tuple(Outline(tuple(one.polygon.exterior.coords), one.part, PART_COLOUR) for one in parts)
        bounds = unary_union([projected(one.polygon, WGS84, crs) for one in parts]).bounds
        shown[named(structure)] = camera.shots([Outlined(bounds, outlines, f"{structure}, its parts outlined")])
    return shown
