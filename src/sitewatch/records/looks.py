"""Records of what was seen from above: sites, catalogues, passes, looks, alerts, and the bytes behind them."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import ClassVar, Literal

from pydantic import Field

from sitewatch.records.base import Probability, Range, Record, Sha256, Slug, Utc, Value, When

Position = tuple[float, float]
"""Longitude, latitude in degrees, WGS 84."""


class Result(StrEnum):
    """What a look says of one observable."""

    SEEN = "seen"
    NOT_SEEN = "not_seen"
    OBSCURED = "obscured"
    NOT_ASSESSABLE = "not_assessable"


class State(StrEnum):
    """How far an alert has come."""

    POSSIBLE = "possible"
    PROBABLE = "probable"
    CONFIRMED = "confirmed"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"


Sensor = Literal["optical", "landsat", "radar", "thermal", "thermal_night", "analyst"]
"""Whose passes make one series: Sentinel-2 and Landsat in the colours of sunlight, radar, surface temperature by day,
brightness temperature by night, or an analyst reading an image of her own."""
INDEPENDENT: dict[Sensor, str] = {
    "optical": "optical", "landsat": "optical", "radar": "radar", "thermal": "thermal", "thermal_night": "thermal",
    "analyst": "analyst",
}  # fmt: skip
"""Of each series, the kind of sensor: two of one kind do not err independently of each other."""

Spectrum = Literal["colour", "heat", "radar"]
"""In what bands are: sunlight sent back, own heat, radar sent back."""
SPECTRA: dict[Spectrum, tuple[str, ...]] = {"radar": ("vv", "vh"), "heat": ("lwir11",)}
"""The bands of each spectrum by their STAC common names; all others are colours."""


class Artifact(Record):
    """Bytes that were fetched or made, addressed by their hash; the bytes themselves lie in the blob store."""

    kind: ClassVar[str] = "artifact"
    timeless: ClassVar[bool] = True
    sha256: Sha256
    """Address of the bytes in the blob store."""
    size: int = Field(ge=0)
    """Length in bytes."""
    media_type: str
    origin: str
    """Where they came from: an address, a file name, or the engine that made them."""
    licence: str | None = None
    attribution: str | None = None
    """The line that must stand beside every use."""
    redistributable: bool = False


class Zone(Value):
    """A named part of a site."""

    id: Slug
    name: str
    fence: tuple[Position, ...]


class Site(Record):
    """A fenced place that is watched."""

    kind: ClassVar[str] = "site"
    timeless: ClassVar[bool] = True
    slug: Slug
    name: str
    aliases: tuple[str, ...] = ()
    nature: str | None = None
    """What the place is, in the analyst's words ("launch site"); a retelling that changes it has drifted."""
    fence: tuple[Position, ...] = ()
    """Closed ring of the fence, longitude and latitude; empty for a site that only analysts look at."""
    zones: tuple[Zone, ...] = ()
    watch_from: date | None = None
    """First watched day; the passes before it are the site's history."""
    timeliness_days: int | None = Field(default=None, ge=1, le=3650)
    """Days within which the site should be seen again; None without a goal."""


class Catalogue(Record):
    """Where passes are searched: a STAC API or a static STAC folder."""

    kind: ClassVar[str] = "catalogue"
    timeless: ClassVar[bool] = True
    slug: Slug
    url: str | None = None
    """Root of a STAC API; exactly one of url and folder is set."""
    folder: str | None = None
    """Path of a static STAC catalogue's folder."""
    collection: str
    bands: tuple[str, ...]
    """STAC common names, in the order of the chip."""
    sites: tuple[Slug, ...]
    since: date
    until: date | None = None
    latency_hours: float = 24.0
    """From acquisition to the public, where an item does not tell when it was published."""
    licence: str | None = None
    attribution: str | None = None


class Grid(Value):
    """A fixed pixel grid."""

    crs: str
    """Authority code, such as EPSG:32635."""
    transform: tuple[float, float, float, float, float, float]
    """Affine coefficients a to f: pixel (column, row) to metres."""
    shape: tuple[int, int]
    """Pixels, (height, width)."""


class Original(Value):
    """The analyst's file that an image was taken from; the file itself is not kept."""

    file: str
    """Its name, without folders."""
    size: int = Field(ge=0)
    """Length in bytes."""
    sha256: Sha256
    """Of all its bytes: whoever has the file can show that it is the one."""


