"""What faults of the feed and of the weather do to the monitor: alarms with and without them, and faults reported.

Usage: python bench/faults.py [--quick] [--workers N]
Each site is watched once as it is and once with each fault put into its watched years, so that every comparison is
paired: 'sites with more' had more alarms with the fault than without it. Two grounds: 50 simulated sites (48 x 48 px,
three bands, seeds from 10,000 up; simulations) and 50 fences of 12 x 12 px on real ground that did not change, each
in a tile of 48 x 48 px of the Romanian scene (four bands; real images, but the faults in them are put in, and the
fences overlap). Lasting faults begin 212 days after the first watched day. An alarm counts whether it was withdrawn
later or not. 'reported': a FeedFault that blames the values (or the place, for shifts) begins within 60 days; 'by its
name': it is also of the very kind. Intervals are 90 % (Jeffreys).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from figures import Figure, rate, share, show
from sites import Floats, Site, alarms, options, real, simulated, spread, stable_fences
from sitewatch.look import monitor

FIRST_SEED = 10_000
BEGINS = timedelta(days=212)
NEAR = timedelta(days=60)
"""A fault that is reported should begin this near to its true begin."""
SNOW = {"blue": 0.75, "green": 0.75, "red": 0.72, "nir": 0.65, "swir16": 0.10}
"""Reflectance of a fresh snow cover."""
Passes = NDArray[np.intp]


@dataclass(frozen=True)
class Fault:
    """One fault that is put into a site."""

    inject: Callable[[Site, np.random.Generator], tuple[Floats, Passes]]
    """Gives the faulty values (time, band, y, x) and the passes that are faulty."""
    kinds: tuple[str, ...] = ()
    """The kinds of FeedFault that would be right, the best first; none where it is weather and no fault of the feed."""


def lasting(change: Callable[[Floats, np.random.Generator], Floats]) -> Callable[..., tuple[Floats, Passes]]:
    """A fault of every pass from some day on."""

    def inject(site: Site, rng: np.random.Generator) -> tuple[Floats, Passes]:
        faulty = np.flatnonzero([day >= site.start + BEGINS for day in site.days])
        values = site.cube.values.copy()
        values[faulty] = change(values[faulty], rng)
        return values, faulty

    return inject


def moved(values: Floats, rng: np.random.Generator) -> Floats:
    """Passes (time, band, y, x) displaced by one whole pixel along y or x; what comes from beyond the edge is NaN."""
    axis, by = int(rng.integers(2, 4)), int(rng.choice([-1, 1]))
    out = np.roll(values, by, axis)
    edge = [slice(None)] * 4
    edge[axis] = slice(0, 1) if by > 0 else slice(-1, None)
    out[tuple(edge)] = np.nan
    return out


def other_sensor(values: Floats, rng: np.random.Generator) -> Floats:
    """Passes of a sensor with other bands: a gain of 1 +/- .06 and an offset of +/- .015 for each band."""
    shape = (1, values.shape[1], 1, 1)
    return np.asarray(values * rng.uniform(0.94, 1.06, shape) + rng.uniform(-0.015, 0.015, shape))


def single_passes(site: Site, rng: np.random.Generator) -> Passes:
    """Every fifth or sixth watched pass that saw half of the fence, so that most looks in any row of them are sound."""
    clear = np.isfinite(site.cube.values).all(1)[:, site.inside].mean(1) > 0.5
    watched = np.flatnonzero(clear & [day >= site.start for day in site.days])
    places = np.cumsum(rng.integers(5, 7, len(watched) // 5))
    return np.asarray(watched[places[places < len(watched)]])


def moved_singly(site: Site, rng: np.random.Generator) -> tuple[Floats, Passes]:
    """Single passes displaced by a pixel."""
    values, faulty = site.cube.values.copy(), single_passes(site, rng)
    for index in faulty:
        values[index : index + 1] = moved(values[index : index + 1], rng)
    return values, faulty


def clouds(site: Site, rng: np.random.Generator) -> tuple[Floats, Passes]:
    """Single passes with a bright cloud over the fence and around it that no mask knows of."""
    values, faulty = site.cube.values.copy(), single_passes(site, rng)
    rows, columns = np.nonzero(site.inside)
    y, x = np.mgrid[: site.inside.shape[0], : site.inside.shape[1]]
    for index in faulty:
        middle = rows.mean() + rng.normal(0, 4), columns.mean() + rng.normal(0, 4)
        distance = np.hypot(y - middle[0], x - middle[1]) / rng.uniform(6, 14)
        cover = np.exp(-(distance**4)) * rng.uniform(0.5, 1)
        values[index] += (cover * (rng.uniform(0.3, 0.6) - values[index])).astype(np.float32)
    return values, faulty


def snow(site: Site, rng: np.random.Generator) -> tuple[Floats, Passes]:
    """The first watched winter: four of five passes from mid November to mid March lie under patchy snow, unmasked."""
    values, bright = site.cube.values.copy(), np.array([SNOW[band] for band in site.cube.band.values])
    begin = date(site.start.year, 11, 15)
    winter = np.flatnonzero([begin <= day < begin + timedelta(days=120) for day in site.days])
    faulty = winter[rng.random(len(winter)) < 0.8]
    for index in faulty:
        patches = gaussian_filter(rng.normal(size=site.inside.shape), 5)
        bare = patches < np.quantile(patches, rng.uniform(0.05, 0.4))
        cover = np.where(bare, 0, rng.uniform(0.5, 0.95))
        values[index] += (cover * (bright[:, None, None] - values[index])).astype(np.float32)
    return values, faulty


FAULTS = {
    "+0.1 step": Fault(lasting(lambda values, rng: values + 0.1), ("offset", "sensor")),
    "-0.1 step": Fault(lasting(lambda values, rng: values - 0.1), ("offset", "sensor")),
    "gain 1.1": Fault(lasting(lambda values, rng: values * 1.1), ("sensor", "offset")),
    "1 px shift from a day on": Fault(lasting(moved), ("geometry",)),
    "1 px shift on single passes": Fault(moved_singly, ("geometry",)),
    "missed cloud on single passes": Fault(clouds),
    "snow year": Fault(snow),
    "other sensor from a day on": Fault(lasting(other_sensor), ("sensor", "offset")),
}


@dataclass(frozen=True)
class Outcome:
    """What one watch made of one site."""

    alarms: int
    kinds: frozenset[str]
    """Kinds of the FeedFaults near the fault's begin."""
    reported: int
    """FeedFaults of any kind in the watched years."""
    years: float


