"""The brief in lines, one for each judgement, and what changed since the last brief."""

from __future__ import annotations

from collections.abc import Sequence

from sitewatch.records import Brief
from sitewatch.tell.cite import Json
from sitewatch.tell.wording import joined, plural, sentence

_SEPARATOR = ": "


def lines(content: Json) -> list[Json]:
    """The gist, a line for each question, commitment, alert, story count and watch, with where to read on."""
    told: list[Json] = []
    for judged in content["judgements"]:
        told.append(_line(f"question {judged['slug']}", judged["anchor"], _answer(judged)))
    for pledge in content["commitments"]:
        told.append(_line(f"commitment {pledge['slug']}", pledge["anchor"], _kept(pledge)))
    for site in content["sites"]:
        told += _site(site)
    reports = content["reports"]
    if reports["reports"]:
        told.append(_line("reports", "reports", f"{reports['says']} {_relations(content)}".strip()))
    return told


def _line(key: str, anchor: str, text: str) -> Json:
    return {"key": key, "anchor": anchor, "text": sentence(text)}


def _answer(judged: Json) -> str:
    ratio = judged["ratio"]
    if ratio is None:
        return "no ratio: fewer than two explanations are compared"
    if judged["silent"]:
        rivals = [f"“{h['text']}”" for h in judged["hypotheses"] if h["id"] in (ratio["first"], ratio["second"])]
        return f"no evidence bears yet on whether {joined(rivals, last='or')}"
    said = f"The evidence is {ratio['in_full']} ({ratio['ranges']})"
    return f"{said}; the evidence cannot tell the two apart" if ratio["cannot_tell"] else said


def _kept(pledge: Json) -> str:
    """The finding with its progress, and all that must be said beside it each time."""
    found = f"{pledge['obligor']}, “{pledge['clause']}”: {pledge['finding']}; progress {pledge['progress_says']}"
    return ". ".join(sentence(part.rstrip(".")) for part in (found, *pledge["caveats"])) + "."


def _site(site: Json) -> list[Json]:
    told = []
    standing = {a["number"] for a in site["alerts"] if a["state"] != "withdrawn"}
    for alert in site["alerts"]:
        if alert["state"] == "withdrawn" and alert["number"] in standing:
            continue  # computed anew under the same number
        key = f"alert {site['slug']}/{alert['number']}"
        text = f"{site['name']}: {alert['state']} change of {alert['area_says']}, onset {alert['onset']['says']}"
        told.append(_line(key, alert["anchor"], text))
    if site["passes"]:
        none = "" if standing else "; no alert stands"
        told.append(_line(f"watch {site['slug']}", f"site-{site['slug']}", site["coverage"]["says"] + none))
    return told


def _relations(content: Json) -> str:
    kinds = (("drifts", "drift"), ("conflicts", "conflict"), ("updates", "update"))
    counts = [plural(len(content[key]), word) for key, word in kinds if content[key]]
    return f"Found in them: {joined(counts)}." if counts else ""


def since(previous: Brief | None, now: Sequence[Json]) -> Json | None:
    """What the last brief said otherwise; None when there was none."""
    if previous is None:
        return None
    before = dict(line.split(_SEPARATOR, 1) for line in previous.evidence if _SEPARATOR in line)
    after = {line["key"]: line for line in now}
    return {
        "previous": previous.id,
        "previous_head": previous.head,
        "new": [line for key, line in after.items() if key not in before],
        "gone": [{"key": key, "text": text} for key, text in before.items() if key not in after],
        "other": [
            {**line, "before": before[key]}
            for key, line in after.items()
            if key in before and before[key] != line["text"]
        ],
        "same": sum(before.get(key) == line["text"] for key, line in after.items()),
    }


def as_evidence(told: Sequence[Json]) -> tuple[str, ...]:
    """The lines as a Brief record keeps them."""
    return tuple(f"{line['key']}{_SEPARATOR}{line['text']}" for line in told)
