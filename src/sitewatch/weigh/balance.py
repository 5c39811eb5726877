"""Material balance: what measurement alone explains, and what it does not.

MUF = beginning + receipts - shipments - ending, above 0 where something is missing, with the variance that is the sum
of those of its terms. Beyond three standard deviations it is told apart from errors of measurement, which then reach
so far in 0.27 % of balances (normal errors, independent of each other; IAEA Safeguards Glossary, 2022).
"""

from __future__ import annotations

import math

from scipy.stats import norm

from sitewatch.records import Balance
from sitewatch.records.counts import BalanceFound

SIGMAS = 3.0
"""Standard deviations beyond which a balance is told to be off."""


def close(balance: Balance) -> BalanceFound:
    """What a balance comes to.

    Args:
        balance: with at least one term whose error is above 0.

    Raises:
        ValueError: no term has an error, so that nothing could be told from nothing.
    """
    terms = (balance.beginning, *balance.receipts, *balance.shipments, balance.ending)
    muf = math.fsum(
        (
            balance.beginning.value,
            *(term.value for term in balance.receipts),
            *(-term.value for term in balance.shipments),
            -balance.ending.value,
        )
    )
    sigma = math.hypot(*(term.sd for term in terms))
    if not sigma > 0:
        raise ValueError(f"balance {balance.slug}: no term has an error")
    quantity = balance.significant_quantity
    return BalanceFound(
        balance=balance.id,
        muf=muf,
        sigma=sigma,
        limit=SIGMAS * sigma,
        beyond=abs(muf) > SIGMAS * sigma,
        p_false=float(2 * norm.sf(SIGMAS)),
        p_detect=None if quantity is None else _power(quantity / sigma),
    )


def _power(missing: float) -> float:
    """P(|MUF| beyond the limit | so much is missing), in standard deviations."""
    return float(norm.sf(SIGMAS - missing) + norm.cdf(-SIGMAS - missing))
