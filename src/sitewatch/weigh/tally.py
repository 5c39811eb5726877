"""How many there truly are, from how many were counted: recall, false boxes and a flat prior become a posterior."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sitewatch.errors import InputError
from sitewatch.weigh.recall import Array, FalseBoxes, Recall

LEAST_TAIL = 2e-3
"""Probability that may lie beyond the largest number that is summed over."""
LARGEST = 100_000
"""The largest true number that is summed over."""
_CELLS = 2_000_000
"""Numbers that are held at once."""


@dataclass(frozen=True, eq=False)
class Tally:
    """The posterior of the true number."""

    counted: int
    """Boxes."""
    chance: Array
    """(numbers,): P(N = 0), P(N = 1), …"""

    def above(self, declared: int) -> float:
        """P(N > declared)."""
        return float(self.chance[max(declared + 1, 0) :].sum())

    def quantile(self, share: float) -> int:
        """The smallest number at or below which N lies with at least this probability."""
        return int(np.searchsorted(np.cumsum(self.chance), share * (1 - 1e-12)))

    def interval(self, share: float = 0.9) -> tuple[int, int, int]:
        """Lower end, median and upper end; as much lies below the lower end as above the upper one."""
        return self.quantile((1 - share) / 2), self.quantile(0.5), self.quantile((1 + share) / 2)


def tally(counted: int, recall: Recall, false_boxes: FalseBoxes) -> Tally:
    """The posterior of the true number N of vehicles in an image, with a flat prior on N = 0, 1, 2, …

    P(counted | N) = sum over f of P(f false boxes) P(counted - f seen | N).

    Args:
        counted: boxes in the image, one to a vehicle.
        recall: what is known of the share that is found.
        false_boxes: what is known of the boxes around nothing.

    Raises:
        InputError: the count is below 0, or recall is known so badly that the number has no upper end.
    """
    if counted < 0:
        raise InputError(f"count: found {counted}; right would be a number of boxes from 0 on")
    chances = false_boxes.chances()[: counted + 1]
    most = max(64, int(4 * (counted + 1) / float(recall.weight @ recall.mean)))
    while most <= LARGEST:
        likely = np.zeros(most + 1)
        rows = max(_CELLS // most, 1)
        for first in range(0, len(chances), rows):
            false = np.arange(first, min(first + rows, len(chances)))
            likely += chances[false] @ recall.chances(counted - false, most)
        if _beyond(likely) < LEAST_TAIL:
            return Tally(counted, likely / likely.sum())
        most *= 2
    raise InputError(
        f"recall: it is known too badly to say how many there are (a mean of {float(recall.weight @ recall.mean):.2g}, "
        f"and {counted} boxes leave over {LARGEST:,} possible); try the detector on more images whose vehicles are "
        "known"
    )


def _beyond(likely: Array) -> float:
    """Share of the probability beyond the last number, when it goes on to fall as a power of the number."""
    last, half = likely[-1], likely[len(likely) // 2]
    if not last > 0:
        return 0.0 if half < likely.max() else 1.0
    power = np.log2(half / last) if half > 0 else 0.0
    return float(last * len(likely) / (power - 1) / likely.sum()) if power > 1 else 1.0
