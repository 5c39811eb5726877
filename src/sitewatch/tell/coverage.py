"""How a site was covered, in words: counts, gaps, what they would have hidden, the next passes, and the clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from sitewatch.records import Coverage, Gap, Missed, NextPass, Probability, Track
from sitewatch.tell.cite import Json
from sitewatch.tell.wording import counted, craft, day, iso, joined, legible, moment, per_cent, plural

STATUSES = ("clear", "obscured", "refused", "not judged")
"""What a pass of the watch can be."""


def told(covered: Coverage | None, passes: Sequence[Json], since: date | None) -> Json:
    """The coverage of one site.

    Args:
        covered: as the look room computed it for the brief's day; None leaves out all but the counts.
        passes: the site's entries in the brief.
        since: first watched day.
    """
    counts = _counts(passes, since)
    if covered is None:
        return counts | {"clock_says": "", "tracks_says": "", "next": []}
    return {
        **counts,
        "on": iso(covered.on),
        "last_clear": iso(covered.last_clear),
        "age_days": covered.age_days,
        "goal_days": covered.goal_days,
        "due": iso(covered.due),
        "clock_says": _clock(covered),
        "gaps": [_gap(gap) for gap in covered.gaps],
        "gaps_says": joined([_gap(gap)["says"] for gap in covered.gaps]),
        "missed": [_missed(one) for one in covered.missed],
        "missed_says": missed_says(covered.missed),
        "tracks": [_track(track) for track in covered.outlook.tracks],
        "tracks_says": "; ".join(_rhythm(track) for track in covered.outlook.tracks),
        "next": [_next(one) for one in covered.outlook.passes],
    }


def lines(name: str, entry: Json) -> list[str]:
    """The coverage of one site as lines of text: the same words as on the page."""
    ahead = [f"next: {n['when']}, {n['platform']}, chance of a clear look {n['chance_says']}" for n in entry["next"]]
    longest = f"longest times without a clear look: {entry['gaps_says']}" if entry["gaps"] else ""
    said = [
        entry["says"] if entry["passes"] else "no pass",
        entry["clock_says"],
        longest,
        entry["missed_says"],
        entry["tracks_says"],
        *ahead,
    ]
    return [name, *(f"  {line}" for line in said if line)]


def _counts(passes: Sequence[Json], since: date | None) -> Json:
    """How many passes of the watch could see."""
    watched = [p for p in passes if p["watched"]]
    counts = {s: sum(p["status"] == s for p in watched) for s in STATUSES}
    return {
        "passes": len(passes),
        "watched": len(watched),
        **{s.replace(" ", "_"): n for s, n in counts.items()},
        "says": _covered(counts, len(passes) - len(watched), since),
    }


def _covered(counts: Mapping[str, int], earlier: int, since: date | None) -> str:
    """ "100 passes since 1 Jan 2018: 65 clear and 35 obscured; 40 earlier ones are the site's history"."""
    parts = [f"{n:,} {status}" for status, n in counts.items() if n]
    begun = f" since {day(since)}" if since else ""
    told = f"{plural(sum(counts.values()), 'pass', 'passes')}{begun}" + (f": {joined(parts)}" if parts else "")
    return f"{told}; {plural(earlier, 'earlier pass', 'earlier passes')} for its history" if earlier else told


def _clock(covered: Coverage) -> str:
    """How old the last clear look is on the day, and how that stands to the goal; "" where nobody looks or means to."""
    goal = f"; the goal of one in {plural(covered.goal_days, 'day')}" if covered.goal_days else ""
    if covered.last_clear is None or covered.age_days is None:
        watched = covered.since is not None or goal
        return f"As of {day(covered.on)}, there is no clear look{goal and f'{goal} is not met'}" if watched else ""
    whose = ", an analyst's," if covered.last_by == "analyst" else ""
    age = f"{plural(covered.age_days, 'day')} old ({day(covered.last_clear)})"
    told = f"As of {day(covered.on)}, the last clear look{whose} is {age}"
    if covered.due is None:
        return told
    return f"{told}{goal} {'holds until' if covered.on <= covered.due else 'ran out on'} {day(covered.due)}"


def _gap(gap: Gap) -> Json:
    begins = day(gap.first) if gap.opened else "the beginning of the watch"
    length = (gap.last.date() - gap.first.date()).days
    span = f"{begins} to {day(gap.last)}" if gap.closed else f"{begins} on, and still open"
    return {
        "days": length,
        "first": iso(gap.first),
        "last": iso(gap.last),
        "opened": gap.opened,
        "closed": gap.closed,
        "says": f"{plural(length, 'day')} ({span})",
    }


def _missed(one: Missed) -> Json:
    chance = one.probability
    return {"days": one.days, "looks": one.looks, **chance.model_dump(), "says": _share(chance)}


def missed_says(missed: Sequence[Missed]) -> str:
    """One sentence for events of several lengths, a share for each; "" where the watch is too short for any."""
    if not missed:
        return ""
    lengths = joined([f"{days:g}" for days in dict.fromkeys(m.days for m in missed)], last="or")
    parts = []
    for looks in sorted({m.looks for m in missed}):
        enough = f"fewer than the {counted(looks)} that an alarm takes,"
        met = "no clear look, and so been missed," if looks == 1 else enough
        shares = joined([_share(m.probability) for m in missed if m.looks == looks], last="or")
        parts.append(f"met {met} with a probability of {shares}")
    return f"An event of {lengths} days at a random time of the watch would have {'; it would have '.join(parts)}"


def _share(chance: Probability) -> str:
    """A share that is never rounded to what it is not: "<1 %", "61 %", ">99 %"; its range where it has one."""
    if chance.lo != chance.hi:
        return per_cent(chance)
    if 0 < chance.best < 0.005 or 0.995 <= chance.best < 1:
        return "<1 %" if chance.best < 0.5 else ">99 %"
    return per_cent(chance)


def _track(track: Track) -> Json:
    return {
        "platform": legible(craft(track.platform)),
        "orbit": track.orbit,
        "passes": track.passes,
        "clear": track.clear,
        "last": iso(track.last),
        "period": track.period,
        "stopped": track.stopped,
        "says": _rhythm(track),
    }


def _rhythm(track: Track) -> str:
    """ "Sentinel-2A every 10 days (81 passes, 41 % of the due days)"; with why nothing follows where that is so."""
    name = "passes of no named satellite" if track.platform == "unknown" else legible(craft(track.platform))
    name += f", orbit {track.orbit}" if track.orbit else ""
    passes = plural(track.passes, "pass", "passes")
    if track.period is None:
        return f"{name} ({passes}): {track.note}"
    cycle = "day" if track.period == 1 else plural(track.period, "day")
    often = "every" if track.dates == 1 else f"on {counted(track.dates)} days of every"
    said = f"{name} {often} {cycle} ({passes}, on {round(100 * track.kept)} % of the due days)"
    return f"{said}, last on {day(track.last)}: {track.note}" if track.note else said


def _next(one: NextPass) -> Json:
    chance = one.chance
    return {
        "platform": legible(craft(one.platform)),
        "at": iso(one.at),
        "when": moment(one.at),
        "chance": chance.model_dump() if chance else None,
        "chance_says": _share(chance) if chance else "too few earlier passes at that season",
        "why": chance.origin if chance else "",
    }
