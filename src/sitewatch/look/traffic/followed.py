"""A site's road pass by pass: what moved on it, with what power that is seen, and how much it is by its own past."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta

from sitewatch.errors import InputError
from sitewatch.look.chips import Reading, read_chip
from sitewatch.look.overflights import known, overflights
from sitewatch.look.products import SCL
from sitewatch.look.sensors.optical import screen
from sitewatch.look.traffic.compared import compared
from sitewatch.look.traffic.mask import Floats, Road
from sitewatch.look.traffic.planted import LENGTH_M, power
from sitewatch.look.traffic.rate import PassCount, RelativeRate
from sitewatch.look.traffic.settings import COLOURS
from sitewatch.look.traffic.triplets import DEFAULT, RoadPass, find_triplets
from sitewatch.records import Pass, Probability, Result

RECENT = timedelta(days=60)
"""The time that is compared with all before it."""
PLANTED_PASSES, PLANTED_EACH = 4, 15
"""Passes that vehicles are planted into, and how many into each."""
CLEAR = 0.9
"""Least share of the road that such a pass has seen."""
CONTRAST, SPEED_KMH = 1.0, 80.0
"""Of the planted vehicles."""
PLANTED = f"lorries of {LENGTH_M:g} m with contrast {CONTRAST:g} at {SPEED_KMH:g} km/h"


@dataclass(frozen=True, eq=False)
class RoadLook:
    """What one pass says of the road."""

    one: Pass
    found: RoadPass | None
    """None where the pass could not be searched."""
    result: Result
    reason: str
    available_at: datetime | None
    p_detect: Probability | None = None
    """Chance that one planted vehicle on the road is told; None where it was not measured by then."""

    @property
    def count(self) -> int | None:
        """Vehicles told in motion; None where too little of the road was seen."""
        return self.found.count if self.found else None


@dataclass(frozen=True)
class RoadPower:
    """How often vehicles were found that were planted into passes of this road (simulated)."""

    share: Probability | None
    reason: str
    """Why it was not measured; empty where it was."""
    available_at: datetime | None = None
    """When the last of the passes was public that they were planted into."""


@dataclass(frozen=True, eq=False)
class RoadWatch:
    """What all passes of a site say of its road."""

    looks: tuple[RoadLook, ...]
    """In order of time; passes that stand for one overflight a second time come last."""
    power: RoadPower
    now: tuple[RoadLook, ...]
    """The dated looks of the 60 days that end with the last one that counted; none where nothing was ever counted."""
    past: tuple[RoadLook, ...]
    """The dated looks before."""
    since: tuple[RoadLook, ...]
    """The dated looks after; none of them saw enough of the road."""
    rate: RelativeRate | None
    """Now against the past; None where nothing was ever counted."""

    @property
    def clearest(self) -> RoadLook:
        """Of the looks now that counted, the latest of those that saw most of the road."""
        return max(counted(self.now), key=lambda k: (round(1 - k.found.hidden, 2) if k.found else 0, k.one.acquired))


def counted(looks: Iterable[RoadLook]) -> list[RoadLook]:
    """Those that saw enough of the road."""
    return [look for look in looks if look.count is not None]


def follow_road(
    passes: Iterable[Pass],
    road: Road,
    blob: Callable[[str], bytes],
    *,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> RoadWatch:
    """Search every pass over a site for vehicles that move on its road.

    Each pass is screened by its scene classification and searched by itself (`find_triplets`). Vehicles are planted
    into the first clear passes, always the same ones, so that a new pass changes nothing of what was said of the old.

    Args:
        passes: of Sentinel-2 over one site, on the grid of the road, in any order; of an overflight that is listed
            twice one is used.
        road: on the site's grid.
        blob: gives the bytes of a chip by its hash.
        progress: called with the passes searched and all there are.
    """
    held = list(passes)
    chips = {one.id: read_chip(blob(one.chip)) for one in held}
    filled = {id: round(100 * float(np.isfinite(chip.values).all(0).mean())) for id, chip in chips.items()}
    ordered, doubles = overflights(held, filled)
    looks: list[RoadLook] = []
    for n, one in enumerate(ordered):
        progress(n, len(ordered))
        looks.append(_searched(one, chips[one.id], road))
    progress(len(ordered), len(ordered))
    measured = planted_power(looks, lambda one: _planes(chips[one.id]), road)
    looks = [_with_power(look, measured) for look in looks]
    again = [RoadLook(one, None, Result.NOT_ASSESSABLE, reason, known([one, used])[1]) for one, used, reason in doubles]
    past, now, since = _parted([look for look in looks if look.available_at])
    rate = compared(_counts(past), _counts(now), int(road.mask.sum())) if now else None
    return RoadWatch((*looks, *again), measured, now, past, since, rate)


def planted_power(looks: Sequence[RoadLook], planes: Callable[[Pass], Floats], road: Road) -> RoadPower:
    """How often simulated vehicles are found on this road, in the first passes that saw nearly all of it.

    Args:
        looks: in order of time.
        planes: gives the screened blue, green and red of a pass, (band, y, x).
        road: on the same pixels.
    """
    clear = [k for k in looks if k.available_at and k.found and k.count is not None and 1 - k.found.hidden >= CLEAR]
    if len(clear) < PLANTED_PASSES:
        few = f"{len(clear)} passes saw at least {CLEAR:.0%} of the road; {PLANTED_PASSES} are needed to plant into"
        return RoadPower(None, few)
    each = [
        power(planes(look.one), road, CONTRAST, SPEED_KMH, plants=PLANTED_EACH, seed=n)
        for n, look in enumerate(clear[:PLANTED_PASSES])
    ]
    found, plants = sum(one.found for one in each), sum(one.plants for one in each)
    if plants < PLANTED_EACH * PLANTED_PASSES:
        return RoadPower(None, next(one.reason for one in each if not one.plants))
    low, high = beta.ppf((0.05, 0.95), found + 0.5, plants - found + 0.5)
    share = Probability(
        lo=round(float(low), 4) if found else 0.0,
        best=round(found / plants, 4),
        hi=round(float(high), 4) if found < plants else 1.0,
        origin=f"simulated: {plants} {PLANTED} planted into {PLANTED_PASSES} passes of this road; 90 % interval",
    )
    return RoadPower(share, "", known([look.one for look in clear[:PLANTED_PASSES]])[-1])


# --- One pass


def _searched(one: Pass, chip: Reading, road: Road) -> RoadLook:
    def blind(result: Result, reason: str, found: RoadPass | None = None) -> RoadLook:
        return RoadLook(one, found, result, reason, one.available_at)

    if lacking := [name for name in COLOURS if name not in chip.names]:
        return blind(Result.NOT_ASSESSABLE, f"the pass has no {', '.join(lacking)}; moving vehicles show in blue, "
                     "green and red together")  # fmt: skip
    if SCL not in chip.quality:
        return blind(Result.NOT_ASSESSABLE, f"the pass has no {SCL}, so that nothing tells cloud from road")
    try:
        found = find_triplets(_planes(chip), road)
    except InputError as wrong:
        return blind(Result.NOT_ASSESSABLE, str(wrong))
    if found.count is None:
        held = float(np.isfinite(_colours(chip))[:, road.mask].all(0).mean())
        bare = held < DEFAULT.least_seen
        return blind(
            Result.NOT_ASSESSABLE if bare else Result.OBSCURED,
            f"the pass holds data over {held:.0%} of the road" if bare else found.reason,
            found,
        )
    told = {0: "no vehicle", 1: "1 vehicle"}.get(found.count, f"{found.count} vehicles")
    reason = f"{told} seen moving; {1 - found.hidden:.0%} of the road was seen"
    return RoadLook(one, found, Result.SEEN if found.count else Result.NOT_SEEN, reason, one.available_at)


def _colours(chip: Reading) -> NDArray[np.float32]:
    return chip.values[[chip.names.index(name) for name in COLOURS]]


def _planes(chip: Reading) -> Floats:
    return screen(_colours(chip), chip.quality[SCL])


def _with_power(look: RoadLook, measured: RoadPower) -> RoadLook:
    """The look with the power that was measured by the time it was public, less for the road that it missed."""
    by_then = look.available_at and measured.available_at and measured.available_at <= look.available_at
    if look.found is None or look.count is None or measured.share is None or not by_then:
        return look
    seen, share = 1 - look.found.hidden, measured.share
    lo, best, hi = (round(seen * p, 4) for p in (share.lo, share.best, share.hi))
    origin = f"one vehicle on the road; {share.origin}, times the share of road that was seen"
    return RoadLook(
        look.one, look.found, look.result, look.reason, look.available_at,
        Probability(lo=lo, best=best, hi=hi, origin=origin),
    )  # fmt: skip


# --- Now and before


def _parted(looks: Sequence[RoadLook]) -> tuple[tuple[RoadLook, ...], tuple[RoadLook, ...], tuple[RoadLook, ...]]:
    """Looks before, within and after the 60 days that end with the last one that counted."""
    last = max((look.one.acquired.date() for look in counted(looks)), default=None)
    if last is None:
        return (), (), tuple(looks)
    parts: tuple[list[RoadLook], ...] = ([], [], [])
    for look in looks:
        day = look.one.acquired.date()
        parts[0 if day <= last - RECENT else 1 if day <= last else 2].append(look)
    return tuple(parts[0]), tuple(parts[1]), tuple(parts[2])


def _counts(looks: Iterable[RoadLook]) -> list[PassCount]:
    """The counts of the passes that were searched."""
    return [PassCount.of(look.one.acquired.date(), look.found) for look in looks if look.found]
