"""Planted changes: how often the monitor would have noticed, measured in this site's own passes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, gaussian_filter, label, shift
from scipy.stats import betabinom

from sitewatch.errors import InputError
from sitewatch.look.baseline import Bools, Floats
from sitewatch.look.cube import Scene
from sitewatch.look.evidence import EIGHT, Evidence
from sitewatch.look.materials import STANDING, Material, change, fits
from sitewatch.look.memory import Memory
from sitewatch.look.model import Deviation
from sitewatch.look.placebos import SPAN
from sitewatch.look.register import aligned

PLACES = 16
"""Places inside the fence."""
DATES = 16
"""Days on which the change begins."""
FEW_PASSES = 8
"""Clear passes that a trial needs."""
FEWEST = 24
"""Plants below which no power is told."""
NEAR = 2
"""Pixels around a plant that must be quiet."""
MOST = 20
"""Independent plants that a trial is worth at most: all of them lived through the same weather."""
AHEAD = 2
"""Times the span of the trial that the interval is told for."""
PAD = 5
"""Pixels around a plant that its spread, its displacement and the smoothing reach."""
SEED = 0
"""The same cube gives the same plants."""


@dataclass(frozen=True)
class Power:
    """How often a planted change was flagged in time."""

    probability: float
    """Share of the plants that were flagged."""
    low: float
    """Lower end of the 90 % interval."""
    high: float
    """Its upper end."""
    found: int
    plants: int
    size_px: int
    material: Material
    within_days: int


@dataclass(frozen=True, eq=False)
class TrialPass:
    """One pass that plants are put into."""

    index: int
    day: date
    image: Floats
    """(y, x, band), whole pixels of its shift put back; NaN where unseen."""
    deviation: Deviation
    flagged: Bools
    """(y, x): above the limit as it was."""


class NoRoom(InputError):
    """The trial has no place, or no time, for such a plant."""


def trial_passes(scene: Scene, memory: Memory) -> list[TrialPass]:
    """The passes that a watch has taken, with their deviations, to plant changes into."""
    passes = []
    for image, look, taken in zip(scene.values, memory.looks, memory.statistic, strict=True):
        if taken is not None:
            deviation = memory.model(image.reshape(-1, len(memory.bands)), look.day)
            put_back = aligned(image, deviation.whole)
            passes.append(TrialPass(look.index, look.day, put_back, deviation, taken > memory.limit))
    return passes


def plant(passes: Sequence[TrialPass], trial: Memory, material: Material, size_px: int, within_days: int) -> Power:
    """Plant squares of a material at places and days spread over the fence and the trial, and count the flags.

    Places and days where the ground was flagged as it was are left out.

    Args:
        passes: that the fit of the trial has not seen, in order of time.
        trial: the watch over them.
        material: as in `materials.change`.
        size_px: side of the square.
        within_days: how long after it began a flag still counts.

    Raises:
        NoRoom: there is no place or no time for it.
        InputError: the material does not fit the cube.
    """
    if len(passes) < FEW_PASSES:
        raise NoRoom(f"{len(passes)} passes of the trial could be used, and a trial needs {FEW_PASSES}")
    first, last = passes[0].day, passes[-1].day - timedelta(days=within_days)
    span = (last - first).days
    if span < 30:
        raise NoRoom(
            f"planted changes are followed for {within_days} days, and the passes that the fit has not seen run from "
            f"{first} to {passes[-1].day}; start the watch earlier or ask for fewer days"
        )
    greenest = np.fmax.reduce([one.image for one in passes])
    ground = trial.inside & trial.model.ready.reshape(trial.inside.shape) & fits(material, trial.bands, greenest)
    places = _places(ground, size_px)
    random = np.random.default_rng(SEED)
    chosen = places[random.permutation(len(places))[:PLACES]]
    dates = [first + timedelta(days=round(span * (i + 0.5) / DATES)) for i in range(DATES)]
    found = np.full((len(chosen), DATES), np.nan)
    for row, place in enumerate(chosen):
        for column, begun in enumerate(dates):
            plot = _plot(passes, trial.inside, place, size_px, begun, within_days, max(trial.settings.windows))
            if plot is not None:
                found[row, column] = _found(plot, trial, material, begun, random)
    counted = np.isfinite(found)
    if counted.sum() < FEWEST:
        what = material if isinstance(material, str) else "the change"
        raise NoRoom(
            f"no {size_px} x {size_px} px of quiet ground inside the fence can take {what} on enough days of the trial"
        )
    low, high = _interval(found, within_days * DATES / span)
    share = float(np.nanmean(found))
    return Power(
        share,
        min(low, share),
        max(high, share),
        int(np.nansum(found)),
        int(counted.sum()),
        size_px,
        material,
        within_days,
    )


def _places(ground: Bools, size: int) -> NDArray[np.int64]:
    """(place, 2): top left corners of squares that lie wholly on some ground."""
    if min(ground.shape) < size:
        return np.zeros((0, 2), np.int64)
    windows = np.lib.stride_tricks.sliding_window_view(ground, (size, size))
    return np.argwhere(windows.all((2, 3)))


@dataclass(frozen=True, eq=False)
class _Plot:
    """Where one plant lies, and the passes that bear on it."""

    window: tuple[slice, slice]
    square: Bools
    """(y, x) of the window: what is planted."""
    near: Bools
    """(y, x) of the window: the square and what lies close to it, which was quiet."""
    where: NDArray[np.int64]
    """Raveled indices of the window's pixels."""
    passes: Sequence[TrialPass]
    """Those before it that are still remembered, then those within the days that count."""


