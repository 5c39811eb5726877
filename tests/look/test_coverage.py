"""Gaps, the chance to miss an event, and the clock: worked out by hand on small cases, and as properties."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitewatch.errors import InputError
from sitewatch.look import MonitorSettings, cover, gaps, p_missed
from sitewatch.look.coverage import ALARM_LOOKS, EVENTS
from sitewatch.records import Grid, Look, Pass, Probability, Result, Site, When

START = datetime(2020, 1, 1, tzinfo=UTC)
WINDOW = (START, START + timedelta(days=100))


def at(*days: float) -> list[datetime]:
    return [START + timedelta(days=n) for n in days]


def missed(times: list[datetime], days: float, **asked: object) -> float:
    return p_missed(times, days, WINDOW, **asked).best


# --- gaps ---------------------------------------------------------------------------------------------------------


def test_gaps_lie_between_looks_and_at_the_ends_of_the_window():
    assert [g.days for g in gaps(at(20, 50, 40))] == [20, 10]
    found = gaps(at(20, 50, 50, 40, 130), WINDOW)
    assert [(g.days, g.opened, g.closed) for g in found] == [
        (20, False, True), (20, True, True), (10, True, True), (50, True, False)
    ]  # fmt: skip
    assert [(g.days, g.opened, g.closed) for g in gaps([], WINDOW)] == [(100, False, False)]
    assert gaps([]) == gaps(at(3)) == []


# --- P(missed), by hand -------------------------------------------------------------------------------------------


def test_by_hand_one_look():
    """A look on day 40 of 100. Events of 10 days begin on days 0 to 90; those of days 30 to 40 hold the look."""
    assert missed(at(40), 10) == pytest.approx(80 / 90)


def test_by_hand_gaps_of_30_20_and_50_days():
    """Each gap hides the events that fit into it: (30 - 25) + 0 + (50 - 25) of 75 days of starts."""
    assert missed(at(30, 50), 25) == pytest.approx(30 / 75)


def test_by_hand_two_looks_needed():
    """Both looks of days 40 and 45 are in events of 10 days that begin on days 35 to 40."""
    assert missed(at(40, 45), 10, needed=2) == pytest.approx(1 - 5 / 90)
    assert missed(at(40, 45), 10, needed=3) == 1


def test_by_hand_a_look_every_ten_days_misses_no_event_of_ten():
    looks = at(*range(0, 101, 10))
    assert missed(looks, 10) == 0
    assert missed(looks, 4) == pytest.approx(10 * 6 / 96)


def test_an_event_as_long_as_the_window_is_missed_without_a_look_alone():
    assert (missed([], 100), missed(at(7), 100), missed(at(7), 100, needed=2)) == (1, 0, 1)


def test_power_counts_once_where_a_look_fell():
    power = Probability(lo=0.5, best=0.8, hi=0.9, origin="planted changes")
    told = p_missed(at(40), 10, WINDOW, power=power)
    bare = 80 / 90
    assert (told.lo, told.best, told.hi) == (
        pytest.approx(bare + 0.1 * 10 / 90), pytest.approx(bare + 0.2 * 10 / 90), pytest.approx(bare + 0.5 * 10 / 90)
    )  # fmt: skip
    assert told.origin == "1 clear looks from 2020-01-01 to 2020-04-10; power: planted changes"


def test_looks_outside_the_window_do_not_count():
    assert missed(at(-1, 40, 101), 10) == missed(at(40), 10)


def test_simulated_events_are_missed_as_often():
    rng = np.random.default_rng(5)
    looks = np.sort(rng.uniform(0, 100, 14))
    starts = rng.uniform(0, 88, 200_000)
    within = np.searchsorted(looks, starts + 12) - np.searchsorted(looks, starts)
    for needed in (1, 2, 3):
        assert missed(at(*looks), 12, needed=needed) == pytest.approx((within < needed).mean(), abs=0.005)


# --- P(missed), as properties ---------------------------------------------------------------------------------------

looks_ = st.lists(st.integers(0, 1000).map(lambda tenth: START + timedelta(days=tenth / 10)), max_size=25)
days_ = st.integers(1, 1000).map(lambda tenth: tenth / 10)


@given(days_)
def test_without_a_look_all_is_missed(days):
    assert missed([], days) == 1


@given(looks_, looks_, days_, st.integers(1, 4))
def test_more_looks_never_miss_more(some, more, days, needed):
    assert missed([*some, *more], days, needed=needed) <= missed(some, days, needed=needed) + 1e-12


@given(looks_, days_, days_, st.integers(1, 4))
def test_a_longer_event_is_never_missed_more(looks, a, b, needed):
    short, long = sorted((a, b))
    assert missed(looks, long, needed=needed) <= missed(looks, short, needed=needed) + 1e-9


@given(looks_, days_, st.integers(1, 4))
def test_more_looks_needed_miss_more(looks, days, needed):
    assert 0 <= missed(looks, days, needed=needed) <= missed(looks, days, needed=needed + 1) <= 1


@given(looks_, days_)
def test_for_one_look_it_is_the_sum_over_the_gaps(looks, days):
    if days < 100:
        hidden = sum(max(g.days - days, 0) for g in gaps(looks, WINDOW))
        assert missed(looks, days) == pytest.approx(hidden / (100 - days), abs=1e-9)


def test_the_real_dates_of_a_year(shared):
    """The passes of 2019 over the forest, as if all were clear: (g - 30) summed over gaps above 30 days, by hand."""
    import xarray

    with xarray.open_dataset(shared / "optical" / "romania_s2_10m.nc") as scene:
        stamps = scene.time.values.astype("datetime64[D]").tolist()
    seen = [datetime(d.year, d.month, d.day, tzinfo=UTC) for d in stamps if d.year == 2019]
    assert len(seen) == 32
    window = (datetime(2019, 1, 1, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC))
    long = [g for g in gaps(seen, window) if g.days > 30]
    assert [(g.first.date().isoformat(), g.days) for g in long] == [
        ("2019-01-01", 31), ("2019-04-22", 50), ("2019-10-19", 35), ("2019-11-23", 39)
    ]  # fmt: skip
    assert p_missed(seen, 30, window).best == pytest.approx((1 + 20 + 5 + 9) / 335)


@pytest.mark.parametrize(
    ("times", "days", "window", "needed", "says"),
    [
        ([], 0, WINDOW, 1, "an event of 0 days in a window of 100"),
        ([], 101, WINDOW, 1, "it must fit"),
        ([], float("nan"), WINDOW, 1, "an event of nan days"),
        ([], 10, WINDOW, 0, "1 or more"),
        ([], 10, WINDOW[::-1], 1, "must end after it begins"),
        ([datetime(2020, 1, 5)], 10, WINDOW, 1, "no time zone"),
        ([], 10, (datetime(2020, 1, 5), WINDOW[1]), 1, "no time zone"),
    ],
)
def test_what_makes_no_sense_is_refused(times, days, window, needed, says):
    with pytest.raises(InputError, match=says):
        p_missed(times, days, window, needed=needed)


# --- a site, from records -------------------------------------------------------------------------------------------

GRID = Grid(crs="EPSG:32635", transform=(10.0, 0.0, 0.0, 0.0, -10.0, 0.0), shape=(8, 8))
SITE = Site(slug="yard", name="Yard", watch_from=date(2020, 1, 1))


def passed(day: float, **changes: object) -> Pass:
    fields = {
        "site": "yard", "sensor": "optical", "platform": "sentinel-2a", "provider": "ESA", "catalogue": "c",
        "acquired": START + timedelta(days=day), "items": (f"item-{day}",), "bands": ("nir",), "grid": GRID,
        "chip": hashlib.sha256(str(day).encode()).hexdigest(),
    }  # fmt: skip
    return Pass(**fields | changes)


def judged(one: Pass, result: Result) -> Look:
    when = When(earliest=one.acquired, latest=one.acquired)
    return Look(
        site=one.site, observable="change", result=result, when=when, by="monitor", pass_id=one.id,
        provider="ESA", publisher="desk",
    )  # fmt: skip


def published(result: Result, first: float | None, last: float | None, site: str = "yard") -> Look:
    ends = [None if day is None else START + timedelta(days=day) for day in (first, last)]
    return Look(
        site=site, observable="cranes", result=result, when=When(earliest=ends[0], latest=ends[1]), by="analyst",
        provider="P", publisher="Institute",
    )  # fmt: skip


@pytest.fixture
def watched() -> tuple[list[Pass], list[Look]]:
    """A pass every ten days from day -100 to 90; of the watch those of days 20, 30 and 80 are clear."""
    passes = [passed(n) for n in range(-100, 100, 10)]
    clear = {20: Result.NOT_SEEN, 30: Result.SEEN, 80: Result.NOT_SEEN}
    looks = [judged(p, clear.get((p.acquired - START).days, Result.OBSCURED)) for p in passes]
    looks[0] = judged(passes[0], Result.NOT_ASSESSABLE)
    return passes, looks


def test_a_site_is_covered_from_its_first_watched_day(watched):
    told = cover(SITE, *watched, date(2020, 4, 9))  # the hundredth day
    assert (told.since, told.clear, told.last_by, told.age_days, told.due) == (date(2020, 1, 1), 3, "monitor", 19, None)
    assert [(g.first.date(), round(g.days)) for g in told.gaps] == [
        (date(2020, 1, 31), 50), (date(2020, 1, 1), 20), (date(2020, 3, 21), 20)
    ]  # fmt: skip
    by = {(m.days, m.looks): m.probability.best for m in told.missed}
    assert set(by) == {(d, n) for d in EVENTS for n in (1, 3)}
    assert by[10, 1] == pytest.approx((10 + 0 + 40 + 10) / 90)
    assert by[30, 1] == pytest.approx(20 / 70)
    assert by[60, 1] == 0
    assert by[60, 3] == 1  # of days 20, 30 and 80 all three lie in one event alone, that of days 20 to 80
    (track,) = told.outlook.tracks
    assert (track.period, track.passes, track.clear, track.stopped) == (10, 20, 3, False)
    assert told.outlook.passes[0].at == START + timedelta(days=100)


def test_what_came_later_is_left_out(watched):
    told = cover(SITE, *watched, date(2020, 1, 25))
    assert (told.clear, told.age_days) == (1, 4)
    assert {m.days for m in told.missed} == {10}


def test_an_earlier_day_than_the_watch_has_no_coverage(watched):
    told = cover(SITE, *watched, date(2019, 12, 1))
    assert (told.since, told.missed, told.last_clear) == (None, (), None)


def test_the_goal_is_held_against_the_day(watched):
    goal = SITE.model_copy(update={"timeliness_days": 20})
    assert cover(goal, *watched, date(2020, 4, 9)).due == date(2020, 4, 10)
    assert cover(goal, [], [], date(2020, 4, 9)).due is None


def test_an_analysts_look_moves_the_clock_and_nothing_else(watched):
    passes, looks = watched
    theirs = [
        published(Result.SEEN, 85, 88), published(Result.OBSCURED, 95, 95), published(Result.SEEN, None, 99),
        published(Result.SEEN, 97, 97, site="other"), published(Result.SEEN, 120, 120),
    ]  # fmt: skip
    told, bare = (cover(SITE, passes, k, date(2020, 4, 9)) for k in ([*looks, *theirs], looks))
    assert (told.last_by, told.age_days) == ("analyst", 14)  # of the window of days 85 to 88 the beginning
    own = {"last_clear": bare.last_clear, "last_by": bare.last_by}
    assert told.model_copy(update=own) == bare


def test_an_analysts_own_image_promises_no_next_pass(watched):
    passes, looks = watched
    mine = [passed(n + 0.5, sensor="analyst", platform="mine", catalogue="analyst") for n in range(0, 90, 3)]
    told = cover(SITE, [*passes, *mine], looks, date(2020, 4, 9))
    assert [t.platform for t in told.outlook.tracks] == ["sentinel-2a"]
    assert told == cover(SITE, passes, looks, date(2020, 4, 9))


def test_an_alarm_takes_as_many_looks_as_the_monitors_shortest_window():
    assert min(MonitorSettings().windows) == ALARM_LOOKS
