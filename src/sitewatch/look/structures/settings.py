"""Settings of the comparison of two high-resolution images."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Weights:
    """What each property of a candidate adds to its log-odds of being a structure that the other day does not show.

    Chosen on simulated pairs (`python bench/structures.py --choose`).
    """

    constant: float = -10.71
    edges: float = 8.11
    """Straight edges around it on its own day, less those at the same place on the other: each 0 to 1."""
    alike: float = -4.6
    """Correlation of the gradients of the two days there."""
    colour: float = 1.82
    """Logarithm of the difference in brightness and colour, in the first image's spreads."""
    box: float = 7.43
    """How far it fills the rectangle of its own second moments, 1 for a rectangle."""
    green: float = -4.82
    """Excess of green over red and blue, share of their sum."""
    darker: float = 7.83
    """How much darker than its rim it is (0 or less), in spreads: shadows are."""
    area: float = 0.59
    """Logarithm of its area, m2."""


@dataclass(frozen=True)
class StructureSettings:
    """Settings of the comparison; docs/methods/structures.md tells how each was chosen."""

    working_m: float = 1.0
    """Pixel on which structure is compared, metres: finer images are averaged to about this."""
    widest_ratio: float = 3.0
    """Ratio of the two pixel sizes from which a pair is refused."""
    coarsest_m: float = 2.5
    """Pixel, metres, beyond which a house has too few pixels to be told."""
    least_overlap: float = 0.25
    """Share of the smaller image that the other must show."""
    coarse_px: int = 1024
    """Longest side, pixels, of the level on which a pair is first laid together."""
    coarse_reach: float = 0.1
    """Share of that level's longer side within which the second image is looked for."""
    patch_px: int = 192
    """Side of a patch that is matched, pixels of the common grid."""
    patches: int = 9
    """Patches along each side of the common ground, at most."""
    patch_reach: int = 24
    """Pixels to each side within which a patch is looked for."""
    peak: float = 6.0
    """Height of a correlation's peak over its mean, in its standard deviations, from which it is believed."""
    least_patches: int = 4
    """Patches that must agree on one affine map."""
    least_agreeing: float = 0.3
    """Share of the matched patches that must agree."""
    tolerance_px: float = 1.5
    """How far a patch may lie from the affine map and still agree with it."""
    most_residual_px: float = 0.95
    """Root mean square residual of the agreeing patches beyond which a pair is refused."""
    window_px: int = 704
    """Side of a window, working pixels."""
    margin_px: int = 96
    """What is read around a window, working pixels: a structure that reaches further is cut."""
    steps: tuple[float, ...] = (0.06, 0.1, 0.16, 0.25, 0.4, 0.6)
    """Strengths of gradient, spreads a pixel, at which candidates are cut out of an image."""
    fewest_px: int = 12
    """Pixels of the smallest candidate."""
    most_px: int = 6000
    """Pixels of the largest."""
    seed: float = 0.0
    """Log-odds that a region must reach somewhere to be told."""
    grow: float = -1.5
    """Log-odds down to which it grows: the other facets of its roof."""
    least_m2: float = 30.0
    """Area below which a region is not told."""
    weights: Weights = Weights()
