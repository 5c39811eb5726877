"""Days, counts and ratios in words: what a reader sees of a number, the same everywhere on the page."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time

from markupsafe import Markup, escape

from sitewatch.records import Pass, Range, Sensor, When

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
"""Short names of the months, whatever the locale."""
SENSORS: dict[Sensor, str] = {
    "optical": "optical", "landsat": "optical, Landsat", "radar": "radar", "thermal": "heat by day",
    "thermal_night": "heat by night", "analyst": "an analyst",
}  # fmt: skip
"""What a reader is told of whose passes or eyes they are; in this order where several speak."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_HELD = re.compile(
    rf"\d{{1,2}} (?:{'|'.join(MONTHS)}) \d{{4}}"
    r"|\d[\d.,]*(?:–\d[\d.,]*)? (?:%|(?:m²|m|ha|days?|times)\b)"
)
_SENTINEL = re.compile(r"sentinel-(\d)([a-d]?)", re.IGNORECASE)
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_BITS = re.compile(r"[,;:]? [\d.e-]+ bits$")
_LANGUAGES = {
    "ar": "Arabic", "de": "German", "el": "Greek", "es": "Spanish", "fr": "French", "he": "Hebrew", "hi": "Hindi",
    "id": "Indonesian", "it": "Italian", "ja": "Japanese", "ko": "Korean", "nl": "Dutch", "pl": "Polish",
    "pt": "Portuguese", "ru": "Russian", "sv": "Swedish", "th": "Thai", "tr": "Turkish", "zh": "Chinese",
}  # fmt: skip
_SAME = 1.05
"""Below this a ratio is printed as 1.0, and neither side is called ahead."""


def legible(text: str) -> str:
    """The text with control characters, which no page may hold, shown as replacement characters."""
    return _CONTROL.sub("\ufffd", text)


def day(at: date | datetime | None) -> str:
    """A day: "7 Apr 2019" (UTC)."""
    return f"{at.day} {MONTHS[at.month - 1]} {at.year}" if at else "an unknown day"


def moment(at: datetime) -> str:
    """A moment: "7 Apr 2019, 09:31 UTC"; the day alone at midnight sharp, which stands for a time nobody gave."""
    return day(at) if at.time() == time() else f"{day(at)}, {at:%H:%M} UTC"


def when(span: When) -> str:
    """An interval: a moment, a day, "3 Feb 2019 to 2 Mar 2019", "by …", "from … on", or that it is unknown."""
    first, last = span.earliest, span.latest
    if first is None or last is None:
        return f"by {day(last)}" if last else f"from {day(first)} on" if first else "on an unknown day"
    if first == last:
        return moment(first)
    if first.date() == last.date():
        return day(first)
    return f"{day(first)} to {day(last)}"


def taken(passed: Pass) -> str:
    """When a pass was taken: its moment, its day, or the interval within which it was."""
    if passed.acquired_until is None:
        return moment(passed.acquired)
    return when(When(earliest=passed.acquired, latest=passed.acquired_until))


def craft(platform: str) -> str:
    """A satellite as it is written: "Sentinel-2B" for a catalogue's "sentinel-2b"; others stay as they are."""
    named = _SENTINEL.fullmatch(platform)
    return f"Sentinel-{named[1]}{named[2].upper()}" if named else legible(platform)


def clause(text: str) -> str:
    """A text to be quoted within a sentence: without the full stop at its end."""
    return legible(text).rstrip(". ")


def iso(at: date | datetime | None) -> str | None:
    """The machine's form of a day or moment; None stays None."""
    if isinstance(at, datetime):
        return at.isoformat().replace("+00:00", "Z")
    return at.isoformat() if at else None


def span_days(span: When) -> int | None:
    """Days from the day of one end of an interval to that of the other; None while a side is open."""
    if span.earliest is None or span.latest is None:
        return None
    return (span.latest.date() - span.earliest.date()).days


def plural(n: int, one: str, many: str | None = None) -> str:
    """A count with its noun: "1 pass", "12 passes"."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def counted(n: int) -> str:
    """A small count as a word: "three"; figures above ten."""
    return _NUMBERS[n] if n < len(_NUMBERS) else f"{n:,}"


def tongue(code: str) -> str:
    """A language by its name: "French"; a code that is not known here stays a code."""
    return _LANGUAGES.get(code, f"language “{legible(code)}”")


def plain(text: str) -> str:
    """A sentence of the weighing without its shop talk."""
    return legible(text).replace("the order turns round", "the order of the two reverses")


def worth(text: str, bits: float) -> str:
    """A further look with what it would teach, and what one bit means."""
    told = _BITS.sub("", legible(text).rstrip("."))
    return told if "bit" in told else f"{told}; expected gain {bits:.2g} bits (1 bit would settle an even question)"


def joined(parts: Sequence[str], last: str = "and") -> str:
    """A list in words: "a, b and c"."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {last} {parts[-1]}"


def numbered(number: Range) -> str:
    """A count with its bounds: "8", "10–12", "10 (8–12)"."""
    if number.lo == number.hi:
        return f"{number.best:,g}"
    ends = f"{number.lo:,g}–{number.hi:,g}"
    return ends if number.best in (number.lo, number.hi) else f"{number.best:,g} ({ends})"


def placed(what: str, site: str | None, names: Mapping[str, str]) -> str:
    """A thing with the name of its site, where it has one."""
    return f"{legible(what)}, {names[site]}" if site is not None and site in names else legible(what)


def factor(x: float) -> str:
    """A ratio with two or three figures: "0.04", "1.3", "31", "1,200"."""
    if x >= 1000:
        return f"{float(f'{x:.2g}'):,.0f}" if x < 1e9 else f"{x:.0e}"
    if x >= 10:
        return f"{x:.0f}"
    if x >= 0.95:
        return f"{x:.1f}"
    return f"{x:.2f}" if x >= 0.01 else f"{x:.1g}"


def favours(best: float, first: str, second: str) -> str:
    """The ratio in words, for a ratio of at least 1: "1.3 times as expected if X than if Y"."""
    if best < _SAME:
        return f"about as expected if {first} as if {second} ({factor(best)} times)"
    return f"{factor(best)} times as expected if {first} than if {second}"


def spread(lo: float, hi: float) -> str:
    """Two ends of a ratio's range: "1.1–1.5"."""
    return f"{factor(lo)}–{factor(hi)}"


def per_cent(span: Range | None) -> str:
    """A measured or assumed rate of looks, as per cent: "60–90 %"; it is no judgement, so it has no word."""
    if span is None:
        return "not stated"
    lo, hi = round(100 * span.lo), round(100 * span.hi)
    return f"{lo} %" if lo == hi else f"{lo}–{hi} %"


def spelled(observable: str) -> str:
    """A machine name as words: "test_stand-removed" becomes "test stand removed"."""
    return re.sub(r"[_\s]+", " ", observable).strip()


def short(digest: str) -> str:
    """The first twelve characters of a hash, enough to find it on the page."""
    return digest[:12]


def sentence(text: str) -> str:
    """The text with a capital at its head and nothing else changed."""
    return text[:1].upper() + text[1:]


def tight(text: str) -> Markup:
    """The text, escaped, with its days, ranges and units held together: no line ends within "47–59 %"."""
    dashed = re.sub(r"(?<=\d)-(?=\d+ ?%)", "–", text)
    return Markup(_HELD.sub(r'<span class="nb">\g<0></span>', str(escape(dashed))))  # noqa: S704 - escaped before
