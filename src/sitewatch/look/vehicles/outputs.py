"""The outputs of detectors that are understood, and how numbers become boxes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sitewatch.errors import InputError
from sitewatch.look.vehicles.boxes import Boxes
from sitewatch.look.vehicles.card import Card

UNDERSTOOD = (
    "(1, 4 + classes, n) upright, (1, 4 + classes + 1, n) oriented, with rows x, y, width, height, a probability for "
    "each class and the angle; (1, n, 6) upright with x1, y1, x2, y2, probability, class; (1, n, 7) oriented with x, "
    "y, width, height, probability, class, angle"
)
"""Pixels of the input, angles in radians."""
_SMALLEST = 1.5
"""Boxes that are all smaller than this many pixels are told in shares of the image, not in pixels."""


@dataclass(frozen=True)
class Form:
    """One of the outputs that are understood."""

    oriented: bool
    listed: bool
    """True for one row to a box, with its class; False for one column to a cell of the grid, with all classes."""


def form_of(card: Card, shapes: Sequence[Sequence[int]]) -> Form:
    """Which form a detector's outputs have.

    Args:
        card: what it says of itself.
        shapes: of each output.

    Raises:
        InputError: none that is understood, more than one, or not the classes that the metadata name.
    """
    found = "; ".join(f"({', '.join(map(str, shape))})" for shape in shapes)
    unknown = InputError(f"{card.file}: its outputs are {found}; understood is one output: {UNDERSTOOD}")
    if len(shapes) != 1 or len(shapes[0]) != 3 or shapes[0][0] != 1:
        raise unknown
    _, rows, columns = shapes[0]
    classes = len(card.names)
    possible = [Form(oriented, False) for oriented in (False, True) if rows == 4 + classes + oriented]
    possible += [Form(oriented, True) for oriented in (False, True) if columns == 6 + oriented]
    forms = [form for form in possible if card.oriented in (None, form.oriented)]
    if len(forms) == 1:
        return forms[0]
    if forms:
        raise InputError(
            f"{card.file}: its output {found} can be read in {len(forms)} ways with {classes} classes; write its task "
            "(detect or obb) into its metadata, or export it for another image size"
        )
    if not possible and 4 < rows < columns:
        kind = "" if card.oriented is None else " oriented" if card.oriented else " upright"
        fits = rows - 4 - bool(card.oriented)
        raise InputError(
            f"{card.file}: its class list does not match: the output {found} has room for {fits} classes of{kind} "
            f"boxes, its metadata name {classes} ({', '.join(card.names[:5])}{', …' if classes > 5 else ''}); "
            f"export it again from the weights that it was trained to. Understood: {UNDERSTOOD}"
        )
    if possible:
        told = "oriented (task obb)" if card.oriented else "upright (task detect)"
        raise InputError(
            f"{card.file}: its metadata say that its boxes are {told}, and its output {found} with {classes} classes "
            f"is not; export it again. Understood: {UNDERSTOOD}"
        )
    raise unknown


def decode(output: NDArray[Any], form: Form, card: Card, least: float, most: int) -> Boxes:
    """Numbers of one tile as boxes in pixels of that tile.

    Args:
        output: of the detector, in one of the forms that are understood.
        form: which one.
        card: what the detector says of itself.
        least: probability from which on a box counts.
        most: boxes that are kept, the best ones.

    Raises:
        InputError: the numbers are not what the form promises.
    """
    table = np.asarray(output[0], dtype=np.float64)
    rows = table if form.listed else table.T
    if not np.isfinite(rows).all():
        raise InputError(f"{card.file}: it gives numbers that are not finite; export it again, as float32")
    if form.listed:
        score, label = rows[:, 4], rows[:, 5]
    else:
        classes = rows[:, 4 : 4 + len(card.names)]
        score, label = classes.max(1), classes.argmax(1).astype(float)
    if len(score) and (score.min() < -1e-3 or score.max() > 1.001):
        raise InputError(
            f"{card.file}: what should be probabilities runs from {score.min():.3g} to {score.max():.3g}; export it "
            "with the last sigmoid"
        )
    best = np.flatnonzero(score >= least)
    best = best[np.argsort(-score[best], kind="stable")][:most]
    rows, score, label = rows[best], score[best], label[best]
    _check(rows, label, form, card)
    if form.listed and not form.oriented:
        low, high = rows[:, :2], rows[:, 2:4]
        centre, size = (low + high) / 2, high - low
    else:
        centre, size = rows[:, :2], rows[:, 2:4]
    angle = rows[:, -1] if form.oriented else np.zeros(len(rows))
    boxes = Boxes(centre, size, angle, score, label.astype(np.int64))
    return boxes.chosen(np.flatnonzero((size > 0).all(1)))


def _check(rows: NDArray[np.float64], label: NDArray[np.float64], form: Form, card: Card) -> None:
    if not len(rows):
        return
    if (label != np.rint(label)).any() or label.min() < 0 or label.max() >= len(card.names):
        wrong = label[(label != np.rint(label)) | (label < 0) | (label >= len(card.names))][0]
        raise InputError(
            f"{card.file}: it gives a box the class {wrong:g}, and its metadata name {len(card.names)}, from 0 on; its "
            "class list does not match: export it again"
        )
    if form.oriented and np.abs(rows[:, -1]).max() > 2 * math.pi:
        raise InputError(
            f"{card.file}: it gives an angle of {rows[np.abs(rows[:, -1]).argmax(), -1]:.3g}; right would be radians; "
            "export it again, with angles in radians"
        )
    sides = rows[:, 2:4] if form.oriented or not form.listed else rows[:, 2:4] - rows[:, :2]
    if np.abs(rows[:, :4]).max() <= _SMALLEST and np.abs(sides).max() <= _SMALLEST:
        raise InputError(
            f"{card.file}: its boxes seem to be told in shares of the image (the largest number is "
            f"{np.abs(rows[:, :4]).max():.3g}); right would be pixels: export it again"
        )
