from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
import xarray as xr

from sitewatch.errors import InputError
from sitewatch.look import monitor
from sitewatch.look.baseline import seasons
from sitewatch.look.breaks import stable_from
from sitewatch.records import Result, State
from tests.look.scenes import BANDS, START, cube, plus, small

CHANGED = (slice(17, 22), slice(17, 22))


def model(watch):
    return watch._memory.model


def square(watch, values):
    return values.reshape(watch.inside.shape)


# --- A history that holds a break


@pytest.mark.parametrize("since", ["2019-08-01", "2020-02-01"])
def test_a_history_with_a_break_is_cut_to_its_stable_end(since):
    data, inside = small(every=10, cloudy=0)
    watch = monitor(plus(data, 0.08, since), inside, START)
    broken = square(watch, model(watch).broken)
    assert broken[CHANGED].all()
    assert broken.sum() <= 81  # the smoothing and the rim may carry it two pixels outwards
    later = int(((data.time.values >= np.datetime64(since)) & (data.time.values < np.datetime64(START))).sum())
    assert square(watch, model(watch).looks)[CHANGED] == pytest.approx(later, abs=1)
    assert square(watch, model(watch).looks)[0, 0] == (data.time.values < np.datetime64(START)).sum()
    assert watch.monitored.all()
    assert watch.alerts == ()
    assert not watch.flagged.any()


@pytest.mark.parametrize("again", [0.06, -0.08])
def test_a_change_after_a_break_is_found_with_its_onset(again):
    data, inside = small(every=10, cloudy=0)
    data = plus(data, 0.08, "2020-02-01")
    (alert,) = monitor(plus(data, again, "2021-05-01"), inside, START).alerts
    assert alert.state is State.PROBABLE
    last, first = (data.indexes["time"][i].date() for i in alert.onset)
    assert last < date(2021, 5, 1) <= first
    assert alert.region[CHANGED].mean() > 0.8


def test_after_two_breaks_only_what_followed_the_second_is_used():
    data, inside = small(every=10, cloudy=0)
    data = plus(plus(data, 0.08, "2019-08-01"), 0.08, "2020-06-01")
    watch = monitor(data, inside, START)
    later = (data.time.values >= np.datetime64("2020-06-01")) & (data.time.values < np.datetime64(START))
    assert square(watch, model(watch).looks)[18:21, 18:21] == pytest.approx(later.sum(), abs=1)
    assert watch.alerts == ()


@pytest.mark.parametrize("since", ["2020-07-01", "2020-10-01"])  # half a year tells nothing of the other half
def test_a_break_too_late_to_be_fitted_leaves_the_pixels_unmonitored_and_no_false_alarm(since):
    data, inside = small(every=16, cloudy=0)
    watch = monitor(plus(data, 0.08, since), inside, START)
    assert model(watch).broken.any()
    assert not watch.monitored[18:21, 18:21].any()
    assert watch.alerts == ()


@pytest.mark.parametrize("seed", [0, 1])
def test_a_quiet_history_has_no_break(seed):
    watch = monitor(*small(seed=seed), START)
    assert not model(watch).broken.any()


def test_a_single_pixel_or_a_single_look_makes_no_break():
    data, inside = small(cloudy=0)
    data = plus(data, 0.2, "2020-02-01", rows=slice(5, 6), columns=slice(5, 6))
    data = plus(data, 0.3, "2019-10-01", "2019-10-17")
    assert not model(monitor(data, inside, START)).broken.any()


def test_the_stable_end_begins_with_the_first_look_after_the_split():
    rng = np.random.default_rng(0)
    z = rng.normal(0, 1, (4, 40, 3)).astype(np.float32)
    z[1, 15:] += 6
    z[2, 10:] += 6
    z[2, 28:] -= 9
    z[3, 30:] += 6
    z[3, 12:31] = np.nan
    days = [date(2019, 1, 3) + timedelta(days=30 * i) for i in range(40)]
    assert stable_from(z, seasons(days), 4, 40.0, 0.1).tolist() == [0, 15, 28, 31]


# --- Few looks


def test_what_of_the_fence_was_seldom_seen_is_not_monitored_and_the_rest_is():
    data, inside = small(cloudy=0)
    begun = int((data.time.values < np.datetime64(START)).sum())
    data.values[: begun - 7, :, 15:25, 15:20] = np.nan
    changed = plus(data, 0.1, "2021-04-01", rows=slice(16, 24), columns=slice(16, 24))
    watch = monitor(changed, inside, START)
    assert watch.monitored.sum() == 28 * 28 - 50
    assert not watch.monitored[15:25, 15:20].any()
    assert not watch.flagged[:, 15:25, 15:20].any()
    assert np.isnan(watch.statistic[:, 15:25, 15:20]).all()
    (alert,) = watch.alerts
    assert alert.region[17:23, 20:24].mean() > 0.8


