"""How many vehicles there are, from boxes: whether the interval holds; whether tiles change anything; how fast it is.

Usage: python bench/vehicles.py [--quick] [--workers N] [--only counting|tiles|speed]
Counting: 35 aerial frames in which all vehicles are boxed (bench/README.md: KIT AIS; two places, MOS and Munich). The
vehicles and the frames are real, the **detector is simulated**: it finds each vehicle with some chance, draws its box
askew, often twice, and draws false boxes anywhere; `one_each` then makes one of them for each vehicle. Recall and false
boxes are measured, by `try_boxes`, on the frames of one place, and the count is judged on those of the other. Frames of
one place show much the same vehicles; finds are drawn anew in each. Detectors: alike (the same chances everywhere),
differing (recall differs between frames with a standard deviation of .08, false boxes with a shape of 2), by size (the
longer a vehicle, the likelier it is found; the places differ in it). Two ways to count: "one rate" takes recall and
false boxes as the same in every image, "between images" lets them differ. Intervals of figures are 90 %, over
replicates, each with its own trials.
Boxes of vehicles that stand close: how many of the real ones `one_each` would take for one, by its limit.
Tiles: detectors made for the tests, on made-up ground; a run over tiles beside a run over the whole.
Speed: made-up ground of 10,000 x 10,000 pixels, three bands; a detector that costs next to nothing, so that what is
measured is Sitewatch's own part, and one that finds small marks (.26 thousand million multiplications a tile).
No setting was chosen on these frames.
"""

from __future__ import annotations

import importlib.util
import math
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

import numpy as np
import rasterio
from PIL import Image

from figures import Figure, show
from sites import ROOT, SHARED, options, spread
from sitewatch.look.vehicles import Boxes, Detector, Trial, VehicleSettings, find_vehicles, one_each, try_boxes
from sitewatch.weigh.recall import FalseBoxes, Recall
from sitewatch.weigh.tally import Tally, tally

FRAMES = SHARED / "data" / "vehicles" / "kit_ais"
PLACES = ("MOS", "Munich")
RECALLS = (0.6, 0.8, 0.9)
FALSE = (1.0, 5.0)
BETWEEN_SD, FALSE_SHAPE = 0.08, 2.0
BY_SIZE = 1.0
"""Logit of recall for each standard deviation of the logarithm of a vehicle's area."""
WAYS = ("one rate", "between images")
SETTINGS = VehicleSettings()


@dataclass(frozen=True)
class Frame:
    """One image and its vehicles."""

    place: str
    truth: Boxes
    width: int
    height: int


@dataclass(frozen=True)
class Simulated:
    """A detector whose recall and false boxes are known."""

    kind: str
    recall: float
    false: float

    @property
    def name(self) -> str:
        """As it stands in the table."""
        return f"{self.kind}, recall {self.recall:g}, {self.false:g} false"


@cache
def frames() -> tuple[Frame, ...]:
    """All frames with their boxes, upright, pixels."""
    found = []
    for path in sorted(FRAMES.glob("*.txt")):
        with Image.open(path.with_suffix(".png")) as image:
            width, height = image.size
        rows = np.loadtxt(path, ndmin=2)
        scale = np.array([width, height])
        count = len(rows)
        truth = Boxes(
            rows[:, 1:3] * scale, rows[:, 3:5] * scale, np.zeros(count), np.ones(count), np.zeros(count, np.int64)
        )
        found.append(Frame("MOS" if path.name.startswith("MOS") else "Munich", truth, width, height))
    if not found:
        raise SystemExit(f"{FRAMES} is not there; bench/README.md tells where the data are to be had")
    return tuple(found)


@cache
def typical() -> tuple[float, float]:
    """Mean and standard deviation of the logarithm of a vehicle's area over all frames."""
    area = np.log(np.concatenate([frame.truth.size.prod(1) for frame in frames()]))
    return float(area.mean()), float(area.std())


