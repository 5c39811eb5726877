"""Made records for the tests of tell and desk: a watched stand with an alert, and a factory that people write about."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np
from pyproj import Transformer
from rasterio.io import MemoryFile
from rasterio.transform import Affine

from sitewatch.look import cover
from sitewatch.records import (
    Alert,
    AlertState,
    Assessment,
    Assumptions,
    Claim,
    Commitment,
    Driver,
    Finding,
    FindingWord,
    Form,
    Grade,
    Grid,
    Holder,
    Hypothesis,
    Indicator,
    Item,
    LeaveOut,
    Lineage,
    Look,
    Modality,
    NextLook,
    Pass,
    Posterior,
    Probability,
    Question,
    Ratio,
    Record,
    Region,
    Relation,
    Result,
    Site,
    Source,
    State,
    Step,
    Test,
    View,
    When,
    day_end,
)
from sitewatch.tell import latest_evidence
from sitewatch.tell.page import Page, brief
from sitewatch.weigh import words

HEAD = "5" * 64
CONFIG = "c" * 64
ENGINE = "sitewatch 0.1.0"
CRS = "EPSG:32635"
SIDE = 64
GRID = Grid(crs=CRS, transform=(10.0, 0.0, 450_000.0, 0.0, -10.0, 5_200_000.0), shape=(SIDE, SIDE))
BANDS = ("blue", "green", "red", "nir")


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def say(lo: float, hi: float) -> str:
    """The words of weigh, with the dash of print."""
    return re.sub(r"(?<=\d)-(?=\d)", "–", words.say(lo, hi))


def p(lo: float, best: float, hi: float, origin: str = "the case") -> Probability:
    return Probability(lo=lo, best=best, hi=hi, origin=origin)


# --- from above -------------------------------------------------------------------------------------------------


def chip(seed: int, *, cut: bool, bands: tuple[str, ...] = BANDS, crs: str = CRS) -> bytes:
    """A small wood with a road; a felled rectangle in it when `cut`."""
    grain = np.random.default_rng(7).normal(0, 1, (len(bands), SIDE, SIDE))
    hiss = np.random.default_rng(seed).normal(0, 1, (len(bands), SIDE, SIDE))
    wood = {"blue": 250, "green": 420, "red": 300, "nir": 3200, "scl": 4}
    bare = {"blue": 700, "green": 1000, "red": 1300, "nir": 2000, "scl": 4}
    image = np.stack([np.full((SIDE, SIDE), wood[b], float) for b in bands])
    image[:, 30:32, :] = np.array([bare[b] for b in bands])[:, None, None]
    if cut:
        image[:, 24:40, 26:44] = np.array([bare[b] for b in bands])[:, None, None]
    spread = np.array([0 if b == "scl" else 0.06 for b in bands])[:, None, None]
    image = image * (1 + spread * (grain + 0.4 * hiss))
    image[:, :3, :3] = 0
    if "scl" in bands and cut:
        image[bands.index("scl"), 50:60, 5:20] = 9
    profile = {"driver": "GTiff", "height": SIDE, "width": SIDE, "count": len(bands), "dtype": "uint16", "nodata": 0}
    with MemoryFile() as memory:
        with memory.open(**profile, crs=crs, transform=Affine(*GRID.transform)) as out:
            out.write(image.astype("uint16"))
            out.descriptions = bands
            out.scales = [1.0 if b == "scl" else 1e-4 for b in bands]
        return bytes(memory.read())


def ring(left: int, top: int, right: int, bottom: int) -> tuple[tuple[float, float], ...]:
    """A closed ring of pixel corners as longitude and latitude."""
    a, _, c, _, e, f = GRID.transform
    to_earth = Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)
    corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
    return tuple(tuple(to_earth.transform(c + a * x, f + e * y)) for x, y in corners)


FENCE = ring(20, 18, 50, 46)


@dataclass
class Forest:
    """Records of the watched stand, and the bytes of its chips."""

    records: list[Record]
    blobs: dict[str, bytes]
    alert: Alert
    passes: list[Pass]


def forest(*, days: int = 40, bands: tuple[str, ...] = BANDS) -> Forest:
    """A site with a pass every ten days, every third of them under cloud, and one alert."""
    site = Site(slug="stand", name="The stand by the road", fence=FENCE, watch_from=date(2019, 1, 1))
    start = datetime(2018, 7, 1, 9, 20, 31, tzinfo=UTC)
    felled = 28
    blobs, passes, looks = {}, [], []
    for n in range(days):
        data = chip(n, cut=n >= felled, bands=bands)
        digest = hashlib.sha256(data).hexdigest()
        blobs[digest] = data
        at = start + timedelta(days=10 * n)
        passed = Pass(
            site="stand", sensor="optical", platform="Sentinel-2A", provider="ESA", acquired=at, catalogue="local",
            items=(f"S2A_{n:03}",), chip=digest, bands=bands, grid=GRID, available_at=at + timedelta(days=1),
            licence="free and open", attribution="contains modified Copernicus Sentinel data 2018-2019",
        )  # fmt: skip
        passes.append(passed)
        looks.append(_monitor_look(passed, n, felled))
    region = Region(pixels=288, area_m2=28_800, centre=ring(35, 32, 36, 33)[0], outline=(ring(26, 24, 44, 40),))
    before, after = passes[felled - 2], passes[felled + 1]
    alert = Alert(
        site="stand", number=1, region=region, statistic=112.4, limit=40.0, before=before.id, after=after.id,
        history=(
            AlertState(state=State.POSSIBLE, at=after.acquired, reason="288 connected pixels over the limit"),
            AlertState(state=State.PROBABLE, at=passes[felled + 4].acquired, reason="two further clear looks agree"),
        ),
        onset=When(earliest=before.acquired, latest=after.acquired), first_flag=after.acquired,
        looks_used=tuple(x.id for x in (after, passes[felled + 2], passes[felled + 4])),
        looks_missed=(passes[felled - 1].id, passes[felled].id), available_at=passes[felled + 4].available_at,
    )  # fmt: skip
    return Forest([site, *passes, *looks, alert], blobs, alert, passes)


def _monitor_look(passed: Pass, n: int, felled: int) -> Look:
    result = Result.SEEN if n > felled else Result.NOT_SEEN
    reason = None
    if passed.acquired < datetime(2019, 1, 1, tzinfo=UTC):
        result, reason = Result.NOT_ASSESSABLE, "before the watch: the baseline is fitted to it"
    if n % 3 == 0 and n != felled + 2:
        result, reason = Result.OBSCURED, f"{12 + n % 7} % of the ring is clear; 30 % are needed"
    if n == felled:
        result, reason = Result.NOT_ASSESSABLE, "the pass lies 1.8 pixels off the reference"
    if n == felled - 1:
        result, reason = Result.OBSCURED, "4 % of the ring is clear; 30 % are needed"
    return Look(
        site="stand", observable="change", result=result, when=When(earliest=passed.acquired, latest=passed.acquired),
        by="monitor", pass_id=passed.id, provider="ESA", publisher="this desk", reason=reason, resolution_m=10,
        available_at=passed.available_at,
    )  # fmt: skip


# --- from the press ---------------------------------------------------------------------------------------------

TEXTS = {
    "wire": "Vehicles went in and out of the yard, a senior official said. The images could not show what a covered "
    "trailer carried, the official said. The yard built two to four rockets before. Count of remains: 55.",
    "copy": "Vehicles went in and out of the yard, a senior official said. The images could not show what a covered "
    "trailer carried, the official said.",
    "bold": "A trailer carried rockets out of the yard, the wire reported. <script>alert('x')</script> "
    '<img src=http://evil.example/x.png onerror="alert(1)"> Fifty-four remains were handed over: 54 boxes.',
    "paper": "One or two rockets are being built there, said unnamed officials who have seen the same imagery.",
}


@dataclass
class Yard:
    """Records of the factory yard."""

    records: list[Record]
    items: dict[str, Item]
    claims: dict[str, Claim]


def _item(name: str, day: int, title: str) -> Item:
    at = datetime(2018, 7, day, 11, 5, tzinfo=UTC)
    return Item(
        artifact=sha(name), text=TEXTS[name], origin=f"reports/{name}.txt", title=title, outlet=f"{name}-a",
        published=When(earliest=at, latest=at), available_at=at,
    )  # fmt: skip


def _claim(item: Item, words: str, modality: Modality, *chain: str, place: str = "yard") -> Claim:
    start = item.text.index(words)
    return Claim(
        item=item.id, quote=words, span=(start, start + len(words)), modality=modality, places=(place,),
        chain=tuple(Holder(name=c, form="described") for c in chain), available_at=item.available_at,
    )  # fmt: skip


def yard() -> Yard:
    """Four reports, three looks, a question, a pledge, a drift and a conflict."""
    items = {
        "wire": _item("wire", 20, "Vehicles seen at the yard"),
        "copy": _item("copy", 21, "Vehicles seen at yard (WA)"),
        "bold": _item("bold", 22, "Rockets <b>leave</b> the yard"),
        "paper": _item("paper", 20, "Rockets being built"),
    }
    claims = {
        "trailer": _claim(
            items["wire"], "could not show what a covered trailer carried", Modality.UNKNOWN, "an official"
        ),
        "carried": _claim(items["bold"], "A trailer carried rockets out of the yard", Modality.ASSERTED, "the wire"),
        "fifty-five": _claim(items["wire"], "Count of remains: 55", Modality.ASSERTED, "Wire A"),
        "fifty-four": _claim(
            items["bold"], "Fifty-four remains were handed over: 54 boxes", Modality.ASSERTED, "Bold D"
        ),
        "script": _claim(items["bold"], "<script>alert('x')</script>", Modality.ASSERTED, "Bold D"),
        "built": _claim(items["paper"], "One or two rockets are being built there", Modality.ASSESSED, "officials"),
    }
    lineage = [
        Lineage(child=items["copy"].id, parent=items["wire"].id, relation="copy", score=0.98,
                method="98 % of its 3-grams stand in the parent; credit line (WA)"),
        Lineage(child=items["bold"].id, parent=items["wire"].id, relation="paraphrase", score=0.41,
                method='shared names and numbers; "the wire reported"'),
        Lineage(child=items["paper"].id, parent=items["wire"].id, relation="same_official", score=1.0,
                method="the case says so: both cite officials with the same imagery"),
    ]  # fmt: skip
    relations = [
        Relation(relation="drift", a=claims["trailer"].id, b=claims["carried"].id, about="hedge",
                 says="unknown in the root, asserted in the retelling", available_at=items["bold"].available_at),
        Relation(relation="conflict", a=claims["fifty-five"].id, b=claims["fifty-four"].id, about="remains",
                 says="55 against 54 remains", available_at=items["bold"].available_at),
    ]  # fmt: skip
    lineage = [
        e.model_copy(
            update={"available_at": max(i.available_at for i in items.values() if i.id in (e.child, e.parent))}
        )
        for e in lineage
    ]
    sources = [
        Source(slug=f"{n}-a", name=f"{n.title()} {c}", owner=f"house {c}",
               available_at=datetime(2018, 1, 1, tzinfo=UTC), grades=(Grade(letter=g, why="stated by the case"),))
        for n, c, g in (("wire", "A", "B"), ("copy", "C", "C"), ("bold", "D", "D"), ("paper", "B", "B"))
    ]  # fmt: skip
    return Yard([*_yard_case(), *sources, *items.values(), *claims.values(), *lineage, *relations], items, claims)


def _yard_look(observable: str, day: date, known: date | None, result: Result = Result.SEEN) -> Look:
    return Look(
        site="yard", observable=observable, result=result, when=When.of(day), by="analyst", provider="a satellite firm",
        publisher="an institute", resolution_m=0.5, p_detect=p(0.8, 0.9, 0.95), p_false=p(0.01, 0.03, 0.08),
        row="looks/yard.csv:2", available_at=day_end(known) if known else None,
    )  # fmt: skip


LOOKS = (
    _yard_look("superstructure_removed", date(2018, 7, 20), date(2018, 7, 23)),
    _yard_look("steel_base_cut", date(2018, 8, 3), date(2018, 8, 7)),
    _yard_look("structure_rebuilt", date(2019, 3, 2), date(2019, 3, 5)),
    _yard_look("dormant", date(2018, 8, 20), None),
)


def _yard_case() -> list[Record]:
    start = datetime(2018, 6, 12, tzinfo=UTC)
    site = Site(slug="yard", name="The yard", nature="rocket factory", aliases=("Yard One",), available_at=start)
    question = Question(
        slug="trailer", text="What does the covered trailer tell?", site="yard", available_at=start,
        hypotheses=(
            Hypothesis(id="assembly", text="Rockets are being assembled in the yard"),
            Hypothesis(id="routine", text="The yard's ordinary traffic goes on"),
            Hypothesis(id="other", text="Something else"),
        ),
        indicators=(
            Indicator(id="covered", text="A covered trailer is reported", why="such trailers once moved rockets",
                      likelihood=_likelihood(p(0.7, 0.9, 0.95), p(0.4, 0.6, 0.8))),
            Indicator(id="steady", text="Traffic is as it was before", why="assembly would bring more",
                      likelihood=_likelihood(p(0.2, 0.4, 0.6), p(0.7, 0.8, 0.9))),
            Indicator(id="fuel", text="Fuel trucks come", why="a test needs fuel",
                      likelihood=_likelihood(p(0.1, 0.3, 0.5), p(0.01, 0.05, 0.1))),
        ),
        next_looks=("fuel",),
    )  # fmt: skip
    pledge = Commitment(
        slug="test-site", clause="to destroy a major engine testing site", obligor="the leader",
        form=Form.REPORTED_BY_OTHER_PARTY, made=When.of(date(2018, 6, 12)), confirmed_by_obligor=False,
        names_site=False, site="yard", reversed_by=("structure_rebuilt",), available_at=start,
        steps=(Step(progress=1, any_of=("superstructure_removed",)), Step(progress=2, any_of=("steel_base_cut",))),
    )  # fmt: skip
    return [site, question, pledge, *LOOKS]


def _likelihood(assembly: Probability, routine: Probability) -> dict[str, Probability]:
    return {"assembly": assembly, "routine": routine, "other": p(0.05, 0.5, 0.95)}


def assessment(made: Yard, **changes: object) -> Assessment:
    """An answer to the yard's question, in which the naive product is far out."""
    fields: dict[str, object] = {
        "question": "trailer",
        "ratios": (
            Ratio(first="assembly", second="routine", best=1.31, lo=1.12, hi=1.47, corner_lo=0.82, corner_hi=2.2,
                  naive=31.4, cannot_tell=True),
            Ratio(first="assembly", second="other", best=1.8, lo=0.9, hi=6, corner_lo=0.5, corner_hi=15, naive=40,
                  cannot_tell=True),
            Ratio(first="routine", second="other", best=1.4, lo=0.7, hi=5, corner_lo=0.4, corner_hi=12, naive=2,
                  cannot_tell=True),
        ),
        "posteriors": (
            Posterior(prior={"assembly": 1 / 3, "routine": 1 / 3, "other": 1 / 3},
                      posterior={"assembly": p(0.25, 0.43, 0.5), "routine": p(0.25, 0.33, 0.42),
                                 "other": p(0.08, 0.24, 0.48)}),
            Posterior(prior={"assembly": 0.1, "routine": 0.8, "other": 0.1},
                      posterior={"assembly": p(0.11, 0.13, 0.16), "routine": p(0.76, 0.8, 0.84),
                                 "other": p(0.02, 0.2, 0.6)}),
        ),
        "drivers": (
            Driver(indicator="steady", status="no evidence", log_likelihood={"assembly": 0, "routine": 0, "other": 0},
                   roots=0, reports=0, looks=(), claims=(), why="Nobody has reported on it."),
            Driver(indicator="covered", status="reported",
                   log_likelihood={"assembly": -0.2, "routine": -0.47, "other": -0.6}, roots=1, reports=3, looks=(),
                   claims=(made.claims["trailer"].id, made.claims["carried"].id), why="Three reports, one root."),
            Driver(indicator="fuel", status="not seen",
                   log_likelihood={"assembly": -0.3, "routine": -0.05, "other": -0.6}, roots=0, reports=0,
                   looks=(LOOKS[0].id,), claims=(), why="A clear look saw none."),
        ),
        "leave_out": (LeaveOut(without="the wire's root", best=0.8, flips=True),
                      LeaveOut(without="looks", best=1.5, flips=False)),
        "next_looks": (NextLook(indicator="fuel", gain_bits=0.21, text="Look for fuel trucks at the gate."),),
        "cannot_tell": ("Whether the trailer carried anything: nobody saw under its cover.",),
        "evidence_head": HEAD, "engine": ENGINE, "config": CONFIG, "seed": 1, "samples": 4000,
    }  # fmt: skip
    return Assessment.model_validate({**fields, **changes})


