"""What was seen from above: passes and what each could see, alerts with their history, and analysts' looks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime

from sitewatch.records import (
    Alert,
    Coverage,
    Fault,
    Look,
    Measured,
    Pass,
    Result,
    Site,
    State,
    View,
    When,
    day_start,
    measured_at,
)
from sitewatch.tell import coverage, heat, observed
from sitewatch.tell.cite import Citations, Json, analyst_looks
from sitewatch.tell.images import site_images
from sitewatch.tell.trials import feed, trials, wolf
from sitewatch.tell.wording import (
    SENSORS,
    counted,
    craft,
    day,
    factor,
    iso,
    joined,
    legible,
    moment,
    per_cent,
    plural,
    short,
    span_days,
    spelled,
    taken,
    when,
)

STATUS = {Result.SEEN: "clear", Result.NOT_SEEN: "clear", Result.OBSCURED: "obscured", Result.NOT_ASSESSABLE: "refused"}
"""What a look of the monitor makes of its pass."""

PENDING = "pending: it counts once two further clear looks agree"
"""What a possible alert waits for."""
_MENDED = "came on a later try"
"""How the reason of a fault begins that no longer stands."""
_STATE = {
    State.POSSIBLE: f"the statistic crossed its limit; {PENDING}",
    State.PROBABLE: "later clear looks of the same kind of sensor agree. Confirmed needs a second, independent sensor "
    "or an analyst",
    State.CONFIRMED: "an independent sensor or an analyst agrees",
    State.ENDED: "the place is back at its baseline",
    State.WITHDRAWN: "later clear looks stopped agreeing",
}


def sites(view: View, cites: Citations, covered: Iterable[Coverage] = ()) -> list[Json]:
    """One entry per site, in the order of the case, with how it was covered where that was computed."""
    known = {one.site: one for one in covered}
    return [_site(site, view, cites, known.get(site.slug)) for site in view.of(Site)]


def faults(view: View) -> list[Json]:
    """Everything that still cannot be had, from above or from the press."""
    return [
        {"room": f.room, "subject": legible(f.subject), "reason": legible(f.reason), "tried_again": f.transient}
        for f in view.of(Fault)
        if f.site is None and (f.transient or not f.reason.startswith(_MENDED))
    ]


def _site(site: Site, view: View, cites: Citations, covered: Coverage | None) -> Json:
    passes = _passes(site, view, cites)
    measured = measured_at(view, site.slug)
    alerts = [a for a in view.of(Alert) if a.site == site.slug]
    alerts.sort(key=lambda a: (a.state is State.WITHDRAWN, list(SENSORS).index(a.sensor), a.number, a.id))
    looks = sorted((k for k in analyst_looks(view) if k.site == site.slug), key=_looked)
    return {
        "slug": site.slug,
        "name": legible(site.name),
        "aliases": [legible(a) for a in site.aliases],
        "nature": legible(site.nature) if site.nature else None,
        "fenced": bool(site.fence),
        "watch_from": iso(site.watch_from),
        "watch_from_says": day(site.watch_from) if site.watch_from else None,
        "passes": passes,
        "coverage": coverage.told(covered, passes, site.watch_from),
        "trials": trials(measured) if site.fence and passes else [],
        "feed": feed(site, view),
        "alerts": [_alert(a, passes, measured, cites) for a in alerts],
        "looks": [_look(k, cites) for k in looks],
        "images": site_images(site, view, cites),
        "heat": heat.told(site.slug, view),
        "observations": observed.observations(site.slug, view, cites),
        "asked": observed.asked(site.slug, view, cites),
        "watches": [_look(k, cites) for k in view.of(Look) if _is_watch(k, site)],
    }


def _is_watch(look: Look, site: Site) -> bool:
    """A look of the monitor over a window, not at one pass."""
    return look.of_watch and look.pass_id is None and look.site == site.slug


def _looked(look: Look) -> tuple[datetime, str, str]:
    return look.when.earliest or look.when.latest or datetime.max.replace(tzinfo=UTC), look.observable, look.id


def _passes(site: Site, view: View, cites: Citations) -> list[Json]:
    judged: dict[str, list[Look]] = {}
    for look in view.of(Look):
        if look.of_watch and look.pass_id:
            judged.setdefault(look.pass_id, []).append(look)
    held = (p for p in view.of(Pass) if p.site == site.slug and p.sensor != "analyst")
    found = sorted(held, key=lambda p: (p.acquired, p.id))
    return [_pass(p, judged.get(p.id, ()), site.watch_from, cites) for p in found]


def _pass(passed: Pass, looks: Sequence[Look], since: date | None, cites: Citations) -> Json:
    statuses = [STATUS[k.result] for k in looks]
    status = next((s for s in ("clear", "obscured", "refused") if s in statuses), "not judged")
    if since and passed.acquired < day_start(since) and status in ("refused", "not judged"):
        status = "history"
    begun = since is None or passed.acquired >= day_start(since)
    reasons = [legible(k.reason) for k in looks if k.reason]
    return {
        **cites.passed(passed.id),
        "id": passed.id,
        "acquired": iso(passed.acquired),
        "acquired_until": iso(passed.acquired_until),
        "when": taken(passed),
        "sensor": passed.sensor,
        "platform": craft(passed.platform),
        "provider": legible(passed.provider),
        "items": [legible(i) for i in passed.items],
        "status": status,
        "watched": begun,
        "saw": any(k.result is Result.SEEN for k in looks),
        "reason": "; ".join(dict.fromkeys(reasons)),
        "chip": passed.chip,
    }


def _alert(alert: Alert, passes: Sequence[Json], every: Sequence[Measured], cites: Citations) -> Json:
    passes = [p for p in passes if p["sensor"] == alert.sensor]
    between, measured = _between(alert, passes), next((m for m in every if m.sensor == alert.sensor), None)
    rate, rank = (measured.false_alarms, measured.rank(alert)) if measured else (alert.false_alarms, None)
    return {
        "id": alert.id,
        "anchor": f"alert-{short(alert.id)}",
        "number": alert.number,
        "sensor": alert.sensor,
        "sensor_says": SENSORS[alert.sensor],
        "state": alert.state.value,
        "state_means": _STATE[alert.state],
        "history": [
            {"state": s.state.value, "at": iso(s.at), "when": moment(s.at), "reason": legible(s.reason)}
            for s in alert.history
        ],
        "onset": {
            "earliest": iso(alert.onset.earliest),
            "latest": iso(alert.onset.latest),
            "days": span_days(alert.onset),
            "says": _onset(alert.onset),
            "looks": _edges(alert.onset, passes),
            "afterwards": _afterwards(alert, passes),
        },
        "hidden_between": between,
        "hidden_says": _hidden(alert.onset, between),
        "first_flag": iso(alert.first_flag),
        "first_flag_says": day(alert.first_flag),
        "area_m2": alert.region.area_m2,
        "area_says": _area(alert.region.area_m2, alert.region.pixels),
        "pixels": alert.region.pixels,
        "centre": list(alert.region.centre),
        "centre_says": _position(*alert.region.centre),
        "statistic": alert.statistic,
        "limit": alert.limit,
        "surely": _surely(alert, measured),
        "witnesses": [
            {"sensor": w.sensor, "who": SENSORS[w.sensor], "says": w.says, "reason": legible(w.reason)}
            for w in alert.witnesses
        ],
        "false_alarms": rate.model_dump() if rate else None,
        "p_value": rank.p_value if rank else None,
        "p_of": rank.of if rank else None,
        "looks_used": [cites.passed(p) for p in alert.looks_used],
        "looks_missed": len(alert.looks_missed),
        "before": alert.before,
        "after": alert.after,
    }


def _onset(span: When) -> str:
    """The window of the onset, never a day that nobody saw."""
    with_it = f"{day(span.latest)} (first clear look with it)"
    if span.earliest is None:
        return f"at some time before {with_it}; no earlier clear look is on record"
    without = f"{day(span.earliest)} (last clear look without it)"
    if span.latest is None:
        return f"after {without}"
    return f"between {without} and {with_it}"


def _afterwards(alert: Alert, passes: Sequence[Json]) -> str | None:
    """Why the first look with the change can be older than its flag; None where it is not."""
    if alert.onset.latest is None or alert.onset.latest >= alert.first_flag:
        return None
    used = [p["acquired"] for p in passes if p["id"] in alert.looks_used]
    looks = sum(datetime.fromisoformat(at) <= alert.first_flag for at in used)
    agreed = f", once {counted(looks)} looks agreed" if looks > 1 else ""
    found = "The first look with it is found afterwards, from the place's own series"
    return f"{found}; the monitor flagged it on {day(alert.first_flag)}{agreed}."


def _edges(span: When, passes: Sequence[Json]) -> list[Json]:
    """The passes that bound the onset."""
    ends = [edge for edge in (span.earliest, span.latest) if edge]

    def bounds(passed: Json) -> bool:
        first, last = _taken_within(passed)
        return passed["status"] == "clear" and any(first <= edge <= last for edge in ends)

    return [_bare(p) for p in passes if bounds(p)]


def _taken_within(passed: Json) -> tuple[datetime, datetime]:
    """First and last moment at which a pass can have been taken."""
    first = datetime.fromisoformat(passed["acquired"])
    return first, datetime.fromisoformat(passed["acquired_until"] or passed["acquired"])


def _between(alert: Alert, passes: Sequence[Json]) -> list[Json]:
    """Every pass inside the onset's window that could not see the region, with its reason."""
    first, last = alert.onset.earliest, alert.onset.latest
    if last is None:
        return []
    hidden = []
    for p in passes:
        at, until = _taken_within(p)
        missed = p["id"] in alert.looks_missed
        if (first is None or at > first) and until < last and (p["status"] in ("obscured", "refused") or missed):
            told = p["reason"] or "the region itself could not be seen"
            hidden.append({**_bare(p), "when": p["when"], "status": p["status"], "reason": told})
    return hidden


