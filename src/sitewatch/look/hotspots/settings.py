"""Settings of the counting monitor."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class HotspotSettings:
    """Settings of the counting monitor; docs/methods/hotspots.md tells how each was chosen."""

    limit: float = 0.98
    """Probability of a state from which it is told."""
    hazard: float = 0.001
    """Probability, each day, that a source stops or starts: the geometric prior, once in three years on average."""
    wander: float = 0.01
    """Share of what is known of the rate that is forgotten each day; a plant runs now more, now less."""
    history_weight: float = 0.3
    """What a day of the history counts for in the first guess of the rate."""
    quiet_rates: tuple[float, ...] = (0.005, 0.03)
    """Detections per clear half-day of a source that has stopped: strays and cooling slag; equally likely."""
    least_hits: int = 10
    """Half-days with a detection before the watch, below which no silence can be judged."""
    least_days: int = 60
    """Days of history below which nothing is judged."""
    far_km: float = 300.0
    """How far neighbouring sources are looked for."""
    margin_km: float = 1.5
    """How far from the fence a source must lie to be a neighbour."""
    source_hits: int = 10
    """Half-days with a detection that make a neighbouring source, in the history."""
    least_sources: int = 2
    """Neighbouring sources below which cloud cannot be told."""
    length_km: float = 120.0
    """Distance at which the correlation of clear sky has fallen to 1/e."""
    season_days: int = 20
    """Days of the trailing window that gives the season's clear share."""
    steadiest: float = 0.9
    """Share of clear half-days on which the steadiest sources are taken to be seen; detections alone cannot tell it."""
