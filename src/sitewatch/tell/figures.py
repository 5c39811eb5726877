"""Before and after at one scale: plates that carry their own date, provider, licence, scale, north and outlines.

Two plates are two pictures, so that a narrow page can set them one under the other instead of shrinking both.
Drawn with matplotlib's Agg canvas on Figure objects alone: no global state, and the same input gives the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from textwrap import wrap

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patheffects import Normal, Stroke
from numpy.typing import NDArray
from pyproj import Geod, Transformer

from sitewatch.errors import InputError
from sitewatch.tell.chips import NARROWEST, NEAR_INFRARED, TRUE_COLOUR, ChipImage, shared_stretch
from sitewatch.tell.wording import craft, legible, taken

Ring = Sequence[tuple[float, float]]
"""Longitudes and latitudes, degrees."""
Box = tuple[float, float, float, float]
"""Left, right, bottom and top on the map."""

_DPI, _WIDTH, _STRIP = 150, 4.6, 0.76
"""Dots per inch; width of a plate and height of its caption strip, inches."""
_MAT, _INK, _SOFT = "#14181d", "#f2f4f6", "#aeb6bf"
_ALERT, _FENCE = "#ffd21f", "#ffffff"
_CASING = [Stroke(linewidth=3.0, foreground="#000000", alpha=0.75), Normal()]
_LENGTHS = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000)
_WGS84 = Geod(ellps="WGS84")


@dataclass(frozen=True)
class Plates:
    """One way of showing the pair."""

    kind: str
    """Such as "true colour" or "near infrared"."""
    legend: str
    """What the colours mean."""
    before: bytes
    """PNG."""
    after: bytes
    """PNG."""
    hatched: bool
    """Whether either shows pixels that the monitor did not see."""


def before_after(
    before: ChipImage, after: ChipImage, *, outline: Sequence[Ring], fence: Ring, number: int
) -> list[Plates]:
    """The pair in true colour and near infrared where the chips have it, else in grey; both dates under one stretch.

    Args:
        before: the last clear look without the change.
        after: the look that shows it best.
        outline: closed rings of the alert.
        fence: closed ring of the site's fence; may be empty.
        number: the alert's number, drawn beside its outline.

    Raises:
        InputError: the two chips are on different map projections, so they cannot be shown at one scale.
    """
    if before.crs != after.crs:
        raise InputError(
            f"the passes {before.passed.id} and {after.passed.id} are on different grids ({before.crs}, {after.crs}); "
            "load both onto the site's own grid"
        )
    box = _frame(before, [*outline, fence] if fence else list(outline))
    plates = []
    shared = set(before.bands) & set(after.bands)
    first = [_grey(band) for band in before.bands if band in shared][:1]
    for kind, bands, legend, narrowest in [kind for kind in _KINDS if set(kind[1]) <= shared] or first:
        cropped = [_cropped(chip, bands, box) for chip in (before, after)]
        if legend.endswith(_CENTRED):
            cropped = [_centred(picture) for picture in cropped]
        pictures = shared_stretch(*cropped, narrowest=narrowest)
        drawn = [
            plate(chip, picture, box, fence, word, outline=outline, number=number)
            for chip, picture, word in zip((before, after), pictures, ("before", "after"), strict=True)
        ]
        hatched = any(bool(chip.unseen[_window(chip, box)].any()) for chip in (before, after))
        plates.append(Plates(kind, legend, drawn[0], drawn[1], hatched))
    return plates


_CENTRED = "each picture about its own median"
"""What is said of pictures that weather and season shift as a whole."""
_KINDS = (
    ("true colour", TRUE_COLOUR, "as the eye would see it", NARROWEST),
    ("near infrared", NEAR_INFRARED, "with plants that grow shown in red and bare ground in grey to cyan", NARROWEST),
    ("heat", ("lwir11",) * 3, f"in grey, brighter where it is warmer, {_CENTRED}", 2.0),
    ("radar, VV", ("vv",) * 3, f"in grey of decibels, brighter where the ground sends more back, {_CENTRED}", 3.0),
    (
        "radar, VH",
        ("vh",) * 3,
        f"in grey of decibels, brighter where plants and rough ground send more back, {_CENTRED}",
        3.0,
    ),
)
"""Ways of showing a pair: name, bands, what the colours mean, and the least width of the stretch."""


def _grey(band: str) -> tuple[str, tuple[str, str, str], str, float]:
    """One band, where none of the usual ways fits."""
    return f"band {band}", (band,) * 3, "in grey, brighter where it is higher", NARROWEST


def _frame(chip: ChipImage, rings: Sequence[Ring]) -> Box:
    """What to show: the fence and the alert with half as much again around them, whole pixels, within the chip."""
    left, right, bottom, top = chip.extent
    points = [_projected(chip, ring) for ring in rings if len(ring)]
    if not points:
        return left, right, bottom, top
    every = np.concatenate(points, axis=1)
    pixel = abs(chip.transform[0])
    low, high = every.min(axis=1), every.max(axis=1)
    half = max(float((high - low).max()) * 0.75, 20 * pixel)
    centre = (low + high) / 2

    def snapped(value: float, edge: float) -> float:
        return edge + round((value - edge) / pixel) * pixel

    return (
        max(left, snapped(centre[0] - half, left)),
        min(right, snapped(centre[0] + half, left)),
        max(bottom, snapped(centre[1] - half, top)),
        min(top, snapped(centre[1] + half, top)),
    )


def _projected(chip: ChipImage, ring: Ring) -> NDArray[np.float64]:
    """A ring on the chip's map, (2, points)."""
    return on_map(chip.crs, ring)


