"""The counting monitor, on made-up hotspots under a made-up sky."""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pytest
import shapely

from sitewatch.errors import InputError
from sitewatch.look.hotspots.firms import Detection
from sitewatch.look.hotspots.rates import HotspotChange, HotspotWatch, rate, watch_rate, watch_series
from sitewatch.look.hotspots.series import DEGREE_KM, Circle, HalfDay, half_day_series
from sitewatch.look.hotspots.settings import HotspotSettings
from sitewatch.look.hotspots.sky import clear_chance

FIRST, START, LAST = date(2022, 1, 1), date(2022, 6, 1), date(2022, 10, 31)
STOP = date(2022, 8, 1)
LON, LAT = 10.0, 50.0
FENCE = Circle(LON, LAT, 2.0)
AROUND = ((20.0, 0.0), (-30.0, 15.0), (0.0, 45.0), (60.0, -10.0), (-5.0, -70.0))


def sky(seed: int = 1) -> dict[date, float]:
    """One of two: clear 45 % of the days, alike all over the region."""
    rng, days = np.random.default_rng(seed), (LAST - FIRST).days + 1
    return {FIRST + timedelta(k): float(rng.random() < 0.45) for k in range(days)}


def hot(day: date, east: float, north: float, night: bool) -> Detection:
    lon, lat = LON + east / DEGREE_KM / np.cos(np.radians(LAT)), LAT + north / DEGREE_KM
    hour = 1 if night else 12
    time = datetime(day.year, day.month, day.day, hour, 20, tzinfo=UTC)
    return Detection(time, float(lon), float(lat), 3.0, "N", "VIIRS", night, "nominal")


def plant(
    clear: dict[date, float], east: float = 0.0, north: float = 0.0, *, seed: int = 2, share: float = 0.8
) -> list[Detection]:
    """A source that is seen on most clear nights, and on half as many clear days."""
    rng, found = np.random.default_rng(seed), []
    for day, open_ in clear.items():
        for night, seen in ((True, share), (False, share / 2)):
            if rng.random() < open_ * seen:
                found.append(hot(day, east, north, night))
    return found


def region(clear: dict[date, float]) -> list[Detection]:
    """The neighbours."""
    return [one for k, (east, north) in enumerate(AROUND) for one in plant(clear, east, north, seed=10 + k)]


def before(detections: Iterable[Detection], day: date) -> list[Detection]:
    return [one for one in detections if one.time.date() < day]


def since(detections: Iterable[Detection], day: date) -> list[Detection]:
    return [one for one in detections if one.time.date() >= day]


def changes(watch: HotspotWatch) -> list[HotspotChange]:
    return [event.change for event in watch.events]


def test_a_source_that_runs_raises_nothing() -> None:
    clear = sky()
    watch = watch_rate(region(clear) + plant(clear), FENCE, START, until=LAST)
    assert watch.events == ()
    assert watch.reason == ""
    assert watch.clouds.startswith("estimated from 5 neighbouring sources, the nearest 20, 34, 45 km off")
    assert [state.day for state in watch.days] == [START + timedelta(k) for k in range((LAST - START).days + 1)]
    assert all(abs(state.quiet + state.alive - 1) < 1e-12 for state in watch.days)


def test_a_source_that_stops_went_quiet() -> None:
    clear = sky()
    watch = watch_rate(region(clear) + before(plant(clear), STOP), FENCE, START)
    (event,) = watch.events
    assert event.change is HotspotChange.WENT_QUIET
    assert STOP <= event.first_flagged <= STOP + timedelta(14)
    assert event.onset[0] <= STOP <= event.onset[1] <= event.first_flagged
    assert 0 < event.only_cloud <= 0.05
    assert event.after.high < event.before.low
    assert event.after.hits == 0
    flagged = next(state for state in watch.days if state.day == event.first_flagged)
    assert flagged.quiet == pytest.approx(1 - event.only_cloud)


def test_silence_under_cloud_everywhere_is_only_cloud() -> None:
    clear = sky() | {STOP + timedelta(k): 0.0 for k in range(30)}
    watch = watch_rate(region(clear) + plant(clear), FENCE, START)
    assert watch.events == ()
    dark = [state for state in watch.days if STOP <= state.day < STOP + timedelta(30)]
    assert not any(state.count for state in dark)
    assert max(state.quiet for state in dark) < 0.5


def test_a_cloud_series_decides_the_same_silence() -> None:
    clear, silent = sky(), before(plant(sky()), STOP)
    told = watch_rate(silent, FENCE, START, clouds=clear)
    assert changes(told) == [HotspotChange.WENT_QUIET]
    assert told.clouds == "given"
    covered = clear | {STOP + timedelta(k): 0.0 for k in range(100)}
    assert watch_rate(silent, FENCE, START, clouds=covered, until=LAST).events == ()
    lacking = {day: share for day, share in clear.items() if day < STOP}
    assert watch_rate(silent, FENCE, START, clouds=lacking, until=LAST).events == ()


