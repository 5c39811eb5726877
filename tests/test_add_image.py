"""`add-image` at the command line: a GeoTIFF becomes a pass, is shown from its day on, and tied to its readings."""

from __future__ import annotations

import base64
import json
import re
import shlex
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Picture
from rasterio.transform import Affine
from typer.testing import CliRunner

from sitewatch import cli
from sitewatch.cli import app
from sitewatch.ledger import Ledger
from sitewatch.look import site_grid
from sitewatch.records import Artifact, Look, Pass, Record, Result
from sitewatch.verbs import Bench
from tests.look import skies
from tests.look.test_images import SITE, ground, write

CASE = f"""
title = "A made-up yard"
[[sites]]
id = "yard"
name = "the yard"
fence = {json.dumps([list(corner) for corner in SITE.fence])}
watch_from = 2018-01-01
[[sites]]
id = "rumour"
name = "the rumoured place"
[[looks]]
table = "looks.csv"
p_detect = [0.6, 0.8, 0.9]
p_false = [0.02, 0.05, 0.1]
[[questions]]
id = "open"
text = "Is the yard in use?"
site = "yard"
[[questions.hypotheses]]
id = "used"
text = "It is used."
[[questions.hypotheses]]
id = "shut"
text = "It is shut."
[[questions.indicators]]
id = "lorries"
text = "Lorries in the yard"
why = "A shut yard draws none."
observables = ["lorries"]
likelihood.used = [0.7, 0.8, 0.9]
likelihood.shut = [0.05, 0.1, 0.2]
"""
HEAD = "site,acquired,published,publisher,provider,observable,result,image"
TOLD = {
    "site": "yard", "acquired": "2018-06-01T09:20:00Z", "published": "2018-06-04", "provider": "Eye in the Sky",
    "licence": "details may be shown",
}  # fmt: skip


@pytest.fixture
def case(tmp_path) -> Path:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "case.toml").write_text(CASE)
    rows(folder)
    return folder


@pytest.fixture
def scene(tmp_path) -> Path:
    return write(tmp_path / "scene.tif", ground())


def rows(folder: Path, *lines: str) -> None:
    (folder / "looks.csv").write_text("\n".join([HEAD, *lines]) + "\n")


def sitewatch(*arguments: object) -> tuple[int, str, str]:
    answer = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if answer.exception is not None and not isinstance(answer.exception, SystemExit):
        raise answer.exception
    return answer.exit_code, answer.stdout, answer.stderr


def add(case: Path, file: Path, *flags: str, **changes: str) -> dict[str, Any]:
    """What the command says as JSON."""
    status, out, err = sitewatch("add-image", case, file, *options(**changes), *flags, "--json")
    assert status == 0, err
    return json.loads(out)


def options(**changes: str) -> list[str]:
    return [word for name, value in (TOLD | changes).items() for word in (f"--{name}", value)]


def refused(case: Path, file: Path, *flags: str, **changes: str) -> str:
    """Why the command refuses; nothing is recorded then."""
    before = [p.id for p in kept(case, Pass)] if (case / "ledger").exists() else []
    status, _, err = sitewatch("add-image", case, file, *options(**changes), *flags)
    assert status == 2
    assert [p.id for p in kept(case, Pass)] == before
    return err


def kept(case: Path, kind: type[Record]) -> tuple[Any, ...]:
    with Ledger.open(case / "ledger", create=False) as ledger:
        assert ledger.verify() == []
        return ledger.view().of(kind)


def brief(case: Path, *verbs: str) -> tuple[dict[str, Any], str]:
    """The site's entry in the brief, and the page."""
    for verb in verbs or ("weigh", "tell"):
        status, _, err = sitewatch(verb, case)
        assert status == 0, err
    return json.loads((case / "brief.json").read_text())["sites"][0], (case / "brief.html").read_text()


# --- It becomes a pass


