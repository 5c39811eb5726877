"""Do the monitor's own error rates hold in years that they were not measured on?

Usage: python bench/calibration.py [--only alarms|power] [--quick] [--workers N]

alarms: 210 fences on which nothing lasting happens. A watch is measured up to a day (`false_alarms`), goes on over
the later passes, and `expect(years)`, the 90 % interval for the number of alarms, is held against the alarms that
became possible from that day on. Grounds: 80 simulated sites with the simulator's fence of 24 x 24 px and 80 with one
of 12 x 12 px (watched from 2022, measured up to 2023-01-01, judged on 2023; simulations), and 50 fences of 12 x 12 px
of the real Romanian scene (watched from 2018, measured up to 2019-01-01, judged on 2019 and 2020), chosen as stable
ground by the truth; they overlap and share their weather, so that they are far fewer than 50 independent trials. Each
ground is judged with the default limit and again with a lower one (`LOOSE`), under which alarms are common enough for
an interval to fail. An interval of [0, 0] or [0, 1] holds easily where alarms are rare: the shares of both are
printed with the counts.

power: at simulated sites (simulations; fence of 24 x 24 px) a watch measured up to 2023-01-01 says `power` for a kind
of change. The bench plants at least 60 changes of that kind for itself into the passes of 2023, which the watch had
not seen: the difference is added to the cube, moved by each pass's own shift as the simulator drew it (the
simulator's way of changing ground but for its gain of 1 +/- .035 on the difference), at uniformly random places
inside the fence and on uniformly random days that leave 60 days of the year. Five that keep 4 px apart share a run;
the ring is never touched. k of n were found: 'holds k/n' is the share of sites whose interval holds k/n as it is;
'holds' allows for the binomial error of k/n (the 90 % interval of the difference of two shares by Newcombe, 1998,
with Wilson's interval for k/n, holds 0). All plants at a site see the same weather of 2023, whose luck the interval
has to cover too.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import xarray as xr
from scipy.ndimage import shift
from scipy.stats import norm

from figures import Figure, share, show
from sites import Bools, Floats, Site, alarms, days_of, found, options, real, simulated, spread, stable_fences
from sitewatch.look import MonitorSettings, Watch, monitor

FIRST_SEED = 20_000
MEASURED = {"simulated": date(2023, 1, 1), "real": date(2019, 1, 1)}
"""Up to which day a watch is measured."""
LOOSE = MonitorSettings(tail=1e-3)
"""A limit far below the default."""
WITHIN = 60
"""Days within which a plant should be found."""
TOGETHER = 5
"""Plants that share a run."""
APART = 4
"""Pixels between plants that share a run."""


@dataclass(frozen=True)
class Kind:
    """One kind of planted change."""

    name: str
    size: int
    """Side in pixels."""
    delta: dict[str, float]
    """Change of reflectance, by band."""


def built(name: str, size: int, much: float) -> Kind:
    """The simulator's change: brighter in red and short-wave infrared, darker in near infrared."""
    return Kind(name, size, {"red": much, "nir": -0.4 * much, "swir16": 1.2 * much})


KINDS = (built("2 x 2 px, .05", 2, 0.05), built("3 x 3 px, .05", 3, 0.05), built("3 x 3 px, .03", 3, 0.03))


@dataclass(frozen=True)
class Count:
    """What was expected at one fence, and what came."""

    measurable: bool
    low: int
    high: int
    came: int


def expected(item: tuple[str, int, MonitorSettings]) -> Count:
    """Measure one fence up to a day, and count its alarms from then on."""
    ground, number, settings = item
    name, _, fence = ground.partition(" ")
    if name == "real":
        site = real(stable_fences(2)[2 * number], date(2018, 1, 1))
    else:
        site = simulated(FIRST_SEED + number, fence=int(fence))
    until = MEASURED[name]
    past, later = parted(site, until)
    watch = monitor(past, site.inside, site.start, settings=settings)
    rate = watch.false_alarms
    if not rate.measurable:
        return Count(False, 0, 0, 0)
    low, high = rate.expect((site.days[-1] - until).days / 365.25)
    return Count(True, low, high, alarms(watch.update(later), until))


