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
from scipy.stats import chi2

from figures import Figure, rate, share, show
from sites import alarms, found, options, simulated, spread
from sitewatch.look import MonitorSettings, monitor

WITHIN = 60
"""Days within which a change should be found."""
FIRST_SEED = 10_000
"""Settings were chosen on seeds below 1,000."""


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


def run(item: tuple[Case, int, MonitorSettings]) -> tuple[float, int, float]:
    """One site of a case: days until its change was found (infinite when never), alarms, watched years."""
    case, seed, settings = item
    site = simulated(seed, case.change, step=case.step)
    watch = monitor(site.cube, site.inside, site.start, settings=settings)
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
    parser = options(__doc__)
    parser.add_argument(
        "--first-seed", type=int, default=FIRST_SEED, help="below 1,000 to repeat how settings were chosen"
    )
    parser.add_argument("--limit", type=float, help="limit of the statistic for four bands, in place of the default")
    arguments = parser.parse_args()
    settings = (
        MonitorSettings() if arguments.limit is None else MonitorSettings(tail=float(chi2.sf(1.2 * arguments.limit, 4)))
    )
    count = 1 if arguments.quick else 50
    seeds = [arguments.first_seed + (1000 * case.block if arguments.first_seed == FIRST_SEED else 0) for case in CASES]
    items = [(case, seed + i, settings) for case, seed in zip(CASES, seeds, strict=True) for i in range(count)]
    runs = spread(run, items, arguments.workers)
    figures = [figure for i, case in enumerate(CASES) for figure in judged(case, runs[i * count : (i + 1) * count])]
    print("Simulated sites; not real imagery.\n")
    show("simulated", figures)


if __name__ == "__main__":
    main()
