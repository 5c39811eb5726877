"""Declared against estimated, from the case file to the ledger and the brief; and sampling plans."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sitewatch.cli import app
from sitewatch.errors import InputError
from sitewatch.ledger import Ledger
from sitewatch.records import Declaration, Estimate, Reckoning
from sitewatch.verbs import Bench
from sitewatch.weigh import lint

CASE = """\
title = "How many"

[[sites]]
id = "field"
name = "The field"

[[declarations]]
id = "declared"
what = "launchers"
scope = "at the base"
site = "field"
number = 10
by = "State A"
made = 2021-05-01
quote = "There are ten launchers at the base."

[[counts]]
id = "weak"
what = "launchers"
scope = "at the base"
site = "field"
seen = 8
power = [0.6, 0.6, 0.6]
acquired = 2021-06-01
published = 2021-06-10
by = "Institute C"

[[counts]]
id = "strong"
what = "launchers"
scope = "at the base"
site = "field"
seen = 8
power = [0.9, 0.9, 0.9]
acquired = 2021-06-01
published = 2021-06-20
by = "Institute D"

[[counts]]
id = "wide"
what = "launchers"
scope = "at the base"
site = "field"
seen = 8
power = [0.5, 0.75, 0.95]
acquired = 2021-06-02
published = 2021-06-20
by = "Institute E"

[[counts]]
id = "undated"
what = "launchers"
scope = "in the region"
site = "field"
seen = 30
by = "Institute F"

[[counts]]
id = "spokesman"
what = "remains"
seen = 54
acquired = 2018-07-27
published = 2018-07-27
by = "a spokesman"
settled_by = "the laboratory's list of boxes"

[[counts]]
id = "official"
what = "remains"
seen = 55
acquired = 2018-07-27
published = 2018-07-27
by = "an official"

[[balances]]
id = "plutonium"
what = "plutonium"
unit = "kg"
first = 2020-01-01
last = 2020-12-31
available = 2021-03-01
by = "the operator"
beginning = { value = 120.0, sd = 0.3 }
receipts = [{ what = "dissolver", value = 640.0, sd = 1.2 }]
shipments = [{ what = "product", value = 630.5, sd = 0.9 }]
ending = { value = 124.0, sd = 0.3 }
significant_quantity = { value = 8.0, source = "the agency's glossary" }

[[tallies]]
id = "received"
what = "boxes received"
number = 55
parts = ["identified", "open"]
available = 2018-08-01

[[tallies]]
id = "identified"
what = "identified"
number = 12
available = 2018-08-01