def test_the_fewest_passes_raise_nothing_on_a_quiet_field_and_still_find_a_strong_change():
    data, inside = small(cloudy=0)
    begun = int((data.time.values < np.datetime64(START)).sum())
    short = data.isel(time=slice(begun - 8, None))
    quiet = monitor(short, inside, START)
    assert quiet._memory.history == 8
    assert quiet.alerts == ()
    assert not quiet.flagged.any()
    assert monitor(plus(short, 0.15, "2021-05-01"), inside, START).alerts


def test_few_looks_count_for_less():
    data, inside = small(cloudy=0)
    begun = int((data.time.values < np.datetime64(START)).sum())
    changed = plus(data, 0.012, "2021-05-01")
    histories = [changed.isel(time=slice(begun - n, None)) for n in (9, 46)]
    few, many = (monitor(short, inside, START).statistic[-12:, 17:22, 17:22].mean() for short in histories)
    assert few < 0.8 * many


def test_a_pass_that_shows_only_ground_that_is_not_monitored_is_refused_with_a_reason():
    """Two swaths: the history hardly saw one side of the ring, and one pass sees only that side."""
    data, _ = small(cloudy=0)
    inside = np.zeros((28, 28), bool)
    inside[10:18, 3:12] = True
    data.values[3:50, :, :, 14:] = np.nan
    data.values[55, :, :, :14] = np.nan
    watch = monitor(data, inside, START)
    assert watch.looks[55].result in (Result.OBSCURED, Result.NOT_ASSESSABLE)
    assert watch.looks[55].reason
    assert np.isnan(watch.statistic[55]).all()
    assert watch.alerts == ()


def test_a_pass_that_shows_the_fence_but_next_to_nothing_of_the_monitored_ring_is_refused():
    data, _ = small(cloudy=0)
    inside = np.zeros((28, 28), bool)
    inside[10:18, 3:12] = True
    data.values[3:50, :, :, 14:] = np.nan
    hidden = ~inside
    hidden[:, 14:] = False
    hidden[9, 3:9] = False  # six pixels of the control
    for index in range(55, 60):
        data.values[index][:, hidden] = np.nan
        data.values[index][:, inside] += 0.05
    watch = monitor(data, inside, START)
    assert {watch.looks[index].result for index in range(55, 60)} <= {Result.OBSCURED, Result.NOT_ASSESSABLE}
    assert watch.alerts == ()


@pytest.mark.parametrize(
    "seen", [(slice(0, 4), slice(0, 30)), (slice(0, 30), slice(26, 30))], ids=["the upper edge", "the right edge"]
)
def test_a_pass_that_shows_only_the_edge_of_the_cube_is_a_look_with_a_reason(seen):
    data, _ = small(size=30, cloudy=0)
    inside = np.zeros((30, 30), bool)
    inside[5:25, 5:25] = True
    edge = np.full((30, 30), True)
    edge[4:26, 4:26] = False
    data.values[55][:, ~edge] = np.nan
    data.values[57][:, ~edge] = np.nan
    shown = np.zeros((30, 30), bool)
    shown[seen] = True
    data.values[57][:, ~shown] = np.nan
    watch = monitor(data, inside, START)
    assert {watch.looks[index].result for index in (55, 57)} == {Result.OBSCURED}
    assert watch.alerts == ()


# --- What cannot be judged


def without(name):
    return lambda data, inside: (data.drop_vars(name), inside)


def a_fence(rows, columns):
    def replaced(data, _):
        inside = np.zeros(data.shape[2:], bool)
        inside[rows, columns] = True
        return data, inside

    return replaced


def seen_twice(data, inside):
    """The ring in the first two passes only."""
    return data.where((data.time < data.time[2]) | xr.DataArray(inside, dims=("y", "x")))


