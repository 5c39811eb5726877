"""The same ground on two days as two plates: one scale, one stretch, the same outlines on both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patheffects import Normal, Stroke
from numpy.typing import NDArray

from sitewatch.records import Pass
from sitewatch.tell.chips import TRUE_COLOUR, ChipImage
from sitewatch.tell.figures import Ring, on_map, plate

_CASING = [Stroke(linewidth=3.0, foreground="#000000", alpha=0.75), Normal()]
_LOW, _HIGH = 2, 98
"""Percentiles, over both days, that become black and full."""


class Ground(NamedTuple):
    """A piece of one image, laid on the grid that both days share."""

    passed: Pass
    """Whose day, provider and licence stand on the plate."""
    values: NDArray[np.float32]
    """(3, y, x): red, green and blue, or one band three times."""
    seen: NDArray[np.bool_]
    """(y, x): the image holds data."""
    crs: str
    transform: tuple[float, float, float, float, float, float]
    """Affine coefficients a to f: pixel (column, row) to the map."""


class Outline(NamedTuple):
    """Something to be seen on both days."""

    ring: Ring
    """Closed."""
    name: str
    """Drawn beside it."""
    colour: str


class Stretch(NamedTuple):
    """What becomes black, and how much more becomes full, band by band: the same for every plate of a pair."""

    floor: NDArray[np.float64]
    """(3,)."""
    width: NDArray[np.float64]
    """(3,), above 0."""


def stretch_of(pieces: Sequence[Ground]) -> Stretch:
    """From the 2nd to the 98th percentile of each band over all pieces."""
    held = np.concatenate([piece.values[:, piece.seen] for piece in pieces], axis=1)
    if not held.size:
        return Stretch(np.zeros(3), np.ones(3))
    floor, full = np.percentile(held.astype(float), (_LOW, _HIGH), axis=1)
    return Stretch(floor, np.maximum(full - floor, 1e-6))


def pair_plates(
    before: Ground, after: Ground, stretch: Stretch, *, fence: Ring, outlines: Sequence[Outline]
) -> tuple[bytes, bytes]:
    """Draw a piece of both days as PNG; grey is where an image holds no data.

    Args:
        before: the piece of the earlier image.
        after: the same ground of the later one.
        stretch: of the pair.
        fence: closed ring of the site's fence; may be empty.
        outlines: drawn on both.
    """
    first, second = (
        _plate(piece, stretch, fence, outlines, word) for piece, word in ((before, "before"), (after, "after"))
    )
    return first, second


def _plate(piece: Ground, stretch: Stretch, fence: Ring, outlines: Sequence[Outline], word: str) -> bytes:
    shown = np.clip((piece.values - stretch.floor[:, None, None]) / stretch.width[:, None, None], 0, 1)
    picture = np.where(piece.seen, shown, np.nan).astype(np.float32)
    bands = dict(zip(TRUE_COLOUR, picture, strict=True))
    chip = ChipImage(bands, np.zeros(piece.seen.shape, bool), piece.crs, piece.transform, piece.passed)

    def mark(axes: Axes) -> None:
        for one in outlines:
            x, y = on_map(piece.crs, one.ring)
            axes.plot(x, y, color=one.colour, linewidth=1.4, path_effects=_CASING)
            corner = int(np.argmax(x + y))
            axes.annotate(
                one.name, (x[corner], y[corner]), xytext=(4, 4), textcoords="offset points", color=one.colour,
                fontsize=9, fontweight="bold", path_effects=_CASING, annotation_clip=True,
            )  # fmt: skip

    return plate(chip, chip.colour(TRUE_COLOUR), chip.extent, fence, word, mark=mark)
