"""Declared against estimated: counts with the number behind them, balances with their error, tallies with sums."""

from __future__ import annotations

from collections.abc import Sequence

from sitewatch.records import Declaration, Estimate, Probability, Reckoning, Site, View
from sitewatch.records.counts import Apart, BalanceFound, CountsFound, Held, Numbered, same_words
from sitewatch.tell.balanced import balance, tallies
from sitewatch.tell.cite import Citations, Json
from sitewatch.tell.judged import Say
from sitewatch.tell.wording import clause, day, legible, numbered, per_cent, placed, when

SCOPE_UNSTATED = "not stated"
"""What stands for the scope of a count whose source does not tell it."""


def reckonings(found: Sequence[Reckoning], view: View, cites: Citations, say: Say) -> Json:
    """What was declared, counted, balanced and tallied, in the order of the reckonings.

    Raises:
        LedgerError: a reckoning is about a record that is not among those shown.
    """
    names = {site.slug: legible(site.name) for site in view.of(Site)}
    told: Json = {"counts": [], "balances": [], "tallies": []}
    for one in found:
        about: Json = {"id": one.id, "slug": one.slug, "anchor": f"{one.found.form}-{one.slug}"}
        if isinstance(one.found, CountsFound):
            told["counts"].append(about | _counts(one.found, names, view, cites, say))
        elif isinstance(one.found, BalanceFound):
            told["balances"].append(about | balance(one.found, names, cites))
        else:
            told["tallies"].append(about | tallies(one.found, cites, view, names))
    return told


def lines(told: Json) -> list[Json]:
    """The gist, one line for each: what a reader of the first page must know of it."""
    gist = [
        (f"counts {one['slug']}", one["anchor"], f"{one['title']}: {_gist(one)}", "Declared against estimated")
        for one in told["counts"]
    ]
    gist += [(f"balance {b['slug']}", b["anchor"], f"{b['what']}: {b['says']}", "Balance") for b in told["balances"]]
    gist += [
        (f"tallies {t['slug']}", t["anchor"], " ".join(s["says"] for s in t["sums"]), "Tally") for t in told["tallies"]
    ]
    return [{"key": key, "anchor": anchor, "text": text, "label": label} for key, anchor, text, label in gist]


def _gist(one: Json) -> str:
    held = [f"{h['by']}: {h['gist']}" for h in one["held"]]
    apart = [c["says"] for c in one["comparisons"] if c["apart"] != Apart.AGREE]
    return " ".join(held + apart) or " ".join(one["notes"]) or one["says"]


# --- Counts


def _counts(found: CountsFound, names: dict[str, str], view: View, cites: Citations, say: Say) -> Json:
    numbers = {one.estimate: one for one in found.numbers}
    held_ids = {h.declaration for h in found.held}
    declared = [d for d in view.of(Declaration) if (d.id in held_ids) or _about(d, found)]
    counted = [e for e in view.of(Estimate) if _about(e, found)]
    return {
        "what": legible(found.what),
        "title": placed(found.what, found.site, names),
        "site": found.site,
        "says": _alone(declared, counted),
        "declared": [_declaration(one) for one in declared],
        "counted": [_estimate(one, numbers.get(one.id)) for one in counted],
        "held": [_held(one, cites, say) for one in found.held],
        "comparisons": [
            {
                "estimates": [cites.find(Estimate, id).slug for id in one.estimates],
                "apart": one.apart.value,
                "conflict": one.apart in (Apart.COUNT, Apart.UNTOLD),
                "says": legible(one.says),
            }
            for one in found.comparisons
        ],
        "notes": [legible(note) for note in found.notes],
    }


def _about(record: Declaration | Estimate, found: CountsFound) -> bool:
    return record.site == found.site and same_words(record.what) == same_words(found.what)


def _alone(declared: Sequence[Declaration], counted: Sequence[Estimate]) -> str:
    """What is said where nothing stands against anything."""
    if not counted:
        return "Declared, and nobody counted it yet."
    if not declared:
        return "Counted, and nobody declared it."
    return "Declared and counted."


def _declaration(one: Declaration) -> Json:
    return {
        "slug": one.slug,
        "number": numbered(one.number),
        "lo": one.number.lo,
        "hi": one.number.hi,
        "scope": legible(one.scope),
        "by": legible(one.by),
        "made": when(one.made),
        "quote": legible(one.quote) if one.quote else None,
        "why": legible(one.why) if one.why else None,
    }


def _estimate(one: Estimate, number: Numbered | None) -> Json:
    return {
        "slug": one.slug,
        "seen": numbered(one.seen),
        "scope": legible(one.scope) if one.scope else None,
        "scope_says": f"“{legible(one.scope)}”" if one.scope else SCOPE_UNSTATED,
        "power": per_cent(one.power),
        "power_why": legible(one.power.origin) if one.power else None,
        "when": when(one.when),
        "published": day(one.available_at) if one.available_at else "on an unknown day",
        "by": legible(one.by),
        "source": legible(one.source) if one.source else None,
        "settled_by": legible(one.settled_by) if one.settled_by else None,
        "number": None if number is None else [number.number.lo, number.number.best, number.number.hi],
        "outer": None if number is None else [number.outer.lo, number.outer.hi],
        "number_says": "not told, since the power is not stated" if number is None else _number(number),
    }


def _number(found: Numbered) -> str:
    ends = f"{found.number.lo:,g}–{found.number.hi:,g}, middle {found.number.best:,g}"
    if (found.outer.lo, found.outer.hi) == (found.number.lo, found.number.hi):
        return ends
    return f"{ends}; outer bound {found.outer.lo:,g}–{found.outer.hi:,g}"


def _held(held: Held, cites: Citations, say: Say) -> Json:
    estimate, declared = cites.find(Estimate, held.estimate), cites.find(Declaration, held.declaration)
    lo, hi = declared.number.lo, declared.number.hi
    most, least = ("", "") if lo == hi else (" at most", " at least")
    seen = f"{numbered(estimate.seen)} counted by {legible(estimate.by)}, {numbered(declared.number)} declared"
    above = held.above and f"More than the {hi:,g} declared{most}: {say(held.above.lo, held.above.hi)}."
    return {
        "estimate": estimate.slug,
        "declaration": declared.slug,
        "by": legible(estimate.by),
        "gist": legible(f"{numbered(estimate.seen)} counted. {above}" if above else held.says[0]),
        "scope": legible(declared.scope),
        "seen_says": f"{seen}, both of “{clause(declared.scope)}”",
        "above": _bounds(held.above),
        "above_says": above,
        "below": _bounds(held.below),
        "below_says": held.below and f"Fewer than the {lo:,g} declared{least}: {say(held.below.lo, held.below.hi)}.",
        "says": [legible(line) for line in held.says],
    }


def _bounds(p: Probability | None) -> Json | None:
    return None if p is None else {"lo": p.lo, "best": p.best, "hi": p.hi}