def test_a_source_that_starts_again_came_alive() -> None:
    clear = sky()
    mine = before(plant(clear), STOP) + since(plant(clear), date(2022, 9, 20))
    watch = watch_rate(region(clear) + mine, FENCE, START)
    assert changes(watch) == [HotspotChange.WENT_QUIET, HotspotChange.CAME_ALIVE]
    alive = watch.events[1]
    assert date(2022, 9, 20) <= alive.first_flagged <= date(2022, 9, 30)
    assert alive.onset[0] <= date(2022, 9, 23)
    assert alive.only_cloud <= 0.05
    assert alive.before.high < alive.after.best


def test_a_new_source_can_come_alive_without_a_history() -> None:
    clear = sky()
    watch = watch_rate(region(clear) + since(plant(clear), STOP), FENCE, START)
    assert changes(watch) == [HotspotChange.CAME_ALIVE]
    assert "0 half-days with a detection before the watch" in watch.reason


def test_too_few_detections_judge_no_silence() -> None:
    clear = sky()
    watch = watch_rate(region(clear) + plant(clear)[:5], FENCE, START)
    assert watch.events == ()
    assert "5 half-days with a detection before the watch, and 10 are needed" in watch.reason


def test_a_site_without_any_hotspot_has_a_reason_and_no_number() -> None:
    watch = watch_rate(region(sky()), FENCE, START, until=LAST)
    assert (watch.days, watch.events) == ((), ())
    assert re.match(r"no hotspot within the fence in 60\d half-days, of which about 1[89]\d were clear:", watch.reason)
    assert "holds no hotspot" in watch_rate([], FENCE, START).reason


def test_without_neighbours_or_clouds_cloud_cannot_be_told() -> None:
    watch = watch_rate(plant(sky()), FENCE, START)
    assert (watch.days, watch.history) == ((), None)
    assert "0 persistent sources of other hotspots within 300 km" in watch.reason


def test_a_short_history_has_a_reason() -> None:
    clear = sky()
    watch = watch_rate(region(clear) + plant(clear), FENCE, FIRST + timedelta(40))
    assert watch.days == ()
    assert "days of hotspots before the watch, and 60 are needed" in watch.reason


def test_only_the_past_counts() -> None:
    clear = sky()
    every = region(clear) + before(plant(clear), STOP)
    day = date(2022, 9, 1)
    early = watch_rate(before(every, day), FENCE, START)
    late = watch_rate(every, FENCE, START)
    assert [state.quiet for state in late.days[: len(early.days)]] == pytest.approx(
        [state.quiet for state in early.days], rel=1e-9
    )


def test_the_order_of_rows_changes_nothing() -> None:
    clear = sky()
    every = region(clear) + before(plant(clear), STOP)
    shuffled = [every[k] for k in np.random.default_rng(5).permutation(len(every))]
    one, other = watch_rate(every, FENCE, START), watch_rate(shuffled, FENCE, START)
    assert [e.first_flagged for e in one.events] == [e.first_flagged for e in other.events]
    assert [s.quiet for s in one.days] == pytest.approx([s.quiet for s in other.days], rel=1e-6)


def test_counts_taken_from_a_series_are_detections_taken_from_the_file() -> None:
    """The bench plants its shutdowns into the series; the neighbours' sky does not see the difference."""
    clear = sky()
    series = half_day_series(region(clear) + plant(clear), FENCE, START)
    cut = tuple(replace(half, count=0) if half.day >= STOP else half for half in series.half_days)
    planted = watch_series(replace(series, half_days=cut))
    assert planted == watch_rate(region(clear) + before(plant(clear), STOP), FENCE, START)


def test_a_polygon_is_a_fence_too() -> None:
    clear = sky()
    every = region(clear) + before(plant(clear), STOP)
    corner = 0.02
    box = shapely.box(LON - corner, LAT - corner, LON + corner, LAT + corner)
    assert changes(watch_rate(every, box, START)) == [HotspotChange.WENT_QUIET]
    away = shapely.box(LON + 0.05, LAT - corner, LON + 0.09, LAT + corner)
    assert "no hotspot within the fence" in watch_rate(every, away, START).reason


def test_what_cannot_be_a_fence_a_start_or_a_share() -> None:
    clear = sky()
    every = plant(clear)
    with pytest.raises(InputError, match="radius above 0"):
        Circle(LON, LAT, 0)
    with pytest.raises(InputError, match="crosses itself"):
        watch_rate(every, shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]), START)
    with pytest.raises(InputError, match="the watch starts on 2023-05-01, and the hotspots run from 2022-01"):
        watch_rate(every, FENCE, date(2023, 5, 1))
    with pytest.raises(InputError, match=r"between 0 and 1; found 2022-01-01: 80"):
        watch_rate(every, FENCE, START, clouds={FIRST: 80.0})


