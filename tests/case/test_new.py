from __future__ import annotations

import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

from sitewatch.case import load_case, new_case
from sitewatch.case.build import assume
from sitewatch.errors import InputError


def test_a_new_case_loads_as_it_is(tmp_path: Path) -> None:
    file = new_case(tmp_path / "deep" / "mine")
    assert file == tmp_path / "deep" / "mine" / "case.toml"
    case = load_case(file.parent)
    (catalogue,), (question,) = case.catalogues, case.questions
    assert (catalogue.url, catalogue.collection) == ("https://earth-search.aws.element84.com/v1", "sentinel-2-l2a")
    assert case.sites[0].fence
    assert [intake.form for intake in case.intakes] == ["folder"]
    assert len(question.hypotheses) >= 3
    assert (case.commitments, case.looks) == ((), ())
    assert sorted(path.name for path in file.parent.iterdir()) == ["case.toml", "looks", "reports"]


def test_its_commented_parts_load_when_the_signs_are_taken_away(tmp_path: Path) -> None:
    file = new_case(tmp_path)
    text = file.read_text(encoding="utf-8")
    start, assumed = text.index("# [[commitments]]"), text.index("# [assumptions]")
    notes = text.index("# --- What you assume")
    bare = [line.removeprefix("#").removeprefix(" ") for line in (text[start:notes] + text[assumed:]).splitlines()]
    file.write_text(text[:start] + "\n".join(bare), encoding="utf-8")
    case = load_case(tmp_path)
    (pledge,) = case.commitments
    assert [step.progress for step in pledge.steps] == [1, 3]
    assert pledge.site == "example"
    assert case.assumptions.hit["B"].origin == "stated in the case"


def test_a_row_in_its_table_becomes_a_look(tmp_path: Path) -> None:
    new_case(tmp_path)
    table = tmp_path / "looks" / "looks.csv"
    table.write_text(table.read_text() + "example,2020-03-01,2020-03-05,Us,P,3,fence_line,not_seen,,,,,,false\n")
    (look,) = load_case(tmp_path).looks
    assert look.p_detect is not None
    assert look.p_false is not None
    assert "stated default" in look.p_detect.origin


def test_a_case_that_is_there_is_never_written_over(tmp_path: Path) -> None:
    file = new_case(tmp_path)
    file.write_text("mine")
    with pytest.raises(InputError, match=r"case\.toml: there is a case already"):
        new_case(tmp_path)
    assert file.read_text() == "mine"


def test_what_lies_in_the_folder_stays(tmp_path: Path) -> None:
    (tmp_path / "looks").mkdir()
    (tmp_path / "looks" / "looks.csv").write_text("mine")
    new_case(tmp_path)
    assert (tmp_path / "looks" / "looks.csv").read_text() == "mine"


def test_a_folder_that_cannot_be_made_is_wrong_input(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="no case can be written here"):
        new_case(tmp_path / "file" / "case")


def test_the_package_s_assumptions_go_from_a_to_e_towards_nothing_told() -> None:
    assumed = assume()
    assert set(assumed.hit) == set(assumed.false) == set("ABCDEF")
    told = [assumed.hit[letter].best / assumed.false[letter].best for letter in "ABCDEF"]
    assert told == sorted(told, reverse=True)
    assert told[0] > 10
    assert 1 < told[4] < 1.5
    assert told[5] == 1
    assert min(assumed.hit["F"].hi - assumed.hit["F"].lo, assumed.false["F"].hi - assumed.false["F"].lo) >= 0.8


def test_every_assumption_says_that_it_is_one() -> None:
    assumed = assume()
    single = [assumed.shared, assumed.visible, assumed.monitor_detect, assumed.monitor_false]
    for one in [*assumed.hit.values(), *assumed.false.values(), *single]:
        assert one.origin.startswith("assumption")
    graded = [*assumed.hit.values(), *assumed.false.values()]
    assert all("no published scale" in one.origin or "nobody can judge" in one.origin for one in graded)


def test_the_room_is_cheap_to_import() -> None:
    heavy = ("shapely", "pydantic", "sqlalchemy", "tree_sitter")
    code = f"import sys, sitewatch.case, sitewatch.ledger; print([m for m in {heavy} if m in sys.modules])"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        __import__("sitewatch.case").case.nothing  # noqa: B018


def test_the_templates_are_in_the_package() -> None:
    assert all((files("sitewatch.case") / name).is_file() for name in ("template.toml", "assumptions.toml"))
