"""The formulas themselves: bounds, monotony, and what must change nothing."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sitewatch.weigh import ratio

UNHURRIED = settings(deadline=None)
"""A busy machine fails no formula."""
UNIT = st.floats(0, 1)
INNER = st.floats(0.01, 0.99)


def bracket(log_r, *p):
    rows = ratio.log_likelihood(np.atleast_1d(log_r), np.array(p)[:, None])
    return float(np.exp(rows[0] - rows[1])[0])


def roots(h, f, rho=1.0):
    return ratio.log_shared(np.array(h)[:, None], np.array(f)[:, None], rho)


def independent(h, f):
    return sum(roots([x], [y]) for x, y in zip(h, f, strict=True))


def test_one_report_gives_the_formula_of_the_method():
    expected = (0.85 * 0.9 + 0.10 * 0.1) / (0.85 * 0.6 + 0.10 * 0.4)
    assert bracket(roots([0.85], [0.10]), 0.9, 0.6) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("outlets", [1, 2, 10, 1000])
def test_any_number_of_outlets_on_one_trailer_stays_under_the_trailer_itself(outlets):
    assert bracket(independent([0.85] * outlets, [0.10] * outlets), 0.9, 0.6) < 1.5 + 1e-12


def bounds(p1, p2):
    """(1-P1)/(1-P2) and P1/P2, the smaller first."""
    absent = (1 - p1) / (1 - p2) if p2 < 1 else np.inf if p1 < 1 else 1.0
    present = p1 / p2 if p2 > 0 else np.inf if p1 > 0 else 1.0
    return min(absent, present), max(absent, present)


@UNHURRIED
@given(st.lists(st.tuples(UNIT, UNIT), max_size=12), UNIT, UNIT)
def test_ratio_stays_within_its_two_bounds_for_any_h_and_f(reports, p1, p2):
    low, high = bounds(p1, p2)
    found = bracket(independent(*zip(*reports, strict=True)) if reports else 0.0, p1, p2)
    assert low * (1 - 1e-9) <= found <= high * (1 + 1e-9)


@UNHURRIED
@given(st.floats(0.05, 0.9), st.floats(0.05, 0.9), st.floats(0.01, 0.1), UNIT, UNIT)
def test_ratio_rises_with_h_when_the_first_hypothesis_expects_it_more(h, f, more, a, b):
    p1, p2 = max(a, b), min(a, b)
    assert bracket(roots([h + more], [f]), p1, p2) >= bracket(roots([h], [f]), p1, p2) * (1 - 1e-12)


@UNHURRIED
@given(st.lists(st.tuples(INNER, INNER), min_size=1, max_size=6), UNIT)
def test_shared_roots_lie_between_one_report_and_independent_ones(reports, rho):
    h, f = zip(*reports, strict=True)
    ends = sorted([float(roots(h, f, 1.0)[0]), float(independent(h, f)[0])])
    assert ends[0] - 1e-9 <= float(roots(h, f, rho)[0]) <= ends[1] + 1e-9


@UNHURRIED
@given(st.lists(st.tuples(INNER, INNER), min_size=2, max_size=6), UNIT)
@example([(0.49645939895847546, 0.5), (0.5, 0.49645939895847546)], 1.0)
def test_shared_roots_follow_the_formula(reports, rho):
    """The strongest root leads; of roots that are equally strong, which rounding alone would rank, either may."""
    h, f = map(np.array, zip(*reports, strict=True))
    weight = np.abs(np.log(h / f))
    leads = np.flatnonzero(weight > weight.max() - 1e-9)
    expected = [(rho * h[i] + (1 - rho) * h.prod()) / (rho * f[i] + (1 - rho) * f.prod()) for i in leads]
    found = float(np.exp(roots(h, f, rho)[0]))
    assert any(found == pytest.approx(one, rel=1e-9) for one in expected)


@UNHURRIED
@given(UNIT, UNIT)
def test_a_denial_is_the_mirror_of_a_report(h, f):
    assert roots([h], [f]) == pytest.approx(-roots([f], [h]))


@UNHURRIED
@given(st.floats(0, 1), st.floats(0, 1))
def test_power_zero_says_nothing(f, visible):
    for weight in (ratio.log_seen(0.0, f), ratio.log_not_seen(0.0), ratio.log_watch(0.0, f, alarm=True)):
        assert float(ratio.log_hidden(np.atleast_1d(weight), visible)[0]) == pytest.approx(0, abs=1e-12)


@UNHURRIED
@given(INNER, INNER, UNIT)
def test_looks_follow_the_formula_with_what_hides_from_all(power, f, visible):
    h = 1 - (1 - power) * (1 - f)
    both = ratio.log_seen(power, f) + ratio.log_not_seen(power)
    expected = (visible * h * (1 - h) + (1 - visible) * f * (1 - f)) / (f * (1 - f))
    assert float(np.exp(ratio.log_hidden(np.atleast_1d(both), visible))[0]) == pytest.approx(expected, rel=1e-9)


@UNHURRIED
@given(UNIT, UNIT)
def test_nothing_seen_through_a_tarpaulin_never_rules_a_thing_out(power, visible):
    hidden = ratio.log_hidden(np.atleast_1d(50 * ratio.log_not_seen(power)), visible)
    assert float(np.exp(hidden)[0]) >= (1 - visible) * (1 - 1e-12)


def test_thousands_of_roots_neither_overflow_nor_vanish():
    log_r = independent([0.999] * 5000, [0.001] * 5000)
    assert np.isfinite(log_r).all()
    assert bracket(log_r, 0.9, 0.6) == pytest.approx(1.5)
    assert bracket(-log_r, 0.9, 0.6) == pytest.approx(0.25)


def test_pert_has_the_mean_of_its_definition_and_stays_inside():
    drawn = ratio.pert(0.1, 0.3, 0.9, 40_000, np.random.default_rng(1))
    assert drawn.mean() == pytest.approx((0.1 + 4 * 0.3 + 0.9) / 6, abs=0.003)
    assert drawn.min() >= 0.1
    assert drawn.max() <= 0.9
    assert (ratio.pert(0.4, 0.4, 0.4, 5, np.random.default_rng(1)) == 0.4).all()


RANGES = st.lists(st.tuples(INNER, INNER, INNER).map(sorted), min_size=1, max_size=4)


@UNHURRIED
@given(RANGES, RANGES, st.tuples(UNIT, UNIT).map(sorted), st.randoms(use_true_random=False))
def test_shared_corners_hold_every_value_inside(hs, fs, rho, chance):
    size = min(len(hs), len(fs))
    h, f = np.array(hs[:size]), np.array(fs[:size])
    low, high = ratio.corner_shared((h[:, 0], h[:, 2]), (f[:, 0], f[:, 2]), (rho[0], rho[1]))
    for _ in range(5):
        inside = [[chance.uniform(r[0], r[2]) for r in side] for side in (h, f)]
        value = float(roots(*inside, chance.uniform(*rho))[0])
        assert low - 1e-9 <= value <= high + 1e-9


@UNHURRIED
@given(RANGES, RANGES, st.tuples(UNIT, UNIT).map(sorted), st.floats(0, 0.5))
def test_a_wider_input_never_narrows_the_shared_corners(hs, fs, rho, wider):
    size = min(len(hs), len(fs))
    h, f = np.array(hs[:size]), np.array(fs[:size])
    low, high = ratio.corner_shared((h[:, 0], h[:, 2]), (f[:, 0], f[:, 2]), (rho[0], rho[1]))
    first = (np.maximum(h[:, 0] - wider, 0), np.minimum(h[:, 2] + wider, 1))
    wide_low, wide_high = ratio.corner_shared(first, (f[:, 0], f[:, 2]), (rho[0], min(1, rho[1] + wider)))
    assert wide_low <= low + 1e-9
    assert wide_high >= high - 1e-9


def test_corners_of_known_inputs_are_the_value_itself():
    h, f = np.array([0.8, 0.7, 0.3]), np.array([0.2, 0.1, 0.25])
    low, high = ratio.corner_shared((h, h), (f, f), (0.4, 0.4))
    assert low == pytest.approx(float(roots(h, f, 0.4)[0]))
    assert high == pytest.approx(low)
