from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

import sitewatch
from sitewatch.cli import app

ROOT = Path(__file__).parents[1]
VERBS = (
    "new",
    "look",
    "read",
    "weigh",
    "tell",
    "run",
    "serve",
    "verify",
    "resolve",
    "scores",
    "lint-text",
    "asof",
    "replay",
    "coverage",
    "demo",
    "doctor",
    "add-image",
    "find-vehicles",
    "compare-images",
    "confirm",
)


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sitewatch.cli", *arguments], capture_output=True, text=True, check=False
    )


def test_help_answers_in_under_half_a_second():
    taken = []
    for _ in range(3):
        begun = time.perf_counter()
        assert run("--help").returncode == 0
        taken.append(time.perf_counter() - begun)
    assert min(taken) < 0.5


def test_heavy_imports_are_late():
    heavy = ["numpy", "pydantic", "rasterio", "spacy", "sqlalchemy", "matplotlib", "fastapi", "scipy"]
    code = f"import sys, sitewatch.cli; print([m for m in {heavy} if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_every_command_is_there_and_in_the_readme():
    text = CliRunner().invoke(app, ["--help"]).output
    readme = (ROOT / "README.md").read_text()
    for verb in VERBS:
        assert re.search(rf"│ {verb}\s", text)
        assert f"sitewatch {verb}" in readme


@pytest.mark.parametrize("verb", VERBS)
def test_every_command_speaks_json(verb):
    assert "--json" in CliRunner().invoke(app, [verb, "--help"]).output


def test_every_public_name_can_be_had():
    for name in sitewatch.__all__:
        assert getattr(sitewatch, name) is not None
    with pytest.raises(AttributeError):
        _ = sitewatch.no_such_name


def test_a_new_case_loads_and_is_not_written_over(tmp_path):
    made = run("new", str(tmp_path / "mine"), "--json")
    assert made.returncode == 0
    assert Path(json.loads(made.stdout)["case"]).is_file()
    again = run("new", str(tmp_path / "mine"))
    assert again.returncode == 2
    assert "case.toml" in again.stderr


@pytest.mark.parametrize("verb", ["look", "read", "weigh", "tell", "run"])
def test_a_case_that_is_not_there_is_wrong_input(verb, tmp_path):
    answer = run(verb, str(tmp_path / "nowhere"))
    assert answer.returncode == 2
    assert "nowhere" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_all_errors_of_a_case_come_at_once_with_file_line_and_field(tmp_path):
    (tmp_path / "case.toml").write_text(
        'title = "Wrong"\n\n[[sites]]\nid = "a"\nname = "A"\nfence = [[25, 47], [25.1, 47.1], [25.1, 47], [25, 47.1]]\n'
        '\n[[sites]]\nid = "b"\nname = "B"\nfence = [[25.0, 47.0], [25.9, 47.0], [25.9, 47.01], [25.0, 47.01]]\n'
        '\n[[outlets]]\nid = "x"\nname = "X"\nowner = "X"\ngrade = "Z"\n'
    )
    answer = run("run", str(tmp_path))
    assert answer.returncode == 2
    for line, word in ((6, "cross"), (11, "20 km"), (17, "grade")):
        assert re.search(rf"case\.toml:{line}: .*{word}", answer.stderr), answer.stderr


def test_a_day_that_is_none_is_wrong_input(tmp_path):
    answer = run("asof", str(tmp_path), "25.07.2018", "--json")
    assert answer.returncode == 2
    assert "2018-07-25" in json.loads(answer.stdout)["error"]


def test_coverage_of_a_case_is_told_in_lines_and_as_data(tmp_path):
    header = "site,acquired,published,publisher,provider,observable,result"
    (tmp_path / "looks.csv").write_text(f"{header}\na,2019-05-01,2019-05-03,Institute,Provider,lorries,seen\n")
    (tmp_path / "case.toml").write_text(
        'title = "A gate"\n[[sites]]\nid = "a"\nname = "Gate"\ntimeliness_days = 30\n[[looks]]\ntable = "looks.csv"\n'
    )
    looked = "the last clear look, an analyst's, is {} old (1 May 2019); the goal of one in 30 days {} 31 May 2019"
    for day, age, goal in (("2019-05-31", "30 days", "holds until"), ("2019-06-02", "32 days", "ran out on")):
        answer = run("coverage", str(tmp_path), "--on", day)
        assert (answer.returncode, answer.stderr) == (0, "")
        assert answer.stdout.splitlines()[:2] == ["Gate", "  no pass"]
        assert looked.format(age, goal) in answer.stdout
    before = run("coverage", str(tmp_path), "--on", "2019-05-02").stdout
    assert "As of 2 May 2019, there is no clear look; the goal of one in 30 days is not met" in before
    (told,) = json.loads(run("coverage", str(tmp_path), "--json").stdout)
    assert (told["slug"], told["coverage"]["due"]) == ("a", "2019-05-31")
    wrong = run("coverage", str(tmp_path), "--on", "tomorrow")
    assert wrong.returncode == 2
    assert "--on: found 'tomorrow'" in wrong.stderr


def test_verify_without_a_ledger_is_wrong_input(tmp_path):
    answer = run("verify", str(tmp_path))
    assert answer.returncode == 2
    assert "ledger" in answer.stderr


SWALLOWED = """
import os, signal, time
from sitewatch.cli import _spoken

class Called:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.1)

with _spoken(False):
    Called()
    time.sleep(60)
"""


def test_ctrl_c_ends_a_command_even_where_a_library_swallows_it():
    run = subprocess.run([sys.executable, "-c", SWALLOWED], capture_output=True, text=True, timeout=50)
    assert run.returncode == 130
    assert run.stderr.endswith(
        "sitewatch: stopped; what was recorded is kept, and the same command goes on from there\n"
    )
