from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from sitewatch.look import monitor
from tests.look.scenes import START, plus, small, terrain

EVERYWHERE = {"rows": slice(None), "columns": slice(None)}
STEPPED = "2021-06-01"
SINCE = date(2020, 3, 1)
"""Of the terrain, which is shorter."""


def first_clear(watch, since):
    return next(k.index for k in watch.looks if k.ring_clear > 0.3 and str(k.day) >= since)


@pytest.mark.parametrize("seed", range(2))
def test_a_quiet_field_has_no_fault(seed):
    data, inside = small(seed=seed)
    assert monitor(data, inside, START).faults == ()


@pytest.mark.parametrize(("step", "told"), [(0.1, "by +0.1 in every band"), (-0.1, "by -0.1 in every band")])
def test_the_offset_of_baseline_04_is_told_from_its_first_pass_to_its_last(step, told):
    data, inside = small(seed=1)
    watch = monitor(plus(data, step, STEPPED, **EVERYWHERE), inside, START)
    (fault,) = watch.faults
    clear = [k.index for k in watch.looks if k.ring_clear > 0.3 and str(k.day) >= STEPPED]
    assert (fault.kind, fault.first, fault.last, fault.passes) == ("offset", clear[0], clear[-1], len(clear))
    assert told in fault.reason
    assert "baseline 04.00" in fault.reason


@pytest.mark.parametrize("step", [0.1, -0.1])
def test_an_offset_that_is_taken_off_again_ends(step):
    data, inside = small()
    watch = monitor(plus(data, step, STEPPED, "2021-09-01", **EVERYWHERE), inside, START)
    (fault,) = watch.faults
    assert str(watch.days[fault.first]) == STEPPED
    assert fault.last < first_clear(watch, "2021-09-01")


@pytest.mark.parametrize("since", ["2019-09-01", "2020-03-01", "2020-10-01"])
def test_an_offset_that_came_during_the_history_is_told_too(since):
    """The baseline has taken in part of the step, so that the passes that show it are told, not for how long."""
    data, inside = small()
    watch = monitor(plus(data, 0.1, since, **EVERYWHERE), inside, START)
    told = [fault for fault in watch.faults if fault.kind == "offset"]
    assert 0 <= told[0].first - first_clear(watch, since) <= 6


def test_one_pass_alone_is_no_offset():
    data, inside = small()
    data.values[60] += 0.1
    assert monitor(data, inside, START).faults == ()


@pytest.mark.parametrize("step", [0.04, 0.2])
def test_another_step_of_the_whole_ring_is_one_of_the_sensor(step):
    data, inside = terrain()
    watch = monitor(plus(data, step, "2020-09-01", **EVERYWHERE), inside, SINCE)
    (fault,) = watch.faults
    assert (fault.kind, fault.last) == ("sensor", 39)
    assert str(watch.days[fault.first - 1]) < "2020-09-01" <= str(watch.days[fault.first])
    assert all(f"in {band}" in fault.reason for band in watch.bands)


def test_a_step_of_the_sensor_says_by_how_much_in_which_band():
    data, inside = terrain()
    steps = {"blue": 0.03, "green": -0.002, "red": 0.05, "nir": 0.07}
    delta = np.array([steps[band] for band in data.band.values])[:, None, None]
    (fault,) = monitor(plus(data, delta, "2020-09-01", **EVERYWHERE), inside, SINCE).faults
    assert fault.kind == "sensor"
    told = {part.split()[-1]: float(part.split()[-3]) for part in fault.reason.split(" by ")[1].split(", ")}
    assert told == pytest.approx(steps, abs=0.005)


def test_a_change_inside_the_fence_is_no_fault():
    data, inside = small()
    watch = monitor(plus(data, 0.1, STEPPED, rows=slice(15, 25), columns=slice(15, 25)), inside, START)
    assert watch.alerts
    assert watch.faults == ()


def test_a_fault_is_no_alert_and_a_change_beside_it_is_still_found():
    data, inside = small()
    stepped = plus(data, 0.1, STEPPED, **EVERYWHERE)
    watch = monitor(stepped, inside, START)
    assert watch.faults
    assert watch.alerts == ()
    assert not watch.flagged.any()
    (alert,) = monitor(plus(stepped, 0.08, STEPPED), inside, START).alerts
    assert alert.region[17:22, 17:22].mean() > 0.8


@pytest.mark.parametrize(("scale", "base"), [(1.0, 0.0), (10.0, 280.0)])
@pytest.mark.parametrize("step", [0.1, -0.1])
def test_kelvins_never_have_the_offset_of_reflectances(scale, base, step):
    data, inside = small()
    warm = data.isel(band=[0]).assign_coords(band=["lwir11"]) * scale + base
    kinds = {fault.kind for fault in monitor(plus(warm, step, STEPPED, **EVERYWHERE), inside, START).faults}
    assert "offset" not in kinds


def test_one_band_of_reflectance_beside_kelvins_has_none_either():
    data, inside = small()
    mixed = data.assign_coords(band=["blue", "green", "red", "lwir11"])
    kinds = {fault.kind for fault in monitor(plus(mixed, 0.1, STEPPED, **EVERYWHERE), inside, START).faults}
    assert "offset" not in kinds


def haze(data, index, *, seed=0, strength=0.4):
    """A thick, uneven veil over the whole of one pass, unseen by any cloud mask."""
    rng = np.random.default_rng(1000 + seed)
    data.values[index] += (0.2 + rng.uniform(0, strength, data.shape[2:])).astype(np.float32)


def test_a_pass_whose_whole_ring_is_hazed_is_refused_with_its_reason_and_raises_nothing():
    data, inside = small(cloudy=0)
    usual = monitor(data, inside, START)
    hazed = [55, 56, 57, 58, 62]
    for index in hazed:
        haze(data, index, seed=index)
    watch = monitor(data, inside, START)
    for index in hazed:
        assert watch.looks[index].result.value == "obscured"
        assert watch.looks[index].fence_clear == 1
        assert "times as much as it used to: haze, snow or cloud that was not masked" in watch.looks[index].reason
        assert np.isnan(watch.statistic[index]).all()
    assert watch.alerts == ()
    assert not watch.flagged.any()
    clear = [i for i in range(46, 68) if i not in hazed]
    assert [watch.looks[i].result for i in clear] == [usual.looks[i].result for i in clear]


def test_haze_is_listed_with_an_alert_among_the_passes_that_could_not_see():
    data, inside = small(cloudy=0)
    data = plus(data, 0.08, "2021-05-01")
    hidden = first_clear(monitor(data, inside, START), "2021-05-01")
    haze(data, hidden)
    (alert,) = monitor(data, inside, START).alerts
    assert hidden in alert.missed
    assert hidden not in alert.used
    assert alert.onset == (hidden - 1, hidden + 1)
