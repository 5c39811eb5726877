"""What bad input gets at the command line: an exit status, a clear word, and nothing lost that was recorded before."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from pyproj import Transformer
from typer.testing import CliRunner

from sitewatch.cli import app
from sitewatch.ledger import Ledger
from sitewatch.look import catalog
from sitewatch.records import Alert, Fault, Item, Look, Pass, Record, Result
from tests import servers
from tests.look import skies

HISTORY = 10
"""Passes before the watch, enough for the monitor to judge by."""
DAYS = [datetime(2017, 4, 1, 9, 20, tzinfo=UTC) + timedelta(days=20 * n) for n in range(HISTORY)] + [
    datetime(2018, 4, 1, 9, 20, tzinfo=UTC) + timedelta(days=20 * n) for n in range(4)
]
NAMES = [f"pass-{day:%Y%m%d}" for day in DAYS]
WATCHED = NAMES[HISTORY:]
REPORT = """Outlet: gazette
Published: 2018-06-02
Title: Lorries at the yard

The council's spokeswoman said on Friday that twelve lorries had left the yard.
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


def evidence(folder: Path) -> set[str]:
    """Ids of all that was seen and read, without what was set up and what was judged."""
    kinds = (Pass, Look, Alert, Item, *(Record.__subclasses__()[:0]))
    with Ledger.open(folder / "ledger", create=False) as ledger:
        assert ledger.verify() == []
        view = ledger.view()
        return {record.id for kind in kinds for record in view.of(kind)}


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
        for index, band in enumerate(skies.BANDS):
            counts = skies.ramp(index) + noise.integers(0, 40, (skies.SIZE, skies.SIZE), dtype=np.uint16)
            skies.write_tif(folder / name / f"{band}.tif", counts)
        classes = np.full((skies.SIZE // 2, skies.SIZE // 2), 4, np.uint8)
        skies.write_tif(folder / name / "scl.tif", classes, pixel=20)
    return folder


def scene(name: str, where: str) -> dict[str, str]:
    """Addresses of the rasters of one pass below a folder or a server."""
    return {key: f"{where}/{name}/{key}.tif" for key in (*skies.BANDS, "scl")}


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
    return f'\n[[catalogues]]\nid = "{id}"\n{where}\ncollection = "{skies.COLLECTION}"\nsince = 2015-01-01\n'


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
        (LARGE, r"case\.toml:6: sites\[yard\]\.fence: found a fence of 23\.\d km by 1\.1 km; right would be at most 20 km"),
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
    assert re.search(r"case\.toml:6: sites\[yard\]\.fence_file: found in fence\.geojson: a fence that crosses", said.err)


def test_a_fence_that_no_pass_covers_is_wrong_input_and_the_other_site_is_still_watched(folder, sky):
    far = corners(300_000, 5_300_000, 100)
    case(folder, site(), site(far, "shed"), imagery())
    catalogue(folder, sky)
    said = sitewatch("run", folder)
    assert said.status == 2
    assert "not had: catalogue s2 for site shed: site shed: no pass of collection sentinel-2-l2a" in said.out
    assert "covers the fence between 2015-01-01 and today; check that the fence names longitude before latitude" in said.out
    assert len(kept(folder, Pass)) == len(NAMES)
    assert "no pass of collection" in (folder / "brief.html").read_text()


# --- The catalogue


def test_a_catalogue_that_is_down_is_told_and_what_others_list_is_kept(folder, sky, monkeypatch, tmp_path):
    monkeypatch.setattr(catalog, "PAUSE_S", 0.01)
    port = servers.free_port()
    case(folder, site(), imagery(f'url = "http://127.0.0.1:{port}/"', "api"), imagery())
    catalogue(folder, sky, NAMES[:-1])
    down = sitewatch("run", folder)
    assert down.status == 3
    told = rf"not had: catalogue api for site yard: catalogue api at http://127\.0\.0\.1:{port}/, asked 3 times: it did not answer"
    assert re.search(told, down.out)
    assert len(kept(folder, Pass)) == len(NAMES) - 1
    assert "asked 3 times: it did not answer" in (folder / "brief.html").read_text()

    late = [skies.item(NAMES[-1], scene(NAMES[-1], str(sky)), when=DAYS[-1]).to_dict() | {"links": []}]
    monkeypatch.setattr(servers, "free_port", lambda: port)
    with servers.stac_api(skies.collection(), late, tmp_path):
        up = sitewatch("look", folder)
    assert (up.status, up.out) == (0, "look: 1 look, 1 pass")
    assert [fault.transient for fault in kept(folder, Fault)] == [False]


def test_a_catalogue_that_answers_html_is_told(folder, monkeypatch):
    monkeypatch.setattr(catalog, "PAUSE_S", 0.01)
    with servers.serve(lambda *_: servers.HTML) as portal:
        said = sitewatch("look", case(folder, site(), imagery(f'url = "{portal.url}/v1"')))
    assert said.status == 3
    assert f"catalogue s2 at {portal.url}/v1, asked 3 times: it answered HTML: '<!DOCTYPE html><html><body>Sign in" in said.out
    assert "check the address in a browser, or try again later" in said.out


# --- The scenes


def test_a_scene_whose_asset_is_missing_or_cut_short_is_told_and_only_it_is_loaded_again(folder, sky):
    case(folder, site(), imagery())
    missing, cut = f"/{NAMES[3]}/red.tif", f"/{WATCHED[1]}/nir.tif"
    half = (sky / cut[1:]).read_bytes()[:20_000]
    faults = {missing: servers.Answer(b"gone", 404, "text/plain"), cut: servers.Answer(half, 200, "image/tiff")}
    with servers.serve(servers.files(sky, faults)) as shop:
        catalogue(folder, shop.url)
        broken = alone("look", folder)
        assert broken.status == 3
        for path, asset in ((missing, "red"), (cut, "nir")):
            name = path.split("/")[1]
            told = rf"not had: pass sentinel-2a of .* over yard \(s2\).*item {name}: asset {asset} \({shop.url}{path}\)"
            assert re.search(told, broken.out)
        assert {p.items[0] for p in kept(folder, Pass)} == {*NAMES} - {NAMES[3], WATCHED[1]}
        assert look_of(folder, WATCHED[0]).result is Result.NOT_SEEN

        faults.clear()
        shop.asked.clear()
        mended = alone("look", folder)
    assert mended.status == 0
    assert re.match(r"look: (\d+ look), 2 pass\n$", mended.out)
    assert {line.split("/")[1] for line in shop.asked} == {NAMES[3], WATCHED[1]}
    assert len(kept(folder, Pass)) == len(NAMES)
    assert [fault.transient for fault in kept(folder, Fault)] == [False, False]


def test_a_scene_in_another_reference_system_is_watched_like_the_others(folder, sky, tmp_path):
    name = WATCHED[2]
    project = Transformer.from_crs(skies.CRS, 3035, always_xy=True)
    x, y = project.transform(skies.LEFT + 800, skies.TOP - 800)
    corner = (round(x, -1) - 1500, round(y, -1) + 1500)
    row, column = np.mgrid[0:300, 0:300]
    xs, ys = project.transform(corner[0] + 10 * column + 5, corner[1] - 10 * row - 5, direction="INVERSE")
    ramp = 3 * (skies.TOP - ys) / 10 + 2 * (xs - skies.LEFT) / 10  # as skies.ramp, where a pixel is a metre's tenth
    hrefs = {}
    for index, band in enumerate(skies.BANDS):
        counts = np.rint(1000 * (index + 1) + ramp + 20).astype(np.uint16)
        hrefs[band] = str(skies.write_tif(tmp_path / f"{band}.tif", counts, crs="EPSG:3035", corner=corner))
    classes = np.full((300, 300), 4, np.uint8)
    hrefs["scl"] = str(skies.write_tif(tmp_path / "scl.tif", classes, crs="EPSG:3035", corner=corner))
    case(folder, site(), imagery())
    catalogue(folder, sky, **{name.replace("-", "_"): hrefs})
    said = sitewatch("look", folder)
    assert (said.status, said.out) == (0, f"look: {len(NAMES)} look, {len(NAMES)} pass\n")
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