[[tallies]]
id = "open"
what = "not identified"
number = 40
available = 2018-08-20
"""


def clock() -> datetime:
    return datetime(2021, 8, 1, tzinfo=UTC)


def folder_with(tmp: Path, text: str = CASE) -> Path:
    tmp.mkdir(exist_ok=True)
    (tmp / "case.toml").write_text(text, encoding="utf-8")
    return tmp


def weighed(folder: Path) -> dict:
    with Bench.open(folder, clock=clock) as bench:
        bench.weigh()
        bench.tell()
    return data_of(folder)


def data_of(folder: Path, name: str = "brief") -> dict:
    return json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = folder_with(tmp_path_factory.mktemp("counting") / "case")
    weighed(folder)
    return folder


@pytest.fixture(scope="module")
def told(folder) -> dict:
    return data_of(folder)["reckonings"]


def page_text(folder: Path, name: str = "brief") -> str:
    page = (folder / f"{name}.html").read_text(encoding="utf-8")
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)).split())


def test_the_brief_tells_the_methods_example(folder, told):
    launchers = told["counts"][0]
    assert [h["estimate"] for h in launchers["held"]] == ["weak", "strong", "wide"]
    says = [h["above_says"] for h in launchers["held"]]
    assert says[:2] == [
        "More than the 10 declared: very likely (88 %).",
        "More than the 10 declared: very unlikely (9 %).",
    ]
    assert says[2].startswith("More than the 10 declared: the evidence cannot tell (")
    assert [c["number_says"] for c in launchers["counted"][:2]] == ["10–20, middle 14", "8–11, middle 9"]
    assert launchers["counted"][2]["number_says"].startswith("8–15, middle 11; outer bound 8–")
    assert "More than the 10 declared: very likely ( 88 % )." in page_text(folder)
    assert launchers["declared"][0]["quote"] == "There are ten launchers at the base."


def test_the_gist_has_a_line_for_each(folder):
    gist = {line["key"]: line["text"] for line in data_of(folder)["in_brief"]}
    assert gist["counts declared"].startswith(
        "Launchers, The field: Institute C: 8 counted. More than the 10 declared: very likely (88 %)."
    )
    assert "whether they differ by count or by scope cannot be told apart" in gist["counts spokesman"]
    assert "the laboratory's list of boxes" in gist["counts spokesman"]
    assert gist["balance plutonium"].startswith("Plutonium: 5.5 kg unaccounted for, 3.5 standard deviations of 1.56 kg")
    assert gist["tallies received"].endswith("That is a contradiction: the parts make 52, at least 3 too few.")


def test_the_balance_tells_the_significant_quantity_and_what_the_balance_is_worth(told):
    (balance,) = told["balances"]
    assert balance["beyond"] is True
    assert "0.27 % of balances. It does not tell why" in balance["says"]
    assert (
        "The significant quantity is 8 kg (the agency's glossary): what is off is 0.688 of it."
        in balance["quantity_says"]
    )
    assert "in 98 % of cases" in balance["quantity_says"]
    assert [term["sign"] for term in balance["terms"]] == ["+", "+", "−", "−"]


def test_every_sentence_passes_the_words(folder, told):
    sentences = [line["text"] for line in data_of(folder)["in_brief"]]

    def gather(part: object) -> None:
        if isinstance(part, dict):
            for value in part.values():
                gather(value)
        elif isinstance(part, list):
            for value in part:
                gather(value)
        elif isinstance(part, str) and " " in part:
            sentences.append(part)

    gather(told)
    assert len(sentences) > 40
    assert {s: lint(s) for s in sentences if lint(s)} == {}


def test_an_undated_count_counts_on_no_day_and_is_held_back(folder, told):
    assert "undated" not in [c["slug"] for c in told["counts"][0]["counted"]]
    assert "launchers: a count by Institute F; day of publication unknown" in [
        line["text"] for line in data_of(folder)["held_back"]
    ]


def test_an_earlier_day_has_what_was_public_by_then_only(folder):
    with Bench.open(folder, clock=clock) as bench:
        for day in (date(2018, 8, 1), date(2021, 5, 1), date(2021, 6, 15)):
            bench.asof(day)
    first, declared, weak = (
        data_of(folder, f"asof/{day}")["reckonings"] for day in ("2018-08-01", "2021-05-01", "2021-06-15")
    )
    assert [c["slug"] for c in first["counts"]] == ["spokesman"]
    assert "open is not known by that day" in first["tallies"][0]["sums"][0]["says"]
    assert declared["counts"][0]["says"] == "Declared, and nobody counted it yet."
    assert [h["estimate"] for h in weak["counts"][0]["held"]] == ["weak"]


def test_the_ledger_keeps_what_was_said_and_takes_back_what_the_case_drops(tmp_path):
    folder = folder_with(tmp_path / "case")
    weighed(folder)
    again = weighed(folder)
    with Ledger.open(folder / "ledger", create=False) as ledger:
        assert not ledger.verify()
        assert len(ledger.view().of(Reckoning)) == 4
        before = len(ledger)
    assert weighed(folder) == again
    with Ledger.open(folder / "ledger", create=False) as ledger:
        assert len(ledger) == before
    parts = CASE.split("\n\n")
    kept = [part for part in parts if 'id = "declared"' not in part and 'id = "weak"' not in part]
    changed = weighed(folder_with(folder, "\n\n".join(kept)))
    assert changed["reckonings"]["counts"][0]["declared"] == []
    assert [c["slug"] for c in changed["reckonings"]["counts"][0]["counted"]] == ["strong", "wide"]
    with Ledger.open(folder / "ledger", create=False) as ledger:
        view = ledger.view()
        assert view.of(Declaration) == ()
        assert "weak" not in [one.slug for one in view.of(Estimate)]


def test_a_case_that_was_not_weighed_again_is_not_told(tmp_path):
    folder = folder_with(tmp_path / "case")
    weighed(folder)
    with Bench.open(folder_with(folder, CASE.replace("seen = 54", "seen = 53")), clock=clock) as bench:
        with pytest.raises(InputError, match="has changed since it was weighed"):
            bench.tell()
        bench.weigh()
        bench.tell()
    assert "53 (a spokesman)" in page_text(folder)


# --- Sampling plans


def run(*options: str) -> object:
    return CliRunner().invoke(app, ["sample", *options])


def test_a_plan_says_how_many_to_inspect():
    said = run("--total", "1000", "--defects", "10", "--probability", "0.95")
    assert said.exit_code == 0
    assert said.output.startswith("Inspect 258 of the 1000 items, drawn at random")
    found = json.loads(run("--total", "1000", "--defects", "10", "--probability", "0.95", "--json").output)
    assert found["inspect"] == 258
    assert found["reached"] == pytest.approx(0.9502, abs=1e-4)


def test_a_sample_that_found_none_says_how_many_there_can_be():
    found = json.loads(run("--total", "1000", "--inspected", "258", "--probability", "0.95", "--json").output)
    assert found["most_defects"] == 9
    assert "at most 9 can be defective; 10 or more would have shown with probability 0.95 or higher" in found["says"]
    nothing = run("--total", "10", "--inspected", "0", "--probability", "0.9").output
    assert "nothing is excluded, since nothing was inspected" in nothing


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "found neither; right would be one of them"),
        (("--defects", "1", "--inspected", "3"), "found both; right would be one of them"),
        (("--defects", "11"), "defects: found 11; right would be a number from 1 to the 10 items"),
        (("--inspected", "11"), "inspected: found 11"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(options, said):
    refused = run("--total", "10", "--probability", "0.9", *options)
    assert refused.exit_code == 2
    assert said in refused.output