def test_an_image_becomes_a_pass_with_its_credit_and_the_ledger_holds(case, scene):
    said = add(case, scene)
    assert said["new"] == {"artifact": 1, "pass": 1}
    assert said["notes"] == ["kept 400 x 400 pixels of 1 m, red, green, blue: the fence and up to 640 m around it"]
    (one,) = kept(case, Pass)
    assert (one.sensor, one.site, one.provider, one.original.file) == ("analyst", "yard", "Eye in the Sky", "scene.tif")
    assert (one.acquired, one.acquired_until) == (datetime(2018, 6, 1, 9, 20, tzinfo=UTC), None)
    (credit,) = [a for a in kept(case, Artifact) if a.sha256 == one.chip]
    assert (credit.licence, credit.redistributable) == ("details may be shown", False)
    assert kept(case, Look) == ()  # nobody has looked yet
    assert sitewatch("verify", case)[0] == 0


def test_the_reading_is_told_while_it_lasts(case, scene):
    status, out, err = sitewatch("add-image", case, scene, *options())
    assert status == 0
    assert "hashing scene.tif: " in err
    assert "reading scene.tif: 400 of 400" in err
    assert out.startswith("add-image: ")


def test_adding_it_twice_adds_nothing(case, scene):
    add(case, scene)
    (one,) = kept(case, Pass)
    again = add(case, scene)
    assert again["new"] == {}
    assert again["notes"] == [f"scene.tif is held already, as pass {one.id[:12]}"]
    assert kept(case, Pass) == (one,)


def test_the_same_file_with_other_words_takes_the_place_of_the_first(case, scene):
    add(case, scene)
    (first,) = kept(case, Pass)
    said = add(case, scene, provider="Eye", acquired="2018-06-01")
    assert said["notes"][0].startswith(f"it takes the place of pass {first.id[:12]} (the same file, with other words")
    (now,) = kept(case, Pass)
    assert (now.supersedes, now.provider) == (first.id, "Eye")
    assert (now.acquired, now.acquired_until.date()) == (datetime(2018, 6, 1, tzinfo=UTC), now.acquired.date())
    add(case, scene)
    (back,) = kept(case, Pass)
    assert (back.supersedes, back.provider) == (now.id, "Eye in the Sky")


def test_another_file_of_the_same_acquisition_is_refused_unless_it_is_to_replace_the_first(case, scene, tmp_path):
    add(case, scene)
    (first,) = kept(case, Pass)
    better = write(tmp_path / "better.tif", ground() + 1)
    assert re.search(
        rf"better\.tif: this acquisition is held already, from the file scene\.tif .*pass {first.id[:12]}\); --replace",
        refused(case, better),
    )
    said = add(case, better, "--replace")
    assert "(the file scene.tif), which stays in the ledger" in said["notes"][0]
    (now,) = kept(case, Pass)
    assert (now.supersedes, now.items) == (first.id, ("better.tif",))


def test_another_time_or_other_bands_are_another_image(case, scene, tmp_path):
    add(case, scene)
    sharp = write(tmp_path / "sharp.tif", ground(1), names=("pan",))
    add(case, sharp)
    add(case, write(tmp_path / "later.tif", ground() + 1), acquired="2018-06-01T15:20:00+02:00")
    assert {p.items for p in kept(case, Pass)} == {("scene.tif",), ("sharp.tif",), ("later.tif",)}


def test_a_stop_before_the_record_leaves_no_half_pass(case, scene, monkeypatch):
    sitewatch("weigh", case)
    chips: list[str] = []
    put = Ledger.put

    def stopped(self: Ledger, data: bytes) -> str:
        sha = put(self, data)
        if data[:2] == b"II":  # the clip, which goes before its record
            chips.append(sha)
            raise KeyboardInterrupt
        return sha

    with monkeypatch.context() as patched:
        patched.setattr(Ledger, "put", stopped)
        patched.setattr(cli, "_leave_loads", lambda: None)  # it would end the tests where others left a thread
        assert sitewatch("add-image", case, scene, *options())[0] == 130
    assert len(chips) == 1
    assert kept(case, Pass) == ()
    add(case, scene)
    assert [p.chip for p in kept(case, Pass)] == chips


