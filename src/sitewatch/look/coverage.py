"""How well a site was covered: gaps between clear looks, what they would have hidden, and the clock of its goal."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Literal

from sitewatch.errors import InputError
from sitewatch.look.cycles import next_passes, overpasses
from sitewatch.records import Coverage, Gap, Look, Missed, Outlook, Pass, Probability, Result, Site, day_end, day_start

CLEAR = (Result.SEEN, Result.NOT_SEEN)
"""Results of a look that could see."""
ALARM_LOOKS = 3
"""Clear looks that the monitor's alarm rests on at least: the shortest of its windows."""
EVENTS = (10, 30, 60)
"""Days of the events that a brief asks about."""
GAPS = 3
"""Longest gaps that are kept."""
AHEAD = 4
"""Next passes that are kept."""

Window = tuple[datetime, datetime]
"""First and last moment of a time that is asked about, UTC."""


def cover(site: Site, passes: Iterable[Pass], looks: Iterable[Look], on: date) -> Coverage:
    """How a site was covered by the end of one day, from records alone, whatever the sensors.

    Args:
        site: of the case; its `watch_from` begins the watch, the first pass where it has none.
        passes: of any sites; those of this one count, but for analysts' own images, which come when somebody chose to.
        looks: of any sites; those of the monitor's watch tell which passes were clear, analysts' count for the clock
            alone, since what people publish is chosen.
        on: the day; what came later is left out.
    """
    end = day_end(on)
    held = [p for p in passes if p.site == site.slug and p.sensor != "analyst" and p.acquired <= end]
    told = [k for k in looks if k.site == site.slug]
    clear: set[str | None] = {k.pass_id for k in told if k.of_watch and k.result in CLEAR}
    seen = sorted(p.acquired for p in held if p.id in clear)
    begin = day_start(site.watch_from) if site.watch_from else min((p.acquired for p in held), default=end)
    last, by = _last_clear(seen, told, end)
    common = {"site": site.slug, "on": on, "last_clear": last, "last_by": by, "goal_days": site.timeliness_days}
    if not held or begin > end:
        return Coverage(**common)
    window, seen = (begin, end), [at for at in seen if at >= begin]
    longest = sorted(gaps(seen, window), key=lambda gap: (gap.first - gap.last, gap.first))
    return Coverage(
        **common,
        since=begin.date(),
        clear=len(seen),
        gaps=tuple(longest[:GAPS]),
        missed=tuple(_missed(held, clear, window)),
        outlook=_outlook(held, clear, begin, end),
    )


def _last_clear(
    seen: Sequence[datetime], looks: Iterable[Look], end: datetime
) -> tuple[datetime | None, Literal["monitor", "analyst"] | None]:
    """The last clear look and whose it was; of a window the beginning, so that the clock is never too kind."""
    theirs = [k.when.earliest for k in looks if k.by == "analyst" and k.result in CLEAR and k.when.earliest]
    published = max((at for at in theirs if at <= end), default=None)
    own = seen[-1] if seen else None
    if own and (published is None or own >= published):
        return own, "monitor"
    return (published, "analyst") if published else (None, None)


def _missed(passes: Sequence[Pass], clear: set[str | None], window: Window) -> Iterable[Missed]:
    """Any sensor's look meets an event; an alarm takes looks of one, so that the one that misses least counts."""
    each: dict[str, list[datetime]] = {p.sensor: [] for p in passes}
    for one in passes:
        if one.id in clear and one.acquired >= window[0]:
            each[one.sensor].append(one.acquired)
    every = [at for times in each.values() for at in times]
    for days in EVENTS:
        if timedelta(days=days) <= window[1] - window[0]:
            yield Missed(days=days, looks=1, probability=p_missed(every, days, window))
            alone = [p_missed(times, days, window, needed=ALARM_LOOKS) for times in each.values()]
            yield Missed(days=days, looks=ALARM_LOOKS, probability=min(alone, key=lambda chance: chance.best))


def _outlook(passes: Sequence[Pass], clear: set[str | None], begin: datetime, end: datetime) -> Outlook:
    """What each kind of sensor promises: the clouds of one say nothing of another's."""
    kinds = dict.fromkeys(p.sensor for p in passes)
    each = [
        next_passes(overpasses([p for p in passes if p.sensor == kind], clear, begin), end, AHEAD) for kind in kinds
    ]
    ahead = sorted((one for outlook in each for one in outlook.passes), key=lambda one: (one.at, one.platform))
    return Outlook(tracks=tuple(t for outlook in each for t in outlook.tracks), passes=tuple(ahead[:AHEAD]))


