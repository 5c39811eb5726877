"""Structures: what is new and what is gone between two high-resolution images, part by part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sitewatch.late import late

if TYPE_CHECKING:
    from sitewatch.look.structures.align import Registration
    from sitewatch.look.structures.change import Changed, StructureChange
    from sitewatch.look.structures.learnt import ChangeModel, LearntChange, load_change_model, run_both_orders
    from sitewatch.look.structures.level import Level
    from sitewatch.look.structures.pairs import Comparison, compare_arrays, compare_files
    from sitewatch.look.structures.parts import (
        Part,
        PartKind,
        PartState,
        Progress,
        Reading,
        Stage,
        confirm,
        progress,
        propose,
        told,
    )  # fmt: skip
    from sitewatch.look.structures.planted import Power, demolish, power
    from sitewatch.look.structures.settings import StructureSettings

_HOMES: dict[str, tuple[str, ...]] = {
    "align": ("Registration",),
    "change": ("Changed", "StructureChange"),
    "learnt": ("ChangeModel", "LearntChange", "load_change_model", "run_both_orders"),
    "level": ("Level",),
    "pairs": ("Comparison", "compare_arrays", "compare_files"),
    "parts": (
        "Part", "PartKind", "PartState", "Progress", "Reading", "Stage", "confirm", "progress", "propose", "told",
    ),
    "planted": ("Power", "demolish", "power"),
    "settings": ("StructureSettings",),
}  # fmt: skip

__all__ = [
    "ChangeModel",
    "Changed",
    "Comparison",
    "LearntChange",
    "Level",
    "Part",
    "PartKind",
    "PartState",
    "Power",
    "Progress",
    "Reading",
    "Registration",
    "Stage",
    "StructureChange",
    "StructureSettings",
    "compare_arrays",
    "compare_files",
    "confirm",
    "demolish",
    "load_change_model",
    "power",
    "progress",
    "propose",
    "run_both_orders",
    "told",
]

__getattr__ = late(__name__, _HOMES)
