"""The repeat cycle of each satellite, as the catalogue's own passes show it, and the next passes that follow."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from sitewatch.errors import InputError
from sitewatch.records import NextPass, Outlook, Pass, Probability, Track

LONGEST = 40
"""Longest repeat cycle that is looked for, days; those of the civil satellites end at 35."""
SEASON = 30
"""A due day belongs to the season of another within this many days of the year."""

_DAY = timedelta(days=1)
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_APART = timedelta(minutes=10)
# Passes of one rhythm come at one time of the day; a longer pause between such times parts two rhythms.
_MARGIN = math.log2(100)
# Bits that a cycle must save over "any day": a hundred to one.
_SILENT = 0.01
# A silence less probable than this, and longer than any before, means that the passes stopped.
_HALF_YEAR = 183
# Days. A catalogue that lists less than half of the due days may leave out a whole season.
_ENOUGH = 12
# Days with a pass among which a cycle would show.
_FEWEST = 5
# Due days of a season from which a share is told.
_Z = 1.645
# Of a 90 % interval.


@dataclass(frozen=True)
class Overpass:
    """One pass over a site, as far as its rhythm goes."""

    at: datetime
    """When it was taken, UTC; midnight where only the day is known."""
    platform: str = "unknown"
    """The satellite's name; passes without one may still keep a rhythm together."""
    orbit: str | None = None
    """Relative orbit."""
    clear: bool | None = None
    """Whether the site could be seen; None where nobody judged it."""


def overpasses(passes: Iterable[Pass], clear: Collection[str | None], since: datetime) -> list[Overpass]:
    """The passes of one site and one kind of sensor as overpasses.

    Args:
        passes: records, in any order.
        clear: ids of the passes on which the site could be seen.
        since: the watch begins; of a pass before it nobody says whether it was clear.
    """
    return [
        Overpass(
            at=p.acquired,
            platform=p.platform,
            orbit=_orbit(p.items),
            clear=p.id in clear if p.acquired >= since else None,
        )
        for p in passes
    ]


def _orbit(items: Iterable[str]) -> str | None:
    """The relative orbit that the items' names hold, such as R093 in a Sentinel-2 product's."""
    found = {match[1] for item in items if (match := re.search(r"_(R\d{3})_", item))}
    return found.pop() if len(found) == 1 else None


def next_passes(passes: Iterable[Overpass], after: datetime, n: int) -> Outlook:
    """The rhythms seen among a site's passes, and the n passes that they promise next.

    Passes are parted by satellite, by relative orbit where it is known, and by time of day. Within a part, each cycle
    of 2 to 40 days with each number of days in it is a code for the days on which passes were listed: so many bits to
    name the cycle and its days, so many for which of the due days were kept, and which passes strayed from them
    (Rissanen, 1978). The shortest code wins, if it is a hundred times as probable as passes on any day; missing
    passes, which clouds and a patchy catalogue leave by the dozen, only lengthen the code of all cycles alike. Two
    satellites that go by one name and take turns show the cycle that they keep together.

    Args:
        passes: of one site and one kind of sensor, in any order; those after `after` are left out.
        after: the passes told are later than this moment.
        n: how many to tell, 0 or more.

    Returns:
        A track for each part, with why it promises nothing where that is so: too few passes, or a silence that had a
        chance below 1 % and is longer than any before (and than half a year, where the catalogue lists less than half
        of the due days and so may leave out a season). Each next pass has the share of the earlier due days at its
        season, of all tracks, that brought a clear look, with its 90 % interval (Wilson, 1927).

    Raises:
        InputError: n is negative, or a moment has no time zone.
    """
    if n < 0:
        raise InputError(f"next_passes: found n = {n}; right would be 0 or more")
    held = sorted((p for p in passes if _aware(p.at) <= _aware(after)), key=lambda p: (p.platform, p.at))
    rhythms = [_rhythm(part, after) for part in _parts(held)]
    ahead = sorted(
        (pass_ for r in rhythms if r.days and not r.track.stopped for pass_ in _ahead(r, after, n)),
        key=lambda one: (one.at, one.platform),
    )
    told = tuple(one.model_copy(update={"chance": _chance(rhythms, one.at)}) for one in ahead[:n])
    return Outlook(tracks=tuple(r.track for r in rhythms), passes=told)


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise InputError(f"next_passes: found {at}, which has no time zone; right would be {at}+00:00 for UTC")
    return at


