"""Pictures of vehicles with their boxes, all of one observation at one scale."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patheffects import Normal, Stroke

from sitewatch.look.vehicles.boxes import Array
from sitewatch.look.vehicles.details import Detail

_DPI, _SIDE = 150, 2.0
"""Dots per inch, and the side of a picture, inches."""
_OWN, _OTHER = "#ffd21f", "#ffffff"
_CASING = [Stroke(linewidth=2.6, foreground="#000000", alpha=0.7), Normal()]
_BARS_M = (1, 2, 5, 10, 20)


def drawn(detail: Detail, number: int, side_m: float) -> bytes:
    """A detail as PNG: its own box in yellow with its number, others in white, and a bar of a round length.

    The same input gives the same bytes.

    Args:
        detail: a square of an image.
        number: of the vehicle within its observation.
        side_m: of the square, metres.
    """
    side = len(detail.colours)
    figure = Figure(figsize=(_SIDE, _SIDE), dpi=_DPI, facecolor="#14181d")
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.imshow(detail.colours, extent=(0, side, side, 0), interpolation="nearest", aspect="auto")
    axes.set_xlim(0, side)
    axes.set_ylim(side, 0)
    for box in detail.others:
        _outline(axes, box, _OTHER, 0.8)
    _outline(axes, detail.corners, _OWN, 1.4)
    axes.text(
        0.04, 0.95, str(number), transform=axes.transAxes, color=_OWN, fontsize=10, fontweight="bold", va="top",
        path_effects=_CASING,
    )  # fmt: skip
    _bar(axes, side_m)
    png = io.BytesIO()
    figure.savefig(png, format="png", metadata={"Software": None})
    return png.getvalue()


def _outline(axes: Axes, corners: Array, colour: str, width: float) -> None:
    x, y = np.concatenate([corners, corners[:1]]).T
    axes.plot(x, y, color=colour, linewidth=width, path_effects=_CASING)


def _bar(axes: Axes, side_m: float) -> None:
    length = max((bar for bar in _BARS_M if bar <= 0.45 * side_m), default=_BARS_M[0])
    span: Sequence[float] = (0.05, 0.05 + length / side_m)
    for width, colour in ((4.5, "#000000"), (2.0, "#ffffff")):
        axes.plot(span, (0.06, 0.06), transform=axes.transAxes, color=colour, linewidth=width, solid_capstyle="butt")
    axes.text(
        0.05, 0.085, f"{length} m", transform=axes.transAxes, color="#ffffff", fontsize=7, path_effects=_CASING
    )  # fmt: skip
