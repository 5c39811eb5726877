from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from sitewatch.errors import InputError
from sitewatch.look import monitor, power
from sitewatch.look.materials import MATERIALS, change, fits
from tests.look.scenes import START, plus, small


@pytest.fixture(autouse=True)
def few_plants(monkeypatch):
    """A seventh of the plants is enough to tell these apart."""
    monkeypatch.setattr(power, "PLACES", 6)
    monkeypatch.setattr(power, "DATES", 6)


@pytest.fixture(scope="module")
def clear():
    return monitor(*small(cloudy=0), START)


@pytest.fixture(scope="module")
def cloudy():
    return monitor(*small(cloudy=0.3), START)


def faint(delta):
    return {"red": delta, "nir": -delta}


def test_a_strong_change_is_nearly_always_noticed_where_the_sky_is_clear(clear):
    found = clear.power(4, "bright_roof", 90)
    assert found.probability == found.found / found.plants >= 0.95
    assert found.plants == 36
    assert (found.size_px, found.material, found.within_days) == (4, "bright_roof", 90)
    assert found.low > 0.8


@pytest.mark.parametrize("delta", [0.0, 0.0005])
def test_no_change_is_never_noticed(clear, delta):
    found = clear.power(4, {"nir": delta}, 90)
    assert found.probability <= 0.02
    assert found.high < 0.2


def test_larger_changes_are_noticed_more_often(clear):
    shares = [clear.power(size, faint(0.009), 90).probability for size in (1, 2, 3, 5)]
    assert shares[0] < 0.3
    assert shares[-1] > 0.8
    assert all(b >= a - 0.05 for a, b in pairwise(shares))


def test_stronger_changes_are_noticed_more_often(clear):
    shares = [clear.power(3, faint(delta), 90).probability for delta in (0.002, 0.006, 0.03)]
    assert shares[0] < 0.1
    assert shares[-1] > 0.95
    assert all(b >= a - 0.05 for a, b in pairwise(shares))


def test_more_time_notices_more(clear):
    shares = [clear.power(4, "bare", days).probability for days in (10, 60, 120)]
    assert shares[0] == 0  # three looks are needed, sixteen days apart
    assert shares[-1] > 0.95
    assert all(b >= a - 0.05 for a, b in pairwise(shares))


def test_clouds_take_power(clear, cloudy):
    assert cloudy.power(4, "bare", 50).probability < clear.power(4, "bare", 50).probability


@pytest.mark.parametrize(("size", "within"), [(2, 90), (4, 40)])
def test_the_interval_holds_the_share(cloudy, size, within):
    found = cloudy.power(size, faint(0.01), within)
    assert 0 <= found.low <= found.probability <= found.high <= 1
    assert found.high > found.low
    assert found.probability == found.found / found.plants


def test_the_same_cube_gives_the_same_answer(cloudy):
    again = monitor(*small(cloudy=0.3), START)
    for material in ("vehicles", faint(0.01)):
        first = cloudy.power(3, material, 60)
        assert first == cloudy.power(3, material, 60) == again.power(3, material, 60)


def test_every_material_can_be_planted():
    data, inside = small(cloudy=0, bands=4)
    data.values[:] *= np.array([0.5, 0.6, 0.3, 1.6])[:, None, None]  # meadow: dark in red, bright in infrared
    watch = monitor(data, inside, START)
    for material in MATERIALS:
        assert watch.power(5, material, 120).probability > 0.5, material


def test_power_of_bands_by_name_does_not_depend_on_their_order(clear):
    data, inside = small(cloudy=0)
    mixed = monitor(data.isel(band=[3, 1, 0, 2]), inside, START)
    assert mixed.power(3, faint(0.008), 60) == clear.power(3, faint(0.008), 60)


def test_ground_that_really_changed_is_not_planted_on(monkeypatch):
    monkeypatch.setattr(power, "DATES", 12)
    data, inside = small(cloudy=0)
    watch = monitor(plus(data, 0.1, "2021-02-01", rows=slice(15, 25), columns=slice(15, 17)), inside, START)
    assert watch.alerts
    assert watch.power(3, {"nir": 0.0}, 60).probability == 0


# --- What cannot be planted


def test_an_unknown_material_names_those_there_are(clear):
    with pytest.raises(InputError, match=r"material 'gold' is unknown; there are bare, bright_roof.*vehicles, or give"):
        clear.power(3, "gold", 60)


