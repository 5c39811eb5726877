"""What the history says of every pixel, and how unusual a pass is against it: the one model, whatever the sensor.

The steps of the method are described in docs/methods/look.md, with the figures that were measured for them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from typing import Self, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter
from scipy.stats import chi2

from sitewatch.look.baseline import FLOOR, Bools, Floats, Ints, by_pixel, fit, predict, rounded, seasons, spread
from sitewatch.look.breaks import stable_from
from sitewatch.look.evidence import in_steps, regions
from sitewatch.look.guard import Doubles, Today, Whitener, blur, control, habits, kinds, today, waver, whitener
from sitewatch.look.register import MISPLACED, Placement, aligned, less, place, tolerated
from sitewatch.look.settings import MonitorSettings

BREAK = 0.8
"""Share of the limit from which a history holds a break: the fit itself has taken in part of it."""
SEASONS = 270
"""Days that the stable end of a broken history must cover for its pixel to be monitored."""
BREAK_LOOKS = 4
"""Looks on either side of a break in the history."""
_Out = TypeVar("_Out")


@dataclass(frozen=True, eq=False)
class Deviation:
    """One pass in standard deviations."""

    v: Floats
    """(pixel, band), NaN where unseen or without enough history."""
    placement: Placement
    whole: tuple[int, int]
    """Rows and columns by which the pass was put back."""
    whitener: Whitener
    wide: Floats
    """(pixel,): what whitened deviations are divided by: how restless the pixel and its kind are, how little its
    history tells of that day."""


class Model:
    """What the history says of every pixel, and how a new pass is made comparable with it."""

    def __init__(self, history: Floats, days: Sequence[date], ring: Bools, settings: MonitorSettings) -> None:
        """Fit to the history.

        Args:
            history: (time, pixel, band), NaN where unseen; only passes whose ring is clear enough.
            days: the day of each pass.
            ring: (y, x), pixels outside the fence.
            settings: of the monitor.
        """
        self.settings, self.shape, bands = settings, ring.shape, history.shape[2]
        self.step = settings.longest(bands) / 127
        """Standard deviations in one step of a deviation."""
        self._taps = _gaussian(settings.smoothing)
        design = seasons(list(days))
        self.coefficients, self.looks = fit(history, design)
        """(3, pixel, band), and the looks of each pixel, (pixel,)."""
        self.ready: Bools = np.asarray(self.looks >= settings.min_history)
        """(pixel,): enough history to be monitored."""
        self.coefficients[:, ~self.ready] = np.nan
        self.known = control(ring & self.ready.reshape(self.shape), settings.control)
        """Pixels of the ring that the cross-section is fitted to."""
        self.tolerated = 0.0
        """Pixels below which a shift is left as it is."""
        raw, self.placements = self._raw(history, design)
        if settings.register:  # once more, now that every pass lies in its place
            self._refit(raw, design, self.ready)
        self.features, rescale = kinds(self.coefficients, self.known)
        """(pixel, feature)."""
        residuals, todays = self._less_today(raw)
        self.noise = self._noise(residuals)
        """(pixel, band), in the cube's unit."""
        since = self._breaks(residuals, design)
        self.broken: Bools = since > 0
        """(pixel,): the history held a break, and only what came after it is used."""
        begun, self.span = np.unique(since, return_inverse=True)
        """(pixel,): which of the covariances below is the pixel's."""
        self.uncertain = np.stack([_uncertainty(design[first:]) for first in begun])
        """(span, 3, 3): covariance of the coefficients for one look, in units of the noise; by the history used."""
        if self.broken.any():
            raw[np.arange(len(raw))[:, None] < since] = np.nan
            covered = np.array([(days[-1] - day).days for day in days])[since]
            self.ready &= ~self.broken | (covered >= SEASONS)  # half a year tells nothing of the other half
            self._refit(raw, design, self.broken)
            self.features = rescale(self.coefficients)
            # What passes do to ground of a kind is no part of its baseline; over a few of them it does not even out.
            held = self.broken & self.ready
            self._refit(raw, design, held, np.stack([self.features[held] @ now.slopes for now in todays]))
            self.features = rescale(self.coefficients)
            for residual, one, now in zip(residuals, raw, todays, strict=True):
                residual[self.broken] = now.remove(one[self.broken], self.features[self.broken])
            self.noise = self._noise(residuals)
        count = min(settings.habits, len(days) // 3)
        if count:
            more = habits(residuals, self.noise, count, self.known)
            self.features = np.concatenate([self.features, more], axis=1)
            residuals, _ = self._less_today(raw)
            self.noise = self._noise(residuals)
        made = _each(self._whitened, residuals)
        self.usual = max(float(np.median([white.size for _, white in made])), 1e-6)
        """Size of the ring's own deviations on a usual pass."""
        self.restless = self._restlessness(
            np.stack([v / waver(v, self.features, self.known)[:, None] for v, _ in made])
        )
        """(pixel,): how many times its due a pixel moved in its history, at least 1."""

    @classmethod
    def restored(
        cls, settings: MonitorSettings, shape: tuple[int, int], coefficients: Floats, ready: Bools,
        features: Floats, noise: Floats, restless: Floats, looks: Ints, uncertain: Doubles,
        span: NDArray[np.int64], broken: Bools,
        known: NDArray[np.int64], usual: float, tolerated: float,
    ) -> Self:  # fmt: skip
        """A model from its saved parts."""
        model = cls.__new__(cls)
        model.settings, model.shape = settings, shape
        model.step = settings.longest(noise.shape[1]) / 127
        model._taps = _gaussian(settings.smoothing)
        model.coefficients, model.ready, model.features = coefficients, ready, features
        model.noise, model.restless, model.placements = noise, restless, []
        model.looks, model.uncertain, model.broken, model.known = looks, uncertain, broken, known
        model.usual, model.span, model.tolerated = usual, span, tolerated
        return model

    def __call__(self, image: Floats, day: date) -> Deviation:
        """How unusual each pixel of a pass is among its neighbours and against its own past.

        Args:
            image: (pixel, band), NaN where unseen.
            day: of the pass.
        """
        baseline, placement = self._place(image, seasons([day])[0])
        residual = self._residual(image, baseline, placement)
        residual = today(residual, self.features, self.known).remove(residual, self.features)
        v, white = self._whitened(residual)
        wide = self._wide(day) * waver(v, self.features, self.known)
        whole = placement.whole if self._corrected(placement) else (0, 0)
        return Deviation(v / wide[:, None], placement, whole, white, wide)

    def _wide(self, day: date) -> Floats:
        """(pixel,): what deviations are divided by: how restless a pixel was, how little its history tells of a day."""
        season = seasons([day])[0].astype(np.float64)
        unsure = np.einsum("i,sij,j->s", season, self.uncertain, season)[self.span] / np.maximum(self.looks, 1)
        return np.asarray(self.restless * np.sqrt(1 + unsure), np.float32)

    def counted(self, v: Floats) -> tuple[NDArray[np.int8], Bools]:
        """What of some deviations (pixel, band) counts: whole steps, 0 where unseen; and which pixels were seen.

        One look counts for so much at most, shortened as a whole: the order of bands must not matter, and one band must
        be able to alarm.
        """
        steps, seen = in_steps(np.ascontiguousarray(v), self.settings.longest(v.shape[1]), self.step)
        return steps, seen

    def planted(self, change: Floats, where: NDArray[np.int64], deviation: Deviation) -> Floats:
        """What a change adds to the deviations of one pass.

        Args:
            change: (y, x, band) of a window, in the cube's unit, NaN where the pass did not see.
            where: raveled indices of the window's pixels.
            deviation: of the pass.

        Returns:
            (pixel of the window, band), NaN where unseen.
        """
        scaled = change / self.noise[where].reshape(change.shape)
        blurred = blur(scaled, self._taps).reshape(len(where), -1)
        added: Floats = blurred @ deviation.whitener.root.astype(np.float32) / deviation.wide[where][:, None]
        return added

    def unlike(self, inside: Bools) -> float:
        """Share of the fence (y, x) whose kind of ground lies beyond what the ring holds; 0 where none is judged."""
        kind = self.features[(inside.ravel() & self.ready), 1 : 1 + 3 * self.noise.shape[1]]
        return float((np.abs(kind) >= 3).any(1).mean()) if len(kind) else 0.0

    def _raw(self, history: Floats, design: Floats) -> tuple[Floats, list[Placement]]:
        """Residuals of the history against the baseline, each pass put in its place: (time, pixel, band)."""
        items = list(zip(history, design, strict=True))
        placements = _each(lambda item: self._place(*item)[1], items)
        self.tolerated = tolerated(placements)

        def one(item: tuple[Floats, Floats, Placement]) -> Floats:
            image, season, placement = item
            return self._residual(image, predict(self.coefficients, season), placement)

        return np.stack(_each(one, [(*item, at) for item, at in zip(items, placements, strict=True)])), placements

    def _place(self, image: Floats, design: Floats) -> tuple[Floats, Placement]:
        """The baseline of a day, (pixel, band), and how the pass (pixel, band) lies on it."""
        baseline, square = predict(self.coefficients, design), (*self.shape, -1)
        return baseline, place(image.reshape(square), baseline.reshape(square), self.known)

    def _corrected(self, placement: Placement) -> bool:
        return self.settings.register and self.tolerated <= placement.distance < MISPLACED

    def _residual(self, image: Floats, baseline: Floats, placement: Placement) -> Floats:
        """(pixel, band): the pass less its baseline, where the pass shows it."""
        if not self._corrected(placement):
            return image - baseline
        square = (*self.shape, -1)
        back = aligned(image.reshape(square), placement.whole)
        return less(back, baseline.reshape(square), placement.rest).reshape(image.shape)

    def _refit(self, raw: Floats, design: Floats, where: Bools, known: Floats | float = 0.0) -> None:
        """Fit the baseline of some pixels anew to what residuals and the old one make up; `raw` follows, in place.

        `known` (time, pixel of these, band) is what each pass did to them, left out of the fit.
        """
        where = where.copy()
        old = self.coefficients[:, where]
        cube = raw[:, where] + np.stack([predict(old, one) for one in design])
        new, looks = fit(np.asarray(cube - known, np.float32), design)
        self.looks[where] = looks
        self.ready &= self.looks >= self.settings.min_history
        self.known = self.known[self.ready[self.known]]
        self.coefficients[:, where] = new
        self.coefficients[:, ~self.ready] = np.nan
        raw[:, where] = cube - np.stack([predict(new, one) for one in design])

    def _breaks(self, residuals: Floats, design: Floats) -> Ints:
        """(pixel,): first pass of the stable end of a history (time, pixel, band); 0 unless a few together broke."""
        settings, bands = self.settings, residuals.shape[2]
        whitened = np.stack(_each(lambda residual: self._whitened(residual)[0], residuals))
        length = np.sqrt(np.square(whitened).sum(2, keepdims=True))
        whitened *= np.minimum(1, settings.longest(bands) / np.maximum(length, 1e-6))
        since = stable_from(by_pixel(whitened), design, BREAK_LOOKS, BREAK * settings.limit(bands), settings.drift)
        parts = regions((since > 0).reshape(self.shape), settings.min_pixels)
        broken = np.any([np.zeros(self.shape, bool), *parts], axis=0)
        # The rim of what broke saw part of it: it is cut with its neighbours.
        cut = maximum_filter(np.where(broken, since.reshape(self.shape), 0), 3)
        return np.asarray(cut.ravel(), np.int32)

    def _less_today(self, raw: Floats) -> tuple[Floats, list[Today]]:
        """Residuals (time, pixel, band) less what each pass did to ground of each kind; and what that was."""
        features, known = self.features, self.known

        def one(residual: Floats) -> tuple[Floats, Today]:
            now = today(residual, features, known)
            return now.remove(residual, features), now

        made = _each(one, raw)
        return np.stack([residual for residual, _ in made]), [now for _, now in made]

    def _noise(self, residuals: Floats) -> Floats:
        """(pixel, band): robust noise of residuals (time, pixel, band), shrunk towards the ring's median."""
        own = spread(by_pixel(residuals))
        typical = np.nanmedian(own[self.known], axis=0)
        pseudo = self.settings.pseudo_looks
        shrunk = (self.looks[:, None] * own + pseudo * typical) / (self.looks[:, None] + pseudo)
        return rounded(np.maximum(shrunk, FLOOR).astype(np.float32), 16)

    def _whitened(self, residual: Floats) -> tuple[Floats, Whitener]:
        """(pixel, band): in units of noise, smoothed, and standardised by the pass's own ring."""
        scaled = residual / self.noise
        scaled[~np.isfinite(scaled).all(1)] = np.nan
        blurred = blur(scaled.reshape(*self.shape, -1), self._taps).reshape(scaled.shape)
        sample = blurred[self.known]
        white = whitener(sample[np.isfinite(sample).all(1)], self.settings.kept)
        return white(blurred), white

    def _restlessness(self, whitened: Floats) -> Floats:
        length = spread(by_pixel(np.square(whitened).sum(2, keepdims=True)))[:, 0] / 1.4826
        due, looks = chi2.median(whitened.shape[2]), self.looks
        return rounded(np.sqrt(np.maximum(1, (looks * length / due + 3) / (looks + 3))).astype(np.float32), 16)


def _uncertainty(design: Floats) -> Doubles:
    """(3, 3): covariance of the coefficients that passes with some design (time, 3) leave, for one look."""
    normal = design.T.astype(np.float64) @ design / len(design)
    return np.asarray(np.linalg.inv(normal + 1e-3 * np.eye(3)))


def _gaussian(sigma: float) -> Floats:
    """Half of a Gaussian kernel cut at four standard deviations, the middle first."""
    taps = np.exp(-0.5 * np.square(np.arange(int(4 * sigma + 0.5) + 1) / sigma))
    return np.asarray(taps / (2 * taps.sum() - taps[0]), np.float32)


def _each(task: Callable[..., _Out], items: Sequence[object] | Floats) -> list[_Out]:
    """A task over passes that know nothing of each other, on two threads: the same results in the same order."""
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(task, items))
