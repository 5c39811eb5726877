"""What a count is worth: the number, the power, and when boxes tell nothing."""

import numpy as np
import pytest

from sitewatch.errors import InputError
from sitewatch.weigh.counted import Tried, counted
from sitewatch.weigh.recall import FalseBoxes, Recall
from sitewatch.weigh.tally import tally

CLEAN = [Tried(f"a{n}", 18, 20, 0) for n in range(20)]
LOUD = [Tried(f"b{n}", 9, 10, 5) for n in range(10)]


def test_the_number_is_the_interval_of_the_tally():
    told = counted(12, LOUD)
    recall, false = Recall.between([(9, 10)] * 10), FalseBoxes.between([5] * 10)
    assert (told.number.lo, told.number.best, told.number.hi) == tally(12, recall, false).interval(0.9)
    assert "90 of 100 vehicles found and 50 false boxes in 10 images" in told.number.origin


def test_a_clean_detector_tells_from_the_first_box_on():
    told = counted(3, CLEAN)
    assert told.least == 1
    assert told.p_false.hi < 0.15
    assert told.p_detect.lo > 0.8


def test_boxes_that_false_ones_reach_too_tell_nothing():
    few, many = counted(3, LOUD), counted(30, LOUD)
    assert few.least > 3
    assert few.number.lo == 0
    assert many.least <= 12
    assert many.number.lo > 0
    assert many.p_false.best < 0.15


def test_the_power_is_that_of_so_many_vehicles_and_reaches_nine_tenths():
    told = counted(30, LOUD)
    assert told.p_detect.best >= 0.9
    assert f"{told.least} boxes or more where {told.there} vehicles are" in told.p_detect.origin


def test_no_box_speaks_of_one_vehicle():
    told = counted(0, CLEAN)
    assert told.there == 1
    missed, none = 1 - told.p_detect.best, 1 - told.p_false.best
    assert missed / none == pytest.approx(0.1, abs=0.02)  # the chance to miss one, whatever the false boxes


def test_power_and_false_alarm_are_those_of_simulated_images():
    """Detectors as differing as the trials say, simulated: how often so many boxes are drawn."""
    trials = [Tried(f"c{n}", 40 + n % 7, 50, n % 3) for n in range(12)]
    told = counted(20, trials)
    rng = np.random.default_rng(5)
    recall = Recall.between([(one.found, one.of) for one in trials])
    false = FalseBoxes.between([one.false for one in trials])
    parts = rng.choice(len(recall.weight), 40_000, p=recall.weight)
    share = rng.beta(recall.mean[parts] * recall.size[parts], (1 - recall.mean[parts]) * recall.size[parts])
    parts = rng.choice(len(false.weight), 40_000, p=false.weight)
    extra = rng.poisson(rng.gamma(false.shape[parts], false.mean[parts] / false.shape[parts]))
    for there, power in ((told.there, told.p_detect), (0, told.p_false)):
        reached = (rng.binomial(there, share) + extra >= told.least).mean()
        assert power.best == pytest.approx(reached, abs=0.01)


def test_trials_without_a_vehicle_are_refused():
    with pytest.raises(InputError, match="at least one vehicle whose place is known"):
        counted(3, [Tried("a", 0, 0, 2)])
