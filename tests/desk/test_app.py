"""The desk: it lists and hands out briefs on this machine alone, and nothing outside the case folders."""

from __future__ import annotations

import asyncio
import http.client
import json
import socket
from pathlib import Path

import httpx
import pytest

from sitewatch.desk import create, serve
from sitewatch.errors import InputError
from tests.desk.conftest import DAYS, write_case
from tests.tell import sample


def get(folder: Path, path: str, *, host: str = "127.0.0.1:8321", method: str = "GET") -> httpx.Response:
    """One request to the desk over a folder, without a socket."""

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(create(folder))
        async with httpx.AsyncClient(transport=transport, base_url=f"http://{host}") as client:
            return await client.request(method, path)

    return asyncio.run(ask())


def test_the_list_shows_title_days_head_and_judgement(case: Path) -> None:
    page = get(case, "/").text
    assert '<a href="/brief.html"><bdi>The yard &amp; the &lt;trailer&gt;</bdi></a>' in page
    assert "1.3 times as expected if A, “Rockets are being assembled in the yard”" in page
    assert f'ledger head <span class="hash">{sample.HEAD[:12]}</span>' in page
    assert [page.index(f'href="/asof/{day}.html"') for day in reversed(DAYS)] == sorted(
        page.index(f'href="/asof/{day}.html"') for day in DAYS
    )
    assert "progress 1 of 3: begun" in page
    assert "http" not in page.replace("http-equiv", "")


def test_briefs_are_handed_out_as_they_lie(case: Path) -> None:
    assert get(case, "/brief.html").content == (case / "brief.html").read_bytes()
    assert get(case, "/brief.json").json()["schema"] == "sitewatch.brief/1"
    page = get(case, "/asof/2018-07-25.html")
    assert page.content == (case / "asof" / "2018-07-25.html").read_bytes()
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert get(case, "/asof/2018-07-25.json").json()["as_of"] == "2018-07-25"
    assert get(case, "/brief.html", method="HEAD").status_code == 200
    assert get(case, "/health").json()["cases"] == 1
    assert get(case, "/", method="POST").status_code == 405


def test_one_file_is_served_without_reading_the_data_of_all(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise AssertionError("a brief's data was parsed")

    monkeypatch.setattr("sitewatch.desk.shelf._told", refused)
    assert get(case, "/brief.html").status_code == 200
    assert get(case, "/asof/2018-07-25.json").status_code == 200
    assert get(case, "/asof/2018-07-26.json").status_code == 404
    assert get(case, "/health").json()["cases"] == 1


def test_a_brief_told_before_lines_had_labels_is_listed_still(tmp_path: Path) -> None:
    folder = write_case(tmp_path / "old", days=())
    data = json.loads((folder / "brief.json").read_text())
    assert "Question: What does the covered trailer tell?</a>" in get(folder, "/").text
    data["in_brief"] = [{k: line[k] for k in ("key", "anchor", "text")} for line in data["in_brief"]]
    (folder / "brief.json").write_text(json.dumps(data))
    assert "question trailer</a>" in get(folder, "/").text


def test_a_case_file_stands_for_its_folder(case: Path) -> None:
    assert get(case / "case.toml", "/brief.json").status_code == 200


def test_every_answer_carries_the_headers_that_keep_it_to_itself(case: Path) -> None:
    for path in ("/", "/brief.html", "/brief.json", "/health", "/nothing"):
        headers = get(case, path).headers
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.html",
        "/%2e%2e/secret.html",
        "/asof/..%2f..%2fsecret.html",
        "/asof/%2e%2e%2fbrief.html",
        "/asof/2018-07-25.toml",
        "/asof/20180725.html",
        "/asof/2018-7-25.html",
        "/asof/2018-07-26.html",
        "/asof/2018-07-25",
        "/cases/%2e%2e/brief.html",
        "/cases//brief.html",
        "/case.toml",
        "/ledger/ledger.sqlite",
        "/docs",
        "/openapi.json",
    ],
)
def test_names_that_climb_out_or_are_unknown_are_refused(case: Path, path: str) -> None:
    (case.parent / "secret.html").write_text("secret")
    answer = get(case, path)
    assert answer.status_code == 404
    assert "secret" not in answer.text


