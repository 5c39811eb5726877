"""What bad input gets at the command line: an exit status, a clear word, and nothing lost that was recorded before."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import rasterio
from pyproj import Transformer
from typer.testing import CliRunner

from sitewatch.cli import app
from sitewatch.ledger import Ledger
from sitewatch.look import catalog
from sitewatch.read import web
from sitewatch.records import Alert, Claim, Fault, Item, Lineage, Look, Pass, Record, Relation, Result
from tests import servers
from tests.look import skies

HISTORY = 10
"""Passes before the watch, enough for the monitor to judge by."""
DAYS = [datetime(2017, 4, 1, 9, 20, tzinfo=UTC) + timedelta(days=20 * n) for n in range(HISTORY)] + [
    datetime(2018, 4, 1, 9, 20, tzinfo=UTC) + timedelta(days=20 * n) for n in range(4)
]
NAMES = [f"pass-{day:%Y%m%d}" for day in DAYS]
WATCHED = NAMES[HISTORY:]
BANDS = ("green", "red", "nir")
"""Enough for the monitor to find a change in three looks."""
SIZE_MIDDLE = skies.SIZE // 2
REPORT = """Published: {day}
Title: Lorries at the yard

The council's spokeswoman said on Friday that {count} lorries had left the yard since the gate was opened. A driver told
the Gazette that nobody had weighed them. The council could not confirm whether any of them had carried timber.
"""


class Said(NamedTuple):
    """What a command answered."""

    status: int
    out: str
    err: str


def sitewatch(*arguments: object) -> Said:
    """A command in this process, where the libraries are loaded already."""
    answer = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if answer.exception is not None and not isinstance(answer.exception, SystemExit):
        raise answer.exception
    return Said(answer.exit_code, answer.stdout, answer.stderr)


def alone(*arguments: object) -> Said:
    """A command in a process of its own."""
    ended = subprocess.run(
        [sys.executable, "-m", "sitewatch.cli", *map(str, arguments)], capture_output=True, text=True, check=False
    )
    return Said(ended.returncode, ended.stdout, ended.stderr)


def kept(folder: Path, kind: type[Record]) -> tuple[Record, ...]:
    """The records of one kind that hold in a case's ledger."""
    with Ledger.open(folder / "ledger", create=False) as ledger:
        return ledger.view().of(kind)


def evidence(folder: Path) -> dict[str, set[str]]:
    """Ids of all that was seen and read, by kind; the ledger must hold."""
    with Ledger.open(folder / "ledger", create=False) as ledger:
        assert ledger.verify() == []
        view = ledger.view()
        kinds = (Pass, Look, Alert, Item, Claim, Lineage, Relation)
        return {kind.kind: {record.id for record in view.of(kind)} for kind in kinds}


def look_of(folder: Path, name: str) -> Look:
    """The monitor's look at the pass of one catalogue item."""
    (one,) = [p for p in kept(folder, Pass) if p.items == (name,)]
    (look,) = [k for k in kept(folder, Look) if k.pass_id == one.id]
    return look


# --- A small case


