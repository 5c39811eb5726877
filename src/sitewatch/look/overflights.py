"""What is one overflight, and when the public could know what rests on several: order among a site's passes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from sitewatch.look.items import UNKNOWN
from sitewatch.look.passes import SAME_PASS
from sitewatch.records import Pass

Available = Sequence[datetime | None]
"""For each pass in order, when the public could know all passes up to it; None where it never could."""

_NEVER = datetime.min.replace(tzinfo=UTC)


class Double(NamedTuple):
    """A pass that is left out since another one stands for it."""

    one: Pass
    used: Pass
    reason: str


def overflights(passes: Iterable[Pass], filled: Mapping[str, int]) -> tuple[list[Pass], list[Double]]:
    """One pass for each overflight, in order of time, and those that are left out.

    Two catalogues may list one overflight some seconds apart, and a product that was made again has a new id: passes of
    one platform within ten minutes of each other are one. Of these the fullest is used, then the one recorded last.

    Args:
        passes: of one site, in any order.
        filled: percent of the chip that holds data, by the pass's id.
    """
    used: list[Pass] = []
    doubles: list[Double] = []
    for one in sorted(passes, key=lambda p: (filled[p.id], p.recorded_at or _NEVER, p.id), reverse=True):
        same = next(((other, why) for other in used if (why := _same(one, other))), None)
        if same is None:
            used.append(one)
        else:
            doubles.append(Double(one, *same))
    return sorted(used, key=lambda p: p.acquired), sorted(doubles, key=lambda d: (d.one.acquired, d.one.id))


def _same(one: Pass, used: Pass) -> str | None:
    """Why a pass says nothing beside one that is used; None where it does."""
    other = f"{used.platform} of {used.acquired:%Y-%m-%d %H:%M:%S} from catalogue {used.catalogue}, which is used"
    names = {re.sub(r"[^a-z0-9]", "", p.platform.lower()) for p in (one, used)}  # "Sentinel-2A" is "sentinel-2a"
    if abs(one.acquired - used.acquired) <= SAME_PASS and (len(names) == 1 or UNKNOWN in names):
        return f"the same pass as {other}"
    if one.acquired == used.acquired:
        return f"listed for the same moment as {other}; passes of one moment have no order"
    return None


def known(passes: Iterable[Pass]) -> list[datetime | None]:
    """When the public could know each pass and all before it: what is said of a pass rests on its history too."""
    latest: list[datetime | None] = []
    for one in passes:
        before = latest[-1] if latest else one.available_at
        latest.append(max(before, one.available_at) if before and one.available_at else None)
    return latest
