"""New and removed structures in pairs of high-resolution images: F1 in both orders of time, power, speed.

Usage: python bench/structures.py [--quick] [--workers N] [--choose] [--no-speed | --only-speed]
Real: the three LEVIR-CD pairs (bench/README.md), 256 x 256 px of 0.5 m, package defaults, forward and exchanged. Pixels
are scored on the image's own pixels, label > 0 as truth. An object is a connected region of the label, found where at
least 30 % of it is told with the right sign; a told region is true where at least 30 % of it lies on truth of its
sign, and of the wrong sign where as much lies on truth of the other.
Simulated: pairs that structure_scenes.py draws, seeds from 200 on for judging. Demolitions are planted (simulated) into
the later image: each structure that stands on both days is replaced by ground from around it, on the real pairs
(outlines drawn by hand from the pictures, below) and on simulated ones. Speed: a simulated mosaic of 10,000 x
10,000 px, three bands, as tiled GeoTIFFs; the second's georeference is off by three pixels.
--choose fits the weights on simulated pairs of the seeds 0 to 39 and tries limits on the seeds 100 to 123. No setting
was chosen on LEVIR.
"""

from __future__ import annotations

import resource
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import astuple, dataclass, replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import rasterio
from numpy.typing import NDArray
from PIL import Image
from rasterio.features import geometry_mask
from rasterio.transform import Affine
from scipy.ndimage import label
from scipy.optimize import minimize
from shapely.geometry import Polygon

from figures import Figure, share, show
from sites import SHARED, options, spread
from sitewatch.look.structures.align import Registration
from sitewatch.look.structures.change import regions
from sitewatch.look.structures.layers import ArrayLayer
from sitewatch.look.structures.pairs import Comparison, compare_arrays, compare_files
from sitewatch.look.structures.place import averaged, laid
from sitewatch.look.structures.planes import alike, planes
from sitewatch.look.structures.planted import power
from sitewatch.look.structures.settings import StructureSettings, Weights
from sitewatch.look.structures.shapes import PROPERTIES, candidates
from structure_scenes import scene

LEVIR = SHARED / "data" / "structures" / "levir"
ENOUGH = 0.3
CLASSES = (100.0, 200.0, 400.0, 800.0)
STANDING: dict[str, tuple[tuple[tuple[int, int], ...], ...]] = {
    "train_36_0512_0512": (((0, 203), (40, 182), (60, 213), (0, 240)),),
    "train_386_0512_0768": (
        ((58, 6), (166, 6), (166, 47), (58, 47)), ((63, 69), (167, 69), (167, 107), (63, 107)),
        ((178, 29), (213, 29), (231, 60), (231, 101), (178, 101)), ((133, 126), (237, 126), (237, 170), (133, 170)),
        ((40, 131), (58, 131), (58, 172), (40, 172)), ((59, 131), (77, 131), (77, 172), (59, 172)),
        ((83, 131), (101, 131), (101, 172), (83, 172)), ((101, 131), (118, 131), (118, 172), (101, 172)),
        ((187, 207), (211, 207), (211, 245), (187, 245)), ((222, 210), (247, 210), (247, 245), (222, 245)),
    ),
    "train_412_0512_0768": (((29, 137), (54, 118), (118, 168), (91, 190)),),
}  # fmt: skip
"""Structures on both days: column and row of their corners, drawn by hand."""

Signs = NDArray[np.int8]