@pytest.fixture(scope="session")
def sky(tmp_path_factory) -> Path:
    """A folder with the rasters of every pass: the made-up ground, a little different each time."""
    folder = tmp_path_factory.mktemp("sky")
    noise = np.random.default_rng(0)
    for name in NAMES:
        for index, band in enumerate(BANDS):
            counts = skies.ramp(index) + noise.integers(0, 40, (skies.SIZE, skies.SIZE), dtype=np.uint16)
            skies.write_tif(folder / name / f"{band}.tif", counts)
        classes = np.full((skies.SIZE // 2, skies.SIZE // 2), 4, np.uint8)
        skies.write_tif(folder / name / "scl.tif", classes, pixel=20)
    return folder


def scene(name: str, where: str) -> dict[str, str]:
    """Addresses of the rasters of one pass below a folder or a server."""
    return {key: f"{where}/{name}/{key}.tif" for key in (*BANDS, "scl")}


def catalogue(folder: Path, where: object, names: list[str] = NAMES, **others: dict[str, str]) -> None:
    """The case's static catalogue; `others` gives single passes other rasters (by name with _ for -)."""
    items = [
        skies.item(name, others.get(name.replace("-", "_"), scene(name, str(where))), when=DAYS[NAMES.index(name)])
        for name in names
    ]
    skies.write_folder(folder / "stac", items)


def corners(left: float, bottom: float, side: float) -> str:
    """A square fence as TOML, from metres."""
    return json.dumps(skies.square(left, bottom, side)[:-1])


FENCE = corners(skies.LEFT + 750, skies.TOP - 850, 100)


def site(fence: str = FENCE, id: str = "yard") -> str:
    return f'\n[[sites]]\nid = "{id}"\nname = "the {id}"\nfence = {fence}\nwatch_from = 2018-01-01\n'


def imagery(where: str = 'folder = "stac"', id: str = "s2") -> str:
    searched = f'collection = "{skies.COLLECTION}"\nbands = {json.dumps(BANDS)}\nsince = 2015-01-01\n'
    return f'\n[[catalogues]]\nid = "{id}"\n{where}\n{searched}'


def reports(where: str) -> str:
    return (
        '\n[[outlets]]\nid = "gazette"\nname = "The Gazette"\nowner = "The Gazette"\ngrade = "C"\n'
        f'\n[[reports]]\n{where}\noutlet = "gazette"\n'
    )


def case(folder: Path, *tables: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "case.toml").write_text('title = "A made-up yard"\n' + "".join(tables))
    return folder


@pytest.fixture
def folder(tmp_path) -> Path:
    return tmp_path / "mine"


# --- The fence


CROSSING = "[[22.0, 45.0], [22.01, 45.01], [22.01, 45.0], [22.0, 45.01]]"
LARGE = "[[22.0, 45.0], [22.3, 45.0], [22.3, 45.01], [22.0, 45.01]]"


@pytest.mark.parametrize("verb", ["look", "run"])
@pytest.mark.parametrize(
    ("fence", "words"),
    [
        (CROSSING, r"case\.toml:6: sites\[yard\]\.fence: found a fence that crosses or touches itself near \[22\.0"),
        (
            LARGE,
            r"case\.toml:6: sites\[yard\]\.fence: found a fence of 23\.\d km by 1\.1 km; right would be at most 20 km",
        ),
    ],
    ids=["crossing", "large"],
)
def test_a_fence_that_cannot_be_watched_is_wrong_input(folder, verb, fence, words):
    said = sitewatch(verb, case(folder, site(fence)))
    assert said.status == 2
    assert re.search(words, said.err)
    assert not (folder / "ledger").exists()


def test_a_fence_file_that_cannot_be_watched_is_wrong_input(folder):
    case(folder, site().replace(f"fence = {FENCE}", 'fence_file = "fence.geojson"'))
    ring = json.loads(CROSSING)
    (folder / "fence.geojson").write_text(json.dumps({"type": "Polygon", "coordinates": [[*ring, ring[0]]]}))
    said = sitewatch("look", folder)
    assert said.status == 2
    assert re.search(
        r"case\.toml:6: sites\[yard\]\.fence_file: found in fence\.geojson: a fence that crosses", said.err
    )


def test_a_fence_that_no_pass_covers_is_wrong_input_and_the_other_site_is_still_watched(folder, sky):
    far = corners(300_000, 5_300_000, 100)
    case(folder, site(), site(far, "shed"), imagery())
    catalogue(folder, sky, NAMES[:3])
    said = sitewatch("run", folder)
    assert said.status == 2
    assert "not had: catalogue s2 for site shed: site shed: no pass of collection sentinel-2-l2a" in said.out
    assert (
        "covers the fence between 2015-01-01 and today; check that the fence names longitude before latitude"
        in said.out
    )
    assert len(kept(folder, Pass)) == 3
    assert "no pass of collection" in (folder / "brief.html").read_text()

    case(folder, site(), site(corners(skies.LEFT + 700, skies.TOP - 900, 100), "shed"), imagery())
    mended = sitewatch("look", folder)
    assert (mended.status, mended.out) == (0, f"look: {3} look, {3} pass\n")
    assert "came on a later try, after: site shed: no pass" in kept(folder, Fault)[0].reason


# --- The catalogue


def test_a_catalogue_that_is_down_is_told_and_what_others_list_is_kept(folder, sky, monkeypatch, tmp_path):
    monkeypatch.setattr(catalog, "PAUSE_S", 0.01)
    port = servers.free_port()
    case(folder, site(), imagery(f'url = "http://127.0.0.1:{port}/"', "api"), imagery())
    catalogue(folder, sky, NAMES[:2])
    down = sitewatch("run", folder)
    assert down.status == 3
    assert f"catalogue api at http://127.0.0.1:{port}/, asked 3 times: it did not answer" in down.out
    assert len(kept(folder, Pass)) == 2
    assert "asked 3 times: it did not answer" in (folder / "brief.html").read_text()

    monkeypatch.setattr(servers, "free_port", lambda: port)
    with servers.serve(servers.files(sky)) as shop:
        late = skies.item(NAMES[-1], scene(NAMES[-1], shop.url), when=DAYS[-1]).to_dict(include_self_link=False)
        with servers.stac_api(skies.collection(), [late | {"links": []}], tmp_path):
            up = sitewatch("look", folder)
    assert (up.status, up.out) == (0, "look: 1 look, 1 pass\n")
    assert [fault.transient for fault in kept(folder, Fault)] == [False]


def test_a_catalogue_that_answers_html_is_told(folder, monkeypatch):
    monkeypatch.setattr(catalog, "PAUSE_S", 0.01)
    with servers.serve(lambda *_: servers.HTML) as portal:
        said = sitewatch("look", case(folder, site(), imagery(f'url = "{portal.url}/v1"')))
    assert said.status == 3
    assert (
        f"catalogue s2 at {portal.url}/v1, asked 3 times: it answered HTML: '<!DOCTYPE html><html><body>Sign in"
        in said.out
    )
    assert "check the address in a browser, or try again later" in said.out


# --- The scenes


def test_a_scene_whose_asset_is_missing_or_cut_short_is_told_and_only_it_is_loaded_again(folder, sky):
    case(folder, site(), imagery())
    missing, cut = f"/{NAMES[3]}/red.tif", f"/{WATCHED[1]}/nir.tif"
    half = (sky / cut[1:]).read_bytes()[:20_000]
    faults = {missing: servers.Answer(b"gone", 404, "text/plain"), cut: servers.Answer(half, 200, "image/tiff")}
    with servers.serve(servers.files(sky, faults)) as shop:
        unlisted = {key: href for key, href in scene(WATCHED[3], shop.url).items() if key != "green"}
        catalogue(folder, shop.url, **{WATCHED[3].replace("-", "_"): unlisted})
        broken = alone("look", folder)
        assert broken.status == 3
        for path, asset in ((missing, "red"), (cut, "nir")):
            words = rf"item {path.split('/')[1]}: asset {asset} \({shop.url}{path}\) could not be read"
            assert re.search(rf"not had: pass sentinel-2a of \S+ \S+ over yard \(s2\): {words}", broken.out)
        assert f"item {WATCHED[3]} has no asset for band green; it has nir, red, scl" in broken.out
        assert {p.items[0] for p in kept(folder, Pass)} == {*NAMES} - {NAMES[3], WATCHED[1], WATCHED[3]}
        assert look_of(folder, WATCHED[0]).result is Result.NOT_SEEN

        faults.clear()
        shop.asked.clear()
        catalogue(folder, shop.url)
        mended = alone("look", folder)
    assert mended.status == 0
    assert re.match(r"look: (\d+ look), 1 measured, 3 pass\n$", mended.out)
    assert {line.split("/")[1] for line in shop.asked} == {NAMES[3], WATCHED[1], WATCHED[3]}
    assert len(kept(folder, Pass)) == len(NAMES)
    assert [fault.transient for fault in kept(folder, Fault)] == [False] * 3


def test_a_scene_in_another_reference_system_is_watched_like_the_others(folder, sky, tmp_path):
    name = WATCHED[2]
    project = Transformer.from_crs(skies.CRS, 3035, always_xy=True)
    x, y = project.transform(skies.LEFT + 800, skies.TOP - 800)
    corner = (round(x, -1) - 1500, round(y, -1) + 1500)
    row, column = np.mgrid[0:300, 0:300]
    xs, ys = project.transform(corner[0] + 10 * column + 5, corner[1] - 10 * row - 5, direction="INVERSE")
    ramp = 3 * (skies.TOP - ys) / 10 + 2 * (xs - skies.LEFT) / 10  # as skies.ramp, where a pixel is a metre's tenth
    hrefs = {}
    for index, band in enumerate(BANDS):
        counts = np.rint(1000 * (index + 1) + ramp + 20).astype(np.uint16)
        hrefs[band] = str(skies.write_tif(tmp_path / f"{band}.tif", counts, crs="EPSG:3035", corner=corner))
    classes = np.full((300, 300), 4, np.uint8)
    hrefs["scl"] = str(skies.write_tif(tmp_path / "scl.tif", classes, crs="EPSG:3035", corner=corner))
    case(folder, site(), imagery())
    catalogue(folder, sky, **{name.replace("-", "_"): hrefs})
    said = sitewatch("look", folder)
    assert (said.status, said.out) == (0, f"look: {len(NAMES)} look, 1 measured, {len(NAMES)} pass\n")
    look = look_of(folder, name)
    assert (look.result, look.reason[:27]) == (Result.NOT_SEEN, "100% of the fence is clear;")


def test_a_scene_whose_pixels_are_all_empty_is_a_look_with_its_reason(folder, sky, tmp_path):
    name = WATCHED[1]
    empty = skies.write_scene(tmp_path, "empty", empty=True)
    case(folder, site(), imagery())
    catalogue(folder, sky, **{name.replace("-", "_"): {key: str(tmp_path / href) for key, href in empty.items()}})
    said = sitewatch("run", folder)
    assert said.status == 0
    look = look_of(folder, name)
    assert (look.result, look.reason) == (Result.NOT_ASSESSABLE, "no pixel of the pass holds data over the fence")
    assert look.reason in (folder / "brief.html").read_text()
    assert look_of(folder, WATCHED[2]).result is Result.NOT_SEEN


# --- A fence that turns out wrong later


def test_a_fence_that_is_drawn_anew_is_watched_anew(watched, undisturbed):
    assert sitewatch("look", watched).status == 0
    before = evidence(watched)
    assert before == undisturbed
    # A grid of the same size, two pixels further west; the change now lies at the fence's edge.
    case(watched, site(corners(skies.LEFT + 730, skies.TOP - 850, 100)), imagery())
    assert sitewatch("read", watched).status == 0  # whichever command sees the new fence first
    said = sitewatch("look", watched)
    assert (said.status, said.out) == (
        0,
        f"look: 1 alert, {len(NAMES)} look, {len(NAMES)} pass, {len(NAMES) + 1} retraction\n",
    )
    after = evidence(watched)
    assert not after["pass"] & before["pass"]
    assert not after["look"] & before["look"]
    assert {p.grid.transform[2] for p in kept(watched, Pass)} == {skies.LEFT + 730 - 640}
    assert [alert.state.value for alert in kept(watched, Alert)] == ["possible"]
    assert not after["alert"] & before["alert"]
    assert sitewatch("look", watched).out == "look: nothing new\n"
    assert sitewatch("tell", watched).status == 0
    assert sitewatch("asof", watched, "2018-06-02").status == 0


def test_a_first_watched_day_that_is_changed_is_watched_anew(watched):
    assert sitewatch("look", watched).status == 0
    case(watched, site().replace("2018-01-01", "2018-04-10"), imagery())
    assert sitewatch("weigh", watched).status == 0
    assert sitewatch("look", watched).status == 0
    assert look_of(watched, WATCHED[0]).reason == "before the watch: the baseline is fitted to it"


# --- The reports


def write_reports(folder: Path, **texts: str | bytes) -> None:
    """Files of a case's folder `reports`, by name with _ for the dot."""
    (folder / "reports").mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        path = folder / "reports" / name.replace("_", ".")
        path.write_bytes(text.encode() if isinstance(text, str) else text)


def test_a_report_that_is_empty_or_no_text_is_told_with_its_reason_and_the_rest_is_read(folder):
    good = REPORT.format(day="2018-06-02", count="twelve")
    write_reports(
        folder, a_txt="", b_txt=b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", c_html="<html><body></body></html>", d_txt=good
    )
    case(folder, site(), reports('folder = "reports"'))
    said = sitewatch("run", folder)
    assert said.status == 0
    told = {
        "reports/a.txt": "it holds no text; if it is a page",
        "reports/b.txt": "it cannot be read: a PNG image, not text",
        "reports/c.html": "it holds no text; if it is a page",
    }
    page = (folder / "brief.html").read_text()
    for origin, reason in told.items():
        assert f"  not had: {origin}: {reason}" in said.out
        assert f"{origin}: {reason}" in page
    assert [item.origin for item in kept(folder, Item)] == ["reports/d.txt"]
    assert len(kept(folder, Claim)) >= 3

    again = sitewatch("read", folder)
    assert (again.status, again.out.splitlines()[0]) == (0, "read: nothing new")
    assert again.out.count("not had") == 3

    write_reports(folder, a_txt=REPORT.format(day="2018-06-04", count="thirteen"))
    mended = sitewatch("read", folder)
    assert "reports/a.txt" not in mended.out
    assert {item.origin for item in kept(folder, Item)} == {"reports/a.txt", "reports/d.txt"}


FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>The Gazette</title><link>https://gazette.example/</link>
<item><title>{title}</title><guid>{title}</guid><description>{text}</description></item></channel></rss>"""


@pytest.fixture
def feed(monkeypatch):
    """A server whose feed names no dates; tests may put another answer in its place."""
    monkeypatch.setattr(web, "_PAUSE", 0.01)
    text = " ".join(f"The mayor said that lorry {n} had left the yard." for n in range(20))
    answers = {
        "/feed": servers.Answer(FEED.format(title="Many lorries", text=text).encode(), 200, "application/rss+xml")
    }
    missing = servers.Answer(b"", 404, "text/plain")
    with servers.serve(lambda method, path, wanted: answers.get(path, missing)) as server:
        yield server.url, answers


def test_what_a_feed_does_not_date_is_kept_undated_and_held_back(folder, feed):
    url, _ = feed
    case(folder, site(), reports(f'feed = "{url}/feed"'))
    said = sitewatch("run", folder, "--allow-private")
    assert said.status == 0
    (item,) = kept(folder, Item)
    assert (item.published.earliest, item.published.latest, item.available_at) == (None, None, None)
    assert {claim.available_at for claim in kept(folder, Claim)} == {None}
    (held,) = [h for h in json.loads((folder / "brief.json").read_text())["held_back"] if h["kind"] == "item"]
    assert held["id"] == item.id
    assert held["text"] == "The Gazette: Many lorries; day of publication unknown"
    assert "day of publication unknown" in (folder / "brief.html").read_text()


def test_a_feed_on_a_private_address_needs_a_word(folder, feed):
    url, _ = feed
    case(folder, site(), reports(f'feed = "{url}/feed"'))
    refused = sitewatch("read", folder)
    assert refused.status == 0
    assert f"not had: {url}/feed: 127.0.0.1 is a private address" in refused.out
    assert kept(folder, Item) == ()
    assert "1 item" in sitewatch("read", folder, "--allow-private").out
    assert kept(folder, Fault)[0].reason.startswith("came on a later try, after: 127.0.0.1 is a private address")


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [
        (servers.Answer(b"busy", 503, "text/plain"), 3, "the server answered 503, after 4 tries"),
        (servers.HTML, 0, "it answers with something that is no RSS or Atom feed; for a page, use `url`"),
        (servers.Answer(b"", 200, "application/rss+xml"), 0, "it answers with something that is no RSS or Atom feed"),
    ],
    ids=["down", "html", "empty"],
)
def test_a_feed_that_gives_none_is_told_and_asked_again(folder, feed, answer, status, words):
    url, answers = feed
    right, answers["/feed"] = answers["/feed"], answer
    write_reports(folder, d_txt=REPORT.format(day="2018-06-02", count="twelve"))
    case(folder, site(), reports(f'feed = "{url}/feed"'), '\n[[reports]]\nfolder = "reports"\noutlet = "gazette"\n')
    said = sitewatch("read", folder, "--allow-private")
    assert said.status == status
    assert f"not had: {url}/feed: {words}" in said.out
    assert [item.origin for item in kept(folder, Item)] == ["reports/d.txt"]
    answers["/feed"] = right
    assert sitewatch("read", folder, "--allow-private").status == 0
    assert len(kept(folder, Item)) == 2


# --- Stopped in the middle


@pytest.fixture(scope="session")
def cleared(sky, tmp_path_factory) -> dict[str, dict[str, str]]:
    """Rasters of the last three passes with the middle of the fence laid bare, by name with _ for -."""
    folder = tmp_path_factory.mktemp("cleared")
    middle = slice(SIZE_MIDDLE - 3, SIZE_MIDDLE + 3)
    for name in WATCHED[1:]:
        shutil.copytree(sky / name, folder / name)
        for band in BANDS:
            with rasterio.open(folder / name / f"{band}.tif", "r+") as file:
                counts = file.read(1)
                counts[middle, middle] += 800
                file.write(counts, 1)
    return {name.replace("-", "_"): scene(name, str(folder)) for name in WATCHED[1:]}


@pytest.fixture
def watched(folder, sky, cleared) -> Path:
    """A case whose passes show a change."""
    case(folder, site(), imagery())
    catalogue(folder, sky, **cleared)
    return folder


@pytest.fixture(scope="session")
def undisturbed(sky, cleared, tmp_path_factory) -> dict[str, set[str]]:
    """What a look at that case finds when nothing stops it."""
    folder = case(tmp_path_factory.mktemp("undisturbed"), site(), imagery())
    catalogue(folder, sky, **cleared)
    assert sitewatch("look", folder).status == 0
    found = evidence(folder)
    assert len(found["alert"]) == 1
    return found


def test_ctrl_c_while_a_server_hangs_ends_at_once_and_keeps_what_came(folder, sky, cleared, undisturbed):
    case(folder, site(), imagery())
    faults = {f"/{NAMES[5]}/green.tif": servers.Answer(hang=True)}
    with servers.serve(servers.files(sky, faults)) as shop:
        catalogue(folder, shop.url, **cleared)
        running = started("look", folder)
        for line in running.stderr:
            if line.startswith(f"loading the yard: 5 of {len(NAMES)}"):
                break
        running.send_signal(signal.SIGINT)
        begun = time.monotonic()
        _, err = running.communicate(timeout=20)
        assert time.monotonic() - begun < 5
        assert running.returncode == 130
        assert err.endswith("sitewatch: stopped; what was recorded is kept, and the same command goes on from there\n")
        assert [p.items[0] for p in kept(folder, Pass)] == NAMES[:5]
        assert sitewatch("verify", folder).status == 0
        faults.clear()
        shop.asked.clear()
        assert alone("look", folder).status == 0
    assert {line.split("/")[1] for line in shop.asked} == {*NAMES[5:]} - {*WATCHED[1:]}
    assert evidence(folder) == undisturbed


def started(*arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "sitewatch.cli", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


KILLED = """
import os, signal, sys
from sqlalchemy import Engine, event
from sitewatch.cli import app

kind, number, moment = sys.argv.pop(1), int(sys.argv.pop(1)), sys.argv.pop(1)
batches, reached = 0, False

def die_at(here):
    if reached and moment == here:
        os.kill(os.getpid(), signal.SIGKILL)

@event.listens_for(Engine, "before_cursor_execute")
def write(connection, cursor, statement, rows, context, many):
    global batches, reached
    if statement.startswith("INSERT INTO records") and any(kind in row for row in (rows if many else [rows])):
        batches += 1
        reached = batches == number
        die_at("before")

event.listen(Engine, "commit", lambda connection: die_at("within"))
event.listen(Engine, "begin", lambda connection: die_at("after"))
app()
"""
"""A command that kills itself before, within or after the transaction that brings the n-th batch of a kind."""


def killed(kind: str, number: int, moment: str, *arguments: object) -> None:
    command = [sys.executable, "-c", KILLED, kind, str(number), moment, *map(str, arguments)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr


@pytest.mark.parametrize(
    ("kind", "number", "moment", "passes"),
    [
        ("site", 1, "within", 0),
        ("pass", 6, "within", 5),
        ("look", 1, "within", len(NAMES)),
        pytest.param("pass", 1, "before", 0, marks=pytest.mark.slow),
        pytest.param("pass", len(NAMES), "after", len(NAMES), marks=pytest.mark.slow),
    ],
)
def test_a_look_that_is_killed_goes_on_where_it_was(watched, undisturbed, kind, number, moment, passes):
    killed(kind, number, moment, "look", watched)
    left = evidence(watched)
    assert (len(left["pass"]), left["look"]) == (passes, set())
    said = sitewatch("look", watched)
    assert said.status == 0
    assert (f"{len(NAMES) - passes} pass" in said.out) == (passes < len(NAMES))
    assert evidence(watched) == undisturbed


def written(folder: Path) -> Path:
    """A case with a report, its copy by another outlet, and one with another number."""
    first, later = REPORT.format(day="2018-06-02", count="twelve"), REPORT.format(day="2018-06-04", count="thirteen")
    write_reports(
        folder, a_txt=first, b_txt="Outlet: post\n" + first.replace("06-02", "06-03"), c_txt="Outlet: post\n" + later
    )
    post = '\n[[outlets]]\nid = "post"\nname = "The Post"\nowner = "The Post"\ngrade = "C"\n'
    return case(folder, site(), post, reports('folder = "reports"'))


@pytest.fixture(scope="session")
def read_through(tmp_path_factory) -> dict[str, set[str]]:
    """What reading that case finds when nothing stops it."""
    folder = written(tmp_path_factory.mktemp("read"))
    assert sitewatch("read", folder).status == 0
    found = evidence(folder)
    assert (len(found["item"]), *map(bool, (found["claim"], found["lineage"], found["relation"]))) == (
        3,
        True,
        True,
        True,
    )
    return found


@pytest.mark.parametrize(
    ("kind", "number", "moment", "items"),
    [("item", 1, "within", 0), ("item", 2, "after", 2), ("lineage", 1, "within", 3), ("relation", 1, "before", 3)],
)
def test_a_reading_that_is_killed_goes_on_where_it_was(folder, read_through, kind, number, moment, items):
    killed(kind, number, moment, "read", written(folder))
    assert len(evidence(folder)["item"]) == items
    said = sitewatch("read", folder)
    assert said.status == 0
    assert (f"{3 - items} item" in said.out) == (items < 3)
    assert evidence(folder) == read_through
