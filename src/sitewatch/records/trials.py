"""What the monitor's own trials at a site measured: placebo fences around it, changes planted into its past passes."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from pydantic import Field

from sitewatch.records.base import Probability, Range, Record, Slug, Utc, Value
from sitewatch.records.looks import Alert, Sensor
from sitewatch.records.view import View


class Trial(Value):
    """One kind of planted change, and how often the monitor flagged it in time."""

    size_px: int = Field(gt=0)
    """Side of the planted square, pixels."""
    size_m: float = Field(gt=0)
    """The same in metres."""
    material: str
    """What was planted: bare, bright_roof, dark_roof, vegetation_lost, vehicles, or a change in words."""
    within_days: int = Field(gt=0)
    """How long after it was planted a flag still counted."""
    probability: Probability
    """P(flagged in time), with its 90 % interval."""
    plants: int = Field(gt=0)
    """How many were planted."""


class Rank(Value):
    """How far an alert stands out among the placebos; it ranks alerts and gates none."""

    number: int = Field(ge=1)
    """Of the alert; with `first_flag` it names the alert whatever step it has come to."""
    first_flag: Utc
    p_value: float = Field(gt=0, le=1)
    """(1 + placebo blocks that reached as much) / (1 + all of them)."""
    of: int = Field(ge=0)
    """Placebo blocks, independent in place and time."""


class Measured(Record):
    """What the monitor's own trials at a site say of its watch there; a newer one supersedes the older."""

    kind: ClassVar[str] = "measured"
    site: Slug
    sensor: Sensor = "optical"
    """Whose passes were watched."""
    start: date
    """First watched day."""
    until: date
    """Day of the newest pass that was used."""
    false_alarms: Range | None
    """False alarms per site-year, from `possible` on, with the 90 % interval; None where it cannot be measured."""
    false_probable: Range | None
    """Of those, the ones that became probable: what a finding of the watch can rest on. None where not measured."""
    alarms: int = Field(ge=0)
    """All alarms that the placebo fences raised, whatever became of them."""
    false: float = Field(ge=0)
    """How many of them count as false and make the rate: the ground did not stay changed. Those too young to tell
    count in part."""
    placebos: int = Field(ge=0)
    """Placebo fences laid around the site."""
    placebo_years: float = Field(ge=0)
    """Years watched by all of them together."""
    scale: float = Field(ge=0)
    """Side of a placebo fence as a share of the site's own, 1 for the very shape; the rate is for the site's area."""
    note: str = ""
    """Why the rate could not be measured, or what to bear in mind with it; empty when there is nothing to say."""
    power: tuple[Trial, ...] = ()
    """Planted changes, in the order in which they are told."""
    unplanted: str = ""
    """Why the others could not be planted; empty when all were."""
    ranks: tuple[Rank, ...] = ()
    """Of the alerts that stood at the newest pass. They are kept here and not with the alerts: an alert can be known
    before the passes that its rank rests on."""

    def rank(self, alert: Alert) -> Rank | None:
        """The rank of an alert; None where it has none, or is another sensor's."""
        if alert.sensor != self.sensor:
            return None
        named = (alert.number, alert.first_flag)
        return next((rank for rank in self.ranks if (rank.number, rank.first_flag) == named), None)


_FIRST: tuple[Sensor, ...] = ("optical", "landsat", "radar", "thermal", "thermal_night")
"""Which sensor's watch is told first where a site has several."""


def measured_at(view: View, site: str) -> list[Measured]:
    """The latest measurement of each sensor's watch of a site that a view holds, of a known day."""
    latest: dict[Sensor, Measured] = {}
    for one in view.of(Measured):
        old = latest.get(one.sensor)
        if one.site == site and one.available_at and (old is None or (old.until, old.id) < (one.until, one.id)):
            latest[one.sensor] = one
    return [latest[sensor] for sensor in _FIRST if sensor in latest]
