"""Detectors made for the tests: small ONNX graphs that know a few marks, and images that carry those marks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import rasterio
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from rasterio.transform import Affine

NAMES = "{0: 'small vehicle', 1: 'large vehicle'}"
METADATA = {"names": NAMES, "stride": "8", "license": "CC0-1.0", "author": "the tests"}
CRS = "EPSG:32652"
CORNER = (500_000.0, 4_300_000.0)
RING = 0.04
"""How much a bright pixel around a mark speaks against it."""


@dataclass(frozen=True)
class Mark:
    """A bright rectangle."""

    length: int
    width: int
    angle: float
    label: int

    def raster(self) -> NDArray[np.bool_]:
        """(side, side) with an odd side: True inside."""
        half = math.ceil(math.hypot(self.length, self.width) / 2) + 1
        y, x = np.mgrid[-half : half + 1, -half : half + 1]
        along = x * math.cos(self.angle) + y * math.sin(self.angle)
        across = -x * math.sin(self.angle) + y * math.cos(self.angle)
        return (np.abs(along) <= self.length / 2) & (np.abs(across) <= self.width / 2)


UPRIGHT = (Mark(9, 5, 0.0, 0), Mark(25, 9, 0.0, 1), Mark(9, 25, 0.0, 1))
ORIENTED = (Mark(9, 5, 0.0, 0), Mark(25, 9, math.radians(30), 1), Mark(25, 9, math.radians(100), 1))


def graph(
    path: Path,
    marks: Sequence[Mark],
    size: tuple[int, int],
    *,
    oriented: bool,
    listed: bool = False,
    metadata: dict[str, str] | None = None,
    axes: Sequence[Any] | None = None,
    classes: int = 2,
) -> Path:
    """A detector that finds whole marks in the red channel, on whatever pixel they lie.

    Each mark is a convolution without padding: 1 on the mark itself, less one pixel beside it, so that several boxes
    speak for one vehicle, as with a real detector.
    """
    side = max(len(mark.raster()) for mark in marks)
    kernel = np.zeros((len(marks), 1, side, side), np.float32)
    for one, mark in zip(kernel, marks, strict=True):
        inside = mark.raster()
        start = (side - len(inside)) // 2
        frame = slice(start, start + len(inside))
        one[0, frame, frame] = np.where(inside, 1 / inside.sum(), -RING)
    high, wide = size[0] - side + 1, size[1] - side + 1
    y, x = (grid.ravel() + side / 2 for grid in np.mgrid[0:high, 0:wide])
    cells = high * wide
    constants, nodes = (
        {"kernel": kernel, "channel": np.zeros(1, np.int64), "zero": np.float32(0), "one": np.float32(1)},
        [],
    )
    nodes.append(helper.make_node("Gather", ["images", "channel"], ["red"], axis=1))
    nodes.append(helper.make_node("Conv", ["red", "kernel"], ["raw"]))
    nodes.append(helper.make_node("Clip", ["raw", "zero", "one"], ["clipped"]))
    constants["flat"] = np.array([1, 1, len(marks) * cells], np.int64)
    nodes.append(helper.make_node("Reshape", ["clipped", "flat"], ["scores"]))
    table = np.concatenate(
        [np.stack([x, y, np.full(cells, m.length), np.full(cells, m.width)]) for m in marks], axis=1
    ).astype(np.float32)
    label = np.repeat([mark.label for mark in marks], cells)
    angle = np.repeat([mark.angle for mark in marks], cells).astype(np.float32)
    if listed:
        if not oriented:
            table = np.concatenate([table[:2] - table[2:] / 2, table[:2] + table[2:] / 2])
        constants |= {
            "table": table.T, "label": label[:, None].astype(np.float32), "angle": angle[:, None],
            "most": np.array([600], np.int64), "column": np.array([600, 1], np.int64),
            "first": np.array([0], np.int64), "line": np.array([len(marks) * cells], np.int64),
        }  # fmt: skip
        parts = ["boxes", "probability", "labels"] + ["angles"] * oriented
        nodes += [
            helper.make_node("Reshape", ["scores", "line"], ["list"]),
            helper.make_node("TopK", ["list", "most"], ["values", "index"]),
            helper.make_node("Gather", ["table", "index"], ["boxes"]),
            helper.make_node("Gather", ["label", "index"], ["labels"]),
            helper.make_node("Gather", ["angle", "index"], ["angles"]),
            helper.make_node("Reshape", ["values", "column"], ["probability"]),
            helper.make_node("Concat", parts, ["rows"], axis=1),
            helper.make_node("Unsqueeze", ["rows", "first"], ["output0"]),
        ]
        shape = [1, 600, 6 + oriented]
    else:
        constants |= {
            "table": table[None],
            "hot": np.eye(classes, dtype=np.float32)[:, label][None],
            "angle": angle[None, None],
        }
        parts = ["table", "classed"] + ["angle"] * oriented
        nodes += [
            helper.make_node("Mul", ["hot", "scores"], ["classed"]),
            helper.make_node("Concat", parts, ["output0"], axis=1),
        ]
        shape = [1, 4 + classes + oriented, len(marks) * cells]
    told = METADATA | {"task": "obb" if oriented else "detect", "imgsz": f"[{size[0]}, {size[1]}]"}
    used = {name for node in nodes for name in node.input}
    return save(
        path,
        nodes,
        {name: value for name, value in constants.items() if name in used},
        inputs=[("images", axes or [1, 3, *size])],
        outputs=[("output0", shape)],
        metadata=told if metadata is None else metadata,
    )


def save(
    path: Path,
    nodes: Sequence[onnx.NodeProto],
    constants: dict[str, Any],
    *,
    inputs: Sequence[tuple[str, Sequence[Any]]],
    outputs: Sequence[tuple[str, Sequence[Any] | None]],
    metadata: dict[str, str],
    kind: int = TensorProto.FLOAT,
) -> Path:
    """A graph as a file; `kind` is the number type of its input."""
    made = helper.make_graph(
        nodes,
        "marks",
        [helper.make_tensor_value_info(name, kind, shape) for name, shape in inputs],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in outputs],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    helper.set_model_props(model, metadata)
    onnx.save(model, path)
    return path


def fixed(path: Path, output: NDArray[Any], *, metadata: dict[str, str] | None = None, size: int = 64) -> Path:
    """A detector that says the same of every image."""
    nodes = [
        helper.make_node("ReduceMean", ["images"], ["mean"], keepdims=0),
        helper.make_node("Mul", ["mean", "none"], ["nothing"]),
        helper.make_node("Add", ["output", "nothing"], ["output0"]),
    ]
    constants = {"none": np.float32(0), "output": output.astype(np.float32)}
    told = METADATA if metadata is None else metadata
    inputs = [("images", [1, 3, size, size])]
    return save(path, nodes, constants, inputs=inputs, outputs=[("output0", output.shape)], metadata=told)


@dataclass(frozen=True)
class Placed:
    """A mark on an image."""

    mark: Mark
    x: float
    """Of its centre, pixels."""
    y: float


def ground(
    shape: tuple[int, int], marks: Sequence[Mark], count: int, seed: int
) -> tuple[NDArray[np.uint8], list[Placed]]:
    """(height, width) dark ground with bright marks that do not touch each other nor the edge."""
    rng = np.random.default_rng(seed)
    image, taken, placed = np.zeros(shape, np.uint8), np.zeros(shape, bool), []
    while len(placed) < count:
        mark = marks[len(placed) % len(marks)]
        raster = mark.raster()
        side = len(raster)
        y, x = (int(rng.integers(16, length - side - 16)) for length in shape)
        here = (slice(y, y + side), slice(x, x + side))
        if not taken[here].any():
            taken[here] = True
            image[here][raster] = 255
            placed.append(Placed(mark, x + side / 2, y + side / 2))
    return image, placed


def write(path: Path, values: NDArray[Any], *, pixel: float = 0.5, **changes: Any) -> Path:
    """A GeoTIFF, (band, y, x), of square pixels."""
    profile = {
        "driver": "GTiff", "count": len(values), "height": values.shape[1], "width": values.shape[2],
        "dtype": values.dtype, "crs": CRS, "transform": Affine(pixel, 0, CORNER[0], 0, -pixel, CORNER[1]),
        "tiled": True, "blockxsize": 64, "blockysize": 64, "compress": "deflate",
    } | changes  # fmt: skip
    with rasterio.open(path, "w", **{key: value for key, value in profile.items() if value is not None}) as file:
        file.write(values)
    return path
