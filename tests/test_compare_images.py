"""`compare-images` at the command line: from a pair of images to looks, observations, pictures and the brief."""

from __future__ import annotations

import json
import re
import shutil
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import rasterio
from PIL import Image as Picture

from sitewatch.ledger import Ledger
from sitewatch.records import Artifact, Look, Observation, Pass, Result, day_end
from sitewatch.verbs.structure_records import GROUND
from sitewatch.weigh.words import lint
from tests.look.structures.scenes import AFTER, GONE, NEW, SIDE, STANDING, day, written
from tests.look.structures.test_learnt import written as model_file
from tests.pairs import (
    HALL,
    ROOF,
    SHED,
    WALL,
    add,
    collection,
    compared,
    feature,
    finished,
    kept,
    made,
    refused,
    ring,
    said,
    sitewatch,
)


@pytest.fixture(scope="module")
def done(tmp_path_factory) -> Path:
    """A case whose pair was compared, with the parts of its hall."""
    return finished(tmp_path_factory)


@pytest.fixture
def case(done, tmp_path) -> Path:
    return Path(shutil.copytree(done, tmp_path / "mine"))


def seen(case: Path) -> dict[str, Observation]:
    return {one.what: one for one in kept(case, Observation)}


def pair(case: Path, before: str = "a.tif", after: str = "b.tif") -> list[Path | str]:
    return ["compare-images", case, case / before, case / after, "--site", "yard"]


def test_a_pair_becomes_a_look_and_observations_that_name_it(done):
    (look,) = kept(done, Look)
    before, after = sorted(kept(done, Pass), key=lambda one: one.acquired)
    assert (look.by, look.observable, look.result) == ("monitor", "structures", Result.SEEN)
    assert (look.pass_id, look.image) == (after.id, before.id[:12])
    assert look.available_at == after.available_at
    assert (look.p_detect, look.p_false) == (None, None)
    told = seen(done)
    assert set(told) == {
        GROUND, "new structures", "ground of new structures", "removed structures", "ground of removed structures",
        "hall: progress of removal",
    }  # fmt: skip
    assert all(one.looks == (look.id,) and one.confirmed_by is None for one in told.values())
    for sign, house in (("new", NEW), ("removed", GONE)):
        number, ground = told[f"{sign} structures"], told[f"ground of {sign} structures"]
        assert (number.value.lo, number.value.best, number.value.hi, number.unit) == (1, 1, 1, "region")
        assert ground.value.lo < ground.value.best < ground.value.hi
        assert ground.value.best == pytest.approx(house[2] * house[3] / 4, rel=0.4)
        assert ground.unit == "m2"
        assert f"1: {ground.value.best:,.0f} m2 [{ground.value.lo:,.0f}, {ground.value.hi:,.0f}]" in number.says[0]
    assert told[GROUND].value.best == pytest.approx(290 * 290 / 4, rel=0.01)
    assert re.search(r"residual of 0\.\d\d px \(0\.\d\d m\)", told[GROUND].says[1])


def test_parts_are_proposed_and_count_for_nothing_yet(done):
    hall = seen(done)["hall: progress of removal"]
    assert (hall.value.lo, hall.value.best, hall.value.hi) == (0, 0, 3)
    assert [(one.name, one.kind, one.state, one.confirmed_by) for one in hall.parts] == [
        ("roof", "roof", "removed", None), ("west wall", "walls", "removed", None)
    ]  # fmt: skip
    assert all(one.share.lo < one.share.best <= one.share.hi for one in hall.parts)
    assert hall.says[0].startswith("roof: proposed as removed, which no analyst confirmed; ")
    assert hall.says[-1].startswith("were all proposals confirmed, it would be at stage 3 ")


def test_pictures_of_an_observation_have_one_scale_and_carry_their_terms(done):
    artifacts = {one.sha256: one for one in kept(done, Artifact)}
    told = seen(done)
    with Ledger.open(done / "ledger", create=False) as ledger:
        for what, crops in ((w, o.crops) for w, o in told.items() if not w.startswith("ground of")):
            assert len(crops) == 2, what
            assert len({one.side_m for one in crops}) == 1
            assert "before; Eye in the Sky, 1 May 2018; details may be shown" in crops[0].caption
            assert "after; High Camera, 20 Jul 2018; details may be shown" in crops[1].caption
            assert len({one.at for one in crops}) == 1
            for crop in crops:
                assert artifacts[crop.picture].licence == "details may be shown"
            shapes = [picture(ledger.get(one.picture)).shape for one in crops]
            assert shapes[0] == shapes[1]
    before, after = (picture_of(done, one.picture) for one in told["removed structures"].crops)
    middle = np.s_[:, 300:360, 320:380]
    assert before[middle].mean() - after[middle].mean() > 60  # the roof is there, then gone, at the same place


