"""What one image shows at each pixel: brightness, gradients, straight edges, green."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, maximum_filter

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]
_EDGE_PX = 0.8
"""Scale of the gradients."""
_LINE_PX = 1.5
"""Scale over which gradients must point one way to be an edge of something built."""
_ALIKE_PX = 3.0
"""Scale over which the gradients of two days are correlated."""
_HALF = 0.15
"""Straight-edge strength, spreads a pixel, that counts half of the strongest possible."""


@dataclass(frozen=True, eq=False)
class Planes:
    """One image, pixel by pixel; all arrays (y, x)."""

    brightness: Floats
    """Mean of the bands, in the first image's spreads."""
    down: Floats
    """Gradient of the brightness, spreads a pixel."""
    right: Floats
    gradient: Floats
    """Strongest gradient of any band, spreads a pixel."""
    straight: Floats
    """Strength of gradients that point one way, 0 to 1: |l1 - l2| / sqrt(l1 + l2) of the structure tensor."""
    near: Floats
    """Highest `straight` within a pixel: what a shift of a pixel cannot hide."""
    green: Floats
    """(2 green - red - blue) / (red + green + blue); 0 without these bands."""


def planes(image: Floats, scale: float, colours: tuple[int, int, int] | None) -> Planes:
    """Describe an image (band, y, x), unseen pixels filled.

    Straight edges follow the structure tensor (Bigun and Granlund, 1987): foliage has strong gradients that point
    everywhere, a wall's point one way.

    Args:
        image: (band, y, x), levelled to the first image.
        scale: the first image's spread, mean over the bands.
        colours: which bands are red, green and blue.
    """
    brightness = (image.mean(0) / scale).astype(np.float32)
    down, right = _slopes(brightness)
    gradient = np.hypot(down, right)
    if len(image) > 1:
        for band in image:
            np.maximum(gradient, np.hypot(*_slopes((band / scale).astype(np.float32))), out=gradient)
    yy, xx, xy = (gaussian_filter(product, _LINE_PX) for product in (down * down, right * right, down * right))
    strength = np.hypot(xx - yy, 2 * xy) / np.sqrt(xx + yy + np.float32(1e-6))
    straight = strength / (strength + np.float32(_HALF))
    green = np.zeros_like(brightness)
    if colours is not None:
        red, middle, blue = (image[band] for band in colours)
        total = red + middle + blue
        green = (2 * middle - red - blue) / np.maximum(total, np.float32(0.3 * max(float(np.median(total)), 1e-6)))
    return Planes(brightness, down, right, gradient, straight, maximum_filter(straight, 3), green)


def alike(one: Planes, other: Planes) -> Floats:
    """Local correlation of the gradients of two days, (y, x), -1 to 1; the same whichever day comes first."""
    products = (
        one.down * other.down + one.right * other.right,
        one.down * one.down + one.right * one.right,
        other.down * other.down + other.right * other.right,
    )
    both, first, second = (gaussian_filter(product, _ALIKE_PX) for product in products)
    out: Floats = both / np.sqrt((first + np.float32(1e-4)) * (second + np.float32(1e-4)))
    return out


def _slopes(band: Floats) -> tuple[Floats, Floats]:
    return gaussian_filter(band, _EDGE_PX, (1, 0)), gaussian_filter(band, _EDGE_PX, (0, 1))
