from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from sitewatch.errors import InputError
from sitewatch.look import monitor
from sitewatch.look.sensors.radar import RADAR, Swath, Track, Unit, cube, decibels, stated, tracks, unit_of
from sitewatch.records import Grid

SIDE = 24
GRID = Grid(crs="EPSG:32636", transform=(10, 0, 500_000, 0, -10, 5_000_000), shape=(SIDE, SIDE))
START = date(2022, 1, 1)
INSIDE = np.zeros((SIDE, SIDE), bool)
INSIDE[8:16, 8:16] = True
ASCENDING, DESCENDING = Track(29, "ascending"), Track(131, "descending")


def swaths(*, seed=0, track=ASCENDING, level=-11.0, noise=1.5, begun=0, count=40, jitter=0.0, wanted="dB"):
    """Passes of one track, every 12 days from 2021 on: even ground of some level, speckle and moisture."""
    rng = np.random.default_rng([seed, track.orbit])
    made = []
    for i in range(count):
        day = date(2021, 1, 1) + timedelta(days=begun + 12 * i)
        planes = rng.normal(level, noise, (2, SIDE, SIDE)) - np.array([0, 6])[:, None, None] + jitter * rng.normal()
        planes = planes if wanted == "dB" else 10 ** (planes / 10)
        time = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
        item = f"S1_{track.orbit}_{i:02d}"
        made.append(Swath(item, time, track.orbit, track.direction, wanted, *planes.astype(np.float32)))
    return made


def two(**changes):
    return [
        *swaths(**({"noise": 1.2} | changes)),
        *swaths(**({"track": DESCENDING, "level": -9.0, "noise": 2.0, "begun": 5} | changes)),
    ]


def brightened(made, by, since, where=(slice(10, 14), slice(10, 14))):
    out = []
    for one in made:
        vv, vh = one.vv.copy(), one.vh.copy()
        if one.time.date() >= since:
            vv[where] += by
            vh[where] += by
        out.append(replace(one, vv=vv, vh=vh))
    return out


POWER = np.array([0.0, 0.02, 0.1, 0.4, 5.0], np.float32)
IN_DB = np.array([-22.0, -15.0, -8.0, -11.0, 3.0], np.float32)


@pytest.mark.parametrize("said", ["linear", "Linear power", "gamma0 in power units", "1", None])
def test_power_is_told_by_the_metadata_or_by_its_values(said):
    assert unit_of(said, POWER) is Unit.POWER


@pytest.mark.parametrize("said", ["dB", "decibel", "gamma0 (DB)", "1", None])
def test_decibels_are_told_by_the_metadata_or_by_their_values(said):
    assert unit_of(said, IN_DB) is Unit.DECIBEL


@pytest.mark.parametrize(
    ("said", "values", "words"),
    [
        ("linear power", IN_DB, "S1_x: its unit is stated as 'linear power', but 80% of its values are negative"),
        ("dB", POWER, "stated as 'dB', but 0% of its values are negative"),
        ("dB, from linear power", IN_DB, "both power and decibels"),
        ("amplitude", POWER, "not amplitude"),
        (None, np.array([120.0, 300.0, 80.0], np.float32), "is not stated, .* fits neither linear power nor dB"),
        ("linear", np.array([120.0, 300.0, 80.0], np.float32), "check the unit and the scale"),
        (None, np.array([-1.0, 2.0, 0.5, 3.0], np.float32), "fits neither"),
        (None, np.array([0.0, np.nan, -9999.0], np.float32), "none of its values tells it"),
        (None, np.array([-32768, 0], np.int16), "none of its values tells it"),
        ("dB", np.array([-110, -85, -92], np.float32), "stated as 'dB', but 100% .* check the unit and the scale"),
        (None, np.array([-1100, -850, -700], np.float32), "fits neither"),
        ("dB", np.array([-99, -99, -99, 0.05, 0.1], np.float32), "stated as 'dB', but 0% of its values are negative"),
    ],
)
def test_a_unit_that_the_values_contradict_or_nothing_tells_is_refused(said, values, words):
    with pytest.raises(InputError, match=words):
        unit_of(said, values, name="S1_x")


def test_zeros_negative_power_and_fill_are_no_data():
    power = np.array([0.1, 0, -0.001, -9999, 9999, 65535, np.nan, np.inf], np.float32)
    assert decibels(power, Unit.POWER)[0] == pytest.approx(-10)
    assert np.isnan(decibels(power, Unit.POWER)[1:]).all()
    given = np.array([-10, 0, -9999, -99, 999, np.nan, -np.inf], np.float32)
    assert decibels(given, Unit.DECIBEL)[0] == -10
    assert np.isnan(decibels(given, Unit.DECIBEL)[1:]).all()
    assert decibels(given, Unit.DECIBEL).dtype == np.float32