def simulate(frame: Frame, detector: Simulated, rng: np.random.Generator) -> Boxes:
    """What a simulated detector draws on a frame, one to a vehicle."""
    truth, recall, false = frame.truth, np.full(len(frame.truth), detector.recall), detector.false
    if detector.kind == "differing":
        size = detector.recall * (1 - detector.recall) / BETWEEN_SD**2 - 1
        recall = np.full(len(truth), rng.beta(detector.recall * size, (1 - detector.recall) * size))
        false = rng.gamma(FALSE_SHAPE, detector.false / FALSE_SHAPE)
    if detector.kind == "by size":
        mean, sd = typical()
        logit = math.log(detector.recall / (1 - detector.recall)) + BY_SIZE * (np.log(truth.size.prod(1)) - mean) / sd
        recall = 1 / (1 + np.exp(-logit))
    hit = np.flatnonzero(rng.random(len(truth)) < recall)
    drawn = truth.chosen(np.repeat(hit, 1 + rng.poisson(1.0, len(hit))))
    askew = rng.normal(0, 0.05, (len(drawn), 4))
    extra = rng.poisson(false)
    place = rng.random((extra, 2)) * (frame.width, frame.height)
    size = truth.size[rng.integers(len(truth), size=extra)]
    boxes = Boxes(
        np.concatenate([drawn.centre + askew[:, :2] * drawn.size, place]),
        np.concatenate([drawn.size * np.exp(askew[:, 2:]), size]),
        np.zeros(len(drawn) + extra),
        rng.uniform(SETTINGS.least_score, 1, len(drawn) + extra),
        np.zeros(len(drawn) + extra, np.int64),
    )
    return one_each(boxes, SETTINGS.same)


def counted(task: tuple[Simulated, int]) -> dict[str, list[tuple[bool, float, float]]]:
    """One replicate: for each way and frame, whether the interval holds, its width, how far off its middle is."""
    detector, seed = task
    rng = np.random.default_rng([seed, *detector.name.encode()])
    results: dict[str, list[tuple[bool, float, float]]] = {way: [] for way in WAYS}
    for place in PLACES:
        trials = [try_boxes(simulate(f, detector, rng), f.truth) for f in frames() if f.place != place]
        judged = [(len(f.truth), len(simulate(f, detector, rng))) for f in frames() if f.place == place]
        for way in WAYS:
            known = learnt(way, trials)
            kept: dict[int, Tally] = {}
            for there, boxes in judged:
                if boxes not in kept:
                    kept[boxes] = tally(boxes, *known)
                low, middle, high = kept[boxes].interval(0.9)
                results[way].append((low <= there <= high, (high - low) / there, middle / there - 1))
    return results


def learnt(way: str, trials: Sequence[Trial]) -> tuple[Recall, FalseBoxes]:
    """Recall and false boxes from trials."""
    if way == "one rate":
        found, of = sum(t.found for t in trials), sum(t.of for t in trials)
        return Recall.trials(found, of), FalseBoxes.trials(sum(t.false for t in trials), len(trials))
    return Recall.between([(t.found, t.of) for t in trials]), FalseBoxes.between([t.false for t in trials])


def counting(quick: bool, workers: int) -> list[Figure]:
    """Coverage and width of the intervals."""
    replicates = 2 if quick else 12
    detectors = [Simulated(kind, r, f) for kind in ("alike", "differing", "by size") for r in RECALLS for f in FALSE]
    tasks = [(detector, seed) for detector in detectors for seed in range(replicates)]
    found = dict(zip(tasks, spread(counted, tasks, workers), strict=True))
    figures = []
    pooled: dict[str, list[np.ndarray]] = {}
    for way in WAYS:
        for detector in detectors:
            rows = np.array([found[detector, seed][way] for seed in range(replicates)], dtype=float)
            figures += _judged(f"{detector.name}: {way}", rows)
            pooled.setdefault(f"{detector.kind}, all: {way}", []).append(rows)
    for name, rows_of in pooled.items():
        figures += _judged(name, np.concatenate(rows_of, axis=1))
    return figures


def _judged(name: str, rows: np.ndarray) -> list[Figure]:
    """Figures of (replicate, frame, 3) outcomes."""
    holds = rows[:, :, 0].mean(1)
    half = 1.645 * float(holds.std(ddof=1)) / math.sqrt(len(holds))
    value = float(holds.mean())
    return [
        Figure(name, "interval holds", value, "share", max(value - half, 0), min(value + half, 1)),
        Figure(name, "median width", float(np.median(rows[:, :, 1])), "share of the count"),
        Figure(name, "middle off by", float(np.median(rows[:, :, 2])), "share of the count"),
    ]


def close() -> list[Figure]:
    """Real vehicles whose upright boxes would be taken for one."""
    every = sum(len(frame.truth) for frame in frames())
    return [
        Figure(
            "real boxes", f"taken for one at {same:g}", every - sum(len(one_each(f.truth, same)) for f in frames()),
            f"of {every} vehicles",
        )
        for same in (0.1, 0.2, 0.3, 0.4, 0.5)
    ]  # fmt: skip


