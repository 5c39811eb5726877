import json
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from sitewatch.errors import InputError
from sitewatch.look import monitor
from sitewatch.look.sensors.thermal import (
    SUPPORT_M,
    THERMAL,
    HeatPass,
    Unit,
    brightness,
    cube,
    kelvin,
    overpass_class,
    screen,
    sun_elevation,
    unit_of,
)
from sitewatch.records import Grid

GRID = Grid(crs="EPSG:32634", transform=(30, 0, 500_000, 0, -30, 5_000_000), shape=(24, 26))  # 45 N, 21 E
MORNING, EVENING = datetime(2020, 6, 1, 9, 10, tzinfo=UTC), datetime(2020, 6, 1, 20, 20, tzinfo=UTC)
CLEAR = 1 << 6
MTL = {
    "LANDSAT_METADATA_FILE": {
        "LEVEL1_RADIOMETRIC_RESCALING": {"RADIANCE_MULT_BAND_10": "3.3420E-04", "RADIANCE_ADD_BAND_10": "0.10000"},
        "LEVEL1_THERMAL_CONSTANTS": {"K1_CONSTANT_BAND_10": "774.8853", "K2_CONSTANT_BAND_10": "1321.0789"},
    }
}

FLAT = {name: value for group in MTL["LANDSAT_METADATA_FILE"].values() for name, value in group.items()}


def heat(time=MORNING, level=290.0, product="surface temperature", shape=GRID.shape):
    return HeatPass(time, np.full(shape, level, np.float32), product)


def series(count=60, every=16):
    """Days and kelvin of one temperate pixel, some passes cold with cloud."""
    days = [date(2018, 1, 5) + timedelta(days=every * i) for i in range(count)]
    turn = 2 * np.pi * np.array([day.timetuple().tm_yday - 20 for day in days]) / 365.25
    rng = np.random.default_rng(1)
    values = 286 - 13 * np.cos(turn) + rng.normal(0, 4, count)
    return days, np.where(rng.random(count) < 0.2, values - 25, values)


def test_level_2_counts_are_kelvin_and_fill_is_none():
    found = kelvin(np.array([[0, 44000, 38000]], np.uint16))
    assert np.isnan(found[0, 0])
    assert found[0, 1:] == pytest.approx([299.393, 278.885], abs=0.001)
    assert found.dtype == np.float32
    assert np.isnan(kelvin(np.zeros((2, 2), np.uint16))).all()  # a pass that saw nothing


def test_counts_with_a_foreign_scale_are_refused():
    with pytest.raises(InputError, match=r"44000 .*take scale and offset from the metadata"):
        kelvin(np.full((2, 2), 44000), 1.0, 0.0)


@pytest.mark.parametrize("values", [np.zeros(9), np.full(9, -9999), np.full(9, np.nan), np.array([])])
@pytest.mark.parametrize("stated", [None, "kelvin x 10"])
def test_fill_values_as_temperatures_are_refused(values, stated):
    with pytest.raises(InputError, match="fill"):
        unit_of(stated, values)


@pytest.mark.parametrize(
    ("unit", "values"),
    [
        (Unit.KELVIN, [251.4, 290.25, 301.7]),
        (Unit.CELSIUS, [-21.4, 17.25, 28.7]),
        (Unit.KELVIN_X10, [2514, 0, 2902, 3517]),
        (Unit.CELSIUS_X100, [-2140, 1725, 0, 2870]),
    ],
)
def test_the_unit_is_told_where_no_other_fits_or_it_is_stated(unit, values):
    if unit is Unit.KELVIN_X10:  # 25 to 35 degrees Celsius x 100 would look the same
        with pytest.raises(InputError, match="fit kelvin x 10 or Celsius x 100"):
            unit_of(None, np.array(values))
    else:
        assert unit_of(None, np.array(values)) is unit
    assert unit_of(str(unit), np.array(values)) is unit
    assert np.nanmin(unit.kelvin(values)) == pytest.approx(251.5, abs=0.4)


