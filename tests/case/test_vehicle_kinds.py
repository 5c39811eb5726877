"""The kinds that a vehicle of some length could be: what a case names, and what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from sitewatch.case import CaseError, VehicleKind, load_case
from sitewatch.records import Range

SITE = 'title = "A yard"\n\n[[sites]]\nid = "yard"\nname = "the yard"\n'
KINDS = """
[[vehicle_kinds]]
name = "a transporter"
length = [11, 13.5, 20]
why = "drawings"

[[vehicle_kinds]]
name = "a lorry"
length = [12, 16, 18]
why = "the road code"
"""


def load(folder: Path, text: str):
    (folder / "case.toml").write_text(SITE + text)
    return load_case(folder)


def test_kinds_keep_their_lengths_and_reasons(tmp_path):
    assert load(tmp_path, KINDS).vehicle_kinds == (
        VehicleKind("a transporter", Range(lo=11, best=13.5, hi=20, origin="drawings")),
        VehicleKind("a lorry", Range(lo=12, best=16, hi=18, origin="the road code")),
    )
    assert load(tmp_path, "").vehicle_kinds == ()


@pytest.mark.parametrize(
    ("old", "new", "line", "field", "found", "right"),
    [
        ("[11, 13.5, 20]", "[11, 20]", 9, "[1].length", "[11, 20]", "three numbers [shortest, usual, longest]"),
        ("[11, 13.5, 20]", "[0, 13.5, 20]", 9, "[1].length", "[0, 13.5, 20]", "metres above 0, up to 50"),
        ("[11, 13.5, 20]", "[11, 13.5, 200]", 9, "[1].length", "[11, 13.5, 200]", "metres above 0, up to 50"),
        ("[11, 13.5, 20]", "[20, 13.5, 11]", 9, "[1].length", "[20, 13.5, 11]", "[11.0, 13.5, 20.0]"),
        ("[11, 13.5, 20]", '"13 m"', 9, "[1].length", '"13 m"', "three numbers"),
        ('name = "a lorry"', 'name = "a transporter"', 13, "[2].name", "a second time", "each kind once"),
        ('why = "drawings"\n', "", 7, "[1].why", "nothing", "where the lengths come from"),
        ('why = "drawings"', 'wy = "drawings"', 10, "[1].wy", "a key that is not known here", "`why`"),
        (KINDS[KINDS.rindex("\n[[") :], "", 8, "[1].name", '"a transporter" alone', "two kinds or more"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path, old, new, line, field, found, right):
    assert old in KINDS
    with pytest.raises(CaseError) as error:
        load(tmp_path, KINDS.replace(old, new, 1))
    problem = next(one for one in error.value.problems if one.field == f"vehicle_kinds{field}")
    assert problem.line == line
    assert found in problem.found
    assert right in problem.right
