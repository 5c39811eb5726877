"""How a detector did on an image whose vehicles are known: what recall and false boxes are measured from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from sitewatch.look.vehicles.boxes import Boxes, overlaps


@dataclass(frozen=True)
class Trial:
    """What became of the vehicles and the boxes of one image."""

    found: int
    """Vehicles with a box."""
    of: int
    """Vehicles that are there."""
    false: int
    """Boxes with no vehicle."""


def try_boxes(boxes: Boxes, truth: Boxes, *, least: float = 0.3) -> Trial:
    """Pair boxes with vehicles so that the overlaps add up to the most, each at most once.

    Args:
        boxes: one to a vehicle, as the detector has them.
        truth: the vehicles that are there.
        least: intersection over union from which on a box may stand for a vehicle.
    """
    found = 0
    if len(boxes) and len(truth):
        left, right, share = overlaps(boxes, truth)
        near = share >= least
        table = np.zeros((len(boxes), len(truth)))
        table[left[near], right[near]] = 1 + share[near]  # a pair more weighs more than any overlap
        found = int((table[linear_sum_assignment(table, maximize=True)] > 0).sum())
    return Trial(found, len(truth), len(boxes) - found)
