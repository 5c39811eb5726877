"""A site's fixed pixel grids: the fence and the ring around it, in local UTM, at the pixel of each sensor."""

from __future__ import annotations

import math

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from rasterio.features import geometry_mask
from rasterio.transform import Affine
from shapely.geometry import Polygon, box

from sitewatch.errors import InputError
from sitewatch.records import Grid, Site

WGS84 = "EPSG:4326"
PIXEL_M = 10.0
"""Side of a pixel of Sentinel-2's colours, metres."""
EDGES_M = {30.0: 15.0}
"""Pixels of this size have their edges so far from multiples of it: Landsat's have their centres on them."""
FALSE_NORTHING_M = 10_000_000.0
"""What UTM adds to northings in the south; Landsat's scenes do not add it."""
RING_M = 640.0
"""Least width of the ring on each side of the fence, metres."""
RING_SIDES = 1.5
"""Least width of the ring on each side, in longer sides of the fence."""
LARGEST_M = 20_000.0
"""Longest side that a fence may have, metres."""
_STEP_DEGREES = 0.001
"""A straight line on the map is drawn through points at most this far apart, so that it bends with the projection."""


def site_grid(site: Site, pixel_m: float = PIXEL_M) -> Grid:
    """The grid onto which the passes of a site are loaded whose sensor has pixels of one size.

    It covers the fence and a ring of at least max(640 m, 1.5 x the fence's longer side) on each side, in the UTM zone
    of the fence's centre, snapped outwards: at 10 m it lies on the pixels of Sentinel-2 tiles there, at 30 m on those
    of Landsat scenes.

    Args:
        site: with a fence.
        pixel_m: side of a pixel, metres.

    Raises:
        InputError: the site has no fence, or the fence crosses itself, is longer than 20 km, or lies where UTM does not
            reach.
    """
    crs = utm_zone(site)
    west, south, east, north = fence_polygon(site, crs).bounds
    longer = max(east - west, north - south)
    ring = ring_width(longer)
    if longer > LARGEST_M:
        raise InputError(
            f"site {site.slug}: the fence is {longer / 1000:.1f} km long; right would be at most "
            f"{LARGEST_M / 1000:.0f} km: split it into several sites"
        )
    edge = EDGES_M.get(pixel_m, 0.0)
    southern = FALSE_NORTHING_M if edge and crs.startswith("EPSG:327") else 0.0
    zeros = edge, (edge + southern) % pixel_m
    left, bottom = (_down_to(at - ring, zero, pixel_m) for at, zero in zip((west, south), zeros, strict=True))
    right, top = (-_down_to(-at - ring, -zero, pixel_m) for at, zero in zip((east, north), zeros, strict=True))
    shape = (round((top - bottom) / pixel_m), round((right - left) / pixel_m))
    return Grid(crs=crs, transform=(pixel_m, 0.0, left, 0.0, -pixel_m, top), shape=shape)


def _down_to(metres: float, zero: float, pixel_m: float) -> float:
    """The next pixel's edge at or below a place."""
    return zero + math.floor((metres - zero) / pixel_m) * pixel_m


def ring_width(longer: float) -> float:
    """Width of the ring on each side, metres, of a fence whose longer side has so many metres."""
    return max(RING_M, RING_SIDES * longer)


def fence_mask(site: Site, grid: Grid) -> NDArray[np.bool_]:
    """(y, x): True for the pixels whose centre lies inside the fence.

    Raises:
        InputError: the site has no proper fence, or no pixel's centre lies inside it.
    """
    inside: NDArray[np.bool_] = geometry_mask(
        [fence_polygon(site, grid.crs)], grid.shape, Affine(*grid.transform), invert=True
    )
    if not inside.any():
        raise InputError(
            f"site {site.slug}: no pixel of {abs(grid.transform[0]):g} m has its centre inside the fence; "
            "draw the fence wider, or name longitude before latitude"
        )
    return inside


def fence_polygon(site: Site, crs: str = WGS84) -> Polygon:
    """The fence as a polygon in a reference system.

    Raises:
        InputError: the site has no fence, or it is no simple polygon.
    """
    if len(site.fence) < 4:
        raise InputError(f"site {site.slug}: the fence has {len(site.fence)} corners; a closed ring has at least 4")
    polygon = Polygon(site.fence)
    if not polygon.is_valid or polygon.area == 0:
        raise InputError(f"site {site.slug}: the fence crosses itself or encloses nothing; draw it as one simple ring")
    return polygon if crs == WGS84 else projected(polygon.segmentize(_STEP_DEGREES), WGS84, crs)


def grid_polygon(grid: Grid) -> Polygon:
    """The grid's outline, longitude and latitude."""
    across, _, left, _, down, top = grid.transform
    height, width = grid.shape
    return projected(box(left, top + down * height, left + across * width, top), grid.crs, WGS84)


def projected(polygon: Polygon, source: str, target: str) -> Polygon:
    """A polygon's corners in another reference system (authority code or WKT); infinite where that does not reach."""
    project = Transformer.from_crs(source, target, always_xy=True).transform
    return shapely.transform(polygon, lambda corners: np.column_stack(project(corners[:, 0], corners[:, 1])))


def utm_zone(site: Site) -> str:
    """EPSG code of the UTM zone of the fence's centre (zones of 6 degrees; Norway and Svalbard keep theirs).

    Raises:
        InputError: UTM does not reach so far north or south, or the fence crosses the 180th meridian.
    """
    west, south, east, north = fence_polygon(site).bounds
    if east - west > 180:
        raise InputError(f"site {site.slug}: the fence crosses the 180th meridian; split it into two sites")
    longitude, latitude = (west + east) / 2, (south + north) / 2
    if not -80 <= latitude <= 84:
        raise InputError(f"site {site.slug}: latitude {latitude:.2f} lies outside UTM, which runs from -80 to 84")
    zone = min(int((longitude + 180) // 6) + 1, 60)
    if 56 <= latitude < 64 and 3 <= longitude < 12:
        zone = 32
    elif latitude >= 72 and 0 <= longitude < 42:
        zone = 31 + 2 * int((longitude + 3) // 12)
    return f"EPSG:{(32600 if latitude >= 0 else 32700) + zone}"