# --- Parts ------------------------------------------------------------------------------------------------------------


def _parts(passes: Iterable[Overpass]) -> Iterator[list[Overpass]]:
    """Passes that may keep one rhythm: of one satellite, one orbit, about one time of the day."""
    by_name: dict[tuple[str, str], list[Overpass]] = defaultdict(list)
    for one in passes:
        by_name[one.platform, one.orbit or ""].append(one)
    for _, group in sorted(by_name.items()):
        yield from _by_hour(group)


def _by_hour(group: Sequence[Overpass]) -> Iterator[list[Overpass]]:
    """Parts of a group whose times of the day lie together, around the clock."""
    clock = sorted(group, key=lambda p: (_hour(p.at), p.at))
    pauses = [_hour(b.at) - _hour(a.at) for a, b in pairwise(clock)]
    pauses.append(_hour(clock[0].at) + _DAY - _hour(clock[-1].at))
    cuts = [i for i, pause in enumerate(pauses) if pause > _APART] or [max(range(len(pauses)), key=pauses.__getitem__)]
    turned = clock[cuts[-1] + 1 :] + clock[: cuts[-1] + 1]
    starts = [(cut - cuts[-1]) % len(clock) for cut in cuts]
    for a, b in pairwise(sorted({0, *starts, len(clock)})):
        yield sorted(turned[a:b], key=lambda p: p.at)


def _hour(at: datetime) -> timedelta:
    """Time since midnight, UTC."""
    return (at - _EPOCH) % _DAY


# --- The cycle of one part --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Rhythm:
    """One part with its cycle."""

    track: Track
    hour: timedelta
    """Time of the day, from midnight UTC."""
    days: frozenset[int]
    """Days of the cycle on which it passes, counted from the epoch; empty where no cycle was seen."""
    listed: dict[int, bool | None]
    """Days with a pass, counted from the epoch, and whether one was clear."""
    end: int
    """The day after which nothing is known, counted from the epoch."""


def _rhythm(part: Sequence[Overpass], after: datetime) -> _Rhythm:
    hour = _usual_hour(part)
    listed: dict[int, bool | None] = {}
    for one in part:
        day = round((one.at - _EPOCH - hour) / _DAY)
        listed[day] = one.clear or listed.get(day, one.clear)
    track = Track(
        platform=part[0].platform, orbit=part[0].orbit, passes=len(part), clear=sum(bool(p.clear) for p in part),
        first=part[0].at, last=part[-1].at,
        note="no cycle is seen" if len(listed) >= _ENOUGH else "not enough passes to see a cycle",
    )  # fmt: skip
    end = math.floor((after - _EPOCH - hour) / _DAY)
    rhythm = _Rhythm(track, hour, frozenset(), listed, end)
    period, residues = _cycle(sorted(listed))
    return _kept(rhythm, period, residues) if period else rhythm


