from __future__ import annotations

import itertools
import socket

import httpx
import pytest

from sitewatch.read import Fetched, gather, web
from sitewatch.read.collect import LARGEST
from sitewatch.read.web import AGENT
from sitewatch.records import Fault, Intake
from tests.servers import Answer, serve

LONG = "A crane stands at the gate of the plant. " * 20
FEED = f"""<?xml version="1.0"?><rss version="2.0"><channel><title>News</title>
<item><title>Whole</title><link>{{base}}/whole</link><description>{LONG}</description>
  <pubDate>Tue, 31 Jul 2018 10:00:00 +0200</pubDate><author>Ana Lind</author>
  <source url="http://x/">Wire A</source></item>
<item><title>Teaser</title><link>{{base}}/page#top</link><description>Read it there.</description></item>
<item><title>Only here</title><guid isPermaLink="false">n3</guid><description>Two cranes.</description></item>
<item><title>Empty</title><guid isPermaLink="false">n4</guid></item>
</channel></rss>"""
PAGE = Answer(b"<html><body><p>The page.</p></body></html>", content_type="text/html")


def intake(form, where, outlet="gazette"):
    return Intake(form=form, where=where, outlet=outlet)


def gathered(*intakes, folder, known=(), **options):
    options = {"client": None, "allow_private": True, "sleep": lambda seconds: None} | options
    return list(gather(intakes, folder=folder, known=known, **options))


@pytest.fixture
def site():
    """A server with a feed, a page and a robots file; tests change its answers."""
    answers = {"/page": PAGE, "/robots.txt": Answer(b"User-agent: *\nDisallow: /secret", content_type="text/plain")}
    with serve(lambda method, path, wanted: answers.get(path, Answer(b"", 404))) as served:
        answers["/feed"] = Answer(FEED.format(base=served.url).encode(), content_type="application/rss+xml")
        yield served, answers


def test_a_folder_is_read_in_order_below_and_above_nothing_else(tmp_path):
    for name in ("b.txt", "a/z.HTML", "a/b.md", "c.csv", ".hidden"):
        (tmp_path / "reports" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "reports" / name).write_text("x")
    found = gathered(intake("folder", "reports"), folder=tmp_path)
    assert [(f.origin, f.media_type) for f in found] == [
        ("reports/a/b.md", "text/markdown"),
        ("reports/a/z.HTML", "text/html"),
        ("reports/b.txt", "text/plain"),
    ]
    assert {f.outlet for f in found} == {"gazette"}


def test_what_is_known_is_not_read_again_and_nothing_comes_twice(tmp_path):
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text(name)
    found = gathered(intake("file", "b.txt"), intake("folder", "."), folder=tmp_path, known={"a.txt"})
    assert [f.origin for f in found] == ["b.txt"]


def test_files_that_cannot_be_had_are_faults(tmp_path):
    (tmp_path / "big.txt").write_bytes(b"a" * (LARGEST + 1))
    found = gathered(intake("file", "big.txt"), intake("file", "none.txt"), intake("folder", "no"), folder=tmp_path)
    assert all(isinstance(f, Fault) and not f.transient for f in found)
    assert [f.reason.split(";")[0] for f in found] == [
        "the file is larger than 10 MB",
        "the file cannot be read: No such file or directory",
        "there is no such folder",
    ]


def test_a_feed_gives_its_entries_and_fetches_the_pages_of_teasers(tmp_path, site):
    served, _ = site
    whole, teaser, only, empty = gathered(intake("feed", f"{served.url}/feed"), folder=tmp_path)
    assert (whole.published.isoformat(), whole.byline, whole.publisher) == (
        "2018-07-31T08:00:00+00:00",
        "Ana Lind",
        "Wire A",
    )
    assert whole.data.decode().strip() == LONG.strip()
    assert (teaser.data, teaser.published, teaser.title) == (PAGE.body, None, "Teaser")
    assert (only.origin, only.data) == (f"{served.url}/feed#n3", b"Two cranes.")
    assert "neither text nor an address" in empty.reason
    assert "GET /whole" not in served.asked


def test_a_feed_is_read_again_but_its_known_entries_are_not_fetched(tmp_path, site):
    served, _ = site
    known = {f"{served.url}/page#top", f"{served.url}/whole"}
    only, empty = gathered(intake("feed", f"{served.url}/feed"), folder=tmp_path, known=known)
    assert (only.origin, empty.subject) == (f"{served.url}/feed#n3", f"{served.url}/feed#n4")
    assert [a for a in served.asked if "page" in a] == []


