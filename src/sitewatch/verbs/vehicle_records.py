"""The records of vehicles that were found in an image: the look, the count, and the pictures that show them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sitewatch.errors import InputError
from sitewatch.look.vehicles import VehicleSettings
from sitewatch.look.vehicles.details import Detail
from sitewatch.records import Artifact, Crop, Look, Observation, Pass, Probability, Range, Result, When
from sitewatch.tell.wording import legible, plural, taken
from sitewatch.verbs.trials_file import TrialsFile
from sitewatch.verbs.vehicle_words import described, large_ones, lengths_of, sentences
from sitewatch.weigh.counted import Counted, counted

if TYPE_CHECKING:
    from sitewatch.case import VehicleKind
    from sitewatch.look.vehicles import Vehicles

VEHICLES = "vehicles"
"""What is looked for, what is observed, and its unit."""
SETTINGS = VehicleSettings()
"""Of the search."""
_WHOLE = 0.95
"""Share of the fence that an image must show for it to say that no vehicle was there."""
_UNTRIED = (
    "Nobody knows how many vehicles the detector missed, nor how many boxes it drew where none is: no trials on images "
    "whose vehicles are known were given"
)
_TRIED = (
    "Recall and false boxes are those of the trials: of this detector, on images like this one, each taken to show as "
    "much ground as the fence encloses"
)


def worth(found: Vehicles, tried: TrialsFile | None) -> Counted | None:
    """What the count tells, where the detector was tried.

    Raises:
        InputError: the trials know its recall too badly.
    """
    if tried is None:
        return None
    try:
        return counted(len(found.vehicles), tried.trials)
    except InputError as error:
        raise InputError(f"{tried.name}: {error}") from error


def _result(found: Vehicles, count: Counted | None) -> tuple[Result, str]:
    boxes = len(found.vehicles)
    said = f"{plural(boxes, 'box', 'boxes')} inside the fence" if boxes else "no box inside the fence"
    if found.reason:
        return Result.NOT_ASSESSABLE, f"{said}: {found.reason}"
    if not boxes and found.seen < _WHOLE:
        return Result.NOT_ASSESSABLE, f"{said}, of which the image shows {100 * found.seen:.0f} %"
    if boxes and count and boxes < count.least:
        return Result.NOT_ASSESSABLE, f"{said}: by its trials the detector draws as many where no vehicle is"
    return (Result.SEEN if boxes else Result.NOT_SEEN), said


def look_of(passed: Pass, found: Vehicles, count: Counted | None, by: str) -> Look:
    """Whether vehicles were there, as far as the boxes tell."""
    result, reason = _result(found, count)
    powered = count if result in (Result.SEEN, Result.NOT_SEEN) else None
    return Look(
        available_at=passed.available_at,
        site=passed.site,
        observable=VEHICLES,
        result=result,
        when=When(earliest=passed.acquired, latest=passed.acquired_until or passed.acquired),
        by="analyst",
        pass_id=passed.id,
        image=passed.id[:12],
        provider=passed.provider,
        publisher=by,
        resolution_m=float(f"{found.pixel or passed.grid.transform[0]:.3g}"),
        p_detect=_shown(powered.p_detect, found.seen) if powered else None,
        p_false=powered.p_false if powered else None,
        reason=reason,
        note=f"boxes of the detector {found.detector.file}, SHA-256 {found.detector.sha256[:12]}{_power_of(powered)}",
    )


def _shown(power: Probability, seen: float) -> Probability:
    """Power over a fence of which the image shows a part: a vehicle on the rest is missed."""
    if seen >= _WHOLE:
        return power
    origin = f"{power.origin}; times the {100 * seen:.0f} % of the fence that the image shows"
    return Probability(lo=power.lo * seen, best=power.best * seen, hi=power.hi * seen, origin=origin)


def _power_of(count: Counted | None) -> str:
    return f"; the power is that for {plural(count.there, 'vehicle')} there" if count else ""


def observation_of(
    look: Look, found: Vehicles, count: Counted | None, crops: tuple[Crop, ...], kinds: Sequence[VehicleKind]
) -> Observation:
    """What was counted: boxes, or the true number where the detector was tried."""
    count = None if found.reason else count
    counts = Range.exactly(len(found.vehicles), "boxes; how many were missed, or hold no vehicle, is not known")
    says = sentences(found.vehicles, kinds, SETTINGS)
    asked = lengths_of(kinds) if kinds and large_ones(found.vehicles, SETTINGS) else None
    outlines = "In the pictures yellow is the box that is told of, white are others" if crops else None
    notes = [_TRIED if count else _UNTRIED, *found.notes, found.reason, asked, outlines]
    return Observation(
        available_at=look.available_at,
        site=look.site,
        what=VEHICLES,
        when=look.when,
        value=count.number if count else counts,
        unit=_unit(found, count),
        looks=(look.id,),
        method=described(found, SETTINGS.least_score),
        says=says,
        crops=crops,
        note=". ".join(line[:1].upper() + line[1:] for line in notes if line) + ".",
    )


def _unit(found: Vehicles, count: Counted | None) -> str:
    """Vehicles where the detector was tried, else boxes; of a fence that is not shown whole, on what part of it."""
    what = VEHICLES if count else "boxes"
    return what if found.seen >= _WHOLE else f"{what} on the {100 * found.seen:.0f} % of the fence that the image shows"


def crops_of(shown: Sequence[Detail], pictures: Sequence[bytes], side: float, passed: Pass) -> tuple[Crop, ...]:
    """The details with what stands under them, numbered from 1."""
    pairs = enumerate(zip(shown, pictures, strict=True), start=1)
    return tuple(_crop(number, one, data, side, passed) for number, (one, data) in pairs)


def _crop(number: int, detail: Detail, data: bytes, side: float, passed: Pass) -> Crop:
    one = detail.vehicle
    terms = "; ".join(legible(text) for text in (passed.attribution, passed.licence) if text)
    return Crop(
        picture=hashlib.sha256(data).hexdigest(),
        caption=f"{number}: {one.said}, score {one.score:.2f}; {legible(passed.provider)}, {taken(passed)}; {terms}",
        side_m=round(side, 2),
        at=detail.centre,
    )


def picture_of(data: bytes, passed: Pass) -> Artifact:
    """A crop as the ledger keeps it, with the terms of its image."""
    return Artifact(
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        media_type="image/png",
        origin=f"a detail of {', '.join(passed.items)}, with boxes of a detector",
        licence=passed.licence,
        attribution=passed.attribution,
    )


def table_of(tried: TrialsFile) -> Artifact:
    """The trials as the ledger keeps them."""
    digest = hashlib.sha256(tried.data).hexdigest()
    return Artifact(sha256=digest, size=len(tried.data), media_type="text/csv", origin=tried.name)
