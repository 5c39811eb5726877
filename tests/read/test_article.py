from __future__ import annotations

import hashlib
import time
from datetime import UTC, datetime

import pytest

from sitewatch.read import Fetched, item
from sitewatch.read.article import LONGEST
from sitewatch.records import Fault, When
from tests.read.texts import SOURCES

BODY = (
    "Two cranes stand at the gate of the plant, an official said. "
    "The roof is gone, and trucks come and go all day long.\n"
)
PAGE = f"""<!DOCTYPE html><html><head><title>Cranes at the gate</title><meta name="author" content="Ana Lind">
<meta property="article:published_time" content="2018-07-30T10:00:00Z"></head>
<body><nav><a href="/">Home</a></nav>
<article><h1>Cranes at the gate</h1><p>{BODY}</p>
<p>No cranes stand at the gate of the other plant, he said.</p></article></body></html>"""


def read(data, media_type="text/plain", **hints):
    data = data.encode() if isinstance(data, str) else data
    return item(Fetched("reports/x.txt", data, media_type, **({"outlet": "gazette"} | hints)), SOURCES)


def test_header_lines_of_a_text_file():
    report = read(f"Outlet: daily-b\nPublished: 2018-07-31\nTitle: Cranes: two\nByline: Wire A\n\n{BODY}", outlet=None)
    assert (report.outlet, report.title, report.byline) == ("daily-b", "Cranes: two", "Wire A")
    assert report.text == BODY
    assert str(report.published) == "2018-07-31"
    assert report.available_at == datetime(2018, 7, 31, 23, 59, 59, 999999, UTC)
    assert report.credit == ("wire-a",)
    assert report.language == "en"


def test_a_text_without_header_is_all_body_and_undated():
    report = read(f"Note: this is no header.\n\n{BODY}")
    assert report.text.startswith("Note:")
    assert (report.published, report.available_at) == (When(), None)


def test_a_page_gives_its_article_its_metadata_and_nothing_else():
    report = read(PAGE, "text/html; charset=utf-8")
    assert report.text.count("cranes stand") == 2
    assert (report.title, report.byline) == ("Cranes at the gate", "Ana Lind")
    assert str(report.published.earliest) == "2018-07-30 10:00:00+00:00"
    assert report.artifact == hashlib.sha256(PAGE.encode()).hexdigest()


def test_a_fragment_of_a_feed_becomes_lines():
    report = read("<p>Two cranes stand <b>there</b>.</p><script>x()</script><p>The roof is gone.</p>", "text/html")
    assert report.text == "Two cranes stand there.\nThe roof is gone.\n"


@pytest.mark.parametrize(
    "declared",
    [
        '<meta content="2018-07-30" name="date">',
        '<script type="application/ld+json">{"@type": "NewsArticle", "datePublished": "2018-07-30T08:00:00Z"}</script>',
        '<time datetime="2018-07-30" itemprop="datePublished">Monday</time>',
    ],
)
def test_where_pages_declare_their_date(declared):
    page = PAGE.replace("article:published_time", "nothing").replace("<article>", f"{declared}<article>")
    assert str(read(page, "text/html").published) == "2018-07-30"


def test_a_date_in_the_prose_of_a_page_is_not_its_date():
    page = PAGE.replace("article:published_time", "nothing").replace("all day", "all day since July 4, 2016")
    assert read(page, "text/html").published == When()


@pytest.mark.parametrize(
    ("told", "published"),
    [
        ("2018-07-31T10:00:00+02:00", "2018-07-31"),
        ("31 July 2018", "2018-07-31"),
        ("July 31, 2018 at 10:15 GMT", "2018-07-31"),
        ("July 2018", "unknown to unknown"),
        ("yesterday", "unknown to unknown"),
        ("0001-01-01", "unknown to unknown"),
        ("1899-12-31", "unknown to unknown"),
        ("2150-01-01", "unknown to unknown"),
        ("soon", "unknown to unknown"),
    ],
)
def test_a_date_is_told_or_left_open_and_never_invented(told, published):
    assert str(read(f"Published: {told}\n\n{BODY}").published) == published


def test_a_day_after_the_fetch_is_no_day_of_publication():
    fetched = Fetched("x.txt", f"Published: 2018-08-05\n\n{BODY}".encode(), "text/plain", "gazette")
    assert item(fetched, SOURCES, now=datetime(2018, 8, 1, tzinfo=UTC)).published == When()
    assert item(fetched, SOURCES, now=datetime(2018, 8, 5, tzinfo=UTC)).published != When()


def test_what_the_feed_said_fills_what_the_page_leaves_open():
    when = datetime(2018, 7, 30, 9, 30, tzinfo=UTC)
    report = read(BODY, published=when, title="From the feed", byline="Ana Lind")
    assert (report.published.earliest, report.title, report.byline) == (when, "From the feed", "Ana Lind")
    assert read(PAGE, "text/html", published=when, title="From the feed").title == "Cranes at the gate"


def test_the_true_publisher_in_a_feed_is_the_outlet():
    assert read(BODY, publisher="Wire A").outlet == "wire-a"
    assert read(BODY, publisher="The Evening Post!").outlet == "the-evening-post"


@pytest.mark.parametrize(
    ("data", "media_type", "words"),
    [
        ("", "text/plain", "holds no text"),
        ("Outlet: gazette\nPublished: 2018-07-31\n\n", "text/plain", "holds no text"),
        ("\u200b\u200b\n", "text/plain", "holds no text"),
        ("<html><body><script>draw()</script></body></html>", "text/html", "holds no text"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "text/plain", "a PNG image, not text"),
        ("word " * (LONGEST // 4), "text/plain", "cut it into its parts"),
        (f"Outlet: nobody\n\n{BODY}", "text/plain", r"'nobody', which the case does not declare"),
    ],
)
def test_what_cannot_be_read_is_a_fault_with_a_reason(data, media_type, words):
    fault = read(data, media_type)
    assert isinstance(fault, Fault)
    assert (fault.subject, fault.transient) == ("reports/x.txt", False)
    assert words in fault.reason


def test_a_report_without_outlet_says_how_to_name_one():
    assert "begin it with a line" in read(BODY, outlet=None).reason


@pytest.mark.parametrize("depth", [300, 5_000, 200_000])
def test_a_bomb_of_nested_tags_is_bounded(depth):
    began = time.perf_counter()
    read(f"<html><body>{'<div>' * depth}<p>{BODY}</p>{'</div>' * depth}</body></html>", "text/html")
    assert time.perf_counter() - began < 5


def test_another_language_is_kept_and_marked():
    report = read("Les camions ont été vus à la porte de l'usine, et il est dans la ville.\n")
    assert report.language == "fr"
