"""Radar through the monitor: alarms with and without moisture, changes found, and one real pixel that was cleared.

Usage: python bench/radar.py [--quick] [--workers N] [--defaults]
Simulated, not real imagery (`radar_sites.py`): 50 sites of 48 x 48 px of 10 m, VV and VH, a fence of 24 x 24 px, two
tracks of 12 days each, history 2021 and 2022, watched in 2023; speckle of 4.4 equivalent looks; 1 dB of moisture per
pass or none; a change of 3 dB on 5 x 5 px or none. The four cases share ground, speckle and place. Seeds from 30,000
up, on which nothing was chosen. An alarm is an alert that became possible; a change is found by an alert that opens on
its day or later and touches it.

The peer is Welch's t per orbit (`radar_welch.py`), with and without the ring's median taken off each pass. Its two
thresholds leave 3.8 % false without moisture on seeds 8,000 to 8,199: of sites in the year (three connected pixels in
the fence after any pass), and of pixels (90 days after the day of the change).

The real pixel (bayts; VV, cleared early in 2016) has no ring: 3 x 3 px of it stand in simulated ground of the same mean
and noise per track. Its file tells no orbits; the day of the 12-day cycle stands for them. Intervals are 90 %
(Jeffreys).
"""

from __future__ import annotations

import csv
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np

import radar_welch as peer
from figures import Figure, rate, share, show
from radar_sites import GRID, START, RadarSite, site
from sites import SHARED, alarms, found, options, spread
from sitewatch.look import MonitorSettings, monitor
from sitewatch.look.sensors.radar import RADAR, Swath, cube
from sitewatch.records import Grid

WITHIN = 60
"""Days within which a change should be found."""
JUDGED_AFTER = 90
"""Days after the change at which single pixels are judged."""
FALSE = 0.038
"""What the peer may alarm falsely without moisture."""
FIRST_SEED, PEER_SEED, PEER_SEEDS = 30_000, 8_000, 200
METHODS = ("ours", "Welch t", "Welch t, ring")
CASES = {"no moisture": 0.0, "1 dB of moisture": 1.0}
SIZE_DB = 3.0


@dataclass(frozen=True)
class Run:
    """What one method made of one site, changed and not."""

    alarms: int
    """At the unchanged site in the watched year."""
    years: float
    days: float
    """Until the change was found; infinite when never."""
    false_px: float
    """Share of the unchanged fence flagged on the day that pixels are judged."""
    found_px: float
    """Share of the changed pixels flagged on that day."""


def ours(still: RadarSite, changed: RadarSite, settings: MonitorSettings) -> Run:
    """The monitor on one site; both share the history, which is fitted once."""
    passes = [cube(one.swaths, GRID, START).cube for one in (still, changed)]
    history = int((passes[0].time.values < np.datetime64(START)).sum())
    first = monitor(passes[0][:history], still.inside, START, settings=settings)
    second = deepcopy(first)
    first.update(passes[0][history:])
    second.update(passes[1][history:])
    judged = changed.day + timedelta(days=JUDGED_AFTER)
    at = max(i for i, day in enumerate(first.days) if day <= judged)
    when = found(second, changed.changed, changed.day)
    return Run(
        alarms(first, START),
        (first.days[-1] - START).days / 365.25,
        np.inf if when is None else float((when - changed.day).days),
        float(first.flagged[at][still.inside].mean()),
        float(second.flagged[at][changed.changed].mean()),
    )


def theirs(still: RadarSite, changed: RadarSite, ring: bool, by_site: float, by_pixel: float) -> Run:
    """The peer on one site, at its two thresholds."""
    first, second = peer.welch(still, ring=ring), peer.welch(changed, ring=ring)
    judged = changed.day + timedelta(days=JUDGED_AFTER)
    return Run(
        int(peer.alarm_level(first, still.inside) > by_site),
        (first.days[-1] - START).days / 365.25,
        peer.found(second, changed, by_site),
        float((peer.after(first, judged)[still.inside] > by_pixel).mean()),
        float((peer.after(second, judged)[changed.changed] > by_pixel).mean()),
    )


def calibrated(seed: int) -> list[tuple[float, float]]:
    """For the peer without and with ring: the site's alarm level, and the level of its pixels' threshold."""
    one, out = site(seed, 0, 0), []
    for ring in (False, True):
        tested = peer.welch(one, ring=ring)
        pixels = peer.after(tested, one.day + timedelta(days=JUDGED_AFTER))[one.inside]
        out.append((peer.alarm_level(tested, one.inside), peer.threshold(pixels, FALSE)))
    return out


def run(item: tuple[int, float, tuple[tuple[float, float], ...], MonitorSettings]) -> dict[str, Run]:
    """All methods on one site."""
    seed, jitter, thresholds, settings = item
    still, changed = site(seed, jitter, 0), site(seed, jitter, SIZE_DB)
    made = {METHODS[0]: ours(still, changed, settings)}
    for name, ring, (by_site, by_pixel) in zip(METHODS[1:], (False, True), thresholds, strict=True):
        made[name] = theirs(still, changed, ring, by_site, by_pixel)
    return made


