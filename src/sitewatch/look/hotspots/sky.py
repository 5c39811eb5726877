"""How likely the sky over a site was clear, told from hotspots of its neighbours.

A persistent source nearby that was seen in a half-day says that it was clear there. What that says of the site is
simple kriging of an indicator (Journel, 1983): correlation falls with distance as exp(-d / L), neighbours that stand
together count little more than one, and a source that is often missed under a clear sky has a large error of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sitewatch.look.hotspots.settings import HotspotSettings

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

CORE_KM, APART_KM = 2.0, 3.0
"""A source takes in what lies within the first of its middle; the middles of two lie further apart than the second."""
LEAST_SHARE, MOST_SHARE = 0.1, 0.95
"""Sources seen on a smaller share of clear half-days say nothing; none is taken to be seen on a larger one."""
LEAST_CLEAR, MOST_CLEAR = 0.01, 0.97
"""Ends of the chance of clear sky: no neighbour is proof."""
SEASON_LEAST, SEASON_MOST = 0.05, 0.9
"""Ends of the season's clear share."""
PRIOR_DAYS = 5
"""Days that the history's clear share counts for in the season's."""


@dataclass(frozen=True, eq=False)
class Source:
    """A place near the site that was hot again and again before the watch."""

    x: float
    """Kilometres east of the site."""
    y: float
    """Kilometres north of the site."""
    rows: Ints
    """(n,) its detections, in the history and after, as rows of what it was found in."""


def find_sources(x: Floats, y: Floats, history: Bools, half_day: Ints, settings: HotspotSettings) -> list[Source]:
    """The persistent sources around a site, the densest first.

    Args:
        x: (n,) kilometres east of the site, of detections outside the fence and its margin.
        y: (n,) kilometres north of the site.
        history: (n,) True before the watch; only these make a source.
        half_day: (n,) the number of each detection's half-day, whatever its satellite.
        settings: how far, and how often seen.
    """
    known = np.flatnonzero(history & (np.hypot(x, y) < settings.far_km))
    points = np.column_stack([x[known], y[known]])
    everywhere = np.column_stack([x, y])
    left = np.ones(len(known), bool)
    crowd = np.array([len(near) for near in cKDTree(points).query_ball_point(points, CORE_KM)]) if len(known) else known
    found: list[Source] = []
    for i in np.argsort(-crowd, kind="stable"):
        if not left[i] or crowd[i] < settings.source_hits:
            continue
        core = left & (np.hypot(*(points - points[i]).T) < CORE_KM)
        middle = points[core].mean(0)
        left[i] = False
        left &= np.hypot(*(points - middle).T) > APART_KM
        rows = np.flatnonzero(np.hypot(*(everywhere - middle).T) < CORE_KM)
        if len(np.unique(half_day[rows[history[rows]]])) >= settings.source_hits:
            found.append(Source(float(middle[0]), float(middle[1]), rows))
    return found


def clear_chance(
    seen: Bools, x: Floats, y: Floats, own_share: float, history_days: int, settings: HotspotSettings
) -> Floats:
    """(day,) The chance that the site's sky was clear in each half-day of one satellite, by night or by day.

    Each value rests on its own half-day, the days before it, and what the history says of the sources.

    Args:
        seen: (source, day) whether each source was detected.
        x: (source,) kilometres east of the site.
        y: (source,) kilometres north of the site.
        own_share: share of the history's half-days in which the site itself was detected.
        history_days: how many of the days, from the first, are history.
        settings: lengths, the season's window, and how often the steadiest sources are seen.
    """
    shares = seen[:, :history_days].mean(1)
    usual = max(float(np.sort(shares)[-3:].mean()), own_share) / settings.steadiest
    if usual <= 0:
        return np.full(seen.shape[1], LEAST_CLEAR)
    found = np.minimum(shares / usual, MOST_SHARE)
    kept = found >= LEAST_SHARE
    seen, found, place = seen[kept].astype(np.float64), found[kept], np.column_stack([x, y])[kept]
    if not kept.any():
        return np.full(seen.shape[1], np.clip(usual, LEAST_CLEAR, MOST_CLEAR))
    apart = np.hypot(*(place[:, None] - place).transpose(2, 0, 1))
    between, to_site = (np.exp(-km / settings.length_km) for km in (apart, np.hypot(*place.T)))
    season = _season(to_site @ seen / (to_site @ found), usual, settings.season_days)
    chance = np.empty(seen.shape[1])
    for day, share in enumerate(season):
        spread = share * (1 - share)
        covariance = spread * between + np.diag(share * (1 - found) / found)
        weights = np.linalg.solve(covariance, spread * to_site)
        chance[day] = share + weights @ (seen[:, day] / found - share)
    return np.clip(chance, LEAST_CLEAR, MOST_CLEAR)


def _season(clear: Floats, usual: float, window: int) -> Floats:
    """(day,) the clear share of the days before each, with the history's share as prior."""
    total = np.concatenate([[0.0], np.cumsum(clear)])[: len(clear)]
    first = np.maximum(0, np.arange(len(clear)) - window)
    share = (total - total[first] + PRIOR_DAYS * usual) / (np.arange(len(clear)) - first + PRIOR_DAYS)
    return np.asarray(np.clip(share, SEASON_LEAST, SEASON_MOST))
