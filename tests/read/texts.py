"""Small reports for the tests, made of plain sentences."""

from __future__ import annotations

import hashlib
from datetime import date, datetime

from sitewatch.read.language import language_of
from sitewatch.read.outlets import credited
from sitewatch.records import Item, Place, Source, When

PLACES = (
    Place(site="northport", name="Northport", aliases=("Northport Space Centre",), nature="launch site"),
    Place(site="hill-9", name="Hill Nine", aliases=("Hügel-Neun",), nature="missile factory"),
)
SOURCES = tuple(
    Source(slug=slug, name=name, owner=name, grades=(), credits=credits)
    for slug, name, credits in (
        ("wire-a", "Wire A", ("(WA)",)),
        ("daily-b", "Daily B", ()),
        ("gazette", "The Gazette", ("Gazette",)),
    )
)
DAY = date(2018, 7, 31)
"""A Tuesday."""


def item(text: str, *, outlet: str = "gazette", published: date | None = DAY, byline: str | None = None) -> Item:
    """A report as the reader would have made it."""
    if isinstance(published, datetime):
        when = When(earliest=published, latest=published)
    else:
        when = When.of(published) if published else When()
    return Item(
        available_at=when.latest,
        artifact=hashlib.sha256(text.encode()).hexdigest(),
        text=text,
        origin=f"reports/{outlet}.txt",
        title=None,
        outlet=outlet,
        byline=byline,
        published=when,
        language=language_of(text),
        credit=credited(text, byline, SOURCES, outlet),
    )
