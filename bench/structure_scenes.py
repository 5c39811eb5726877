"""Simulated pairs of high-resolution images: fields, roads, trees and buildings seen on two days, with the truth.

Between the days the sun moves (shadows turn and lengthen), fields change their colour and texture, trees lose or gain
their leaves, cars come and go, haze and gain differ by band, and the second image lies a little aside. All of it is
drawn; it serves to choose settings and to show how methods fail, and promises nothing about real ground.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import affine_transform, gaussian_filter, zoom

Floats = NDArray[np.float32]
FIELDS = ((105, 118, 78), (128, 122, 92), (150, 135, 105), (92, 104, 70), (168, 158, 132), (120, 128, 84))
ROOFS = ((198, 196, 190), (150, 82, 66), (98, 98, 102), (226, 226, 224), (74, 72, 72), (90, 112, 150), (172, 150, 124))


@dataclass(frozen=True, eq=False)
class Scene:
    """A simulated pair."""

    before: NDArray[np.uint8]
    """(3, y, x): red, green, blue."""
    after: NDArray[np.uint8]
    truth: NDArray[np.int8]
    """(y, x) on the first image's grid: 1 a new structure, -1 a removed one, 0 else."""
    pixel_m: float
    moved: tuple[float, float]
    """Rows and columns by which the second image's content lies aside of the first's."""
    standing: tuple[NDArray[np.bool_], ...]
    """(y, x) each: structures that stand on both days."""


@dataclass(frozen=True)
class _House:
    row: float
    column: float
    length: float
    width: float
    angle: float
    height: float
    roof: tuple[int, int, int]
    pitch: float
    hipped: bool
    """The roof falls to all four sides."""
    when: int
    """0 stands on both days, 1 is new, -1 is removed."""


