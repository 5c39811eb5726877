"""A learnt change model that the analyst brings as ONNX, run in both orders of time."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sitewatch.errors import InputError

Floats = NDArray[np.float32]
_LIMIT = 0.5


@dataclass(frozen=True, eq=False)
class ChangeModel:
    """An ONNX graph from two images to the probability that a structure stands in the second and not in the first."""

    session: Any
    """onnxruntime.InferenceSession."""
    inputs: tuple[str, ...]
    """Names: one for both images stacked, or two."""
    side: int
    """Pixels of the square that it takes."""
    bands: int
    """Of one image."""
    licence: str
    """As the file's metadata tells it."""


@dataclass(frozen=True, eq=False)
class LearntChange:
    """What a model says in both orders; all arrays (y, x)."""

    new: Floats
    """Probability of a new structure: the model from before to after."""
    removed: Floats
    """Probability of a removed one: the model from after to before."""
    signs: NDArray[np.int8]
    """1 new, -1 removed, 0 neither, or both at once, which is a contradiction."""
    contradicted: float
    """Share of the pixels told in either order that are told in both: the model sees change and not its direction."""


def load_change_model(path: Path) -> ChangeModel:
    """Open an analyst's model.

    It must take one image of shape (1, 2 x bands, side, side), or two of (1, bands, side, side), before then after, in
    0 to 1, float32, and give probabilities (1, 1, side, side).

    Raises:
        InputError: onnxruntime is not installed, the file is no ONNX graph, or its shapes or types are others.
    """
    try:
        onnxruntime = import_module("onnxruntime")
    except ImportError as error:
        raise InputError(
            f"{path}: a learnt model needs onnxruntime; mend: pip install 'sitewatch[vehicles]'"
        ) from error
    if not path.is_file():
        raise InputError(f"{path}: there is no such file; name the ONNX model's")
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise InputError(
            f"{path}: it cannot be read as an ONNX model ({' '.join(str(error).split())[:120]}); export it again"
        ) from error
    inputs, outputs = session.get_inputs(), session.get_outputs()
    shapes = [one.shape for one in (*inputs, *outputs)]
    if any(not isinstance(size, int) for shape in shapes for size in shape):
        raise InputError(f"{path}: its axes are not fixed ({shapes}); export it with fixed numbers")
    if any(one.type != "tensor(float)" for one in (*inputs, *outputs)):
        raise InputError(f"{path}: its inputs and output must be float32; export it so")
    side = shapes[0][-1]
    bands, odd = (shapes[0][1], 0) if len(inputs) == 2 else divmod(shapes[0][1], 2)
    wanted = [1, shapes[0][1], side, side]
    if len(inputs) not in (1, 2) or odd or any(shape != wanted for shape in shapes[: len(inputs)]):
        raise InputError(
            f"{path}: it takes {[one.shape for one in inputs]}; right would be one input (1, 2 x bands, side, side), "
            "or two of (1, bands, side, side)"
        )
    if [one.shape for one in outputs] != [[1, 1, side, side]]:
        raise InputError(
            f"{path}: it gives {[one.shape for one in outputs]}; right would be one output (1, 1, {side}, {side})"
        )
    told = session.get_modelmeta().custom_metadata_map
    return ChangeModel(session, tuple(one.name for one in inputs), side, bands, told.get("license", "not told"))


def run_both_orders(model: ChangeModel, before: NDArray[np.uint8], after: NDArray[np.uint8]) -> LearntChange:
    """Run a model from before to after and from after to before, in squares of its own size.

    Squares overlap by half; where they do, the mean counts. Exchanged images give exactly the same with new and removed
    exchanged.

    Args:
        model: from `load_change_model`.
        before: (band, y, x), 8 bit.
        after: the same shape, laid on it.

    Raises:
        InputError: the images differ in shape, have another number of bands, or are smaller than the model's square;
            or the model's numbers are no probabilities.
    """
    if before.shape != after.shape or before.ndim != 3 or len(before) != model.bands:
        raise InputError(
            f"the model takes two images of {model.bands} bands; found {before.shape} and {after.shape} (band, y, x)"
        )
    if min(before.shape[1:]) < model.side:
        raise InputError(
            f"the model takes squares of {model.side} px, the images are {before.shape[2]} x {before.shape[1]} px; "
            "give larger ones"
        )
    new, removed = _run(model, before, after), _run(model, after, before)
    is_new, is_removed = new >= _LIMIT, removed >= _LIMIT
    either = int((is_new | is_removed).sum())
    both = float((is_new & is_removed).sum()) / either if either else 0.0
    return LearntChange(new, removed, is_new.astype(np.int8) - is_removed.astype(np.int8), both)


def _run(model: ChangeModel, first: NDArray[np.uint8], second: NDArray[np.uint8]) -> Floats:
    height, width = first.shape[1:]
    total, count = np.zeros((height, width), np.float32), np.zeros((height, width), np.float32)
    for top in _starts(height, model.side):
        for left in _starts(width, model.side):
            part = np.s_[top : top + model.side, left : left + model.side]
            images = [image[(slice(None), *part)][None].astype(np.float32) / 255 for image in (first, second)]
            given = images if len(model.inputs) == 2 else [np.concatenate(images, axis=1)]
            (out,) = model.session.run(None, dict(zip(model.inputs, given, strict=True)))
            if not (np.isfinite(out).all() and out.min() >= 0 and out.max() <= 1):
                raise InputError(
                    f"the model gives {out.min():g} to {out.max():g}; right would be probabilities from 0 to 1: export "
                    "it with its sigmoid"
                )
            total[part] += out[0, 0]
            count[part] += 1
    out_all: Floats = total / count
    return out_all


def _starts(size: int, side: int) -> list[int]:
    return sorted({*range(0, size - side, max(side // 2, 1)), size - side})
