"""The strip timeline: where each pass, look, report and alert lies along one axis of days.

The strip is drawn by the template as SVG whose positions are per cent of the width. It follows the reader's theme,
stays sharp in print and keeps its letters legible on a narrow screen, which a picture would not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from sitewatch.records import When
from sitewatch.tell.cite import Json
from sitewatch.tell.wording import MONTHS, joined, plural

_SEASON = (1, 4, 7, 10)
_EVERY_MONTH = tuple(range(1, 13))


def axis(moments: Iterable[datetime]) -> tuple[datetime, datetime] | None:
    """First and last moment, with a little room on either side; None when there are none."""
    known = sorted(moments)
    if not known:
        return None
    room = max((known[-1] - known[0]) * 0.015, timedelta(days=1))
    return known[0] - room, known[-1] + room


def place(at: datetime, ends: tuple[datetime, datetime]) -> float:
    """Position along the axis, per cent from the left, held within it."""
    share = (at - ends[0]) / (ends[1] - ends[0])
    return round(100 * min(1.0, max(0.0, share)), 3)


def mark(at: datetime, ends: tuple[datetime, datetime], *, title: str, anchor: str | None = None) -> Json:
    """One moment on the strip."""
    return {"x": place(at, ends), "title": title, "anchor": anchor}


def bar(span: When, ends: tuple[datetime, datetime], *, title: str, anchor: str | None = None) -> Json:
    """An interval on the strip; an open side runs to the strip's edge and is drawn open."""
    left = place(span.earliest, ends) if span.earliest else 0.0
    right = place(span.latest, ends) if span.latest else 100.0
    return {
        "x": left,
        "width": round(max(right - left, 0.0), 3),
        "open_left": span.earliest is None,
        "open_right": span.latest is None,
        "title": title,
        "anchor": anchor,
    }


def ticks(ends: tuple[datetime, datetime]) -> list[Json]:
    """Where years begin and, on a short strip, quarters or months; the minor ones give way on a narrow screen."""
    days = (ends[1] - ends[0]).days
    months: Sequence[int] = (1,) if days > 365 * 3 else _SEASON if days > 240 else _EVERY_MONTH
    marks: list[Json] = []
    for year in range(ends[0].year, ends[1].year + 1):
        for month in months:
            at = datetime(year, month, 1, tzinfo=UTC)
            if ends[0] <= at <= ends[1]:
                text = str(year) if month == 1 else MONTHS[month - 1]
                marks.append({"x": place(at, ends), "text": text, "major": month == 1})
    if not any(m["major"] for m in marks):
        marks = [{**m, "text": f"{m['text']} {ends[0].year}" if n == 0 else m["text"]} for n, m in enumerate(marks)]
    return [m for m in marks if m["x"] < 97]


def timeline(site: Json, told: Iterable[Json]) -> Json | None:
    """Lanes of one site's strip: passes by what they could see, analysts' looks, reports, alerts.

    Args:
        site: the site's entry in the brief.
        told: reports about the site, each with `earliest`, `title` and `anchor`.

    Undated looks are left out, since they count on no day. Returns None when nothing has a place on the axis.
    """
    passes, items = site["passes"], list(told)
    looks = [k for k in site["looks"] if k["published"]]
    watch = _moment(site["watch_from"])
    own = site.get("images", [])
    known = [p["acquired"] for p in (*passes, *own)] + [k[edge] for k in looks for edge in ("earliest", "latest")]
    known += [i["earliest"] for i in items] + [s["at"] for a in site["alerts"] for s in a["history"]]
    ends = axis([at for at in map(_moment, known) if at])
    if ends is None:
        return None
    lanes = [_alert_lane(a, ends) for a in site["alerts"] if a["state"] != "withdrawn"] + _pass_lanes(passes, ends)
    lanes += _image_lanes(own, ends) + _look_lanes(looks, ends) + _report_lanes(items, ends)
    return {
        "ticks": ticks(ends),
        "lanes": lanes,
        "watch": place(watch, ends) if watch and passes and ends[0] < watch < ends[1] else None,
    }