@dataclass
class Score:
    """Counts that add up over pairs."""

    pixels_true: int = 0
    pixels_told: int = 0
    pixels_there: int = 0
    found: int = 0
    there: int = 0
    regions_true: int = 0
    regions_told: int = 0
    wrong_sign: int = 0

    def __add__(self, other: Score) -> Score:
        """Both together."""
        return Score(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    def figures(self, case: str) -> list[Figure]:
        """As they are shown."""
        on_truth = self.regions_true + self.wrong_sign
        precision = self.regions_true / max(self.regions_told, 1)
        recall = self.found / max(self.there, 1)
        return [
            Figure(case, "pixel F1", 2 * self.pixels_true / max(self.pixels_told + self.pixels_there, 1), "F1"),
            Figure(case, "pixel precision", self.pixels_true / max(self.pixels_told, 1), "share"),
            Figure(case, "pixel recall", self.pixels_true / max(self.pixels_there, 1), "share"),
            Figure(case, "object F1", 2 * precision * recall / max(precision + recall, 1e-9), "F1"),
            share(case, "objects found", self.found, self.there),
            share(case, "regions true", self.regions_true, self.regions_told),
            share(case, "sign right", self.regions_true, on_truth),
        ]


def signs(found: Comparison, pixel_m: float, shape: tuple[int, int]) -> Signs:
    """Told regions on the image's own pixels: 1 new, -1 removed."""
    thin = round(found.pixel_m / pixel_m)
    told = (np.sign(found.signed) * (found.labels > 0)).astype(np.int8)
    out = np.zeros(shape, np.int8)
    wide = np.kron(told, np.ones((thin, thin), np.int8))
    out[: wide.shape[0], : wide.shape[1]] = wide
    return out


def judged(told: Signs, truth: Signs) -> Score:
    """Pixels and objects of one pair."""
    score = Score(int(((told == truth) & (truth != 0)).sum()), int((told != 0).sum()), int((truth != 0).sum()))
    for sign in (1, -1):
        there, count = label(truth == sign)
        score.there += count
        score.found += sum(float((told[there == n] == sign).mean()) >= ENOUGH for n in range(1, count + 1))
        parts, count = label(told == sign, np.ones((3, 3)))
        score.regions_told += count
        for n in range(1, count + 1):
            on = truth[parts == n]
            right = float((on == sign).mean()) >= ENOUGH
            score.regions_true += right
            score.wrong_sign += not right and float((on == -sign).mean()) >= ENOUGH
    return score


# --- Real pairs


def levir(name: str) -> tuple[NDArray[np.uint8], NDArray[np.uint8], Signs]:
    """A LEVIR pair (band, y, x) and its truth (y, x): 1 for a new building."""
    a, b, truth = (np.asarray(Image.open(LEVIR / part / f"{name}.png")) for part in ("A", "B", "label"))
    return np.moveaxis(a, -1, 0), np.moveaxis(b, -1, 0), (truth > 0).astype(np.int8)


def both_orders(name: str) -> tuple[Score, Score, bool, Registration]:
    """Scores forward and reversed, whether the reversed regions are the same with signs exchanged, the registration."""
    before, after, truth = levir(name)
    forward, reverse = (compare_arrays(*pair, (0.5, 0.5)) for pair in ((before, after), (after, before)))
    same = np.array_equal(forward.signed, -reverse.signed) and np.array_equal(forward.labels, reverse.labels)
    scores = [judged(signs(one, 0.5, truth.shape), t) for one, t in ((forward, truth), (reverse, -truth))]
    return scores[0], scores[1], same, forward.registration


def real() -> list[Figure]:
    """The LEVIR pairs."""
    names = sorted(path.stem for path in (LEVIR / "A").glob("*.png"))
    out, forward, reverse, same = [], Score(), Score(), True
    for name in names:
        one, other, alike_, registration = both_orders(name)
        forward, reverse, same = forward + one, reverse + other, same and alike_
        out += [
            Figure(name, "residual", registration.residual_px, "px of 0.5 m"),
            Figure(name, "patches agreeing", registration.agreeing, "patches"),
            Figure(name, "pixel F1 of the pair", one.figures(name)[0].value if one.pixels_there else np.nan, "F1"),
            Figure(name, "false regions", one.regions_told - one.regions_true, "regions"),
        ]
    out += forward.figures("LEVIR forward") + reverse.figures("LEVIR reversed")
    return [*out, Figure("LEVIR", "reversed exactly the negative", float(same), "1 is yes")]


def outlines(name: str, shape: tuple[int, int]) -> list[NDArray[np.bool_]]:
    """Footprints (y, x) of what stands on both days of a real pair."""
    return [geometry_mask([Polygon(ring)], shape, Affine.identity(), invert=True) for ring in STANDING[name]]


def planted_real(name: str) -> list[tuple[tuple[float, float], int, int]]:
    """Planted demolitions on one real pair."""
    before, after, truth = levir(name)
    found = power(
        before, after, outlines(name, truth.shape), 0.5, CLASSES, np.random.default_rng(5), times=5
    )  # fmt: skip
    return [(one.area_m2, one.told, one.planted) for one in found]


def planted_simulated(seed: int) -> list[tuple[tuple[float, float], int, int]]:
    """Planted demolitions on one simulated pair without changes of its own."""
    drawn = scene(seed, changes=0)
    found = power(drawn.before, drawn.after, drawn.standing, 0.5, CLASSES, np.random.default_rng(seed))
    return [(one.area_m2, one.told, one.planted) for one in found]


def by_size(case: str, found: Sequence[Sequence[tuple[tuple[float, float], int, int]]]) -> list[Figure]:
    """Power by class of area."""
    every = [row for rows in found for row in rows]
    out = []
    for ends in sorted({row[0] for row in every}):
        told, planted = (sum(row[n] for row in every if row[0] == ends) for n in (1, 2))
        out.append(share(f"{case}, {ends[0]:.0f}-{ends[1]:.0f} m2", "planted demolitions told", told, planted))
    return out


# --- Simulated pairs


def simulated(seed: int) -> tuple[Score, float]:
    """Score of one simulated pair, and the error of its registration at the middle, pixels."""
    drawn = scene(seed)
    found = compare_arrays(drawn.before, drawn.after, (0.5, 0.5))
    side = drawn.truth.shape[0] / 2
    told = found.registration.matrix @ [side, side, 1] - side
    swapped = found.first == "after"
    error = float(np.hypot(*(told - np.array(drawn.moved) * (-1 if swapped else 1))))
    return judged(signs(found, 0.5, drawn.truth.shape), drawn.truth), error


@dataclass(frozen=True, eq=False)
class _Laid:
    """A simulated pair, laid together and levelled."""

    before: NDArray[np.float32]
    after: NDArray[np.float32]
    truth: Signs
    scale: float


def _laid(seed: int) -> _Laid:
    drawn = scene(seed)
    found = compare_arrays(drawn.before, drawn.after, (0.5, 0.5))
    whole = np.ones(drawn.truth.shape, bool)
    layers = [ArrayLayer(name, image, whole) for name, image in (("before", drawn.before), ("after", drawn.after))]
    first, second = layers if found.first == "before" else layers[::-1]
    side = drawn.truth.shape[0]
    one = averaged(first.read((0, side), (0, side)), 2).values
    two = found.level.applied(laid(second, found.registration.matrix, (0, 0), found.seen.shape, 2).values)
    before, after = (one, two) if found.first == "before" else (two, one)
    return _Laid(before, after, drawn.truth[::2, ::2], float(found.level.spread.mean()))


def described(seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Properties of all candidates of a simulated pair, and the share of each on truth of its sign."""
    pair, settings = _laid(seed), StructureSettings()
    days = [planes(image, pair.scale, (0, 1, 2)) for image in (pair.before, pair.after)]
    correlation = alike(*days)
    apart = np.sqrt(np.mean(np.square((pair.before - pair.after) / pair.scale), axis=0)).astype(np.float32)
    seen = np.ones(correlation.shape, bool)
    properties, shares = [], []
    for sign, own, other in ((1, days[1], days[0]), (-1, days[0], days[1])):
        truth = pair.truth == sign
        for labels, found in candidates(own, other, correlation, apart, seen, 1.0, settings):
            size = np.bincount(labels.ravel(), minlength=len(found) + 1)[1:]
            shares.append(np.bincount(labels.ravel(), truth.ravel(), len(found) + 1)[1:] / size)
            properties.append(found)
    return np.concatenate(properties), np.concatenate(shares)


def fitted(properties: NDArray[np.float64], shares: NDArray[np.float64]) -> Weights:
    """Logistic regression of over 70 % against under 10 % on truth, weighted by the root of the area, slight ridge."""
    clear = (shares > 0.7) | (shares < 0.1)
    x, y = properties[clear], (shares[clear] > 0.7).astype(float)
    weight = np.exp(x[:, PROPERTIES.index("area")] / 2)
    weight /= weight.sum()
    middle, spread_ = x.mean(0), x.std(0)
    design = np.column_stack(((x - middle) / spread_, np.ones(len(x))))

    def cost(b: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        odds = design @ b
        rest = weight * (1 / (1 + np.exp(-odds)) - y)
        pull = np.append(b[:-1], 0) * 1e-3
        return float(weight @ (np.logaddexp(0, odds) - y * odds) + pull @ b), design.T @ rest + 2 * pull

    b = minimize(cost, np.zeros(design.shape[1]), jac=True, method="L-BFGS-B").x
    each = b[:-1] / spread_
    return Weights(float(b[-1] - each @ middle), *(float(one) for one in each))


def limits(task: tuple[int, Weights, float, tuple[float, ...]]) -> list[Score]:
    """Scores of one simulated pair at several limits."""
    seed, weights, grow, seeds = task
    settings = StructureSettings(weights=weights, grow=grow)
    drawn = scene(seed)
    found = compare_arrays(drawn.before, drawn.after, (0.5, 0.5), settings=settings)
    out = []
    for limit in seeds:
        labels, told = regions(found.signed, found.pixel_m, replace(settings, seed=limit))
        out.append(judged(signs(replace(found, labels=labels, regions=told), 0.5, drawn.truth.shape), drawn.truth))
    return out


def choose(workers: int) -> list[Figure]:
    """Weights on the seeds 0 to 39, limits on the seeds 100 to 123."""
    found = spread(described, range(40), workers)
    weights = fitted(*(np.concatenate(parts) for parts in zip(*found, strict=True)))
    out = [Figure("weights", name, getattr(weights, name), "log-odds") for name in ("constant", *PROPERTIES)]
    seeds = (-0.5, 0.0, 0.5, 1.0, 1.5)
    for grow in (-2.0, -1.5, -1.0, -0.5):
        scores = spread(limits, [(seed, weights, grow, seeds) for seed in range(100, 124)], workers)
        for n, limit in enumerate(seeds):
            out += sum((one[n] for one in scores), Score()).figures(f"grow {grow:g}, seed {limit:g}")
    return out


# --- Speed


def mosaic(folder: Path, side: int) -> tuple[Path, Path]:
    """A simulated pair of `side` x `side` px as tiled GeoTIFFs: four scenes of 500 px, turned and mirrored."""
    rng, tile = np.random.default_rng(1), 500
    drawn = [scene(seed, side=tile, changes=8, kept=12, still=True) for seed in range(900, 904)]
    kind = {
        "driver": "GTiff", "width": side, "height": side, "count": 3, "dtype": "uint8", "crs": "EPSG:32652",
        "tiled": True, "blockxsize": 512, "blockysize": 512, "photometric": "RGB",
    }  # fmt: skip
    paths = folder / "before.tif", folder / "after.tif"
    places = [Affine(0.5, 0, 3e5 + aside, 0, -0.5, 4e6) for aside in (0.0, 1.5)]
    with (
        rasterio.open(paths[0], "w", transform=places[0], **kind) as before,
        rasterio.open(paths[1], "w", transform=places[1], **kind) as after,
    ):
        for top in range(0, side, tile):
            for left in range(0, side, tile):
                one, turn, mirror = drawn[rng.integers(4)], int(rng.integers(4)), rng.random() < 0.5
                window = rasterio.windows.Window(left, top, min(tile, side - left), min(tile, side - top))
                for file, image in ((before, one.before), (after, one.after)):
                    turned = np.rot90(image, turn, (1, 2))
                    turned = turned[:, :, ::-1] if mirror else turned
                    file.write(turned[:, : window.height, : window.width], window=window)
    return paths


def _timed(paths: tuple[Path, Path]) -> tuple[float, float, int, float]:
    base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.perf_counter()
    found = compare_files(*paths, workers=2)
    seconds = time.perf_counter() - begun
    peak = max(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, base) / 2**20
    return seconds, peak, len(found.regions), found.registration.residual_px


def speed(side: int) -> list[Figure]:
    """Seconds and peak memory of one pair, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        paths = mosaic(Path(folder), side)
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            seconds, peak, told, residual = pool.submit(_timed, paths).result()
    case = f"{side:,} x {side:,} px (simulated)"
    return [
        Figure(case, "seconds", seconds, "s"), Figure(case, "peak memory", peak, "GiB"),
        Figure(case, "regions", told, "regions"), Figure(case, "residual", residual, "px"),
    ]  # fmt: skip


def main() -> None:
    """Measure, and print."""
    parser = options(__doc__)
    parser.add_argument("--choose", action="store_true", help="weights and limits, on simulated pairs alone")
    parser.add_argument("--no-speed", action="store_true", help="leave the large pair out")
    parser.add_argument("--only-speed", action="store_true", help="the large pair alone")
    arguments = parser.parse_args()
    if arguments.only_speed:
        show("structures", speed(2_000 if arguments.quick else 10_000))
        return
    if arguments.choose:
        print("Simulated pairs.\n")
        show("structures", choose(arguments.workers))
        return
    figures: list[Figure] = []
    if LEVIR.is_dir():
        figures += real()
        names = list(STANDING)[-1:] if arguments.quick else list(STANDING)
        figures += by_size("LEVIR, simulated demolition", spread(planted_real, names, arguments.workers))
    else:
        print(f"No LEVIR pairs in {LEVIR}: only simulated pairs are measured (bench/README.md says where to get them).")
    pairs = spread(simulated, range(200, 204 if arguments.quick else 224), arguments.workers)
    figures += sum((score for score, _ in pairs), Score()).figures("simulated")
    figures.append(Figure("simulated", "median error of registration", float(np.median([e for _, e in pairs])), "px"))
    seeds = range(300, 302 if arguments.quick else 308)
    figures += by_size("simulated pairs, simulated demolition", spread(planted_simulated, seeds, arguments.workers))
    if not arguments.no_speed:
        figures += speed(2_000 if arguments.quick else 10_000)
    show("structures", figures)


if __name__ == "__main__":
    main()
