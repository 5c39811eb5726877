"""What a comparison of two images becomes in the ledger: a look, and what it counted and measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sitewatch.look.structures import Comparison, Stage, StructureChange
from sitewatch.look.structures.inside import Fenced, FencedRegion, area, count
from sitewatch.look.structures.modelled import Modelled
from sitewatch.look.structures.razed import Razed
from sitewatch.records import Crop, Look, Observation, PartSeen, Pass, Probability, Range, Result, Site, When
from sitewatch.tell.wording import plural
from sitewatch.verbs.structure_words import UNIT, come_so_far, named

STRUCTURES = "structures"
"""What the look is for."""
GROUND = "ground compared for structures"
_WHOLE, _LITTLE = 0.95, 0.3
"""Share of the fence that must be compared for a look that saw nothing, and below which it says nothing at all."""
_METHOD = (
    "Sitewatch's comparison of straight edges, by the same rule in both orders of time; see docs/methods/structures.md"
)
_COUNTED = (
    "regions told wholly inside the fence, with their middle inside it, and touching it; what was missed is left out"
)
_EDGES = "inside the fence, with the edges of the regions moved inwards and outwards by one working pixel"
_MEANT = (
    "A region told is no building yet: structures that touch are one region, and a street, a car park, a "
    "yard between fences or a pond with straight banks is told too"
)


@dataclass(frozen=True)
class Compared:
    """All that was found out of a pair."""

    site: Site
    before: Pass
    after: Pass
    by: str
    comparison: Comparison
    fenced: Fenced
    razed: Razed
    structures: dict[str, tuple[PartSeen, ...]]
    """Parts by structure, in the order in which they were drawn."""
    modelled: Modelled | None = None
    model: str = ""
    """The learnt model's file, hash and licence."""
    crops: dict[str, tuple[Crop, ...]] = field(default_factory=dict)
    """By what they show."""

    @property
    def available_at(self) -> datetime | None:
        """When both images could be known."""
        known = self.before.available_at, self.after.available_at
        return max(moment for moment in known if moment) if all(known) else None


def span(passed: Pass) -> When:
    """When an image was taken."""
    return When(earliest=passed.acquired, latest=passed.acquired_until or passed.acquired)


def look_of(found: Compared) -> Look:
    """The look at the later image, asked what it shows against the earlier one."""
    result, reason = _result(found.fenced)
    able = result in (Result.SEEN, Result.NOT_SEEN)
    return Look(
        available_at=found.available_at,
        site=found.site.slug,
        observable=STRUCTURES,
        result=result,
        when=span(found.after),
        by="monitor",
        pass_id=found.after.id,
        image=found.before.id[:12],
        provider=found.after.provider,
        publisher=found.by,
        resolution_m=float(f"{found.after.grid.transform[0]:.3g}"),
        p_detect=_power(found.razed) if able else None,
        reason=reason,
        note=f"compared with the image of {found.before.provider} of {span(found.before)}; no analyst has confirmed it",
    )


def _result(told: Fenced) -> tuple[Result, str]:
    changes = (told.of(StructureChange.NEW), "new"), (told.of(StructureChange.REMOVED), "removed")
    counts = [f"{sum(one.counted for one in regions)} {word}" for regions, word in changes]
    said = f"{' and '.join(counts)} inside the fence, of which {100 * told.seen:.0f} % was seen on both days"
    if any(one.counted for one in told.regions):
        return Result.SEEN, said
    if told.seen < _LITTLE:
        return Result.NOT_ASSESSABLE, said
    return (Result.NOT_SEEN if told.seen >= _WHOLE else Result.OBSCURED), said


def _power(razed: Razed) -> Probability | None:
    """Share of the planted demolitions that were told, with its 90 % interval."""
    if razed.power is None:
        return None
    one, (low, high) = razed.power, razed.power.interval
    origin = f"simulated: {_planted(razed)}; 90 % interval, too narrow where one structure is razed several times"
    return Probability(lo=low, best=min(max(one.told / one.planted, low), high), hi=high, origin=origin)


def _planted(razed: Razed) -> str:
    assert razed.power is not None  # noqa: S101  asked only where there is one
    low, high = (f"{edge:,.0f}" for edge in razed.power.area_m2)
    size = f"{low} m2" if low == high else f"{low} to {high} m2"
    structures = plural(razed.structures, "structure")
    shares = f"{razed.power.told} of {razed.power.planted} planted demolitions"
    return f"{shares} of {structures} of this pair, {size}, were told"