UNSORTED = [1, 0, *range(2, 68)]
MESS = {
    "three dates": (lambda d, i: (d.isel(time=slice(0, 3)), i), "holds 3 passes .*needs 8; let the watch start"),
    "three dates, one watched": (lambda d, i: (d.isel(time=[0, 1, 60]), i), "history holds 2 passes"),
    "no pass": (lambda d, i: (d.isel(time=slice(0, 0)), i), "'time': 0"),
    "no band": (lambda d, i: (d.isel(band=slice(0, 0)), i), "'band': 0"),
    "all of it unseen": (lambda d, i: (d * np.nan, i), "ring"),
    "the fence unseen": (lambda d, i: (d.where(np.broadcast_to(~i, d.shape)), i), "no pixel inside the fence"),
    "the ring unseen": (lambda d, i: (d.where(np.broadcast_to(i, d.shape)), i), "0 pixels of the ring.*load a wider"),
    "the ring seen twice": (lambda d, i: (seen_twice(d, i), i), "history holds 2"),
    "unsorted": (lambda d, i: (d.isel(time=UNSORTED), i), "increase strictly; pass 1 "),
    "doubled": (lambda d, i: (d.isel(time=[0, 1, 1, *range(2, 68)]), i), "increase strictly; pass 2 "),
    "infinite": (lambda d, i: (d.where(d < 0.3, np.inf), i), "infinities; mark unseen pixels with NaN"),
    "minus infinite": (lambda d, i: (d.where(d < 0.3, -np.inf), i), "infinities"),
    "beyond single precision": (lambda d, i: (d.astype(np.float64) * 1e300, i), "infinities"),
    "fence as large as the cube": (a_fence(slice(None), slice(None)), "leave a ring"),
    "no fence": (a_fence(slice(0), slice(0)), "at least one pixel"),
    "tiny ring": (a_fence(slice(0, 27), slice(0, 28)), "28 pixels of the ring.*needs 60; load a wider"),
    "one pixel wide": (lambda d, i: (d.isel(x=[16]), i[:, [16]]), "two or more positions in metres"),
    "one pixel high": (lambda d, i: (d.isel(y=[20]), i[[20]]), "two or more positions in metres"),
    "two pixels wide": (lambda d, i: (d.isel(x=[14, 15]), i[:, [14, 15]]), "46 pixels of the ring"),
    "no x": (without("x"), "needs the coordinates band .names., x and y"),
    "no y": (without("y"), "needs the coordinates"),
    "no band names": (without("band"), "needs the coordinates"),
    "no times": (without("time"), "every pass needs a time"),
    "x all the same": (lambda d, i: (d.assign_coords(x=d.x * 0), i), "two or more positions"),
    "x not numbers": (lambda d, i: (d.assign_coords(x=[f"c{k}" for k in range(28)]), i), "metres"),
    "doubled band names": (lambda d, i: (d.assign_coords(band=["red", "nir", "red", "b"]), i), "found red, nir, red"),
    "fence of numbers": (lambda d, i: (d, i.astype(int)), "mask must be bool"),
    "fence of another size": (lambda d, i: (d, i[:, 1:]), "mask must be bool of shape .28, 28."),
}  # fmt: skip


@pytest.mark.parametrize(("spoil", "words"), MESS.values(), ids=MESS.keys())
def test_what_cannot_be_judged_is_refused_in_words(spoil, words):
    data, inside = small(cloudy=0)
    with pytest.raises(InputError, match=words):
        monitor(*spoil(data, inside), START)


def test_the_smallest_ring_that_is_accepted_raises_nothing():
    data, _ = small(cloudy=0)
    inside = np.zeros((28, 28), bool)
    inside[:25, :28] = True
    inside[:, :1] = True
    inside[0, 20:] = False
    assert 60 <= (~inside).sum() <= 100
    watch = monitor(data, inside, START)
    assert watch.alerts == ()
    assert monitor(plus(data, 0.1, "2021-04-01"), inside, START).alerts


def test_one_band_and_three_columns_are_enough():
    data, _ = small(cloudy=0, bands=1)
    narrow = data.isel(x=[13, 14, 15])
    inside = np.zeros((28, 3), bool)
    inside[12:18, 1:] = True
    assert monitor(narrow, inside, START).alerts == ()


def test_ground_that_never_varies_is_no_trouble():
    """No noise, no texture, no season: nothing can be standardised, and nothing changes."""
    values = np.full((68, 4, 28, 28), 0.2, np.float32)
    data, inside = small()
    flat = cube(values, [t.date() for t in data.indexes["time"]])
    watch = monitor(flat, inside, START)
    assert watch.alerts == ()
    assert list(flat.band.values) == list(BANDS)
    (alert,) = monitor(plus(flat, 0.1, "2021-04-01"), inside, START).alerts
    assert alert.state is State.PROBABLE