def on_map(crs: str, ring: Ring) -> NDArray[np.float64]:
    """A ring on a map, (2, points)."""
    to_map = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    longitude, latitude = np.asarray(ring, dtype=float).T
    return np.stack(to_map.transform(longitude, latitude))


def _cropped(chip: ChipImage, bands: Sequence[str], box: Box) -> NDArray[np.float32]:
    rows, columns = _window(chip, box)
    return chip.colour(bands)[rows, columns]


def _centred(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    """A picture less its median; one without any data as it is."""
    held = picture[np.isfinite(picture)]
    return picture - np.float32(np.median(held)) if held.size else picture


def _window(chip: ChipImage, box: Box) -> tuple[slice, slice]:
    """Rows and columns of the box in one chip."""
    a, _, c, _, e, f = chip.transform
    columns = sorted((round((box[0] - c) / a), round((box[1] - c) / a)))
    rows = sorted((round((box[3] - f) / e), round((box[2] - f) / e)))
    return slice(max(rows[0], 0), rows[1]), slice(max(columns[0], 0), columns[1])


def plate(
    chip: ChipImage,
    picture: NDArray[np.float32],
    box: Box,
    fence: Ring,
    word: str,
    *,
    outline: Sequence[Ring] = (),
    number: int = 0,
    mark: Callable[[Axes], None] = lambda axes: None,
) -> bytes:
    """One picture with everything that belongs to it, as PNG.

    Args:
        chip: whose ground, day and licence it is.
        picture: what of the chip lies in `box`, (height, width, 3) from 0 to 1, NaN where nothing was recorded.
        box: what to show.
        fence: closed ring; may be empty.
        word: which of several pictures it is.
        outline, number: closed rings of an alert and its number.
        mark: draws what else is to be seen, in coordinates of the map.
    """
    high = _WIDTH * (box[3] - box[2]) / (box[1] - box[0])
    figure = Figure(figsize=(_WIDTH, high + _STRIP), dpi=_DPI, facecolor=_MAT)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, _STRIP / (high + _STRIP), 1, high / (high + _STRIP)))
    axes.set_axis_off()
    axes.imshow(_painted(chip, picture, box), extent=box, interpolation="nearest", aspect="auto")
    axes.set_xlim(box[0], box[1])
    axes.set_ylim(box[2], box[3])
    _rings(axes, chip, outline, fence, number)
    mark(axes)
    _scale_bar(axes, chip, box)
    _north(axes, chip, box)
    _caption(figure, chip, word)
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png", facecolor=_MAT, metadata={"Software": None})
    return drawn.getvalue()


def _painted(chip: ChipImage, picture: NDArray[np.float32], box: Box) -> NDArray[np.float32]:
    """The picture with empty pixels in grey and screened ones hatched, so that nobody reads ground into them."""
    rows, columns = _window(chip, box)
    painted = np.where(np.isfinite(picture), picture, 0.35)
    down, across = np.indices(painted.shape[:2])
    hatched = chip.unseen[rows, columns] & ((down + across) % 4 == 0)
    painted[hatched] = (1.0, 0.35, 0.65)
    return painted


def _rings(axes: Axes, chip: ChipImage, outline: Sequence[Ring], fence: Ring, number: int) -> None:
    if fence:
        x, y = _projected(chip, fence)
        axes.plot(x, y, color=_FENCE, linewidth=1.1, linestyle=(0, (5, 3)), path_effects=_CASING)
        corner = int(np.argmin(x - y))
        _label(axes, (x[corner], y[corner]), "fence", _FENCE, (3, 4))
    for n, ring in enumerate(outline):
        x, y = _projected(chip, ring)
        axes.plot(x, y, color=_ALERT, linewidth=1.6, path_effects=_CASING)
        if n == 0:
            corner = int(np.argmax(x + y))
            _label(axes, (x[corner], y[corner]), str(number), _ALERT, (4, 4), bold=True)


