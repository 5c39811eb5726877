"""Registration and level: outliers are left out, the residual is told, and what cannot be laid together is refused."""

from __future__ import annotations

import numpy as np
import pytest

from sitewatch.errors import InputError
from sitewatch.look.structures.align import Match, Registration, fit, found
from sitewatch.look.structures.level import level
from sitewatch.look.structures.settings import StructureSettings
from tests.look.structures.scenes import STANDING, aside, day

TRUE = np.array([[1.002, 0.003, 4.0], [-0.001, 0.999, -7.0]])


def matches(rng: np.random.Generator, *, noise: float = 0.2, wrong: int = 0, count: int = 49) -> list[Match]:
    at = rng.uniform(0, 2000, (count, 2))
    shifts = at @ TRUE[:, :2].T + TRUE[:, 2] - at + rng.normal(0, noise, at.shape)
    shifts[:wrong] = rng.uniform(-30, 30, (wrong, 2))
    return [Match((a[0], a[1]), (s[0], s[1]), 10.0) for a, s in zip(at, shifts, strict=True)]


def fitted(found: list[Match]) -> Registration:
    return fit(found, len(found), 0.5, ("b.tif", "a.tif"), StructureSettings())


def test_wrong_patches_are_left_out_and_the_residual_is_told() -> None:
    got = fitted(matches(np.random.default_rng(1), wrong=20))
    corners = np.array([[0, 0, 1], [2000, 2000, 1], [0, 2000, 1]])
    assert np.abs(corners @ (got.matrix - TRUE).T).max() < 0.5
    assert 27 <= got.agreeing <= 31
    assert got.residual_px == pytest.approx(0.2 * np.sqrt(2), rel=0.3)
    assert got.residual_m == got.residual_px / 2


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (matches(np.random.default_rng(2), count=3), "3 of 3 patches are found in both, 4 are needed"),
        (matches(np.random.default_rng(2), wrong=49), "matched patches agree"),
    ],
)
def test_what_does_not_agree_is_refused(given: list[Match], said: str) -> None:
    with pytest.raises(InputError, match=said) as error:
        fitted(given)
    assert "b.tif and a.tif cannot be laid together" in str(error.value)


def test_a_residual_beyond_the_limit_is_refused_with_its_metres() -> None:
    given, strict = matches(np.random.default_rng(2), noise=0.8), StructureSettings(most_residual_px=0.5)
    with pytest.raises(InputError, match=r"disagree by 0\.\d px \(0\.\d m\), at most 0\.5 px"):
        fit(given, len(given), 0.5, ("b.tif", "a.tif"), strict)


@pytest.mark.parametrize("by", [(0.0, 0.0), (3.4, -6.7), (-11.2, 2.5)])
def test_a_patch_is_found_within_a_fifth_of_a_pixel(by: tuple[float, float]) -> None:
    one = day(STANDING)
    two = 255 - aside(day(STANDING, gain=0.7, seed=6), by)  # even where light and dark change places
    seen = np.ones(one.shape[1:], bool)
    down, right, peak = found(one.mean(0), two.mean(0), (seen, seen), 20)
    assert (down, right) == pytest.approx(by, abs=0.2)
    assert peak > StructureSettings().peak


def test_level_is_inverse_for_swapped_images_and_blind_to_change() -> None:
    rng = np.random.default_rng(3)
    first = rng.normal(100, 20, (1, 100, 100)).astype(np.float32)
    second = (first - 12) / 1.5 + rng.normal(0, 0.5, first.shape).astype(np.float32)
    second[:, :20] = 200
    seen = np.ones((100, 100), bool)
    one, other = level(first, second, seen, ("b", "a")), level(second, first, seen, ("a", "b"))
    assert (one.gain[0], one.offset[0]) == pytest.approx((1.5, 12), rel=0.02)
    assert one.gain[0] * other.gain[0] == pytest.approx(1, rel=1e-3)
    assert one.unchanged == pytest.approx(0.8, abs=0.03)
    assert np.median(one.applied(second)[:, 20:] - first[:, 20:]) == pytest.approx(0, abs=0.3)
