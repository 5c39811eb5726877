"""What was counted and measured at a site: each observation with its bounds, and each look that was asked for it."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from sitewatch.errors import LedgerError
from sitewatch.records import Look, Observation, Pass, Range, Result, View
from sitewatch.tell.cite import Citations, Json
from sitewatch.tell.wording import clause, day, iso, joined, legible, per_cent, plural, sentence, short, spelled, when

CROPS = 24
"""Crops of one observation that are shown; a page with more would be too heavy to send."""
_FEW, _FEW_REM, _MANY_REM = 6, 17.5, 13.0
"""Width of the widest crop on the page, in letters' heights: up to so many crops, and where there are more."""
_PNG, _HEADER = b"\x89PNG\r\n\x1a\n", 24


def observations(site: str, view: View, cites: Citations) -> list[Json]:
    """The observations of a site, things in the order of the ledger, of each thing the latest first.

    Args:
        site: its slug.
        view: the records of the brief's day.
        cites: of the same view.
    """
    held = [one for one in view.of(Observation) if one.site == site]
    things = list(dict.fromkeys(one.what for one in held))
    held.sort(key=_time, reverse=True)
    held.sort(key=lambda one: things.index(one.what))
    newest = {one.what: one.id for one in reversed(held)}
    return [_observation(one, cites, latest=newest[one.what] == one.id) for one in held]


def asked(site: str, view: View, cites: Citations) -> list[Json]:
    """What the monitor was asked for at a site beside change: how each of its looks ended, by the thing looked for."""
    looks: dict[str, list[Look]] = {}
    for one in view.of(Look):
        if one.site == site and one.by == "monitor" and not one.of_watch:
            looks.setdefault(one.observable, []).append(one)
    told = {id for one in view.of(Observation) if one.site == site for id in one.looks}
    return [_asked(observable, sorted(of, key=_time), told, cites) for observable, of in sorted(looks.items())]


def lines(name: str, held: Iterable[Observation]) -> list[str]:
    """Observations of one site as lines of text: the id that `confirm` takes, and the same words as on the page."""
    return [f"{one.id[:12]} {name}: {_says(one)}." for one in held]


def gist(site: Json) -> list[Json]:
    """A line for the latest observation of each thing, and for each thing that no look could tell."""
    told = []
    for one in site["observations"]:
        if one["latest"]:
            more = sum(other["what"] == one["what"] for other in site["observations"]) - 1
            others = f"; {plural(more, 'earlier one')} below" if more else ""
            word = f"; {one['review']['verdict']} by {one['review']['by']}" if one["review"] else ""
            text = f"{one['when']}: {one['value_says']} ({one['bounds']}){word}{others}."
            label = f"{sentence(one['what'])}, {site['name']}"
            told.append({"key": f"observed {site['slug']}/{one['what']}", "anchor": one["anchor"], "text": text,
                         "label": label})  # fmt: skip
    for one in site["asked"]:
        if one["untold"]:
            told.append({"key": f"asked {site['slug']}/{one['observable']}", "anchor": one["anchor"],
                         "text": f"{one['says']}.", "label": f"{sentence(one['text'])}, {site['name']}"})  # fmt: skip
    return told


def drawn_crops(content: Sequence[Json], blob: Callable[[str], bytes]) -> dict[str, Json]:
    """The crops that are shown, by their hash, each as wide beside the others as its pixels: they share one scale.

    Args:
        content: the sites of a brief.
        blob: gives a picture's bytes by its hash.

    Raises:
        LedgerError: a crop is no PNG.
    """
    drawn: dict[str, Json] = {}
    for observation in (one for site in content for one in site["observations"]):
        pictures = {crop["picture"]: blob(crop["picture"]) for crop in observation["crops"][:CROPS]}
        widths = {sha: _width(png, sha) for sha, png in pictures.items()}
        for sha, png in pictures.items():
            src = "data:image/png;base64," + base64.b64encode(png).decode("ascii")
            wide = round((_FEW_REM if len(pictures) <= _FEW else _MANY_REM) * widths[sha] / max(widths.values()), 2)
            drawn[f"{observation['id']} {sha}"] = {"src": src, "rem": wide}
    return drawn


def _observation(one: Observation, cites: Citations, *, latest: bool) -> Json:
    looks = [cites.view.get(Look, id) for id in one.looks if id in cites.view]
    stale = len(one.looks) - len(looks)
    gone = f"{plural(stale, 'look')} that it rests on {'was' if stale == 1 else 'were'} recorded anew since"
    return {
        "id": one.id,
        "anchor": f"observed-{short(one.id)}",
        "what": legible(one.what),
        "says": _says(one),
        "latest": latest,
        "when": when(one.when),
        "earliest": iso(one.when.earliest),
        "until": iso(one.when.latest),
        "known": iso(one.available_at),
        "value": one.value.model_dump(),
        "value_says": _value(one),
        "bounds": legible(one.value.origin),
        "unit": legible(one.unit),
        "method": legible(one.method),
        "parts": [clause(part) for part in one.says],
        "note": f"{clause(one.note)}." if one.note else None,
        "stale": gone if stale else None,
        "confirmed_by": legible(one.confirmed_by) if one.confirmed_by else None,
        "review": _review(one),
        "looks": _once(ref for look in looks for ref in (*_earlier(look, cites), _ref(look, cites))),
        "crops": [
            {"picture": crop.picture, "caption": clause(crop.caption), "side_m": crop.side_m, "at": list(crop.at)}
            for crop in one.crops
        ],
        "scale_says": _scale(one),
        "more_crops": max(len(one.crops) - CROPS, 0),
    }


