"""Faults of the feed itself: what the whole ring shows at once is the product, not the site."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sitewatch.look.baseline import FLOOR, MAD, Bools
from sitewatch.look.guard import Doubles
from sitewatch.look.register import MISPLACED, SHIFTED, Placement

OPTICAL = frozenset({
    "coastal", "blue", "green", "green05", "yellow", "red", "pan", "rededge", "rededge071", "rededge075", "rededge078",
    "nir", "nir08", "nir09", "cirrus", "swir16", "swir22",
})  # fmt: skip
"""STAC common names of bands that carry reflectance."""
OFFSET = 0.1
"""What Sentinel-2 products from baseline 04.00 on add to reflectance; catalogues disagree whether it was taken off."""
NEAR = 0.035
"""How near to OFFSET the step must come in every band."""
SEVERE = 5.0
"""Standard deviations of the ring's level in its history from which it is a step of the sensor."""
PAIR = 2
"""Passes in a row that must show the offset: a single one may be haze."""
ROW = 4
"""Passes in a row that a step of the sensor, or a displacement below MISPLACED, must last."""


@dataclass(frozen=True)
class FeedFault:
    """Passes whose product, not whose site, is wrong; the guard takes it out, or refuses the pass."""

    kind: Literal["offset", "sensor", "geometry"]
    first: int
    """Index of the first pass that shows it."""
    last: int
    """Index of the latest pass that shows it."""
    passes: int
    """How many passes show it."""
    reason: str


def feed_faults(placed: Sequence[tuple[int, Placement]], history: int, bands: Sequence[str]) -> tuple[FeedFault, ...]:
    """What is wrong with the feed.

    Args:
        placed: index and placement of every usable pass, in order.
        history: how many of them are the history.
        bands: their names, in the order of the placements' levels.
    """
    if not placed:
        return ()
    index = np.array([i for i, _ in placed])
    level = np.stack([p.level for _, p in placed])
    usual = np.median(level[:history], axis=0)
    noise = np.maximum(MAD * np.median(np.abs(level[:history] - usual), axis=0), FLOOR)
    jumps = np.abs(np.diff(level, axis=0)) if len(level) > 1 else np.zeros_like(level)
    steady = np.maximum(MAD * np.median(jumps, axis=0) / np.sqrt(2), FLOOR)  # one step leaves it as it is
    offset = _offsets(level, steady) if OPTICAL.issuperset(bands) else np.zeros(len(level))
    found = []
    for sign in (1, -1):
        told = (
            f"the ring's reflectance steps by {sign * OFFSET:+.1f} in every band, as when the offset of Sentinel-2 "
            "baseline 04.00 is applied twice or not at all"
        )
        found += [FeedFault("offset", *run, told) for run in _runs(index, offset == sign, PAIR)]
    for sign in (1, -1):
        away = sign * (level - usual) / noise
        stepped = ((away > SEVERE).mean(1) >= 0.5) & (offset == 0)
        stepped[:history] = False
        for run in _runs(index, stepped, ROW):
            by = level[index == run[0]][0] - usual
            parts = ", ".join(f"{value:+.3f} in {band}" for band, value in zip(bands, by, strict=True))
            found.append(FeedFault("sensor", *run, f"the whole ring stands off its history by {parts}"))
    far = np.array([p.distance for _, p in placed])
    for low, high, least, done in ((MISPLACED, np.inf, 1, "refused"), (SHIFTED, MISPLACED, ROW, "corrected")):
        for run in _runs(index, (far >= low) & (far < high), least):
            shifted = float(np.median(far[(index >= run[0]) & (index <= run[1])]))
            found.append(FeedFault("geometry", *run, f"{shifted:.1f} px off its baseline; {done}"))
    return tuple(sorted(found, key=lambda f: (f.first, f.kind)))


def _offsets(level: Doubles, noise: Doubles) -> Doubles:
    """(pass,): 1 or -1 where every band of the ring stands OFFSET above or below the passes before, else 0."""
    found = np.zeros(len(level))
    near = NEAR + np.where(SEVERE * noise < OFFSET, 0, 2 * noise)
    usual: list[Doubles] = []
    for i, now in enumerate(level):
        if len(usual) >= 3:
            before = np.sort(usual[-8:], axis=0)
            step = now - before[(len(before) - 1) // 2]  # one of them, never halfway between two levels
            for sign in (1, -1):
                if (np.abs(step - sign * OFFSET) < near).all() and (SEVERE * noise < OFFSET).sum() >= min(2, len(now)):
                    found[i] = sign
        if not found[i]:
            usual.append(now)
    return found


def _runs(index: NDArray[np.int_], shown: Bools, least: int) -> list[tuple[int, int, int]]:
    """First and last pass, and the number of passes, of each run of usable passes in a row that show something."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], shown.astype(int), [0]])))
    return [
        (int(index[begun]), int(index[end - 1]), int(end - begun))
        for begun, end in edges.reshape(-1, 2)
        if end - begun >= least
    ]
