"""What an ONNX detector says of itself in its metadata: classes, licence, input size, how pixels are to be prepared."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sitewatch.errors import InputError

TASKS = {"detect": False, "obb": True}
"""What the metadata call a task, and whether its boxes are oriented."""
_VEHICLES = set(
    "vehicle vehicles car cars truck trucks lorry lorries bus buses van vans trailer trailers pickup pickups tractor "
    "tractors minibus suv sedan camper semitrailer".split()
)
_NO_VEHICLES = {"storage", "rail", "railway", "park", "parking", "port"}
_WRITE = (
    "write it with the onnx package: "
    "m = onnx.load(FILE); onnx.helper.set_model_props(m, {{{what}}}); onnx.save(m, FILE)"
)


@dataclass(frozen=True)
class Card:
    """What a detector says of itself."""

    file: str
    """Name of its file."""
    sha256: str
    """Of its file."""
    names: tuple[str, ...]
    """Of its classes, in the order of its outputs."""
    licence: str
    """As it states it, or "not stated"."""
    author: str
    """As it states it, or "not stated"."""
    version: str
    """As it states it, or "not stated"."""
    oriented: bool | None
    """Whether its boxes are oriented; None where only the shape of its output can tell."""
    size: tuple[int, int] | None
    """Pixels of its input, (height, width), where it states them."""
    stride: int
    """Pixels between two cells of its coarsest grid."""
    mean: tuple[float, float, float] | None
    """Taken off each channel, in numbers from 0 to 255; None where pixels become 0 to 1."""
    std: tuple[float, float, float] | None
    """By which each channel is then divided."""
    blue_first: bool
    """Whether its channels run blue, green, red."""


def read_card(file: str, sha256: str, metadata: Mapping[str, str]) -> Card:
    """A detector's metadata, as exports of ultralytics write them; `mean`, `std` and `order` (RGB, BGR) are ours.

    Args:
        file: how a message calls it.
        sha256: of its file.
        metadata: the custom metadata map of the graph.

    Raises:
        InputError: the classes are missing, or something cannot be understood.
    """
    task = metadata.get("task")
    if task is not None and task not in TASKS:
        raise InputError(
            f"{file}: its metadata say task {task!r}; right would be a detector of boxes, detect (upright) or obb "
            "(oriented)"
        )
    mean, std = (_three(file, key, metadata.get(key)) for key in ("mean", "std"))
    if (mean is None) != (std is None) or (std and min(std) <= 0):
        raise InputError(
            f"{file}: its metadata tell mean {metadata.get('mean')} and std {metadata.get('std')}; right would be both "
            "or neither, three numbers each for pixels from 0 to 255, the second above 0"
        )
    order = metadata.get("order", "RGB").upper()
    if order not in ("RGB", "BGR"):
        raise InputError(f"{file}: its metadata say order {order!r}; right would be RGB or BGR")
    return Card(
        file=file,
        sha256=sha256,
        names=_names(file, metadata.get("names")),
        licence=(metadata.get("license") or metadata.get("licence") or "not stated").strip(),
        author=metadata.get("author", "not stated").strip() or "not stated",
        version=metadata.get("version", "not stated").strip() or "not stated",
        oriented=None if task is None else TASKS[task],
        size=_size(file, metadata.get("imgsz")),
        stride=_stride(file, metadata.get("stride")),
        mean=mean,
        std=std,
        blue_first=order == "BGR",
    )


def vehicle_classes(card: Card, wanted: Sequence[str] = ()) -> tuple[int, ...]:
    """Numbers of the classes that are vehicles: those that are named, else those whose names say so.

    Raises:
        InputError: a class that is named is none of the detector's, or none of its classes is a vehicle.
    """
    if unknown := [name for name in wanted if name not in card.names]:
        raise InputError(
            f"{card.file}: it has no class {', '.join(unknown)}; name some of its own: {', '.join(card.names)}"
        )
    found = tuple(n for n, name in enumerate(card.names) if (name in wanted if wanted else _vehicle(name)))
    if not found:
        raise InputError(
            f"{card.file}: none of its classes is called a vehicle ({', '.join(card.names)}); name those that are with "
            "--classes, or bring a detector of vehicles"
        )
    return found


def _vehicle(name: str) -> bool:
    words = set(re.findall(r"[a-z]+", re.sub(r"([a-z])([A-Z])", r"\1 \2", name).lower()))
    return bool(words & _VEHICLES) and not words & _NO_VEHICLES


def _literal(file: str, key: str, text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError) as error:
        raise InputError(
            f"{file}: its metadata's {key} cannot be read: found {text[:60]!r}; {_WRITE.format(what=f'{key!r}: ...')}"
        ) from error


def _names(file: str, text: str | None) -> tuple[str, ...]:
    if text is None:
        raise InputError(
            f"{file}: its metadata name no classes (key names), so nobody knows what its boxes are; "
            + _WRITE.format(what="'names': \"{0: 'small vehicle', 1: 'large vehicle'}\"")
        )
    told = _literal(file, "names", text)
    if isinstance(told, (list, tuple)):
        told = dict(enumerate(told))
    right = isinstance(told, dict) and told and set(told) == set(range(len(told)))
    if not right or not all(isinstance(name, str) and name.strip() for name in told.values()):
        raise InputError(
            f"{file}: its metadata's names are {text[:60]!r}; right would be {{0: 'small vehicle', "
            "1: 'large vehicle'}, numbered from 0 without a gap"
        )
    return tuple(told[number].strip() for number in range(len(told)))


def _size(file: str, text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    told = _literal(file, "imgsz", text)
    pair = (told, told) if isinstance(told, int) else tuple(told) if isinstance(told, (list, tuple)) else ()
    if len(pair) != 2 or not all(isinstance(side, int) and 32 <= side <= 8192 for side in pair):
        raise InputError(
            f"{file}: its metadata's imgsz is {text[:60]!r}; right would be [height, width] in pixels, 32 to 8192"
        )
    return pair


def _stride(file: str, text: str | None) -> int:
    told = 32 if text is None else _literal(file, "stride", text)
    if not isinstance(told, int) or not 1 <= told <= 256:
        raise InputError(f"{file}: its metadata's stride is {text!r}; right would be whole pixels, such as 32")
    return told


def _three(file: str, key: str, text: str | None) -> tuple[float, float, float] | None:
    if text is None:
        return None
    told = _literal(file, key, text)
    if not isinstance(told, (list, tuple)) or len(told) != 3 or not all(isinstance(n, (int, float)) for n in told):
        raise InputError(f"{file}: its metadata's {key} is {text[:60]!r}; right would be three numbers")
    if not np.isfinite(told).all():
        raise InputError(f"{file}: its metadata's {key} is {text[:60]!r}; right would be three finite numbers")
    return float(told[0]), float(told[1]), float(told[2])
