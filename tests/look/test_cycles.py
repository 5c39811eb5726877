"""The repeat cycle that passes show: on the real dates of two satellites without names, and on small made ones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import xarray
from hypothesis import given
from hypothesis import strategies as st

from sitewatch.errors import InputError
from sitewatch.look import Overpass, next_passes

START = datetime(2019, 1, 1, 10, 4, tzinfo=UTC)


def days(*numbers: int, start: datetime = START, **given: object) -> list[Overpass]:
    return [Overpass(start + timedelta(days=n), **given) for n in numbers]


def ahead(outlook) -> list[int]:
    return [round((p.at - START) / timedelta(days=1)) for p in outlook.passes]


@pytest.fixture(scope="module")
def romania(shared) -> list[Overpass]:
    """The 140 real dates, days only, without the name of a satellite."""
    with xarray.open_dataset(shared / "optical" / "romania_s2_10m.nc") as scene:
        stamps = scene.time.values.astype("datetime64[D]").tolist()
    return [Overpass(datetime(d.year, d.month, d.day, tzinfo=UTC)) for d in stamps]


def test_two_unnamed_satellites_show_the_cycle_that_they_keep_together(romania):
    outlook = next_passes(romania, romania[-1].at, 3)
    (track,) = outlook.tracks
    assert (track.passes, track.period, track.dates, track.strays, track.stopped) == (140, 5, 1, 0, False)
    assert track.kept == 140 / 397  # 1 Aug 2015 to 1 Jan 2021 are 1980 days, so 397 due days
    assert [p.at for p in outlook.passes] == [datetime(2021, 1, d, tzinfo=UTC) for d in (6, 11, 16)]


def test_before_the_second_satellite_flew_the_first_one_shows_its_own(romania):
    alone = [p for p in romania if p.at < datetime(2017, 6, 6, tzinfo=UTC)]
    outlook = next_passes(romania, datetime(2017, 6, 5, tzinfo=UTC), 1)
    assert (outlook.tracks[0].passes, outlook.tracks[0].period) == (len(alone), 10)
    assert outlook.passes[0].at == datetime(2017, 6, 11, tzinfo=UTC)


def test_every_real_pass_falls_on_a_day_that_those_before_it_promised(romania):
    """From the sixth pass to the second satellite, and from a year after that on; nothing is promised before."""
    assert next_passes(romania, romania[4].at, 1).passes == ()
    second = next(i for i, p in enumerate(romania) if p.at == datetime(2017, 6, 6, tzinfo=UTC))
    for i, one in enumerate(romania):
        if 6 <= i < second or one.at >= datetime(2018, 6, 6, tzinfo=UTC):
            told = next_passes(romania[:i], romania[i - 1].at, 25).passes
            assert one.at in [p.at for p in told], one.at


def test_names_part_the_satellites():
    passes = days(0, 10, 20, 40, 50, 60, 80, platform="a") + days(5, 15, 25, 35, 55, 65, 75, platform="b")
    outlook = next_passes(passes, START + timedelta(days=80), 4)
    assert [(t.platform, t.period) for t in outlook.tracks] == [("a", 10), ("b", 10)]
    assert [p.platform for p in outlook.passes] == ["b", "a", "b", "a"]
    assert ahead(outlook) == [85, 90, 95, 100]


def test_orbits_and_hours_part_the_passes_of_one_satellite():
    night = START.replace(hour=22)
    passes = days(0, 12, 24, 36, 60, 72) + days(3, 15, 27, 39, 51, 75, start=night)
    outlook = next_passes(passes, START + timedelta(days=76), 2)
    assert [t.period for t in outlook.tracks] == [12, 12]
    assert [p.at.hour for p in outlook.passes] == [10, 22]
    assert ahead(outlook)[0] == 84
    named = days(0, 12, 24, 36, 60, 72, orbit="R007") + days(3, 15, 27, 39, 51, 75, orbit="R080")
    assert [(t.orbit, t.period) for t in next_passes(named, START + timedelta(days=76), 0).tracks] == [
        ("R007", 12), ("R080", 12)
    ]  # fmt: skip


def test_a_satellite_that_comes_on_two_days_of_its_cycle():
    passes = days(*(n + d for n in range(0, 120, 10) for d in (0, 3)))
    outlook = next_passes(passes, START + timedelta(days=119), 3)
    assert (outlook.tracks[0].period, outlook.tracks[0].dates) == (10, 2)
    assert ahead(outlook) == [120, 123, 130]


def test_passes_either_side_of_midnight_keep_one_rhythm():
    late = datetime(2019, 1, 1, 23, 59, tzinfo=UTC)
    passes = [Overpass(late + timedelta(days=16 * n, minutes=n % 3)) for n in range(8)]
    (track,) = next_passes(passes, late + timedelta(days=120), 0).tracks
    assert (track.period, track.strays) == (16, 0)


def test_a_stray_pass_does_not_hide_the_cycle():
    outlook = next_passes(days(*range(0, 200, 10), 87), START + timedelta(days=195), 1)
    assert (outlook.tracks[0].period, outlook.tracks[0].dates, outlook.tracks[0].strays) == (10, 1, 1)
    assert ahead(outlook) == [200]


@pytest.mark.parametrize("numbers", [(0,), (0, 10), (0, 10, 20), (0, 3, 11, 30)])
def test_too_few_passes_promise_nothing_and_say_so(numbers):
    outlook = next_passes(days(*numbers), START + timedelta(days=40), 3)
    assert outlook.passes == ()
    assert [(t.period, t.note) for t in outlook.tracks] == [(None, "not enough passes to see a cycle")]


def test_many_passes_without_a_rhythm_say_so():
    primes = [2, 3, 5, 13, 29, 31, 43, 59, 61, 79, 97, 103, 109, 127, 149, 151]
    assert next_passes(days(*primes), START + timedelta(days=151), 3).tracks[0].note == "no cycle is seen"


def test_a_pass_on_most_days_is_a_pass_every_day():
    outlook = next_passes(days(*(n for n in range(40) if n % 7 not in (2, 5) or n % 3)), START + timedelta(days=39), 2)
    assert outlook.tracks[0].period == 1
    assert ahead(outlook) == [40, 41]


def test_no_passes_promise_nothing():
    assert next_passes([], START, 3).tracks == ()


def test_a_satellite_that_stopped_says_so_and_promises_nothing():
    passes = days(*range(0, 200, 10))
    running = next_passes(passes, START + timedelta(days=199), 1)
    assert (running.tracks[0].stopped, running.tracks[0].note) == (False, "")
    outlook = next_passes(passes, START + timedelta(days=260), 3)
    assert (outlook.passes, outlook.tracks[0].stopped) == ((), True)
    assert outlook.tracks[0].note == "silent for 70 days, longer than ever before (10 days)"


def test_a_winter_that_a_thin_catalogue_leaves_out_is_no_stop(romania):
    """The second satellite's first winter: 121 days of silence, after four months of which a day in two was listed."""
    second = [p for p in romania if p.at.toordinal() % 10 == datetime(2017, 6, 6).toordinal() % 10]
    outlook = next_passes(second, datetime(2018, 2, 1, tzinfo=UTC), 1)
    assert [t.stopped for t in outlook.tracks] == [False]
    assert outlook.passes[0].at == datetime(2018, 2, 11, tzinfo=UTC)