def counted(case: str, counts: Sequence[Count]) -> list[Figure]:
    """The figures of one ground."""
    known = [c for c in counts if c.measurable]
    held = sum(c.low <= c.came <= c.high for c in known)
    spans = [(c.low, c.high) for c in known]
    came = np.array([c.came for c in known])
    return [
        Figure(case, "fences", len(counts), "fences"),
        Figure(case, "measurable", len(known), "fences"),
        share(case, "holds", held, len(known)),
        Figure(case, "mean width", float(np.mean([high - low for low, high in spans])), "alarms"),
        Figure(case, "[0, 0]", spans.count((0, 0)) / len(known), "share"),
        Figure(case, "[0, 1]", spans.count((0, 1)) / len(known), "share"),
        Figure(case, "above it", sum(c.came > c.high for c in known) / len(known), "share"),
        *(Figure(case, f"{n} came", float((came == n).mean()), "share") for n in range(3)),
        Figure(case, "3 or more", float((came >= 3).mean()), "share"),
        Figure(case, "mean", float(came.mean()), "alarms"),
    ]


@dataclass(frozen=True)
class Trials:
    """What a watch said of its power for one kind of change at one site, and how independent plants fared."""

    said: float
    low: float
    high: float
    hits: int
    plants: int

    @property
    def plain(self) -> bool:
        """Does the interval hold the share that was found?"""
        return self.low <= self.hits / self.plants <= self.high

    @property
    def fair(self) -> bool:
        """Does the difference from the share found hold 0, its binomial error allowed for? (Newcombe, 1998)"""
        seen = self.hits / self.plants
        low, high = wilson(self.hits, self.plants)
        least = self.said - seen - np.hypot(self.said - self.low, high - seen)
        most = self.said - seen + np.hypot(self.high - self.said, seen - low)
        return bool(least <= 0 <= most)


def wilson(hits: int, trials: int) -> tuple[float, float]:
    """The 90 % interval of a share (Wilson, 1927)."""
    z = float(norm.ppf(0.95))
    middle, half = hits + z * z / 2, z * np.sqrt(hits * (trials - hits) / trials + z * z / 4)
    return float((middle - half) / (trials + z * z)), float((middle + half) / (trials + z * z))


def tried(item: tuple[int, int]) -> list[Trials]:
    """What a watch says of its power at one site, and at least so many plants of every kind there."""
    number, least = item
    site, until = simulated(FIRST_SEED + 5000 + number), MEASURED["simulated"]
    past, later = parted(site, until)
    watch = monitor(past, site.inside, site.start)
    moves = site.moves[len(past.time) :]
    rng = np.random.default_rng((FIRST_SEED, number))
    out = []
    for kind in KINDS:
        power = watch.power(kind.size, kind.delta, WITHIN)
        hits: list[bool] = []
        while len(hits) < least:
            hits += planted(watch, later, moves, kind, rng)
        out.append(Trials(power.probability, power.low, power.high, sum(hits), len(hits)))
    return out


def planted(watch: Watch, later: xr.DataArray, moves: Floats, kind: Kind, rng: np.random.Generator) -> list[bool]:
    """Plant some changes of a kind into passes that a watch has not seen: which were found in time?

    Args:
        watch: up to the first of these passes; it is left as it is.
        later: (time, band, y, x), the passes.
        moves: (time, 2), by how many pixels (y, x) the simulator moved each of them.
        kind: what to plant.
        rng: draws the places and the days.
    """
    places, passes = drawn_places(watch.inside, kind.size, rng), days_of(later)
    latest = (passes[-1] - passes[0]).days - WITHIN
    days = [passes[0] + timedelta(days=int(d)) for d in rng.integers(0, latest + 1, len(places))]
    delta = np.array([kind.delta[band] for band in later.band.values], np.float32)[:, None, None]
    values = later.values.copy()
    for image, day, move in zip(values, passes, moves, strict=True):
        changed = [place for place, since in zip(places, days, strict=True) if since <= day]
        if changed:
            image += delta * shift(np.any(changed, axis=0).astype(np.float32), move, order=1, mode="nearest")
    watch = deepcopy(watch).update(later.copy(data=values))
    seen = [found(watch, place, day) for place, day in zip(places, days, strict=True)]
    return [when is not None and (when - day).days <= WITHIN for when, day in zip(seen, days, strict=True)]


