from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from sitewatch.errors import InputError
from sitewatch.look import MonitorSettings, memory, monitor
from sitewatch.look.baseline import fit, predict, seasons
from sitewatch.look.compiled import middle
from sitewatch.look.guard import whitener
from sitewatch.records import Result, State
from tests.look.scenes import START, field


def changed(data, inside, when, delta, *, rows=slice(17, 22)):
    """The cube with a lasting change on some rows of the fence from a day on."""
    data = data.copy()
    late = data.time.values >= np.datetime64(when)
    values = data.values
    values[np.ix_(late, range(values.shape[1]), range(rows.start, rows.stop), range(17, 22))] += delta
    return data


def test_nothing_changes_and_nothing_is_said():
    data, inside = field()
    watch = monitor(data, inside, START)
    assert watch.alerts == ()
    assert not watch.flagged[:, inside].any()
    assert len(watch.looks) == data.sizes["time"]
    assert {look.result for look in watch.looks} == {Result.NOT_ASSESSABLE, Result.NOT_SEEN, Result.OBSCURED}


def test_a_lasting_change_is_possible_then_probable_with_its_onset_between_two_clear_looks():
    data, inside = field()
    watch = monitor(changed(data, inside, "2021-05-01", 0.08), inside, START)
    (alert,) = watch.alerts
    assert [step.state for step in alert.history] == [State.POSSIBLE, State.PROBABLE]
    last, first = (watch.days[i] for i in alert.onset)
    assert last < date(2021, 5, 1) <= first
    assert alert.region[17:22, 17:22].mean() > 0.8
    assert alert.region.sum() <= 49  # the smoothing may carry it one pixel outwards
    assert not watch.flagged[: alert.first_flag].any()
    seen = [look.result for look in watch.looks[alert.first_flag :]]
    assert Result.SEEN in seen
    assert Result.NOT_SEEN not in seen


def test_what_clouds_hid_between_the_two_looks_is_told():
    data, inside = field(cloudy=0)
    data = changed(data, inside, "2021-05-01", 0.08)
    hidden = [
        i for i, t in enumerate(data.time.values) if np.datetime64("2021-04-20") <= t <= np.datetime64("2021-06-10")
    ]
    data.values[hidden] = np.nan
    (alert,) = monitor(data, inside, START).alerts
    assert set(hidden) <= set(alert.missed)
    assert alert.onset[0] == hidden[0] - 1
    assert alert.onset[1] == hidden[-1] + 1


def test_a_change_of_one_pass_is_no_alert():
    data, inside = field(cloudy=0)
    index = int(np.searchsorted(data.time.values, np.datetime64("2021-06-01")))
    data.values[index, :, 15:25, 15:25] += 0.2
    assert monitor(data, inside, START).alerts == ()


def test_a_change_that_goes_again_is_ended():
    data, inside = field(cloudy=0, years=4)
    data = changed(data, inside, "2021-05-01", 0.08)
    data = changed(data, inside, "2021-09-01", -0.08)
    alert = monitor(data, inside, START).alerts[0]
    assert [step.state for step in alert.history] == [State.POSSIBLE, State.PROBABLE, State.ENDED]


def test_three_looks_that_nothing_follows_are_withdrawn():
    data, inside = field(cloudy=0)
    data = changed(data, inside, "2021-05-01", 0.08)
    third = np.sort(data.time.values[data.time.values >= np.datetime64("2021-05-01")])[2]
    data = changed(data, inside, third + np.timedelta64(1, "D"), -0.08)
    (alert,) = monitor(data, inside, START).alerts
    assert alert.state is State.WITHDRAWN


def test_an_offset_of_the_whole_feed_is_no_change():
    data, inside = field()
    data.values[data.time.values >= np.datetime64("2021-04-01")] += 0.1
    watch = monitor(data, inside, START)
    assert watch.alerts == ()


def test_the_order_of_bands_changes_nothing():
    data, inside = field()
    data = changed(data, inside, "2021-05-01", 0.05)
    one, other = monitor(data, inside, START), monitor(data.isel(band=[2, 0, 3, 1]), inside, START)
    assert np.array_equal(one.flagged, other.flagged)
    assert np.array_equal(one.statistic, other.statistic, equal_nan=True)


@pytest.mark.parametrize("bands", [1, 6])
def test_any_number_of_bands_can_alarm(bands):
    data, inside = field(bands=bands, cloudy=0)
    watch = monitor(changed(data, inside, "2021-03-01", 0.1), inside, START)
    assert [alert.state for alert in watch.alerts] == [State.PROBABLE]
    assert watch.limit == pytest.approx(MonitorSettings().limit(bands))


@pytest.mark.parametrize("bands", [1, 3, 4, 6, 12])
def test_two_looks_never_alarm_whatever_they_show(bands):
    settings = MonitorSettings()
    assert settings.longest(bands) ** 2 / settings.due(3) < settings.limit(bands)
    assert (2 * settings.longest(bands)) ** 2 / settings.due(3) > settings.limit(bands)