def test_an_unknown_band_names_those_there_are(clear):
    with pytest.raises(InputError, match="the cube has no band swir16, vv; it has blue, green, nir, red"):
        clear.power(3, {"vv": 0.1, "swir16": 0.1, "nir": 0.1}, 60)


@pytest.mark.parametrize(
    ("size", "material", "within", "words"),
    [
        (0, "bare", 60, "1 px or more"),
        (-3, "bare", 60, "1 px or more"),
        (3, "bare", 0, "1 day or more"),
        (3, {}, 60, "band"),
        (3, {"nir": float("nan")}, 60, "nir"),
        (3, {"nir": float("inf")}, 60, "nir"),
        (11, "bare", 60, "no 11 x 11 px of quiet ground inside the fence"),
        (99, "bare", 60, "no 99 x 99 px of quiet ground inside the fence"),
        (3, "bare", 5000, "start the watch earlier or ask for fewer days"),
    ],
)
def test_what_cannot_be_planted_is_refused(clear, size, material, within, words):
    with pytest.raises(InputError, match=words):
        clear.power(size, material, within)


def test_vegetation_cannot_be_lost_where_there_is_none(clear):
    data, inside = small(cloudy=0)
    bare = data.copy(data=np.full(data.shape, 0.2, np.float32))
    bare.values += np.random.default_rng(0).normal(0, 0.004, data.shape).astype(np.float32)
    watch = monitor(bare, inside, START)
    with pytest.raises(InputError, match="quiet ground inside the fence can take vegetation_lost"):
        watch.power(3, "vegetation_lost", 60)
    assert watch.power(3, "bright_roof", 60).probability > 0.9


def test_reflectances_mean_nothing_to_other_bands():
    data, inside = small(cloudy=0)
    watch = monitor(data.assign_coords(band=["vv", "vh", "hh", "hv"]), inside, START)
    with pytest.raises(InputError, match=r"bare is known as reflectance in blue.*give the change as \{band: change\}"):
        watch.power(3, "bare", 60)
    assert watch.power(3, {"vv": 0.05}, 60).probability > 0.9


def test_too_short_a_watch_says_why_it_has_no_power():
    data, inside = small(cloudy=0)
    begun = int((data.time.values < np.datetime64(START)).sum())
    watch = monitor(data.isel(time=slice(begun - 9, begun + 4)), inside, START)
    with pytest.raises(InputError, match="too few passes for a trial that the fit has not seen"):
        watch.power(3, "bare", 30)


def test_a_watch_whose_passes_were_all_refused_says_why_it_has_no_power_or_tries_its_history():
    data, inside = small(years=4, cloudy=0)
    late = np.flatnonzero(data.time.values >= np.datetime64(START))
    veil = np.random.default_rng(5).uniform(0.2, 0.8, (len(late), 1, 28, 28))
    data.values[late] += veil.astype(np.float32)
    watch = monitor(data, inside, START)
    try:
        found = watch.power(3, "bare", 60).probability
    except InputError:
        return
    assert found > 0.5  # planted into the clear history


# --- Materials by themselves


def test_a_roof_takes_the_place_of_the_ground_and_vehicles_add_to_it():
    ground = np.full((2, 2, 2), 0.2, np.float32)
    ground[0, 0] = np.nan
    roof = change("bright_roof", ("nir", "red"), ground)
    assert np.isnan(roof[0, 0]).all()
    np.testing.assert_allclose(roof[1, 1], [0.18, 0.16], atol=1e-6)
    np.testing.assert_allclose(change("vehicles", ("nir", "red"), ground)[1, 1], [0.12, 0.12], atol=1e-6)
    np.testing.assert_allclose(change({"red": -0.05}, ("nir", "red"), ground)[1, 1], [0, -0.05], atol=1e-6)


def test_a_band_without_a_known_reflectance_stays_as_it_is():
    ground = np.full((1, 1, 2), 0.2, np.float32)
    np.testing.assert_allclose(change("bare", ("lwir11", "red"), ground)[0, 0], [0, -0.03], atol=1e-6)


def test_only_green_ground_can_lose_its_vegetation():
    usual = np.array([[[0.05, 0.4], [0.2, 0.25], [np.nan, np.nan]]], np.float32)
    assert fits("vegetation_lost", ("red", "nir"), usual).tolist() == [[True, False, False]]
    assert fits("bare", ("red", "nir"), usual).tolist() == [[True, True, False]]
