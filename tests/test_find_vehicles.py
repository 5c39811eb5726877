"""`find-vehicles` at the command line: from an image and a detector to a look, a count with bounds, and pictures."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from sitewatch.cli import app
from sitewatch.ledger import Ledger
from sitewatch.records import Artifact, Assessment, Look, Observation, Record, Result
from sitewatch.weigh.words import lint
from tests.look.vehicles.graphs import ORIENTED, graph, ground, write
from tests.look.vehicles.test_ground import fenced

SHAPE = (300, 280)
COUNT = 24
KINDS = """
[[vehicle_kinds]]
name = "a transporter"
length = [11, 13, 16]
why = "drawings"
[[vehicle_kinds]]
name = "a lorry"
length = [10, 16, 19]
why = "the road code"
"""
CASE = """
title = "A made-up yard"
[[sites]]
id = "yard"
name = "the yard"
fence = FENCE
[[sites]]
id = "rumour"
name = "the rumoured place"
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
id = "vehicles"
text = "Vehicles in the yard"
why = "A shut yard has none."
observables = ["vehicles"]
likelihood.used = [0.7, 0.8, 0.9]
likelihood.shut = [0.05, 0.1, 0.2]
"""
ADDED = ["--acquired", "2018-06-01T09:20:00Z", "--published", "2018-06-04", "--provider", "Eye in the Sky"]
TERMS = ["--licence", "details may be shown"]
TRIALS = "image,found,of,false\n" + "".join(f"t{n},{17 + n % 3},20,{n % 2}\n" for n in range(12))


@pytest.fixture(scope="module")
def detector(tmp_path_factory) -> Path:
    return graph(tmp_path_factory.mktemp("d") / "marks.onnx", ORIENTED, (128, 128), oriented=True)


@pytest.fixture
def image(tmp_path) -> Path:
    return scene(tmp_path / "scene.tif", ground(SHAPE, ORIENTED, COUNT, 3)[0])


@pytest.fixture
def case(tmp_path) -> Path:
    (tmp_path / "mine").mkdir()
    written(tmp_path / "mine")
    return tmp_path / "mine"


@pytest.fixture
def added(case, image) -> Path:
    assert add(case, image)[0] == 0
    return case


@pytest.fixture
def trials(tmp_path) -> Path:
    (tmp_path / "trials.csv").write_text(TRIALS)
    return tmp_path / "trials.csv"


def scene(path: Path, values: Any) -> Path:
    return write(path, np.stack([values] * 3), photometric="RGB")


def written(folder: Path, box: tuple[int, int, int, int] = (10, 10, 270, 150), more: str = "") -> None:
    fence = json.dumps([list(corner) for corner in fenced(*box).fence[:-1]])
    (folder / "case.toml").write_text(CASE.replace("FENCE", fence) + more)


def sitewatch(*arguments: object) -> tuple[int, str, str]:
    answer = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if answer.exception is not None and not isinstance(answer.exception, SystemExit):
        raise answer.exception
    return answer.exit_code, answer.stdout, answer.stderr


def add(case: Path, image: Path, *flags: str) -> tuple[int, str, str]:
    return sitewatch("add-image", case, image, "--site", "yard", *ADDED, *(flags or TERMS))


def count(case: Path, image: Path, detector: Path, *flags: object) -> dict[str, Any]:
    """What the command says as JSON."""
    given = ("--site", "yard", "--detector", detector, *flags, "--json")
    status, out, err = sitewatch("find-vehicles", case, image, *given)
    assert status == 0, err
    return json.loads(out)


def refused(case: Path, image: Path, *flags: object) -> str:
    status, out, err = sitewatch("find-vehicles", case, image, *flags)
    assert (status, out) == (2, "")
    assert kept(case, Observation) == ()
    return err


def kept(case: Path, kind: type[Record]) -> tuple[Any, ...]:
    if not (case / "ledger").exists():
        return ()
    with Ledger.open(case / "ledger", create=False) as ledger:
        assert ledger.verify() == []
        return ledger.view().of(kind)


def site_of(case: Path, *verbs: str) -> tuple[dict[str, Any], str]:
    """The site's entry in the brief, and the page."""
    for verb in verbs or ("weigh", "tell"):
        status, _, err = sitewatch(verb, case)
        assert status == 0, err
    return json.loads((case / "brief.json").read_text())["sites"][0], (case / "brief.html").read_text()


# --- A count


