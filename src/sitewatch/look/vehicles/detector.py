"""A detector that the analyst brings: an ONNX file, run on tiles."""

from __future__ import annotations

import hashlib
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sitewatch.errors import InputError
from sitewatch.look.vehicles.boxes import Boxes
from sitewatch.look.vehicles.card import Card, read_card
from sitewatch.look.vehicles.outputs import Form, decode, form_of

HOW = "docs/methods/vehicles.md says how to bring one, and names two with their licences"
_TYPES = {"tensor(float)": np.float32, "tensor(float16)": np.float16}


class Detector:
    """An ONNX graph that gives boxes."""

    def __init__(self, session: Any, card: Card, path: Path) -> None:
        """Use `open`; here a session of onnxruntime is checked against what the file says of itself.

        Raises:
            InputError: inputs or outputs are not understood.
        """
        self._session = session
        self._path = path
        self.card = card
        """What it says of itself."""
        inputs = session.get_inputs()
        if len(inputs) != 1 or inputs[0].type not in _TYPES or len(inputs[0].shape) != 4:
            found = "; ".join(f"{one.name} {one.type} {_axes(one.shape)}" for one in inputs) or "none"
            raise InputError(
                f"{path}: its inputs are {found}; understood is one image, float32 or float16, (1, 3, height, width)"
            )
        self._input, self._type = inputs[0].name, _TYPES[inputs[0].type]
        self.shape: tuple[int, int] = _input_shape(inputs[0].shape, card, path, self._input)
        """Pixels of its input, (height, width)."""
        self.form: Form = form_of(card, self._output_shapes())
        """How it tells boxes."""

    @classmethod
    def open(cls, path: Path | None) -> Detector:
        """A detector from its file.

        Raises:
            InputError: none is named, onnxruntime is not installed, or the file is no detector that is understood.
        """
        if path is None:
            raise InputError(
                f"no detector is named, and Sitewatch brings none; name an ONNX file: --detector FILE. {HOW}"
            )
        try:
            onnxruntime: Any = import_module("onnxruntime")
        except ImportError as error:
            raise InputError(
                f"{path}: to run a detector onnxruntime must be installed: pip install 'sitewatch[vehicles]'"
            ) from error
        sha256 = _digest(path)
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        try:
            session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except _failures() as error:
            why = " ".join(str(error).split())[:200]
            raise InputError(
                f"{path}: onnxruntime {onnxruntime.__version__} cannot load it ({why}); right would be a detector "
                f"exported to ONNX with standard operators. {HOW}"
            ) from error
        metadata = session.get_modelmeta().custom_metadata_map
        return cls(session, read_card(path.name, sha256, metadata), path)

    def find(self, pixels: NDArray[np.float32], least: float, most: int) -> Boxes:
        """Boxes in one tile.

        Args:
            pixels: (3, height, width) red, green and blue, 0 to 255, of the shape of the input.
            least: probability from which on a box counts.
            most: boxes that are kept, the best ones.

        Returns:
            Boxes in pixels of the tile, as many to a vehicle as the detector gives.

        Raises:
            InputError: what it gives are no boxes.
        """
        (output,) = self._run(self._prepared(pixels))
        if form_of(self.card, [output.shape]) != self.form:
            raise InputError(f"{self._path}: its output changed its form to {output.shape} from one tile to the next")
        return decode(output, self.form, self.card, least, most)

    def _prepared(self, pixels: NDArray[np.float32]) -> NDArray[Any]:
        if self.card.mean and self.card.std:
            mean, std = (np.array(three, np.float32)[:, None, None] for three in (self.card.mean, self.card.std))
            order = slice(None, None, -1) if self.card.blue_first else slice(None)
            scaled = (pixels[order] - mean) / std
        else:
            scaled = (pixels[::-1] if self.card.blue_first else pixels) / np.float32(255)
        return np.ascontiguousarray(scaled[np.newaxis], dtype=self._type)

    def _run(self, pixels: NDArray[Any]) -> list[NDArray[Any]]:
        try:
            return [np.asarray(output) for output in self._session.run(None, {self._input: pixels})]
        except _failures() as error:
            why = " ".join(str(error).split())[:200]
            raise InputError(
                f"{self._path}: it fails on an image of {self.shape[1]} x {self.shape[0]} pixels ({why}); export it "
                "again with a fixed image size"
            ) from error

    def _output_shapes(self) -> list[tuple[int, ...]]:
        """As the file tells them; where it leaves an axis open, as a blank image shows them."""
        told = [output.shape for output in self._session.get_outputs()]
        if all(isinstance(side, int) for shape in told for side in shape):
            return [tuple(shape) for shape in told]
        blank = np.zeros((3, *self.shape), np.float32)
        return [output.shape for output in self._run(self._prepared(blank))]


def _failures() -> tuple[type[Exception], ...]:
    """What onnxruntime raises; its errors share no base but Exception."""
    native = import_module("onnxruntime.capi.onnxruntime_pybind11_state")
    return tuple(kind for kind in vars(native).values() if isinstance(kind, type) and issubclass(kind, Exception))


def _input_shape(axes: list[Any], card: Card, path: Path, name: str) -> tuple[int, int]:
    batch, channels, *sides = axes
    if (isinstance(batch, int) and batch != 1) or (isinstance(channels, int) and channels != 3):
        raise InputError(
            f"{path}: its input {name} is {_axes(axes)}; understood is (1, 3, height, width): one image, RGB"
        )
    if all(isinstance(side, int) and side > 0 for side in sides):
        return sides[0], sides[1]
    if card.size is None:
        raise InputError(
            f"{path}: its input {name} is {_axes(axes)}, which leaves height and width open, and its metadata tell no "
            "imgsz; export it with a fixed size, or write imgsz into its metadata, such as [1024, 1024]"
        )
    fixed = [side if isinstance(side, int) and side > 0 else told for side, told in zip(sides, card.size, strict=True)]
    return fixed[0], fixed[1]


def _axes(shape: list[Any]) -> str:
    return f"({', '.join('?' if side is None else str(side) for side in shape)})"


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            if not file.read(1):
                raise InputError(f"{path}: the file is empty; right would be a detector exported to ONNX. {HOW}")
            file.seek(0)
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"{path}: it cannot be read: {error.strerror}; name an ONNX file on this machine") from error
