"""Forecasts from the case file to the brief: made when weighed, never with hindsight, resolved once, then scored."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime

import pytest
from typer.testing import CliRunner

from sitewatch.case import load_case
from sitewatch.cli import app
from sitewatch.errors import InputError
from sitewatch.records import Forecast, Resolution
from sitewatch.verbs import Bench, verify_case
from sitewatch.verbs.forecasting import Verdict, resolve, scores
from sitewatch.weigh.linter import lint
from tests.sentences import said_on
from tests.test_verbs import CASE, HEAD

BEFORE, AFTER = datetime(2020, 1, 1, 9, tzinfo=UTC), datetime(2020, 6, 3, 9, tzinfo=UTC)
SETTLED = date(2020, 6, 1)
ROW = "gate,2019-06-{:02},2019-06-{:02},Institute,Maker,0.5,lorries,{},,,,,,yes\n"
RESOLVING = (
    CASE.replace('site = "gate"\n[[questions.hyp', 'site = "gate"\nresolves = 2020-06-01\n[[questions.hyp')
    .replace('text = "It is used."', 'text = "It is used."\ntrue_if = "The owner publishes a year\'s traffic above 0."')
    .replace('text = "It is shut."', 'text = "It is shut."\ntrue_if = "The owner publishes that no lorry came."')
)
CAME = Verdict("open", "used", SETTLED, "The owner's report of 1 June.", "A. Analyst")


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "case.toml").write_text(RESOLVING, encoding="utf-8")
    (tmp_path / "looks.csv").write_text(f"{HEAD}\n" + ROW.format(1, 3, "seen"), encoding="utf-8")
    return tmp_path


def weigh(folder, now=BEFORE):
    with Bench.open(folder, clock=lambda: now) as bench:
        return bench.weigh()


def told(folder, now):
    with Bench.open(folder, clock=lambda: now) as bench:
        bench.weigh()
        bench.tell()
    return json.loads((folder / "brief.json").read_text())["forecasts"], (folder / "brief.html").read_text()


def settle(folder, now=AFTER, **changes):
    with Bench.open(folder, clock=lambda: now) as bench:
        return resolve(bench, Verdict(**{**CAME.__dict__, **changes}))


def held(folder, kind):
    with Bench.open(folder, clock=lambda: AFTER) as bench:
        return bench.ledger.view().of(kind)


# --- made when weighed


def test_a_weighing_forecasts_what_it_printed(folder):
    assert weigh(folder).new["forecast"] == 1
    (made,) = held(folder, Forecast)
    assert (made.made, made.available_at, made.terms.resolves) == (date(2020, 1, 1), BEFORE, SETTLED)
    assert made.terms.true_if["other"] == "Nothing that is named for the others came true."
    assert len(made.rows) == 4
    assert sum(made.even.values()) == pytest.approx(1)
    assert made.even["used"] > 0.5 > made.even["shut"]


def test_the_same_forecast_is_made_once_a_day_and_each_day_s_stands(folder):
    weigh(folder)
    assert not weigh(folder, BEFORE.replace(hour=11)).new
    assert weigh(folder, datetime(2020, 1, 2, tzinfo=UTC)).new == {"forecast": 1}
    (folder / "looks.csv").write_text(
        f"{HEAD}\n" + ROW.format(1, 3, "seen") + ROW.format(9, 11, "not_seen"), encoding="utf-8"
    )
    assert weigh(folder, datetime(2020, 1, 2, 8, tzinfo=UTC)).new["forecast"] == 1
    made = held(folder, Forecast)
    assert [f.made.day for f in made] == [1, 2, 2]
    assert made[0].even["used"] > made[2].even["used"]


def test_on_the_day_that_settles_it_no_forecast_is_made_and_the_resolution_is_asked_for(folder):
    outcome = weigh(folder, datetime(2020, 6, 1, tzinfo=UTC))
    assert outcome.new["forecast"] == 0
    assert [note for note in outcome.notes if "sitewatch resolve" in note and "question open" in note]
    assert weigh(folder, datetime(2020, 5, 31, 23, 59, tzinfo=UTC)).new["forecast"] == 1


def test_a_question_that_no_day_settles_is_not_forecast(folder):
    (folder / "case.toml").write_text(CASE, encoding="utf-8")
    assert weigh(folder).new["forecast"] == 0


def test_the_brief_as_of_an_earlier_day_holds_no_later_forecast(folder):
    weigh(folder)
    with Bench.open(folder, clock=lambda: AFTER) as bench:
        for day, made in ((date(2019, 12, 31), None), (date(2020, 1, 1), "2020-01-01")):
            bench.asof(day)
            (asked,) = json.loads((folder / "asof" / f"{day}.json").read_text())["forecasts"]["open"]
            assert asked["made"] == made


# --- resolved once


def test_a_resolution_is_recorded_once_and_the_evidence_stays_weighed(folder):
    told(folder, BEFORE)
    assert settle(folder).new == {"resolution": 1}
    assert not settle(folder).new
    with Bench.open(folder, clock=lambda: AFTER) as bench:
        bench.tell()
    (found,) = held(folder, Resolution)
    assert (found.hypothesis, found.on, found.by, found.supersedes) == ("used", SETTLED, "A. Analyst", None)


def test_a_later_resolution_takes_its_place_only_with_a_reason(folder):
    settle(folder)
    with pytest.raises(
        InputError, match=r"question open was resolved as 'used', shown on 2020-06-01.*--replace REASON"
    ):
        settle(folder, hypothesis="shut")
    with pytest.raises(InputError, match="--replace: found nothing; right would be the reason"):
        settle(folder, hypothesis="shut", replace=" ")
    settle(folder, hypothesis="shut", replace="The report was withdrawn.")
    (found,) = held(folder, Resolution)
    assert (found.hypothesis, found.reason) == ("shut", "The report was withdrawn.")
    assert settle(folder, hypothesis="used", replace="It was restored.").new == {"resolution": 1}
    assert [r.hypothesis for r in held(folder, Resolution)] == ["used"]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"question": "opem"}, r"case.toml: questions: found no 'opem'; right would be 'open'"),
        ({"hypothesis": "usd"}, r"--as: found 'usd'; right would be 'used'"),
        ({"hypothesis": "zzz"}, r"--as: found 'zzz'; right would be one of used, shut, other"),
        (
            {"on": date(2020, 6, 4)},
            r"--on: found 2020-06-04, which has not come; right would be a day up to 2020-06-03",
        ),
        ({"evidence": " \n"}, r"--evidence: found nothing; right would be what shows it"),
        ({"by": ""}, r"--by: found nothing; right would be who resolves it"),
        ({"replace": "It was wrong."}, r"--replace: question open is not resolved yet; leave the option out"),
    ],
)
def test_a_resolution_that_cannot_be_is_refused_and_nothing_is_recorded(folder, changes, says):
    with pytest.raises(InputError, match=says):
        settle(folder, **changes)
    assert held(folder, Resolution) == ()


def test_a_question_without_a_day_cannot_be_resolved(folder):
    (folder / "case.toml").write_text(CASE, encoding="utf-8")
    with pytest.raises(InputError, match=r"questions\[open\].resolves: found nothing; right would be the day"):
        settle(folder)


# --- scored, and told


def test_scores_follow_from_the_forecast_and_the_resolution(folder):
    weigh(folder)
    (made,) = held(folder, Forecast)
    settle(folder)
    with Bench.open(folder, clock=lambda: AFTER) as bench:
        found = scores(bench)
    assert found.brier == pytest.approx(sum((p - (h == "used")) ** 2 for h, p in made.even.items()) / 3)
    assert (found.scored, found.enough, found.needed) == (1, False, 119)
    assert {band.verdict for band in found.bands} == {"too few to tell"}


def test_goalposts_that_were_moved_leave_the_old_forecasts_unscored(folder):
    weigh(folder)
    moved = RESOLVING.replace("traffic above 0", "traffic above 9000")
    (folder / "case.toml").write_text(moved, encoding="utf-8")
    weigh(folder)
    settle(folder)
    with Bench.open(folder, clock=lambda: AFTER) as bench:
        (one,) = scores(bench).questions
    assert (one.forecasts, one.other_terms) == (1, 1)


def test_the_brief_tells_what_is_open_and_then_what_it_scored(folder):
    data, page = told(folder, BEFORE)
    (asked,) = data["open"]
    assert (asked["resolves"], asked["made"], asked["days"]) == ("2020-06-01", "2020-01-01", 1)
    used = asked["hypotheses"][0]
    assert used["true_if"] == "The owner publishes a year's traffic above 0."
    assert used["says"] in said_on(page).replace("–", "-")
    assert data["resolved"] == []
    assert data["scores"] is None
    settle(folder)
    data, page = told(folder, AFTER)
    assert data["open"] == []
    (done,) = data["resolved"]
    assert (done["hypothesis"], done["letter"], done["forecasts"]) == ("used", "A", 1)
    text = " ".join(said_on(page).split())
    assert "A, “It is used”, came true. Shown on 1 Jun 2020, says A. Analyst: “The owner's report of 1 June”." in text
    assert "to tell 70 % from 80 % takes 119 resolved questions" in text
    assert lint(said_on(page)) == []
    assert not verify_case(folder).damage


def test_a_case_without_such_questions_says_that_nothing_can_be_scored(folder):
    (folder / "case.toml").write_text(CASE, encoding="utf-8")
    data, page = told(folder, BEFORE)
    assert data == {"open": [], "resolved": [], "scores": None}
    assert "names no day that would settle a question" in page


# --- the case file


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("resolves = 2020-06-01\n", "", r"questions\[open\].resolves: found nothing; right would be the day from"),
        ("resolves = 2020-06-01", "resolves = 2020-06-31", r"case.toml:"),
        ("resolves = 2020-06-01", 'resolves = "soon"', r":14: questions\[open\].resolves: found \"soon\"; right"),
        ('true_if = "The owner publishes that no lorry came."\n', "",
         r"questions\[open\].hypotheses\[shut\].true_if: found nothing; right would be a sentence on what would count"),
        ('"The owner publishes that no lorry came."', '""', r"hypotheses\[shut\].true_if: found \"\""),
        ("that no lorry came.", "a year's traffic above 0.", r"hypotheses\[shut\].true_if: found .* a second time"),
        ("publishes that no lorry came.", "Publishes  a Year's traffic above 0.", r"\[shut\].true_if.* a second time"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_the_terms_is_told_with_its_place(folder, old, new, says):
    assert RESOLVING.count(old) == 1
    (folder / "case.toml").write_text(RESOLVING.replace(old, new), encoding="utf-8")
    with pytest.raises(InputError, match=says):
        load_case(folder)


# --- the commands


def command(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_the_commands_resolve_and_score(folder):
    weigh(folder)
    options = ("--on", "2020-06-02", "--evidence", "The owner's report", "--by", "A. Analyst")
    wrong = command("resolve", folder, "open", "--as", "nobody", *options)
    assert (wrong.exit_code, wrong.stderr[:25]) == (2, "sitewatch: --as: found 'n")
    assert command("scores", folder).stdout == "No question is resolved yet, so nothing is scored.\n"
    assert command("resolve", folder, "open", "--as", "used", *options).stdout == "resolve: 1 resolution\n"
    lines = command("scores", folder).stdout
    assert re.search(r"^Over 1 resolved question, each counted once: Brier score 0\.\d{3}", lines)
    assert "open: came out as used; 1 day with a forecast" in lines
    assert lint(lines) == []
    assert json.loads(command("scores", folder, "--json").stdout)["needed"] == 119


def test_what_is_weighed_once_the_evidence_is_there_is_no_forecast(folder):
    for day in (1, 2, 3):
        weigh(folder, now=datetime(2020, 5, day, 9, tzinfo=UTC))
    settle(folder, on=date(2020, 5, 2))
    with Bench.open(folder, clock=lambda: AFTER) as bench:
        (scored,) = scores(bench).questions
    assert scored.forecasts == 1