def _usual_hour(part: Sequence[Overpass]) -> timedelta:
    """The middle time of the day of a part, on a clock that begins after the part's longest pause."""
    hours = sorted(_hour(p.at) for p in part)
    pauses = [(b - a) % _DAY for a, b in pairwise([hours[-1], *hours])]
    first = pauses.index(max(pauses))
    return (hours[first:] + hours[:first])[len(hours) // 2]


def _cycle(days: Sequence[int]) -> tuple[int, frozenset[int]]:
    """Length of the cycle and its days: 1 where most days have a pass, 0 where no rhythm is seen."""
    span = days[-1] - days[0] + 1
    daily = len(days) >= max(_ENOUGH, span / 2)
    best, found = _bits(len(days), span) - _MARGIN, (int(daily), frozenset({0} if daily else ()))
    for period in range(2, min(LONGEST, span) + 1):
        counts: dict[int, int] = defaultdict(int)
        for day in days:
            counts[day % period] += 1
        often = sorted(counts, key=lambda r: (-counts[r], r))
        for k in range(1, min(len(often), period - 1) + 1):
            due = sum(_due(days[0], days[-1], period, r) for r in often[:k])
            kept = sum(counts[r] for r in often[:k])
            named = math.log2(LONGEST * math.comb(period, k))
            cost = named + _bits(kept, due) + _bits(len(days) - kept, span - due)
            if cost < best:
                best, found = cost, (period, frozenset(often[:k]))
    return found


def _due(first: int, last: int, period: int, residue: int) -> int:
    """How many days from first to last, both counted, leave a residue."""
    return (last - residue) // period - (first - 1 - residue) // period


def _bits(n: int, of: int) -> float:
    """Length of a code for which n of so many days have a pass, with what it takes to name n."""
    ways = math.lgamma(of + 1) - math.lgamma(n + 1) - math.lgamma(of - n + 1)
    return ways / math.log(2) + math.log2(of + 1)


def _kept(rhythm: _Rhythm, period: int, residues: frozenset[int]) -> _Rhythm:
    """The rhythm with its cycle: how far it was kept, and whether it has stopped."""
    first, last = min(rhythm.listed), max(rhythm.listed)
    due = sum(_due(first, last, period, r) for r in residues)
    kept = [day for day in sorted(rhythm.listed) if day % period in residues]
    strays = len(rhythm.listed) - len(kept)
    silent = sum(_due(last + 1, rhythm.end, period, r) for r in residues)
    longest = max((b - a for a, b in pairwise(sorted(rhythm.listed))), default=0)
    chance = (1 - len(kept) / due) ** silent if silent > 0 else 1.0
    usual = longest if len(kept) > due / 2 else max(longest, _HALF_YEAR)
    stopped = rhythm.end - last > usual and chance < _SILENT
    note = f"silent for {rhythm.end - last:,} days, longer than ever before ({longest:,} days)"
    track = rhythm.track.model_copy(
        update={
            "period": period, "dates": len(residues), "kept": len(kept) / due, "strays": strays,
            "stopped": stopped, "note": note if stopped else "",
        }
    )  # fmt: skip
    return replace(rhythm, track=track, days=residues)


# --- What it promises -------------------------------------------------------------------------------------------------


def _ahead(rhythm: _Rhythm, after: datetime, n: int) -> Iterator[NextPass]:
    period = rhythm.track.period or 1
    day = rhythm.end
    while n > 0:
        at = _EPOCH + day * _DAY + rhythm.hour
        if at > after and day % period in rhythm.days:
            yield NextPass(platform=rhythm.track.platform, at=at)
            n -= 1
        day += 1


def _chance(rhythms: Iterable[_Rhythm], at: datetime) -> Probability | None:
    """Share of the earlier due days at a season that brought a clear look."""
    due = clear = listed = 0
    for rhythm in rhythms:
        period = rhythm.track.period
        judged = [day for day, seen in rhythm.listed.items() if seen is not None]
        if not judged or period is None:
            continue
        for day in range(min(judged), max(judged) + 1):
            if day % period in rhythm.days and _same_season(_EPOCH + day * _DAY, at):
                due += 1
                listed += day in rhythm.listed
                clear += bool(rhythm.listed.get(day))
    if due < _FEWEST:
        return None
    lo, hi = _wilson(clear, due)
    origin = f"{clear} clear looks on {due} due days within {SEASON} days of that day of the year; {listed} were listed"
    return Probability(lo=lo, best=clear / due, hi=hi, origin=origin)


def _same_season(a: datetime, b: datetime) -> bool:
    apart = abs(a.timetuple().tm_yday - b.timetuple().tm_yday)
    return min(apart, 365 - apart) <= SEASON


def _wilson(k: int, n: int) -> tuple[float, float]:
    """Ends of the 90 % score interval of a share (Wilson, 1927), which always holds it."""
    p, z = k / n, _Z
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, min(middle - half, p)), min(1.0, max(middle + half, p))