def test_what_an_item_states_is_read_from_its_sat_and_raster_fields():
    item = {
        "properties": {"sat:relative_orbit": 29, "sat:orbit_state": "descending"},
        "assets": {"vv": {"description": "Gamma0, linear power", "raster:bands": [{"unit": "dB"}]}},
    }
    assert stated(item) == (29, "descending", "dB")
    del item["assets"]["vv"]["raster:bands"]
    assert stated(item) == (29, "descending", "Gamma0, linear power")
    assert stated({"properties": {}, "assets": {}}) == (None, None, None)


def test_the_two_directions_of_one_orbit_number_are_two_tracks():
    both = [*swaths(), *swaths(track=Track(29, "descending"), begun=3)]
    groups = tracks(both[::-1])
    assert list(groups) == [ASCENDING, Track(29, "descending")]
    assert all(one.direction == track.direction for track, group in groups.items() for one in group)
    assert [one.item for one in groups[ASCENDING]] == [f"S1_29_{i:02d}" for i in range(40)]


@pytest.mark.parametrize(
    "wrong", [{"orbit": None}, {"orbit": 0}, {"orbit": "29"}, {"direction": None}, {"direction": "left"}]
)
def test_a_pass_without_orbit_or_direction_is_refused_by_name(wrong):
    made = swaths()
    made[7] = replace(made[7], **wrong)
    with pytest.raises(InputError, match=r"S1_29_07: .*needs both"):
        cube(made, GRID, START)


def test_two_versions_of_a_pass_are_named():
    made = swaths()
    made.append(replace(made[3], item="S1_29_03_again", time=made[3].time + timedelta(seconds=25)))
    with pytest.raises(InputError, match="S1_29_03 and S1_29_03_again are of one pass"):
        cube(made, GRID, START)


def test_passes_of_two_tracks_at_one_time_are_named():
    made = [*swaths(), *swaths(track=DESCENDING)]
    with pytest.raises(InputError, match="S1_29_00 and S1_131_00 have the same time"):
        cube(made, GRID, START)


def test_an_orbit_with_three_passes_is_left_out_with_its_reason():
    stack = cube([*swaths(), *swaths(track=DESCENDING, begun=5, count=3)], GRID, START)
    assert stack.tracks == (ASCENDING,)
    (out,) = stack.left_out
    assert (out.track, out.passes) == (DESCENDING, 3)
    assert out.reason == "3 passes before 2022-01-01; a track needs 5 to know its own brightness"
    assert stack.cube.sizes["time"] == 40


def test_without_any_track_of_enough_history_there_is_no_cube():
    with pytest.raises(InputError, match=r"relative orbit 29 ascending: 3 passes before 2021-02-01.*later start"):
        cube(swaths(), GRID, date(2021, 2, 1))
    with pytest.raises(InputError, match="at least one pass"):
        cube([], GRID, START)


def test_decibels_stated_as_power_name_their_pass_and_band():
    made = swaths()
    made[2] = replace(made[2], unit="linear power")
    with pytest.raises(InputError, match="S1_29_02, vv: its unit is stated as 'linear power'"):
        cube(made, GRID, START)
    made[2] = replace(made[2], unit=None, vh=np.float32(10) ** (made[2].vh / 10))
    with pytest.raises(InputError, match="S1_29_02: vv is dB and vh linear power"):
        cube(made, GRID, START)


def test_a_pass_without_vh_among_others_is_named_and_vv_alone_is_taken():
    made = swaths()
    made[5] = replace(made[5], vh=None)
    with pytest.raises(InputError, match="1 of 40 passes have no VH, the first is S1_29_05"):
        cube(made, GRID, START)
    assert list(cube([replace(one, vh=None) for one in made], GRID, START).cube.band.values) == ["vv"]


def test_a_pass_of_another_size_is_named():
    made = swaths()
    made[4] = replace(made[4], vh=made[4].vh[:, :-1])
    with pytest.raises(InputError, match=r"S1_29_04: vh has \(24, 23\) pixels"):
        cube(made, GRID, START)


def test_fill_is_unseen_in_both_bands_and_an_empty_pass_needs_no_unit():
    made = swaths(wanted="linear power")
    made[1].vv[:3] = -9999
    made[1].vh[20:] = 0
    made[2] = replace(made[2], unit=None, vv=np.zeros((SIDE, SIDE), np.float32), vh=np.zeros((SIDE, SIDE), np.float32))
    made = cube(made, GRID, START).cube.values
    assert np.isnan(made[1][:, :3]).all()
    assert np.isnan(made[1][:, 20:]).all()
    assert np.isfinite(made[1][:, 3:20]).all()
    assert np.isnan(made[2]).all()


def test_power_and_decibels_of_the_same_passes_make_the_same_cube():
    one, other = cube(swaths(), GRID, START).cube, cube(swaths(wanted="linear power"), GRID, START).cube
    np.testing.assert_allclose(one.values, other.values, atol=1e-4)


