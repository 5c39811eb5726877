"""Sampling plans: how many items to inspect, and what a sample in which nothing was wrong leaves possible.

Exact, from the hypergeometric distribution in whole numbers: n items drawn without replacement from N of which D are
defective miss them all with probability C(N - D, n) / C(N, n) (Jaech and Russell, IAEA STR-261, 1991).
"""

from __future__ import annotations

from fractions import Fraction
from math import comb

from sitewatch.errors import InputError

LARGEST = 100_000
"""Items; beyond them whole numbers grow too long to be quick."""


def chance_found(total: int, defects: int, inspected: int) -> float:
    """P(at least one of the defective items is among those inspected); inspecting one always tells.

    Args:
        total: items, N.
        defects: of them defective, D.
        inspected: drawn at random without replacement, n.

    Raises:
        InputError: the numbers do not fit.
    """
    _check(total)
    _within("defects", defects, total)
    _within("inspected", inspected, total)
    return float(1 - _missed(total, defects, inspected))


def items_to_inspect(total: int, defects: int, probability: float) -> int:
    """The smallest sample that finds at least one of so many defective items with at least this probability.

    Args:
        total: items, N.
        defects: of them defective, at least 1.
        probability: above 0, up to 1.

    Raises:
        InputError: the numbers do not fit.
    """
    _check(total)
    _within("defects", defects, total, least=1)
    allowed = 1 - _exact(probability)
    few, enough = 0, total - defects + 1  # so many never miss all
    while few + 1 < enough:
        middle = (few + enough) // 2
        few, enough = (few, middle) if _missed(total, defects, middle) <= allowed else (middle, enough)
    return enough


def most_defects(total: int, inspected: int, probability: float) -> int:
    """The largest number of defective items that a sample without one leaves possible.

    One more would have been found with at least this probability (a one-sided upper confidence limit).

    Args:
        total: items, N.
        inspected: drawn at random without replacement, all of them right.
        probability: above 0, below 1.

    Raises:
        InputError: the numbers do not fit.
    """
    _check(total)
    _within("inspected", inspected, total)
    exact = _exact(probability)
    if exact == 1:
        raise InputError("probability: found 1; right would be a number below 1, since only all items would be certain")
    possible, excluded = 0, total - inspected + 1
    while possible + 1 < excluded:
        middle = (possible + excluded) // 2
        found = _missed(total, middle, inspected) <= 1 - exact
        possible, excluded = (possible, middle) if found else (middle, excluded)
    return possible


def _missed(total: int, defects: int, inspected: int) -> Fraction:
    """C(N - D, n) / C(N, n), which is C(N - n, D) / C(N, D): the smaller one of the two is quicker."""
    some, other = sorted((defects, inspected))
    return Fraction(comb(total - other, some), comb(total, some))


def _exact(probability: float) -> Fraction:
    """The decimal number that was meant: .95 is 19/20, and no binary number beside it."""
    if not 0 < probability <= 1:
        raise InputError(f"probability: found {probability:g}; right would be a number above 0, up to 1, such as 0.95")
    return Fraction(repr(float(probability)))


def _check(total: int) -> None:
    if not 1 <= total <= LARGEST:
        raise InputError(f"total: found {total}; right would be a number of items from 1 to {LARGEST}")


def _within(name: str, number: int, total: int, least: int = 0) -> None:
    if not least <= number <= total:
        raise InputError(f"{name}: found {number}; right would be a number from {least} to the {total} items")
