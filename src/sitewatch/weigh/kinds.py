"""Which kind of thing a measured length speaks for: always a ratio between rival explanations, never a name alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta, norm

from sitewatch.errors import InputError
from sitewatch.records import Range

STRAY = 0.02
"""Probability that a measured length says nothing of the thing: two in one box, a shadow, a part hidden."""
LONGEST = 50.0
"""Such a length lies anywhere from 0 to this, metres."""
_NODES = 400


@dataclass(frozen=True, eq=False)
class KindRatios:
    """How much better each explanation expects a measured length than each other does."""

    names: tuple[str, ...]
    """Of the explanations, in the order in which they were given."""
    ratio: NDArray[np.float64]
    """(explanations, explanations), row over column."""
    fits: tuple[bool, ...]
    """False for an explanation that expects the length less than chance does; where none fits, a rival is missing."""

    def of(self, one: str, rival: str) -> float:
        """P(length | one) over P(length | rival)."""
        return float(self.ratio[self.names.index(one), self.names.index(rival)])


def kind_ratios(length: float, sd: float, rivals: Mapping[str, Range]) -> KindRatios:
    """Ratios between rival explanations of a thing of a measured length.

    Under an explanation the length has a PERT distribution (lambda 4; Malcolm and others 1959) from `lo` over `best`
    to `hi`, and is measured with a normal error; with probability `STRAY` the measurement says nothing, so that no
    length is proof.

    Args:
        length: measured, metres.
        sd: its standard deviation, metres.
        rivals: name of an explanation to the lengths that it allows, metres.

    Raises:
        InputError: fewer than two explanations, or a length or an uncertainty that cannot be.
    """
    if len(rivals) < 2:
        raise InputError(
            f"rival explanations: found {', '.join(rivals) or 'none'}; right would be at least two, since a length "
            "speaks for one only against another"
        )
    if not (0 < length < np.inf and 0 < sd < np.inf):
        raise InputError(f"length: found {length:g} m +/- {sd:g}; right would be metres above 0 with their uncertainty")
    for name, lengths in rivals.items():
        if lengths.lo <= 0 or lengths.hi > LONGEST:
            raise InputError(
                f"rival explanation {name!r}: found lengths from {lengths.lo:g} to {lengths.hi:g} m; right would be "
                f"metres above 0, up to {LONGEST:g}"
            )
    expected = np.array([_expected(length, sd, lengths) for lengths in rivals.values()])
    chance = 1 / LONGEST
    mixed = (1 - STRAY) * expected + STRAY * chance
    return KindRatios(tuple(rivals), mixed[:, np.newaxis] / mixed, tuple(bool(e > chance) for e in expected))


def _expected(length: float, sd: float, lengths: Range) -> float:
    """Density of a measured length when the true one has the PERT distribution, by equal slices of probability."""
    if lengths.hi == lengths.lo:
        true = np.array([lengths.best])
    else:
        alpha = 1 + 4 * (lengths.best - lengths.lo) / (lengths.hi - lengths.lo)
        slices = (np.arange(_NODES) + 0.5) / _NODES
        true = lengths.lo + (lengths.hi - lengths.lo) * beta.ppf(slices, alpha, 6 - alpha)
    return float(norm.pdf(length, true, sd).mean())
