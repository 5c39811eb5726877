"""Three sensors over one made-up site, from catalogues whose collections are named after none of them to the brief."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from sitewatch.look import read_chip
from sitewatch.records import Alert, Look, Measured, Pass, Result, State
from sitewatch.verbs import Bench
from tests.look import skies

NOW = datetime(2019, 3, 1, tzinfo=UTC)
BUILT = datetime(2018, 4, 1, tzinfo=UTC)
"""When a works is built and runs: brighter to the eye and to the radar, and hot."""
FENCE = skies.square(skies.LEFT + 650, skies.TOP - 950, 300)
WORKS = np.s_[75:90, 70:85]
"""Rows and columns of 10 m of the made-up tile: 150 x 150 m inside the fence."""
CASE = """
title = "A works"
[[sites]]
id = "works"
name = "the works"
fence = {fence}
watch_from = 2018-01-01
[[catalogues]]
id = "colours"
folder = "colours"
collection = "sentinel-2-l2a"
bands = ["red", "nir"]
since = 2016-01-01
[[catalogues]]
id = "waves"
folder = "waves"
collection = "sentinel-2-l2a"
bands = ["vv", "vh"]
since = 2016-01-01
[[catalogues]]
id = "warmth"
folder = "warmth"
collection = "sentinel-2-l2a"
bands = ["lwir11"]
since = 2016-01-01
"""


def moments(first, every, hour):
    at = datetime(2016, 1, first, hour, tzinfo=UTC)
    while at < datetime(2018, 12, 31, tzinfo=UTC):
        yield at
        at += timedelta(days=every)


def season(at):
    return np.cos(2 * np.pi * (at.timetuple().tm_yday - 200) / 365.25)


def colours(folder, rng):
    """Sentinel-2 as this tile has it: plants that green and wither, and from the day on a bright roof."""
    ground = rng.normal(0, 0.02, (2, skies.SIZE, skies.SIZE))
    for number, at in enumerate(moments(3, 16, 9)):
        red = 0.09 - 0.02 * season(at) + ground[0] + rng.normal(0, 0.006, ground[0].shape)
        nir = 0.30 + 0.06 * season(at) + 2 * ground[1] + rng.normal(0, 0.01, ground[0].shape)
        if at >= BUILT:
            red[WORKS], nir[WORKS] = 0.35, 0.38
        hrefs = {}
        for name, values in (("red", red), ("nir", nir)):
            counts = np.clip(values * 1e4, 1, None).astype(np.uint16)
            hrefs[name] = str(skies.write_tif(folder / f"s{number}" / f"{name}.tif", counts).relative_to(folder))
        classes = np.full((skies.SIZE // 2,) * 2, 9 if number % 5 == 4 else 4, np.uint8)
        hrefs["scl"] = str(skies.write_tif(folder / f"s{number}" / "scl.tif", classes, pixel=20).relative_to(folder))
        yield skies.item(f"s{number}", hrefs, when=at)


def waves(folder, rng):
    """Sentinel-1 gamma0 in linear power, two orbits in turn, speckle of ten looks and a pass's own moisture."""
    level = 10 ** (rng.normal(-11, 1.5, (skies.SIZE,) * 2) / 10)
    for number, at in enumerate(moments(5, 12, 16)):
        ascending = number % 2 == 0
        moist = 10 ** (rng.normal(0, 0.5) / 10)
        hrefs = {}
        for name, share in (("vv", 1.0), ("vh", 0.2)):
            values = level * share * moist * (1.0 if ascending else 1.3) * rng.gamma(10, 0.1, level.shape)
            if at >= BUILT:
                values[WORKS] *= 4
            made = skies.write_tif(folder / f"r{number}" / f"{name}.tif", values.astype(np.float32), nodata=-32768)
            hrefs[name] = str(made.relative_to(folder))
        side = {"orbit": 29, "direction": "ascending"} if ascending else {"orbit": 80, "direction": "descending"}
        yield skies.radar(f"r{number}", hrefs, when=at, **side)


def warmth(folder, rng):
    """Landsat surface temperature on its own pixels; the works is 9 K warmer from the day on."""
    size = skies.SIZE // 3 + 2
    corner = skies.LEFT // 30 * 30 - 15, skies.TOP // 30 * 30 + 15
    ground = rng.normal(0, 0.8, (size, size))
    for number, at in enumerate(moments(2, 16, 9)):
        kelvin = 288 + 14 * season(at) + rng.normal(0, 2) + ground + rng.normal(0, 0.5, ground.shape)
        if at >= BUILT:
            kelvin[25:30, 23:28] += 9
        counts = ((kelvin - 149.0) / 0.00341802).astype(np.uint16)
        flags = np.full((size, size), 1 << 3 if number % 6 == 5 else 1 << 6, np.uint16)
        doubt = np.full((size, size), 150, np.int16)
        hrefs = {}
        for key, values in (("lwir11", counts), ("qa_pixel", flags), ("qa", doubt)):
            name = {"lwir11": "ST_B10", "qa_pixel": "QA_PIXEL", "qa": "ST_QA"}[key]
            path = folder / f"h{number}" / f"LC08_L2SP_{number}_{name}.TIF"
            nodata = {"qa_pixel": 1, "qa": -9999}.get(key, 0)
            made = skies.write_tif(path, values, pixel=30, corner=corner, nodata=nodata)
            hrefs[key] = str(made.relative_to(folder))
        yield skies.landsat(f"h{number}", hrefs, when=at)


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    folder = tmp_path_factory.mktemp("works")
    rng = np.random.default_rng(7)
    for name, scenes in (("colours", colours), ("waves", waves), ("warmth", warmth)):
        skies.write_folder(folder / name, list(scenes(folder / name, rng)))
    ring = [[round(x, 6), round(y, 6)] for x, y in FENCE]
    (folder / "case.toml").write_text(CASE.format(fence=ring))
    with Bench.open(folder, clock=lambda: NOW) as bench:
        outcomes = [bench.look(), bench.weigh(), bench.tell()]
    return folder, outcomes