def test_the_chance_is_the_share_of_due_days_of_that_season_that_were_clear():
    """Every tenth day of two years; in the weeks around each 1 January nothing is clear, else every second pass."""
    passes = []
    for n in range(0, 730, 10):
        at = START + timedelta(days=n)
        winter = at.month in (12, 1, 2)
        passes += [] if n % 70 == 60 else [Overpass(at, clear=not winter and n % 20 == 0)]
    told = {p.at.month: p.chance for p in next_passes(passes, START + timedelta(days=729), 20).passes}
    assert (told[1].best, told[1].lo) == (0.0, 0.0)
    assert 0 < told[1].hi < 0.3
    july = [START + timedelta(days=n) for n in range(0, 730, 10)]
    (at,) = [p for p in next_passes(passes, START + timedelta(days=729), 20).passes if p.at.strftime("%m%d") == "0709"]
    near = [d for d in july if abs(d.timetuple().tm_yday - at.at.timetuple().tm_yday) <= 30]
    clear = [p.at for p in passes if p.clear]
    assert at.chance.best == sum(d in clear for d in near) / len(near)
    assert at.chance.lo < at.chance.best < at.chance.hi
    assert f"on {len(near)} due days" in at.chance.origin


def test_a_season_that_was_hardly_watched_has_no_chance():
    judged = [Overpass(p.at, clear=True if i > 17 else None) for i, p in enumerate(days(*range(0, 200, 10)))]
    assert next_passes(judged, START + timedelta(days=199), 1).passes[0].chance is None


@given(st.sets(st.integers(0, 60), min_size=14), st.integers(5, 30))
def test_a_cycle_that_is_kept_now_and_then_is_found(kept, period):
    """At least 14 passes of a cycle of 5 to 30 days: what is promised are days of it."""
    numbers = [n * period for n in sorted(kept)]
    after = START + timedelta(days=numbers[-1])
    outlook = next_passes(days(*numbers), after, 5)
    assert len(outlook.passes) == 5
    assert [n % period for n in ahead(outlook)] == [0] * 5
    assert all(p.at > after for p in outlook.passes)


def test_bad_input_is_told():
    with pytest.raises(InputError, match="n = -1"):
        next_passes(days(0, 10), START, -1)
    with pytest.raises(InputError, match="no time zone"):
        next_passes([Overpass(datetime(2019, 1, 1))], START, 1)
