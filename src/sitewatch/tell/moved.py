"""How an answer moved: the ratio of the leading pair day by day, what came each day, and a chart of steps."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sitewatch.records import (
    Alert,
    Cause,
    Curve,
    CurveDay,
    Item,
    Lineage,
    Look,
    Measured,
    Ratio,
    Record,
    Result,
    day_start,
)
from sitewatch.tell import strip
from sitewatch.tell.cite import Citations, Json
from sitewatch.tell.wording import day, factor, favours, iso, joined, legible, plural, short, spelled, spread, when

_SLIGHT = 1.02
"""A thing that moves the ratio by less is said to move nothing."""
_ALIKE = 1.005
"""Steps nearer than this are drawn as one."""
_NICE = (2.0, 5.0, 10.0, 20.0, 50.0)
_HEIGHT, _TOP = 120, 14
_CLOSE = 10**0.3
_ENDS = ("lo", "best", "hi")


def with_curves(judged: Iterable[Json], curves: Iterable[Curve], cites: Citations) -> list[Json]:
    """The questions of a brief, each with how its answer moved, or with None where no curve is given."""
    by_question = {curve.question: curve for curve in curves}
    return [
        {**j, "curve": told(by_question[j["slug"]], j, cites) if j["slug"] in by_question else None} for j in judged
    ]


def told(curve: Curve, judged: Json, cites: Citations) -> Json | None:
    """The curve of one question for the pair of its headline; None where no day brought evidence, or no pair is told.

    Args:
        curve: of the question.
        judged: the question's entry in the brief.
        cites: of the view that the curve ends with, or a later one.
    """
    head = judged["ratio"]
    if head is None or not curve.days:
        return None
    pair = head["first"], head["second"]
    names = {h["id"]: h["letter"] for h in judged["hypotheses"]}
    known: dict[str, Record] = {
        r.id: r for kind in (Item, Look, Alert, Measured, Lineage) for r in cites.view.every(kind)
    }
    days, before = [], 1.0
    for one in curve.days:
        days.append(_day(one, before, pair, names, cites, known))
        before = days[-1]["best"]
    steady = sum(not d["shown"] for d in days)
    return {
        "first": pair[0],
        "second": pair[1],
        "says": _says(days, pair, names),
        "days": days,
        "steady": steady,
        "steady_says": f"{plural(steady, 'further day')} moved nothing between the two.",
    }


def lines(judged: Json) -> list[str]:
    """The same as lines of text."""
    rivals = "; ".join(f"{h['letter']}: {h['text']}" for h in judged["hypotheses"])
    found = [f"{judged['question']} ({rivals})"]
    curve = judged["curve"]
    if curve is None:
        return [*found, "  no day brought evidence on it"]
    for one in (d for d in curve["days"] if d["shown"]):
        close = "; the evidence cannot tell" if one["cannot_tell"] else ""
        found.append(f"  {one['day']}  {one['in_words']} ({one['range']}{close})")
        found += [
            f"              {c['label'] + ' ' if c['label'] else ''}{c['says']}: {c['moves']}" for c in one["came"]
        ]
    if curve["steady"]:
        found.append(f"  {curve['steady_says']}")
    return found


def _day(
    one: CurveDay,
    before: float,
    pair: tuple[str, str],
    names: Mapping[str, str],
    cites: Citations,
    known: Mapping[str, Record],
) -> Json:
    lo, best, hi, cannot_tell = _turned(one.ratios, pair)
    ahead = pair if best >= 1 else pair[::-1]
    came = [_came(cause, pair, names, cites, known) for cause in one.causes]
    moved = best / before
    return {
        "day": iso(one.day),
        "says": day(one.day),
        "best": best,
        "lo": lo,
        "hi": hi,
        "cannot_tell": cannot_tell,
        "range": f"5–95 %: {spread(lo, hi) if best >= 1 else spread(1 / hi, 1 / lo)}",
        "moved": moved,
        "moves": _moves(moved, pair, names),
        "in_words": favours(max(best, 1 / best), *(names[h] for h in ahead)),
        "came": came,
        "shown": _is_move(moved) or any(_is_move(c["moved"]) or c["kind"] != "watch" for c in came),
    }


def _turned(ratios: Iterable[Ratio], pair: tuple[str, str]) -> tuple[float, float, float, bool]:
    """Low, best and high of the first of a pair over the second, and whether the two cannot be told apart."""
    for r in ratios:
        if (r.first, r.second) == pair:
            return r.lo, r.best, r.hi, r.cannot_tell
        if (r.second, r.first) == pair:
            return 1 / r.hi, 1 / r.best, 1 / r.lo, r.cannot_tell
    raise LookupError(f"no ratio of {pair[0]} and {pair[1]}")


def _is_move(moved: float) -> bool:
    return abs(math.log(moved)) >= math.log(_SLIGHT)


def _moves(moved: float, pair: tuple[str, str], names: Mapping[str, str]) -> str:
    """By how much a thing or a day moved the ratio, and whither."""
    if not _is_move(moved):
        return "moved nothing between the two"
    return f"{factor(max(moved, 1 / moved))} times towards {names[pair[0] if moved > 1 else pair[1]]}"


def _came(
    cause: Cause, pair: tuple[str, str], names: Mapping[str, str], cites: Citations, known: Mapping[str, Record]
) -> Json:
    moved = math.exp(cause.moved[pair[0]] - cause.moved[pair[1]])
    records = [known[id] for id in cause.ids if id in known]
    first = records[0] if records else None
    here = cause.ids[0] in cites.view
    ref: Json = {"label": None, "anchor": None}
    if isinstance(first, Item):
        ref = cites.item(first.id) if here else ref
        says = f"report of {when(first.published)}, {legible(cites.outlet(first.outlet))}"
    elif isinstance(first, Look) and cause.kind == "look":
        ref = cites.look(first.id) if here else ref
        result = "seen" if first.result is Result.SEEN else first.result.value.replace("_", " ")
        says = f"look of {when(first.when)}, {legible(first.publisher)}: {legible(spelled(first.observable))}, {result}"
    elif isinstance(first, Lineage):
        says = "what ties two earlier reports to each other"
    else:
        ref, says = _watch(records, cites)
    return {
        "kind": cause.kind,
        "ids": list(cause.ids),
        "label": ref["label"],
        "anchor": ref["anchor"],
        "says": says,
        "moved": moved,
        "moves": _moves(moved, pair, names),
        "still": not _is_move(moved),
    }


def _watch(records: Sequence[Record], cites: Citations) -> tuple[Json, str]:
    """What the monitor told on a day: steps of alerts first, else how many passes it judged."""
    ref: Json = {"label": None, "anchor": None}
    alerts = [r for r in records if isinstance(r, Alert)]
    if alerts:
        named = {(a.site, a.sensor, a.number): a.id for a in cites.view.of(Alert)}
        now = next((named[key] for a in alerts if (key := (a.site, a.sensor, a.number)) in named), None)
        ref = {"label": None, "anchor": f"alert-{short(now)}" if now else None}
        return ref, f"the monitor, {joined([f'{a.state.value} change {a.number}' for a in alerts])}"
    passes = sum(isinstance(r, Look) for r in records)
    told = [plural(passes, "pass", "passes")] if passes else []
    told += ["its power and false alarms measured anew"] if any(isinstance(r, Measured) for r in records) else []
    return ref, f"the monitor, {joined(told)}"


def _says(days: Sequence[Json], pair: tuple[str, str], names: Mapping[str, str]) -> str:
    """When it moved most."""
    most = max(days, key=lambda d: abs(math.log(d["moved"])))
    if not _is_move(most["moved"]):
        return f"{plural(len(days), 'day')} brought evidence; none moved it."
    along = [c for c in most["came"] if _is_move(c["moved"]) and (c["moved"] > 1) == (most["moved"] > 1)]
    came = along[0]["says"] if along else "what ties reports to each other"
    start = f"{plural(len(days), 'day')} brought evidence"
    return f"{start}. It moved most on {most['says']}, {most['moves']}; what pulled that way most: {came}."


def step_chart(curve: Json) -> Json:
    """Where the steps of a curve lie: across in per cent of the width, down in pixels; its height is in it too."""
    moments = [day_start(datetime.fromisoformat(d["day"]).date()) for d in curve["days"]]
    span = moments[-1] - moments[0]
    ends = moments[0] - max(span * 0.06, timedelta(days=1)), moments[-1] + max(span * 0.1, timedelta(days=1))
    low, high = _bounds(d["lo"] for d in curve["days"]), _bounds(1 / d["hi"] for d in curve["days"])
    bottom, top = -math.log10(low), math.log10(high)

    def down(value: float) -> float:
        return round(_TOP + _HEIGHT * (top - math.log10(value)) / (top - bottom), 1)

    steps: list[Json] = [{"x": 0.0, "best": 1.0, "lo": 1.0, "hi": 1.0}]
    for at, one in zip(moments, curve["days"], strict=True):
        if any(abs(math.log(one[end] / steps[-1][end])) >= math.log(_ALIKE) for end in _ENDS):
            steps.append({"x": strip.place(at, ends), **{end: one[end] for end in _ENDS}})
    rights, befores = [*(s["x"] for s in steps[1:]), 100.0], [steps[0], *steps]
    return {
        "height": _HEIGHT + 2 * _TOP + 14,
        "bottom": _TOP + _HEIGHT,
        "one": down(1.0),
        "close": [max(down(_CLOSE), _TOP), min(down(1 / _CLOSE), _TOP + _HEIGHT)],
        "ticks": strip.ticks(ends),
        "levels": [{"y": down(v), "text": f"{v:,.0f}" if v >= 1 else f"1/{1 / v:,.0f}"} for v in _levels(low, high)],
        "steps": [
            {"x": s["x"], "right": right, "from": down(before["best"]), **{end: down(s[end]) for end in _ENDS}}
            for s, right, before in zip(steps, rights, befores, strict=False)
        ],
    }


def _bounds(values: Iterable[float]) -> float:
    """How far the axis must reach below 1, as a factor: the next round number, at least 2."""
    reach = max(1 / v for v in values)
    return next((n for n in _NICE if reach <= n), 10.0 ** math.ceil(math.log10(reach)))


def _levels(low: float, high: float) -> list[float]:
    """Numbers on the axis: its two ends and 1."""
    return [1 / low, 1.0, high]
