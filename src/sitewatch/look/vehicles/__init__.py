"""Vehicles in an analyst's image: boxes of a detector that the analyst brings, one to a vehicle, with lengths."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sitewatch.late import late

if TYPE_CHECKING:
    from sitewatch.look.vehicles.boxes import Boxes, one_each
    from sitewatch.look.vehicles.detector import Detector
    from sitewatch.look.vehicles.find import Vehicle, Vehicles, find_vehicles
    from sitewatch.look.vehicles.settings import VehicleSettings
    from sitewatch.look.vehicles.trials import Trial, try_boxes

__all__ = [
    "Boxes",
    "Detector",
    "Trial",
    "Vehicle",
    "VehicleSettings",
    "Vehicles",
    "find_vehicles",
    "one_each",
    "try_boxes",
]

__getattr__ = late(
    __name__,
    {
        "boxes": ("Boxes", "one_each"),
        "detector": ("Detector",),
        "find": ("Vehicle", "Vehicles", "find_vehicles"),
        "settings": ("VehicleSettings",),
        "trials": ("Trial", "try_boxes"),
    },
)
