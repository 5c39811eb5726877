"""How often the monitor would cry wolf at a site, and what it would notice there, as trials at the site measured it."""

from __future__ import annotations

from collections.abc import Sequence

from sitewatch.records import Alert, Fault, Measured, Range, Site, Trial, View
from sitewatch.tell.cite import Json
from sitewatch.tell.wording import SENSORS, clause, day, joined, legible, plural, sentence

_PLANTED = {
    "bare": "{} of ground laid bare",
    "bright_roof": "a new {} bright roof",
    "dark_roof": "a new {} dark roof",
    "vegetation_lost": "{} of vegetation lost",
    "vehicles": "vehicles on {}",
}
_ASSUMED = "a question uses the assumption of the case"
_UNMEASURED = (
    f"How often the monitor would cry wolf at this site, and what it would notice, was not measured; {_ASSUMED}."
)


def trials(measured: Sequence[Measured]) -> list[Json]:
    """Each sensor's measurement in a sentence, what is behind it, and a row for each kind of planted change."""
    unknown: Json = {"says": _UNMEASURED, "behind": None, "false_alarms": None, "false_probable": None, "power": []}
    return [_told(one) for one in measured] or [unknown]


def _told(measured: Measured) -> Json:
    return {
        "sensor": measured.sensor,
        "sensor_says": SENSORS[measured.sensor],
        "says": _says(measured),
        "behind": _behind(measured),
        "false_alarms": measured.false_alarms.model_dump() if measured.false_alarms else None,
        "false_probable": measured.false_probable.model_dump() if measured.false_probable else None,
        "alarms": measured.alarms,
        "false": measured.false,
        "placebos": measured.placebos,
        "placebo_years": measured.placebo_years,
        "scale": measured.scale,
        "note": legible(measured.note),
        "unplanted": legible(measured.unplanted),
        "start": measured.start.isoformat(),
        "until": measured.until.isoformat(),
        "power": [_row(trial) for trial in measured.power],
        "table": _table(measured.power),
        "id": measured.id,
    }


def _says(measured: Measured) -> str:
    """ "At this site the monitor raises 0.1 [0.0, 0.4] false alarms a year and would have noticed …"."""
    rate = measured.false_alarms
    noticed = _noticed(measured.power) if measured.power else None
    if rate is None:
        why = f": {clause(measured.note)}" if measured.note else ""
        could_not = f"The false-alarm rate of this site is not measurable here{why}; {_ASSUMED}."
        return f"{could_not} The monitor {noticed}." if noticed else could_not
    raises = f"At this site the monitor raises {_rate(rate)} false alarms a year"
    if noticed:
        return f"{raises} and {noticed}."
    why = f" ({clause(measured.unplanted)})" if measured.unplanted else ""
    return f"{raises}; what it would notice could not be measured{why}, and {_ASSUMED}."


def _noticed(power: Sequence[Trial]) -> str:
    """The first kind, within each time that it was given."""
    first, *others = [t for t in power if (t.size_px, t.material) == (power[0].size_px, power[0].material)]
    told = f"would have noticed {_planted(first)} within {_days(first)} with probability {_share(first.probability)}"
    return joined([told, *(f"within {_days(t)} with {_share(t.probability)}" for t in others)])


def _behind(measured: Measured) -> str:
    """What was tried, over which days, and what to bear in mind."""
    told = []
    if measured.false_alarms:
        laid = f"{plural(measured.placebos, 'placebo fence')} laid around the site"
        counted = f", {_number(measured.false)} of which count as false" if measured.alarms else ""
        note = f" ({clause(measured.note)})" if measured.note else ""
        years = f"{measured.placebo_years:,.0f} fence-years"
        told.append(f"{laid} raised {plural(measured.alarms, 'alarm')} in {years}{counted}{note}")
    if measured.false_probable:
        told.append(f"a question counts the false alarms that became probable: {_rate(measured.false_probable)} a year")
    if measured.power:
        told.append(f"{sum(t.plants for t in measured.power):,} changes were planted into the site's own past passes")
    if measured.power and measured.unplanted:
        told.append(f"some could not be: {clause(measured.unplanted)}")
    told.append(f"the passes run up to {day(measured.until)}, watched from {day(measured.start)}")
    return " ".join(f"{sentence(part)}." for part in [*told, "in brackets: 90 % intervals"])


