"""Records of the hotspots at a site: the watched days, and when its source of heat went quiet or came alive."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal, NamedTuple

from pydantic import Field

from sitewatch.records.base import Probability, Record, Sha256, Slug, Value
from sitewatch.records.view import View


class HeatRate(Value):
    """How many of a site's clear half-days brought a hotspot, over some days.

    A half-day is all overpasses of one satellite in one night, or in one day.
    """

    share: Probability
    """Half-days with a hotspot per clear half-day: the median, with its 90 % interval."""
    hits: int = Field(ge=0)
    """Half-days with a hotspot."""
    clear: float = Field(ge=0)
    """Expected number of clear half-days."""


class HeatDay(NamedTuple):
    """One watched day, by local solar time, with what was known by its end."""

    day: date
    detections: int
    """Hotspots inside the fence."""
    clear: float
    """Expected number of clear half-days."""
    quiet: float
    """Probability that the source was quiet, from this day and those before it."""


class Heat(Record):
    """What the hotspots say of one site; the next, from files that hold more or other days, supersedes it."""

    kind: ClassVar[str] = "heat"
    site: Slug
    start: date
    """First watched day."""
    until: date
    """Last day that was counted."""
    tables: tuple[Sha256, ...]
    """The artifacts' bytes: the files as FIRMS exported them."""
    series: Sha256 | None = None
    """The bytes of the cloud series; None where cloud was told from the hotspots themselves."""
    latency_hours: float = Field(ge=0)
    """From the end of a day to when its hotspots are taken to have been public; the files do not tell."""
    clouds: str
    """Where the chance of clear sky comes from; "given" by the series, "unknown" where nothing can be said."""
    reason: str = ""
    """What cannot be said, and why; empty where all can."""
    limit: float = Field(gt=0, lt=1)
    """The probability of a state from which a change is told."""
    history: HeatRate | None = None
    """Of all days before the watch; None where nothing can be said."""
    days: tuple[HeatDay, ...] = ()
    """The watched days; none where nothing can be said."""


class HeatChange(Record):
    """A source of heat went quiet or came alive, as it stood on the day on which it could first be told."""

    kind: ClassVar[str] = "heat_change"
    site: Slug
    change: Literal["went_quiet", "came_alive"]
    first_flagged: date
    """The day, by local solar time, with whose end it could first be told."""
    onset_first: date
    """First of the days between which it began, with 90 %."""
    onset_last: date
    """Last of them."""
    only_cloud: Probability
    """That nothing changed: that the source ran all along, and its silence was cloud, or chance."""
    before: HeatRate
    """Up to the onset, since the change before it."""
    after: HeatRate
    """From the onset to the day on which it was told."""
    clouds: str
    """Where the chance of clear sky comes from."""


def heat_at(view: View, site: str) -> Heat | None:
    """The latest summary of a site's hotspots that a view holds; None where there is none."""
    held = [one for one in view.of(Heat) if one.site == site]
    return max(held, key=lambda one: (one.until, one.id), default=None)


def heat_changes(view: View, site: str) -> tuple[HeatChange, ...]:
    """The changes of a site's source of heat that a view holds, in order of the days on which they were told."""
    held = (one for one in view.of(HeatChange) if one.site == site)
    return tuple(sorted(held, key=lambda one: (one.first_flagged, one.change)))
