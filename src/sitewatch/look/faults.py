"""Faults of the feed itself: what the whole ring shows at once is the product, not the site."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from sitewatch.look.baseline import FLOOR, MAD
from sitewatch.look.guard import Doubles
from sitewatch.look.register import MISPLACED, Placement

OPTICAL = frozenset({
    "coastal", "blue", "green", "green05", "yellow", "red", "pan", "rededge", "rededge071", "rededge075", "rededge078",
    "nir", "nir08", "nir09", "cirrus", "swir16", "swir22",
})  # fmt: skip
"""STAC common names of bands that carry reflectance."""
OFFSET = 0.1
"""What Sentinel-2 products from baseline 04.00 on add to reflectance; catalogues disagree whether it was taken off."""
NEAR = 0.025
"""How near to OFFSET the step must come in every band."""
SEVERE = 5.0
"""Standard deviations of the ring's level in its history from which it is a step of the sensor."""
ROW = 4
"""Passes in a row that a step of the sensor, or a displacement below MISPLACED, must last."""
DISPLACED = 0.75
"""Pixels from which a lasting displacement is told."""


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
    offset = _offsets(level, noise) if OPTICAL.issuperset(bands) else np.zeros(len(level))
    found = []
    for sign in (1, -1):
        found += _runs("offset", index, offset == sign, 1, lambda i, s=sign: (
            f"the ring's reflectance steps by {s * OFFSET:+.1f} in every band, as when the offset of Sentinel-2 "
            "baseline 04.00 is applied twice or not at all"
        ))  # fmt: skip
    stepped = ((level - usual) / noise > SEVERE).mean(1) >= 0.5
    fell = ((level - usual) / noise < -SEVERE).mean(1) >= 0.5
    for away in (stepped, fell):
        steady = away & (offset == 0)
        steady[:history] = False
        found += _runs("sensor", index, steady, ROW, lambda i: (
            "the whole ring stands off its history by " + ", ".join(
                f"{value:+.3f} in {band}" for band, value in zip(bands, level[i] - usual, strict=True)
            )
        ))  # fmt: skip
    far = np.array([p.distance for _, p in placed])
    found += _runs("geometry", index, far >= MISPLACED, 1, lambda i: f"the pass lies {far[i]:.1f} px off its baseline")
    found += _runs("geometry", index, (far >= DISPLACED) & (far < MISPLACED), ROW, lambda i: (
        f"passes lie {far[i]:.1f} px off their baseline; corrected"
    ))  # fmt: skip
    return tuple(sorted(found, key=lambda f: (f.first, f.kind)))


def _offsets(level: Doubles, noise: Doubles) -> Doubles:
    """(pass,): 1 or -1 where every band of the ring stands OFFSET above or below the passes before, else 0."""
    found = np.zeros(len(level))
    usual: list[Doubles] = []
    for i, now in enumerate(level):
        if len(usual) >= 3:
            step = now - np.median(usual[-8:], axis=0)
            for sign in (1, -1):
                if (np.abs(step - sign * OFFSET) < np.maximum(NEAR, 0)).all() and (OFFSET > SEVERE * noise).all():
                    found[i] = sign
        if not found[i]:
            usual.append(now)
    return found


def _runs(kind, index, shown, least, reason):  # type: ignore[no-untyped-def]
    """One fault per run of usable passes in a row that show it, if there are enough of them."""
    found, begun = [], 0
    edges = np.flatnonzero(np.diff(np.concatenate([[0], shown.astype(int), [0]])))
    for begun, end in edges.reshape(-1, 2):
        if end - begun >= least:
            found.append(FeedFault(kind, int(index[begun]), int(index[end - 1]), int(end - begun), reason(begun)))
    return found