def _row(trial: Trial) -> Json:
    return {
        "what": sentence(_planted(trial)),
        "says": _share(trial.probability),
        "size_px": trial.size_px,
        "size_m": trial.size_m,
        "material": trial.material,
        "within_days": trial.within_days,
        "probability": trial.probability.model_dump(),
        "plants": trial.plants,
    }


def _planted(trial: Trial) -> str:
    """ "a new 30 × 30 m bright roof"."""
    size = f"{trial.size_m:g} × {trial.size_m:g} m"
    return _PLANTED.get(trial.material, f"{{}} of {legible(trial.material)}").format(size)


def _days(trial: Trial) -> str:
    return plural(trial.within_days, "day")


def _table(power: Sequence[Trial]) -> Json:
    """A row for each kind of change, a column for each time that it was given; None where that was not tried."""
    kinds = dict.fromkeys((t.size_px, t.material) for t in power)
    times = sorted({t.within_days for t in power})
    tried = {(t.size_px, t.material, t.within_days): t for t in power}
    rows = []
    for kind in kinds:
        cells = [tried.get((*kind, days)) for days in times]
        what = next(sentence(_planted(t)) for t in cells if t)
        rows.append({"what": what, "cells": [t and {"says": _share(t.probability), "plants": t.plants} for t in cells]})
    return {"times": [plural(days, "day") for days in times], "rows": rows}


def _number(count: float) -> str:
    """ "9", or "8.7" where some count in part."""
    return f"{count:.1f}".removesuffix(".0")


def _rate(rate: Range) -> str:
    """ "0.1 [0.0, 0.4]"; more decimals where these would show a small rate as none."""
    ends = (rate.best, rate.lo, rate.hi)
    digits = 3 if 0 < (rate.best or rate.hi) < 0.02 else 2 if any(0 < end < 0.095 for end in ends) else 1
    best, lo, hi = (f"{end:.{digits}f}" for end in ends)
    return f"{best} [{lo}, {hi}]"


def _share(share: Range) -> str:
    """ "0.82 [0.71, 0.90]"."""
    return f"{share.best:.2f} [{share.lo:.2f}, {share.hi:.2f}]"


def wolf(alert: Alert, measured: Measured | None) -> str:
    """How often this site cries wolf, and how far the alert stands out among the placebos."""
    if measured and measured.false_alarms:
        those = f", of which {_rate(measured.false_probable)} become probable" if measured.false_probable else ""
        told = f"false alarms at this site: {_rate(measured.false_alarms)} a year{those}"
    elif rate := alert.false_alarms:
        told = f"false alarms at this site: {_rate(rate)} a year ({rate.origin})"
    elif measured:
        why = f" ({clause(measured.note)})" if measured.note else ""
        told = f"false-alarm rate not measurable here{why}"
    else:
        told = "the false-alarm rate of this site was not measured"
    rank = measured.rank(alert) if measured else None
    if rank is None:
        return told
    return f"{told}; it ranks among placebo blocks with p = {rank.p_value:.2g} (n = {rank.of:,}), for sorting only"


def feed(site: Site, view: View) -> list[str]:
    """Faults of the site's feed that were known by the view's day: they are never alerts."""
    held = [f for f in view.of(Fault) if f.site == site.slug]
    known = [f for f in held if view.until is None or (f.available_at and f.available_at <= view.until)]
    return [legible(f.reason) for f in _by_day(known)]


def _by_day(faults: Sequence[Fault]) -> list[Fault]:
    return sorted(faults, key=lambda f: (f.subject.rpartition(" ")[2], f.subject))
