"""The roads of a case: what it names, and everything that is wrong with it at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from sitewatch.case import CaseError, Problem, Roads, load_case, new_case

WHOLE = """\
title = "Two plants"

[[sites]]
id = "east"
name = "East"
fence = [[10.0, 50.0], [10.02, 50.0], [10.02, 50.02]]

[[sites]]
id = "desk"
name = "A place that only analysts look at"

[[roads]]
file = "roads.geojson"
site = "east"
licence = "ODbL 1.0"
attribution = "an atlas"
"""
ROADS = '{"type": "FeatureCollection", "features": []}'


@pytest.fixture
def plants(tmp_path: Path) -> Path:
    (tmp_path / "roads.geojson").write_text(ROADS)
    (tmp_path / "case.toml").write_text(WHOLE)
    return tmp_path


def wrong(folder: Path, *changes: tuple[str, str]) -> tuple[Problem, ...]:
    text = WHOLE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    (folder / "case.toml").write_text(text)
    with pytest.raises(CaseError) as error:
        load_case(folder)
    return error.value.problems


def test_roads_keep_their_path_and_terms_as_written(plants: Path) -> None:
    assert load_case(plants).roads == (Roads("roads.geojson", "east", "ODbL 1.0", "an atlas"),)


@pytest.mark.parametrize(
    ("old", "new", "line", "field", "found", "right"),
    [
        ('"roads.geojson"', '"rods.geojson"', 13, "roads[1].file", "which is not there", "of a file"),
        ('file = "roads.geojson"\n', "", 12, "roads[1].file", "nothing", "GeoJSON file of the roads"),
        ('"roads.geojson"', "7", 13, "roads[1].file", "7", "GeoJSON file of the roads"),
        ('site = "east"\n', "", 12, "roads[1].site", "nothing", "id of a site with a fence"),
        ('site = "east"', 'site = "est"', 14, "roads[1].site", "no site of the case", '"east"'),
        ('site = "east"', 'site = "desk"', 14, "roads[1].site", "without a fence", "with a fence"),
        ('licence = "ODbL', 'license = "ODbL', 15, "roads[1].license", "not known here", "`licence`"),
        (
            'attribution = "an atlas"\n',
            '[[roads]]\nfile = "roads.geojson"\nsite = "east"\n',
            18,
            "roads[2].site",
            'site "east", which has its roads from another table',
            "into one file",
        ),
    ],
)
def test_a_mistake_is_told_with_its_line(
    plants: Path, old: str, new: str, line: int, field: str, found: str, right: str
) -> None:
    (problem,) = wrong(plants, (old, new))
    assert (problem.line, problem.field) == (line, field)
    assert found in problem.found
    assert right in problem.right


@pytest.mark.parametrize(
    ("text", "found"), [('{"type": "Feature"}', '"Feature"'), ("[1]", '"list"'), (ROADS.replace("[]", "{}"), "Feature")]
)
def test_a_file_that_is_no_collection_is_refused(plants: Path, text: str, found: str) -> None:
    (plants / "roads.geojson").write_text(text)
    (problem,) = wrong(plants)
    assert (problem.line, problem.field) == (13, "roads[1].file")
    assert found in problem.found
    assert "FeatureCollection of lines and polygons" in problem.right


def test_a_file_that_is_no_json_is_told_with_its_own_line(plants: Path) -> None:
    (plants / "roads.geojson").write_text('{\n"type": oops}')
    (problem,) = wrong(plants)
    assert problem.file.endswith("roads.geojson")
    assert (problem.line, problem.field) == (2, "(syntax)")


def test_the_template_s_roads_load_when_the_signs_are_taken_away(tmp_path: Path) -> None:
    file = new_case(tmp_path)
    text = file.read_text(encoding="utf-8")
    start, end = text.index("# [[roads]]"), text.index("# Heat: hotspots")
    block = "\n".join(line.removeprefix("#").removeprefix(" ") for line in text[start:end].splitlines())
    file.write_text(text[:start] + block + "\n" + text[end:], encoding="utf-8")
    (tmp_path / "roads.geojson").write_text(ROADS)
    (one,) = load_case(tmp_path).roads
    assert (one.file, one.site) == ("roads.geojson", "example")