def _review(one: Observation) -> Json | None:
    """The last word of an analyst."""
    said = one.review
    if said is None:
        return None
    return {"by": legible(said.by), "verdict": said.verdict, "reason": clause(said.reason), "when": day(said.at)}


def _earlier(look: Look, cites: Citations) -> list[Json]:
    """The earlier image of a pair that the desk compared."""
    if look.by != "monitor" or not look.image:
        return []
    return [cites.passed(one.id) for one in cites.view.of(Pass) if one.id.startswith(look.image)]


def _says(one: Observation) -> str:
    """ "Vehicles seen moving on the road, 3 Feb 2020 to 1 Apr 2020: 2 [0, 5] vehicles a pass"."""
    return f"{sentence(legible(one.what))}, {when(one.when)}: {_value(one)}"


def _value(one: Observation) -> str:
    return f"{_bounds(one.value)} {legible(one.unit)}"


def _bounds(value: Range) -> str:
    if value.lo == value.best == value.hi:
        return _number(value.best)
    return f"{_number(value.best)} [{_number(value.lo)}, {_number(value.hi)}]"


def _number(value: float) -> str:
    """Whole numbers whole, others with three figures at most."""
    return f"{value:,.0f}" if value == round(value) or abs(value) >= 1000 else f"{value:.3g}"


def _scale(one: Observation) -> str | None:
    """What all crops show alike; that they differ where they do, so that nobody compares them by eye."""
    sides = sorted({crop.side_m for crop in one.crops})
    if not sides:
        return None
    if len(sides) == 1:
        return f"{_number(sides[0])} m along the longer side, one scale for all"
    return f"{_number(sides[0])} to {_number(sides[-1])} m along the longer side: not at one scale"


def _asked(observable: str, looks: Sequence[Look], told: set[str], cites: Citations) -> Json:
    counts = Counter(look.result for look in looks)
    ends = [f"{counts[result]} {spelled(result.value)}" for result in Result if counts[result]]
    powers = [look.p_detect for look in looks if look.p_detect]
    power = f"; power {per_cent(powers[-1])} in the latest for which it is known" if powers else "; power not measured"
    able = any(look.result in (Result.SEEN, Result.NOT_SEEN) for look in looks)
    says = f"{plural(len(looks), 'look')} for {spelled(observable)}: {joined(ends)}"
    reason = next((clause(look.reason) for look in reversed(looks) if look.reason), "")
    return {
        "observable": observable,
        "text": spelled(observable),
        "anchor": f"asked-{short(looks[0].id)}",
        "says": f"{says}{power}" if able else f"{says}. The last, {when(looks[-1].when)}: {reason or 'no reason'}",
        "untold": not any(look.id in told for look in looks),
        "looks": [
            {
                "refs": [_ref(look, cites)],
                "id": look.id,
                "anchor": f"look-{short(look.id)}",
                "when": when(look.when),
                "result": look.result.value,
                "says": spelled(look.result.value),
                "reason": legible(look.reason or ""),
                "power": per_cent(look.p_detect),
                "power_from": legible(look.p_detect.origin) if look.p_detect else None,
                "false": per_cent(look.p_false),
                "published_says": day(look.available_at) if look.available_at else "undated",
            }
            for look in looks
        ],
    }


def _ref(look: Look, cites: Citations) -> Json:
    """A reference to the pass or image of a look; to its row where the brief holds none."""
    if look.by == "analyst" or (look.pass_id and look.pass_id in cites.view):
        return cites.look(look.id)
    return {"label": "look", "anchor": f"look-{short(look.id)}", "title": f"{look.provider}, {when(look.when)}"}


def _time(record: Look | Observation) -> tuple[str, str, str]:
    return iso(record.when.latest) or "~", iso(record.when.earliest) or "~", record.id


def _once(refs: Iterable[Json]) -> list[Json]:
    """Each place once: several looks at one pass lead to the same."""
    return list({ref["anchor"]: ref for ref in refs}.values())


def _width(png: bytes, sha: str) -> int:
    """Pixels across, from the picture's header."""
    if png[:8] != _PNG or len(png) < _HEADER:
        raise LedgerError(f"the picture {sha} of an observation is no PNG; run `sitewatch verify` to see its bytes")
    return int.from_bytes(png[16:20], "big")