def observations(found: Compared, look: str) -> list[Observation]:
    """Everything counted and measured in a pair, resting on the look of one id."""
    told = [_ground(found, look)]
    for change in StructureChange:
        told += _counts(found, look, change, found.fenced.of(change), _METHOD, "")
        if found.modelled:
            regions = found.modelled.told.of(change)
            told += _counts(found, look, change, regions, f"{found.model}, run in both orders of time", " by the model")
    return told + [_structure(found, look, name, parts) for name, parts in found.structures.items()]


def _observed(found: Compared, look: str, what: str, value: Range, unit: str, **more: object) -> Observation:
    base = {
        "available_at": found.available_at,
        "site": found.site.slug,
        "when": When(earliest=span(found.before).earliest, latest=span(found.after).latest),
        "method": _METHOD,
        "crops": found.crops.get(what, ()),
    }
    return Observation.model_validate(base | {"what": what, "value": value, "unit": unit, "looks": (look,)} | more)


def _ground(found: Compared, look: str) -> Observation:
    laid, told = found.comparison.registration, found.fenced
    low, best, high = told.ground_m2
    value = Range(lo=low, best=best, hi=high, origin="without and with the pixels on the fence's edge")
    says = (
        f"{100 * told.seen:.0f} % of the fence was seen on both days",
        f"the images were laid together with a residual of {laid.residual_px:.2f} px ({laid.residual_m:.2f} m): "
        f"{laid.agreeing} of {laid.tried} patches agree",
        f"{plural(told.outside, 'region')} told outside the fence and not counted",
    )
    return _observed(found, look, GROUND, value, "m2 inside the fence", says=says, note=_bear_in_mind(found))


def _bear_in_mind(found: Compared) -> str:
    razed = found.razed
    power = f"Simulated: {_planted(razed)} as removed" if razed.power else "How much is missed was not measured here"
    unseen = "" if found.fenced.seen >= _WHOLE else " Nothing is told of what was not seen on both days."
    return f"{power}{f' ({razed.reason})' if razed.reason else ''}. {_MEANT}.{unseen}"


def _counts(
    found: Compared, look: str, change: StructureChange, regions: Sequence[FencedRegion], method: str, whose: str
) -> list[Observation]:
    """How many structures are new or gone, and how much ground that is."""
    what = f"{change.value} structures{whose}"
    low, best, high = count(regions)
    number = Range(lo=low, best=best, hi=high, origin=_COUNTED)
    notes = _bear_in_mind(found) if not whose else _of_model(found)
    says = tuple(_region(one) for one in regions)
    told = [
        _observed(found, look, what, number, "regions" if best != 1 else "region", method=method, says=says, note=notes)
    ]
    if regions:
        low, best, high = area(regions)
        ground = Range(lo=low, best=best, hi=high, origin=_EDGES)
        told.append(_observed(found, look, f"ground of {what}", ground, "m2", method=method, note=notes))
    return told


def _region(one: FencedRegion) -> str:
    low, best, high = one.area_m2
    east, north = one.centre
    where = "" if one.within else ", partly outside the fence" if one.counted else ", mostly outside the fence"
    at = f"{abs(north):.5f}° {'N' if north >= 0 else 'S'}, {abs(east):.5f}° {'E' if east >= 0 else 'W'}"
    return f"{one.number}: {best:,.0f} m2 [{low:,.0f}, {high:,.0f}] at {at}{where}"


def _of_model(found: Compared) -> str:
    assert found.modelled is not None  # noqa: S101  asked only where there is one
    torn = f"{100 * found.modelled.contradicted:.0f} %"
    return (
        f"The model told {torn} of its changed ground as new and as removed at once; that ground is told as neither. "
        "How much it misses, or tells where nothing changed, is not known here."
    )


def _structure(found: Compared, look: str, name: str, parts: tuple[PartSeen, ...]) -> Observation:
    value, says = come_so_far(parts)
    note = (
        f"Stage {Stage.RAZED} is reached when nothing stands above the foundations. What was not confirmed counts as "
        f"standing. {_bear_in_mind(found)}"
    )
    return _observed(
        found, look, named(name), value, UNIT, says=says, parts=parts, note=note, when=span(found.after)
    )  # fmt: skip
