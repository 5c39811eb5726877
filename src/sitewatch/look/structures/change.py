"""New and removed structures: patches enclosed by straight edges that one day shows and the other does not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_opening, find_objects, label

from sitewatch.look.structures.planes import Bools, Floats, alike, planes
from sitewatch.look.structures.settings import StructureSettings, Weights
from sitewatch.look.structures.shapes import PROPERTIES, Candidates, candidates

NONE = -30.0
"""Log-odds where no candidate lies."""


class StructureChange(StrEnum):
    """What became of a structure from the earlier image to the later."""

    NEW = "new"
    REMOVED = "removed"


@dataclass(frozen=True)
class Changed:
    """A region of connected pixels of one sign, on the working grid."""

    change: StructureChange
    pixels: int
    area_m2: float
    box: tuple[int, int, int, int]
    """First row, first column, row after the last, column after the last."""
    centre: tuple[float, float]
    """Row and column, mean of its pixels."""
    log_odds: float
    """Highest of its pixels, as the simulated pairs weigh them: it ranks, it is no probability at this site."""


def compare(
    before: Floats, after: Floats, seen: Bools, *, scale: float, pixel_m: float,
    colours: tuple[int, int, int] | None, settings: StructureSettings,
) -> Floats:  # fmt: skip
    """Signed log-odds of new (above 0) and removed (below 0) structure at each pixel.

    Candidates are cut out of both images by the same rule and weighed by the same weights with the roles exchanged, so
    that exchanged images give exactly the negative.

    Args:
        before: (band, y, x), the earlier image.
        after: (band, y, x), laid on it and levelled to it.
        seen: (y, x), where both hold data.
        scale: spread of the numbers, mean over the bands.
        pixel_m: working pixel, metres.
        colours: which bands are red, green and blue; None where they have no such.
        settings: of the comparison.

    Returns:
        (y, x): 0 where nothing is told.
    """
    images = [_filled(image, seen) for image in (before, after)]
    one, other = (planes(image, scale, colours) for image in images)
    correlation = alike(one, other)
    difference = np.sqrt(np.mean(np.square((images[0] - images[1]) / np.float32(scale)), axis=0))
    lost, gained = (
        _odds(candidates(own, their, correlation, difference, seen, pixel_m, settings), seen.shape, settings)
        for own, their in ((one, other), (other, one))
    )
    floor = np.float32(settings.grow)
    up, down = (gained > floor) & (gained > lost), (lost > floor) & (lost > gained)
    out: Floats = np.where(up, gained - floor, np.where(down, floor - lost, np.float32(0)))
    return out


def weighed(properties: NDArray[np.float64], weights: Weights) -> NDArray[np.float64]:
    """Log-odds (patch,) of candidates with properties (patch, property)."""
    each = np.array([getattr(weights, name) for name in PROPERTIES])
    out: NDArray[np.float64] = properties @ each + weights.constant
    return out


def regions(
    signed: Floats, pixel_m: float, settings: StructureSettings
) -> tuple[NDArray[np.int32], tuple[Changed, ...]]:
    """Connected regions of one sign, without threads and specks.

    Args:
        signed: (y, x) from `compare`.
        pixel_m: working pixel, metres.
        settings: of the comparison; a region is told where its highest log-odds reach `seed`.

    Returns:
        Labels (y, x), 0 for none and the n-th region n; the regions, larger ones first.
    """
    labels, found = np.zeros(signed.shape, np.int32), []
    for change, there in ((StructureChange.NEW, signed > 0), (StructureChange.REMOVED, signed < 0)):
        parts, _ = label(binary_opening(there, iterations=1), output=np.int32)
        for number, box in enumerate(find_objects(parts), start=1):
            inside, odds = parts[box] == number, np.abs(signed[box])
            if inside.sum() * pixel_m**2 >= settings.least_m2 and odds[inside].max() > settings.seed - settings.grow:
                found.append(_region(change, inside, odds, box, pixel_m))
    order = sorted(range(len(found)), key=lambda n: (-found[n][0].pixels, found[n][0].box))
    for place, n in enumerate(order, start=1):
        labels[found[n][2]][found[n][1]] = place
    return labels, tuple(found[n][0] for n in order)


_Found = tuple[Changed, NDArray[np.bool_], tuple[slice, slice]]


def _region(
    change: StructureChange, inside: Bools, odds: Floats, box: tuple[slice, slice], pixel_m: float
) -> _Found:  # fmt: skip
    rows, columns = np.nonzero(inside)
    top, left = box[0].start, box[1].start
    region = Changed(
        change,
        len(rows),
        len(rows) * pixel_m**2,
        (top, left, box[0].stop, box[1].stop),
        (top + float(rows.mean()), left + float(columns.mean())),
        float(odds[inside].max()),
    )
    return region, inside, box


def _odds(found: Iterator[Candidates], shape: tuple[int, ...], settings: StructureSettings) -> Floats:
    """Highest log-odds of the candidates that cover a pixel, (y, x)."""
    out = np.full(shape, NONE, np.float32)
    for labels, properties in found:
        odds = np.concatenate(([NONE], weighed(properties, settings.weights))).astype(np.float32)
        np.maximum(out, odds[labels], out=out)
    return out


def _filled(image: Floats, seen: Bools) -> Floats:
    """Unseen pixels as the mean of the seen ones, (band, y, x): flat ground without edges."""
    if seen.all():
        return image
    mean = image[:, seen].mean(1) if seen.any() else np.zeros(len(image))
    out: Floats = np.where(seen, image, mean[:, None, None].astype(np.float32))
    return out
