"""What the passes of a road come to: a count with its picture, and a rate against the road's own past."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sitewatch.look.traffic import RoadLook, RoadWatch
from sitewatch.look.traffic.followed import PLANTED, RECENT, counted
from sitewatch.records import Artifact, Crop, Observation, Range, Site, When
from sitewatch.tell.roads import Vehicle, road_pieces
from sitewatch.tell.wording import day, joined, moment, plural

if TYPE_CHECKING:
    from numpy.typing import NDArray

COUNTED = "vehicles seen moving on the road"
RATE = "traffic on the road against its own past"
_DAYS = RECENT.days
_FALSE = (
    "How often something else is taken for a vehicle was not measured on this road; on a valley road in Romania with "
    "next to no traffic it was on 0.05 [0.01, 0.13] of the passes"
)
_MISSED = (
    "A count is no number of vehicles: cars, dark vehicles, those below 40 km/h and traffic that stands are missed. It "
    "is for comparing passes of one road"
)


class RoadFile(NamedTuple):
    """The file of roads that a case names."""

    written: str
    """The path as the case writes it."""
    sha256: str
    licence: str | None
    attribution: str | None

    @property
    def terms(self) -> str:
        """The file with what must stand beside it."""
        terms = "; ".join(term for term in (self.attribution, self.licence) if term)
        return f"{self.written} ({terms})" if terms else self.written


class Pictures(NamedTuple):
    """Pieces of one pass, with their bytes."""

    crops: tuple[Crop, ...]
    artifacts: tuple[Artifact, ...]
    data: tuple[bytes, ...]


def pictures(
    site: Site, look: RoadLook, mask: NDArray[np.bool_], file: RoadFile, blob: Callable[[str], bytes]
) -> Pictures:
    """The road in the pass of a look that counted, with every vehicle that it tells, at one scale.

    Args:
        site: whose road it is.
        look: at a pass that saw enough of the road.
        mask: (y, x) on the pass's grid: the road.
        file: of the roads.
        blob: gives the bytes of a chip by its hash.
    """
    one, triplets = look.one, look.found.triplets if look.found else ()
    vehicles = [Vehicle(t.blue, t.green, t.red) for t in triplets]
    crops, artifacts, data = list[Crop](), list[Artifact](), list[bytes]()
    moving = f"{plural(len(triplets), 'vehicle')} seen moving" if triplets else "no vehicle seen moving"
    for piece in road_pieces(one, blob(one.chip), mask, vehicles, site.fence):
        artifact = Artifact(
            sha256=hashlib.sha256(piece.png).hexdigest(), size=len(piece.png), media_type="image/png",
            origin=f"a picture of pass {one.id[:12]}", licence=one.licence, attribution=one.attribution,
        )  # fmt: skip
        shown = [(n, triplets[n - 1]) for n in piece.shows]
        each = joined([f"{n} going {_way(t.bearing)} at {_speed(t.speed_kmh)}" for n, t in shown])
        here = f"; here {each}; rings: where blue, green and red saw it" if shown else ""
        unseen = "; hatched: not seen" if piece.hatched else ""
        caption = f"{moment(one.acquired)}: {moving}{here}; thin line: the road, from {file.terms}{unseen}"
        crops.append(Crop(picture=artifact.sha256, caption=caption, side_m=piece.side_m, at=piece.at))
        artifacts.append(artifact)
        data.append(piece.png)
    return Pictures(tuple(crops), tuple(artifacts), tuple(data))


def observations(
    site: Site, watch: RoadWatch, file: RoadFile, ids: Mapping[str, str], crops: tuple[Crop, ...]
) -> list[Observation]:
    """The count of the latest 60 days in which the road was seen, and its rate where that can be told.

    Args:
        site: whose road it is.
        watch: its passes; where none of them ever counted nothing is observed.
        file: of the roads.
        ids: of the look at each pass, by the pass's id.
        crops: of the clearest pass.
    """
    now, rate = counted(watch.now), watch.rate
    if not now or rate is None:
        return []
    counts = [look.count or 0 for look in now]
    known = [look.available_at for look in (*watch.past, *watch.now, *watch.since) if look.available_at]
    common = {
        "available_at": max(known),
        "site": site.slug,
        "when": When(earliest=now[0].one.acquired, latest=now[-1].one.acquired_until or now[-1].one.acquired),
        "method": f"Sitewatch's search for blue, green and red spots in a row along the road; roads: {file.terms}",
    }
    seen = Observation(
        **common,
        what=COUNTED,
        value=Range(
            lo=min(counts), best=float(np.median(counts)), hi=max(counts),
            origin=f"fewest, median and most in one pass, of {plural(len(counts), 'pass', 'passes')}",
        ),
        unit="vehicles a pass",
        looks=tuple(ids[look.one.id] for look in now),
        says=tuple(_counted(watch, now)),
        crops=crops,
        note=f"{_MISSED}. {_FALSE}.",
    )  # fmt: skip
    if rate.reason:
        return [seen]
    past = counted(watch.past)
    more = "above 0.99" if rate.more > 0.995 else "below 0.01" if rate.more < 0.005 else f"{rate.more:.2f}"
    against = Observation(
        **common,
        what=RATE,
        value=Range(
            lo=round(rate.low, 3), best=round(rate.best, 3), hi=round(rate.high, 3),
            origin="median and 90 % interval of the ratio of two rates, negative binomial counts",
        ),
        unit="times the rate of its past",
        looks=tuple(ids[look.one.id] for look in (*past, *now)),
        says=(
            f"{plural(len(now), 'pass', 'passes')} from {_span(now)} against {len(past)} from {_span(past)}, each by "
            f"the share of road that it saw; in the past {rate.past_rate:.2g} in a pass that sees all of it",
            f"Chance that there is more traffic than in the past: {more}; variance of the counts = mean + "
            f"{rate.clumping:.2g} mean²",
            *_hidden((*watch.past, *watch.now), "of all these days"),
        ),
        note="Season and day of the week are not taken out. What the search misses cancels only as long as it misses "
        "the same share.",
    )  # fmt: skip
    return [seen, against]


# --- Sentences


def _counted(watch: RoadWatch, now: Sequence[RoadLook]) -> Iterable[str]:
    """Pass by pass, with what power, and what could not be seen."""
    yield f"Pass by pass: {joined([_one(look) for look in now])}"
    yield from _hidden(watch.now, f"of these {_DAYS} days")
    if watch.since:
        hidden = plural(len(watch.since), "later pass", "later passes")
        yield f"{hidden} saw too little of the road, the last on {day(watch.since[-1].one.acquired)}"
    if share := watch.power.share:
        yield (
            f"Of simulated {PLANTED}, planted into {share.origin.partition(' planted into ')[2].partition(';')[0]}, "
            f"{share.best:.2f} [{share.lo:.2f}, {share.hi:.2f}] were found"
        )
    else:
        yield f"With what power a vehicle is seen here was not measured: {watch.power.reason}"
    if watch.rate and watch.rate.reason:
        yield f"No rate against the past is told: {watch.rate.reason}"


def _one(look: RoadLook) -> str:
    hidden = look.found.hidden if look.found else 0.0
    part = f" ({100 * hidden:.0f} % of the road hidden)" if hidden >= 0.05 else ""
    return f"{look.count} on {day(look.one.acquired)}{part}"


def _hidden(looks: Sequence[RoadLook], of: str) -> Iterable[str]:
    """How many passes could not count, in words; nothing where all could."""
    if missed := len(looks) - len(counted(looks)):
        yield f"{missed} of {len(looks)} passes {of} saw too little of the road, or could not be searched"


def _span(looks: Sequence[RoadLook]) -> str:
    first, last = (look.one.acquired for look in (looks[0], looks[-1]))
    return f"{day(first)} to {day(last)}" if first.date() != last.date() else day(first)


def _way(bearing: float) -> str:
    names = ("north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west")
    return names[round(bearing / 45) % 8]


def _speed(kmh: tuple[float, float, float]) -> str:
    """ "80 km/h [75, 90]"."""
    return f"{kmh[1]:.0f} km/h [{kmh[0]:.0f}, {kmh[2]:.0f}]"
