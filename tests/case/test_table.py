from __future__ import annotations

from pathlib import Path

import pytest

from sitewatch.case.model import Problem
from sitewatch.case.table import NEEDED, read_table
from sitewatch.records import Look

COLUMNS = [*NEEDED, "p_detect_lo", "p_detect_hi", "resolution_m", "note", "redistributable"]
RIGHT = {
    "site": "sohae",
    "acquired": "2018-07-20",
    "published": "2018-07-23",
    "publisher": "38 North",
    "provider": "Airbus",
    "observable": "shelter_razed",
    "result": "seen",
}


def read(tmp_path: Path, text: str) -> tuple[list[Look], list[Problem]]:
    (tmp_path / "t.csv").write_text(text, newline="")
    return read_table(tmp_path / "t.csv", "looks/t.csv", ["sohae", "sanumdong"])


def row(**cells: str) -> str:
    return ",".join((RIGHT | cells).get(name, "") for name in COLUMNS) + "\n"


HEADER = ",".join(COLUMNS) + "\n"


@pytest.mark.parametrize(
    ("column", "cell", "found", "right"),
    [
        ("site", "sohea", '"sohea"', "sohae, sanumdong"),
        ("acquired", "20 July", '"20 July"', "year-month-day"),
        ("acquired", "20180720", '"20180720"', "year-month-day"),
        ("acquired", "2018-07-32", '"2018-07-32"', "a day of the calendar"),
        ("acquired", "2018-07-22/2018-07-20", '"2018-07-22/2018-07-20"', "2018-07-20/2018-07-22"),
        ("published", "soon", '"soon"', "year-month-day"),
        ("published", "2018-07-19", "2018-07-19, before the image was acquired (2018-07-20)", "from 2018-07-20 on"),
        ("publisher", "", "a blank cell", "never blank"),
        ("observable", " ", "a blank cell", "never blank"),
        ("result", "maybe", '"maybe"', "seen, not_seen, obscured, not_assessable"),
        ("p_detect_lo", "1.2", "1.2", "from 0 to 1"),
        ("p_detect_lo", "-0.1", "-0.1", "from 0 to 1"),
        ("p_detect_lo", "nan", "nan", "from 0 to 1"),
        ("p_detect_lo", "high", '"high"', "a number with a decimal point"),
        ("p_detect_hi", "0.8", "only one of p_detect_lo and p_detect_hi", "both, or neither"),
        ("resolution_m", "0", "0", "metres above 0"),
        ("resolution_m", "inf", "inf", "metres above 0"),
        ("resolution_m", "fine", '"fine"', "a number"),
        ("redistributable", "perhaps", '"perhaps"', "true, yes, 1, false, no, 0"),
    ],
)
def test_a_wrong_cell_is_told_by_line_and_column(
    tmp_path: Path, column: str, cell: str, found: str, right: str
) -> None:
    partner = {"p_detect_lo": {"p_detect_hi": "0.9"}}.get(column, {})
    looks, problems = read(tmp_path, HEADER + row(observable="first") + row(**{column: cell}, **partner))
    (problem,) = problems
    assert (problem.line, problem.column, problem.field) == (3, COLUMNS.index(column) + 1, column)
    assert found in problem.found
    assert right in problem.right
    assert str(problem).startswith(f"{tmp_path / 't.csv'}:3:{problem.column}: {column}: found ")
    assert [look.row for look in looks] == ["looks/t.csv:2"]


def test_powers_run_from_low_to_high(tmp_path: Path) -> None:
    _, (problem,) = read(tmp_path, HEADER + row(p_detect_lo="0.9", p_detect_hi="0.8"))
    assert (problem.column, problem.found) == (COLUMNS.index("p_detect_hi") + 1, "0.9 to 0.8")
    assert "0.8 to 0.9" in problem.right


def test_all_mistakes_of_a_table_are_told_at_once(tmp_path: Path) -> None:
    text = HEADER + row(site="x", result="y", resolution_m="z") + "a,b\n" + row(published="never")
    looks, problems = read(tmp_path, text)
    assert looks == []
    assert [(p.line, p.field) for p in problems] == [
        (2, "site"),
        (2, "result"),
        (2, "resolution_m"),
        (3, "row"),
        (4, "published"),
    ]


def test_a_window_cannot_end_after_its_publication(tmp_path: Path) -> None:
    (look,), problems = read(tmp_path, HEADER + row(acquired="2018-07-01/2018-07-23"))
    assert (problems, str(look.when)) == ([], "2018-07-01 to 2018-07-23")
    _, problems = read(tmp_path, HEADER + row(acquired="2018-07-01/2018-07-24"))
    assert [p.field for p in problems] == ["published"]
    _, problems = read(tmp_path, HEADER + row(acquired="2018-07-24/"))
    assert [p.field for p in problems] == ["published"]


