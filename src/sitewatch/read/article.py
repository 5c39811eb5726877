"""One fetched thing as a report: its text, when and by whom it was published, and whom it credits."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from sitewatch.read.collect import Fetched
from sitewatch.read.decode import NotText, decoded
from sitewatch.read.language import language_of
from sitewatch.read.outlets import credited, names_of
from sitewatch.read.prose import cleaned
from sitewatch.records import Fault, Item, Source, When

LONGEST = 1_000_000
"""Characters of a report beyond which it is refused: a hundred thousand words are a book."""
_OLDEST, _LATEST = date(1900, 1, 1), date(2100, 1, 1)
_HEADER = re.compile(r"(Outlet|Published|Title|Byline)\s*:\s*(.*)")
_DATE_NAMES = (
    r"(?:article:published_time|og:published_time|datePublished|date|pubdate|dc\.date(?:\.issued)?|sailthru\.date)"
)
_DECLARED = re.compile(
    rf"""<meta\b[^<>]*?\b(?:property|name|itemprop)=["']{_DATE_NAMES}["'][^<>]*?\bcontent=["'](?P<a>[^"']{{8,40}})["']
    | <meta\b[^<>]*?\bcontent=["'](?P<b>[^"']{{8,40}})["'][^<>]*?\b(?:property|name|itemprop)=["']{_DATE_NAMES}["']
    | "datePublished"\s*:\s*"(?P<c>[^"]{{8,40}})"
    | <time\b[^<>]*?\b(?:pubdate|itemprop=["']datePublished["'])[^<>]*?\bdatetime=["'](?P<d>[^"']{{8,40}})["']
    | <time\b[^<>]*?\bdatetime=["'](?P<e>[^"']{{8,40}})["'][^<>]*?\b(?:pubdate|itemprop=["']datePublished["'])""",
    re.IGNORECASE | re.VERBOSE,
)
"""Where a page declares when it was published; a date in its prose, which a search for dates would take, is another."""
_MONTH = re.compile(r"[A-Za-z]{3,}")
_TIME_OF_DAY = re.compile(r"\d:\d\d")


@dataclass(frozen=True)
class _Draft:
    """What a report says of itself; None where it does not."""

    text: str
    outlet: str | None = None
    published: str | date | None = None
    title: str | None = None
    byline: str | None = None


def item(fetched: Fetched, sources: Sequence[Source], *, now: datetime | None = None) -> Item | Fault:
    """Draw the report from fetched bytes.

    What cannot be read (no text, empty, far too long, no outlet) comes back as a fault that says so; it is not tried
    again until its bytes change. A report whose day nobody tells, or tells as before 1900 or in the future, stays
    undated and is available on no day.

    Args:
        fetched: the bytes, and what was known when they were fetched.
        sources: the case's outlets.
        now: when it was fetched, to tell a date in the future; without it, only dates after 2100 are refused.
    """
    try:
        own = _read(fetched)
        told = _with_hints(own, fetched)
    except (NotText, RecursionError) as unreadable:
        return _fault(fetched, f"it cannot be read: {unreadable}")
    if not re.search(r"\w", told.text):
        return _fault(
            fetched, "it holds no text; if it is a page that draws itself by script, save it as text and give the file"
        )
    if len(told.text) > LONGEST:
        return _fault(fetched, f"its text has {len(told.text)} characters, more than {LONGEST}; cut it into its parts")
    outlet = _outlet(told, fetched, sources)
    if isinstance(outlet, Fault):
        return outlet
    if isinstance(own.published, str) and own.outlet and _moment(own.published) is None:
        return _fault(fetched, f"its header says Published: {own.published}; right would be a day such as 2018-07-30")
    published = _published(told.published, now)
    return Item(
        available_at=published.latest,
        artifact=hashlib.sha256(fetched.data).hexdigest(),
        text=told.text,
        origin=fetched.origin,
        title=told.title or None,
        outlet=outlet,
        byline=told.byline or None,
        published=published,
        language=language_of(told.text),
        credit=credited(told.text, told.byline, sources, outlet),
    )


def _fault(fetched: Fetched, reason: str) -> Fault:
    return Fault(room="read", subject=fetched.origin, reason=reason, transient=False)


def _read(fetched: Fetched) -> _Draft:
    text = decoded(fetched.data, fetched.media_type)
    start = text[:1000].lstrip().lower()
    if "html" in fetched.media_type or start.startswith(("<!doctype html", "<html")):
        return (
            _from_page(text)
            if re.search(r"<(?:html|body|head)\b", text[:5000], re.IGNORECASE)
            else _Draft(_from_markup(text))
        )
    return _from_plain(text)


def _from_plain(text: str) -> _Draft:
    """Header lines up to a blank one, if the first line is one; then the body."""
    lines = text.lstrip("\n").split("\n")
    told: dict[str, str] = {}
    while lines and (match := _HEADER.fullmatch(lines[0].strip())):
        told[match[1].lower()] = match[2].strip()
        lines.pop(0)
    return _Draft(text="\n".join(lines).strip() + "\n" if any(map(str.strip, lines)) else "", **told)


def _from_page(html: str) -> _Draft:
    """The article of a page without its furniture (trafilatura; Barbaresi, 2021), and what its metadata say."""
    import trafilatura
    from trafilatura.settings import Document

    found = trafilatura.bare_extraction(
        html, with_metadata=True, include_comments=False, date_extraction_params={"extensive_search": False}
    )
    text = cleaned(found.text or "").strip() if isinstance(found, Document) else ""
    if not text or not isinstance(found, Document):
        return _Draft(_from_markup(html))
    return _Draft(text + "\n", published=_declared_date(html), title=found.title, byline=found.author)


def _declared_date(html: str) -> str | None:
    match = _DECLARED.search(html)
    return next((told for told in match.groups() if told), None) if match else None


def _from_markup(html: str) -> str:
    """The plain text of a fragment, such as a feed's summary, a line for each block."""
    from lxml import etree  # type: ignore[import-untyped]
    from lxml import html as markup

    try:
        tree = markup.fromstring(f"<div>{html}</div>" if "<body" not in html.lower() else html)
    except (etree.ParserError, ValueError):
        return ""
    for element in tree.xpath("//script|//style|//nav|//header|//footer|//form"):
        element.drop_tree()
    for element in tree.xpath("//p|//br|//div|//li|//h1|//h2|//h3|//h4|//tr|//blockquote"):
        element.tail = "\n" + (element.tail or "")
    lines = (" ".join(line.split()) for line in cleaned(tree.text_content()).split("\n"))
    return "\n".join(line for line in lines if line) + "\n"


def _with_hints(told: _Draft, fetched: Fetched) -> _Draft:
    """What the feed said fills what the report itself leaves open."""
    return replace(
        told,
        published=told.published if _TIME_OF_DAY.search(str(told.published)) else fetched.published or told.published,
        title=told.title or fetched.title,
        byline=told.byline or fetched.byline,
    )


def _outlet(told: _Draft, fetched: Fetched, sources: Sequence[Source]) -> str | Fault:
    """The outlet's slug: the report's own header, the feed's true publisher, or what the case says of the intake."""
    known = {s.slug for s in sources}
    if told.outlet:
        if told.outlet in known or not known:
            return told.outlet
        return _fault(
            fetched,
            f"its header names the outlet {told.outlet!r}, which the case does not declare; add it to [[outlets]]",
        )
    if fetched.publisher:
        named = {name.lower(): slug for name, slug in names_of(sources).items()}
        # A publisher that the case does not know is kept under its own name: the aggregator did not write it.
        return named.get(fetched.publisher.lower()) or _slug(fetched.publisher) or fetched.outlet or "unknown"
    if fetched.outlet:
        return fetched.outlet
    return _fault(fetched, 'it names no outlet; begin it with a line "Outlet: …" or give `outlet` in [[reports]]')


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:64]


def _published(told: str | date | None, now: datetime | None) -> When:
    """The moment, or the whole day where no time of day is told; open on both sides where nobody tells."""
    moment = _moment(told) if isinstance(told, str) else told
    if moment is None:
        return When()
    day = moment.astimezone(UTC).date() if isinstance(moment, datetime) else moment
    latest = (now + timedelta(days=1)).date() if now is not None else _LATEST
    if not _OLDEST <= day <= latest:
        return When()
    return When(earliest=moment, latest=moment) if isinstance(moment, datetime) else When.of(day)


def _moment(told: str) -> datetime | date | None:
    """An ISO date or date-time, else a whole date whose month is a word: 7/12/2019 is two days, and none is guessed."""
    told = told.strip()
    try:
        moment = datetime.fromisoformat(told)
    except ValueError:
        if not _MONTH.search(told):
            return None
        import dateparser

        parsed = dateparser.parse(
            told, languages=["en"], settings={"REQUIRE_PARTS": ["day", "month", "year"], "PARSERS": ["absolute-time"]}
        )
        if parsed is None:
            return None
        moment = parsed
    if not _TIME_OF_DAY.search(told):
        return moment.date()
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
