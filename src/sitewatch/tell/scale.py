"""Scales drawn beside numbers: a ratio on a logarithmic axis, an indicator's pull, a probability's range."""

from __future__ import annotations

import math

from sitewatch.tell.cite import Json

_ENDS = (0.7, 1.0, 2.0, 3.0, 4.0, 6.0, 9.0)
"""Half-widths that an axis may have, in powers of ten."""
_CLOSE = 10**0.3
"""3 dB: two hypotheses nearer than this are not told apart."""


def ratio_scale(ratio: Json) -> Json:
    """Where a ratio's values lie on a logarithmic axis with 1 in its middle, per cent from the left."""
    names = ("best", "lo", "hi", "corner_lo", "corner_hi", "naive")
    reach = max(abs(math.log10(ratio[name])) for name in names)
    half = next((end for end in _ENDS if reach <= 0.96 * end), math.ceil(reach) + 1.0)

    def place(value: float) -> float:
        return round(50 + 50 * math.log10(value) / half, 2)

    step = max(1, math.ceil(half / 3))
    powers = [10.0**s for s in range(-int(half), int(half) + 1) if s % step == 0]
    marks = powers if half >= 1 else [0.25, 0.5, 1.0, 2.0, 4.0]
    return {
        **{name: place(ratio[name]) for name in names},
        "close": [place(1 / _CLOSE), place(_CLOSE)],
        "ticks": [{"x": place(value), "text": _tick(value)} for value in marks],
    }


def pull(ratio: float) -> Json:
    """A bar from the middle of its cell: to the right for the leading hypothesis, to the left for its rival.

    The bar is full at a ratio of 10; its numbers are per cent of the cell's width.
    """
    length = round(min(50.0, 50 * abs(math.log10(ratio))), 1)
    return {"x": 50.0 if ratio >= 1 else round(50 - length, 1), "width": length}


def probability_bar(posterior: Json) -> Json:
    """A probability's range as a bar on 0 to 100 per cent."""
    lo, hi = 100 * posterior["lo"], 100 * posterior["hi"]
    return {"x": round(lo, 1), "width": round(max(hi - lo, 0.6), 1), "best": round(100 * posterior["best"], 1)}


def _tick(value: float) -> str:
    return f"{value:,.0f}" if value >= 1 else f"1/{1 / value:,.0f}"
