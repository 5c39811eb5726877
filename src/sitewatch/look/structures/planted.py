"""The power of a pair: demolitions planted into the later image, and how many of them are told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, distance_transform_edt, gaussian_filter, label
from scipy.stats import beta

from sitewatch.errors import InputError
from sitewatch.look.structures.pairs import Comparison, compare_arrays
from sitewatch.look.structures.settings import StructureSettings

Bools = NDArray[np.bool_]
Image = NDArray[np.uint8]
_SHADE_M = 8.0
"""How far from a footprint its shadow is looked for."""
_SOFT_PX = 1.0
"""Blur of the planted ground's edge."""
_TOLD = 0.3
"""Share of a footprint that must be told as removed."""
_TRIES = 300
_LEAST_PX = 6
"""Side of the smallest patch of ground that is copied."""
_DEFAULT = StructureSettings()


@dataclass(frozen=True)
class Power:
    """How many planted (simulated) demolitions of one size were told."""

    area_m2: tuple[float, float]
    """Smallest and largest footprint."""
    told: int
    planted: int

    @property
    def interval(self) -> tuple[float, float]:
        """90 % Jeffreys interval of the share."""
        low, high = beta.ppf((0.05, 0.95), self.told + 0.5, self.planted - self.told + 0.5)
        return float(low) if self.told else 0.0, float(high) if self.told < self.planted else 1.0


def demolish(image: Image, footprint: Bools, kept: Bools, pixel_m: float, rng: np.random.Generator) -> Image:
    """An image with a structure and its shadow replaced by ground from around it: simulated.

    The ground is a copy of another place of the image that touches neither the structure nor anything in `kept`
    (mirrored on where the place is smaller), brought to the median of the ring around it; the edge is blended
    over a pixel.

    Args:
        image: (band, y, x).
        footprint: (y, x), the structure.
        kept: (y, x), other structures: no ground is taken from them, and they stay.
        pixel_m: metres.
        rng: chooses the place.

    Raises:
        InputError: there is no such place.
    """
    gone = footprint | _shadow(image, footprint, kept, pixel_m)
    gone = binary_dilation(gone, iterations=2) & ~kept
    ring = binary_dilation(gone, iterations=4) & ~gone & ~kept
    rows, columns = (np.flatnonzero(gone.any(axis)) for axis in (1, 0))
    box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    shape = gone[box].shape
    place = _free(kept | gone, shape, rng)
    block = image[(slice(None), *place)]
    spare = [(0, want - got) for want, got in zip(shape, block.shape[1:], strict=True)]
    ground = np.zeros(image.shape, np.float32)
    ground[(slice(None), *box)] = np.pad(block, ((0, 0), *spare), mode="symmetric")
    if ring.any():
        wanted = np.median(image[:, ring], axis=1) - np.median(block, axis=(1, 2))
        ground[(slice(None), *box)] += wanted[:, None, None]
    weight = np.where(kept, 0, gaussian_filter(gone.astype(np.float32), _SOFT_PX))
    weight = np.where(footprint, 1, np.where(gone, weight, 0)).astype(np.float32)
    mixed = image * (1 - weight) + np.clip(ground, 0, 255) * weight
    out: Image = np.rint(np.clip(mixed, 0, 255)).astype(np.uint8)
    return out


def _free(taken: Bools, shape: tuple[int, ...], rng: np.random.Generator) -> tuple[slice, slice]:
    """A place of this shape, or of half, a quarter … of it, that touches nothing taken."""
    height, width = shape
    while min(height, width) >= _LEAST_PX:
        for _ in range(_TRIES):
            top, left = (
                int(rng.integers(0, size - side + 1)) for size, side in zip(taken.shape, (height, width), strict=True)
            )
            place = slice(top, top + height), slice(left, left + width)
            if not taken[place].any():
                return place
        height, width = -(-height // 2), -(-width // 2)
    raise InputError(
        f"no ground of {shape[1]} x {shape[0]} px, nor a quarter of it, lies in the image without structures; give a "
        "larger piece of it"
    )


def power(
    before: Image, after: Image, footprints: Sequence[Bools], pixel_m: float, edges_m2: Sequence[float],
    rng: np.random.Generator, *, times: int = 1, settings: StructureSettings = _DEFAULT,
) -> tuple[Power, ...]:  # fmt: skip
    """Demolish structures that stand on both days one by one in the later image, and count what is told as removed.

    Args:
        before: (band, y, x), the earlier image.
        after: the later one, laid within a few pixels.
        footprints: each (y, x), a structure that stands on both days.
        pixel_m: metres.
        edges_m2: classes of area, rising; one `Power` for each class that holds a footprint.
        rng: chooses the ground that is planted.
        times: how often each is demolished, each time with other ground.
        settings: of the comparison.

    Raises:
        InputError: as `compare_arrays`, or there is no ground to plant.
    """
    every = np.logical_or.reduce(list(footprints))
    plain = compare_arrays(before, after, (pixel_m, pixel_m), settings=settings)
    count: dict[int, list[bool]] = {}
    for footprint in footprints:
        area = float(footprint.sum()) * pixel_m**2
        for _ in range(times):
            razed = demolish(after, footprint, every & ~footprint, pixel_m, rng)
            found = compare_arrays(before, razed, (pixel_m, pixel_m), settings=settings)
            hit = removed(found, footprint, pixel_m) and not removed(plain, footprint, pixel_m)
            count.setdefault(int(np.searchsorted(edges_m2, area)), []).append(hit)
    ends = [0.0, *edges_m2, float("inf")]
    return tuple(
        Power((ends[place], ends[place + 1]), sum(hits), len(hits)) for place, hits in sorted(count.items())
    )  # fmt: skip


def removed(found: Comparison, footprint: Bools, pixel_m: float) -> bool:
    """Whether a comparison tells a footprint (y, x) of the images' own pixels as removed, over 30 % of it."""
    thin = round(found.pixel_m / pixel_m)
    told = np.kron((found.signed < 0) & (found.labels > 0), np.ones((thin, thin), bool))
    height, width = told.shape
    inside = footprint[:height, :width]
    return bool(inside.any()) and float(told[inside].mean()) > _TOLD


def _shadow(image: Image, footprint: Bools, kept: Bools, pixel_m: float) -> Bools:
    """Dark ground that touches a footprint, within 8 m of it."""
    brightness = image.mean(0)
    near = (distance_transform_edt(~footprint) * pixel_m < _SHADE_M) & ~footprint & ~kept
    if not near.any():
        return np.zeros_like(footprint)
    dark = near & (brightness < 0.7 * np.median(brightness[near]))
    reach = binary_dilation(footprint, iterations=2)  # the blurred wall lies between a roof and its shadow
    parts, _ = label(dark | reach)
    touching: Bools = np.isin(parts, np.unique(parts[reach])) & dark
    return touching