@pytest.mark.parametrize(
    ("cell", "when"),
    [
        ("", "unknown to unknown"),
        ("2018-07-20/", "2018-07-20 to unknown"),
        ("/2018-07-20", "unknown to 2018-07-20"),
        ("2018-07-20 / 2018-07-22", "2018-07-20 to 2018-07-22"),
    ],
)
def test_a_time_may_be_a_window_or_open_or_unknown(tmp_path: Path, cell: str, when: str) -> None:
    (look,), problems = read(tmp_path, HEADER + row(acquired=cell))
    assert (str(look.when), problems) == (when, [])


def test_an_unpublished_look_is_available_on_no_day(tmp_path: Path) -> None:
    (look,), _ = read(tmp_path, HEADER + row(published=""))
    assert look.available_at is None


def test_the_same_look_twice_would_count_twice(tmp_path: Path) -> None:
    _, (problem,) = read(tmp_path, HEADER + row() + row(observable="other") + row(note="again"))
    assert (problem.line, problem.found) == (4, "the same look as in line 2")


def test_a_look_has_one_result(tmp_path: Path) -> None:
    looks, (problem,) = read(tmp_path, HEADER + row() + row(result="not_seen", acquired="2018-07-20/2018-07-20"))
    assert str(problem).startswith(f"{tmp_path / 't.csv'}:3: row: found not_seen, where line 2 says seen of the same")
    assert "resolution_m" in problem.right
    assert [look.row for look in looks] == ["looks/t.csv:2"]


@pytest.mark.parametrize("result", ["seen", "obscured"])
def test_of_two_undated_looks_nobody_can_tell_which_is_which(tmp_path: Path, result: str) -> None:
    looks, (problem,) = read(tmp_path, HEADER + row(acquired="") + row(acquired="", result=result))
    assert (len(looks), problem.line) == (1, 3)
    assert "line 2" in problem.found


def test_images_of_two_resolutions_are_two_looks(tmp_path: Path) -> None:
    fine, coarse = row(resolution_m="0.5"), row(resolution_m="3", result="not_seen")
    looks, problems = read(tmp_path, HEADER + row() + fine + coarse)
    assert (len(looks), problems) == (3, [])


@pytest.mark.parametrize(
    ("header", "field", "column", "says"),
    [
        ("site,acquird", "acquird", 2, 'column "acquird"'),
        (f"{HEADER.strip()},site", "site", len(COLUMNS) + 1, "the column twice"),
        (HEADER.replace("result,", "").strip(), "columns", None, "no column result"),
        (HEADER.replace(",", ";").strip(), "columns", None, "no column site, acquired"),
        (f"{HEADER.strip()},", "(no name)", len(COLUMNS) + 1, 'column ""'),
        ("", "columns", None, "an empty file"),
    ],
)
def test_a_wrong_header_is_told_by_column(
    tmp_path: Path, header: str, field: str, column: int | None, says: str
) -> None:
    looks, problems = read(tmp_path, f"{header}\n{row()}" if header else "")
    assert looks == []
    assert [(p.line, p.column) for p in problems if p.field == field and says in p.found] == [(1, column)]


def test_cells_must_match_the_columns(tmp_path: Path) -> None:
    _, (problem,) = read(tmp_path, HEADER + row(p_detect_lo="0,6", p_detect_hi="0,8"))
    assert (problem.line, problem.found) == (2, f"{len(COLUMNS) + 2} cells")


def test_quoted_notes_over_lines_keep_the_count(tmp_path: Path) -> None:
    text = HEADER + row(note='"one\ntwo, three"') + "\r\n" + row(observable="b") + row(site="x")
    looks, (problem,) = read(tmp_path, text)
    assert [look.row for look in looks] == ["looks/t.csv:2", "looks/t.csv:5"]
    assert looks[0].note == "one\ntwo, three"
    assert problem.line == 6


def test_a_quote_that_never_ends_is_told_where_it_begins(tmp_path: Path) -> None:
    looks, (problem,) = read(tmp_path, HEADER + row() + row(observable='"b') + row())
    assert (len(looks), problem.line, problem.field) == (1, 3, "row")


def test_bytes_that_are_no_text_have_their_line(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes((HEADER + row()).encode() + b"caf\xe9\n")
    looks, (problem,) = read_table(tmp_path / "t.csv", "t.csv", ["sohae"])
    assert (looks, problem.line, problem.right) == ([], 3, "a table saved as CSV UTF-8")


def test_a_row_may_name_the_image_that_it_reads(tmp_path: Path) -> None:
    header = HEADER.replace("\n", ",image\n")
    lines = [row(acquired=day).replace("\n", ",scene.tif\n") for day in ("2018-07-20", "")]
    looks, problems = read(tmp_path, header + lines[0] + row(acquired="").replace("\n", ",\n"))
    assert ([look.image for look in looks], problems) == (["scene.tif", None], [])
    _, (problem,) = read(tmp_path, header + lines[0] + lines[1])
    assert (problem.line, problem.found) == (3, "the same look as in line 2")