# --- What is wrong


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"site": "yrad"},
            r"--site: found 'yrad', which is no site of the case; sites with a fence: yard \(the yard\)",
        ),
        ({"site": "rumour"}, r"--site: site rumour has no fence.*; sites with a fence: yard \(the yard\)"),
        ({"acquired": "1.6.2018"}, r"--acquired: found '1\.6\.2018' .*right would be a day such as 2018-07-20"),
        ({"acquired": "2018-06-01T09:20:00"}, r"--acquired: .*which names no zone"),
        ({"acquired": "2018-06-31"}, "--acquired: found '2018-06-31'"),
        ({"acquired": "2999-01-01"}, "--acquired: found 2999-01-01, which is still to come"),
        ({"published": "2999-01-01"}, "--published: found 2999-01-01, which is still to come"),
        ({"published": "2018-05-31"}, r"--published: found 2018-05-31, before the image was acquired"),
        ({"published": "2018-06-01T09:19:59Z"}, "--published: .*before the image was acquired"),
        ({"licence": " "}, "--licence: found nothing"),
        ({"provider": ""}, "--provider: found nothing"),
    ],
)
def test_a_wrong_option_says_what_would_be_right(case, scene, changes, words):
    sitewatch("weigh", case)
    assert re.search(words, refused(case, scene, **changes))


def test_an_image_of_its_day_of_publication_is_right(case, scene):
    add(case, scene, published="2018-06-01")
    add(case, scene, published="2018-06-01T09:20:00Z")
    assert [p.available_at for p in kept(case, Pass)] == [datetime(2018, 6, 1, 9, 20, tzinfo=UTC)]


def test_one_that_is_published_today_says_from_when_it_counts(case, scene):
    noon = datetime(2018, 6, 4, 12, tzinfo=UTC)
    with Bench.open(case, clock=lambda: noon) as bench:
        outcome = bench.add_image(scene, **TOLD)
        assert "it counts from the end of 2018-06-04 on, UTC" in outcome.notes[1]
        assert bench.ledger.view(noon).of(Pass) == ()


def test_a_file_that_cannot_be_used_is_wrong_input_and_says_so_in_json(case, tmp_path):
    (tmp_path / "empty.tif").write_bytes(b"")
    status, out, _ = sitewatch("add-image", case, tmp_path / "empty.tif", *options(), "--json")
    assert status == 2
    assert json.loads(out)["error"].endswith("the file is empty; get it again from where it came")


# --- The brief


def test_the_brief_shows_the_image_and_that_nobody_read_it_yet(case, scene):
    add(case, scene, attribution="Contains an eye")
    site, page = brief(case)
    assert site["passes"] == []
    (told,) = site["images"]
    assert (told["label"], told["when"], told["readings"]) == ("I1", "1 Jun 2018, 09:20 UTC", [])
    assert told["licence"] == "Contains an eye; details may be shown"
    figure = re.search(rf'<figure id="{told["anchor"]}">(.*?)</figure>', page, re.DOTALL)[1]
    text = " ".join(re.sub(r"<[^>]+>", "", figure).replace("&nbsp;", " ").split())
    assert "I1: 1 Jun 2018, 09:20 UTC, Eye in the Sky; public since 4 Jun 2018." in text
    assert "It awaits an analyst's reading." in text.replace("&#39;", "'")
    assert "Contains an eye; details may be shown." in text
    png = Picture.open(BytesIO(base64.b64decode(re.search(r"base64,([^\"]+)", figure)[1])))
    assert png.width == 690
    assert png.height > png.width  # a strip with date, provider and licence lies below
    assert "own images" in page
    assert 'href="#appendix"' in page


