"""Vehicles in an analyst's image: her detector is run over the fence; a look, a count and pictures are recorded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sitewatch.errors import InputError
from sitewatch.look.vehicles import Detector, find_vehicles
from sitewatch.look.vehicles.details import details
from sitewatch.records import Look, Observation, Record, Site, View
from sitewatch.verbs.adding import fenced_site
from sitewatch.verbs.held import held_image
from sitewatch.verbs.keeping import settle, taken_back
from sitewatch.verbs.outcome import Outcome
from sitewatch.verbs.trials_file import read_trials
from sitewatch.verbs.vehicle_crops import drawn
from sitewatch.verbs.vehicle_records import (
    SETTINGS,
    VEHICLES,
    crops_of,
    look_of,
    observation_of,
    picture_of,
    table_of,
    worth,
)
from sitewatch.verbs.vehicle_words import to_show

if TYPE_CHECKING:
    from sitewatch.verbs.bench import Bench


def find_vehicles_in(
    bench: Bench,
    image: Path,
    *,
    site: str,
    detector: Path | None,
    bands: Sequence[int] = (),
    classes: Sequence[str] = (),
    trials: Path | None = None,
    by: str = "the analyst",
) -> Outcome:
    """Run an analyst's detector over what her image shows inside a site's fence, and record what it found.

    The same image, detector and trials add nothing; others take the place of those before, by the same person.

    Args:
        bench: the opened case.
        image: a GeoTIFF that was added before.
        site: id of a site with a fence.
        detector: an ONNX file; None is refused with how to bring one.
        bands: numbers, from 1, of red, green and blue or of one band; empty to take what the file says of itself.
        classes: of the detector that are vehicles; empty to go by their names.
        trials: a CSV with what the detector did on images whose vehicles are known; None where it was not tried.
        by: who ran it.

    Raises:
        InputError: an option, the image, the detector or the trials are wrong; the message says what would mend it.
    """
    outcome = Outcome("find-vehicles")
    if not by.strip():
        raise InputError("--by: found nothing; right would be who ran the detector, as the brief should name her")
    place = fenced_site(bench, site)
    tried = read_trials(trials) if trials else None
    model = Detector.open(detector)
    passed = held_image(bench, image, place)
    found = find_vehicles(
        image, model, progress=bench.progress, bands=bands, classes=classes, site=place, settings=SETTINGS
    )
    count = worth(found, tried)
    look = look_of(passed, found, count, by.strip())
    shown, side = details(image, found, to_show(found.vehicles, SETTINGS), bands=bands)
    pictures = [drawn(detail, number, side) for number, detail in enumerate(shown, 1)]
    for data in (*pictures, *([tried.data] if tried else [])):
        bench.ledger.put(data)
    crops = crops_of(shown, pictures, side, passed)
    artifacts = [*(picture_of(data, passed) for data in pictures), *([table_of(tried)] if tried else [])]

    def new(view: View) -> Iterable[Record]:
        kept = next((k for k in settle([look], view) if isinstance(k, Look)), None) or _standing(look, view)
        observation = observation_of(kept, found, count, crops, bench.case.vehicle_kinds)
        yield from artifacts
        yield kept
        yield observation
        reason = "counted again, with another detector, other trials or another image; see the count that stands"
        yield from taken_back((Observation,), [observation], view, reason, among=lambda one: _rests_on(one, look, view))

    kept = bench.keep(new, outcome)
    outcome.notes += _told(place, bench.ledger.view(), look) if kept else ["counted before, with the same result"]
    return outcome


# --- What stands already


def _standing(look: Look, view: View) -> Look:
    """The look as the view holds it, where nothing is new in it."""
    return next(one for one in view.of(Look) if _asked(one) == _asked(look))


def _rests_on(record: Record, look: Look, view: View) -> bool:
    """Whether a count rests on this look, or on one whose place it takes."""
    if not isinstance(record, Observation) or record.what != VEHICLES:
        return False
    return any(one.id in record.looks and _asked(one) == _asked(look) for one in view.every(Look))


def _asked(look: Look) -> tuple[str | None, ...]:
    """What a look is about, by whom, and in which image: one of these stands."""
    return look.by, look.site, look.observable, look.publisher, look.image


# --- Words for the terminal


def _told(site: Site, view: View, look: Look) -> list[str]:
    standing = _standing(look, view)
    (one,) = (seen for seen in view.of(Observation) if seen.what == VEHICLES and standing.id in seen.looks)
    said = f"{one.id[:12]} {site.name}: {standing.reason}"
    if one.value.lo != one.value.hi:
        said += f"; {one.value.lo:g} to {one.value.hi:g} vehicles, median {one.value.best:g} (90 %)"
    return [said, *one.says, *([one.note] if one.note else [])]