def drawn_places(inside: Bools, size: int, rng: np.random.Generator) -> list[Bools]:
    """Up to TOGETHER squares (y, x) of some side, drawn uniformly inside a square fence, APART px from each other."""
    rows, columns = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
    taken: list[tuple[int, int]] = []
    for _ in range(10 * TOGETHER):
        y, x = (int(rng.integers(line[0], line[-1] + 2 - size)) for line in (rows, columns))
        if len(taken) < TOGETHER and all(max(abs(y - b), abs(x - a)) >= size + APART for b, a in taken):
            taken.append((y, x))
    places = np.zeros((len(taken), *inside.shape), bool)
    for place, (y, x) in zip(places, taken, strict=True):
        place[y : y + size, x : x + size] = True
    return list(places)


def powers(case: str, trials: Sequence[Trials]) -> list[Figure]:
    """The figures of one kind of change."""
    widths = [t.high - t.low for t in trials]
    return [
        Figure(case, "sites", len(trials), "sites"),
        Figure(case, "plants a site", float(np.mean([t.plants for t in trials])), "plants"),
        Figure(case, "said", float(np.mean([t.said for t in trials])), "probability"),
        Figure(case, "found", float(np.mean([t.hits / t.plants for t in trials])), "probability"),
        share(case, "holds", sum(t.fair for t in trials), len(trials)),
        share(case, "holds k/n", sum(t.plain for t in trials), len(trials)),
        Figure(case, "k/n below it", float(np.mean([t.hits / t.plants < t.low for t in trials])), "share"),
        Figure(case, "k/n above it", float(np.mean([t.hits / t.plants > t.high for t in trials])), "share"),
        Figure(case, "mean width", float(np.mean(widths)), "probability"),
        Figure(case, "wider than .3", float(np.mean([w > 0.3 for w in widths])), "share"),
    ]


def parted(site: Site, day: date) -> tuple[xr.DataArray, xr.DataArray]:
    """The passes of a site before a day, and those from it on."""
    count = sum(d < day for d in site.days)
    return site.cube[:count], site.cube[count:]


def measure_alarms(quick: bool, workers: int) -> list[Figure]:
    """Every ground, and all of them together, under both limits."""
    grounds = {"simulated 24": 80, "simulated 12": 80, "real 12": 50}
    limits = {"": MonitorSettings(), ", low limit": LOOSE}
    items = [
        (ground, number, settings)
        for settings in limits.values()
        for ground, sites in grounds.items()
        for number in range(1 if quick else sites)
    ]
    counts = dict(zip(items, spread(expected, items, workers), strict=True))
    figures = []
    for name, settings in limits.items():
        for ground in (*grounds, ""):
            chosen = [c for (g, _, s), c in counts.items() if s == settings and g.startswith(ground)]
            figures += counted((f"{ground} px" if ground else "all") + name, chosen)
    return figures


def measure_power(quick: bool, workers: int) -> list[Figure]:
    """Every kind of change, and all of them together."""
    sites, least = (1, 5) if quick else (60, 60)
    rows = spread(tried, [(number, least) for number in range(sites)], workers)
    figures = [f for i, kind in enumerate(KINDS) for f in powers(kind.name, [row[i] for row in rows])]
    return figures + powers("all", [trials for row in rows for trials in row])


def main() -> None:
    """Measure, and print."""
    parser = options(__doc__)
    parser.add_argument("--only", choices=["alarms", "power"], help="one of the two measurements")
    arguments = parser.parse_args()
    for name, measure in (("alarms", measure_alarms), ("power", measure_power)):
        if arguments.only in (None, name):
            print(f"{name}: simulated sites" + (" and real ground\n" if name == "alarms" else "\n"))
            show(f"calibration {name}", measure(arguments.quick, arguments.workers))


if __name__ == "__main__":
    main()