def test_images_of_any_pixel_share_one_scale(case, tmp_path):
    """The bright square of 20 m is as many pixels of the figure wide in both."""
    widths = []
    for pixel, size in ((1.0, 400), (0.25, 1600)):
        values = np.full((1, size, size), 10, np.uint8)
        first, last = (round((150 + edge) / pixel) for edge in (40, 60))
        values[0, first:last, first:last] = 250
        affine = Affine(pixel, 0, skies.LEFT + 600, 0, -pixel, skies.TOP - 600)
        add(
            case,
            write(tmp_path / f"{size}.tif", values, names=("pan",), transform=affine),
            acquired=f"2018-0{1 + len(widths)}-01",
        )
        widths.append(size)
    _, page = brief(case)
    found = [
        np.asarray(Picture.open(BytesIO(base64.b64decode(d))).convert("L"))
        for d in re.findall(r'png;base64,([^"]+)"', page)
    ]
    assert len(found) == 2
    across = [int((png[345] > 200).sum()) for png in found]  # the middle row; the square is in the middle of the fence
    assert across == pytest.approx([690 * 20 / 150] * 2, abs=6)


def test_what_lies_outside_the_image_is_grey_and_not_black(case, tmp_path):
    affine = Affine(1, 0, skies.LEFT + 800, 0, -1, skies.TOP - 600)  # begins in the middle of the fence
    add(case, write(tmp_path / "east.tif", np.full((3, 400, 400), 200, np.uint8), transform=affine))
    _, page = brief(case)
    png = np.asarray(Picture.open(BytesIO(base64.b64decode(re.search(r'png;base64,([^"]+)"', page)[1]))).convert("L"))
    assert png[345, 200] == pytest.approx(0.35 * 255, abs=3)
    assert png[345, 500] == pytest.approx(200, abs=3)


def test_only_the_latest_images_are_drawn(case, tmp_path):
    for n in range(1, 6):
        add(case, write(tmp_path / f"{n}.tif", ground() + n), acquired=f"2018-05-0{n}")
    site, page = brief(case)
    assert len(site["images"]) == 5
    assert page.count('<img src="data:image/png;base64,') == 4
    assert page.count("No figure: the page shows the latest images only.") == 1
    assert len(page) < 6_000_000


def test_no_brief_of_an_earlier_day_knows_of_it(case, scene):
    add(case, scene)
    for day, count in (("2018-06-03", 0), ("2018-06-04", 1)):
        assert sitewatch("asof", case, day)[0] == 0
        assert len(json.loads((case / "asof" / f"{day}.json").read_text())["sites"][0]["images"]) == count
        assert ("Eye in the Sky" in (case / "asof" / f"{day}.html").read_text()) == bool(count)


# --- Readings


def test_a_row_is_tied_to_the_image_that_it_names(case, scene):
    rows(case, "yard,,2018-06-05,Our desk,,lorries,seen,scene.tif")
    assert add(case, scene)["new"] == {"artifact": 1, "look": 1, "pass": 1}
    (one,), (look,) = kept(case, Pass), kept(case, Look)
    assert look.supersedes  # the one that was held before the image was
    assert (look.pass_id, look.result, look.by) == (one.id, Result.SEEN, "analyst")
    assert (look.when.earliest, look.provider, look.resolution_m) == (one.acquired, "Eye in the Sky", 1.0)
    site, page = brief(case)
    assert [ref["label"] for ref in site["images"][0]["readings"]] == ["L1"]
    assert site["looks"][0]["images"] == [{key: site["images"][0][key] for key in ("label", "anchor", "title")}]
    assert "What the analyst read in it:" in page
    (judged,) = json.loads((case / "brief.json").read_text())["judgements"]
    assert judged["ratio"]["best"] > 3  # it weighs as any look does
    assert sitewatch("run", case)[1].count(": nothing new\n") == 4


