"""Look for vehicles in an analyst's GeoTIFF: tiles in, one box to each vehicle out, and its length in metres."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pyproj.exceptions import ProjError
from rasterio.io import DatasetReader
from rasterio.transform import Affine

from sitewatch.errors import InputError
from sitewatch.look.clip import Progress
from sitewatch.look.geotiff import opened
from sitewatch.look.vehicles.boxes import Array, Boxes, one_each
from sitewatch.look.vehicles.card import Card, vehicle_classes
from sitewatch.look.vehicles.detector import Detector
from sitewatch.look.vehicles.ground import Ground
from sitewatch.look.vehicles.lengths import Metres, measured, on_ground, placed, said
from sitewatch.look.vehicles.pixels import Picture, picture
from sitewatch.look.vehicles.settings import VehicleSettings
from sitewatch.look.vehicles.tiles import Tile, lay, overlap_of
from sitewatch.records import Site

_PIXEL_M = (0.01, 5.0)
"""Pixel sizes, metres, in which a vehicle can be measured at all."""


@dataclass(frozen=True, eq=False)
class Vehicle:
    """One vehicle as the detector drew it."""

    centre: tuple[float, float]
    """Column and row, pixels."""
    corners: Array
    """(4, 2): columns and rows, pixels."""
    on_map: Array | None
    """(4, 2): the same in the image's reference system; None where it has none."""
    score: float
    """The detector's probability."""
    label: str
    """What the detector calls it: a class of its own, and no finding."""
    length: Metres | None
    """None where the image tells no metres."""
    width: Metres | None
    """None also for upright boxes, which do not tell it."""
    said: str
    """All that may be said of it, such as "large vehicle, 13 m +/- 1"."""


@dataclass(frozen=True, eq=False)
class Vehicles:
    """What a detector found in one image."""

    vehicles: tuple[Vehicle, ...]
    """One to each box, best first."""
    boxes: Boxes
    """The same, in pixels of the image."""
    detector: Card
    classes: tuple[str, ...]
    """The detector's classes that count."""
    oriented: bool
    """Whether the boxes are oriented."""
    seen: float
    """Share that holds data, of the image or of the fence, whatever of the fence the image shows."""
    tiles: int
    """That the detector was run on; those without data, or that show nothing of the fence, are left out."""
    pixel: float | None
    """Metres of a pixel in the middle of the image."""
    reason: str | None
    """Why no lengths are told, where none are."""
    notes: tuple[str, ...]
    """What else must be known of the count."""


def find_vehicles(
    path: Path,
    detector: Detector,
    *,
    progress: Progress,
    bands: Sequence[int] = (),
    classes: Sequence[str] = (),
    site: Site | None = None,
    settings: VehicleSettings | None = None,
) -> Vehicles:
    """Run a detector over an image, tile by tile.

    A tile is the detector's own input, so no pixel is resampled. Tiles overlap by the longest vehicle; of each, the
    boxes whose centre lies nearer to its middle than to that of any other count, and what two of them still share
    becomes one box. Where the detector sees the same thing wherever it lies, the result is that of the whole image.

    Args:
        path: of a GeoTIFF; it is read in windows, never whole.
        detector: that the analyst brings.
        progress: is told of the tiles.
        bands: numbers, from 1, of red, green and blue or of one band; empty to take what the file says of itself.
        classes: of the detector that are vehicles; empty to go by their names.
        site: whose fence the centre of a vehicle must lie in; None to count all over the image.
        settings: None for the defaults.

    Raises:
        InputError: the image or the detector cannot be used; the message says why and what would mend it.
    """
    settings = settings or VehicleSettings()
    wanted = vehicle_classes(detector.card, classes)
    with _file(path) as file:
        shown = picture(file, path, bands)
        pixel, reason = _pixel(file)
        overlaps, fits = zip(
            *(
                overlap_of(side, settings.longest_m / pixel if pixel else None, settings.overlap)
                for side in detector.shape
            ),
            strict=True,
        )
        transform, crs = file.transform, file.crs.to_wkt() if file.crs else None
        ground = _ground(path, site, transform, crs, shown.shape)
        tiles = lay(shown.shape, detector.shape, (overlaps[0], overlaps[1]), detector.card.stride)
        tiles = [tile for tile in tiles if ground.touches(tile, detector.shape)]
        boxes, run, seen, of = _over(tiles, ground, shown, detector, wanted, settings, progress)
    where = f"inside the fence of site {site.slug}" if site else "of it"
    if not seen:
        raise InputError(
            f"{path}: it holds no data: all {of:,} pixels {where} are empty, cut off or no number; take another image, "
            "or mend its no-data value"
        )
    share = min(seen / ground.outline.area, 1.0)
    notes = []
    if pixel and not all(fits):
        notes.append(
            f"tiles of {detector.shape[1]} x {detector.shape[0]} pixels overlap by {min(overlaps) * pixel:.0f} m: a "
            "longer vehicle may be cut or counted twice"
        )
    if share < 0.995:
        notes.append(f"the image holds data over {100 * share:.0f} % of {'the fence' if site else 'its pixels'}")
    vehicles = _described(boxes, detector, transform, crs if pixel else None, settings)
    return Vehicles(
        vehicles=vehicles,
        boxes=boxes,
        detector=detector.card,
        classes=tuple(detector.card.names[number] for number in wanted),
        oriented=detector.form.oriented,
        seen=share,
        tiles=run,
        pixel=pixel,
        reason=reason,
        notes=tuple(notes),
    )