class Pass(Record):
    """One satellite pass over one site, on the site's grid; or an analyst's own image, on a grid of its own."""

    kind: ClassVar[str] = "pass"
    site: Slug
    sensor: Sensor
    platform: str
    provider: str
    acquired: Utc
    """When it was taken; the first moment at which it can have been where the catalogue knows only an interval."""
    acquired_until: Utc | None = None
    """Last moment at which it can have been taken, where the catalogue knows only an interval."""
    catalogue: Slug
    """`analyst` for an analyst's own image."""
    items: tuple[str, ...]
    """Ids of the catalogue's items that make up the pass; the name of the file for an analyst's own image."""
    chip: Sha256
    """Blob of the chip: a GeoTIFF on the site's grid, one band per name, and the quality layers after them; band
    descriptions carry the names, band tags the scale and offset to reflectance or kelvin. Whole numbers with nodata 0,
    or floating point (gamma0 as delivered, kelvin by night) with nodata NaN. Of an analyst's own image: the clip, with
    numbers of the type that the file has, and a mask of its own for pixels without data."""
    bands: tuple[str, ...]
    grid: Grid
    licence: str | None = None
    attribution: str | None = None
    original: Original | None = None
    """The file of an analyst's own image; None for a pass from a catalogue."""


class Fault(Record):
    """Something that could not be had: a pass that failed to load, a catalogue or a page that did not answer."""

    kind: ClassVar[str] = "fault"
    timeless: ClassVar[bool] = True
    room: Literal["look", "read"]
    subject: str
    """What failed: a pass, a catalogue, an address or a file."""
    reason: str
    transient: bool
    """True when the next run tries again."""
    site: Slug | None = None
    """The site whose feed was faulty: its passes came, but with a fault of the sensor's or the archive's making."""


CHANGE = "change"
"""The observable of the monitor's watch: what its passes are all asked for."""


class Look(Record):
    """One pass, or one analyst's image, asked about one observable."""

    kind: ClassVar[str] = "look"
    site: Slug
    observable: str
    """What was looked for, such as "change" (the monitor) or "superstructure_removed" (an analyst)."""
    result: Result
    when: When
    by: Literal["monitor", "analyst"]
    pass_id: Sha256 | None = None
    """The pass that was looked at; None for an analyst's image that the desk does not hold."""
    image: str | None = None
    """The image as an analyst's row names it: its file, or the beginning of its pass's id. Of a pair that the desk
    compared, the earlier image."""
    provider: str
    publisher: str
    resolution_m: float | None = Field(default=None, gt=0)
    p_detect: Probability | None = None
    """P(seen | it is there); None where it was not measured."""
    p_false: Probability | None = None
    """P(seen | it is not there); None where it was not measured."""
    reason: str | None = None
    """Why it was refused or obscured, or what the look measured."""
    note: str | None = None
    row: str | None = None
    """Where an analyst's look stands: file and line."""
    redistributable: bool = False

    @property
    def of_watch(self) -> bool:
        """Whether it belongs to the monitor's watch for change; other things that it looks for are not."""
        return self.by == "monitor" and self.observable == CHANGE


class AlertState(Value):
    """One step of an alert's history."""

    state: State
    at: Utc
    """Acquisition of the pass that brought the step."""
    reason: str


class Region(Value):
    """Where an alert lies."""

    pixels: int = Field(gt=0)
    """Connected pixels inside the fence."""
    area_m2: float = Field(gt=0)
    centre: Position
    outline: tuple[tuple[Position, ...], ...]
    """Closed rings, longitude and latitude."""


class Witness(Value):
    """What another kind of sensor, or an analyst, says of an alert."""

    sensor: Sensor
    says: Literal["agrees", "undecided", "disagrees", "could not see"]
    of: Sha256 | None = None
    """The other sensor's alert, or the analyst's look; None where the sensor has none there."""
    reason: str


class Alert(Record):
    """A lasting change inside a fence; each step of its history is a new record that supersedes the last."""

    kind: ClassVar[str] = "alert"
    site: Slug
    sensor: Sensor = "optical"
    """Whose passes raised it."""
    number: int = Field(ge=1)
    """Counts the alerts of one sensor at one site in order of their first flag."""
    history: tuple[AlertState, ...]
    onset: When
    """Last clear look without the change, first clear look with it."""
    first_flag: Utc
    region: Region
    statistic: float
    """Largest value of the statistic in the region at the pass of the last step."""
    limit: float
    """The value above which a pixel counts."""
    looks_used: tuple[Sha256, ...]
    """Passes that carried the last step."""
    looks_missed: tuple[Sha256, ...]
    """Passes since the onset's earliest edge that could not see the region."""
    before: Sha256 | None = None
    """The pass that shows the place last without the change."""
    after: Sha256 | None = None
    """The pass that shows it best with the change."""
    false_alarms: Range | None = None
    """Alarms per site-year measured at this site; None where it was not measured."""

    witnesses: tuple[Witness, ...] = ()
    """What independent sensors and analysts say of it, known by then."""

    @property
    def state(self) -> State:
        """Where the alert stands."""
        return self.history[-1].state