def test_all_tracks_come_to_one_level_and_one_noise():
    stack = cube(two(count=80), GRID, date(2023, 1, 1))
    ascending = np.isin(np.arange(160) % 2, 0)
    levels = [stack.cube.values[side, 0].mean() for side in (ascending, ~ascending)]
    noises = [stack.cube.values[side, 0].std() for side in (ascending, ~ascending)]
    assert levels == pytest.approx([-10, -10], abs=0.05)
    assert noises == pytest.approx([np.sqrt(1.2 * 2.0)] * 2, rel=0.05)
    assert list(stack.cube.band.values) == ["vv", "vh"]
    assert (stack.cube.x.values[0], stack.cube.y.values[0]) == (500_005, 4_999_995)
    assert (stack.cube.dtype, stack.cube.attrs["units"]) == (np.float32, "dB")


def test_one_track_alone_stays_as_it_is():
    made = swaths()
    np.testing.assert_allclose(cube(made, GRID, START).cube.values[:, 0], [one.vv for one in made], atol=1e-4)


def test_a_track_seen_in_winter_only_keeps_its_level():
    """Ground that is 3 dB brighter in winter at one half of the scene, and a second track that saw winters only."""
    made = [*swaths(count=80, noise=0.3), *swaths(track=DESCENDING, noise=0.3, begun=5, count=80)]
    for one in made:
        one.vv[:, :12] += 3 * np.cos(2 * np.pi * one.time.timetuple().tm_yday / 365.25)
    start = date(2023, 1, 1)
    winter = [o for o in made if o.orbit == 29 or o.time.date() >= start or o.time.month in (11, 12, 1, 2)]
    stack = cube(winter, GRID, start)
    whose = np.array([o.orbit for o in sorted(winter, key=lambda o: o.time)])
    late = stack.cube.time.values >= np.datetime64(start)
    sides = [stack.cube.values[late & (whose == orbit), 0, :, :12].mean() for orbit in (29, 131)]
    assert sides[0] == pytest.approx(sides[1], abs=0.35)


def test_what_follows_the_start_does_not_move_the_level():
    made = two()
    past = cube(made, GRID, START).cube
    later = cube(brightened(made, 4, START), GRID, START).cube
    old = past.time.values < np.datetime64(START)
    np.testing.assert_array_equal(past.values[old], later.values[old])


def test_the_order_of_passes_changes_no_bit():
    made = two()
    shuffled = [made[i] for i in np.random.default_rng(1).permutation(len(made))]
    one, other = cube(made, GRID, START).cube, cube(shuffled, GRID, START).cube
    np.testing.assert_array_equal(one.values, other.values)
    assert (one.time.values == other.time.values).all()


def test_moisture_is_taken_out_by_the_ring_and_a_change_is_found_all_the_same():
    since = date(2022, 2, 1)
    dry, wet = two(count=50), two(count=50, jitter=2.0)
    for made in (dry, wet):
        still = monitor(cube(made, GRID, START).cube, INSIDE, START, settings=RADAR)
        assert not still.alerts
        changed = monitor(cube(brightened(made, 5, since), GRID, START).cube, INSIDE, START, settings=RADAR)
        (alert,) = changed.alerts
        assert since <= changed.days[alert.first_flag] <= since + timedelta(days=40)
        assert alert.region[10:14, 10:14].mean() > 0.5


@pytest.mark.parametrize("orbit", ["29", 29.5, 0, 176])
def test_an_item_of_an_orbit_that_sentinel_1_has_not_is_refused(orbit):
    with pytest.raises(InputError, match="item S1_x: sat:relative_orbit is"):
        stated({"id": "S1_x", "properties": {"sat:relative_orbit": orbit}})


@pytest.mark.parametrize("transform", [(100, 0, 0, 0, -100, 0), (1e-4, 0, 6, 0, -1e-4, 50), (10, 0, 0, 0, -20, 0)])
def test_a_grid_of_other_pixels_is_refused(transform):
    with pytest.raises(InputError, match="a grid of 10 or 20 m; found"):
        cube(swaths(), GRID.model_copy(update={"transform": transform}), START)


def test_a_start_that_is_no_day_and_a_history_of_one_look_are_refused():
    for start, least in ((datetime(2022, 1, 1, tzinfo=UTC), 5), (START, 1), (START, 0)):
        with pytest.raises(InputError, match="start is a day and least 2 or more"):
            cube(swaths(), GRID, start, least=least)


def test_times_without_a_zone_are_utc_and_passes_that_saw_nothing_give_an_unseen_cube():
    naive = [replace(one, time=one.time.replace(tzinfo=None)) if i % 2 else one for i, one in enumerate(swaths())]
    assert (cube(naive, GRID, START).cube.time.values == cube(swaths(), GRID, START).cube.time.values).all()
    blind = [replace(one, vv=one.vv * np.nan, vh=one.vh * np.nan) for one in swaths()]
    assert np.isnan(cube(blind, GRID, START).cube.values).all()
