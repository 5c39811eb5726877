"""Tracks of a radar satellite, and how looks of several become one series."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

YEAR = 365.25
"""Days."""
RIDGE = 1.0
"""On the season, in looks: a track that saw one season only keeps its level, not that season."""
PSEUDO = 10.0
"""Looks' worth of the track's median noise that each pixel's own is shrunk with."""
MOST = 3.0
"""Times that a pixel's deviations are stretched or shortened at most."""
Doubles = NDArray[np.float64]


@dataclass(frozen=True, order=True)
class Track:
    """What looks from one side at one angle."""

    orbit: int
    """Relative orbit."""
    direction: str
    """"ascending" or "descending"."""

    def __str__(self) -> str:
        """As messages name it."""
        return f"relative orbit {self.orbit} {self.direction}"


def levelled(
    values: NDArray[np.float32], track: NDArray[np.int_], days: NDArray[np.int_], start: int, least: int
) -> NDArray[np.float32]:
    """Looks of several tracks at one level and of one noise, per pixel and band.

    A track's level is its log-mean over the history with the season held equal: constants of each track and one
    harmonic of the year, by least squares. Its noise is the standard deviation about that, less what each pass does to
    the whole scene, shrunk to the track's median over the pixels. Level and noise give way to the mean level of
    the tracks and to the geometric mean of their noises; one track alone stays as it is.

    Args:
        values: (time, band, y, x), dB, NaN in all bands where unseen.
        track: (time,), 0 to the number of tracks less one.
        days: (time,), ordinals.
        start: ordinal of the first watched day; earlier passes are the history.
        least: looks of the history that a pixel needs on a track; those on a track with fewer become NaN.

    Returns:
        (time, band, y, x), dB.
    """
    count, past = int(track.max()) + 1, days < start
    flat = values.reshape(*values.shape[:2], -1)
    seen = np.isfinite(flat[:, 0])
    turn = 2 * np.pi * days / YEAR
    design = np.column_stack([np.eye(count)[track], np.cos(turn), np.sin(turn)])
    known = design[past], seen[past].astype(np.float64)
    looks = known[0][:, :count].T @ known[1]
    enough = looks >= least
    seen &= enough[track]
    out = np.empty_like(flat)
    for band in range(flat.shape[1]):
        level, noise = _history(flat[past, band].astype(np.float64), *known, looks)
        with np.errstate(invalid="ignore", divide="ignore"):
            level[~enough] = noise[~enough] = np.nan
            shared = np.where(enough, level, 0).sum(0) / enough.sum(0)
            common = np.exp(np.where(enough, np.log(noise), 0).sum(0) / enough.sum(0))
            stretch = np.clip(common / noise, 1 / MOST, MOST)
        out[:, band] = shared + (flat[:, band] - level[track]) * stretch[track]
    out[np.broadcast_to(~seen[:, None], out.shape)] = np.nan
    return out.reshape(values.shape)


def _history(values: Doubles, design: Doubles, seen: Doubles, looks: Doubles) -> tuple[Doubles, Doubles]:
    """Level and noise of each track, (track, pixel), from its looks.

    Args:
        values: (time, pixel), NaN where unseen.
        design: (time, track + 2).
        seen: (time, pixel), 1 or 0.
        looks: (track, pixel).
    """
    count, size = len(looks), design.shape[1]
    filled = np.where(seen > 0, values, 0)
    pairs = (design[:, :, None] * design[:, None, :]).reshape(len(design), -1)
    normal = (seen.T @ pairs).reshape(-1, size, size)
    normal += np.diag([1e-6] * count + [RIDGE] * (size - count))
    fitted = np.linalg.solve(normal, (filled.T @ design)[..., None])[..., 0]
    rest = np.where(seen > 0, values - design @ fitted.T, np.nan)
    shown = seen.any(1)
    rest[shown] -= np.nanmedian(rest[shown], axis=1, keepdims=True)  # moisture is no noise of a track
    of, rest = design[:, :count], np.where(seen > 0, rest, 0)
    variance = (of.T @ np.square(rest)) / np.maximum(looks - 1, 1)
    typical = np.array(
        [np.median(one[many > 1]) if (many > 1).any() else 1.0 for one, many in zip(variance, looks, strict=True)]
    )[:, None]
    shrunk = (looks * variance + PSEUDO * typical) / (looks + PSEUDO)
    return np.asarray(fitted.T[:count]), np.sqrt(np.maximum(shrunk, 1e-6))
