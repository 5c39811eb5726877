"""The benches measure what they say: their sums, what they plant and break, and what counts as found."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy.stats import beta

NAMES = ("figures", "sites", "faults", "calibration", "simulated")


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The modules of the folder bench."""
    monkeypatch.syspath_prepend(Path(__file__).parents[1] / "bench")
    return SimpleNamespace(**{name: import_module(name) for name in NAMES})


@pytest.fixture
def site(bench: SimpleNamespace) -> Any:
    """A blank site of 48 x 48 px, a pass every 10 days in 2022 and 2023, watched from 2022-03-01."""
    times = np.datetime64("2022-01-01") + np.arange(0, 730, 10).astype("timedelta64[D]")
    inside = np.zeros((48, 48), bool)
    inside[12:36, 12:36] = True
    values = np.full((len(times), 3, 48, 48), 0.2, np.float32)
    return bench.sites.Site(
        bench.sites.cube(values, times, ("red", "nir", "swir16")), inside, date(2022, 3, 1), np.zeros_like(inside),
    )  # fmt: skip


def test_a_share_has_its_interval_and_json_lines_for_both_ends(bench: SimpleNamespace) -> None:
    figure = bench.figures.share("case", "found", 47, 50)
    assert beta(47.5, 3.5).cdf([figure.low, figure.high]) == pytest.approx([0.05, 0.95])  # Jeffreys
    assert [json.loads(line)["metric"] for line in figure.lines("b")] == ["found", "found low", "found high"]
    assert json.loads(bench.figures.share("case", "found", 0, 0).lines("b")[0])["value"] is None


def test_a_table_keeps_its_columns_apart(bench: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    figure = bench.figures.Figure
    bench.figures.show("b", [figure("a", "x", 1, "s"), figure("a", "y", 0.5, "s"), figure("long", "x", 12345, "s")])
    assert capsys.readouterr().out.split("\n\n")[0].splitlines() == ["   x      y", "a  1  0.500"]


def alert(index: int, place: tuple[int, int], *, opened: int | None = None) -> SimpleNamespace:
    region = np.zeros((48, 48), bool)
    region[place] = True
    return SimpleNamespace(index=index, first_flag=index if opened is None else opened, region=region)


def test_found_takes_the_first_alert_that_touches_and_opened_since(bench: SimpleNamespace) -> None:
    days = tuple(date(2022, 1, 1) + timedelta(days=i) for i in range(10))
    ground = np.zeros((48, 48), bool)
    ground[20:23, 20:23] = True
    before, elsewhere = alert(2, (21, 21)), alert(5, (30, 30))
    grown_over, beside, later = alert(6, (21, 21), opened=2), alert(7, (23, 23)), alert(8, (21, 21))
    watch = SimpleNamespace(days=days, steps=(before, elsewhere, grown_over, beside, later))
    assert bench.sites.found(watch, ground, days[3]) == days[7]
    watch.steps = (before, elsewhere, grown_over)
    assert bench.sites.found(watch, ground, days[3]) is None


def test_lasting_faults_begin_on_their_day_and_spare_the_history(bench: SimpleNamespace, site: SimpleNamespace) -> None:
    values, faulty = bench.faults.FAULTS["+0.1 step"].inject(site, np.random.default_rng(0))
    assert site.days[faulty[0]] >= site.start + bench.faults.BEGINS > site.days[faulty[0] - 1]
    assert values[faulty] == pytest.approx(0.3)
    assert values[: faulty[0]] == pytest.approx(0.2)


@pytest.mark.parametrize("name", ["1 px shift on single passes", "missed cloud on single passes", "snow year"])
def test_faults_change_the_passes_they_name_and_no_others(
    bench: SimpleNamespace, site: SimpleNamespace, name: str
) -> None:
    textured = site.cube.values + np.random.default_rng(1).normal(0, 0.02, site.cube.shape).astype(np.float32)
    site = replace(site, cube=site.cube.copy(data=textured))
    values, faulty = bench.faults.FAULTS[name].inject(site, np.random.default_rng(0))
    changed = np.flatnonzero((values != textured).any((1, 2, 3)))
    assert changed.tolist() == faulty.tolist()
    assert len(faulty) > 5
    assert min(site.days[i] for i in faulty) >= site.start
    if "single" in name:
        assert np.diff(faulty).min() >= 5


def test_a_shifted_pass_is_the_same_ground_one_pixel_on(bench: SimpleNamespace) -> None:
    values = np.random.default_rng(2).normal(size=(2, 1, 6, 6))
    out = bench.faults.moved(values, np.random.default_rng(0))
    same = [np.roll(values, by, axis) for axis in (2, 3) for by in (-1, 1)]
    assert np.isnan(out).sum() == 2 * 6
    assert sum(bool(np.nanmax(np.abs(out - other)) == 0) for other in same) == 1


def test_plants_lie_inside_the_fence_and_apart(bench: SimpleNamespace, site: SimpleNamespace) -> None:
    rng = np.random.default_rng(3)
    for _ in range(20):
        places = bench.calibration.drawn_places(site.inside, 3, rng)
        corners = np.array([np.argwhere(place)[0] for place in places])
        assert all(place.sum() == 9 and not (place & ~site.inside).any() for place in places)
        gaps = np.abs(corners[:, None] - corners[None]).max(2) + 99 * np.eye(len(places))
        assert gaps.min() >= 3 + bench.calibration.APART


@pytest.mark.parametrize(
    ("low", "high", "hits", "plain", "fair"),
    [(0.6, 0.9, 48, True, True), (0.85, 0.95, 50, False, True), (0.9, 1.0, 30, False, False)],
)
def test_the_error_of_the_share_found_is_allowed_for(
    bench: SimpleNamespace, low: float, high: float, hits: int, plain: bool, fair: bool
) -> None:
    trials = bench.calibration.Trials((low + high) / 2, low, high, hits, 60)
    assert (trials.plain, trials.fair) == (plain, fair)


def test_a_planted_change_is_what_the_monitor_is_given(
    bench: SimpleNamespace, site: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = []

    class Watch:
        inside = site.inside

        def update(self, passes: Any) -> None:
            given.append(passes.values)

    monkeypatch.setattr(bench.calibration, "found", lambda watch, place, day: day + timedelta(days=60))
    later = bench.calibration.parted(site, date(2023, 1, 1))[1]
    moves = np.zeros((len(later.time), 2))
    hits = bench.calibration.planted(Watch(), later, moves, bench.calibration.KINDS[1], np.random.default_rng(4))
    changed = given[0] - later.values
    assert all(hits)
    assert not changed[0].any()
    assert sorted({round(float(v), 3) for v in np.unique(changed[-1])}) == [-0.02, 0, 0.05, 0.06]
    assert (changed[-1, 0] > 0).sum() == 9 * len(hits)