def judged(case: str, runs: list[Run]) -> list[Figure]:
    """The figures of one method in one case."""
    count, total = sum(one.alarms for one in runs), sum(one.years for one in runs)
    days = np.array([one.days for one in runs])
    ever = days[np.isfinite(days)]
    return [
        Figure(case, "sites", len(runs), "sites"),
        share(case, "unchanged sites with an alarm", sum(one.alarms > 0 for one in runs), len(runs)),
        rate(case, "alarms a site-year", count, total),
        share(case, f"found within {WITHIN} days", int((days <= WITHIN).sum()), len(runs)),
        share(case, "found ever", len(ever), len(runs)),
        Figure(case, "median delay, days", float(np.median(ever)) if len(ever) else np.nan, "days"),
        Figure(case, "false pixels", float(np.mean([one.false_px for one in runs])), "share"),
        Figure(case, "changed pixels found", float(np.mean([one.found_px for one in runs])), "share"),
    ]


REAL_START = date(2015, 7, 1)
CLEARED = date(2016, 1, 1)
SIDE = 24


def real_pixel(seed: int, settings: MonitorSettings) -> tuple[int, date | None]:
    """The real pixel in a simulated ring: alarms before 2016, and the day of the first alert since."""
    with (SHARED / "data" / "radar" / "s1_vv_landsat_ndvi_pixel.csv").open(newline="") as file:
        read = [row for row in csv.DictReader(file) if row["series"] == "s1_vv_db" and row["value"]]
    series = [(datetime.fromisoformat(row["date"]).replace(tzinfo=UTC), float(row["value"])) for row in read]
    orbits = [(time.date() - series[0][0].date()).days % 12 + 1 for time, _ in series]
    rng, swaths = np.random.default_rng(seed), []
    for (time, value), orbit in zip(series, orbits, strict=True):
        past = [v for (t, v), o in zip(series, orbits, strict=True) if o == orbit and t.date() < REAL_START]
        vv = rng.normal(np.mean(past or [-7]), np.std(past) or 0.5, (SIDE, SIDE)).astype(np.float32)
        vv[11:14, 11:14] = value
        swaths.append(Swath(f"{time:%Y-%m-%d}", time, orbit, "ascending", "dB", vv, None))
    grid = Grid(crs="EPSG:32636", transform=(10, 0, 0, 0, -10, 0), shape=(SIDE, SIDE))
    inside = np.zeros((SIDE, SIDE), bool)
    inside[7:17, 7:17] = True
    watch = monitor(cube(swaths, grid, REAL_START).cube, inside, REAL_START, settings=settings)
    early = sum(watch.days[alert.first_flag] < CLEARED for alert in watch.alerts)
    since = (watch.days[step.index] for step in watch.steps if watch.days[step.first_flag] >= CLEARED)
    return early, min(since, default=None)


def real_figures(count: int, settings: MonitorSettings) -> list[Figure]:
    """The real pixel in some simulated rings."""
    made = [real_pixel(FIRST_SEED + i, settings) for i in range(count)]
    days = [(day - date(2016, 1, 5)).days for _, day in made if day]
    case = "real pixel in a simulated ring"
    return [
        Figure(case, "rings", count, "rings"),
        Figure(case, "alarms before 2016", sum(early for early, _ in made), "alarms"),
        share(case, "found", len(days), count),
        Figure(case, "median days after the first low look (5 Jan 2016)", float(np.median(days or [np.nan])), "days"),
    ]


def main() -> None:
    """Measure, and print."""
    parser = options(__doc__)
    parser.add_argument("--defaults", action="store_true", help="the package's default settings, not those for radar")
    arguments = parser.parse_args()
    settings = MonitorSettings() if arguments.defaults else RADAR
    count, seeds = (1, 8) if arguments.quick else (50, PEER_SEEDS)
    levels = np.array(spread(calibrated, range(PEER_SEED, PEER_SEED + seeds), arguments.workers))
    thresholds = tuple((peer.threshold(one[:, 0], FALSE), float(one[:, 1].mean())) for one in levels.transpose(1, 0, 2))
    items = [(FIRST_SEED + i, jitter, thresholds, settings) for jitter in CASES.values() for i in range(count)]
    runs = spread(run, items, arguments.workers)
    figures = []
    for method in METHODS:
        for i, case in enumerate(CASES):
            figures += judged(f"{method}, {case}", [one[method] for one in runs[i * count : (i + 1) * count]])
    print("Simulated sites; not real imagery. Last row: a real pixel in a simulated ring.\n")
    show("radar", figures + real_figures(1 if arguments.quick else 10, settings))


if __name__ == "__main__":
    main()