def test_boxes_inside_the_fence_become_a_look_a_count_and_pictures(added, image, detector):
    said = count(added, image, detector)
    (look,), (seen,) = kept(added, Look), kept(added, Observation)
    inside = [one for one in ground(SHAPE, ORIENTED, COUNT, 3)[1] if 10 < one.x < 270 and 10 < one.y < 150]
    assert 0 < len(inside) < COUNT
    assert (seen.value.lo, seen.value.hi) == (len(inside), len(inside))
    assert "is not known" in seen.value.origin
    assert "Nobody knows how many vehicles the detector missed" in seen.note
    assert seen.looks == (look.id,)
    assert (look.by, look.observable, look.result, look.p_detect) == ("analyst", "vehicles", Result.SEEN, None)
    assert (look.provider, look.resolution_m, look.publisher) == ("Eye in the Sky", 0.5, "the analyst")
    assert seen.available_at == look.available_at
    assert str(seen.available_at)[:10] == "2018-06-04"
    assert "marks.onnx by the tests (version not stated, SHA-256 " in seen.method
    assert "licence CC0-1.0): oriented boxes of small vehicle and large vehicle" in seen.method
    assert said["new"] == {"look": 1, "observation": 1, "artifact": len(seen.crops)}
    assert said["notes"][0] == f"{seen.id[:12]} the yard: {len(inside)} boxes inside the fence"


def test_the_same_again_adds_nothing_and_opening_the_case_keeps_it(added, image, detector, trials):
    for flags in ((), ("--trials", trials)):
        count(added, image, detector, *flags)
        before = kept(added, Look), kept(added, Observation)
        again = count(added, image, detector, *flags)
        assert (again["new"], again["notes"]) == ({}, ["counted before, with the same result"])
        assert sitewatch("weigh", added)[0] == 0
        assert (kept(added, Look), kept(added, Observation)) == before


def test_what_is_said_is_sizes_and_lengths_and_passes_the_words(added, image, detector):
    count(added, image, detector)
    (seen,) = kept(added, Observation)
    assert any(line.startswith("Small vehicles (under 6 m): ") for line in seen.says)
    assert any(line.startswith("Large vehicles (10 m or longer): ") for line in seen.says)
    assert "longest boxes: large vehicle, 13 m +/- 2; large vehicle, 13 m +/- 2" in seen.says[-1]
    boxes = sum(int(line.split(": ")[1].split(" ")[0]) for line in seen.says[:-1])
    assert boxes == seen.value.best
    for text in (*seen.says, seen.note, seen.method, *(crop.caption for crop in seen.crops)):
        assert lint(text) == []


def test_trials_give_the_true_number_the_power_and_replace_the_plain_count(added, image, detector, trials):
    count(added, image, detector)
    plain = kept(added, Observation)[0].value.best
    said = count(added, image, detector, "--trials", trials)
    (look,), (seen,) = kept(added, Look), kept(added, Observation)
    assert seen.looks == (look.id,)
    assert seen.value.lo <= plain <= seen.value.hi
    assert seen.value.lo < seen.value.hi
    assert look.p_detect.best > 0.85
    assert look.p_false.best < 0.2
    assert "the power is that for" in look.note
    assert "vehicles found and 6 false boxes in 12 images" in seen.value.origin
    assert f"{seen.value.lo:g} to {seen.value.hi:g} vehicles, median" in said["notes"][0]
    assert [one.origin for one in kept(added, Artifact) if one.media_type == "text/csv"] == ["trials.csv"]


def test_each_large_vehicle_gets_the_ratio_between_rivals(added, image, detector):
    written(added, more=KINDS)
    count(added, image, detector)
    (seen,) = kept(added, Observation)
    told = [line for line in seen.says if "the length is expected of" in line]
    assert told
    for line in told:
        assert "a transporter" in line
        assert "a lorry" in line
        assert "times as much as of" in line
    assert (
        "a transporter 11 to 16 m, usually 13 (drawings); a lorry 10 to 19 m, usually 16 (the road code)" in seen.note
    )


def test_pictures_are_at_one_scale_with_the_longest_first_and_credited(added, image, detector):
    count(added, image, detector)
    (seen,) = kept(added, Observation)
    assert 6 < len(seen.crops) <= 12
    assert len({crop.side_m for crop in seen.crops}) == 1
    assert seen.crops[0].caption.startswith("1: large vehicle, 13 m +/- 2, score ")
    assert all(c.caption.endswith("Eye in the Sky, 1 Jun 2018, 09:20 UTC; details may be shown") for c in seen.crops)
    pictures = {one.sha256: one for one in kept(added, Artifact) if one.media_type == "image/png"}
    assert {crop.picture for crop in seen.crops} == set(pictures)
    assert {one.licence for one in pictures.values()} == {"details may be shown"}


