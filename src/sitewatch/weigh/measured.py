"""What the trials at a site say of the monitor's watch there: its power and its false alarm over a window."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp

from sitewatch.records import Measured, Probability, Range, When

_DAYS_A_YEAR = 365.25


def watch_power(measured: Sequence[Measured], days: float, assumed: Probability) -> Probability:
    """Power of a watch over a window: that of the kind of change which it notices least.

    "Change" names no material and no size, so a watch is worth no more than against the change that escapes it most
    often. A trial tells of a window at least as long as the time that it gave, and the longest of these tell most: the
    change was there to be seen for as long. In a window shorter than all, less can be noticed: there the assumption
    stands, but no higher than the shortest trials. Where several sensors watch, what the first of them notices counts
    alone: the others can only add to it.

    Args:
        measured: at the site, one for each sensor; empty where nothing was.
        days: length of the window.
        assumed: the case's assumption, for where nothing was measured.
    """
    trials = next((one.power for one in measured if one.power), ())
    if not trials:
        return assumed
    given = {t.within_days for t in trials}
    fits = max((n for n in given if n <= days), default=None)
    tried = [t for t in trials if t.within_days == (fits or min(given))]
    least = _unsure(min(tried, key=lambda t: (t.probability.best, t.probability.lo, t.size_px, t.material)).probability)
    which = f"the least of {len(tried)} kinds tried: {least.origin}" if len(tried) > 1 else least.origin
    if fits:
        return least.model_copy(update={"origin": which})
    return Probability(
        lo=min(least.lo, assumed.lo),
        best=min(least.best, assumed.best),
        hi=min(least.hi, assumed.hi),
        origin=f"{assumed.origin}; no higher than in a longer window, {which}",
    )


def _unsure(power: Probability) -> Probability:
    """Where every planted change was noticed, the middle of the interval: no number of trials makes it certain."""
    return power.model_copy(update={"best": (power.lo + power.hi) / 2}) if power.best == 1 else power


def within(measured: Sequence[Measured], window: When) -> list[Measured]:
    """The sensors whose watch reaches into a window; all where the window is open."""
    first, last = window.earliest, window.latest
    return [m for m in measured if (not first or m.until >= first.date()) and (not last or m.start <= last.date())]


def false_rate(measured: Sequence[Measured]) -> Range | None:
    """False alarms that became probable per site-year, of all sensors that were measured together; None of none."""
    rates = [one.false_probable for one in measured if one.false_probable]
    if len(rates) < 2:
        return rates[0] if rates else None
    lo, best, hi = (sum(ends) for ends in zip(*((r.lo, r.best, r.hi) for r in rates), strict=True))
    return Range(lo=lo, best=best, hi=hi, origin="; and ".join(dict.fromkeys(r.origin for r in rates)))


def false_alarm(rate: Range, days: float) -> Probability:
    """P(at least one false alarm in a window) from a rate per site-year: 1 - exp(-rate x years)."""
    years = max(days, 0.0) / _DAYS_A_YEAR
    lo, best, hi = (1 - exp(-max(r, 0.0) * years) for r in (rate.lo, rate.best, rate.hi))
    return Probability(lo=lo, best=best, hi=hi, origin=f"{rate.origin}, over {years:.1f} years")
