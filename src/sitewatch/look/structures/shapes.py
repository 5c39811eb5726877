"""Candidates: patches of one image that edges enclose, and what is known of each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import label, maximum_filter

from sitewatch.look.structures.planes import Bools, Floats, Planes
from sitewatch.look.structures.settings import StructureSettings

Doubles = NDArray[np.float64]
Labels = NDArray[np.int32]
PROPERTIES = ("edges", "alike", "colour", "box", "green", "darker", "area")
"""Of a candidate, in the order of the columns; `settings.Weights` says what each is."""


class Candidates(NamedTuple):
    """The patches that the gradients of one strength enclose."""

    labels: Labels
    """(y, x): 0, or the number of the patch, from 1; grown by a pixel into its edge."""
    properties: Doubles
    """(patch, property)."""


def candidates(
    own: Planes, other: Planes, correlation: Floats, difference: Floats, seen: Bools, pixel_m: float,
    settings: StructureSettings,
) -> Iterator[Candidates]:  # fmt: skip
    """Cut candidates out of one image at several strengths of gradient, as the regions of a component tree.

    Args:
        own: the image that would show the structure.
        other: the other day's.
        correlation: (y, x) of the two days' gradients.
        difference: (y, x) in brightness and colour, spreads.
        seen: (y, x), both days hold data; what touches other ground, or the frame, is left out.
        pixel_m: working pixel, metres.
        settings: of the comparison.
    """
    gain = own.straight - other.near
    for step in settings.steps:
        labels, count = _cut(own.gradient, step, seen, settings)
        if count:
            yield _described(labels, count, own, gain, correlation, difference, pixel_m)


def _cut(gradient: Floats, step: float, seen: Bools, settings: StructureSettings) -> tuple[Labels, int]:
    """Connected ground whose gradient stays below a step, of a likely size; its numbers run from 1."""
    labels, count = label(gradient < step, output=np.int32)
    sizes = np.bincount(labels.ravel(), minlength=count + 1)
    fits = (sizes >= settings.fewest_px) & (sizes <= settings.most_px)
    fits[np.unique(labels[~seen])] = False
    for side in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        fits[side] = False
    fits[0] = False
    numbers = np.zeros(count + 1, np.int32)
    numbers[fits] = np.arange(1, fits.sum() + 1)
    return numbers[labels], int(fits.sum())


def _described(
    labels: Labels, count: int, own: Planes, gain: Floats, correlation: Floats, difference: Floats, pixel_m: float
) -> Candidates:
    grown = _grown(labels)
    at = np.flatnonzero(grown)
    whose = grown.ravel()[at]
    wide = _grown(grown)
    around = np.flatnonzero((wide > 0) & (labels == 0))
    rim_of = wide.ravel()[around]
    size, rim = (np.bincount(one, minlength=count + 1)[1:] for one in (whose, rim_of))

    def inside(plane: NDArray[np.floating]) -> Doubles:
        return np.bincount(whose, plane.ravel()[at], count + 1)[1:] / size

    def edge(plane: Floats) -> Doubles:
        return np.bincount(rim_of, plane.ravel()[around], count + 1)[1:] / np.maximum(rim, 1)

    y, x = (part.astype(np.float64) for part in np.divmod(at, labels.shape[1]))
    lighter = inside(own.brightness) - edge(own.brightness)
    columns = (
        edge(gain),
        inside(correlation),
        np.log(inside(difference) + 0.1),
        np.minimum(_box(whose, y, x, size), 1.0),
        inside(own.green),
        np.minimum(lighter, 0.0),
        np.log(size * pixel_m**2),
    )
    return Candidates(grown, np.column_stack(columns))


def _grown(labels: Labels) -> Labels:
    out: Labels = np.where(labels > 0, labels, maximum_filter(labels, 3))
    return out


def _box(whose: Labels, y: Doubles, x: Doubles, size: NDArray[np.int64]) -> Doubles:
    """Area over that of the rectangle with the same second moments: 1 for a rectangle, less for a ragged patch."""

    def mean(values: Doubles) -> Doubles:
        return np.bincount(whose, values, len(size) + 1)[1:] / size

    middle_y, middle_x = mean(y), mean(x)
    y, x = y - middle_y[whose - 1], x - middle_x[whose - 1]
    determinant = (mean(y * y) + 1 / 12) * (mean(x * x) + 1 / 12) - mean(x * y) ** 2
    box: Doubles = size / (12 * np.sqrt(np.maximum(determinant, 1e-9)))
    return box