def scene(
    seed: int, *, side: int = 384, pixel_m: float = 0.5, changes: int = 6, kept: int = 10, still: bool = False
) -> Scene:
    """Draw a pair of `side` x `side` px; where it is `still`, the second image lies as the first."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[:side, :side].astype(np.float32)
    houses = _houses(rng, side, pixel_m, changes, kept)
    base, owner = _fields(rng, side, rows, columns)
    road = _roads(rng, rows, columns, pixel_m)
    trees = [(*rng.uniform(0, side, 2), rng.uniform(1.5, 4.5) / pixel_m) for _ in range(rng.integers(20, 90))]
    drawn = [
        _day(rng, day, base, owner, road, trees, houses, rows, columns, pixel_m) for day in (0, 1)
    ]  # fmt: skip
    by = 0.0 if still else 1.0
    moved = tuple(by * float(v) for v in rng.uniform(-2.5, 2.5, 2))
    angle, scale = by * rng.normal(0, 0.002), 1 + by * rng.normal(0, 0.002)
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    centre = np.array([side / 2, side / 2])
    offset = centre - turn @ (centre + np.array(moved))
    drawn[1] = np.stack([affine_transform(band, turn, offset, order=1, mode="reflect") for band in drawn[1]])
    truth = np.zeros((side, side), np.int8)
    for house in houses:
        if house.when:
            truth[_inside(house, rows, columns, 0)] = house.when
    before, after = (_camera(rng, image, pixel_m) for image in drawn)
    standing = tuple(_inside(house, rows, columns, 0) for house in houses if not house.when)
    return Scene(before, after, truth, pixel_m, (moved[0], moved[1]), standing)


def _houses(rng: np.random.Generator, side: int, pixel_m: float, changes: int, kept: int) -> list[_House]:
    out: list[_House] = []
    states = [1] * (changes // 2) + [-1] * (changes - changes // 2) + [0] * kept
    angle = rng.uniform(0, np.pi)
    for when in states:
        for _ in range(60):
            length = np.exp(rng.uniform(np.log(9), np.log(34))) / pixel_m
            width = np.clip(length * rng.uniform(0.4, 0.9), 7 / pixel_m, None)
            place = rng.uniform(length / 2, side - length / 2, 2)
            if all(np.hypot(place[0] - h.row, place[1] - h.column) > (length + h.length) * 0.62 + 6 for h in out):
                turned = angle + rng.choice([0, np.pi / 2]) + rng.normal(0, 0.1)
                roof = ROOFS[rng.integers(len(ROOFS))]
                out.append(
                    _House(
                        *place,
                        length,
                        width,
                        turned,
                        rng.uniform(3, 9),
                        roof,
                        rng.uniform(0, 0.35),
                        rng.random() < 0.5,
                        when,
                    )
                )
                break
    return out


def _inside(house: _House, rows: Floats, columns: Floats, grown: float) -> NDArray[np.bool_]:
    along, across = _axes(house, rows, columns)
    return (np.abs(along) < house.length / 2 + grown) & (np.abs(across) < house.width / 2 + grown)


def _axes(house: _House, rows: Floats, columns: Floats) -> tuple[Floats, Floats]:
    y, x = rows - house.row, columns - house.column
    cos, sin = np.cos(house.angle), np.sin(house.angle)
    return x * cos + y * sin, y * cos - x * sin


def _fields(rng: np.random.Generator, side: int, rows: Floats, columns: Floats) -> tuple[Floats, NDArray[np.int64]]:
    seeds = rng.uniform(0, side, (rng.integers(3, 8), 2))
    wobble = [_rough(rng, side, 24) * 14 for _ in range(2)]
    owner = np.argmin([np.hypot(rows + wobble[0] - y, columns + wobble[1] - x) for y, x in seeds], axis=0)
    colour = np.array([FIELDS[k] for k in rng.integers(0, len(FIELDS), len(seeds))], np.float32)
    ground = np.moveaxis(colour[owner], -1, 0)
    rough = sum(_rough(rng, side, scale) * a for scale, a in ((40, 9), (8, 6), (2, 5)))
    return ground + rough, owner


def _rough(rng: np.random.Generator, side: int, scale: float) -> Floats:
    small = rng.normal(size=(int(side / scale) + 3, int(side / scale) + 3))
    large = zoom(small, scale, order=1)[:side, :side]
    out: Floats = (large / large.std()).astype(np.float32)
    return out


def _roads(rng: np.random.Generator, rows: Floats, columns: Floats, pixel_m: float) -> Floats:
    side, out = len(rows), np.zeros_like(rows)
    for _ in range(rng.integers(1, 4)):
        angle, at = rng.uniform(0, np.pi), rng.uniform(0.15, 0.85, 2) * side
        far = (columns - at[1]) * np.sin(angle) - (rows - at[0]) * np.cos(angle)
        far += (columns - at[1]) ** 2 * rng.normal(0, 0.0003)
        out = np.maximum(out, np.abs(far) < rng.uniform(2, 5) / pixel_m)
    return out


def _day(
    rng: np.random.Generator, day: int, base: Floats, owner: NDArray[np.int64], road: Floats,
    trees: list[tuple[float, float, float]], houses: list[_House], rows: Floats, columns: Floats, pixel_m: float,
) -> Floats:  # fmt: skip
    side = len(rows)
    image = base.copy()
    tint = rng.normal(0, (16, 13, 13), (owner.max() + 1, 3)).astype(np.float32) * (rng.random() < 0.8)
    image += np.moveaxis(tint[owner], -1, 0)
    for field in range(owner.max() + 1):
        if rng.random() < 0.25:  # ploughed, or mown, in rows
            angle, period = rng.uniform(0, np.pi), rng.uniform(2, 6) / pixel_m
            stripes = np.sin((columns * np.cos(angle) + rows * np.sin(angle)) * 2 * np.pi / period)
            image += (owner == field) * stripes * rng.uniform(2, 9)
    image += _rough(rng, side, 12) * 5 + _rough(rng, side, 3) * 3
    grey = rng.normal(130, 8)
    image = np.where(road > 0, grey + _rough(rng, side, 2) * 3, image)
    azimuth, reach = rng.uniform(0.6, 2.5), 1 / np.tan(np.radians(rng.uniform(28, 65)))
    sun = (np.sin(azimuth), np.cos(azimuth))
    leaves = rng.random() < 0.6
    shade = np.zeros((side, side), np.float32)
    for y, x, radius in trees:
        _crown(rng, image, shade, (y, x, radius), leaves, sun, reach, pixel_m)
    for house in houses:
        if house.when == (1, -1)[day]:
            continue
        _cast(shade, house, rows, columns, sun, reach / pixel_m)
    image *= 1 - 0.55 * gaussian_filter(shade, 0.7)
    for house in houses:
        if house.when != (1, -1)[day]:
            _roof(rng, image, house, rows, columns, sun)
    _cars(rng, image, road, pixel_m)
    return image


def _crown(
    rng: np.random.Generator, image: Floats, shade: Floats, tree: tuple[float, float, float], leaves: bool,
    sun: tuple[float, float], reach: float, pixel_m: float,
) -> None:  # fmt: skip
    y, x, radius = tree
    r = int(radius * 3 + 14 / pixel_m)
    top, left = max(int(y) - r, 0), max(int(x) - r, 0)
    part = np.s_[top : int(y) + r, left : int(x) + r]
    yy, xx = np.mgrid[part]
    yy, xx = yy[: image.shape[1] - top, : image.shape[2] - left], xx[: image.shape[1] - top, : image.shape[2] - left]
    ragged = radius * (1 + 0.15 * np.sin(5 * np.arctan2(yy - y, xx - x) + y))
    crown = np.hypot(yy - y, xx - x) < ragged
    far = 5.0 / pixel_m * reach
    cast = np.hypot(yy - y - far * sun[0], xx - x - far * sun[1]) < ragged * 0.9
    here = shade[part]
    np.maximum(here, cast * (0.9 if leaves else 0.25), out=here)
    lit = 10 * (-(yy - y) * sun[0] - (xx - x) * sun[1]) / radius + rng.normal(0, 9, yy.shape)
    colour = (62, 84, 48) if leaves else (104, 98, 86)
    for band, value in zip(image, colour, strict=True):
        mixed = value + lit if leaves else 0.5 * band[part] + 0.5 * (value + lit)
        band[part] = np.where(crown, mixed, band[part])


def _cast(shade: Floats, house: _House, rows: Floats, columns: Floats, sun: tuple[float, float], reach: float) -> None:
    far = house.height * reach
    for step in np.linspace(0, 1, max(int(far), 2)):
        cast = _inside(house, rows - far * step * sun[0], columns - far * step * sun[1], 0)
        np.maximum(shade, cast, out=shade)


def _roof(
    rng: np.random.Generator, image: Floats, house: _House, rows: Floats, columns: Floats, sun: tuple[float, float]
) -> None:
    inside = _inside(house, rows, columns, 0)
    along, across = _axes(house, rows, columns)
    cos, sin = np.cos(house.angle), np.sin(house.angle)
    facing = -(cos * sun[0] - sin * sun[1]) * np.sign(across)
    gable = house.length / 2 - np.abs(along) < house.width / 2 - np.abs(across)
    if house.hipped:
        facing = np.where(gable, -(cos * sun[1] + sin * sun[0]) * np.sign(along), facing)
    light = 1 + house.pitch * facing
    noise = _rough(rng, len(rows), 2) * rng.uniform(2, 9)
    for band, value in zip(image, house.roof, strict=True):
        band[inside] = (value * light + noise)[inside]


def _cars(rng: np.random.Generator, image: Floats, road: Floats, pixel_m: float) -> None:
    places = np.argwhere(road > 0)
    for y, x in places[rng.integers(0, max(len(places), 1), rng.integers(0, 12))] if len(places) else ():
        image[:, y : y + int(2 / pixel_m), x : x + int(4 / pixel_m)] = rng.choice([40, 220, 150])


def _camera(rng: np.random.Generator, image: Floats, pixel_m: float) -> NDArray[np.uint8]:
    gain = rng.uniform(0.8, 1.2) * rng.normal(1, 0.04, 3)
    level = rng.uniform(-12, 22) + rng.normal(0, 4, 3)
    seen = np.stack([gaussian_filter(band, rng.uniform(0.5, 0.9)) for band in image])
    seen = seen * gain[:, None, None] + level[:, None, None] + rng.normal(0, 2.5, image.shape)
    return np.clip(seen, 0, 255).astype(np.uint8)