def test_the_season_tells_kelvin_x_10_from_celsius_x_100():
    days, values = series()
    assert unit_of(None, np.round(values * 10), days=days, latitude=45) is Unit.KELVIN_X10
    warm = np.round((values - 260) * 100).clip(2000, 3700)  # the counts that both units have
    assert unit_of(None, warm, days=days, latitude=-45) is Unit.CELSIUS_X100
    for where in ({"latitude": 5}, {}):
        with pytest.raises(InputError, match="or Celsius x 100"):
            unit_of(None, np.round(values * 10), days=days, **where)
    with pytest.raises(InputError, match="no unit is stated"):  # a summer tells nothing of a season
        unit_of(None, np.round(values[:6] * 10), days=days[:6], latitude=45)


@pytest.mark.parametrize(("stated", "values"), [("K", [-3.5, 21.5]), ("Celsius", [271.5, 300.5]), ("K", [2715, 3005])])
def test_a_stated_unit_that_the_values_do_not_bear_out_is_refused(stated, values):
    with pytest.raises(InputError, match=r"the metadata state .* would fit"):
        unit_of(stated, np.array(values))


def test_an_unknown_unit_is_refused():
    with pytest.raises(InputError, match=r"'fahrenheit'.*known are kelvin"):
        unit_of("fahrenheit", np.array([70.0]))


@pytest.mark.parametrize(
    ("bit", "dropped"), [(0, 1), (1, 13), (2, 13), (3, 13), (4, 13), (5, 1), (6, 0), (7, 0), (9, 0)]
)
def test_the_bits_of_collection_2_hide_the_ground(bit, dropped):
    st, qa = np.full((11, 11), 290, np.float32), np.full((11, 11), CLEAR, np.uint16)
    qa[5, 5] = 1 << bit
    unseen = np.isnan(screen(st, qa, np.full((11, 11), 150, np.int16)))
    assert unseen.sum() == dropped
    assert unseen[5, 5] == (dropped > 0)


def test_unsure_and_impossible_temperatures_are_dropped():
    st = np.array([[290, 290, 290, 190, 400, np.nan]], np.float32)
    unsure = np.array([[500, 501, -9999, 100, 100, 100]], np.int16)
    assert np.isfinite(screen(st, np.full(st.shape, CLEAR, np.uint16), unsure)).tolist() == [[True] + [False] * 5]
    night = screen(st, np.full(st.shape, CLEAR, np.uint16), None)
    assert np.isfinite(night).tolist() == [[True] * 3 + [False] * 3]


@pytest.mark.parametrize(
    ("qa", "unsure", "named"),
    [
        (np.zeros((2, 3), np.uint16), None, "QA_PIXEL"),
        (np.zeros((2, 2)), None, "QA_PIXEL"),
        (np.zeros((2, 2), np.uint16), np.zeros((2, 2)), "ST_QA"),
    ],
)
def test_quality_that_does_not_fit_is_refused(qa, unsure, named):
    with pytest.raises(InputError, match=named):
        screen(np.full((2, 2), 290, np.float32), qa, unsure)


@pytest.mark.parametrize("mtl", [MTL, json.dumps(MTL), FLAT])
def test_brightness_follows_the_constants_of_the_scene(mtl):
    found = brightness(np.array([[0, 25000]], np.uint16), mtl)
    radiance = 3.342e-4 * 25000 + 0.1
    assert np.isnan(found[0, 0])
    assert found[0, 1] == pytest.approx(1321.0789 / np.log(774.8853 / radiance + 1), abs=1e-3)
    assert 290 < found[0, 1] < 300


def test_missing_and_broken_constants_are_named():
    with pytest.raises(InputError, match="lacks RADIANCE_ADD_BAND_10, K1_CONSTANT_BAND_10, K2_CONSTANT_BAND_10"):
        brightness(np.ones((1, 1)), {"RADIANCE_MULT_BAND_10": 3e-4})
    for broken in ("n/a", "-774.9", "nan"):
        with pytest.raises(InputError, match="K1_CONSTANT_BAND_10 is"):
            brightness(np.ones((1, 1)), FLAT | {"K1_CONSTANT_BAND_10": broken})
    with pytest.raises(InputError, match=r"MTL, line 1, column 1: .*MTL\.json"):
        brightness(np.ones((1, 1)), "GROUP = LANDSAT_METADATA_FILE")


