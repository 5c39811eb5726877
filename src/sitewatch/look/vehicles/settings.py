"""What may be chosen when vehicles are looked for; docs/methods/vehicles.md says how the defaults were."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class VehicleSettings:
    """Settings of a search for vehicles."""

    least_score: float = 0.25
    """Probability that a detector must give a box for it to count; recall and false boxes belong to this limit."""
    same: float = 0.5
    """Intersection over union from which on two boxes are one vehicle."""
    longest_m: float = 25.0
    """Longest vehicle, metres: tiles overlap by at least this, so that each lies whole in one of them."""
    overlap: float = 0.25
    """Least overlap, share of a tile's side."""
    most_in_tile: int = 3000
    """Boxes of one tile that are kept, the best ones."""
    edge_px: float = 1.0
    """Standard deviation of where a box ends, pixels, at each end."""
    loose: float = 0.04
    """Standard deviation of a box's length from how tightly a detector draws, share of the length."""
    scale: float = 0.01
    """Standard deviation of the pixel size, share: terrain, oblique view, a rounded header."""
    medium_m: float = 6.0
    """Length from which on a vehicle is called medium, metres."""
    large_m: float = 10.0
    """Length from which on a vehicle is called large, metres."""
