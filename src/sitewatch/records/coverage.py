"""What the passes over a site could see, what they could not, and when the next ones are due."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal

from pydantic import Field

from sitewatch.records.base import Probability, Slug, Utc, Value


class Gap(Value):
    """A time in which nobody could see the site."""

    first: Utc
    """The clear look before it, or the beginning of the window."""
    last: Utc
    """The clear look after it, or the end of the window."""
    opened: bool
    """True when it begins with a clear look, False when with the window."""
    closed: bool
    """True when a clear look ended it, False when the window did."""

    @property
    def days(self) -> float:
        """How long it is."""
        return (self.last - self.first) / timedelta(days=1)


class Missed(Value):
    """How surely an event of some days would have been missed for want of clear looks alone."""

    days: float = Field(gt=0)
    looks: int = Field(ge=1)
    """Clear looks that it takes: 1 to see the event at all, more for an alarm of the monitor."""
    probability: Probability


class Track(Value):
    """The passes of one satellite over one site that keep one rhythm."""

    platform: str
    orbit: str | None = None
    """Relative orbit, where the names of the items tell it."""
    passes: int = Field(ge=1)
    clear: int = Field(ge=0)
    """Those on which the site could be seen, of those that were watched."""
    first: Utc
    last: Utc
    period: int | None = None
    """The repeat cycle, days; None where none was seen."""
    dates: int = Field(default=0, ge=0)
    """On how many days of each cycle it passes."""
    kept: float = Field(default=0.0, ge=0, le=1)
    """Share of the due days on which a pass is listed."""
    strays: int = Field(default=0, ge=0)
    """Passes on days that the cycle does not name."""
    stopped: bool = False
    """True when it has been silent for longer than ever, and for longer than chance would have it."""
    note: str = ""
    """Why no next pass can be told; "" where it can."""


class NextPass(Value):
    """A pass that the repeat cycle promises."""

    platform: str
    at: Utc
    """When; midnight sharp where the hours of the passes are not known."""
    chance: Probability | None = None
    """Share of the earlier due days at that season that brought a clear look; None where they are too few."""


class Outlook(Value):
    """Which rhythms were seen among a site's passes, and what they promise."""

    tracks: tuple[Track, ...] = ()
    passes: tuple[NextPass, ...] = ()
    """In order of time."""


class Coverage(Value):
    """How a site was covered by the end of one day."""

    site: Slug
    on: date
    """The day for which all this holds."""
    since: date | None = None
    """First watched day; None when there is no pass."""
    clear: int = 0
    """Clear passes from then on."""
    gaps: tuple[Gap, ...] = ()
    """Longest first."""
    missed: tuple[Missed, ...] = ()
    outlook: Outlook = Outlook()
    last_clear: Utc | None = None
    """The last clear look; where only a window is known for it, the window's beginning."""
    last_by: Literal["monitor", "analyst"] | None = None
    goal_days: int | None = None
    """Days within which the site should be seen again; None when the case sets no goal."""

    @property
    def age_days(self) -> int | None:
        """Days from the last clear look to `on`; None when there is none."""
        return (self.on - self.last_clear.date()).days if self.last_clear else None

    @property
    def due(self) -> date | None:
        """Last day of the goal for the next clear look; None without a goal, or before the first clear look."""
        if self.last_clear is None or self.goal_days is None:
            return None
        return self.last_clear.date() + timedelta(days=self.goal_days)