def _plot(
    passes: Sequence[TrialPass],
    inside: Bools,
    place: NDArray[np.int64],
    size: int,
    begun: date,
    within: int,
    depth: int,
) -> _Plot | None:
    """The plot of one plant; None where its ground was flagged as it was."""
    top, left = np.maximum(place - PAD, 0)
    bottom, right = np.minimum(place + size + PAD, inside.shape)
    window = (slice(top, bottom), slice(left, right))
    square = np.zeros((bottom - top, right - left), bool)
    square[place[0] - top : place[0] - top + size, place[1] - left : place[1] - left + size] = True
    after = next((i for i, one in enumerate(passes) if one.day >= begun), len(passes))
    kept = [one for one in passes[max(0, after - depth) :] if (one.day - begun).days <= within]
    near = np.asarray(binary_dilation(square, EIGHT, iterations=NEAR))
    if any(one.flagged[window][near].any() for one in kept):
        return None
    where = np.arange(inside.size).reshape(inside.shape)[window].ravel()
    return _Plot(window, square, near, where, kept)


def _found(plot: _Plot, trial: Memory, material: Material, begun: date, random: np.random.Generator) -> bool:
    """Is one plant flagged in time?"""
    model, square = trial.model, plot.square.astype(np.float32)
    point_spread = trial.settings.point_spread
    spread = gaussian_filter(square, point_spread)
    evidence = Evidence(len(trial.bands), square.shape, trial.settings, model.step)
    for one in plot.passes:
        v = one.deviation.v[plot.where]
        if one.day >= begun:
            share = shift(spread, _rest(one), order=1)
            if material == "vehicles":
                share = gaussian_filter(square * (random.random(square.shape) < STANDING), point_spread)
            added = change(material, trial.bands, one.image[plot.window]) * share[..., None]
            v = v + model.planted(added, plot.where, one.deviation)
        evidence.add(*model.counted(v), one.index)
        above = evidence.statistic > trial.limit
        if one.day >= begun and _flagged(
            above & plot.near, trial.inside[plot.window], plot.square, trial.settings.min_pixels
        ):
            return True
    return False


def _rest(one: TrialPass) -> tuple[float, float]:
    """What of a pass's shift was not put back, in pixels."""
    (down, right), (rows, columns) = one.deviation.placement.shift, one.deviation.whole
    return down - rows, right - columns


def _flagged(above: Bools, inside: Bools, square: Bools, least: int) -> bool:
    """Do enough connected pixels inside the fence stand, some of them planted?"""
    labels, _ = label(above & inside, EIGHT)
    sizes = np.bincount(labels.ravel())
    return any(number and sizes[number] >= least for number in np.unique(labels[square]))


def _interval(found: Bools, overlap: float) -> tuple[float, float]:
    """The 90 % interval of the share that a further span would find, as if from fewer independent plants.

    Places share their dates and dates their places: the variance is that of a two-way table whose rows and columns are
    drawn anew, and dates nearer to each other than the plants are followed share the same passes. For the number of
    independent plants that would vary as much, the interval is the predictive one (beta-binomial, Jeffreys prior) of a
    span AHEAD times as long: its weather is drawn anew too.

    Args:
        found: (place, date), NaN where none was planted.
        overlap: how many neighbouring dates share the same passes.
    """
    counted = np.isfinite(found)
    n = int(counted.sum())
    share = (np.nansum(found) + 0.5) / (n + 1)
    away = np.where(counted, found - np.nanmean(found), 0)
    varied = np.square(away.sum(1)).sum() + max(1.0, overlap) * np.square(away.sum(0)).sum() - np.square(away).sum()
    independent = share * (1 - share) * n**2 / max(float(varied), 1e-9)
    alike = float(np.clip(independent, 8, min(MOST, n / max(1.0, overlap))))
    ahead, ends = round(AHEAD * alike), [(1 - SPAN) / 2, (1 + SPAN) / 2]
    low, high = betabinom.ppf(ends, ahead, share * alike + 0.5, (1 - share) * alike + 0.5) / ahead
    return float(low), float(high)