def test_a_page_is_fetched_once_under_our_own_name(tmp_path, site):
    served, _ = site
    (page,) = gathered(intake("url", f"{served.url}/page"), folder=tmp_path)
    assert page == Fetched(f"{served.url}/page", PAGE.body, "text/html", "gazette")
    assert gathered(intake("url", page.origin), folder=tmp_path, known={page.origin}) == []
    assert AGENT.startswith("sitewatch/")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<html><body>Sign in</body></html>", "no RSS or Atom feed"),
        (b"", "no RSS or Atom feed"),
        (b"\x00\x01", "no RSS or Atom feed"),
    ],
)
def test_what_is_no_feed_is_told(tmp_path, site, body, words):
    served, answers = site
    answers["/feed"] = Answer(body, content_type="text/html")
    (fault,) = gathered(intake("feed", f"{served.url}/feed"), folder=tmp_path)
    assert words in fault.reason
    assert not fault.transient


def test_a_feed_that_is_down_is_tried_again_with_growing_pauses(tmp_path):
    with serve(lambda method, path, wanted: Answer(b"", 503)) as served:
        pauses = []
        (fault,) = gathered(intake("feed", f"{served.url}/feed"), folder=tmp_path, sleep=pauses.append)
    assert pauses == [1.0, 2.0, 4.0]
    assert fault.transient
    assert fault.reason == "the server answered 503, after 4 tries"
    (gone,) = gathered(intake("feed", f"{served.url}/feed"), folder=tmp_path)
    assert gone.transient
    assert "ConnectError" in gone.reason


def test_one_page_that_fails_does_not_stop_the_others(tmp_path, site):
    served, answers = site
    answers["/page"] = Answer(b"", 404)
    found = gathered(intake("feed", f"{served.url}/feed"), folder=tmp_path)
    assert [type(f).__name__ for f in found] == ["Fetched", "Fault", "Fetched", "Fault"]
    assert found[1].reason == "the server answered 404"


def test_robots_are_heeded(tmp_path, site):
    served, _ = site
    (fault,) = gathered(intake("url", f"{served.url}/secret"), folder=tmp_path)
    assert fault.reason == "robots.txt of that host forbids it"
    assert served.asked == ["GET /robots.txt"]


def test_redirects_are_followed_a_few_times(tmp_path, site):
    served, answers = site
    answers["/old"] = Answer(b"", 302, headers=(("Location", "/page"),))
    answers["/round"] = Answer(b"", 302, headers=(("Location", "/round"),))
    found = gathered(intake("url", f"{served.url}/old"), intake("url", f"{served.url}/round"), folder=tmp_path)
    assert found[0].data == PAGE.body
    assert found[1].reason == "more than 5 redirects"


def test_an_answer_without_end_is_cut_off(tmp_path, site):
    served, answers = site
    answers["/page"] = Answer(b"a" * (LARGEST + 1), content_type="text/plain")
    (fault,) = gathered(intake("url", f"{served.url}/page"), folder=tmp_path)
    assert fault.reason == "larger than 10 MB"


@pytest.mark.parametrize(
    "where", ["http://127.0.0.1/x", "http://[::1]/x", "http://10.1.2.3/", "http://169.254.169.254/latest"]
)
def test_private_addresses_are_refused(tmp_path, where):
    (fault,) = gathered(intake("url", where), folder=tmp_path, allow_private=False)
    assert "is a private address" in fault.reason
    assert not fault.transient


@pytest.mark.parametrize("location", ["http://127.0.0.1/admin", "file:///etc/passwd", "ftp://192.0.2.1/x"])
def test_a_redirect_out_of_the_open_web_is_refused(tmp_path, location):
    def answer(request):
        moved = request.url.path == "/news"
        return httpx.Response(302, headers={"location": location}) if moved else httpx.Response(404)

    with httpx.Client(transport=httpx.MockTransport(answer)) as client:
        (fault,) = gathered(
            intake("url", "http://93.184.215.14/news"), folder=tmp_path, client=client, allow_private=False
        )
    assert "private address" in fault.reason or "no http or https address" in fault.reason