def test_the_brief_shows_it_from_the_day_on_which_the_image_was_public(added, image, detector, trials):
    count(added, image, detector, "--trials", trials)
    site, page = site_of(added)
    (seen,) = kept(added, Observation)
    (told,) = site["observations"]
    assert told["value"]["best"] == seen.value.best
    assert f"{seen.value.best:g} [{seen.value.lo:g}, {seen.value.hi:g}] vehicles" in page
    shown = re.sub(r"<[^>]+>", "", page)
    for line in (*seen.says, seen.crops[0].caption):
        assert line in shown
    for day, there in (("2018-06-03", 0), ("2018-06-04", 1)):
        assert sitewatch("asof", added, day)[0] == 0
        past = json.loads((added / "asof" / f"{day}.json").read_text())["sites"][0]
        assert (len(past["observations"]), len(past["looks"])) == (there, there)


def test_a_question_weighs_the_look_by_its_trials(added, image, detector, trials):
    for flags, speaks in (((), False), (("--trials", trials), True)):
        count(added, image, detector, *flags)
        assert sitewatch("weigh", added)[0] == 0
        (answer,) = kept(added, Assessment)
        (look,) = kept(added, Look)
        (driver,) = answer.drivers
        weight = driver.log_likelihood["used"] - driver.log_likelihood["shut"]
        assert (look.id in driver.looks, weight > 0.5) == (speaks, speaks)


# --- No box, and too few


def test_no_box_over_the_whole_fence_is_not_seen_over_half_of_it_not_assessable(case, detector, tmp_path, trials):
    empty = scene(tmp_path / "empty.tif", np.ones(SHAPE, np.uint8))
    for box, result in (((10, 10, 270, 150), Result.NOT_SEEN), ((-270, 10, 270, 150), Result.NOT_ASSESSABLE)):
        written(case, box)
        assert add(case, empty)[0] == 0
        count(case, empty, detector, "--trials", trials)
        (look,) = kept(case, Look)
        assert look.result == result
        assert (look.p_detect is None) == (result is Result.NOT_ASSESSABLE)
    assert look.reason == "no box inside the fence, of which the image shows 50 %"
    assert "over 50 % of the fence" in kept(case, Observation)[0].note


def test_boxes_that_the_detector_draws_around_nothing_too_tell_nothing(added, image, detector, tmp_path):
    loud = tmp_path / "loud.csv"
    loud.write_text("image,found,of,false\n" + "".join(f"t{n},18,20,{40 + n}\n" for n in range(8)))
    count(added, image, detector, "--trials", loud)
    (look,), (seen,) = kept(added, Look), kept(added, Observation)
    assert look.result == Result.NOT_ASSESSABLE
    assert "draws as many where no vehicle is" in look.reason
    assert seen.value.lo == 0


# --- What stands


def test_a_count_is_taken_back_when_its_image_or_its_fence_is_another(added, image, detector):
    count(added, image, detector)
    status, out, _ = add(added, image, "--licence", "other terms")
    assert status == 0
    assert "the image is not held as it was; count in it anew" in out
    assert (kept(added, Look), kept(added, Observation)) == ((), ())
    first = count(added, image, detector)
    assert first["new"]["observation"] == 1
    written(added, (10, 10, 270, 290))
    assert sitewatch("weigh", added)[0] == 0
    assert (kept(added, Look), kept(added, Observation)) == ((), ())
    written(added)
    count(added, image, detector)
    assert len(kept(added, Observation)) == 1


def test_counts_of_two_people_stand_beside_each_other(added, image, detector):
    for name in ("Ada", "Grace"):
        count(added, image, detector, "--by", name)
    assert [look.publisher for look in kept(added, Look)] == ["Ada", "Grace"]
    assert len(kept(added, Observation)) == 2


def test_a_word_of_an_analyst_is_not_undone_by_counting_again(added, image, detector):
    count(added, image, detector)
    for flags, verdict in (((), "confirmed"), (("--reject",), "rejected")):
        (seen,) = kept(added, Observation)
        said = ("--by", "Ada", "--reason", "looked at each box", *flags)
        assert sitewatch("confirm", added, seen.id[:12], *said)[0] == 0
        assert count(added, image, detector)["new"] == {}
        (seen,) = kept(added, Observation)
        assert (seen.review.by, seen.review.verdict) == ("Ada", verdict)
    count(added, image, detector, "--classes", "small vehicle")
    (other,) = kept(added, Observation)
    assert other.review is None


def test_other_classes_are_another_count(added, image, detector):
    count(added, image, detector)
    every = kept(added, Observation)[0].value.best
    count(added, image, detector, "--classes", "small vehicle", "--bands", "3,2,1")
    (seen,) = kept(added, Observation)
    assert 0 < seen.value.best < every
    assert "boxes of small vehicle scored" in seen.method


