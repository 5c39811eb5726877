"""The monitor tried at the site itself: its placebo fences and planted changes as one record."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from sitewatch.errors import InputError
from sitewatch.records import Measured, Pass, Probability, Range, Rank, Trial

if TYPE_CHECKING:
    from sitewatch.look.placebos import FalseAlarms
    from sitewatch.look.series import Plant
    from sitewatch.look.watch import Watch

_DIGITS = 4
"""Decimals that are kept: the same on every machine, and more than the intervals bear."""


def measure(
    watch: Watch, start: date, passes: Sequence[Pass], available: datetime | None, planted: Sequence[Plant]
) -> Measured:
    """Measure the watch of one site: what its placebo fences raise, and which planted changes it flags.

    Args:
        watch: over the passes; it does the trials, which takes seconds, and does them the same way each time.
        start: the first watched day.
        passes: the passes of the watch's cube, in order of time.
        available: when the public could know the last of them, so that the measurement is known no earlier.
        planted: what is planted.
    """
    alarms = watch.false_alarms
    pixel = abs(passes[0].grid.transform[0])
    trials, refused = _planted(watch, pixel, planted)
    return Measured(
        available_at=available,
        site=passes[0].site,
        sensor=passes[0].sensor,
        start=start,
        until=watch.days[-1],
        false_alarms=_rate((alarms.rate, alarms.low, alarms.high), alarms) if alarms.measurable else None,
        false_probable=_rate(alarms.probable, alarms, ", those that became probable") if alarms.measurable else None,
        alarms=alarms.count,
        false=_kept(alarms.false),
        placebos=alarms.placebos,
        placebo_years=_kept(alarms.years),
        scale=_kept(alarms.scale),
        note=alarms.reason,
        power=trials,
        unplanted="; ".join(dict.fromkeys(refused[:1] if not trials else refused)),
        ranks=_ranks(watch, passes),
    )


def _rate(rate: tuple[float, float, float], alarms: FalseAlarms, which: str = "") -> Range:
    """False alarms per site-year from the rate and its ends, which hold the rate whatever resampling made of them."""
    best, low, high = (_kept(end) for end in rate)
    laid = f"{alarms.placebos} placebo fences over {alarms.years:.0f} fence-years at this site"
    origin = f"measured: {laid}{which}, 90 % interval"
    return Range(lo=min(low, best), best=best, hi=max(high, best), origin=origin)


def _planted(watch: Watch, pixel: float, planted: Sequence[Plant]) -> tuple[tuple[Trial, ...], list[str]]:
    """The trials that could be made, and for each of the others why not."""
    made: list[Trial] = []
    refused: list[str] = []
    for size, name, material, days in planted:
        what = f"{size * pixel:g} x {size * pixel:g} m, {name.replace('_', ' ')}"
        if not isinstance(material, str):
            material = {band: change for band, change in material.items() if band in watch.bands}
        try:
            power = watch.power(size, material, days)
        except InputError as wrong:
            refused.append(str(wrong).replace(name, name.replace("_", " ")))
            continue
        if not power.plants or not math.isfinite(power.probability):
            refused.append(f"no change of {what}, could be planted")
            continue
        best = _kept(power.probability)
        origin = (
            f"measured: of {power.plants} changes planted at this site ({what}) {power.found} were flagged within "
            f"{days} days; 90 % interval"
        )
        low, high = min(_kept(power.low), best), max(_kept(power.high), best)
        probability = Probability(lo=low, best=best, hi=high, origin=origin)
        made.append(
            Trial(
                size_px=size,
                size_m=size * pixel,
                material=name,
                within_days=days,
                probability=probability,
                plants=power.plants,
            )
        )
    return tuple(made), refused


def _ranks(watch: Watch, passes: Sequence[Pass]) -> tuple[Rank, ...]:
    """The p-value of every alert that has one, as it stands after the last pass."""
    return tuple(
        Rank(number=alert.number, first_flag=passes[alert.first_flag].acquired, p_value=p.p, of=p.n)
        for alert in watch.alerts
        if (p := alert.p_value) is not None
    )


def _kept(value: float) -> float:
    """A number as records hold it; 0 for what is not finite."""
    return round(float(value), _DIGITS) if math.isfinite(value) else 0.0
