"""The true number from a count: the method's own examples, exact sums, and what bad trials are told."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import betabinom, binom, nbinom

from sitewatch.errors import InputError
from sitewatch.weigh.recall import FalseBoxes, Recall
from sitewatch.weigh.tally import tally

UNHURRIED = settings(deadline=None, max_examples=40)
NONE = FalseBoxes.none()


@pytest.mark.parametrize(("recall", "ends", "above"), [(0.6, (10, 20), 0.88), (0.9, (8, 11), 0.09)])
def test_eight_seen_with_ten_declared(recall, ends, above):
    """The method's example."""
    found = tally(8, Recall.known(recall), NONE)
    assert found.interval(0.9)[::2] == ends
    assert found.above(10) == pytest.approx(above, abs=0.005)


def test_a_known_recall_gives_a_negative_binomial():
    found = tally(8, Recall.known(0.6), NONE)
    numbers = np.arange(len(found.chance))
    assert found.chance == pytest.approx(nbinom.pmf(numbers - 8, 9, 0.6), abs=1e-9)


def test_trials_give_a_beta_binomial_under_a_flat_prior():
    found = tally(8, Recall.trials(60, 100), NONE)
    likely = betabinom.pmf(8, np.arange(len(found.chance)), 60.5, 40.5)
    assert found.chance == pytest.approx(likely / likely.sum(), abs=1e-12)


def test_false_boxes_are_summed_over():
    found = tally(8, Recall.known(0.6), FalseBoxes.trials(20, 10))
    numbers = np.arange(len(found.chance))
    false = nbinom.pmf(np.arange(9), 20.5, 10 / 11)
    likely = sum(p * binom.pmf(8 - f, numbers, 0.6) for f, p in enumerate(false))
    assert found.chance == pytest.approx(likely / likely.sum(), abs=1e-8)


def test_false_boxes_alone_may_make_the_count():
    found = tally(2, Recall.known(0.9), FalseBoxes.trials(200, 100))
    assert found.chance[0] > 0.1
    assert found.interval()[0] == 0


def test_nothing_counted_still_leaves_a_number():
    assert tally(0, Recall.known(0.5), NONE).chance[:3] == pytest.approx([0.5, 0.25, 0.125], abs=1e-9)


def test_everything_is_found_when_recall_is_one():
    found = tally(8, Recall.known(1.0), NONE)
    assert found.interval() == (8, 8, 8)
    assert (found.above(7), found.above(8), found.above(-5)) == pytest.approx((1, 0, 1))


@UNHURRIED
@given(st.integers(0, 60), st.integers(20, 300), st.integers(0, 300), st.integers(0, 40))
def test_the_chances_are_a_distribution_and_more_boxes_never_mean_fewer(counted, found, missed, false):
    recall, boxes = Recall.trials(found, found + missed), FalseBoxes.trials(false, 10)
    one, more = tally(counted, recall, boxes), tally(counted + 1, recall, boxes)
    assert one.chance.sum() == pytest.approx(1)
    assert one.chance.min() >= 0
    assert all(a <= b for a, b in zip(one.interval(), more.interval(), strict=True))


def test_fewer_trials_give_a_wider_interval():
    widths = [np.ptp(tally(50, Recall.trials(n * 4, n * 5), NONE).interval()) for n in (4, 20, 200)]
    assert widths[0] > widths[1] > widths[2]


def test_images_that_differ_widen_the_interval_and_those_that_do_not_hardly():
    pooled = np.ptp(tally(40, Recall.trials(400, 500), FalseBoxes.trials(20, 10)).interval())
    alike = tally(40, Recall.between([(40, 50)] * 10), FalseBoxes.between([2] * 10)).interval()
    differ = tally(
        40, Recall.between([(30, 50), (50, 50)] * 5), FalseBoxes.between([0, 0, 0, 8, 2, 0, 0, 7, 3, 0])
    ).interval()
    assert np.ptp(alike) < 1.35 * pooled
    assert np.ptp(differ) > 1.8 * pooled
    assert alike[1] == pytest.approx(48, abs=2)


def test_between_images_recovers_the_spread_that_made_the_trials():
    rng = np.random.default_rng(1)
    shares = rng.beta(16, 4, 200)
    recall = Recall.between([(int(rng.binomial(60, share)), 60) for share in shares])
    assert recall.weight @ recall.mean == pytest.approx(0.8, abs=0.02)
    variance = recall.weight @ (recall.mean * (1 - recall.mean) / (recall.size + 1))
    assert np.sqrt(variance) == pytest.approx(0.087, abs=0.015)
    rate = FalseBoxes.between([int(rng.poisson(rng.gamma(2, 1.5))) for _ in range(200)])
    chances = rate.chances()
    mean = chances @ np.arange(len(chances))
    assert mean == pytest.approx(3, abs=0.4)
    assert chances @ (np.arange(len(chances)) - mean) ** 2 == pytest.approx(3 + 9 / 2, abs=1.8)


def test_empty_images_among_the_trials_say_nothing_of_recall():
    assert Recall.between([(8, 10), (0, 0)]).mean == pytest.approx(Recall.between([(8, 10)]).mean)


@pytest.mark.parametrize("trials", [(0, 0), (3, 2), (-1, 5)])
def test_trials_that_cannot_be_are_refused(trials):
    for made in (lambda: Recall.trials(*trials), lambda: Recall.between([trials])):
        with pytest.raises(InputError, match=r"recall: .* of .* found in trials; right would be at least one vehicle"):
            made()


def test_no_trials_at_all_are_refused():
    with pytest.raises(InputError, match="recall: 0 of 0 found in trials"):
        Recall.between([])
    with pytest.raises(InputError, match="false boxes: found 0 in 0 images"):
        FalseBoxes.trials(0, 0)
    with pytest.raises(InputError, match=r"false boxes: found \[\]"):
        FalseBoxes.between([])


def test_a_recall_that_is_hardly_known_has_no_upper_end():
    with pytest.raises(InputError, match="known too badly to say how many"):
        tally(5, Recall.trials(0, 10), NONE)


@pytest.mark.parametrize("share", [0.0, -0.1, 1.1, float("nan")])
def test_a_share_is_a_share(share):
    with pytest.raises(InputError, match="right would be a share"):
        Recall.known(share)


def test_a_count_below_zero_is_refused():
    with pytest.raises(InputError, match="count: found -1"):
        tally(-1, Recall.known(0.5), NONE)