def _bare(passed: Json) -> Json:
    return {key: passed[key] for key in ("label", "anchor", "title")}


def _hidden(span: When, between: Sequence[Json]) -> str:
    if not between:
        return "No pass in that window was obscured or refused: the window is as narrow as the passes allow."
    refused = sum(p["status"] == "refused" for p in between)
    kinds = [f"{n} {word}" for n, word in ((len(between) - refused, "obscured"), (refused, "refused")) if n]
    return f"{plural(len(between), 'pass', 'passes')} in that window could not see the region ({joined(kinds)})."


def _surely(alert: Alert, measured: Measured | None) -> str:
    """The trigger, and how often this site cries wolf."""
    agree = plural(len(alert.looks_used), "clear look")
    strength = f"the statistic reached {factor(alert.statistic)} where the limit is {factor(alert.limit)}"
    return f"{strength}; {agree} carried the last step; {wolf(alert, measured)}"


def _area(square_metres: float, pixels: int) -> str:
    size = f"{square_metres / 1e4:.1f} ha" if square_metres >= 1e4 else f"{square_metres:,.0f} m²"
    return f"{size} ({plural(pixels, 'connected pixel')})"


def _position(longitude: float, latitude: float) -> str:
    north, east = "N" if latitude >= 0 else "S", "E" if longitude >= 0 else "W"
    return f"{abs(latitude):.4f}° {north}, {abs(longitude):.4f}° {east}"


def _look(look: Look, cites: Citations) -> Json:
    return {
        **cites.look(look.id),
        "id": look.id,
        "observable": look.observable,
        "text": spelled(look.observable),
        "result": look.result.value,
        "says": spelled(look.result.value),
        "when": when(look.when),
        "earliest": iso(look.when.earliest),
        "latest": iso(look.when.latest),
        "provider": legible(look.provider),
        "publisher": legible(look.publisher),
        "published": iso(look.available_at),
        "published_says": day(look.available_at) if look.available_at else "undated",
        "resolution_m": look.resolution_m,
        "images": [cites.passed(look.pass_id)] if look.pass_id and look.pass_id in cites.view else [],
        "power": per_cent(look.p_detect),
        "false": per_cent(look.p_false),
        "reason": legible(look.reason or ""),
        "note": legible(look.note or ""),
        "row": legible(look.row or ""),
    }