def test_the_sun_stands_where_the_almanac_has_it():
    # Solstice noon on the tropic, equinox at the pole, and midnight sun (to a tenth of a degree but for the equation
    # of time, which the first two do without).
    assert sun_elevation(datetime(2020, 6, 20, 12, 2, tzinfo=UTC), 0, 23.44) == pytest.approx(90, abs=0.4)
    assert sun_elevation(datetime(2020, 3, 20, 3, 50, tzinfo=UTC), 77, 90) == pytest.approx(0, abs=0.05)
    assert sun_elevation(datetime(2020, 6, 20, 0, 2, tzinfo=UTC), 0, 70) == pytest.approx(70 + 23.44 - 90, abs=0.1)


def test_day_and_night_are_told_by_the_sun():
    assert overpass_class(MORNING, 21, 45) == "day"
    assert overpass_class(EVENING, 21, 45) == "night"
    assert overpass_class(EVENING, -120, 45) == "day"
    assert overpass_class(datetime(2020, 12, 20, 11, tzinfo=UTC), 21, 75) == "night"
    with pytest.raises(InputError, match="no time zone"):
        overpass_class(MORNING.replace(tzinfo=None), 21, 45)
    with pytest.raises(InputError, match="no place"):
        overpass_class(MORNING, 21, 145)


def test_a_cube_tells_its_unit_support_and_class():
    found = cube([heat(), heat(MORNING + timedelta(days=8))], GRID, "day")
    assert found.dims == ("time", "band", "y", "x")
    assert found.dtype == np.float32
    assert found.attrs == {
        "crs": "EPSG:32634", "units": "K", "support_m": SUPPORT_M, "overpass": "day", "product": "surface temperature"
    }  # fmt: skip
    assert list(found.band.values) == ["lwir11"]
    assert (found.x.values[0], found.y.values[0]) == (500_015, 4_999_985)


def test_day_and_night_are_never_mixed():
    passes = [heat(), heat(EVENING), heat(EVENING + timedelta(days=16))]
    with pytest.raises(InputError, match=r"holds 2 of the other class: 2020-06-01 20:20 UTC, 2020-06-17 20:20 UTC"):
        cube(passes, GRID, "day")
    assert cube(passes[1:], GRID, "night").attrs["overpass"] == "night"


def test_surface_and_brightness_temperature_are_never_mixed():
    with pytest.raises(InputError, match=r"1 passes are brightness temperature: 2020-06-09 09:10 UTC"):
        cube([heat(), heat(MORNING + timedelta(days=8), product="brightness temperature")], GRID, "day")


def test_kelvin_against_celsius_is_refused_by_naming_the_pass():
    with pytest.raises(InputError, match=r"the pass of 2020-06-09 09:10 holds 17 to 17.*looks like Celsius"):
        cube([heat(), heat(MORNING + timedelta(days=8), level=17)], GRID, "day")


def test_fill_left_in_a_pass_is_refused():
    one = heat()
    one.values[3, 4] = 0
    with pytest.raises(InputError, match=r"the pass of 2020-06-01 09:10 holds 0 to 0.*screen it first"):
        cube([one], GRID, "day")


@pytest.mark.parametrize(
    ("passes", "grid", "why"),
    [
        ([], GRID, "at least one pass"),
        ([heat(shape=(3, 3))], GRID, r"has \(3, 3\) pixels"),
        ([heat()], GRID.model_copy(update={"transform": (10, 0, 500_000, 0, -10, 5_000_000)}), "grid of 30 m"),
    ],
)
def test_passes_that_do_not_fit_are_refused(passes, grid, why):
    with pytest.raises(InputError, match=why):
        cube(passes, grid, "day")