def test_passes_one_by_one_say_what_they_say_together():
    data, inside = field(years=3)
    data = changed(data, inside, "2021-05-01", 0.08)
    whole = monitor(data, inside, START)
    for until in (80, 95, len(whole.days)):
        part = monitor(data.isel(time=slice(0, until)), inside, START)
        assert np.array_equal(part.flagged, whole.flagged[:until])
        assert np.array_equal(part.statistic, whole.statistic[:until], equal_nan=True)
        assert [a.history for a in part.steps] == [a.history for a in whole.steps if a.index < until]


def test_a_later_pass_that_sees_new_ground_changes_no_earlier_look():
    data, inside = field(years=3)
    data.values[:85, :, :, :12] = np.nan  # part of the ring that nobody saw until then
    whole, part = monitor(data, inside, START), monitor(data.isel(time=slice(0, 85)), inside, START)
    assert part.looks == whole.looks[:85]
    assert np.array_equal(part.statistic, whole.statistic[:85], equal_nan=True)


def test_the_monitor_works_in_one_thread_and_leaves_the_others_to_the_rest(monkeypatch):
    inner, threads = memory._model, []

    def spy(*arguments):
        threads.extend(pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas")
        return inner(*arguments)

    monkeypatch.setattr(memory, "_model", spy)
    data, inside = field(cloudy=0, size=32)
    with threadpool_limits(2, "blas"):
        before = [pool["num_threads"] for pool in threadpool_info()]
        monitor(data, inside, START)
        assert [pool["num_threads"] for pool in threadpool_info()] == before
    assert threads
    assert set(threads) == {1}


def test_a_pass_under_cloud_says_that_it_could_not_see():
    data, inside = field(cloudy=0)
    data.values[-1] = np.nan
    data.values[-2, :, 15:25, 15:25] = np.nan
    fence, ring = monitor(data, inside, START).looks[-2:]
    assert (fence.result, ring.result) == (Result.OBSCURED, Result.OBSCURED)
    assert fence.reason.startswith("0% of the fence is clear")
    assert ring.reason.startswith("0% of the ring is clear")


@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        (lambda d, i: (d.isel(time=slice(0, 3)), i), "history holds"),
        (lambda d, i: (d.sel(time=d.time >= np.datetime64(START)), i), "history holds 0 passes"),
        (lambda d, i: (d.isel(time=[5, *range(40)]), i), "increase strictly"),
        (lambda d, i: (d.isel(time=[0, 0, *range(1, 40)]), i), "increase strictly; pass 1 "),
        (lambda d, i: (d.drop_vars("time"), i), "every pass needs a time"),
        (lambda d, i: (d.assign_coords(time=[np.datetime64("NaT", "ns")] * d.sizes["time"]), i), "needs a time"),
        (lambda d, i: (d.where(np.broadcast_to(~i, d.shape)), i), "no pixel inside the fence"),
        (lambda d, i: (d.where(np.broadcast_to(i, d.shape)), i), "ring"),
        (lambda d, i: (d, np.ones_like(i)), "leave a ring"),
        (lambda d, i: (d, np.zeros_like(i)), "at least one pixel"),
        (lambda d, i: (d, i[:-1]), "mask must be bool"),
        (lambda d, i: (d.transpose("band", "time", "y", "x"), i), "dimensions"),
        (lambda d, i: (d.where(d < 0.3, np.inf), i), "infinities"),
    ],
)
def test_a_cube_that_cannot_be_judged_is_refused_with_its_reason(spoil, word):
    data, inside = field()
    with pytest.raises(InputError, match=word):
        monitor(*spoil(data, inside), START)


@pytest.mark.parametrize("count", [1, 2, 3, 16, 47, 48])
def test_the_median_of_the_compiled_loops_is_the_median(count):
    values = np.random.default_rng(count).integers(0, 9, count).astype(np.float32)
    assert middle(values.copy(), count) == np.median(values)


def test_the_median_of_nothing_is_nan():
    assert np.isnan(middle(np.ones(3, np.float32), 0))


def test_the_baseline_passes_over_an_outlier():
    data, _ = field(cloudy=0, size=12)
    design = seasons([t.date() for t in data.indexes["time"]])
    flat = np.ascontiguousarray(data.values.reshape(len(design), 4, -1).transpose(0, 2, 1))
    clean, looks = fit(flat, design)
    assert (looks == len(design)).all()
    flat[10] += 0.5
    stained, _ = fit(flat, design)
    assert max(np.abs(predict(stained - clean, one)).max() for one in design) < 0.03


def test_whitening_makes_the_ring_the_unit():
    rng = np.random.default_rng(1)
    mixed = (rng.normal(size=(4000, 3)) @ rng.normal(size=(3, 3)) + [3, -2, 9]).astype(np.float32)
    mixed[:200] += 40
    white = whitener(mixed)(mixed)[200:]
    np.testing.assert_allclose(np.cov(white, rowvar=False), np.eye(3), atol=0.12)
    np.testing.assert_allclose(white.mean(0), 0, atol=0.1)
