"""A pair of high-resolution images of one place: laid together, levelled and compared, window by window."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sitewatch.errors import InputError
from sitewatch.look.structures.align import Registration
from sitewatch.look.structures.change import Changed, compare, regions
from sitewatch.look.structures.common import colours, fitting, opened_pair
from sitewatch.look.structures.layers import ArrayLayer, Bools, Floats, Pair, Tile
from sitewatch.look.structures.level import Level, level
from sitewatch.look.structures.place import Progress, averaged, laid, register, thinned
from sitewatch.look.structures.settings import StructureSettings

_DEFAULT = StructureSettings()


def _quiet(what: str, done: int, of: int) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """What changed between two images of one place."""

    regions: tuple[Changed, ...]
    """New and removed structures, larger ones first."""
    labels: NDArray[np.int32]
    """(y, x) on the working grid: 0, or n for the n-th region."""
    signed: Floats
    """(y, x): log-odds of new (above 0) and removed (below 0) structure over the limit; 0 where nothing is told."""
    seen: Bools
    """(y, x): both images hold data, and it was compared."""
    registration: Registration
    """Where one image lies in the other, in pixels of the common grid."""
    level: Level
    """Gain and offset between the two."""
    pixel_m: float
    """Working pixel, metres."""
    first: str
    """The image on whose pixels the other was laid: it does not depend on which is the earlier."""
    crs: str | None
    """Of the working grid; None for arrays."""
    transform: tuple[float, float, float, float, float, float]
    """Affine coefficients a to f of the working grid: pixel (column, row) to the map; of arrays, to their pixels."""


def compare_files(
    before: Path, after: Path, *, names: Sequence[str] = (), settings: StructureSettings = _DEFAULT, workers: int = 2,
    progress: Progress = _quiet,
) -> Comparison:  # fmt: skip
    """Compare two GeoTIFFs; exchanged files give the same regions with new and removed exchanged.

    Args:
        before: the earlier image.
        after: the later one.
        names: of the bands, in the files' order, where they do not name them themselves.
        settings: of the comparison.
        workers: threads that compare windows.
        progress: is told of the reading and the comparing.

    Raises:
        InputError: a file is broken or has no place on the map; the pair does not overlap, differs three times in
            scale, shares no band, or cannot be laid together; the message says which, why, and what would mend it.
    """
    with opened_pair(before, after, settings, names) as (pair, swapped):
        return _compared(pair, swapped, settings, workers, progress)


def compare_arrays(
    before: NDArray[np.generic], after: NDArray[np.generic], pixel_m: tuple[float, float], *,
    seen: tuple[Bools, Bools] | None = None, names: Sequence[str] = ("red", "green", "blue"),
    settings: StructureSettings = _DEFAULT, workers: int = 1, progress: Progress = _quiet,
) -> Comparison:  # fmt: skip
    """Compare two arrays (band, y, x) of one shape, as `compare_files`.

    Args:
        before: the earlier image.
        after: the later one.
        pixel_m: metres of a pixel of each, which must be the same within one per cent.
        seen: where each holds data, (y, x); None for everywhere.
        names: of the bands.
        settings: of the comparison.
        workers: threads that compare windows.
        progress: is told of the comparing.

    Raises:
        InputError: as `compare_files`, or the shapes differ.
    """
    called = "before", "after"
    fitting(called, pixel_m, settings)
    if before.ndim != 3 or before.shape != after.shape or len(before) != len(names):
        raise InputError(
            f"before has the shape {before.shape}, after {after.shape}; right would be (band, y, x), the same for "
            f"both, with the {len(names)} bands {', '.join(names)}"
        )
    if abs(pixel_m[0] / pixel_m[1] - 1) > 0.01:
        raise InputError(
            f"before has pixels of {pixel_m[0]:g} m, after of {pixel_m[1]:g} m; resample one to the other's grid, or "
            "give both as GeoTIFFs"
        )
    layers = [
        ArrayLayer(name, image, np.isfinite(image).all(0) & (True if seen is None else seen[n]))
        for n, (name, image) in enumerate(zip(called, (before, after), strict=True))
    ]
    swapped = bytes(np.ascontiguousarray(after)) < bytes(np.ascontiguousarray(before))
    first, second = layers[::-1] if swapped else layers
    pair = Pair(first, second, (before.shape[1], before.shape[2]), pixel_m[0], colours(names))
    return _compared(pair, swapped, settings, workers, progress)


def _compared(pair: Pair, swapped: bool, settings: StructureSettings, workers: int, progress: Progress) -> Comparison:
    """Compare a pair in its own order; turn the signs where the later image stands first."""
    by = -(-max(pair.shape) // settings.coarse_px)
    one, two = (thinned(layer, pair.shape, by, progress) for layer in (pair.first, pair.second))
    registration = register(pair, (one, two), by, settings)
    levelled = _levelled(pair, one, two, registration.matrix, by)
    thin = max(round(settings.working_m / pair.pixel_m), 1)
    signed, seen = _windows(pair, registration, levelled, thin, settings, workers, progress)
    if swapped:
        np.negative(signed, out=signed)
    pixel_m = pair.pixel_m * thin
    labels, found = regions(signed, pixel_m, settings)
    a, b, c, d, e, f = pair.transform
    return Comparison(
        found, labels, signed, seen, registration, levelled, pixel_m, pair.first.name, pair.crs,
        (a * thin, b * thin, c, d * thin, e * thin, f),
    )  # fmt: skip


def _levelled(pair: Pair, one: Tile, two: Tile, matrix: NDArray[np.float64], by: int) -> Level:
    """Gain and offset from the coarse level, which a layer of its own holds in memory."""
    middle = (by - 1) / 2
    offset = (matrix[:, :2] @ [middle, middle] + matrix[:, 2] - middle) / by
    coarse = ArrayLayer(pair.second.name, two.values, two.seen)
    moved = laid(coarse, np.column_stack((matrix[:, :2], offset)), (0, 0), one.seen.shape, 1)
    return level(one.values, moved.values, one.seen & moved.seen, (pair.first.name, pair.second.name))


def _windows(
    pair: Pair, registration: Registration, levelled: Level, thin: int, settings: StructureSettings, workers: int,
    progress: Progress,
) -> tuple[Floats, Bools]:  # fmt: skip
    """Signed log-odds and seen ground (y, x) of the working grid; one thread reads, others compare."""
    shape = pair.shape[0] // thin, pair.shape[1] // thin
    signed, seen = np.zeros(shape, np.float32), np.zeros(shape, bool)
    scale = float(levelled.spread.mean())
    places = [*_places(shape, settings.window_px)]
    running: deque[tuple[tuple[slice, slice], tuple[int, int], Future[tuple[Floats, Bools]]]] = deque()

    def compared(first: Tile, second: Tile) -> tuple[Floats, Bools]:
        small = averaged(first, thin)
        known = small.seen & second.seen
        odds = compare(
            small.values, levelled.applied(second.values), known, scale=scale, pixel_m=pair.pixel_m * thin,
            colours=pair.colours, settings=settings,
        )  # fmt: skip
        return odds, known

    def keep() -> None:
        place, (top, left), future = running.popleft()
        inner = tuple(slice(part.start - at, part.stop - at) for part, at in zip(place, (top, left), strict=True))
        odds, known = future.result()
        signed[place], seen[place] = odds[inner], known[inner]

    with ThreadPoolExecutor(workers) as pool:
        for number, place in enumerate(places, start=1):
            rows, columns = (
                (max(part.start - settings.margin_px, 0), min(part.stop + settings.margin_px, size))
                for part, size in zip(place, shape, strict=True)
            )
            first = pair.first.read((rows[0] * thin, rows[1] * thin), (columns[0] * thin, columns[1] * thin))
            window = rows[1] - rows[0], columns[1] - columns[0]
            corner = rows[0], columns[0]
            second = laid(pair.second, registration.matrix, corner, window, thin)
            running.append((place, corner, pool.submit(compared, first, second)))
            if len(running) >= workers:
                keep()
            progress("comparing", number, len(places))
        while running:
            keep()
    return signed, seen


def _places(shape: tuple[int, int], side: int) -> Iterator[tuple[slice, slice]]:
    for top in range(0, shape[0], side):
        for left in range(0, shape[1], side):
            yield slice(top, min(top + side, shape[0])), slice(left, min(left + side, shape[1]))
