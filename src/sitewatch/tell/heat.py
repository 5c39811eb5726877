"""The hotspots of a site in words: when its source of heat went quiet or came alive, and what nobody can say of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from sitewatch.records import Artifact, Heat, HeatChange, HeatDay, HeatRate, View, heat_at, heat_changes
from sitewatch.tell.cite import Json
from sitewatch.tell.wording import MONTHS, clause, day, iso, legible, plural, sentence, short

_CHANGE = {"went_quiet": "Went quiet", "came_alive": "Came alive"}
_RELATIVE = (
    "Clear is then in the measure of the steadiest sources around: of two shares of one site only the ratio is free of "
    "it"
)
_TOO_SMALL = (
    "The chance that it is only cloud is too small where cloud is told from neighbours, whose errors last for days"
)


def told(site: str, view: View) -> Json | None:
    """What the hotspots say of a site; None where the view holds nothing of them.

    Args:
        site: its slug.
        view: the records of the brief's day. It may hold a change and not yet the summary, which ends later.
    """
    heat, changes = heat_at(view, site), heat_changes(view, site)
    if heat is None and not changes:
        return None
    clouds = heat.clouds if heat else changes[-1].clouds
    return {
        "says": _says(heat, changes),
        "reason": sentence(clause(heat.reason)) if heat and heat.reason else None,
        "history_says": _history(heat),
        "clouds": legible(clouds),
        "clouds_says": _clouds(clouds),
        "published_says": _published(heat),
        "caveat": f"{_TOO_SMALL}." if changes and clouds != "given" else None,
        "changes": [_change(one) for one in changes],
        "start": iso(heat.start) if heat else None,
        "until": iso(heat.until) if heat else None,
        "limit": heat.limit if heat else None,
        "latency_hours": heat.latency_hours if heat else None,
        "history": heat.history.model_dump() if heat and heat.history else None,
        "days": [[iso(one.day), *one[1:]] for one in heat.days] if heat else [],
        "months": _months(heat.days) if heat else [],
        "files": _files(heat, view) if heat else [],
        "id": heat.id if heat else None,
    }


def lines(name: str, entry: Json) -> list[str]:
    """The hotspots of one site as lines of text: the same words as on the page."""
    said = [entry["says"], *(f"{one['says']}." for one in entry["changes"]), entry["reason"] and f"{entry['reason']}."]
    return [f"{name}: {line}" for line in said if line]


def attributions(view: View) -> list[str]:
    """The lines that must stand beside what is told from hotspots."""
    held = {sha for heat in view.of(Heat) for sha in heat.tables}
    return [one.attribution for one in view.of(Artifact) if one.sha256 in held and one.attribution]


def _says(heat: Heat | None, changes: Sequence[HeatChange]) -> str:
    """ "Hotspots from 1 Jul 2023 to 31 Dec 2023: 112 detections on 48 of 184 days; …"."""
    if heat is None:
        return "Hotspots: no summary was to be had by then, so that no days are drawn"
    span = f"Hotspots from {day(heat.start)} to {day(heat.until)}"
    if not heat.days:
        return f"{span}: nothing can be said of a change"
    count = sum(one.detections for one in heat.days)
    hot = sum(one.detections > 0 for one in heat.days)
    found = f"{plural(count, 'detection')} on {hot} of {plural(len(heat.days), 'day')}"
    none = "" if changes else "; no change is told"
    return f"{span}: {found}; probability that it was quiet by the last day {_probability(heat.days[-1].quiet)}{none}"


def _history(heat: Heat | None) -> str | None:
    if heat is None or heat.history is None:
        return None
    return f"Before the watch, {_share(heat.history)} of clear half-days had a hotspot."


def _clouds(clouds: str) -> str | None:
    if clouds == "unknown":
        return None
    if clouds == "given":
        return "The chance of clear sky is given by the analyst's own series; days that it lacks count as obscured."
    return f"No cloud series is given; the chance of clear sky is {legible(clouds)}. {_RELATIVE}."


def _published(heat: Heat | None) -> str | None:
    if heat is None:
        return None
    hours = "the end of that day" if not heat.latency_hours else f"{heat.latency_hours:g} hours after that day"
    return f"The files do not tell when a hotspot was published: each day counts as known from {hours} on."


def _change(one: HeatChange) -> Json:
    return {
        "id": one.id,
        "anchor": f"heat-{short(one.id)}",
        "change": one.change,
        "text": _CHANGE[one.change],
        "says": _change_says(one),
        "first_flagged": iso(one.first_flagged),
        "first_flagged_says": day(one.first_flagged),
        "onset_first": iso(one.onset_first),
        "onset_last": iso(one.onset_last),
        "only_cloud": one.only_cloud.model_dump(),
        "before": one.before.model_dump(),
        "after": one.after.model_dump(),
    }


def _change_says(one: HeatChange) -> str:
    began = (
        f"on {day(one.onset_first)}"
        if one.onset_first == one.onset_last
        else f"between {day(one.onset_first)} and {day(one.onset_last)}"
    )
    before, after = _share(one.before), _share(one.after)
    rates = f"{before} of clear half-days had a hotspot before, {after} after"
    chance = f"chance that it is only cloud {_probability(one.only_cloud.best)}"
    return f"{_CHANGE[one.change]} {began} (90 %), told on {day(one.first_flagged)}; {chance}; {rates}"


def _share(rate: HeatRate) -> str:
    """ "0.62 [0.55, 0.70]"; that there was none to count where that is so."""
    if rate.clear < 0.5 and not rate.hits:
        return "an unknown share"
    share = rate.share
    return f"{share.best:.2f} [{share.lo:.2f}, {share.hi:.2f}]"


def _probability(value: float) -> str:
    """Two decimals, never rounded to certainty."""
    return "below 0.01" if value < 0.005 else "above 0.99" if value > 0.995 else f"{value:.2f}"


def _months(days: Iterable[HeatDay]) -> list[Json]:
    """The watched days in months: the picture in figures."""
    rows = []
    for (year, month), group in groupby(days, key=lambda one: (one.day.year, one.day.month)):
        of = list(group)
        rows.append(
            {
                "month": f"{MONTHS[month - 1]} {year}",
                "days": len(of),
                "detections": sum(one.detections for one in of),
                "hot": sum(one.detections > 0 for one in of),
                "clear_half_days": f"{sum(one.clear for one in of):.1f}",
                "quiet": _probability(of[-1].quiet),
            }
        )
    return rows


def _files(heat: Heat, view: View) -> list[Json]:
    """The files behind it, with the terms that the case states last."""
    held = {one.sha256: one for one in view.of(Artifact)}
    return [
        {
            "sha256": sha,
            "name": legible(held[sha].origin),
            "licence": legible(held[sha].licence or ""),
            "attribution": legible(held[sha].attribution or ""),
        }
        for sha in (*heat.tables, *((heat.series,) if heat.series else ()))
        if sha in held
    ]
