"""Registration: where the pixels of one image lie in the other, and how well that is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.fft import fft2, ifft2
from scipy.ndimage import gaussian_filter

from sitewatch.errors import InputError
from sitewatch.look.structures.settings import StructureSettings

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Bools = NDArray[np.bool_]
_TRIALS = 300
_ROUNDS = 4
_EXPECTED = 0.005
_TURNED = 0.03
"""How far the affine map may turn, stretch or shear: images laid on a map differ by less."""


@dataclass(frozen=True, eq=False)
class Match:
    """Where a patch of the first image was found in the second."""

    at: tuple[float, float]
    """Row and column of the patch's middle in the first image, pixels."""
    shift: tuple[float, float]
    """Rows and columns by which it lies further on in the second image, pixels."""
    peak: float
    """Height of the correlation's peak over its mean, in its standard deviations."""


@dataclass(frozen=True, eq=False)
class Registration:
    """An affine map from the first image's pixels to the second's, and its residual."""

    matrix: Doubles
    """(2, 3): (row, column, 1) of the first image to (row, column) of the second, pixels of the common grid."""
    residual_px: float
    """Root mean square distance of the agreeing patches from the map, pixels of the common grid."""
    residual_m: float
    """The same in metres."""
    agreeing: int
    """Patches that agree with the map."""
    matched: int
    """Patches that were found in both images."""
    tried: int
    """Patches that were looked at."""

    @property
    def shift_px(self) -> tuple[float, float]:
        """Rows and columns that the map moves the first pixel by."""
        return float(self.matrix[0, 2]), float(self.matrix[1, 2])


def directions(image: Floats, seen: Bools) -> NDArray[np.complex64]:
    """Gradients with their angle doubled and their strength limited, (y, x) complex; 0 where unseen.

    A doubled angle is the same whether the roof or the ground beside it is the brighter one, so that a change of light
    or season keeps an edge what it is (Bigun and Granlund, 1987).
    """
    filled = np.where(seen, image, np.mean(image[seen]) if seen.any() else 0).astype(np.float32)
    down, right = gaussian_filter(filled, 1.0, (1, 0)), gaussian_filter(filled, 1.0, (0, 1))
    inner = seen & (gaussian_filter(seen.astype(np.float32), 2.0) > 0.98)
    squared = (right + 1j * down).astype(np.complex64) ** 2
    strength = np.abs(squared)
    usual = float(np.median(strength[inner])) if inner.any() else 0.0
    out: NDArray[np.complex64] = np.where(inner, squared / np.maximum(strength + usual, 1e-12), 0)
    return out