def test_a_name_is_looked_up_before_it_is_asked(tmp_path, monkeypatch):
    def looked_up(host, *rest, **options):
        if host == "inside.example":
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.7", 0))]
        raise socket.gaierror("unknown name")

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    intakes = (intake("url", "http://inside.example/"), intake("url", "http://nowhere.example/"))
    inside, nowhere = gathered(*intakes, folder=tmp_path, allow_private=False)
    assert inside.reason == "inside.example is a private address (10.0.0.7)"
    assert (nowhere.transient, "is not known" in nowhere.reason) == (True, True)


@pytest.mark.parametrize("location", ["http://[", "http://a:b/", f"http://{'a' * 64}.example/", "http://h\x01/"])
def test_a_redirect_to_no_address_is_a_fault_and_the_rest_goes_on(tmp_path, site, location):
    served, answers = site
    answers["/old"] = Answer(b"", 302, headers=(("Location", location),))
    intakes = (intake("url", f"{served.url}/old"), intake("url", f"{served.url}/page"))
    fault, page = gathered(*intakes, folder=tmp_path)
    assert isinstance(fault, Fault)
    assert page.data == PAGE.body


@pytest.mark.parametrize("where", ["http://[", f"http://{'a' * 64}.example/", "http://a..example/"])
def test_what_is_no_address_is_refused(tmp_path, where):
    (fault,) = gathered(intake("url", where), folder=tmp_path, allow_private=False)
    assert (fault.transient, "no address" in fault.reason) == (False, True)


def test_robots_that_nobody_can_read_are_a_fault(tmp_path, site):
    served, answers = site
    answers["/robots.txt"] = Answer(b"User-agent: *\nDisallow: //[", content_type="text/plain")
    (fault,) = gathered(intake("url", f"{served.url}/page"), folder=tmp_path)
    assert isinstance(fault, Fault)


def test_an_answer_that_is_badly_packed_is_tried_again(tmp_path, site):
    served, answers = site
    answers["/page"] = Answer(b"no gzip", content_type="text/html", headers=(("Content-Encoding", "gzip"),))
    (fault,) = gathered(intake("url", f"{served.url}/page"), folder=tmp_path)
    assert fault.transient
    assert "DecodingError" in fault.reason


@pytest.mark.parametrize(
    ("ip", "private"),
    [
        ("64:ff9b::a00:7", True),
        ("64:ff9b::5db8:d70e", False),
        ("2002:a00:7::1", True),
        ("2002:5db8:d70e::1", False),
        ("2606:4700::1", False),
    ],
)
def test_a_private_address_inside_another_is_refused(ip, private):
    assert web._is_open(ip) is not private


def test_an_answer_that_drips_is_given_up():
    def answer(request):
        return (
            httpx.Response(200, content=(b"a" for _ in range(20))) if request.url.path == "/x" else httpx.Response(404)
        )

    ticks = itertools.count(step=15)
    with httpx.Client(transport=httpx.MockTransport(answer)) as client:
        fetcher = web.Fetcher(client, lambda _: None, True, clock=lambda: float(next(ticks)))
        with pytest.raises(web.Failed, match="more than 60 seconds"):
            fetcher.page("http://127.0.0.1/x")


def test_credentials_are_sent_and_not_kept(tmp_path, site):
    served, answers = site
    secret = served.url.replace("http://", "http://ana:hidden@")
    answers["/feed"] = Answer(
        f'<rss version="2.0"><channel><item><link>{secret}/page</link></item>'
        f'<item><guid isPermaLink="false">n3</guid><title>T</title></item></channel></rss>'.encode(),
        content_type="application/rss+xml",
    )
    intakes = [intake("url", f"{secret}/{name}") for name in ("page?a", "none")]
    intakes += [intake("feed", f"{secret}/{name}") for name in ("feed", "page", "none?b")]
    answers["/page?a"] = PAGE
    found = gathered(*intakes, folder=tmp_path)
    assert [getattr(f, "origin", None) or f.subject for f in found] == [
        f"{served.url}/{name}" for name in ("page?a", "none", "page", "feed#n3", "page", "none?b")
    ]
    assert "hidden" not in repr(found)
    sent = []
    with httpx.Client(transport=httpx.MockTransport(lambda r: sent.append(r) or httpx.Response(200))) as client:
        gathered(intake("url", "http://ana:hidden@127.0.0.1/x"), folder=tmp_path, client=client)
    assert sent[-1].headers["authorization"].startswith("Basic ")