def picture(png: bytes) -> np.ndarray:
    return np.moveaxis(np.asarray(Picture.open(BytesIO(png)).convert("RGB"), float), -1, 0)


def picture_of(case: Path, sha: str) -> np.ndarray:
    with Ledger.open(case / "ledger", create=False) as ledger:
        return picture(ledger.get(sha))


def test_the_same_again_adds_nothing_also_where_the_note_that_it_was_done_is_gone(case):
    parts = ["--parts", case / "parts.geojson"]
    assert compared(case, *parts)["new"] == {}
    shutil.rmtree(case / "ledger" / "done")
    again = compared(case, *parts)
    assert (again["new"], again["notes"]) == ({}, ["compared before, with the same result"])


def test_other_parts_take_the_place_of_those_before_and_none_leave_them(case):
    compared(case)
    assert "hall: progress of removal" in seen(case)
    (case / "parts.geojson").write_text(collection(feature("mill", "roof", ROOF)))
    compared(case, "--parts", case / "parts.geojson")
    assert [one for one in seen(case) if "progress" in one] == ["mill: progress of removal"]


def test_the_brief_shows_it_and_says_no_more_than_was_measured(case):
    for verb in ("weigh", "tell"):
        assert sitewatch(verb, case)[0] == 0
    page, data = (case / "brief.html").read_text(), json.loads((case / "brief.json").read_text())
    told = {one["what"]: one for one in data["sites"][0]["observations"]}
    assert set(told) == set(seen(case))
    assert {ref["label"] for ref in told["removed structures"]["looks"]} == {"I1", "I2"}
    assert page.count("data:image/png;base64,") == 8 + 2
    text = re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL)
    assert "which no analyst confirmed" in text
    assert "How much is missed was not measured here (no part is named that stands on both days)" in text
    assert [problem for line in text.splitlines() for problem in lint(line)] == []
    (finding,) = data["commitments"]
    assert finding["finding"] == "not assessable"  # a proposal tests nothing


def test_the_day_before_the_later_image_was_public_knows_nothing_of_it(case):
    assert sitewatch("asof", case, "2018-07-22")[0] == 0
    assert json.loads((case / "asof" / "2018-07-22.json").read_text())["sites"][0]["observations"] == []
    assert all(one.available_at == day_end(one.available_at.date()) for one in seen(case).values())
    assert sitewatch("asof", case, "2018-07-23")[0] == 0
    assert len(json.loads((case / "asof" / "2018-07-23.json").read_text())["sites"][0]["observations"]) == 6


def test_a_structure_that_stands_is_razed_to_measure_the_power(tmp_path):
    case = made(tmp_path / "mine")
    (case / "parts.geojson").write_text(collection(feature("shed", "roof", SHED)))
    told = compared(case, "--parts", case / "parts.geojson")
    (look,) = kept(case, Look)
    assert look.p_detect.lo < look.p_detect.best <= look.p_detect.hi
    assert look.p_detect.origin.startswith("simulated: 5 of 5 planted demolitions of 1 structure of this pair, 408 m2")
    assert "Simulated: 5 of 5 planted demolitions" in seen(case)["removed structures"].note
    (shed,) = seen(case)["shed: progress of removal"].parts
    assert shed.state == "intact"
    assert any("shed: progress" in line.lower() for line in told["notes"])


def test_an_image_that_is_added_anew_takes_the_comparison_back(case):
    add(case, "b.tif", provider="Higher Camera")
    assert (kept(case, Look), kept(case, Observation)) == ((), ())
    compared(case)
    assert "Higher Camera" in seen(case)["new structures"].crops[1].caption
    add(case, "a.tif", provider="Low Camera")
    assert (kept(case, Look), kept(case, Observation)) == ((), ())


def test_two_earlier_images_make_two_looks_at_the_later(case):
    written(case / "c.tif", day([GONE]))
    add(case, "c.tif", acquired="2018-06-01", published="2018-06-02")
    said(*pair(case, "c.tif", "b.tif"))
    assert len(kept(case, Look)) == 2
    assert sorted(one.value.best for one in kept(case, Observation) if one.what == "new structures") == [1, 6]
    assert sitewatch("tell", case)[0] == 2  # weigh comes first
    assert sitewatch("weigh", case)[0] == 0
    assert sitewatch("tell", case)[0] == 0