@cache
def graphs() -> ModuleType:
    """The detectors made for the tests."""
    path = ROOT / "tests" / "look" / "vehicles" / "graphs.py"
    spec = importlib.util.spec_from_file_location("vehicle_graphs", path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{path} is not there")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def tiled(quick: bool) -> list[Figure]:
    """Boxes of a run over tiles beside those of a run over the whole."""
    made, figures = graphs(), []
    images = 1 if quick else 4
    with tempfile.TemporaryDirectory() as folder:
        for oriented in (False, True):
            marks = made.ORIENTED if oriented else made.UPRIGHT
            for listed in (False, True):
                parts, whole = (
                    Detector.open(
                        made.graph(Path(folder) / f"{size[0]}.onnx", marks, size, oriented=oriented, listed=listed)
                    )
                    for size in ((160, 160), (500, 460))
                )
                planted = same = 0
                apart = 0.0
                for seed in range(images):
                    image, placed = made.ground((500, 460), marks, 60, seed)
                    path = made.write(Path(folder) / "ground.tif", np.stack([image] * 3), photometric="RGB")
                    one, other = (_rows(path, detector) for detector in (parts, whole))
                    planted += len(placed)
                    if one.shape == other.shape:
                        same += len(one)
                        apart = max(apart, float(np.abs(one - other).max()))
                name = f"{'oriented' if oriented else 'upright'}, {'listed' if listed else 'cells'}"
                figures += [
                    Figure(name, "planted", planted, "marks"),
                    Figure(name, "found by both", same, "marks"),
                    Figure(name, "largest difference", apart, "pixels, radians, probability"),
                ]
    return figures


def _rows(path: Path, detector: Detector) -> np.ndarray:
    """(box, 6): all numbers of the boxes, from left to right."""
    boxes = find_vehicles(path, detector, progress=_quiet).boxes
    rows = np.column_stack([boxes.centre, boxes.size, boxes.angle, boxes.score])
    return rows[np.lexsort((rows[:, 1], rows[:, 0]))]


def _quiet(what: str, done: int, total: int) -> None:
    """No progress is shown."""


def timed(task: tuple[str, int]) -> tuple[float, float, int, int]:
    """Seconds, peak memory in MiB, tiles and vehicles of one run, in a process of its own."""
    folder, kind = Path(task[0]), task[1]
    detector = Detector.open(folder / ("nothing.onnx" if kind == 0 else "marks.onnx"))
    start = time.perf_counter()
    found = find_vehicles(folder / "large.tif", detector, progress=_quiet)
    taken = time.perf_counter() - start
    return taken, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, found.tiles, len(found.vehicles)


def speed(quick: bool) -> list[Figure]:
    """A large image through both detectors."""
    made, side = graphs(), 2000 if quick else 10_000
    figures = []
    with tempfile.TemporaryDirectory() as folder:
        _large(Path(folder) / "large.tif", side)
        made.fixed(Path(folder) / "nothing.onnx", np.zeros((1, 7, 8400)), size=640)
        made.graph(Path(folder) / "marks.onnx", made.UPRIGHT[:1], (640, 640), oriented=False)
        for kind, name in enumerate(("next to nothing", "finds small marks")):
            ((seconds, memory, tiles, vehicles),) = spread(timed, [(folder, kind)], 2)
            case = f"{side:,} x {side:,} px, {name}"
            figures += [
                Figure(case, "seconds", seconds, "s"),
                Figure(case, "peak memory", memory, "MiB"),
                Figure(case, "tiles", tiles, "tiles of 640 px"),
                Figure(case, "vehicles", vehicles, "marks found"),
            ]
    return figures


def _large(path: Path, side: int) -> None:
    made = graphs()
    image, _ = made.ground((1000, 1000), made.UPRIGHT[:1], 20, 0)
    noisy = np.maximum(image, np.random.default_rng(0).integers(0, 40, image.shape).astype(np.uint8))
    profile = {
        "driver": "GTiff", "count": 3, "height": side, "width": side, "dtype": "uint8", "crs": made.CRS, "tiled": True,
        "transform": rasterio.Affine(0.5, 0, made.CORNER[0], 0, -0.5, made.CORNER[1]), "photometric": "RGB",
        "compress": "deflate", "zlevel": 1,
    }  # fmt: skip
    with rasterio.open(path, "w", **profile) as file:
        for y in range(0, side, 1000):
            for x in range(0, side, 1000):
                file.write(np.stack([noisy] * 3), window=rasterio.windows.Window(x, y, 1000, 1000))


def main() -> None:
    """Measure, and print."""
    parser = options(__doc__)
    parser.add_argument("--only", choices=("counting", "tiles", "speed"), help="one part; without it all three")
    arguments = parser.parse_args()
    print("Real vehicles and frames, simulated detectors; tiles and speed on made-up ground.\n")
    figures: list[Figure] = []
    if arguments.only in (None, "counting"):
        figures += counting(arguments.quick, arguments.workers) + close()
    if arguments.only in (None, "tiles"):
        figures += tiled(arguments.quick)
    if arguments.only in (None, "speed"):
        figures += speed(arguments.quick)
    show("vehicles", figures)


if __name__ == "__main__":
    main()
