"""Settings of the search for moving vehicles, and of the rate."""

from __future__ import annotations

from dataclasses import dataclass

BAND_SECONDS = (0.0, 0.527, 1.005)
"""When Sentinel-2 sees a place in blue (B02), green (B03) and red (B04), seconds after blue: ESA's fixed figures for
MSI, which hold within 2 % over the swath and the orbit (Binet, Bergsma and Poulain, 2022)."""
COLOURS = ("blue", "green", "red")
"""Order of the planes of a pass."""


@dataclass(frozen=True)
class TrafficSettings:
    """Settings of the search for moving vehicles; docs/methods/traffic.md tells how each was chosen."""

    limit: float = 5.0
    """Score from which a triplet is told, in standard deviations of what unmoving things do on that road."""
    slowest_kmh: float = 40.0
    """Below it the colours lie closer than a third of a pixel, and nothing parts a vehicle from a bright spot."""
    fastest_kmh: float = 130.0
    step_kmh: float = 5.0
    """Between the speeds that are tried."""
    spot_px: float = 0.6
    """Standard deviation of a vehicle as one band sees it, pixels: its length and the sensor's point spread."""
    balance: float = 0.35
    """Least that the palest colour may have of the mean of the three, as contrast with the road."""
    static_share: float = 0.9
    """Most that a spot at rest, of any colour, may explain of what the triplet explains."""
    along_m: float = 120.0
    """How far along the road its background is taken, metres each way."""
    across_m: float = 7.5
    """The same across the road."""
    margin_m: float = 15.0
    """How far beyond the mask a colour of a vehicle on it may fall."""
    least_pixels: int = 60
    """Seen pixels of road below which its background is unknown and nothing is searched."""
    least_seen: float = 0.3
    """Share of the road that must be seen for a count."""
