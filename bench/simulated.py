"""How many changes of a simulated site the monitor finds, how soon, and how often it cries wolf where nothing changed.

Usage: python bench/simulated.py [--quick] [--workers N]
All figures are simulations (`simulated_sites.py`, bench/README.md): 50 sites a case of 48 x 48 px and three bands, a
fence of 24 x 24 px, history 2019 to 2021, watched in 2022 and 2023. Seeds from 10,000 up, none of which served for
choosing a setting. A change is found by an alert that opens on its day or later and whose region touches the changed
ground or its neighbouring pixels; days count from the day of the change, seen or not. Intervals are 90 % (Jeffreys).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from figures import Figure, rate, share, show
from sites import alarms, found, options, simulated, spread
from sitewatch.look import monitor

WITHIN = 60
"""Days within which a change should be found."""
FIRST_SEED = 10_000


@dataclass(frozen=True)
class Case:
    """One kind of simulated site."""

    name: str
    change: tuple[int, float] | None = None
    step: bool = False
    block: int = 0
    """Which block of seeds; cases of one block share their ground and weather."""


CASES = (
    Case("unchanged"),
    Case("unchanged, +0.1 step", step=True),
    Case("2 x 2 px, .05", (2, 0.05), block=1),
    Case("3 x 3 px, .05", (3, 0.05), block=2),
    Case("5 x 5 px, .05", (5, 0.05), block=3),
    Case("3 x 3 px, .03", (3, 0.03), block=4),
)


def run(item: tuple[Case, int]) -> tuple[float, int, float]:
    """One site of a case: days until its change was found (infinite when never), alarms, watched years."""
    case, number = item
    site = simulated(FIRST_SEED + 1000 * case.block + number, case.change, step=case.step)
    watch = monitor(site.cube, site.inside, site.start)
    when = None if site.day is None else found(watch, site.changed, site.day)
    days = np.inf if when is None or site.day is None else float((when - site.day).days)
    return days, alarms(watch, site.start), site.years


def judged(case: Case, runs: list[tuple[float, int, float]]) -> list[Figure]:
    """The figures of one case."""
    days, count, years = np.array(runs).T
    figures = [Figure(case.name, "sites", len(runs), "sites")]
    if case.change is None:
        return [
            *figures,
            Figure(case.name, "site-years", years.sum(), "years"),
            share(case.name, "sites with an alarm", int((count > 0).sum()), len(runs)),
            rate(case.name, "alarms a site-year", int(count.sum()), years.sum()),
        ]
    ever = days[np.isfinite(days)]
    return [
        *figures,
        share(case.name, f"found within {WITHIN} days", int((days <= WITHIN).sum()), len(runs)),
        share(case.name, "found ever", len(ever), len(runs)),
        Figure(case.name, "median delay of those found", float(np.median(ever)) if len(ever) else np.nan, "days"),
    ]


def main() -> None:
    """Measure, and print."""
    arguments = options(__doc__).parse_args()
    count = 1 if arguments.quick else 50
    runs = spread(run, [(case, number) for case in CASES for number in range(count)], arguments.workers)
    figures = [figure for i, case in enumerate(CASES) for figure in judged(case, runs[i * count : (i + 1) * count])]
    print("Simulated sites; not real imagery.\n")
    show("simulated", figures)


if __name__ == "__main__":
    main()