def _file(path: Path) -> AbstractContextManager[DatasetReader]:
    try:
        path.open("rb").close()
    except OSError as error:
        raise InputError(f"{path}: it cannot be read: {error.strerror}; name a GeoTIFF on this machine") from error
    return opened(path)


def _ground(path: Path, site: Site | None, transform: Affine, crs: str | None, shape: tuple[int, int]) -> Ground:
    if site is None:
        return Ground.all_of(shape)
    try:
        return Ground.inside(site, transform, crs, shape)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error


def _over(
    tiles: list[Tile],
    ground: Ground,
    shown: Picture,
    detector: Detector,
    wanted: tuple[int, ...],
    settings: VehicleSettings,
    progress: Progress,
) -> tuple[Boxes, int, int, int]:
    """The ground's boxes, one to a vehicle; how many tiles were run; how many of its pixels hold data, of how many."""
    parts, run, seen, of = [], 0, 0, 0
    for number, tile in enumerate(tiles, start=1):
        colours, known = shown.window(tile.x, tile.y, detector.shape)
        mask = ground.mask(tile)
        seen += int((known[: mask.shape[0], : mask.shape[1]] & mask).sum())
        of += int(mask.sum())
        if known.any():
            run += 1
            found = detector.find(colours, settings.least_score, settings.most_in_tile)
            found = found.chosen(np.isin(found.label, wanted))
            found = one_each(found.chosen(_on_data(found, known)), settings.same).moved(tile.x, tile.y)
            parts.append(found.chosen(tile.counts(found.centre)))
        progress("tiles", number, len(tiles))
    boxes = one_each(Boxes.joined(parts), settings.same)
    return boxes.chosen(ground.holds(boxes.centre)), run, seen, of


def _on_data(boxes: Boxes, known: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(box,): whether the centre lies on a pixel that holds data."""
    x, y = np.floor(boxes.centre).astype(int).T
    within = (x >= 0) & (y >= 0) & (x < known.shape[1]) & (y < known.shape[0])
    return np.asarray(within & known[np.clip(y, 0, known.shape[0] - 1), np.clip(x, 0, known.shape[1] - 1)])


def _pixel(file: DatasetReader) -> tuple[float | None, str | None]:
    """Metres of a pixel in the middle of the image, or why there are none."""
    if file.transform.is_identity or not file.transform.determinant:
        return None, "no lengths: the image has no pixel size (no georeference); vehicles are only counted"
    if not file.crs:
        return None, "no lengths: the image names no coordinate reference system, so its pixel size is in no known unit"
    x, y = file.width / 2, file.height / 2
    ends = np.array([[(x, y), (x + 1, y)], [(x, y), (x, y + 1)]])
    try:
        sides = on_ground(ends, file.transform, file.crs.to_wkt())
    except (ProjError, ValueError) as error:
        return None, f"no lengths: the image's reference system leads nowhere on the globe ({error})"
    pixel = float(np.sqrt(sides.prod()))
    if not _PIXEL_M[0] <= pixel <= _PIXEL_M[1]:
        return None, (
            f"no lengths: its pixels of {pixel:.3g} m are none in which a vehicle can be measured "
            f"({_PIXEL_M[0]:g} to {_PIXEL_M[1]:g} m)"
        )
    return pixel, None


def _described(
    boxes: Boxes, detector: Detector, transform: Affine, crs: str | None, settings: VehicleSettings
) -> tuple[Vehicle, ...]:
    corners = boxes.corners()
    on_map: list[Array | None] = [None] * len(boxes)
    sizes: list[tuple[Metres | None, Metres | None]] = [(None, None)] * len(boxes)
    if crs is not None and len(boxes):
        on_map = list(placed(corners, transform))
        sizes = list(measured(boxes, transform, crs, settings, oriented=detector.form.oriented))
    return tuple(
        Vehicle(
            centre=(float(x), float(y)),
            corners=corners[n],
            on_map=on_map[n],
            score=float(boxes.score[n]),
            label=detector.card.names[boxes.label[n]],
            length=sizes[n][0],
            width=sizes[n][1],
            said=said(sizes[n][0], settings),
        )
        for n, (x, y) in enumerate(boxes.centre)
    )
