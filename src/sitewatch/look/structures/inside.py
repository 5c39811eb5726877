"""Which of the regions that a comparison tells lie inside a fence, how large they are, and how surely that is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rasterio.features import geometry_mask, shapes
from rasterio.transform import Affine
from scipy.ndimage import binary_dilation, binary_erosion
from shapely.geometry import Point, Polygon, shape

from sitewatch.look.grid import WGS84, projected
from sitewatch.look.structures.change import Changed, StructureChange

Three = tuple[float, float, float]
"""Lowest, best, highest."""


@dataclass(frozen=True)
class FencedRegion:
    """A region that touches the fence's ground."""

    number: int
    """From 1 within its sign, the largest first."""
    change: StructureChange
    area_m2: Three
    """Inside the fence, with the region's edge moved inwards by one working pixel, as told, and outwards by one."""
    within: bool
    """The whole region lies inside the fence."""
    counted: bool
    """Its middle lies inside the fence."""
    centre: tuple[float, float]
    """Longitude and latitude of the region's middle."""
    ring: tuple[tuple[float, float], ...]
    """Closed outline, longitude and latitude."""
    bounds: tuple[float, float, float, float]
    """Left, bottom, right, top on the comparison's map."""


@dataclass(frozen=True)
class Fenced:
    """What a comparison tells of the ground inside a fence."""

    regions: tuple[FencedRegion, ...]
    """The larger ones first."""
    outside: int
    """Regions that do not touch the fence's ground."""
    seen: float
    """Share of the fence's ground that was compared."""
    ground_m2: Three
    """The fence's ground that was compared: without and with the pixels on its edge, in the middle as told."""

    def of(self, change: StructureChange) -> tuple[FencedRegion, ...]:
        """The regions of one sign."""
        return tuple(one for one in self.regions if one.change is change)


def count(regions: Sequence[FencedRegion]) -> Three:
    """Regions that lie wholly inside the fence, those whose middle does, and those that touch it."""
    return sum(one.within for one in regions), sum(one.counted for one in regions), len(regions)


def area(regions: Sequence[FencedRegion]) -> Three:
    """Sum of the areas, m2."""
    low, best, high = (sum(one.area_m2[n] for one in regions) for n in range(3))
    return low, best, high


def fenced(
    labels: NDArray[np.int32], regions: Sequence[Changed], seen: NDArray[np.bool_], fence: Polygon, *,
    transform: tuple[float, float, float, float, float, float], crs: str, pixel_m: float,
) -> Fenced:  # fmt: skip
    """Hold the regions of a comparison against a fence.

    Args:
        labels: (y, x), n for the n-th region.
        regions: as `change.regions` gives them.
        seen: (y, x): what was compared.
        fence: on the map of `crs`.
        transform: of the labels, affine coefficients a to f.
        crs: authority code or WKT.
        pixel_m: side of a pixel, metres.
    """
    onto = Affine(*transform)
    ground = geometry_mask([fence], labels.shape, onto, invert=True)
    edge = geometry_mask([fence], labels.shape, onto, invert=True, all_touched=True)
    found: list[FencedRegion] = []
    outside = 0
    for n, region in enumerate(regions, start=1):
        box = _grown(region.box, labels.shape)
        there, inside = labels[box] == n, ground[box]
        outline = _outline(there, onto @ Affine.translation(box[1].start, box[0].start))
        if not outline.intersects(fence):
            outside += 1
            continue
        masks = binary_erosion(there), there, binary_dilation(there)
        low, best, high = (float((mask & inside).sum()) * pixel_m**2 for mask in masks)
        middle = onto @ (region.centre[1] + 0.5, region.centre[0] + 0.5)
        lonlat = projected(outline, crs, WGS84)
        at = projected(Point(*middle).buffer(1e-6), crs, WGS84).centroid
        within = bool(outline.within(fence))
        found.append(
            FencedRegion(
                1 + sum(one.change is region.change for one in found), region.change, (low, best, high), within,
                within or bool(fence.contains(Point(*middle))), (float(at.x), float(at.y)),
                tuple((float(x), float(y)) for x, y in lonlat.exterior.coords), outline.bounds,
            )
        )  # fmt: skip
    compared = [float((mask & seen).sum()) * pixel_m**2 for mask in (binary_erosion(ground), ground, edge)]
    share = min(compared[1] / float(fence.area), 1.0)
    return Fenced(tuple(found), outside, share, (compared[0], compared[1], compared[2]))


def _grown(box: tuple[int, int, int, int], size: tuple[int, ...]) -> tuple[slice, slice]:
    """A region's box with a pixel to each side, within the labels."""
    top, left, bottom, right = box
    return slice(max(top - 1, 0), min(bottom + 1, size[0])), slice(max(left - 1, 0), min(right + 1, size[1]))


def _outline(there: NDArray[np.bool_], transform: Affine) -> Polygon:
    """The region without its holes."""
    ((found, _),) = shapes(there.astype(np.uint8), mask=there, transform=transform)
    return Polygon(shape(found).exterior)
