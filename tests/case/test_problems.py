"""What is wrong with a case is told all at once: the file, the line, the field, what was found and what is right."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest

from sitewatch.case import CaseError, Problem, load_case
from sitewatch.case.model import Relation
from sitewatch.records import Lineage

Wrong = Callable[..., tuple[Problem, ...]]

FENCE = "[[124.70, 39.65], [124.72, 39.65], [124.72, 39.67], [124.70, 39.67]]"

CASES = {
    "unknown key": ('nature = "launch site"', 'natur = "x"', 7, "sites[sohae].natur", "not known", "`nature`"),
    "unknown key like no other": (
        'nature = "launch site"',
        "zzz = 1",
        7,
        "sites[sohae].zzz",
        "not known",
        "one of id,",
    ),
    "unknown table": ("[assumptions]", "[assumption]", 101, "assumption", "not known", "`assumptions`"),
    "a goal of no day": ("watch_from", "timeliness_days = 0\nwatch_from", 9, "timeliness_days", "0", "from 1 to 3650"),
    "a goal in words": ("watch_from", 'timeliness_days = "10"\nwatch_from', 9, "timeliness_days", '"10"', "a whole"),
    "a goal of half a day": ("watch_from", "timeliness_days = 1.5\nwatch_from", 9, "timeliness_days", "1.5", "a whole"),
    "missing field": ('name = "Sohae"\n', "", 3, "sites[sohae].name", "nothing", "the site's name"),
    "blank text": ('name = "Sohae"', 'name = "  "', 5, "sites[sohae].name", '"  "', "the site's name"),
    "wrong type": ('name = "Sohae"', "name = 5", 5, "sites[sohae].name", "5", "the site's name"),
    "a word for a list": ('["Tongchang-ri"]', '"T"', 6, "sites[sohae].aliases", '"T"', "a list of other names"),
    "a table for a list": ("[[links]]", "[links]", 95, "links", '{"child"', "tables [[links]]"),
    "a word for yes or no": ("names_site = false", 'names_site = "no"', 84, "names_site", '"no"', "true or false"),
    "an id with blanks": ('id = "stac"', 'id = "my stac"', 21, "catalogues[my stac].id", '"my stac"', "lower-case"),
    "site twice": ('id = "plant"', 'id = "sohae"', 17, "sites[sohae].id", "a second time", "no other of the sites"),
    "outlet twice": ('"daily-b"\nname', '"wire-a"\nname', 34, "outlets[wire-a].id", "second time", "no other"),
    "hypothesis twice": ('id = "idle"', 'id = "built"', 65, "hypotheses[built].id", "second time", "no other"),
    "unknown site": (
        'site = "plant"',
        'site = "plan"',
        59,
        "questions[missiles].site",
        '"plan", which is no',
        '"plant"',
    ),
    "site of a commitment": ('site = "sohae"', 'site = "x"', 85, "commitments[pledge].site", "no site", "plant, sohae"),
    "unknown outlet": (
        'outlet = "daily-b"',
        'outlet = "b"',
        50,
        "reports[2].outlet",
        "no outlet of the case",
        "daily-b",
    ),
    "feed without outlet": ('outlet = "daily-b"\n', "", 48, "reports[2].outlet", "nothing", "id of the outlet"),
    "unknown indicator": (
        '["trailer"]',
        '["trailers"]',
        60,
        "next_looks[1]",
        "no indicator of the question",
        '"trailer"',
    ),
    "unknown hypothesis": ("likelihood.idle", "likelihood.idel", 74, "likelihood.idel", "no hypothesis", '"idle"'),
    "hypothesis left out": ("likelihood.idle = [0.4, 0.6, 0.8]\n", "", 73, "likelihood.idle", "nothing", "P(trailer"),
    "likelihood over 1": ("[0.4, 0.6, 0.8]", "[0.4, 0.6, 8]", 74, "likelihood.idle", "[0.4, 0.6, 8]", "from 0 to 1"),
    "likelihood of two": ("[0.4, 0.6, 0.8]", "[0.4, 0.6]", 74, "likelihood.idle", "[0.4, 0.6]", "three numbers"),
    "likelihood of words": ("[0.4, 0.6, 0.8]", '"likely"', 74, "likelihood.idle", '"likely"', "three numbers"),
    "likelihood not ordered": ("[0.4, 0.6, 0.8]", "[0.8, 0.6, 0.4]", 74, "likelihood.idle", "[0.8,", "[0.4, 0.6, 0.8]"),
    "grade unknown": ('grade = "B"', 'grade = "G"', 30, "outlets[wire-a].grade", '"G"', 'a letter from "A"'),
    "no grade": ('grade = "B"\n', "", 26, "outlets[wire-a].grade", "nothing", "one of grade, grades"),
    "two grades from one day": (
        "since = 2018-01-01\n",
        "",
        37,
        "outlets[daily-b].grades",
        "two grades",
        "one for a day",
    ),
    "assumption of no letter": ("A = { range", "G = { range", 105, "assumptions.hit.G", '"G"', "by letter"),
    "url and folder": (
        'folder = "stac"',
        'folder = "stac"\nurl = "https://x.org"',
        22,
        "folder",
        "together",
        "only one",
    ),
    "neither url nor folder": ('folder = "stac"\n', "", 20, "catalogues[stac].url", "nothing", "one of url, folder"),
    "file and feed": (
        "[[reports]]\nfolder",
        '[[reports]]\nfile = "a"\nfolder',
        46,
        "reports[1].file",
        "together",
        "only one",
    ),
    "no address": ("https://news", "ftp://news", 49, "reports[2].feed", '"ftp://news', "http or https"),
    "missing folder": (
        'folder = "stac"',
        'folder = "sta"',
        22,
        "catalogues[stac].folder",
        "which is not there",
        "a folder",
    ),
    "file for a folder": ('folder = "stac"', 'folder = "case.toml"', 22, "folder", "something else", "a folder"),
    "missing table": ("looks/sohae.csv", "looks/x.csv", 53, "looks[1].table", "which is not there", "a file"),
    "missing report of a link": ("reports/b.txt", "reports/x.txt", 96, "links[1].child", "not there", "a file"),
    "no such relation": ('"same_official"', '"kin"', 98, "links[1].relation", '"kin"', "same_image"),
    "no such form": ('"reported by the other party"', '"written"', 80, "pledge].form", '"written"', "legally binding"),
    "no calendar day": (
        "made = 2018-06-12",
        'made = "2018-02-30"',
        81,
        "pledge].made",
        '"2018-02-30"',
        "of the calendar",
    ),
    "day in words": ("made = 2018-06-12", 'made = "June 2018"', 81, "pledge].made", '"June 2018"', "2018-07-20"),
    "day with an hour": ("made = 2018-06-12", "made = 2018-06-12T10:00:00Z", 81, "made", "2018-06-12T10", "2018-07-20"),
    "deadline too early": (
        "deadline = 2019",
        "deadline = 2017",
        86,
        "pledge].deadline",
        "2017-06-12, before `made`",
        "from 2018",
    ),
    "known before made": ("available = 2018", "available = 2017", 82, "available", "before `made`", "2018-06-12 on"),
    "searched backwards": (
        "since = 2016-01-01",
        "since = 2016-01-01\nuntil = 2015-01-01",
        25,
        "until",
        "before `since`",
        "on",
    ),
    "no such step": ("progress = 3", "progress = 4", 92, "steps[2].progress", "4", "1 (begun)"),
    "a step that asks nothing": (
        'any_of = ["shelter_razed"]\n',
        "",
        88,
        "steps[1].all_of",
        "asks for nothing",
        "any_of",
    ),
    "no grid of numbers": (FENCE, "12", 8, "sites[sohae].fence", "12", "at least three corners"),
    "two corners": (FENCE, "[[124.7, 39.65], [124.7, 39.66]]", 8, "fence", "[[124.7", "at least three corners"),
    "latitude first": (
        FENCE,
        "[[39.65, 124.7], [39.65, 124.72], [39.66, 124.7]]",
        8,
        "fence",
        "before longitude",
        "[124.7, 39.65]",
    ),
    "off the globe": (
        FENCE,
        "[[240.7, 39.6], [240.8, 39.6], [240.8, 39.7]]",
        8,
        "fence",
        "off the globe",
        "-180 to 180",
    ),
    "metres": (
        FENCE,
        "[[500000, 4200000], [500100, 4200000], [500100, 4200100]]",
        8,
        "fence",
        "off the globe",
        "WGS 84",
    ),
    "crossing itself": (FENCE, "[[0, 0], [0.1, 0.1], [0.1, 0], [0, 0.1]]", 8, "fence", "near [0.05, 0.05]", "in order"),
    "on one line": (FENCE, "[[0, 0], [0.1, 0.1], [0.05, 0.05]]", 8, "fence", "a fence that", "corners"),
    "too wide": (
        FENCE,
        "[[0, 60], [0.37, 60], [0.37, 60.01], [0, 60.01]]",
        8,
        "fence",
        "20.6 km by 1.1 km",
        "at most 20 km",
    ),
    "too high": (FENCE, "[[0, 60], [0.01, 60], [0.01, 60.2], [0, 60.2]]", 8, "fence", "by 22.3 km", "at most 20 km"),
    "zone crossing itself": (
        "[[124.71, 39.65], [124.72, 39.65], [124.72, 39.66]]",
        "[[0, 0], [0.1, 0.1], [0.1, 0], [0, 0.1]]",
        14,
        "sites[sohae].zones[stand].fence",
        "crosses",
        "in order",
    ),
    "fence twice": ("watch_from", 'fence_file = "case.toml"\nwatch_from', 9, "fence_file", "together", "only one"),
    "a fence for no one": (
        '[[catalogues]]\nid = "stac"',
        '[[catalogues]]\nsites = ["plant"]\nid = "stac"',
        21,
        "sites[1]",
        "without a fence",
        "with a fence",
    ),
    "seed below zero": ("seed = 7", "seed = -7", 103, "assumptions.seed", "-7", "a whole number"),
    "yes for a number": ("seed = 7", "seed = true", 103, "assumptions.seed", "true", "a whole number"),
}


@pytest.mark.parametrize("name", CASES)
def test_one_mistake_is_told_with_its_line_and_what_would_be_right(wrong: Wrong, folder: Path, name: str) -> None:
    old, new, line, field, found, right = CASES[name]
    problems = wrong((old, new))
    (problem,) = [p for p in problems if p.line == line and field in p.field and found in p.found]
    assert right in problem.right
    assert problem.file == str(folder / "case.toml")
    words = f"{problem.file}:{line}: {problem.field}: found {problem.found}; right would be {problem.right}"
    assert str(problem) == words
    follow = {"outlet twice", "hypothesis twice", "site twice", "file and feed", "fence twice", "unknown hypothesis"}
    assert len(problems) == 1 or name in follow


def test_all_mistakes_are_told_at_once_in_order(wrong: Wrong, folder: Path) -> None:
    table = folder / "looks" / "sohae.csv"
    table.write_text(table.read_text().replace("OBSCURED", "cloudy"))
    problems = wrong(
        ('name = "Sohae"', "name = 5"),
        (FENCE, "[[0, 0], [0.1, 0.1], [0.1, 0], [0, 0.1]]"),
        ('folder = "stac"', 'folder = "sta"'),
        ('site = "plant"', 'site = "plan"'),
        ("[0.4, 0.6, 0.8]", "[0.8, 0.6, 0.4]"),
        ("deadline = 2019", "deadline = 2017"),
        ("seed = 7", "sed = 7"),
    )
    assert [(Path(p.file).name, p.line) for p in problems] == [
        *(("case.toml", line) for line in (5, 8, 22, 59, 74, 86, 103)),
        ("sohae.csv", 5),
    ]
    with pytest.raises(CaseError) as error:
        load_case(folder)
    assert len(str(error.value).splitlines()) == 8


def test_two_named_explanations_are_the_fewest(wrong: Wrong) -> None:
    (problem,) = wrong(
        ('[[questions.hypotheses]]\nid = "idle"\ntext = "They are not."\n', ""),
        ("likelihood.idle = [0.4, 0.6, 0.8]", ""),
    )
    assert (problem.line, problem.field, problem.found) == (61, "questions[missiles].hypotheses", "1 named")
    assert "two rival explanations" in problem.right


def test_other_is_no_rival_that_was_named(wrong: Wrong) -> None:
    (problem,) = wrong(('id = "idle"', 'id = "other"'), ("likelihood.idle", "likelihood.other"))
    assert problem.found == "1 named"


def test_a_question_without_explanations_says_so_once(wrong: Wrong, folder: Path) -> None:
    text = (folder / "case.toml").read_text()
    start, end = text.index("[[questions.hypotheses]]"), text.index("[[questions.indicators]]")
    found = [p.field for p in wrong((text[start:end], ""))]
    assert found.count("questions[missiles].hypotheses") == 1


def test_a_question_is_checked_as_far_as_it_can_be_read(wrong: Wrong) -> None:
    problems = wrong(
        ("likelihood.built = [0.7, 0.9, 0.95]\n", ""),
        ("likelihood.idle = [0.4, 0.6, 0.8]", "likelihood = 0.4"),
        ('next_looks = ["trailer"]', 'next_looks = ["x"]'),
    )
    assert [p.field.removeprefix("questions[missiles].") for p in problems] == [
        "next_looks[1]",
        "indicators[trailer].likelihood",
    ]


def test_a_commitment_without_steps_says_why(wrong: Wrong, folder: Path) -> None:
    text = (folder / "case.toml").read_text()
    steps = text[text.index("[[commitments.steps]]") : text.index("[[links]]")]
    (problem,) = wrong((steps, ""))
    assert (problem.found, problem.field) == ("no steps", "commitments[pledge].not_assessable")
    assert all(way in problem.right for way in ("[[commitments.steps]]", "`contradicted_by`", "`not_assessable`"))
    file = folder / "case.toml"
    file.write_text(file.read_text().replace("names_site", 'not_assessable = "It is done indoors."\nnames_site'))
    assert load_case(folder).commitments[0].not_assessable == "It is done indoors."


def test_a_ban_needs_no_steps_but_what_must_not_be_seen(folder: Path) -> None:
    file = folder / "case.toml"
    text = file.read_text()
    steps = text[text.index("[[commitments.steps]]") : text.index("[[links]]")]
    file.write_text(text.replace(steps, 'contradicted_by = ["tree_cut"]\n'))
    (ban,) = load_case(folder).commitments
    assert (ban.steps, ban.contradicted_by) == ((), ("tree_cut",))


@pytest.mark.parametrize("catalogue", ['id = "stac"', 'sites = ["sohae"]\nid = "stac"'])
def test_a_site_that_a_catalogue_is_searched_for_needs_its_first_watched_day(wrong: Wrong, catalogue: str) -> None:
    (problem,) = wrong(("watch_from = 2018-01-01\n", ""), ('id = "stac"', catalogue))
    assert (problem.line, problem.field, problem.found) == (3, "sites[sohae].watch_from", "nothing")
    assert problem.right.startswith('the first watched day, such as 2018-01-01: catalogue "stac" is searched')


def test_a_fence_that_no_catalogue_is_searched_for_needs_no_first_watched_day(folder: Path) -> None:
    file = folder / "case.toml"
    text = file.read_text().replace("watch_from = 2018-01-01\n", "")
    file.write_text(text.replace(text[text.index("[[catalogues]]") : text.index("[[outlets]]")], ""))
    assert load_case(folder).sites[0].watch_from is None


@pytest.mark.parametrize("day", ["25.07.2018", "25/07/2018", "7/25/2018", "25-07-2018", "2018-7-25", "2018.07.25"])
def test_a_day_that_is_no_toml_is_told_how_days_are_written(wrong: Wrong, day: str) -> None:
    (problem,) = wrong(("watch_from = 2018-01-01", f"watch_from = {day}"))
    assert (problem.line, problem.field) == (9, "(syntax)")
    assert problem.right.endswith("a day is written 2018-07-25 (year, month, day) without quotes")


def test_other_syntax_errors_say_nothing_of_days(wrong: Wrong) -> None:
    (problem,) = wrong(('title = "A case"', "title = On 25.07.2018"))
    assert "a day is written" not in problem.right


def test_a_catalogue_without_any_fence_has_nothing_to_search(wrong: Wrong, folder: Path) -> None:
    text = (folder / "case.toml").read_text()
    zone = text[text.index("fence = ") : text.index('[[sites]]\nid = "plant"')]
    (problem,) = wrong((zone, ""))
    assert (problem.field, problem.found) == ("catalogues[stac].sites", "no site with a fence")


@pytest.mark.parametrize(
    ("old", "new", "line", "column"),
    [
        ('title = "A case"', 'title = "A case', 1, 16),
        ('name = "Sohae"', "name =", 5, 7),
        ('id = "stac"', 'id = "stac"\nid = "again"', 22, 13),
        ("watch_from = 2018-01-01", "watch_from = 2018-02-30", 9, None),
        ('why = "checked against ten years of corrections" }\n', 'why = "checked"', 105, None),
    ],
)
def test_a_syntax_error_has_its_line(wrong: Wrong, old: str, new: str, line: int, column: int | None) -> None:
    (problem,) = wrong((old, new))
    assert (problem.line, problem.field) == (line, "(syntax)")
    assert column is None or problem.column == column
    assert "key = value" in problem.right


def test_bytes_that_are_no_text_have_their_line(folder: Path) -> None:
    file = folder / "case.toml"
    file.write_bytes(file.read_bytes().replace(b"Tongchang-ri", b"Tongch\xe4ng-ri"))
    with pytest.raises(CaseError, match=r"case\.toml:6: text: found a byte that is no UTF-8"):
        load_case(folder)


def test_an_empty_file_says_what_a_case_needs(folder: Path) -> None:
    (folder / "case.toml").write_text("")
    with pytest.raises(CaseError) as error:
        load_case(folder)
    assert [(p.line, p.field) for p in error.value.problems] == [(1, "title"), (1, "sites")]


@pytest.mark.parametrize("value", ["1", '"x"', "[1, [2], 'x']", "{ a = 1 }", "[{ id = 1 }]", "2018-01-01", "nan", "[]"])
@pytest.mark.parametrize(
    "key",
    [
        "sites",
        "catalogues",
        "hotspots",
        "roads",
        "outlets",
        "reports",
        "looks",
        "questions",
        "commitments",
        "links",
        "assumptions",
    ],
)
def test_nonsense_anywhere_is_told_and_never_a_crash(tmp_path: Path, key: str, value: str) -> None:
    (tmp_path / "case.toml").write_text(f'title = "x"\n{key} = {value}\n')
    with pytest.raises(CaseError) as error:
        load_case(tmp_path)
    assert all(re.match(r".*case\.toml:[12]: ", str(problem)) for problem in error.value.problems)


def test_the_relations_of_a_link_are_those_of_the_lineage() -> None:
    assert get_args(Relation) == get_args(Lineage.model_fields["relation"].annotation)
