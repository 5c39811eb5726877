"""A made-up yard on two days: its case, its two images and the parts of its structures, for tests of the whole way."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pyproj import Transformer
from typer.testing import CliRunner

from sitewatch.cli import app
from sitewatch.ledger import Ledger
from sitewatch.records import Record
from tests.look.structures.scenes import AFTER, BEFORE, GONE, STANDING, House, written

FENCE: House = (10, 10, 290, 290)
ROOF: House = (GONE[0], GONE[1], GONE[2] // 2, GONE[3])
WALL: House = (GONE[0] + GONE[2] // 2, GONE[1], GONE[2] // 2, GONE[3])
SHED: House = STANDING[1]
_TO_EARTH = Transformer.from_crs("EPSG:32652", "EPSG:4326", always_xy=True)
CASE = """
title = "A made-up yard"
[[sites]]
id = "yard"
name = "the yard"
fence = FENCE
[[sites]]
id = "rumour"
name = "the rumoured place"
[[commitments]]
id = "raze"
clause = "will take the hall apart"
obligor = "the owner"
form = "oral"
made = 2018-06-12
confirmed_by_obligor = true
names_site = true
site = "yard"
reversed_by = ["roof_intact"]
[[commitments.steps]]
progress = 1
any_of = ["roof_removed"]
"""
DAYS = {"a.tif": ("2018-05-01", "2018-05-02", "Eye in the Sky"), "b.tif": ("2018-07-20", "2018-07-23", "High Camera")}


def ring(house: House) -> list[list[float]]:
    """A house's outline, closed, longitude and latitude."""
    top, left, height, width = house
    corners = ((top, left), (top, left + width), (top + height, left + width), (top + height, left), (top, left))
    return [list(_TO_EARTH.transform(300_000 + column * 0.5, 4_000_000 - row * 0.5)) for row, column in corners]


def feature(structure: str, part: str, house: House, **more: Any) -> dict[str, Any]:
    """A part as GeoJSON."""
    geometry = {"type": "Polygon", "coordinates": [ring(house)]}
    return {"type": "Feature", "properties": {"structure": structure, "part": part, **more}, "geometry": geometry}


def collection(*features: Any, **more: Any) -> str:
    """Features as the text of a file."""
    return json.dumps({"type": "FeatureCollection", "features": list(features), **more})


HALL = collection(feature("hall", "roof", ROOF, order=1), feature("hall", "west wall", WALL, order=2))


def made(folder: Path) -> Path:
    """The case with both images in it, added."""
    folder.mkdir()
    (folder / "case.toml").write_text(CASE.replace("FENCE", json.dumps(ring(FENCE))))
    (folder / "parts.geojson").write_text(HALL)
    for name, image in (("a.tif", BEFORE), ("b.tif", AFTER)):
        written(folder / name, image)
        add(folder, name)
    return folder


_FINISHED: list[Path] = []


def finished(factory: pytest.TempPathFactory) -> Path:
    """A case whose pair was compared with the parts of its hall: made once, to be copied by who changes it."""
    if not _FINISHED:
        case = made(factory.mktemp("finished") / "mine")
        compared(case, "--parts", case / "parts.geojson")
        _FINISHED.append(case)
    return _FINISHED[0]


def add(case: Path, name: str, **changes: str) -> None:
    """Add an image of the case's folder."""
    acquired, published, provider = DAYS.get(name, DAYS["b.tif"])
    told = {"site": "yard", "acquired": acquired, "published": published, "provider": provider,
            "licence": "details may be shown"} | changes  # fmt: skip
    said("add-image", case, case / name, *(word for key, value in told.items() for word in (f"--{key}", value)))


def sitewatch(*arguments: object) -> tuple[int, str, str]:
    """Exit status, what is printed, and what is printed as errors."""
    answer = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if answer.exception is not None and not isinstance(answer.exception, SystemExit):
        raise answer.exception
    return answer.exit_code, answer.stdout, answer.stderr


def said(*arguments: object) -> dict[str, Any]:
    """What a command that works says as JSON."""
    status, out, err = sitewatch(*arguments, "--json")
    assert status == 0, err
    told: dict[str, Any] = json.loads(out)
    return told


def refused(*arguments: object) -> str:
    """Why a command refuses its input."""
    status, _, err = sitewatch(*arguments)
    assert status == 2
    return err


def compared(case: Path, *options: object) -> dict[str, Any]:
    """What the comparison of the two images says."""
    return said("compare-images", case, case / "a.tif", case / "b.tif", "--site", "yard", *options)


def kept(case: Path, kind: type[Record]) -> tuple[Any, ...]:
    """What stands in the case's ledger, which holds."""
    with Ledger.open(case / "ledger", create=False) as ledger:
        assert ledger.verify() == []
        return ledger.view().of(kind)