def test_half_days_follow_the_sun_not_the_flag_and_each_satellite_from_its_first_day() -> None:
    clear = sky()
    mine = plant(clear)
    later = [replace(one, satellite="N20", night=not one.night) for one in since(mine, STOP)]
    series = half_day_series(region(clear) + mine + later, FENCE, START, clouds=clear)
    of_second = [half for half in series.half_days if half.satellite == "N20"]
    assert min(half.day for half in of_second) >= STOP
    assert sum(half.count for half in of_second) == len(later)
    evening = replace(hot(STOP, 0, 0, night=True), time=datetime(2022, 7, 31, 22, 0, tzinfo=UTC))
    (half,) = [h for h in half_day_series([*mine[:1], evening, *mine[-1:]], FENCE, START, clouds=clear).half_days
               if h.day == STOP and h.night]  # fmt: skip
    assert half.count == 1


def test_a_neighbour_far_away_says_less_than_one_nearby() -> None:
    rng, settings = np.random.default_rng(3), HotspotSettings()
    seen = rng.random((1, 200)) < 0.5
    near, far = (
        clear_chance(seen, np.array([km]), np.array([0.0]), 0.0, 100, settings) for km in (5.0, 250.0)
    )  # fmt: skip
    assert near[seen[0]].mean() > far[seen[0]].mean() > far[~seen[0]].mean() > near[~seen[0]].mean()


def test_neighbours_side_by_side_count_little_more_than_one() -> None:
    rng, settings = np.random.default_rng(3), HotspotSettings()
    clear = rng.random(200) < 0.5
    seen = clear & (rng.random((4, 200)) < 0.9)
    seen[:, 150] = True
    x, y = np.array([60.0, 61.0, 62.0, 63.0]), np.zeros(4)
    one = clear_chance(seen[:1], x[:1], y[:1], 0.0, 100, settings)[150]
    four = clear_chance(seen, x, y, 0.0, 100, settings)[150]
    around = clear_chance(
        seen, np.array([60.0, -60.0, 0.0, 0.0]), np.array([0.0, 0.0, 60.0, -60.0]), 0.0, 100, settings
    )
    assert one <= four < around[150]


def test_the_rate_leaves_obscured_half_days_out() -> None:
    seen = [HalfDay(FIRST + timedelta(k), True, "N", int(k % 2), 1.0) for k in range(60)]
    cloudy = [HalfDay(FIRST + timedelta(k), False, "N", 0, 0.0) for k in range(60)]
    assert rate(seen).best == pytest.approx(0.5, abs=0.02)
    assert rate(seen + cloudy) == rate(seen)
    assert rate(seen).low < 0.5 < rate(seen).high
    assert (rate(seen).hits, rate(seen).clear) == (30, 60.0)
    assert rate([]).low < 0.05 < 0.95 < rate([]).high


@pytest.mark.parametrize(
    "wrong",
    [
        {"time": datetime(2022, 3, 1, 1, 20)},
        {"time": datetime(2022, 3, 1, 10, 20, tzinfo=timezone(timedelta(hours=9)))},
        {"lon": float("nan")},
        {"lat": 91.0},
        {"instrument": "viirs"},
    ],
)
def test_a_detection_that_no_file_holds_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="needed are a time in UTC"):
        replace(hot(START, 0, 0, night=True), **wrong)


def test_moments_are_no_days() -> None:
    clear = sky()
    moments: dict[date, float] = {datetime(day.year, day.month, day.day, tzinfo=UTC): 1.0 for day in clear}
    for given in ({"clouds": moments, "until": LAST}, {"until": datetime(2022, 9, 1, tzinfo=UTC)}):
        with pytest.raises(InputError, match=r"are dates; found datetime\.datetime"):
            watch_rate(plant(clear), FENCE, START, **given)  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"are dates; found datetime\.datetime"):
        watch_rate(plant(clear), FENCE, datetime(2022, 6, 1, tzinfo=UTC))


@pytest.mark.parametrize("late", [None, 4000])
def test_a_cloud_series_of_other_days_is_refused(late: int | None) -> None:
    clear = sky()
    clouds = {day - timedelta(late): share for day, share in clear.items()} if late else {}
    with pytest.raises(InputError, match="the cloud series holds no day of the watch, 2022-06-01 to 2022-10-28"):
        watch_rate(plant(clear), FENCE, START, clouds=clouds)


def test_a_fence_with_latitude_before_longitude_is_told() -> None:
    with pytest.raises(InputError, match="latitude and longitude seem swapped"):
        watch_rate(plant(sky()), Circle(LAT, LON, 2.0), START, clouds=sky())


def test_a_fence_over_the_date_line_is_like_any_other() -> None:
    clear = sky()
    here = region(clear) + before(plant(clear), STOP)
    later = timedelta(hours=189.99 / 15)  # the same local time
    there = [replace(one, lon=(one.lon + 170.01 + 180) % 360 - 180, time=one.time + later) for one in here]
    fence = shapely.Polygon([(179.99, 49.98), (-179.97, 49.98), (-179.97, 50.02), (179.99, 50.02)])
    at_home = watch_rate(here, shapely.box(9.98, 49.98, 10.02, 50.02), START)
    moved = watch_rate(there, fence, START)
    assert changes(moved) == changes(at_home) == [HotspotChange.WENT_QUIET]
    assert [state.count for state in moved.days] == [state.count for state in at_home.days]
