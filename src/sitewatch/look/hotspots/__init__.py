"""Hotspots: detections of heat from orbit become a rate per clear overpass, and its changes become events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sitewatch.late import late

if TYPE_CHECKING:
    from sitewatch.look.hotspots.firms import Detection, parse, read, read_clouds
    from sitewatch.look.hotspots.rates import HotspotEvent, HotspotWatch, rate, watch_rate
    from sitewatch.look.hotspots.series import Circle
    from sitewatch.look.hotspots.settings import HotspotSettings

__all__ = [
    "Circle",
    "Detection",
    "HotspotEvent",
    "HotspotSettings",
    "HotspotWatch",
    "parse",
    "rate",
    "read",
    "read_clouds",
    "watch_rate",
]

__getattr__ = late(
    __name__,
    {
        "firms": ("Detection", "parse", "read", "read_clouds"),
        "rates": ("HotspotEvent", "HotspotWatch", "rate", "watch_rate"),
        "series": ("Circle",),
        "settings": ("HotspotSettings",),
    },
)