def _label(
    axes: Axes, at: tuple[float, float], text: str, colour: str, offset: tuple[int, int], *, bold: bool = False
) -> None:
    axes.annotate(
        text,
        at,
        xytext=offset,
        textcoords="offset points",
        color=colour,
        fontsize=10 if bold else 7.5,
        fontweight="bold" if bold else "normal",
        path_effects=_CASING,
        annotation_clip=True,
    )


def _scale_bar(axes: Axes, chip: ChipImage, box: Box) -> None:
    """A bar of a round length, measured on the ellipsoid at the middle of the picture."""
    middle = (box[0] + box[1]) / 2, (box[2] + box[3]) / 2
    wide = metres(chip, middle, (middle[0] + 0.1 * (box[1] - box[0]), middle[1])) * 10
    length = max((n for n in _LENGTHS if n <= 0.32 * wide), default=_LENGTHS[0])
    share = length / wide
    text = f"{length} m" if length < 1000 else f"{length // 1000} km"
    left, low = 0.035, 0.035
    for width, colour in ((5.5, "#000000"), (2.5, "#ffffff")):
        axes.plot(
            [left, left + share],
            [low, low],
            transform=axes.transAxes,
            color=colour,
            linewidth=width,
            solid_capstyle="butt",
        )
    axes.text(left, low + 0.022, text, transform=axes.transAxes, color="#ffffff", fontsize=8, path_effects=_CASING)


def metres(chip: ChipImage, a: tuple[float, float], b: tuple[float, float]) -> float:
    """Distance on the ellipsoid between two points of the map."""
    to_earth = Transformer.from_crs(chip.crs, "EPSG:4326", always_xy=True)
    longitude, latitude = to_earth.transform([a[0], b[0]], [a[1], b[1]])
    return float(_WGS84.inv(longitude[0], latitude[0], longitude[1], latitude[1])[2])


def way_north(chip: ChipImage, middle: tuple[float, float]) -> tuple[float, float]:
    """The unit step on the chip's map, (x, y), that leads to true north from a point of it."""
    to_earth = Transformer.from_crs(chip.crs, "EPSG:4326", always_xy=True)
    longitude, latitude = to_earth.transform(*middle)
    x, y = _projected(chip, [(longitude, latitude + 0.001)])[:, 0] - np.array(middle)
    length = float(np.hypot(x, y))
    return float(x) / length, float(y) / length


def _north(axes: Axes, chip: ChipImage, box: Box) -> None:
    """An arrow to true north, which is not always the top of the grid."""
    x, y = way_north(chip, ((box[0] + box[1]) / 2, (box[2] + box[3]) / 2))
    way = np.array([x, y * (box[1] - box[0]) / (box[3] - box[2])])
    base = np.array([0.93, 0.885])
    tip, tail, foot = base + 0.055 * way, base - 0.025 * way, base - 0.062 * way
    arrow = {
        "arrowstyle": "-|>,head_width=0.32,head_length=0.6", "color": "#ffffff", "linewidth": 1.8,
        "path_effects": _CASING, "shrinkA": 0, "shrinkB": 0,
    }  # fmt: skip
    axes.annotate(
        "", (tip[0], tip[1]), (tail[0], tail[1]), xycoords="axes fraction", textcoords="axes fraction", arrowprops=arrow
    )
    axes.text(
        foot[0], foot[1], "N", transform=axes.transAxes, color="#ffffff", fontsize=8.5, ha="center", va="center",
        path_effects=_CASING,
    )  # fmt: skip


def _caption(figure: Figure, chip: ChipImage, word: str) -> None:
    """The strip under the picture: which one it is, when, from whom, under what licence."""
    passed = chip.passed
    high = figure.get_figheight()
    figure.text(0.035, 0.545 / high, word.upper(), color=_SOFT, fontsize=7.5, fontweight="bold")
    figure.text(0.18, 0.54 / high, taken(passed), color=_INK, fontsize=9.5, fontweight="bold")
    whose = legible(passed.provider) if passed.sensor == "analyst" else f"{craft(passed.platform)}, {passed.provider}"
    figure.text(0.035, 0.395 / high, legible(whose), color=_INK, fontsize=7)
    for n, line in enumerate(licence_lines(chip)):
        figure.text(0.035, (0.26 - 0.115 * n) / high, line, color=_SOFT, fontsize=6.5)


def licence_line(chip: ChipImage) -> str:
    """The attribution and licence of a pass, as its catalogue states them."""
    stated = [legible(t) for t in (chip.passed.attribution, chip.passed.licence) if t]
    return "; ".join(stated) or "licence not stated by the catalogue"


def licence_lines(chip: ChipImage) -> list[str]:
    """The same in lines that fit under a plate; what does not fit into the last ends with an ellipsis."""
    return wrap(licence_line(chip), width=78, max_lines=3, placeholder=" …")
