"""Boxes of vehicles, oriented or upright: their corners, how much they overlap, and one of them for each vehicle."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Self

import numpy as np
import shapely
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Boxes:
    """Boxes in pixels of an image; x runs right, y down, the corner of the first pixel is (0, 0)."""

    centre: Array
    """(box, 2): x and y, pixels."""
    size: Array
    """(box, 2): along the box's own x axis and across it, pixels."""
    angle: Array
    """(box,): from the image's x axis to the box's own, radians, clockwise as seen; 0 for upright boxes."""
    score: Array
    """(box,): the detector's probability."""
    label: NDArray[np.int64]
    """(box,): number of the class."""

    def __len__(self) -> int:
        return len(self.score)

    @classmethod
    def none(cls) -> Self:
        """No box at all."""
        return cls(np.zeros((0, 2)), np.zeros((0, 2)), np.zeros(0), np.zeros(0), np.zeros(0, np.int64))

    @classmethod
    def joined(cls, parts: list[Self]) -> Self:
        """The boxes of all parts, in order."""
        if not parts:
            return cls.none()
        return cls(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(cls)))

    def chosen(self, which: NDArray[np.bool_] | NDArray[np.int64]) -> Self:
        """Some of the boxes, by mask or by number."""
        return type(self)(*(getattr(self, field.name)[which] for field in fields(self)))

    def moved(self, x: float, y: float) -> Self:
        """The same boxes shifted by some pixels."""
        return type(self)(self.centre + np.array([x, y]), self.size, self.angle, self.score, self.label)

    def corners(self) -> Array:
        """(box, 4, 2): x and y of the corners, pixels, clockwise as seen."""
        along = np.stack([np.cos(self.angle), np.sin(self.angle)], axis=-1) * self.size[:, :1] / 2
        across = np.stack([-np.sin(self.angle), np.cos(self.angle)], axis=-1) * self.size[:, 1:] / 2
        signs = ((-1, -1), (1, -1), (1, 1), (-1, 1))
        return np.stack([self.centre + a * along + b * across for a, b in signs], axis=1)

    def middles(self) -> tuple[Array, Array]:
        """(box, 2, 2) twice: the ends of the axis along each box, and of the axis across it, pixels."""
        corners = self.corners()
        ahead, below = (np.roll(corners, -1, axis=1) + corners).transpose(1, 0, 2)[[1, 2]] / 2
        return np.stack([2 * self.centre - ahead, ahead], 1), np.stack([2 * self.centre - below, below], 1)


def overlaps(one: Boxes, other: Boxes) -> tuple[NDArray[np.int64], NDArray[np.int64], Array]:
    """Every pair of boxes that touch: number in the one, number in the other, intersection over union of their areas.

    Exact for oriented boxes: convex polygons are clipped, not approximated.
    """
    first, second = shapely.polygons(one.corners()), shapely.polygons(other.corners())
    if not len(first) or not len(second):
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)
    left, right = shapely.STRtree(second).query(first, predicate="intersects")
    shared = shapely.area(shapely.intersection(first[left], second[right]))
    union = one.size.prod(1)[left] + other.size.prod(1)[right] - shared
    return left, right, shared / union


def one_each(boxes: Boxes, same: float) -> Boxes:
    """The best box of each vehicle, best first.

    Boxes are taken by falling score, and each takes out those that overlap it by at least `same`, whatever their class
    (greedy suppression of all but the maximum; Neubeck and Van Gool 2006).

    Args:
        boxes: of one image, several to a vehicle or not.
        same: intersection over union.
    """
    order = np.lexsort((boxes.centre[:, 1], boxes.centre[:, 0], -boxes.score))
    ranked = boxes.chosen(order)
    left, right, share = overlaps(ranked, ranked)
    together = (share >= same) & (left < right)
    left, right = left[together], right[together]
    rows = np.argsort(left, kind="stable")
    left, right = left[rows], right[rows]
    starts = np.searchsorted(left, np.arange(len(ranked) + 1))
    kept = np.ones(len(ranked), bool)
    for number in range(len(ranked)):
        if kept[number]:
            kept[right[starts[number] : starts[number + 1]]] = False
    return ranked.chosen(kept)
