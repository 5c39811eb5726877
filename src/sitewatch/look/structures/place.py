"""Laying a pair together: coarsely on a thinned level, then by patches at full resolution."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import affine_transform, gaussian_filter, uniform_filter

from sitewatch.errors import InputError
from sitewatch.look.structures.align import Match, Registration, fit, found
from sitewatch.look.structures.layers import Floats, Layer, Pair, Tile
from sitewatch.look.structures.settings import StructureSettings

Progress = Callable[[str, int, int], None]
_STRIP = 2**22
"""Pixels read at once for the coarse level."""
_DETAIL = 3.5
"""99 % quantile over median of the gradients below which an image shows nothing but noise (2.6) or smooth cloud."""
_LEAST_PATCH = 64


def thinned(layer: Layer, shape: tuple[int, int], by: int, progress: Progress) -> Tile:
    """The whole image as means of squares of `by` x `by` pixels, read in strips; seen where most of a square is."""
    height, width = shape[0] // by, shape[1] // by
    rows = max(_STRIP // (width * by * by), 1)
    parts = []
    for first in range(0, height, rows):
        last = min(first + rows, height)
        parts.append(averaged(layer.read((first * by, last * by), (0, width * by)), by))
        progress(f"reading {layer.name}", last, height)
    return Tile(np.concatenate([part.values for part in parts], axis=1), np.concatenate([part.seen for part in parts]))


def averaged(tile: Tile, by: int) -> Tile:
    """Means over squares of `by` x `by` pixels that hold data."""
    if by == 1:
        return tile
    seen = _sums(tile.seen.astype(np.float32), by)
    values = np.stack([_sums(band, by) for band in tile.values]) / np.maximum(seen, 1)
    return Tile(values.astype(np.float32), seen > by * by / 2)


def _sums(plane: Floats, by: int) -> Floats:
    height, width = (size // by for size in plane.shape)
    rows = np.add.reduce(plane.reshape(height, by, width * by), axis=1)
    out: Floats = np.add.reduce(rows.reshape(height, width, by), axis=2)
    return out


def register(pair: Pair, coarse: tuple[Tile, Tile], by: int, settings: StructureSettings) -> Registration:
    """Find where the second image lies against the first.

    Phase correlation on the coarse level gives the shift within a tenth of the pair's longer side; patches matched the
    same way at full resolution, a grid of at most 9 x 9, give the affine map.

    Args:
        pair: on the common grid.
        coarse: both images, thinned.
        by: how much they are thinned.
        settings: of the comparison.

    Raises:
        InputError: too little common ground, an image without detail, or patches that do not agree.
    """
    names = pair.first.name, pair.second.name
    one, two = coarse
    smaller = min(one.seen.sum(), two.seen.sum())
    shared = (one.seen & two.seen).sum() / max(smaller, 1)
    if shared < settings.least_overlap:
        raise InputError(
            f"{names[0]} and {names[1]} both hold data on {shared:.0%} of the smaller one's ground, "
            f"{settings.least_overlap:.0%} is needed: give two images of one place, or mend the reference system"
        )
    for tile, name in zip(coarse, names, strict=True):
        if detail(tile) < _DETAIL:
            raise InputError(
                f"{name}: it shows no edges that stand out of noise (one cloud, haze, snow or water?), so that nothing "
                "can be laid on it; give an image of a clear day"
            )
    reach = max(round(settings.coarse_reach * max(one.seen.shape)), 4)
    down, right, peak = found(one.values.mean(0), two.values.mean(0), (one.seen, two.seen), reach)
    start = (round(down * by), round(right * by)) if peak >= settings.peak else (0, 0)
    matches, tried = _patches(pair, one.seen & two.seen, by, start, settings)
    return fit(matches, tried, pair.pixel_m, names, settings)


def detail(tile: Tile) -> float:
    """99 % quantile over median of the brightness gradients; 0 for an image without any."""
    plane = np.where(tile.seen, tile.values.mean(0), tile.values[:, tile.seen].mean())
    strength = np.hypot(gaussian_filter(plane, 1.0, (1, 0)), gaussian_filter(plane, 1.0, (0, 1)))
    inner = gaussian_filter(tile.seen.astype(np.float32), 2.0) > 0.98
    if not inner.any() or not strength[inner].max() > 0:
        return 0.0
    return float(np.quantile(strength[inner], 0.99) / max(float(np.median(strength[inner])), 1e-12))


def _patches(
    pair: Pair, seen: NDArray[np.bool_], by: int, start: tuple[int, int], settings: StructureSettings
) -> tuple[list[Match], int]:
    """Matches of a grid of patches over the common ground, and how many patches were looked at."""
    side = min(settings.patch_px, max(_LEAST_PATCH, min(pair.shape) * 3 // 8), *pair.shape)
    corners = [
        np.unique(np.linspace(0, size - side, settings.patches).astype(int)) for size in pair.shape
    ]  # fmt: skip
    matches, tried = [], 0
    for top in corners[0]:
        for left in corners[1]:
            part = seen[top // by : (top + side) // by + 1, left // by : (left + side) // by + 1]
            if not part.size or part.mean() < 0.5:
                continue
            tried += 1
            rows, columns = (int(top), int(top) + side), (int(left), int(left) + side)
            one = pair.first.read(rows, columns)
            two = pair.second.read(
                (rows[0] + start[0], rows[1] + start[0]), (columns[0] + start[1], columns[1] + start[1])
            )
            down, right, peak = found(
                one.values.mean(0), two.values.mean(0), (one.seen, two.seen), settings.patch_reach
            )
            at = top + (side - 1) / 2, left + (side - 1) / 2
            matches.append(Match((float(at[0]), float(at[1])), (start[0] + down, start[1] + right), peak))
    return matches, tried


def laid(layer: Layer, matrix: NDArray[np.float64], corner: tuple[int, int], shape: tuple[int, int], by: int) -> Tile:
    """A window of the second image on the first's working grid.

    Pixels are averaged over `by` x `by` and taken where the map says (linear between them).

    Args:
        layer: the second image.
        matrix: (2, 3), pixels of the first image to the second's, common grid.
        corner: first row and column of the window, working pixels.
        shape: of the window, working pixels.
        by: pixels of the common grid in a working one.
    """
    middle = (by - 1) / 2
    linear = matrix[:, :2] * by
    offset = matrix[:, :2] @ (by * np.array(corner) + middle) + matrix[:, 2]
    ends = np.array([[0, 0], [shape[0] - 1, 0], [0, shape[1] - 1], [shape[0] - 1, shape[1] - 1]]) @ linear.T + offset
    low, high = np.floor(ends.min(0)).astype(int) - by - 1, np.ceil(ends.max(0)).astype(int) + by + 2
    tile = layer.read((int(low[0]), int(high[0])), (int(low[1]), int(high[1])))
    start = offset - low + (0.5 if by % 2 == 0 else 0.0)  # an even filter's mean lies half a pixel before its pixel

    def moved(plane: Floats, beyond: float) -> Floats:
        smooth = uniform_filter(plane, by) if by > 1 else plane
        out: Floats = affine_transform(smooth, linear, start, shape, order=1, mode="constant", cval=beyond)
        return out

    seen = moved(tile.seen.astype(np.float32), 0.0)
    values = np.stack([moved(band, 0.0) for band in tile.values])
    known = seen > 0.999
    np.divide(values, seen, out=values, where=known)
    return Tile(values, known)
