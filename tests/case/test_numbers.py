"""Declarations, counts, balances and tallies of a case: the records that they become, and every mistake in its line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sitewatch.case import Problem, load_case
from sitewatch.records import When

Wrong = Callable[..., tuple[Problem, ...]]

NUMBERS = """
[[declarations]]
id = "declared"
what = "launchers"
scope = "at the base"
site = "sohae"
number = [9, 10]
by = "the state"
made = 2018-05-01
available = 2018-05-02

[[counts]]
id = "spring"
what = "Launchers"
scope = "At the  base"
site = "sohae"
seen = [7, 8, 9]
power = [0.5, 0.6, 0.7]
acquired = "2018-06-01/2018-06-03"
published = 2018-06-10
by = "Institute C"
why = "some stand under roofs"
against = "declared"

[[counts]]
id = "bare"
what = "launchers"
seen = 12
by = "an official"

[[balances]]
id = "plutonium"
what = "plutonium of the plant"
unit = "kg"
first = 2018-01-01
last = 2018-12-31
available = 2019-03-01
by = "the operator"
beginning = { value = 120, sd = 0.3 }
receipts = [{ what = "dissolver", value = 640.0, sd = 1.2 }]
shipments = [{ value = 630.5, sd = 0.9 }]
ending = { value = 124.0, sd = 0.3 }
significant_quantity = { value = 8.0, source = "the agency" }

[[tallies]]
id = "received"
what = "boxes received"
number = 55
parts = ["identified", "open"]
available = 2018-08-01

[[tallies]]
id = "identified"
what = "identified"
number = [10, 12]
available = 2018-08-01

[[tallies]]
id = "open"
what = "not identified"
available = 2018-08-01

