"""What is said of vehicles in an image: sizes and lengths, and how a length speaks between rival kinds."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from sitewatch.look.vehicles.lengths import Metres, size_word
from sitewatch.look.vehicles.settings import VehicleSettings
from sitewatch.tell.wording import factor, joined, plural
from sitewatch.weigh.kinds import kind_ratios

if TYPE_CHECKING:
    from sitewatch.case import VehicleKind
    from sitewatch.look.vehicles import Vehicle, Vehicles
    from sitewatch.weigh.kinds import KindRatios

CROPS = 12
"""Vehicles that are shown."""
MOST = 12
"""Lengths that are told one by one, the longest."""
_LONGEST = 3
_ALIKE = 1.05
"""Ratios from its inverse to this say nothing."""


def sentences(
    vehicles: Sequence[Vehicle], kinds: Sequence[VehicleKind], settings: VehicleSettings
) -> tuple[str, ...]:  # fmt: skip
    """One for each size, and the longest; large ones with the ratio between rival kinds where the case names them."""
    measured = [(one.said, one.length) for one in vehicles if one.length]
    told = [*_sizes((length for _, length in measured), settings)]
    if kinds:
        told += _weighed(large_ones(vehicles, settings), kinds)
    elif measured:
        longest = sorted(measured, key=lambda pair: -pair[1].value)[:_LONGEST]
        one = "longest box" if len(longest) == 1 else f"{len(longest)} longest boxes"
        told.append(f"The {one}: {'; '.join(said for said, _ in longest)}")
    return tuple(told)


def large_ones(vehicles: Sequence[Vehicle], settings: VehicleSettings) -> list[tuple[str, Metres]]:
    """What is said of each vehicle that is large by its length or by the interval of its length, and the length."""
    return [(one.said, one.length) for one in vehicles if one.length and "large" in size_word(one.length, settings)]


def to_show(vehicles: Sequence[Vehicle], settings: VehicleSettings) -> list[Vehicle]:
    """The longest of the large ones, in half of the pictures at most, then those with the highest scores."""
    large = [one for one in vehicles if one.length and "large" in size_word(one.length, settings)]
    first = sorted(large, key=lambda one: -one.length.value if one.length else 0.0)[: CROPS // 2]
    return [*first, *(one for one in vehicles if one not in first)][:CROPS]


def _sizes(lengths: Iterable[Metres], settings: VehicleSettings) -> Iterator[str]:
    bounds = {
        "small": f"under {settings.medium_m:g} m",
        "medium": f"{settings.medium_m:g} to {settings.large_m:g} m",
        "large": f"{settings.large_m:g} m or longer",
    }
    counts = Counter(size_word(length, settings) for length in lengths)
    for word in sorted(counts, key=lambda word: ([*bounds].index(word.split(" ")[0]), word)):
        bound = bounds.get(word, "the interval of the length holds both" if word.count(" or ") == 1 else "all of them")
        yield f"{word.capitalize()} vehicles ({bound}): {plural(counts[word], 'box', 'boxes')}"


def _weighed(large: Sequence[tuple[str, Metres]], kinds: Sequence[VehicleKind]) -> Iterator[str]:
    """A sentence for each length, with how much better each best kind expects it than its rivals do."""
    rivals = {kind.name: kind.length for kind in kinds}
    groups: defaultdict[str, list[Metres]] = defaultdict(list)
    for said, length in sorted(large, key=lambda pair: -pair[1].value):
        groups[said].append(length)
    for said, lengths in list(groups.items())[:MOST]:
        ratios = [kind_ratios(length.value, length.sd, rivals) for length in lengths]
        many = f" ({plural(len(lengths), 'box', 'boxes')})" if len(lengths) > 1 else ""
        yield f"{said.capitalize()}{many}: {_compared(ratios)}"
    if left := sum(len(lengths) for lengths in list(groups.values())[MOST:]):
        yield f"Of {plural(left, 'further large vehicle')}, all shorter, no ratio is told here"


def _compared(ratios: Sequence[KindRatios]) -> str:
    names, middle = ratios[0].names, ratios[len(ratios) // 2]
    if not any(any(one.fits) for one in ratios):
        return f"neither {joined(names, 'nor')} would have such a length; a rival explanation is missing"
    best = max(names, key=lambda name: middle.of(name, names[0]))
    against = []
    for rival in (name for name in names if name != best):
        values = [one.of(best, rival) for one in ratios]
        against.append(f"{_times(min(values), max(values))} of {rival}")
    return f"the length is expected of {best} {joined(against)}"


def _times(low: float, high: float) -> str:
    if low > 1 / _ALIKE and high < _ALIKE:
        return "about as much as"
    ends = dict.fromkeys((factor(low), factor(high)))
    return f"{' to '.join(ends)} times as much as"


def described(found: Vehicles, least_score: float) -> str:
    """The detector by name, version, hash and licence, and which of its boxes count."""
    card = found.detector
    version = "version not stated" if card.version == "not stated" else f"version {card.version}"
    author = "" if card.author == "not stated" else f" by {card.author}"
    licence = "licence not stated" if card.licence == "not stated" else f"licence {card.licence}"
    boxes = "oriented" if found.oriented else "upright"
    return (
        f"the analyst's detector {card.file}{author} ({version}, SHA-256 {card.sha256[:12]}, {licence}): {boxes} boxes "
        f"of {joined(found.classes)} scored {least_score:g} or more, one to a vehicle, centred inside the fence"
    )


def lengths_of(kinds: Sequence[VehicleKind]) -> str:
    """The lengths that the case gives its kinds, with their reasons."""
    told = [
        f"{kind.name} {kind.length.lo:g} to {kind.length.hi:g} m, usually {kind.length.best:g} ({kind.length.origin})"
        for kind in kinds
    ]
    return f"Lengths that the case gives: {'; '.join(told)}"
