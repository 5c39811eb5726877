"""Traffic: vehicles that moved while Sentinel-2 looked, counted on a road and compared with the road's own past."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sitewatch.late import late

if TYPE_CHECKING:
    from sitewatch.look.traffic.followed import RoadLook, RoadPower, RoadWatch, follow_road
    from sitewatch.look.traffic.mask import Road, everywhere, road_mask
    from sitewatch.look.traffic.planted import TrafficPower, Vehicle, plant, power
    from sitewatch.look.traffic.rate import PassCount, RelativeRate, relative_rate
    from sitewatch.look.traffic.roads import Way, parse_roads, read_roads
    from sitewatch.look.traffic.settings import TrafficSettings
    from sitewatch.look.traffic.triplets import RoadPass, Triplet, find_triplets

__all__ = [
    "PassCount",
    "RelativeRate",
    "Road",
    "RoadLook",
    "RoadPass",
    "RoadPower",
    "RoadWatch",
    "TrafficPower",
    "TrafficSettings",
    "Triplet",
    "Vehicle",
    "Way",
    "everywhere",
    "find_triplets",
    "follow_road",
    "parse_roads",
    "plant",
    "power",
    "read_roads",
    "relative_rate",
    "road_mask",
]

__getattr__ = late(
    __name__,
    {
        "followed": ("RoadLook", "RoadPower", "RoadWatch", "follow_road"),
        "mask": ("Road", "everywhere", "road_mask"),
        "planted": ("TrafficPower", "Vehicle", "plant", "power"),
        "rate": ("PassCount", "RelativeRate", "relative_rate"),
        "roads": ("Way", "parse_roads", "read_roads"),
        "settings": ("TrafficSettings",),
        "triplets": ("RoadPass", "Triplet", "find_triplets"),
    },
)