# --- What is refused


def test_an_image_that_was_not_added_is_told_how(case, image, detector):
    told = refused(case, image, "--site", "yard", "--detector", detector)
    assert "no image of site yard was made of this file (SHA-256 " in told
    assert f"sitewatch add-image {case} {image} --site yard --acquired DAY" in told


def test_an_image_that_changed_since_is_another(added, image, detector):
    scene(image, np.ones(SHAPE, np.uint8))
    assert "was made of this file" in refused(added, image, "--site", "yard", "--detector", detector)


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--site", "yard"], "no detector is named, and Sitewatch brings none"),
        (["--site", "yard", "--detector", "none.onnx"], "none.onnx: it cannot be read"),
        (["--site", "rumour", "--detector", "DETECTOR"], "site rumour has no fence"),
        (["--site", "elsewhere", "--detector", "DETECTOR"], "found 'elsewhere', which is no site of the case"),
        (["--site", "yard", "--detector", "DETECTOR", "--classes", "tank"], "it has no class tank; name some of its"),
        (["--site", "yard", "--detector", "DETECTOR", "--bands", "red"], "--bands: found 'red'; right would be"),
        (["--site", "yard", "--detector", "DETECTOR", "--bands", "3,2,9"], "bands 3, 2, 9 are asked for and it has 3"),
        (["--site", "yard", "--detector", "DETECTOR", "--by", " "], "--by: found nothing"),
        (["--site", "yard", "--detector", "DETECTOR", "--trials", "no.csv"], "no.csv: --trials: found No such file"),
    ],
)
def test_wrong_options_are_told_and_nothing_is_recorded(added, image, detector, flags, words):
    assert words in refused(added, image, *[str(detector) if flag == "DETECTOR" else flag for flag in flags])


HEAD = "image,found,of,false\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", ":1: columns: found an empty file"),
        ("image,found,of\n", ":1: columns: found image, found, of; right would be a first line with exactly these"),
        (HEAD + "a,9,10,0\nb,11,10,0\n", ":3:2: found: found 11 of 10; right would be no more vehicles found"),
        (HEAD + "a,9,10,-1\n", ":2:4: false: found '-1'; right would be a whole number from 0 on"),
        (HEAD + "a,nine,10,1.5\n", ":2:2: found: found 'nine'"),
        (HEAD + "a,9,10,0\n\na,8,10,0\n", ":4:1: image: found 'a', which line 2 has too"),
        (HEAD + ",9,10,0\n", ":2:1: image: found nothing"),
        (HEAD + "a,9,10\n", ":2: row: found 3 cells; right would be 4"),
        (HEAD + 'a,"9,10,0\n', ":2: row: found unexpected end of data"),
        (HEAD + "a,0,0,1\n", ": of: found no vehicle in 1 images"),
    ],
)
def test_wrong_trials_are_told_by_line(added, image, detector, trials, text, told):
    trials.write_text(text)
    assert told in refused(added, image, "--site", "yard", "--detector", detector, "--trials", trials)


def test_trials_that_know_recall_too_badly_are_told(added, image, detector, trials, monkeypatch):
    monkeypatch.setattr("sitewatch.weigh.tally.LARGEST", 2000)  # the sum would go on for seconds
    trials.write_text(HEAD + "a,9,10,0\n")
    told = refused(added, image, "--site", "yard", "--detector", detector, "--trials", trials)
    assert "trials.csv: recall: it is known too badly" in told


def test_trials_of_another_encoding_are_told_by_line(added, image, detector, trials):
    trials.write_bytes((HEAD + "Gr\u00fcnheide,9,10,0\n").encode("latin-1"))
    told = refused(added, image, "--site", "yard", "--detector", detector, "--trials", trials)
    assert ":2: text: found a byte that is no UTF-8" in told


WITHOUT = """
import sys
sys.modules["onnxruntime"] = None
from pathlib import Path
import sitewatch.cli, sitewatch.verbs.vehicles, sitewatch.look.vehicles
from sitewatch.errors import InputError
from sitewatch.look.vehicles import Detector
try:
    Detector.open(Path(sys.argv[1]))
except InputError as error:
    print(error)
"""


def test_an_install_without_the_extra_works_and_tells_how_to_bring_it(detector):
    told = subprocess.run([sys.executable, "-c", WITHOUT, str(detector)], capture_output=True, text=True, check=True)
    assert told.stdout.strip().endswith("pip install 'sitewatch[vehicles]'")
