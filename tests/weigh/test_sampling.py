"""Sampling plans: exact against the sum over all samples, and against each other."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import hypergeom

from sitewatch.errors import InputError
from sitewatch.verbs.sampling import plan
from sitewatch.weigh.sampling import chance_found, items_to_inspect, most_defects

UNHURRIED = settings(deadline=None, max_examples=100)


def test_the_chance_is_the_share_of_all_samples():
    samples = list(combinations(range(9), 4))
    found = sum(any(item < 3 for item in sample) for sample in samples)
    assert chance_found(9, 3, 4) == pytest.approx(found / len(samples), abs=1e-15)


@UNHURRIED
@given(st.integers(1, 400), st.data())
def test_the_sample_is_the_smallest_that_does(total, data):
    defects, p = data.draw(st.integers(1, total)), data.draw(st.sampled_from([0.2, 0.5, 0.9, 0.95, 0.99, 1.0]))
    n = items_to_inspect(total, defects, p)
    assert 1 - hypergeom.pmf(0, total, defects, n) >= p - 1e-12
    assert 1 - hypergeom.pmf(0, total, defects, n - 1) < p + 1e-12
    assert chance_found(total, defects, n) == pytest.approx(1 - hypergeom.pmf(0, total, defects, n), abs=1e-9)


@UNHURRIED
@given(st.integers(1, 300), st.data())
def test_a_sample_that_found_none_leaves_one_fewer_than_it_was_planned_to_find(total, data):
    defects, p = data.draw(st.integers(1, total)), data.draw(st.sampled_from([0.5, 0.9, 0.95]))
    n = items_to_inspect(total, defects, p)
    assert most_defects(total, n, p) < defects
    assert n == 1 or most_defects(total, n - 1, p) >= defects


@pytest.mark.parametrize(
    ("total", "defects", "p", "n"),
    [(20, 1, 0.95, 19), (10, 1, 0.3, 3), (1000, 10, 0.95, 258), (5, 5, 0.99, 1), (100_000, 1, 1.0, 100_000)],
)
def test_known_plans_where_a_binary_number_would_miss_by_one(total, defects, p, n):
    assert items_to_inspect(total, defects, p) == n


def test_what_was_not_inspected_may_all_be_defective_or_nothing():
    assert most_defects(10, 0, 0.95) == 10
    assert most_defects(10, 10, 0.95) == 0


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: items_to_inspect(0, 1, 0.9), "total: found 0"),
        (lambda: items_to_inspect(100_001, 1, 0.9), "from 1 to 100000"),
        (lambda: items_to_inspect(10, 0, 0.9), "defects: found 0; right would be a number from 1 to the 10 items"),
        (lambda: items_to_inspect(10, 11, 0.9), "defects: found 11"),
        (lambda: items_to_inspect(10, 1, 0.0), "probability: found 0"),
        (lambda: items_to_inspect(10, 1, 1.5), "probability: found 1.5"),
        (lambda: items_to_inspect(10, 1, float("nan")), "probability: found nan"),
        (lambda: most_defects(10, -1, 0.9), "inspected: found -1"),
        (lambda: most_defects(10, 5, 1.0), "only all items would be certain"),
        (lambda: chance_found(10, 2, 11), "inspected: found 11"),
    ],
)
def test_numbers_that_do_not_fit_are_refused(call, said):
    with pytest.raises(InputError, match=said):
        call()


def test_a_probability_is_told_as_1_only_where_it_is_exactly_that():
    assert "with probability above 0.999999." in plan(1000, 0.9999999, defects=500, inspected=None)["says"]
    assert "with probability 1." in plan(10, 1, defects=4, inspected=None)["says"]
    assert "with probability above 0.999999 or higher" in plan(1000, 0.9999999, defects=None, inspected=500)["says"]
