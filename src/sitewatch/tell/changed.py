"""The brief in lines, one for each judgement, and what changed since the last brief."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from sitewatch.records import (
    Alert,
    Balance,
    Brief,
    Claim,
    Declaration,
    Estimate,
    Heat,
    HeatChange,
    Item,
    Lineage,
    Look,
    Measured,
    Observation,
    Pass,
    Record,
    Relation,
    Tallied,
    View,
)
from sitewatch.tell import observed, reckoned
from sitewatch.tell.cite import Json
from sitewatch.tell.overhead import PENDING
from sitewatch.tell.wording import joined, plural, sentence

_SEPARATOR = ": "
_CASE, _EVIDENCE = "of case file", "of evidence"
"""Keys of the two lines that say from what a brief was told; no judgement has such a key."""
_WITNESSES: tuple[type[Record], ...] = (
    Alert, Balance, Claim, Declaration, Estimate, Heat, HeatChange, Item, Lineage, Look, Measured, Observation, Pass,
    Relation, Tallied,
)  # fmt: skip


def lines(content: Json) -> list[Json]:
    """The gist: a line for each question, commitment, alert, story count, watch and observation, with its place."""
    told: list[Json] = []
    for judged in content["judgements"]:
        label = f"Question: {judged['question']}"
        told.append(_line(f"question {judged['slug']}", judged["anchor"], _answer(judged), label))
    for pledge in content["commitments"]:
        told.append(_line(f"commitment {pledge['slug']}", pledge["anchor"], _kept(pledge), "Commitment"))
    told += [{**line, "text": sentence(line["text"])} for line in reckoned.lines(content["reckonings"])]
    for site in content["sites"]:
        told += _site(site)
    reports = content["reports"]
    if reports["reports"]:
        told.append(_line("reports", "reports", _reported(content), "Reports"))
    return told


def _line(key: str, anchor: str, text: str, label: str) -> Json:
    """A line: its key tells it from brief to brief, its label is what a reader sees."""
    return {"key": key, "label": label, "anchor": anchor, "text": sentence(text)}


def _answer(judged: Json) -> str:
    ratio = judged["ratio"]
    if ratio is None:
        return "no ratio: fewer than two explanations are compared"
    if judged["silent"]:
        rivals = [f"“{h['text']}”" for h in judged["hypotheses"] if h["id"] in (ratio["first"], ratio["second"])]
        return f"no evidence bears yet on whether {joined(rivals, last='or')}"
    said = f"The evidence is {ratio['named']} ({ratio['ranges']})"
    if ratio["cannot_tell"]:
        said += "; the evidence cannot tell the two apart"
    return " ".join([f"{said}.", *(r["says"] for r in judged["rivals"])]) if judged["rivals"] else said


def _kept(pledge: Json) -> str:
    """The finding with its progress, and all that must be said beside it each time."""
    found = f"{pledge['obligor']}, “{pledge['clause']}”: {pledge['finding']}; progress {pledge['progress_says']}"
    return ". ".join(sentence(part.rstrip(".")) for part in (found, *pledge["caveats"])) + "."


def _site(site: Json) -> list[Json]:
    told = []
    standing = {(a["sensor"], a["number"]) for a in site["alerts"] if a["state"] != "withdrawn"}
    for alert in site["alerts"]:
        if alert["state"] == "withdrawn" and (alert["sensor"], alert["number"]) in standing:
            continue  # computed anew under the same number
        key = f"alert {site['slug']}/" + ("" if alert["sensor"] == "optical" else f"{alert['sensor']} ")
        key += str(alert["number"])
        of = "" if alert["sensor"] == "optical" else f" ({alert['sensor_says']})"
        text = f"{site['name']}{of}: {alert['state']} change of {alert['area_says']}, onset {alert['onset']['says']}"
        text += f"; {PENDING}" if alert["state"] == "possible" else ""
        told.append(_line(key, alert["anchor"], text, f"Change {alert['number']}{of}, {site['name']}"))
    if site["passes"]:
        none = "" if standing else "; no alert stands"
        text = site["coverage"]["says"] + none
        if site["trials"] and site["trials"][0]["behind"]:
            text = f"{text}. {site['trials'][0]['says']}"
        told.append(_line(f"watch {site['slug']}", f"site-{site['slug']}", text, f"Watch, {site['name']}"))
    if heat := site["heat"]:
        told.append(_line(f"heat {site['slug']}", f"heat-{site['slug']}", _heat(heat), f"Heat, {site['name']}"))
    told += observed.gist(site)
    return told


def _heat(heat: Json) -> str:
    """The last change, or that none is told, and what cannot be said."""
    latest = heat["changes"][-1]["says"] if heat["changes"] else heat["says"]
    return f"{latest}. {heat['reason']}." if heat["reason"] else f"{latest}."


def _reported(content: Json) -> str:
    reports = content["reports"]
    return " ".join(part for part in (reports["says"], reports["not_read_says"], _relations(content)) if part)


def _relations(content: Json) -> str:
    kinds = (("drifts", "drift"), ("conflicts", "conflict"), ("updates", "update"))
    counts = [plural(len(content[key]), word) for key, word in kinds if content[key]]
    return f"Found in them: {joined(counts)}." if counts else ""


def stand(view: View, config: str) -> dict[str, str]:
    """From what a brief is told: a hash of the case file, and one of the evidence alone, whatever the case asks."""
    ids = sorted(record.id for kind in _WITNESSES for record in view.of(kind))
    return {_CASE: config, _EVIDENCE: hashlib.sha256("".join(ids).encode()).hexdigest()}


def since(previous: Brief | None, now: Sequence[Json], standing: Mapping[str, str]) -> Json | None:
    """What the last brief said otherwise; None when there was none."""
    if previous is None:
        return None
    before = dict(line.split(_SEPARATOR, 1) for line in previous.evidence if _SEPARATOR in line)
    stood = {key: before.pop(key, None) for key in standing}
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
        "case_file_only": stood[_CASE] not in (None, standing[_CASE]) and stood[_EVIDENCE] == standing[_EVIDENCE],
        "same": sum(before.get(key) == line["text"] for key, line in after.items()),
    }


def as_evidence(told: Sequence[Json], standing: Mapping[str, str]) -> tuple[str, ...]:
    """The lines as a Brief record keeps them, and from what they were told; nothing where there was nothing to tell."""
    lines = [(line["key"], line["text"]) for line in told]
    return tuple(f"{key}{_SEPARATOR}{text}" for key, text in [*lines, *(standing.items() if lines else ())])