def outcome(site: Site, faulty: Passes) -> Outcome:
    """Watch a site into which a fault was put on some passes."""
    watch = monitor(site.cube, site.inside, site.start)
    told = [fault for fault in watch.faults if watch.days[fault.first] >= site.start]
    begins = [watch.days[i] for i in faulty[np.diff(faulty, prepend=-2) > 1]]
    near = frozenset(f.kind for f in told if any(abs(watch.days[f.first] - day) <= NEAR for day in begins))
    return Outcome(alarms(watch, site.start), near, len(told), site.years)


def place(ground: str, number: int) -> Site:
    """One site of a ground."""
    if ground == "simulated":
        return simulated(FIRST_SEED + number)
    return real(stable_fences(2)[2 * number], date(2019, 1, 1), side=48)


def run(item: tuple[str, int]) -> list[Outcome]:
    """One site as it is, then with each fault."""
    ground, number = item
    site = place(ground, number)
    outcomes = [outcome(site, np.arange(0))]
    for order, fault in enumerate(FAULTS.values()):
        values, faulty = fault.inject(site, np.random.default_rng((FIRST_SEED + number, order)))
        faulty_site = replace(site, cube=site.cube.copy(data=values.astype(np.float32)))
        outcomes.append(outcome(faulty_site, faulty))
    return outcomes


def judged(ground: str, runs: list[list[Outcome]]) -> list[Figure]:
    """The figures of one ground."""
    plain = [row[0] for row in runs]
    figures = []
    for name, column in zip(["no fault", *FAULTS], zip(*runs, strict=True), strict=True):
        case = f"{ground}, {name}"
        years, kinds = sum(o.years for o in column), FAULTS[name].kinds if name in FAULTS else ()
        meant = len(column) if kinds else 0
        figures += [
            Figure(case, "sites", len(column), "sites"),
            Figure(case, "alarms", sum(o.alarms for o in column), "alarms"),
            rate(case, "alarms a site-year", sum(o.alarms for o in column), years),
            Figure(case, "sites with more", sum(
                o.alarms > p.alarms for o, p in zip(column, plain, strict=True)), "sites"),
            Figure(case, "sites with fewer", sum(
                o.alarms < p.alarms for o, p in zip(column, plain, strict=True)), "sites"),
            share(case, "reported", sum(bool(o.kinds & set(kinds)) for o in column), meant),
            share(case, "by its name", sum(kinds[0] in o.kinds for o in column) if kinds else 0, meant),
            Figure(case, "feed faults a site", sum(o.reported for o in column) / len(column), "faults"),
        ]  # fmt: skip
    return figures


def main() -> None:
    """Measure, and print."""
    arguments = options(__doc__).parse_args()
    count = 1 if arguments.quick else 50
    grounds = ("simulated", "real")
    runs = spread(run, [(ground, number) for ground in grounds for number in range(count)], arguments.workers)
    print("Simulated sites and real ground; the faults are put in. 'reported': only where the feed is at fault.\n")
    show("faults", [f for i, ground in enumerate(grounds) for f in judged(ground, runs[i * count : (i + 1) * count])])


if __name__ == "__main__":
    main()