def test_a_link_that_leads_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.html").write_text("secret")
    (tmp_path / "case" / "ledger").mkdir(parents=True)
    (tmp_path / "case" / "brief.html").symlink_to(tmp_path / "secret.html")
    assert get(tmp_path / "case", "/brief.html").status_code == 404


def test_a_folder_of_cases_lists_each_under_its_name(case: Path, tmp_path: Path) -> None:
    write_case(tmp_path / "first", days=())
    write_case(tmp_path / "zwei & drei", days=DAYS[:1])
    (tmp_path / "new" / "ledger").mkdir(parents=True)
    (tmp_path / "pictures").mkdir()
    page = get(tmp_path, "/").text
    assert 'href="/cases/first/brief.html"' in page
    assert 'href="/cases/zwei%20%26%20drei/asof/2018-07-25.html"' in page
    assert "No brief yet. Run <code>sitewatch run new</code>" in page
    assert "pictures" not in page
    assert get(tmp_path, "/cases/first/brief.json").status_code == 200
    assert get(tmp_path, "/cases/zwei%20%26%20drei/brief.html").status_code == 200
    assert get(tmp_path, "/cases/pictures/brief.html").status_code == 404
    assert get(tmp_path, "/brief.html").status_code == 404
    assert get(tmp_path, "/health").json()["cases"] == 3


def test_an_empty_folder_says_how_to_begin(tmp_path: Path) -> None:
    assert "sitewatch new DIR" in get(tmp_path, "/").text


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (None, "brief.json is missing"),
        ("{", "brief.json is damaged"),
        ('{"schema": "other/1"}', "brief.json is no brief of this desk"),
        ('{"schema": "sitewatch.brief/1"}', "brief.json is no brief of this desk"),
        ("[]", "brief.json is no brief of this desk"),
    ],
)
def test_data_that_cannot_be_read_is_told_and_the_page_still_stands(
    tmp_path: Path, data: str | None, says: str
) -> None:
    (tmp_path / "brief.html").write_text("<p>told</p>")
    if data is not None:
        (tmp_path / "brief.json").write_text(data)
    assert says in get(tmp_path, "/").text
    assert get(tmp_path, "/brief.html").text == "<p>told</p>"


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such folder"):
        create(tmp_path / "nowhere")


@pytest.mark.parametrize("host", ["evil.example", "192.0.2.7", "evil.example:8321"])
def test_a_name_that_was_pointed_at_this_machine_is_refused(case: Path, host: str) -> None:
    answer = get(case, "/brief.html", host=host)
    assert answer.status_code == 421
    assert "trailer" not in answer.text


@pytest.mark.parametrize("host", ["localhost:8321", "127.0.0.1", "[::1]:8321"])
def test_this_machines_own_names_are_answered(case: Path, host: str) -> None:
    assert get(case, "/brief.html", host=host).status_code == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "desk.example"])  # noqa: S104 - refused
def test_the_desk_refuses_to_listen_beyond_this_machine(case: Path, host: str) -> None:
    with pytest.raises(InputError, match="no accounts yet"):
        serve(case, host=host)


def test_a_taken_port_is_told(case: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(InputError, match=f"port {port} on 127.0.0.1 cannot be had"):
            serve(case, port=port)


def test_a_real_server_answers_on_loopback(served: str, case: Path) -> None:
    with httpx.Client(base_url=served, trust_env=False) as client:
        assert client.get("/health").json()["status"] == "ok"
        assert client.get("/brief.html").content == (case / "brief.html").read_bytes()
        assert "server" not in client.get("/").headers
    for path in ("/cases/../brief.html", "/../secret.html", "/asof/../../secret.html"):
        raw = http.client.HTTPConnection(served.removeprefix("http://"))
        raw.request("GET", path)  # as it stands, where httpx would straighten it first
        assert raw.getresponse().status == 404
        raw.close()