def found(first: Floats, second: Floats, seen: tuple[Bools, Bools], reach: int) -> tuple[float, float, float]:
    """Shift of a patch by phase correlation of its edge directions (Kuglin and Hines, 1975; parabola below a pixel).

    Args:
        first: (y, x) brightness.
        second: (y, x), the same shape.
        seen: where each holds data.
        reach: pixels to each side within which the shift is looked for.

    Returns:
        Rows and columns by which the second's content lies further on, and the height of the peak over the mean of the
        correlation in its standard deviations; 0 where either patch shows no edges.
    """
    frame = np.outer(np.hanning(first.shape[0]), np.hanning(first.shape[1])).astype(np.float32)
    one, two = (fft2(directions(a, s) * frame, workers=1) for a, s in ((first, seen[0]), (second, seen[1])))
    cross = np.conj(one) * two
    size = np.abs(cross)
    if not size.max() > 0:
        return 0.0, 0.0, 0.0
    rows, columns = (np.fft.fftfreq(n) for n in first.shape)
    soft = np.exp(-((rows[:, None] ** 2 + columns**2) / (2 * 0.15**2)))
    surface = np.real(ifft2(soft * cross / np.sqrt(size * size.mean() + 1e-20), workers=1))
    reach = min(reach, *(n // 2 - 2 for n in first.shape))
    near = np.roll(surface, (reach + 1, reach + 1), (0, 1))[: 2 * reach + 3, : 2 * reach + 3]
    inner = near[1:-1, 1:-1]
    y, x = (int(v) + 1 for v in np.unravel_index(inner.argmax(), inner.shape))
    fine = [_vertex(near[y - 1, x], near[y, x], near[y + 1, x]), _vertex(near[y, x - 1], near[y, x], near[y, x + 1])]
    peak = (near[y, x] - surface.mean()) / (surface.std() + 1e-12)
    return y - reach - 1 + fine[0], x - reach - 1 + fine[1], float(peak)


def _vertex(before: float, top: float, after: float) -> float:
    bend = before - 2 * top + after
    return float(np.clip(0.5 * (before - after) / bend, -0.5, 0.5)) if bend < 0 else 0.0


def fit(
    matches: Sequence[Match], tried: int, pixel_m: float, names: tuple[str, str], settings: StructureSettings
) -> Registration:
    """The affine map on which most patches agree, by random sampling (Fischler and Bolles, 1981), then least squares.

    Args:
        matches: patches found in both images; those whose peak is too low are left out.
        tried: how many were looked at.
        pixel_m: pixel of the common grid, metres.
        names: of the two images, for a message.
        settings: of the comparison.

    Raises:
        InputError: too few patches agree, or their residual is too large.
    """
    good = [one for one in matches if one.peak >= settings.peak]
    least = settings.least_patches
    what = f"{names[0]} and {names[1]} cannot be laid together"
    mend = "look whether both show the same place without cloud, snow or haze, and georeference the one that lies wrong"
    if len(good) < least:
        raise InputError(f"{what}: {len(good)} of {tried} patches are found in both, {least} are needed; {mend}")
    at, shifts = (np.array([getattr(one, kind) for one in good]) for kind in ("at", "shift"))
    middle, size = at.mean(0), max(float(np.ptp(at)), 1.0)
    design = np.column_stack(((at - middle) / size, np.ones(len(at))))
    agree = _consensus(design, shifts, settings.tolerance_px, _TURNED * size)
    coefficients = np.zeros((3, 2))
    for _ in range(_ROUNDS):
        if agree.sum() < least:
            break
        coefficients = _solve(design[agree], shifts[agree], size)
        agree = np.hypot(*(shifts - design @ coefficients).T) <= settings.tolerance_px
    if agree.sum() < max(least, settings.least_agreeing * len(good)):
        raise InputError(
            f"{what}: only {int(agree.sum())} of {len(good)} matched patches agree on where the second lies; {mend}"
        )
    if np.abs(coefficients[:2]).max() > _TURNED * size:
        raise InputError(f"{what}: one is turned or stretched against the other by over {_TURNED:.0%}; {mend}")
    residual = float(np.sqrt(np.mean(np.sum((shifts - design @ coefficients)[agree] ** 2, axis=1))))
    if residual > settings.most_residual_px:
        raise InputError(
            f"{what}: their patches disagree by {residual:.1f} px ({residual * pixel_m:.1f} m), at most "
            f"{settings.most_residual_px:g} px can be used; orthorectify both with the same height model"
        )
    linear = coefficients[:2].T / size
    matrix = np.column_stack((np.eye(2) + linear, coefficients[2] - linear @ middle))
    return Registration(matrix, residual, residual * pixel_m, int(agree.sum()), len(good), tried)


def _consensus(design: Doubles, shifts: Doubles, tolerance: float, most: float) -> Bools:
    """(patch,): those that agree with the best of many maps through one patch (a shift) or three."""
    count = len(shifts)
    trials = [*combinations(range(count), 3)]
    if len(trials) > _TRIALS:
        draw = np.random.default_rng(0)
        trials = [tuple(draw.choice(count, 3, replace=False)) for _ in range(_TRIALS)]
    best = np.zeros(count, bool)
    for one in shifts:
        agree = np.hypot(*(shifts - one).T) <= tolerance
        best = agree if agree.sum() > best.sum() else best
    for trial in trials:
        three = list(trial)
        if abs(np.linalg.det(design[three])) < 1e-3:
            continue
        coefficients = np.linalg.solve(design[three], shifts[three])
        if np.abs(coefficients[:2]).max() > most:
            continue
        agree = np.hypot(*(shifts - design @ coefficients).T) <= tolerance
        best = agree if agree.sum() > best.sum() else best
    return best


def _solve(design: Doubles, shifts: Doubles, size: float) -> Doubles:
    """Least squares; images on a map are expected to turn or stretch by half a per cent, patches to err by a pixel.

    Over kilometres the patches decide; over a hundred metres a leaning roof must not turn the image.
    """
    pull = np.diag([1 / (_EXPECTED * size) ** 2] * 2 + [0.0])
    return np.asarray(np.linalg.solve(design.T @ design + pull, design.T @ shifts), np.float64)