def test_a_learnt_model_is_run_in_both_orders_and_told_beside_the_comparison(case):
    pytest.importorskip("onnxruntime", reason="the extra vehicles is not installed")
    model = model_file(case / "change.onnx", shape=(1, 3, 64, 64))
    compared(case, "--model", model)
    told = seen(case)["new structures by the model"]
    assert told.value.best >= 1
    assert re.search(r"learnt model change\.onnx, SHA-256 [0-9a-f]{12}, licence CC0, run in both orders", told.method)
    assert "The model told 0 % of its changed ground as new and as removed at once" in told.note
    compared(case)
    assert "new structures by the model" in seen(case)


def test_unchanged_ground_that_was_seen_whole_is_not_seen_and_half_of_it_obscured(tmp_path):
    case = made(tmp_path / "mine")
    twin = day([*STANDING, GONE], gain=0.9, seed=7)
    written(case / "c.tif", twin)
    add(case, "c.tif", acquired="2018-06-01", published="2018-06-02")
    said(*pair(case, "a.tif", "c.tif"))
    assert [look.result for look in kept(case, Look)] == [Result.NOT_SEEN]
    half = written(case / "d.tif", twin, nodata=0)
    with rasterio.open(half, "r+") as file:
        values = file.read()
        values[:, :, SIDE // 2 :] = 0
        file.write(values)
    add(case, "d.tif", acquired="2018-06-03", published="2018-06-04")
    said(*pair(case, "a.tif", "d.tif"))
    look = next(k for k in kept(case, Look) if k.when.earliest.day == 3)
    assert (look.result, look.p_detect) == (Result.OBSCURED, None)
    assert re.search(r"of which 5\d % was seen on both days", look.reason)


# --- Wrong input


def test_images_in_the_wrong_order_twice_the_same_or_not_added_are_refused(case):
    turned = refused(*pair(case, "b.tif", "a.tif"))
    assert re.search(
        r"b\.tif was taken on 2018-07-20, .*a\.tif on 2018-05-01: the first must surely be the earl", turned
    )
    assert "must surely be the earlier" in refused(
        "compare-images", case, case / "a.tif", case / "a.tif", "--site", "yard"
    )
    written(case / "c.tif", AFTER + 1)
    missing = refused(*pair(case, "a.tif", "c.tif"))
    assert re.search(
        r"c\.tif: no image of site yard was made of this file .*add it first: sitewatch add-image", missing
    )
    assert "has no fence" in refused("compare-images", case, case / "a.tif", case / "b.tif", "--site", "rumour")
    assert len(kept(case, Look)) == 1


def test_parts_off_the_fence_or_the_images_are_refused_by_feature_and_field(case):
    far = feature("hall", "roof", (2000, 2000, 30, 30))
    (case / "parts.geojson").write_text(collection(feature("hall", "base", WALL), far))
    told = refused(*pair(case), "--parts", case / "parts.geojson")
    assert re.search(r"parts\.geojson: feature 2: geometry: part 'roof' lies outside the fence of site yard", told)
    tiny = json.loads(HALL)["features"][0]
    tiny["geometry"]["coordinates"] = [ring((100, 100, 0.1, 0.1))]
    (case / "parts.geojson").write_text(collection(tiny))
    told = refused(*pair(case), "--parts", case / "parts.geojson")
    assert re.search(r"feature 1: geometry: part roof: no pixel's middle lies inside its outline", told)
    (case / "parts.geojson").write_bytes(b"\xff\xfe{")
    assert "--parts: " in refused(*pair(case), "--parts", case / "parts.geojson")
    assert "it cannot be read" in refused(*pair(case), "--parts", case / "none.geojson")


def test_a_pair_that_cannot_be_laid_together_is_refused_and_leaves_nothing(case):
    cloud = np.full((3, SIDE, SIDE), 240, np.uint8) + np.random.default_rng(1).integers(0, 3, (3, SIDE, SIDE), np.uint8)
    written(case / "c.tif", cloud)
    add(case, "c.tif", acquired="2018-06-01", published="2018-06-02")
    assert "no edges that stand out" in refused(
        "compare-images", case, case / "a.tif", case / "c.tif", "--site", "yard"
    )
    assert len(kept(case, Look)) == 1