_CAVEATS = ("the clause names no site", "the obligor never confirmed it")


def finding(until: date) -> Finding:
    """What the looks known by a day say of the pledge."""
    held = View(LOOKS, head=HEAD, until=day_end(until))
    tests = tuple(
        Test(observable=k.observable, progress=step, result=k.result, when=k.when, power=k.p_detect, looks=(k.id,))
        for k, step in zip(LOOKS, (1, 2, 0), strict=False)
        if k.id in held
    )
    undone = any(t.progress == 0 for t in tests)
    progress = max((t.progress for t in tests), default=0)
    word = FindingWord.REVERSED if undone else FindingWord.CONSISTENT if tests else FindingWord.INDETERMINATE
    return Finding(
        commitment="test-site", finding=word, progress=progress, why="The looks say so.", tests=tests, caveats=_CAVEATS,
        evidence_head=HEAD, engine=ENGINE, config=CONFIG,
    )  # fmt: skip


def assumptions() -> Assumptions:
    """Made numbers."""
    letters = "ABCDEF"
    return Assumptions(
        hit={x: p(0.6, 0.8, 0.9, "a made number") for x in letters},
        false={x: p(0.02, 0.1, 0.2, "a made number") for x in letters},
        shared=p(0.3, 0.6, 0.9), visible=p(0.8, 0.9, 0.97), monitor_detect=p(0.5, 0.8, 0.9),
        monitor_false=p(0.02, 0.1, 0.3),
    )  # fmt: skip


def told_forest(**changes: object) -> Page:
    made = forest()
    view = View(made.records, head=HEAD)
    site, on = view.of(Site)[0], latest_evidence(view)
    coverage = [cover(site, view.of(Pass), view.of(Look), on)]
    own = {"blob": made.blobs.__getitem__, "title": "A stand in the hills", "coverage": coverage}
    return brief(view, **{**_base(), **own, **changes})


def told_yard(until: date | None = None, **changes: object) -> Page:
    made = yard()
    view = View(made.records, head=HEAD, until=day_end(until) if until else None)
    weighed = [assessment(made)] if made.items["bold"].id in view and LOOKS[0].id in view else []
    arguments = {
        **_base(), "title": "The yard & the <trailer>", "as_of": until, "assessments": weighed,
        "findings": [finding(until or date(2019, 12, 31))], "assumptions": assumptions(), **changes,
    }  # fmt: skip
    return brief(view, **arguments)


def _base() -> dict[str, object]:
    return {
        "title": "", "about": "Made for the tests.", "case_file": "case.toml", "config": CONFIG, "engine": ENGINE,
        "assessments": [], "findings": [], "blob": {}.__getitem__, "say": say, "as_of": None, "previous": None,
    }  # fmt: skip
