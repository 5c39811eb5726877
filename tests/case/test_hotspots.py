"""The hotspots of a case: what it names, and everything that is wrong with it at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from sitewatch.case import CaseError, Hotspots, Problem, load_case, new_case

WHOLE = """\
title = "Two plants"

[[sites]]
id = "east"
name = "East"
fence = [[10.0, 50.0], [10.02, 50.0], [10.02, 50.02]]
watch_from = 2022-06-01

[[sites]]
id = "west"
name = "West"
fence = [[8.0, 50.0], [8.02, 50.0], [8.02, 50.02]]
watch_from = 2022-06-01

[[sites]]
id = "desk"
name = "A place that only analysts look at"

[[hotspots]]
tables = ["archive.csv", "nrt.csv"]
clouds = "sky.csv"
sites = ["east"]
latency_hours = 6
licence = "free"
attribution = "an archive"

[[hotspots]]
table = "west.csv"
sites = ["west"]
"""


@pytest.fixture
def plants(tmp_path: Path) -> Path:
    for name in ("archive", "nrt", "sky", "west"):
        (tmp_path / f"{name}.csv").write_text("latitude\n")
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


def test_hotspots_keep_their_paths_and_terms_as_written(plants: Path) -> None:
    assert load_case(plants).hotspots == (
        Hotspots(("archive.csv", "nrt.csv"), "sky.csv", ("east",), 6.0, "free", "an archive"),
        Hotspots(("west.csv",), None, ("west",), 3.0, None, None),
    )


def test_hotspots_are_for_all_sites_with_a_fence_where_none_is_named(plants: Path) -> None:
    text = WHOLE[: WHOLE.index("[[hotspots]]")] + '[[hotspots]]\ntable = "west.csv"\n'
    (plants / "case.toml").write_text(text)
    assert load_case(plants).hotspots[0].sites == ("east", "west")


@pytest.mark.parametrize(
    ("old", "new", "line", "field", "found", "right"),
    [
        ('table = "west.csv"', 'table = "vest.csv"', 28, "hotspots[2].table", "which is not there", "of a file"),
        ('"nrt.csv"', '"now.csv"', 20, "hotspots[1].tables[2]", "which is not there", "of a file"),
        ('"sky.csv"', '"cloud.csv"', 21, "hotspots[1].clouds", "which is not there", "of a file"),
        ('"nrt.csv"', '"archive.csv"', 20, "hotspots[1].tables[2]", '"archive.csv" a second time', "each file once"),
        ('tables = ["archive.csv", "nrt.csv"]', "tables = []", 20, "hotspots[1].tables", "[]", "list of paths"),
        ('table = "west.csv"\n', "", 27, "hotspots[2].table", "nothing", "one of table, tables"),
        (
            'table = "west.csv"',
            'table = "west.csv"\ntables = ["nrt.csv"]',
            29,
            "hotspots[2].tables",
            "table and tables together",
            "only one of table, tables",
        ),
        ('table = "west.csv"', "table = 3", 28, "hotspots[2].table", "3", "as FIRMS exports it"),
        ('sites = ["west"]', 'sites = ["wst"]', 29, "hotspots[2].sites[1]", "no site of the case", '"west"'),
        ('sites = ["west"]', 'sites = ["desk"]', 29, "hotspots[2].sites[1]", "without a fence", "with a fence"),
        ('sites = ["west"]', 'sites = ["west", "east"]', 29, "hotspots[2].sites", '"east", which has', "for a site"),
        ('sites = ["west"]\n', "", 27, "hotspots[2].sites", '"east", which has', "all its files in `tables`"),
        ("latency_hours = 6", "latency_hours = -1", 23, "hotspots[1].latency_hours", "-1", "0 or more"),
        ('clouds = "sky', 'cloud = "sky', 21, "hotspots[1].cloud", "not known here", "`clouds`"),
    ],
)
def test_a_mistake_is_told_with_its_line(
    plants: Path, old: str, new: str, line: int, field: str, found: str, right: str
) -> None:
    (problem,) = wrong(plants, (old, new))
    assert (problem.line, problem.field) == (line, field)
    assert found in problem.found
    assert right in problem.right


def test_a_cloud_series_is_of_one_site(plants: Path) -> None:
    (problem,) = wrong(
        plants,
        ('sites = ["east"]', 'sites = ["east", "west"]'),
        ('[[hotspots]]\ntable = "west.csv"\nsites = ["west"]\n', ""),
    )
    assert (problem.line, problem.field) == (22, "hotspots[1].sites")
    assert "2 sites with one series of clouds" in problem.found


def test_a_site_whose_hotspots_are_counted_needs_its_first_watched_day(plants: Path) -> None:
    (problem,) = wrong(plants, ("watch_from = 2022-06-01\n", ""))
    assert (problem.line, problem.field, problem.found) == (3, "sites[east].watch_from", "nothing")
    assert problem.right.startswith("the first watched day, such as 2018-01-01: hotspots are counted of the site")


def test_a_case_without_any_fence_has_nothing_to_count_for(plants: Path) -> None:
    start = WHOLE.index("[[sites]]")
    text = WHOLE[:start] + WHOLE[WHOLE.index('[[sites]]\nid = "desk"') : WHOLE.index("[[hotspots]]")]
    (plants / "case.toml").write_text(text + '[[hotspots]]\ntable = "west.csv"\n')
    with pytest.raises(CaseError) as error:
        load_case(plants)
    (problem,) = error.value.problems
    assert (problem.field, problem.found) == ("hotspots[1].sites", "no site with a fence")


def test_all_mistakes_are_told_at_once(plants: Path) -> None:
    found = wrong(plants, ('"nrt.csv"', '"now.csv"'), ("latency_hours = 6", 'latency_hours = "x"'), ('"sky.csv"', "7"))
    assert [one.field for one in found] == [
        "hotspots[1].tables[2]", "hotspots[1].clouds", "hotspots[1].latency_hours",
    ]  # fmt: skip


def test_the_template_s_hotspots_load_when_the_signs_are_taken_away(tmp_path: Path) -> None:
    file = new_case(tmp_path)
    text = file.read_text(encoding="utf-8")
    start = text.index("# [[hotspots]]")
    end = text.index("\n\n", start)
    block = "\n".join(line.removeprefix("#").removeprefix(" ") for line in text[start:end].splitlines())
    file.write_text(text[:start] + block + "\n" + text[end:], encoding="utf-8")
    (tmp_path / "heat").mkdir()
    (tmp_path / "heat" / "firms.csv").write_text("latitude\n")
    (one,) = load_case(tmp_path).hotspots
    assert (one.tables, one.sites, one.latency_hours) == (("heat/firms.csv",), ("example",), 3.0)
    assert one.attribution
