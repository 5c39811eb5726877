"""Times that a text tells, as intervals reckoned from its day of publication; a date is never invented."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import NamedTuple

from sitewatch.records import When, day_end, day_start

Days = tuple[date | None, date | None]
"""First and last day; None where a side is open."""

_MONTHS = {name.lower(): n for n, name in enumerate(calendar.month_name) if name}
_MONTHS |= {name[:3].lower(): n for name, n in list(_MONTHS.items())} | {"sept": 9}
_WEEKDAYS = {name.lower(): n for n, name in enumerate(calendar.day_name)}
_COUNTS = dict(zip("a one two three four five six seven eight nine ten".split(), (1, *range(1, 11)), strict=True))
_SPANS = {"day": 1, "week": 7, "month": 30.5, "year": 365.25}
_RECENT = {"day": 10, "week": 56, "month": 183, "year": 5 * 365}
"""How many days back "recent …" may reach."""

_MONTH = (
    r"(?P<month>Jan(?:uary|\.)?|Feb(?:ruary|\.)?|Mar(?:ch|\.)?|Apr(?:il|\.)?|May|June?\.?|July?\.?|Aug(?:ust|\.)?|"
    r"Sept(?:ember|\.)?|Sep\.?|Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?)"
)
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_DAY = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?"
_UPTO = r"(?:\s*[-–]\s*|\s+(?:to|and)\s+)(?P<day2>[0-3]?\d)(?:st|nd|rd|th)?"
_UNIT = r"(?P<unit>day|week|month|year)"
_COUNT = rf"(?P<count>\d{{1,3}}|{'|'.join(_COUNTS)})"
_SOME_PART = r"(?P<part>(?i:early|late|mid|earlier|later|beginning of|end of|middle of))[\s-]+(?:in\s+)?"
_PART = rf"(?:{_SOME_PART})?"
_BEFORE_TIME = r"(?i:in|since|until|by|during|of|from|through|before|after|last|this)"
_WEEKDAY = rf"(?P<weekday>{'|'.join(name.capitalize() for name in _WEEKDAYS)})"


class _Frame(NamedTuple):
    """From where times are reckoned."""

    published: date | None
    forward: bool
    """The text speaks of what is to come."""


def times(text: str, published: date | None, *, forward: bool = False) -> list[tuple[tuple[int, int], When]]:
    """Expressions of time in a text, each with its span (characters) and the interval it stands for.

    Args:
        text: any text.
        published: the day from which "on Tuesday", "last month" and dates without a year are reckoned; without it,
            only whole dates are told.
        forward: whether the text speaks of what is to come, so that "on Friday" is the next one.
    """
    frame = _Frame(published, forward)
    found: list[tuple[tuple[int, int], When]] = []
    for pattern, days in _RULES:
        for match in pattern.finditer(text):
            span = match.span("core" if "core" in pattern.groupindex else 0)
            if any(a < span[1] and span[0] < b for (a, b), _ in found):
                continue
            told = days(match, frame)
            if told is not None:
                found.append((span, _when(told)))
    return _joined(text, sorted(found, key=lambda f: f[0]), published)


def _when(days: Days) -> When:
    first, last = days
    return When(earliest=first and day_start(first), latest=last and day_end(last))


def _joined(
    text: str, found: list[tuple[tuple[int, int], When]], published: date | None
) -> list[tuple[tuple[int, int], When]]:
    """Join "A and B" and "A to B" into what they span, and open one side after "since" or "until"."""
    out: list[tuple[tuple[int, int], When]] = []
    for span, when in found:
        before = text[: span[0]]
        if out and _is_joint(text, out[-1][0], span) and _in_order(out[-1][1], when):
            start, first = out.pop()
            out.append(((start[0], span[1]), When(earliest=first.earliest, latest=when.latest)))
        elif edge := re.search(r"\b(since|after|until|before|by)\s+$", before, re.IGNORECASE):
            out.append((span, _opened(edge[1].lower(), when, published)))
        else:
            out.append((span, when))
    return out


def _is_joint(text: str, first: tuple[int, int], second: tuple[int, int]) -> bool:
    between = text[first[1] : second[0]]
    opener = re.search(r"\b(between|from)\s+(?:\w+\s+)?$", text[: first[0]], re.IGNORECASE)
    return bool(
        re.fullmatch(r"\s*[-–]\s*|\s+(?:to|and(?: on)?)\s+", between)
        or (opener and re.fullmatch(r"\s+until\s+", between))
    )


def _in_order(first: When, second: When) -> bool:
    return first.earliest is None or second.latest is None or first.earliest <= second.latest


def _opened(edge: str, when: When, published: date | None) -> When:
    if edge in ("until", "before", "by"):
        return When(latest=when.latest)
    end = day_end(published) if published else None
    return When(earliest=when.earliest, latest=end if end and (not when.earliest or when.earliest <= end) else None)


def _iso(match: re.Match[str], frame: _Frame) -> Days | None:
    return _safe(int(match["year"]), int(match["month"]), int(match["day"]), int(match["day"]))


def _day_of_month(match: re.Match[str], frame: _Frame) -> Days | None:
    """ "20 July", "July 20, 2018", "20-22 July"."""
    month, first = _month(match), int(match["day"])
    last = int(match["day2"]) if match["day2"] else first
    year = _year(match, frame, lambda y: _safe(y, month, first, last))
    return _safe(year, month, first, last) if year else None


def _month_alone(match: re.Match[str], frame: _Frame) -> Days | None:
    """ "July 2018", "late July", "in July"."""
    month = _month(match)
    year = _year(match, frame, lambda y: _part_of_month(y, month, None))
    return _part_of_month(year, month, match["part"]) if year else None


def _year_alone(match: re.Match[str], frame: _Frame) -> Days | None:
    year, part = int(match["year"]), match["part"]
    first, last = {"early": (1, 4), "mid": (5, 8), "late": (9, 12)}.get(_third(part), (1, 12))
    return date(year, first, 1), date(year, last, calendar.monthrange(year, last)[1])


def _weekday(match: re.Match[str], frame: _Frame) -> Days | None:
    """The latest such day up to publication, the next one after it when the text looks ahead."""
    if frame.published is None:
        return None
    wanted, ahead = _WEEKDAYS[match["weekday"].lower()], (match["which"] or "").lower()
    back = (frame.published.weekday() - wanted) % 7
    if ahead in ("next", "coming") or (frame.forward and ahead != "last"):
        return (frame.published + timedelta(days=7 - back),) * 2
    if ahead == "last" and back == 0:
        back = 7
    return (frame.published - timedelta(days=back),) * 2


def _named_day(match: re.Match[str], frame: _Frame) -> Days | None:
    if frame.published is None:
        return None
    shift = {"yesterday": -1, "overnight": -1, "tomorrow": 1}.get(match["named"].lower(), 0)
    first = frame.published + timedelta(days=shift)
    return first, max(first, frame.published) if match["named"].lower() == "overnight" else first


def _which_unit(match: re.Match[str], frame: _Frame) -> Days | None:
    """ "last week", "late last month", "this year", "next month"."""
    if frame.published is None:
        return None
    shift = {"last": -1, "previous": -1, "next": 1, "coming": 1}.get(match["which"].lower(), 0)
    first, last = _unit(frame.published, match["unit"], shift, match["part"])
    if shift == 0 and not frame.forward:
        last = min(last, frame.published)
    return (first, last) if first <= last else None


def _past_units(match: re.Match[str], frame: _Frame) -> Days | None:
    """ "over the past two weeks", "in the last month"."""
    if frame.published is None:
        return None
    return frame.published - timedelta(days=round(_count(match) * _SPANS[match["unit"]])), frame.published


def _recent_units(match: re.Match[str], frame: _Frame) -> Days | None:
    """ "in recent weeks", "over the past few weeks"."""
    if frame.published is None:
        return None
    return frame.published - timedelta(days=_RECENT[match["unit"]]), frame.published


def _ago(match: re.Match[str], frame: _Frame) -> Days | None:
    """ "two days ago" is a day; "two weeks ago" may miss by half a week."""
    if frame.published is None:
        return None
    span = _SPANS[match["unit"]]
    middle, slack = frame.published - timedelta(days=round(_count(match) * span)), timedelta(days=int(span / 2))
    return middle - slack, min(middle + slack, frame.published)


def _month(match: re.Match[str]) -> int:
    return _MONTHS[match["month"].rstrip(".").lower()]


def _count(match: re.Match[str]) -> int:
    told = (match["count"] or "one").lower()
    return _COUNTS.get(told) or int(told)


def _third(part: str | None) -> str:
    """Which third of a month or year is meant; nothing when all of it is."""
    word = (part or "").split(" ")[0].lower()
    return {"beginning": "early", "end": "late", "middle": "mid"}.get(word, word)


def _part_of_month(year: int, month: int, part: str | None) -> Days:
    end = calendar.monthrange(year, month)[1]
    first, last = {"early": (1, 10), "mid": (11, 20), "late": (21, end)}.get(_third(part), (1, end))
    return date(year, month, first), date(year, month, last)


def _unit(day: date, unit: str, shift: int, part: str | None) -> tuple[date, date]:
    """The whole day, week (from Monday), month or year that lies `shift` of them away, or a third of it."""
    if unit == "day":
        return (day + timedelta(days=shift),) * 2
    if unit == "week":
        monday = day - timedelta(days=day.weekday()) + timedelta(weeks=shift)
        first, last = {"early": (0, 2), "mid": (2, 4), "late": (4, 6)}.get(_third(part), (0, 6))
        return monday + timedelta(days=first), monday + timedelta(days=last)
    if unit == "year":
        return date(day.year + shift, 1, 1), date(day.year + shift, 12, 31)
    months = day.year * 12 + day.month - 1 + shift
    first_day, last_day = _part_of_month(months // 12, months % 12 + 1, part)
    return first_day or day, last_day or day


def _year(match: re.Match[str], frame: _Frame, days_in: Callable[[int], Days | None]) -> int | None:
    """The year that is told here or with the date that follows, else the one that puts the days next to publication.

    News looks back more than ahead, so a day that is still to come counts as three times as far away; the other way
    round when the text looks ahead.
    """
    told = match["year"] or ((shared := _SHARED_YEAR.match(match.string, match.end())) and shared["year"])
    if told:
        return int(told)
    if frame.published is None:
        return None
    near: list[tuple[int, int]] = []
    for year in range(frame.published.year - 1, frame.published.year + 2):
        first, _ = days_in(year) or (None, None)
        if first:
            ahead = (first - frame.published).days
            near.append((abs(ahead) * (3 if (ahead > 0) != frame.forward else 1), year))
    return min(near)[1] if near else None


def _safe(year: int, month: int, first: int, last: int) -> Days | None:
    """The days, or None where the calendar has no such day."""
    try:
        days = date(year, month, first), date(year, month, last)
    except ValueError:
        return None
    return days if days[0] <= days[1] else None


_ANY_DAY = r"(?:[0-3]?\d\s+[A-Z][a-z]+\.?|[A-Z][a-z]+\.?\s+[0-3]?\d)"
_SHARED_YEAR = re.compile(rf"(?:\s*,|\s+(?:and|to|or|until)|\s*[-–])\s+(?:on\s+|of\s+)?{_ANY_DAY},?\s+{_YEAR}\b")
"""What follows a date whose year is told with the next one: "16 February to 2 March 2019"."""

_RULES: list[tuple[re.Pattern[str], Callable[[re.Match[str], _Frame], Days | None]]] = [
    (re.compile(r"\b" + _YEAR + r"-(?P<month>\d\d)-(?P<day>\d\d)\b"), _iso),
    (re.compile(rf"\b{_DAY}(?:{_UPTO})?(?:\s+of)?\s+{_MONTH}(?:,?\s+{_YEAR})?(?!\w)"), _day_of_month),
    (re.compile(rf"\b{_MONTH}\s+{_DAY}(?:{_UPTO})?(?:,?\s+{_YEAR})?\b"), _day_of_month),
    (re.compile(rf"\b{_PART}{_MONTH},?\s+{_YEAR}\b"), _month_alone),
    (re.compile(rf"\b{_SOME_PART}{_MONTH}(?P<year>)(?!\w)"), _month_alone),
    (re.compile(rf"\b{_BEFORE_TIME}\s+(?P<core>{_MONTH}(?P<year>)(?P<part>))(?!\w)"), _month_alone),
    (re.compile(rf"\b{_COUNT}\s+{_UNIT}s?\s+(?:ago|earlier)\b", re.IGNORECASE), _ago),
    (re.compile(rf"\b(?:recent|(?:past|last)\s+(?:few|several))\s+{_UNIT}s\b", re.IGNORECASE), _recent_units),
    (
        re.compile(
            rf"\b(?:over|in|during|within|for)\s+the\s+(?:past|last)\s+(?:{_COUNT}\s+)?{_UNIT}s?\b", re.IGNORECASE
        ),
        _past_units,
    ),
    (re.compile(rf"\b{_PART}(?P<which>last|previous|this|next|coming)\s+{_UNIT}\b", re.IGNORECASE), _which_unit),
    (re.compile(rf"\b(?:(?P<which>[Ll]ast|[Nn]ext|[Tt]his|[Cc]oming)\s+)?{_WEEKDAY}\b"), _weekday),
    (re.compile(r"\b(?P<named>today|tonight|yesterday|tomorrow|overnight)\b", re.IGNORECASE), _named_day),
    (re.compile(rf"\b{_BEFORE_TIME}\s+(?P<core>{_PART}{_YEAR})\b(?!,\d)"), _year_alone),
]
