"""Coverage: how each site was covered by a day, what comes next, and how long ago it was last seen."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from sitewatch.look import cover
from sitewatch.records import Coverage, Look, Pass, Site, View, day_end

if TYPE_CHECKING:
    from sitewatch.verbs.bench import Bench


def covered(view: View, on: date | None) -> list[Coverage]:
    """How each site was covered by a day, in the order of the case; nothing where no day is known."""
    return [cover(site, view.of(Pass), view.of(Look), on) for site in view.of(Site)] if on else []


def coverage(bench: Bench, on: date | None = None) -> list[dict[str, Any]]:
    """The sites of a brief as of a day, today by the clock where none is given; nothing is recorded."""
    from sitewatch.tell.cite import Citations
    from sitewatch.tell.overhead import sites

    day = on or bench.clock().date()
    view = bench.ledger.view(day_end(day))
    told = sites(view, Citations(view), covered(view, day))
    return [{"slug": site["slug"], "name": site["name"], "coverage": site["coverage"]} for site in told]
