"""The command that replays a case: each day of a curve is the brief as of that day, and nothing is recorded."""

import json
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from sitewatch.cli import app
from sitewatch.errors import InputError
from sitewatch.verbs import Bench
from sitewatch.verbs.replaying import replay

CASE = """
title = "A gate"
[[sites]]
id = "gate"
name = "Gate"
[[looks]]
table = "looks.csv"
p_detect = [0.6, 0.8, 0.9]
p_false = [0.02, 0.05, 0.1]
[[questions]]
id = "open"
text = "Is the gate in use?"
site = "gate"
[[questions.hypotheses]]
id = "used"
text = "It is used."
[[questions.hypotheses]]
id = "shut"
text = "It is shut."
[[questions.indicators]]
id = "lorries"
text = "Lorries at the gate"
why = "A shut gate draws none."
observables = ["lorries"]
likelihood.used = [0.7, 0.8, 0.9]
likelihood.shut = [0.05, 0.1, 0.2]
"""
HEAD = (
    "site,acquired,published,publisher,provider,resolution_m,observable,result,"
    "p_detect_lo,p_detect_hi,p_false_lo,p_false_hi,note,redistributable"
)
LOOKS = """
gate,2019-05-01,2019-05-03,Institute,Provider,0.5,lorries,seen,,,,,,false
gate,2019-06-01,2019-06-04,Institute,Provider,0.5,lorries,not_seen,,,,,,false
gate,2019-07-01,,Institute,Provider,0.5,lorries,not_seen,,,,,,false
"""
NOW = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def case(tmp_path):
    (tmp_path / "case.toml").write_text(CASE)
    (tmp_path / "looks.csv").write_text(HEAD + LOOKS)
    return tmp_path


def test_each_day_is_the_brief_as_of_that_day_and_the_last_the_brief(case):
    with Bench.open(case, clock=lambda: NOW) as bench:
        bench.weigh()
        bench.tell()
        (told,) = replay(bench)
        days = told["curve"]["days"]
        assert [d["day"] for d in days] == ["2019-05-03", "2019-06-04"]
        for one in days:
            bench.asof(datetime.fromisoformat(one["day"]).date())
            page = json.loads((case / "asof" / f"{one['day']}.json").read_text())
            ratio = page["judgements"][0]["ratio"]
            assert {ratio["first"], ratio["second"]} == {told["curve"]["first"], told["curve"]["second"]}
            assert page["judgements"][0]["curve"]["days"][-1]["best"] == ratio["best"]
            turned = ratio["first"] != told["curve"]["first"]
            assert one["best"] == pytest.approx(1 / ratio["best"] if turned else ratio["best"])
        brief = json.loads((case / "brief.json").read_text())
        assert brief["judgements"][0]["curve"] == told["curve"]


def test_nothing_is_recorded(case):
    with Bench.open(case, clock=lambda: NOW) as bench:
        before = bench.ledger.head
        replay(bench)
        assert bench.ledger.head == before


def test_a_question_that_is_not_asked_is_wrong_input(case):
    with Bench.open(case, clock=lambda: NOW) as bench, pytest.raises(InputError, match=r"shut.*right would be.*open"):
        replay(bench, "shut")


def test_the_command_speaks_text_and_json(case):
    text = CliRunner().invoke(app, ["replay", str(case)])
    assert text.exit_code == 0
    assert "Is the gate in use? (A: It is used; B: It is shut" in text.output
    assert "L1 look of 1 May 2019, Institute: lorries, seen:" in text.output
    spoken = CliRunner().invoke(app, ["replay", str(case), "--question", "open", "--json"])
    assert [q["slug"] for q in json.loads(spoken.output)] == ["open"]
    wrong = CliRunner().invoke(app, ["replay", str(case), "--question", "shut"])
    assert wrong.exit_code == 2
