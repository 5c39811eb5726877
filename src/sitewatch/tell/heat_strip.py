"""The strip of a site's hotspots: changes, the probability that the source was quiet, and detections, day by day.

Like the strip of passes it is drawn by the template as SVG in per cent of the width. The curves lie in a frame that
is stretched to it: one unit across for each day, a hundred from its foot to its top.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, timedelta

from sitewatch.records import When, day_start
from sitewatch.tell.cite import Json
from sitewatch.tell.strip import bar, mark, ticks

Row = tuple[date, int, float, float]
"""A day, its detections, expected clear half-days, and the probability of quiet."""


def heat_strip(heat: Json | None) -> Json | None:
    """The picture of a site's hotspots, from its entry in the brief; None where no day was counted."""
    if heat is None or not heat["days"]:
        return None
    rows: list[Row] = [(date.fromisoformat(day), *rest) for day, *rest in heat["days"]]
    ends = day_start(rows[0][0]), day_start(rows[-1][0] + timedelta(days=1))
    most = max(row[1] for row in rows)
    clearest = max(1, math.ceil(max(row[2] for row in rows)))
    return {
        "days": len(rows),
        "ticks": ticks((ends[0], ends[1] - timedelta(seconds=1))),
        "quiet": " ".join(f"{n + 0.5:g},{100 * (1 - row[3]):.2f}" for n, row in enumerate(rows)),
        "level": round(100 * (1 - heat["limit"]), 2),
        "limit": f"{heat['limit']:g}",
        "hits": _bars([row[1] / most if most else 0.0 for row in rows]),
        "most": most,
        "sky": _steps([row[2] / clearest for row in rows]),
        "clearest": clearest,
        "changes": [
            {
                **mark(day_start(date.fromisoformat(one["first_flagged"])) + timedelta(hours=12), ends, **_named(one)),
                "bar": bar(_onset(one), ends, **_named(one)),
                "text": one["text"].lower(),
            }
            for one in heat["changes"]
        ],
    }


def _named(change: Json) -> Json:
    return {"title": change["says"], "anchor": change["anchor"]}


def _onset(change: Json) -> When:
    return When.of(date.fromisoformat(change["onset_first"]), date.fromisoformat(change["onset_last"]))


def _bars(heights: Sequence[float]) -> str:
    """An outline of one bar for each day that has one; heights from 0 to 1."""
    return "".join(f"M{n + 0.1:g},100V{100 * (1 - h):.1f}h.8V100z" for n, h in enumerate(heights) if h)


def _steps(heights: Sequence[float]) -> str:
    """A closed outline under a step for each day."""
    return "M0,100" + "".join(f"V{100 * (1 - h):.1f}h1" for h in heights) + "V100z"
