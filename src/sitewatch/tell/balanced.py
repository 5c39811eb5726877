"""Balances with their error, and tallies with their sums, as the brief tells them."""

from __future__ import annotations

from sitewatch.records import Balance, Tallied, View
from sitewatch.records.counts import BalanceFound, TallyFound
from sitewatch.tell.cite import Citations, Json
from sitewatch.tell.wording import joined, legible, numbered, placed, when


def balance(found: BalanceFound, names: dict[str, str], cites: Citations) -> Json:
    """One balance: its terms, what is unaccounted for, and what the balance is worth.

    Raises:
        LedgerError: the balance is not among the records shown.
    """
    closed = cites.find(Balance, found.balance)
    terms = [("beginning", closed.beginning), *(("receipt", term) for term in closed.receipts)]
    terms += [("shipment", term) for term in closed.shipments] + [("ending", closed.ending)]
    return {
        "what": placed(closed.what, closed.site, names),
        "site": closed.site,
        "unit": legible(closed.unit),
        "by": legible(closed.by),
        "period": when(closed.period),
        "terms": [
            {
                "kind": kind,
                "what": legible(term.what),
                "value": term.value,
                "sd": term.sd,
                "sign": "+" if kind in ("beginning", "receipt") else "−",
                "says": f"{_amount(term.value)} ± {_amount(term.sd)}",
            }
            for kind, term in terms
        ],
        "muf": found.muf,
        "sigma": found.sigma,
        "limit": found.limit,
        "beyond": found.beyond,
        "p_false": found.p_false,
        "p_detect": found.p_detect,
        "significant_quantity": closed.significant_quantity,
        "says": _unaccounted(found, legible(closed.unit)),
        "quantity_says": _quantity(found, closed),
    }


def _unaccounted(found: BalanceFound, unit: str) -> str:
    amount = f"{_amount(abs(found.muf))} {unit}"
    what = f"{amount} unaccounted for" if found.muf >= 0 else f"{amount} more is there than the books say"
    sigmas = f"{abs(found.muf) / found.sigma:.1f} standard deviations of {_amount(found.sigma)} {unit}"
    if not found.beyond:
        return f"{what}, {sigmas}: within three, so that errors of measurement alone may account for it."
    return (
        f"{what}, {sigmas}: beyond three, which errors of measurement alone reach in {100 * found.p_false:.2g} % of "
        "balances. It does not tell why: an error that nobody counted would look the same."
    )


def _quantity(found: BalanceFound, balance: Balance) -> str | None:
    """What the balance is worth against the amount that matters."""
    if balance.significant_quantity is None or found.p_detect is None:
        return None
    share = abs(found.muf) / balance.significant_quantity
    chance = 100 * found.p_detect
    power = "below 1" if chance < 1 else "above 99" if chance > 99 else f"{chance:.0f}"
    return (
        f"The significant quantity is {_amount(balance.significant_quantity)} {legible(balance.unit)} "
        f"({legible(balance.quantity_source or 'source not stated')}): what is off is {_amount(share)} of it. Had one "
        f"gone, a balance with these errors would lie beyond three standard deviations in {power} % of cases."
    )


def _amount(value: float) -> str:
    return f"{value:,.3g}" if abs(value) < 1000 else f"{value:,.0f}"


def tallies(found: TallyFound, cites: Citations, view: View, names: dict[str, str]) -> Json:
    """One group of tallies: its sums, and what each number can be.

    Raises:
        LedgerError: a tally is not among the records shown.
    """
    held = {tally.slug: tally for tally in view.of(Tallied)}
    members = [tally for tally in held.values() if tally.slug in found.bounds]
    wholes = [cites.find(Tallied, one.whole) for one in found.sums]
    return {
        "what": joined([placed(whole.what, whole.site, names) for whole in wholes]),
        "holds": found.holds,
        "verdict": {True: "consistent", False: "contradiction", None: "not assessable"}[found.holds],
        "sums": [{"whole": cites.find(Tallied, one.whole).slug, "holds": one.holds, "says": legible(one.says)}
                 for one in found.sums],
        "tallies": [
            {
                "slug": tally.slug,
                "what": legible(tally.what),
                "told": numbered(tally.number) if tally.number else "not told",
                "by": legible(tally.by) if tally.by else None,
                "parts": [legible(held[part].what) if part in held else part for part in tally.parts],
                "bounds": list(found.bounds[tally.slug]),
                "fits": _fits(found.bounds[tally.slug]) if found.holds else None,
            }
            for tally in members
        ],
    }  # fmt: skip


def _fits(bounds: tuple[float, float | None]) -> str:
    lo, hi = bounds
    if hi is None:
        return f"{lo:,g} or more"
    return f"{lo:,g}" if lo == hi else f"{lo:,g}–{hi:,g}"
