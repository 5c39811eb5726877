"""The case: one TOML file in which the analyst says what to watch, what to read, and what is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sitewatch.late import late

if TYPE_CHECKING:
    from sitewatch.case.load import load_case
    from sitewatch.case.model import Case, CaseError, Hotspots, Link, Problem, Roads, VehicleKind
    from sitewatch.case.new import new_case

__all__ = ["Case", "CaseError", "Hotspots", "Link", "Problem", "Roads", "VehicleKind", "load_case", "new_case"]

__getattr__ = late(
    __name__,
    {
        "load": ("load_case",),
        "model": ("Case", "CaseError", "Hotspots", "Link", "Problem", "Roads", "VehicleKind"),
        "new": ("new_case",),
    },
)