def watched(passes, warm=0.0, since=date(2022, 1, 1)):
    """A cube of made-up ground, one pass every 16 days, with a fence whose middle is warmer from a day on."""
    rng = np.random.default_rng(5)
    kind = rng.normal(0, 1, GRID.shape)
    made = []
    for i in range(passes):
        time = datetime(2019, 1, 3, 9, 10, tzinfo=UTC) + timedelta(days=16 * i)
        turn = 2 * np.pi * time.timetuple().tm_yday / 365.25
        values = 287 - 14 * np.cos(turn) + rng.normal(0, 4) + kind * (2 + np.cos(turn)) + rng.normal(0, 0.5, GRID.shape)
        if time.date() >= since:
            values[10:15, 10:15] += warm
        made.append(HeatPass(time, values.astype(np.float32), "surface temperature"))
    inside = np.zeros(GRID.shape, bool)
    inside[8:17, 8:17] = True
    return cube(made, GRID, "day"), inside


def test_an_orbit_with_three_passes_is_refused_with_what_is_lacking():
    few, inside = watched(5)
    with pytest.raises(InputError, match=r"the history holds 3 passes whose ring is clear, and the monitor needs 8"):
        monitor(few, inside, date(2019, 2, 10), settings=THERMAL)


@pytest.mark.parametrize("warm", [0.0, 6.0])
def test_the_monitor_finds_ground_that_grows_warm_and_none_that_does_not(warm):
    passes, inside = watched(92, warm)
    watch = monitor(passes, inside, date(2022, 1, 1), settings=THERMAL)
    assert bool(watch.alerts) == (warm > 0)
    assert watch.bands == ("lwir11",)
    if warm:
        assert watch.alerts[0].region[10:15, 10:15].mean() > 0.8
        assert (watch.days[watch.alerts[0].first_flag] - date(2022, 1, 1)).days <= 60


def test_few_fill_values_among_counts_are_no_temperatures():
    found = kelvin(np.array([-9999, np.inf, -np.inf, 44000, 44000, 44000, 44000]))
    assert np.isnan(found).tolist() == [True] * 3 + [False] * 4


def test_no_unit_makes_an_impossible_temperature():
    assert np.isnan(Unit.KELVIN_X10.kelvin([65535, 0, -9999, np.inf])).all()
    assert np.isnan(Unit.KELVIN.kelvin([17.0])).all()
    assert Unit.CELSIUS.kelvin([0.0]) == pytest.approx(273.15)
    assert np.isnan(Unit.CELSIUS_X100.kelvin([0])).all()


def test_days_that_do_not_match_the_values_are_refused():
    with pytest.raises(InputError, match=r"shape \(20,\) come with 3 days"):
        unit_of(None, np.linspace(2500, 3000, 20).round(), days=[date(2020, 1, 1)] * 3, latitude=45)


def test_kelvin_given_as_counts_and_constants_of_another_scale_are_refused():
    with pytest.raises(InputError, match="the MTL's constants give 159"):
        brightness(np.full((1, 1), 290.0), FLAT)
    with pytest.raises(InputError, match="give Level-1 counts of band 10 with their own MTL"):
        brightness(np.full((1, 1), 25000), FLAT | {"RADIANCE_MULT_BAND_10": "3.342"})
    assert np.isnan(brightness(np.array([[np.inf, -9999, 0]]), FLAT)).all()


def test_celsius_is_not_screened_as_if_nothing_was_seen():
    clear = np.full((3, 3), CLEAR, np.uint16)
    with pytest.raises(InputError, match=r"the temperatures hold 17 to 17 kelvin.*if they are Celsius"):
        screen(np.full((3, 3), 17, np.float32), clear, None)
    for blank in (np.nan, 0):
        assert np.isnan(screen(np.full((3, 3), blank, np.float32), clear, None)).all()


def test_an_infinite_temperature_is_refused():
    with pytest.raises(InputError, match="holds inf to inf"):
        cube([heat(level=np.inf)], GRID, "day")