def gaps(clear_times: Iterable[datetime], window: Window | None = None) -> list[Gap]:
    """The times between clear looks, in order; with a window also those at its two ends, as far as they reach.

    Args:
        clear_times: aware moments of clear looks, in any order; those outside the window are left out.
        window: the time that is asked about. Its own ends are no looks, and each gap says which end it has.

    Raises:
        InputError: a moment has no time zone, or the window ends before it begins.
    """
    times = _times(clear_times, window)
    ends = list(times)
    if window is not None:
        ends = sorted({*times, *window})
    looks = set(times)
    return [Gap(first=a, last=b, opened=a in looks, closed=b in looks) for a, b in pairwise(ends)]


def p_missed(
    clear_times: Iterable[datetime], days: float, window: Window, *, power: Probability | None = None, needed: int = 1
) -> Probability:
    """The chance that an event of some days, at a random time of the window, is missed.

    The event lies within the window [a, b] and begins at s, uniform on [a, b - d]; one that still goes on at b has
    not been missed yet. Let N(s) be the number of clear looks in [s, s + d]. N changes only where s passes a look or
    lies d before one, so between these points it is constant, and the share of starts that is uncovered,

        U = |{s : N(s) < needed}| / (b - a - d),

    is a sum of lengths: exact, no simulation. For one look needed and gaps of length g it is the sum of (g - d)+ over
    all gaps, the window's two ends included, over (b - a - d). An event that begins in U is missed for certain. One
    that does not is missed with 1 - power, so that P = U + (1 - power)(1 - U). The power is counted once however many
    looks there were: what hides a thing from one look (a roof, its size) hides it from the next as well.

    P falls, or stays, with each further look and with the length of the event: the starts of the longer event can be
    stretched onto those of the shorter one so that it always holds it. Without any look P is 1.

    Args:
        clear_times: aware moments of clear looks, in any order; those outside the window are left out.
        days: length of the event, above 0 and at most that of the window.
        window: the time within which the event lies.
        power: the chance that clear looks find an event they fell into; None gives U alone. A power that was measured
            by planting changes on random days holds the clouds already, and does not belong here.
        needed: clear looks that it takes, at least 1.

    Raises:
        InputError: the event does not fit into the window, a moment has no time zone, or fewer than one look is asked.
    """
    times = _times(clear_times, window)
    if needed < 1:
        raise InputError(f"p_missed: found {needed} looks needed; right would be 1 or more")
    whole = (window[1] - window[0]) / timedelta(days=1)
    if not (math.isfinite(days) and 0 < days <= whole):
        raise InputError(f"p_missed: found an event of {days:g} days in a window of {whole:g}; it must fit, above 0")
    share = _uncovered(times, timedelta(days=days), window, needed)
    origin = f"{len(times)} clear looks from {window[0]:%Y-%m-%d} to {window[1]:%Y-%m-%d}"
    if power is None:
        return Probability.exactly(share, origin)
    lo, best, hi = (share + (1 - p) * (1 - share) for p in (power.hi, power.best, power.lo))
    return Probability(lo=lo, best=best, hi=min(hi, 1.0), origin=f"{origin}; power: {power.origin}")


def _uncovered(times: Sequence[datetime], length: timedelta, window: Window, needed: int) -> float:
    """Share of the starts from which an event holds fewer looks than are needed."""
    first, last = window[0], window[1] - length
    if first == last:
        return float(len(times) < needed)
    turns = {t for at in times for t in (at, at - length) if first < t < last}
    bare = timedelta()
    for a, b in pairwise(sorted({first, last, *turns})):
        within = a + (b - a) / 2
        if bisect_right(times, within + length) - bisect_left(times, within) < needed:
            bare += b - a
    return bare / (last - first)


def _times(clear_times: Iterable[datetime], window: Window | None) -> list[datetime]:
    """Each moment once, in order, UTC; those outside the window left out."""
    times = list(clear_times)
    for at in (*times, *(window or ())):
        if at.tzinfo is None:
            raise InputError(f"coverage: found {at}, which has no time zone; right would be {at}+00:00 for UTC")
    if window and window[0] >= window[1]:
        raise InputError(f"coverage: found a window from {window[0]} to {window[1]}; it must end after it begins")
    known = sorted({at.astimezone(UTC) for at in times})
    return [at for at in known if window is None or window[0] <= at <= window[1]]