[assumptions]"""


@pytest.fixture
def folder(folder: Path) -> Path:
    """The whole case with numbers in it."""
    case = folder / "case.toml"
    case.write_text(case.read_text().replace("\n[assumptions]", NUMBERS, 1))
    return folder


def test_the_records_of_a_case(folder: Path) -> None:
    case = load_case(folder)
    (declared,), (spring, bare), (balance,), tallies = case.declarations, case.estimates, case.balances, case.tallies
    assert (declared.number.lo, declared.number.hi, str(declared.available_at)[:10]) == (9, 10, "2018-05-02")
    assert (spring.seen.lo, spring.seen.best, spring.seen.hi) == (7, 8, 9)
    assert spring.power
    assert spring.power.origin == "some stand under roofs"
    assert (str(spring.when), str(spring.available_at)[:10]) == ("2018-06-01 to 2018-06-03", "2018-06-10")
    assert (bare.scope, bare.power, bare.when, bare.available_at) == (None, None, When(), None)
    assert (balance.receipts[0].what, balance.shipments[0].what, balance.beginning.value) == (
        "dissolver",
        "shipment",
        120,
    )
    assert (balance.significant_quantity, balance.quantity_source) == (8.0, "the agency")
    assert [one.number and one.number.hi for one in tallies] == [55, 12, None]
    assert {one.id for one in (declared, spring, balance, tallies[0])} <= {one.id for one in case.records}


CASES = {
    "a declared number below zero": ("[9, 10]", "-1", "declarations[declared].number", "-1", "whole number from 0"),
    "a declared range reversed": ("[9, 10]", "[10, 9]", "number", "[10, 9]", "in order, low to high: [9, 10]"),
    "half a launcher": ("[9, 10]", "9.5", "number", "9.5", "whole number"),
    "no scope declared": ('scope = "at the base"\n', "", "scope", "nothing", "which of them"),
    "known before it was made": ("2018-05-02", "2018-04-30", "available", "before `made`", "from 2018-05-01 on"),
    "no such site": ('site = "sohae"\nnumber', 'site = "soha"\nnumber', "site", "no site of the case", '"sohae"'),
    "a count below zero": ("[7, 8, 9]", "[-7, 8, 9]", "counts[spring].seen", "[-7, 8, 9]", "[lowest, best, highest]"),
    "a count out of order": ("[7, 8, 9]", "[8, 7, 9]", "seen", "[8, 7, 9]", "[7, 8, 9]"),
    "yes for a count": ("[7, 8, 9]", "true", "seen", "true", "whole number"),
    "a power over 1": ("[0.5, 0.6, 0.7]", "[0.5, 0.6, 1.2]", "power", "1.2", "from 0 to 1"),
    "a power below 0": ("[0.5, 0.6, 0.7]", "[-0.5, 0.6, 0.7]", "power", "-0.5", "from 0 to 1"),
    "a power of nothing": ("[0.5, 0.6, 0.7]", "[0, 0.6, 0.7]", "power", "a power of 0", "no upper end"),
    "a power too small": ("[0.5, 0.6, 0.7]", "[1e-300, 0.6, 0.7]", "counts[spring].power", "1e-300", "at least 0.0001"),
    "a power beyond all floats": ("[0.5, 0.6, 0.7]", f"[0.5, 0.6, {10**400}]", "power", "[0.5, 0.6, 1000", "0 to 1"),
    "an amount too large": ("value = 124.0", "value = 1e308", "ending.value", "1e+308", "at most 1e15"),
    "an amount beyond all floats": ("value = 124.0", f"value = {10**400}", "ending.value", "1000", "at most 1e15"),
    "an error too large": ("sd = 1.2", "sd = 1e308", "receipts[1].sd", "1e+308", "at most 1e15"),
    "a quantity too large": ("value = 8.0", "value = 2e15", "significant_quantity.value", "2000000", "at most 1e15"),
    "published before the image": ("published = 2018-06-10", "published = 2018-06-02", "published", "before", "06-03"),
    "a window backwards": (
        "2018-06-01/2018-06-03",
        "2018-06-03/2018-06-01",
        "acquired",
        "06-03/",
        "2018-06-01/2018-06",
    ),
    "held against nothing": ('against = "declared"', 'against = "x"', "against", "no declaration", "declared"),
    "a scope that matches no declaration": (
        '"At the  base"',
        '"in the region"',
        "counts[spring].scope",
        '"in the region", which is not that of "declared"',
        '"at the base", as declared; or no `against`',
    ),
    "a scope that is not told": ('scope = "At the  base"\n', "", "counts[spring].scope", "nothing", "as declared"),
    "held against another thing": ('"Launchers"', '"rails"', "counts[spring].what", '"rails"', '"launchers"'),
    "held against another place": (
        'site = "sohae"\nseen',
        'site = "plant"\nseen',
        "counts[spring].site",
        '"plant"',
        '"sohae"',
    ),
    "two of one id": ('id = "bare"', 'id = "spring"', "counts[spring].id", "a second time", "no other of the counts"),
    "an error below zero": ("sd = 1.2", "sd = -1.2", "receipts[1].sd", "-1.2", "from 0 on, in the same unit"),
    "an amount below zero": ("value = 124.0", "value = -124.0", "ending.value", "-124.0", "from 0 on"),
    "a significant quantity of nothing": ("value = 8.0", "value = 0.0", "significant_quantity.value", "0.0", "above 0"),
    "a quantity that nobody set": (', source = "the agency"', "", "significant_quantity.source", "nothing", "who sets"),
    "a period backwards": (
        "last = 2018-12-31",
        "last = 2017-12-31",
        "balances[plutonium].last",
        "before",
        "2018-01-01",
    ),
    "closed before its end": (
        "available = 2019-03-01",
        "available = 2018-03-01",
        "available",
        "before `last`",
        "12-31",
    ),
    "a part of itself": (
        '["identified", "open"]',
        '["received"]',
        "parts[1]",
        "goes round: received > received",
        "itself",
    ),
    "a part twice": ('["identified", "open"]', '["open", "open"]', "parts[2]", "a second time", "each part once"),
    "no such part": ('["identified", "open"]', '["identified", "opne"]', "parts[2]", "no tally of the case", '"open"'),
    "a tally of nothing": ('["identified", "open"]', '["identified"]', "tallies[open].number", "no sum", "a part of"),
}


WHERE = {
    "no scope declared": "[[declarations]]",
    "a scope that is not told": "[[counts]]",
    "a quantity that nobody set": "significant_quantity = { value = 8.0 }",
    "a tally of nothing": "[[tallies]]",
}
"""Lines of mistakes that are something left out."""
FOLLOW = {"no such site", "a part of itself", "no such part", "two of one id"}
"""Mistakes that bring others with them."""


@pytest.mark.parametrize("name", CASES)
def test_one_mistake_is_told_with_its_line_and_what_would_be_right(wrong: Wrong, folder: Path, name: str) -> None:
    old, new, field, found, right = CASES[name]
    problems = wrong((old, new))
    (problem,) = [p for p in problems if field in p.field and found in p.found]
    assert right in problem.right
    assert problem.line
    line = (folder / "case.toml").read_text().splitlines()[problem.line - 1]
    assert next(iter(new.splitlines()), WHERE.get(name)) in line or line == WHERE.get(name)
    assert len(problems) == 1 or name in FOLLOW


def test_parts_that_go_round_over_several_tallies_are_told_with_the_way(wrong: Wrong, folder: Path) -> None:
    problems = wrong(('what = "not identified"\n', 'what = "not identified"\nparts = ["received"]\n'))
    assert [p.field for p in problems] == ["tallies[received].parts[2]", "tallies[open].parts[1]"]
    assert "received > open > received" in problems[0].found


def test_a_balance_without_any_error_is_refused(wrong: Wrong, folder: Path) -> None:
    (problem,) = wrong(*((f"sd = {sd}", "sd = 0.0") for sd in ("0.3", "1.2", "0.9", "0.3")))
    assert (problem.field, problem.found) == ("balances[plutonium].ending", "a balance whose every `sd` is 0")