def test_a_row_may_name_it_by_its_id_and_follows_a_replacement(case, scene, tmp_path):
    add(case, scene)
    (one,) = kept(case, Pass)
    rows(case, f"yard,2018-06-01,2018-06-05,Our desk,,lorries,seen,{one.id[:10]}")
    sitewatch("weigh", case)
    assert [look.pass_id for look in kept(case, Look)] == [one.id]
    rows(case, "yard,2018-06-01,2018-06-05,Our desk,,lorries,seen,scene.tif")
    add(case, scene, provider="Eye")
    (now,) = kept(case, Pass)
    assert now.id != one.id
    assert [look.pass_id for look in kept(case, Look)] == [now.id]


def test_two_readers_of_one_image_are_two_looks(case, scene):
    rows(
        case,
        "yard,,2018-06-05,Our desk,,lorries,seen,scene.tif",
        "yard,,2018-06-06,Their desk,,lorries,not_seen,scene.tif",
    )
    add(case, scene)
    assert {look.publisher for look in kept(case, Look)} == {"Our desk", "Their desk"}
    assert sitewatch("weigh", case)[0] == 0
    assert len(kept(case, Look)) == 2


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (
            "yard,,2018-06-05,Our desk,,lorries,seen,other.tif",
            "looks.csv:2: no image other.tif is held of site yard; add it",
        ),
        (
            "yard,2018-06-02,2018-06-05,Our desk,,lorries,seen,scene.tif",
            "looks.csv:2: the row is of 2018-06-02, the image scene.tif was taken on 2018-06-01; mend the row",
        ),
    ],
)
def test_a_row_that_cannot_be_tied_is_told_each_time(case, scene, row, words):
    rows(case, row)
    assert any(note.startswith(words) for note in add(case, scene)["notes"])
    assert words in sitewatch("look", case)[1]
    assert [look.pass_id for look in kept(case, Look)] == [None]


def test_a_name_that_two_images_have_is_told_with_their_ids(case, scene, tmp_path):
    add(case, scene)
    (tmp_path / "more").mkdir()
    add(case, write(tmp_path / "more" / "scene.tif", ground() + 1), acquired="2018-06-02")
    rows(case, "yard,,2018-06-05,Our desk,,lorries,seen,scene.tif")
    out = sitewatch("look", case)[1]
    assert "2 images of site yard are called scene.tif; name one by its id: " in out
    assert all(one.id[:12] in out for one in kept(case, Pass))


# --- The monitor


def test_the_monitor_never_sees_it_even_on_its_own_grid(case, tmp_path):
    grid = site_grid(SITE)
    values = np.full((3, *grid.shape), 9, np.uint8)
    add(case, write(tmp_path / "coarse.tif", values, transform=Affine(*grid.transform)))
    (one,) = kept(case, Pass)
    assert one.grid == grid
    status, out, _ = sitewatch("look", case)
    assert (status, out) == (0, "look: nothing new\n")
    assert kept(case, Look) == ()


# --- The guide


def test_the_guide_shows_what_works(case, scene, monkeypatch):
    page = (Path(__file__).parents[1] / "docs" / "guide" / "02-case-file.md").read_text(encoding="utf-8")
    (line,) = re.findall(r"^    sitewatch (add-image .*)$", page, re.MULTILINE)
    header, row = re.search(r"```text\n(site,acquired,[^\n]*,image)\n([^\n]+)\n```", page).groups()
    (case / "case.toml").write_text(CASE.replace('"yard"', '"stand"'))
    (case / "looks.csv").write_text(f"{header}\n{row}\n")
    monkeypatch.chdir(case.parent)
    status, _, err = sitewatch(*shlex.split(line))
    assert status == 0, err
    (one,), (look,) = kept(case, Pass), kept(case, Look)
    assert look.pass_id == one.id
