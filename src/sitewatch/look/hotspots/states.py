"""The two states of a source of heat, and the probability of each, day by day.

A site runs or is quiet, and changes on any day with a small fixed probability (geometric prior on the day of change).
A half-day with the clear chance c brings a detection with probability c r. A running source has an unknown rate r for
each satellite by night and by day, learned from the history and forgotten slowly; a quiet one has a rate near 0
(strays). It is the Bayesian change point of Adams and MacKay (2007) for yes-or-no counts on a grid of rates, with the
run lengths of a state collapsed into one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import islice

import numpy as np

from sitewatch.look.hotspots.series import HalfDay
from sitewatch.look.hotspots.settings import HotspotSettings
from sitewatch.look.hotspots.sky import LEAST_CLEAR, MOST_CLEAR, Floats

LEVELS = np.linspace(0.05, 1.0, 20)
"""Rates that a running source can have."""


Day = tuple[date, list[HalfDay]]
"""A day and its half-days."""


def chances(halves: Sequence[HalfDay], rates: Floats) -> Floats:
    """(half-day, rate): the probability of what each half-day brought.

    A detection was not wholly obscured, whatever a cloud series says.

    Args:
        halves: the half-days.
        rates: (rate,) detections per clear half-day.
    """
    hit = np.array([half.count > 0 for half in halves], bool)
    clear = np.array([max(half.clear, LEAST_CLEAR) if half.count else half.clear for half in halves], np.float64)
    found = np.minimum(clear[:, None] * rates, MOST_CLEAR)
    return np.where(hit[:, None], found, 1 - found)


class RateModel:
    """What is known of a site's rates before the watch, and the probability of its state on each day."""

    def __init__(self, past: Sequence[HalfDay], every: Sequence[HalfDay], settings: HotspotSettings) -> None:
        """A site of unknown state.

        Args:
            past: half-days that give the first guess of the running rates; none leaves all rates equally likely.
            every: all half-days, to know their satellites.
            settings: of the counting monitor.
        """
        self._settings, self._rates = settings, np.array(settings.quiet_rates)
        self._first: dict[tuple[str, bool], Floats] = {}
        for key in sorted({(half.satellite, half.night) for half in every}):
            mine = [half for half in past if (half.satellite, half.night) == key]
            log = np.log(chances(mine, LEVELS)).sum(0)
            self._first[key] = _scaled(np.exp(settings.history_weight * (log - log.max())))

    def quiet(self, days: Sequence[Day]) -> Floats:
        """(day,) the probability that the source was quiet, from each day and those before it.

        Args:
            days: in order of time.
        """
        hazard, wander = self._settings.hazard, self._settings.wander
        even = np.full(len(self._rates), 1 / len(self._rates))
        running, stopped = dict(self._first), dict.fromkeys(self._first, even)
        halves = [half for _, some in days for half in some]
        evidence = iter(zip(halves, chances(halves, LEVELS), chances(halves, self._rates), strict=True))
        known, found = 0.5, np.empty(len(days))
        for i, (_, some) in enumerate(days):
            starts, stops = hazard * known, hazard * (1 - known)
            known += stops - starts
            fresh, new = starts / (1 - known), stops / known
            for key, first in self._first.items():
                forgotten = 1 - (1 - fresh) * (1 - wander)
                running[key] = (1 - forgotten) * running[key] + forgotten * first
                stopped[key] = (1 - new) * stopped[key] + new * even
            odds = known / (1 - known)
            for half, alive, still in islice(evidence, len(some)):
                key = half.satellite, half.night
                alive, still = running[key] * alive, stopped[key] * still
                odds *= float(still.sum()) / float(alive.sum())
                running[key], stopped[key] = _scaled(alive), _scaled(still)
            known = min(max(odds / (1 + odds), 1e-12), 1 - 1e-12)
            found[i] = known
        return found

    def evidence(self, days: Sequence[Day]) -> Floats:
        """(day,) logarithm of how much more likely each day is for a source that stopped than for one that runs.

        Both at what was known of the rates before the watch.

        Args:
            days: in order of time.
        """
        halves = [half for _, some in days for half in some]
        first = np.array([self._first[half.satellite, half.night] for half in halves]).reshape(-1, len(LEVELS))
        running = (first * chances(halves, LEVELS)).sum(1)
        log = np.concatenate([[0.0], np.cumsum(np.log(chances(halves, self._rates).mean(1) / running))])
        return np.diff(log[np.cumsum([0, *(len(some) for _, some in days)])])


def _scaled(weights: Floats) -> Floats:
    """Weights that add up to 1."""
    return weights / float(weights.sum())