def _pass_lanes(passes: Sequence[Json], ends: tuple[datetime, datetime]) -> list[Json]:
    lanes = []
    watched = [p for p in passes if p["watched"]]
    groups = [(s, [p for p in watched if p["status"] == s]) for s in ("clear", "obscured", "refused", "not judged")]
    for status, of in [*groups, ("earlier", [p for p in passes if not p["watched"]])]:
        if not of:
            continue
        saw = sum(p["saw"] for p in of)
        marks = [
            {
                **mark(_known(p["acquired"]), ends, title=_told(p), anchor=p["anchor"]),
                "kind": "saw" if p["saw"] else p["status"].replace(" ", "-"),
            }
            for p in of
        ]
        name = f"{status} pass" if len(of) == 1 else f"{status} passes"
        besides = [_on_days([(p["acquired"], p["acquired"]) for p in of]), f"{saw} saw change" if saw else ""]
        lanes.append({"name": name, "count": len(of), "besides": ", ".join(filter(None, besides)), "marks": marks})
    return [{**lane, "bars": []} for lane in lanes]


def _image_lanes(images: Sequence[Json], ends: tuple[datetime, datetime]) -> list[Json]:
    """The analyst's own images."""
    marks = [
        {
            **mark(_known(i["acquired"]), ends, title=f"{i['when']}, {i['provider']}", anchor=i["anchor"]),
            "kind": "image",
        }
        for i in images
    ]
    besides = _on_days([(i["acquired"], i["acquired"]) for i in images])
    return (
        [{"name": "own images", "count": len(marks), "besides": besides, "marks": marks, "bars": []}] if marks else []
    )


def _told(passed: Json) -> str:
    return ", ".join(part for part in (passed["when"], passed["status"], passed["reason"]) if part)


def _look_lanes(looks: Sequence[Json], ends: tuple[datetime, datetime]) -> list[Json]:
    """Analysts' looks: those that saw something, and those that did not or could not."""
    lanes = []
    for name, results in (("seen by analysts", ("seen",)), ("not seen or obscured", None)):
        of = [k for k in looks if (k["result"] in results if results else k["result"] != "seen")]
        bars = [
            {**bar(_span(k), ends, title=_said(k), anchor=k["anchor"]), "kind": k["result"]}
            for k in of
            if k["earliest"] or k["latest"]
        ]
        if bars:
            besides = _on_days([(k["earliest"], k["latest"]) for k in of])
            lanes.append({"name": name, "count": len(of), "besides": besides, "marks": [], "bars": bars})
    return lanes


def _on_days(spans: Sequence[tuple[str | None, str | None]]) -> str:
    """How many marks can be seen, where that is fewer than there are: those of one day lie upon each other."""
    known = [tuple(edge and edge[:10] for edge in span) for span in spans if any(span)]
    places = set(known)
    if len(places) == len(spans):
        return ""
    days = sum(first == last for first, last in places)
    parts = [f"on {plural(days, 'day')}"] if days else []
    parts += [f"in {plural(len(places) - days, 'interval')}"] if len(places) > days else []
    missing = len(spans) - len(known)
    said = joined(parts) if len(places) < len(known) else ""
    none = f"{missing} on no known day" if missing else ""
    return ", ".join(filter(None, (f"{len(known)} {said}" if said and none else said, none)))


def _said(look: Json) -> str:
    return f"{look['when']}: {look['text']}, {look['says']}"


def _report_lanes(items: Sequence[Json], ends: tuple[datetime, datetime]) -> list[Json]:
    marks = [
        {**mark(at, ends, title=i["title"], anchor=i["anchor"]), "kind": "report"}
        for i in items
        if (at := _moment(i["earliest"]))
    ]
    besides = _on_days([(i["earliest"], i["earliest"]) for i in items])
    return [{"name": "reports", "count": len(items), "besides": besides, "marks": marks, "bars": []}] if marks else []


def _alert_lane(alert: Json, ends: tuple[datetime, datetime]) -> Json:
    """The window of the onset as a bar, and each step of the alert's history."""
    window = When(earliest=_moment(alert["onset"]["earliest"]), latest=_moment(alert["onset"]["latest"]))
    steps = [
        {
            **mark(_known(s["at"]), ends, title=f"{s['when']}: state {s['state']}", anchor=alert["anchor"]),
            "kind": f"state-{s['state']}",
            "text": s["state"],
        }
        for s in alert["history"]
    ]
    onset = {**bar(window, ends, title=f"onset {alert['onset']['says']}", anchor=alert["anchor"]), "kind": "onset"}
    return {
        "name": f"change {alert['number']}" + ("" if alert["sensor"] == "optical" else f" ({alert['sensor_says']})"),
        "count": None,
        "besides": f"state {alert['state']}",
        "marks": steps,
        "bars": [onset],
    }


def _span(entry: Json) -> When:
    return When(earliest=_moment(entry["earliest"]), latest=_moment(entry["latest"]))


def _known(at: str) -> datetime:
    return datetime.fromisoformat(at).replace(tzinfo=UTC)


def _moment(at: str | None) -> datetime | None:
    return _known(at) if at else None
