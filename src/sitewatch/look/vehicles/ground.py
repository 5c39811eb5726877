"""What of an image is looked at: all of it, or what lies inside a site's fence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import shapely
from numpy.typing import NDArray
from rasterio.features import geometry_mask
from rasterio.transform import Affine

from sitewatch.errors import InputError
from sitewatch.look.grid import fence_polygon
from sitewatch.look.vehicles.boxes import Array
from sitewatch.look.vehicles.tiles import Tile
from sitewatch.records import Site


@dataclass(frozen=True, eq=False)
class Ground:
    """A part of an image, in its pixels."""

    outline: shapely.Polygon
    whole: bool
    """Whether it is all of the image."""

    @classmethod
    def all_of(cls, shape: tuple[int, int]) -> Self:
        """An image of a shape, (height, width)."""
        return cls(shapely.box(0, 0, shape[1], shape[0]), True)

    @classmethod
    def inside(cls, site: Site, transform: Affine, crs: str | None, shape: tuple[int, int]) -> Self:
        """What a site's fence encloses of an image.

        Args:
            site: with a fence.
            transform: of the image, from pixels to its map.
            crs: of that map, WKT; None where the image names none.
            shape: of the image, (height, width).

        Raises:
            InputError: nobody can tell where the fence lies in the image, or it lies outside.
        """
        if crs is None or transform.is_identity or not transform.determinant:
            raise InputError(
                f"the image does not tell where it lies, so nobody knows what of it is inside the fence of site "
                f"{site.slug}; give it its reference system: gdal_translate -a_srs EPSG:… -a_ullr … IN OUT"
            )
        back = ~transform
        corners = shapely.transform(fence_polygon(site, crs), lambda at: np.column_stack(back @ (at[:, 0], at[:, 1])))
        if not np.isfinite(corners.bounds).all() or not corners.intersects(shapely.box(0, 0, shape[1], shape[0])):
            raise InputError(f"the image shows nothing of the fence of site {site.slug}; take another image")
        return cls(corners, False)

    def touches(self, tile: Tile, shape: tuple[int, int]) -> bool:
        """Whether a tile of a shape, (height, width), shows any of it."""
        return bool(self.outline.intersects(shapely.box(tile.x, tile.y, tile.x + shape[1], tile.y + shape[0])))

    def mask(self, tile: Tile) -> NDArray[np.bool_]:
        """(height, width) of the tile's own pixels: True for those whose centre lies in it."""
        left, right, top, bottom = tile.own
        shape = (bottom - top, right - left)
        if self.whole:
            return np.ones(shape, bool)
        held: NDArray[np.bool_] = geometry_mask([self.outline], shape, Affine.translation(left, top), invert=True)
        return held

    def holds(self, points: Array) -> NDArray[np.bool_]:
        """(point,): whether points, (point, 2) x and y in pixels, lie in it."""
        if self.whole:
            return np.ones(len(points), bool)
        return np.asarray(shapely.contains_xy(self.outline, points[:, 0], points[:, 1]), dtype=bool)