@pytest.fixture(scope="module")
def view(case):
    with Bench.open(case[0], clock=lambda: NOW) as bench:
        return bench.ledger.view()


def test_every_pass_is_told_by_its_metadata_and_lies_on_the_grid_of_its_sensor(case, view):
    passes = view.of(Pass)
    grids = {(p.sensor, p.grid.transform[0], p.grid.transform[2] % p.grid.transform[0]) for p in passes}
    assert grids == {("optical", 10.0, 0.0), ("radar", 10.0, 0.0), ("thermal", 30.0, 15.0)}
    assert {p.sensor: sum(q.sensor == p.sensor for q in passes) for p in passes} == {
        "optical": 69, "radar": 91, "thermal": 69,
    }  # fmt: skip
    assert not case[1][0].faults


def test_a_chip_keeps_what_its_sensor_says(case, view):
    with Bench.open(case[0], clock=lambda: NOW) as bench:
        chips = {p.sensor: read_chip(bench.ledger.get(p.chip)) for p in view.of(Pass)}
    assert (chips["radar"].tags["ORBIT"], chips["radar"].names) in {("29", ("vv", "vh")), ("80", ("vv", "vh"))}
    assert 0 < float(np.nanmedian(chips["radar"].values)) < 1
    assert set(chips["thermal"].quality) == {"qa_pixel", "st_qa"}
    assert chips["thermal"].tags["RESAMPLING"] == "none"
    assert 250 < float(np.nanmedian(chips["thermal"].values)) < 320
    assert set(np.unique(chips["thermal"].quality["st_qa"])) == {150}


def test_each_sensor_raises_the_change_and_they_confirm_each_other(view):
    alerts = view.of(Alert)
    sensors = {a.sensor for a in alerts}
    assert sensors == {"optical", "radar", "thermal"}
    for alert in alerts:
        assert alert.onset.earliest < BUILT < alert.onset.latest + timedelta(days=1)
        assert State.CONFIRMED in [step.state for step in alert.history]
        assert {w.sensor: w.says for w in alert.witnesses} == dict.fromkeys(sensors - {alert.sensor}, "agrees")


def test_the_two_pictures_of_a_radar_alert_look_from_one_side(case, view):
    alert = next(a for a in view.of(Alert) if a.sensor == "radar")
    with Bench.open(case[0], clock=lambda: NOW) as bench:
        shown = [p for p in view.of(Pass) if p.id in (alert.before, alert.after)]
        sides = [read_chip(bench.ledger.get(p.chip)).tags["ORBIT"] for p in shown]
    assert len(sides) == 2
    assert sides[0] == sides[1]


def test_cloud_in_landsats_flags_is_no_look_at_the_ground(view):
    thermal = {p.id: p for p in view.of(Pass) if p.sensor == "thermal"}
    results = {int(thermal[k.pass_id].items[0][1:]) % 6: k.result for k in view.of(Look) if k.pass_id in thermal}
    assert results[5] is Result.OBSCURED
    assert {k.resolution_m for k in view.of(Look) if k.pass_id in thermal} == {100}


def test_each_watch_is_measured_by_changes_of_its_own_kind(view):
    measured = {m.sensor: m for m in view.of(Measured)}
    assert set(measured) == {"optical", "radar", "thermal"}
    assert {t.material for t in measured["radar"].power} == {
        "ground 3 dB brighter to the radar", "ground 6 dB brighter to the radar",
    }  # fmt: skip
    assert {t.material for t in measured["thermal"].power} == {"ground 4 K warmer", "ground 10 K warmer"}


def test_the_brief_tells_who_agrees_and_what_each_would_notice(case):
    told = json.loads((case[0] / "brief.json").read_text())
    (site,) = told["sites"]
    assert [t["sensor"] for t in site["trials"]] == ["optical", "radar", "thermal"]
    assert list(dict.fromkeys(a["sensor"] for a in site["alerts"])) == ["optical", "radar", "thermal"]
    page = (case[0] / "brief.html").read_text()
    assert "Radar agrees: its own alert 1 lies there and became probable" in page
    assert "in grey of decibels" in page
    assert "brighter where it is warmer" in page


def test_a_second_look_finds_nothing_new(case):
    with Bench.open(case[0], clock=lambda: NOW) as bench:
        assert not bench.look().new
