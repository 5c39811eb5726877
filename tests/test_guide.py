"""The guide, done step by step as its reader would against a STAC API on loopback; and all that it shows, checked."""

from __future__ import annotations

import json
import re
import shlex
import signal
import subprocess
import sys
import time
import tomllib
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import typer

import sitewatch
from sitewatch.case import load_case, new_case
from sitewatch.case.fields import Written
from sitewatch.case.written import CaseTable
from sitewatch.cli import app
from tests import servers

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "docs" / "guide").glob("*.md"))
FIRST, FILE, READING, IMAGES = (page.read_text(encoding="utf-8") for page in PAGES)
STAC = Path(sitewatch.__file__).parent / "samples" / "romania-forest" / "stac"
PUBLIC = "https://earth-search.aws.element84.com/v1"
FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ONSET = "between 7 Apr 2019 (last clear look without it) and 16 Jun 2019 (first clear look with it)"


def files_of(page: str) -> dict[str, str]:
    """What a page tells its reader to put into files: each block follows a line that ends with the file's name."""
    return dict(re.findall(r"`(mine/\S+)`:\n\n```\w+\n(.*?)^```$", page, re.MULTILINE | re.DOTALL))


def shown(page: str, first: str) -> str:
    """The indented block of a page that begins with some words, as it would stand in a terminal."""
    start = page.index(f"\n    {first}") + 1
    lines = page[start:].split("\n")
    block = lines[: next(n for n, line in enumerate(lines) if not line.startswith("    "))]
    return "".join(f"{line[4:]}\n" for line in block)


def counted(told: str) -> str:
    """Without what differs from run to run (heads), and how many claims the language model finds, and so records."""
    return re.sub(r"[0-9a-f]{64}", "HEAD", re.sub(r"\d+(?= (claim|record))", "N", told))


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sitewatch.cli", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def passes(shop: str) -> list[dict]:
    """The items of the guide's days, as a public catalogue would list them: every asset lies on a server."""
    items = []
    for path in sorted((STAC / "items").iterdir()):
        item = json.loads(path.read_text()) | {"links": []}
        for asset in item["assets"].values():
            asset["href"] = asset["href"].replace("..", shop)
        items += [item] if "2017-01-01" <= item["properties"]["start_datetime"][:10] <= "2019-09-30" else []
    return items


# --- Page 1, as a reader goes through it


@pytest.fixture(scope="module")
def api(tmp_path_factory) -> Iterator[str]:
    """A public catalogue on loopback."""
    collection = json.loads((STAC / "collection.json").read_text())
    with (
        servers.serve(servers.files(STAC)) as shop,
        servers.stac_api(collection, passes(shop.url), tmp_path_factory.mktemp("api")) as url,
    ):
        yield url


@pytest.fixture(scope="module")
def desk(tmp_path_factory) -> Path:
    """Where the reader works."""
    return tmp_path_factory.mktemp("desk")


@pytest.fixture(scope="module")
def ran(desk, api) -> subprocess.CompletedProcess[str]:
    """`new`, the case and its files as the page gives them, `run`: only the catalogue's address is another."""
    begun = run(desk, "new", "mine")
    assert (begun.returncode, begun.stdout) == (0, "wrote mine/case.toml; fill it in, then: sitewatch run mine\n")
    written = files_of(FIRST)
    assert set(written) == {
        "mine/fence.geojson", "mine/case.toml", "mine/reports/2019-07-02-post.txt", "mine/reports/2019-07-03-daily.txt"
    }  # fmt: skip
    assert PUBLIC in written["mine/case.toml"]
    for name, text in written.items():
        (desk / name).write_text(text.replace(PUBLIC, api), encoding="utf-8")
    return run(desk, "run", "mine")


@pytest.fixture(scope="module")
def head(desk, ran) -> str:
    """The head of the ledger as the brief prints it."""
    (printed,) = set(re.findall(r'<dd><a class="hash" href="#appendix">([0-9a-f]{64})</a>', page_of(desk)))
    return printed


def page_of(desk: Path, name: str = "brief.html") -> str:
    return (desk / "mine" / name).read_text(encoding="utf-8")


def test_the_run_answers_as_the_page_shows(ran):
    assert ran.returncode == 0, ran.stderr
    assert counted(ran.stdout) == counted(shown(FIRST, "look: "))


def test_the_brief_tells_the_onset_and_the_rest_that_the_page_promises(desk, ran):
    page = " ".join(re.sub(r"&nbsp;|\u00a0", " ", re.sub(r"<[^>]+>", "", page_of(desk))).split())
    assert f"onset {ONSET}" in page
    assert f"onset {ONSET}" in " ".join(FIRST.split())
    assert "2 reports tell 1 story and rest on 1 root" in page
    assert "the evidence cannot tell the two apart" in page
    (judged,) = json.loads(page_of(desk, "brief.json"))["judgements"]
    assert {judged["ratio"]["first"], judged["ratio"]["second"]} == {"felled", "storm"}
    assert 1.5 < judged["ratio"]["best"] < 2.5
    assert judged["drivers"][0]["behind"] == "2 reports, 1 independent root"
    assert json.loads(page_of(desk, "brief.json"))["next_looks"][0]["of"][0]["indicator"] == "stumps"


def test_a_second_run_adds_nothing(desk, ran, head):
    again = run(desk, "run", "mine")
    assert again.returncode == 0
    assert again.stdout.count(": nothing new\n") == 4
    assert f">{head}</a>" in page_of(desk)


def test_the_brief_of_an_earlier_day_holds_what_was_known_by_then(desk, ran):
    days = re.findall(r"^    sitewatch asof mine (\S+)$", FIRST, re.MULTILINE)
    assert days == ["2019-06-30", "2019-07-10"]
    for day in days:
        told = run(desk, "asof", "mine", day)
        assert (told.returncode, told.stdout.splitlines()[1]) == (0, f"  mine/asof/{day}.html")
    before, after = (json.loads(page_of(desk, f"asof/{day}.json")) for day in days)
    assert before["sites"][0]["alerts"] == []
    assert before["reports"]["reports"] == 0
    assert [alert["state"] for alert in after["sites"][0]["alerts"]] == ["possible"]


def test_the_ledger_holds_and_holds_the_head_of_the_brief(desk, head):
    for extra in ((), ("--head", head)):
        checked = run(desk, "verify", "mine", *extra)
        assert (checked.returncode, counted(checked.stdout)) == (0, counted(shown(FIRST, "holds: ")))
    foreign = run(desk, "verify", "mine", "--head", "0" * 63 + "1")
    assert foreign.returncode == 1
    assert "is not in the chain" in foreign.stdout


def test_the_desk_shows_the_brief_until_it_is_stopped(desk, ran):
    port = servers.free_port()
    command = [sys.executable, "-m", "sitewatch.cli", "serve", "mine", "--port", str(port)]
    serving = subprocess.Popen(command, cwd=desk, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert serving.stdout.readline() == shown(FIRST, "The desk: ").replace("8321", str(port))
        assert "Who cleared the stand above the valley?" in fetched(f"http://127.0.0.1:{port}/")
        assert fetched(f"http://127.0.0.1:{port}/brief.html") == page_of(desk)
    finally:
        serving.send_signal(signal.SIGINT)
        _, said = serving.communicate(timeout=20)
    assert (serving.returncode, said) == (0, "")


def fetched(address: str) -> str:
    for _ in range(100):
        with suppress(OSError), urllib.request.urlopen(address, timeout=5) as answer:
            return answer.read().decode()
        time.sleep(0.1)
    raise AssertionError(f"no answer from {address}")


def test_a_mistake_is_told_as_the_page_shows(desk, ran):
    case = desk / "mine" / "case.toml"
    right = case.read_text(encoding="utf-8")
    case.write_text(right.replace('grade = "C"', 'grade = "G"'), encoding="utf-8")
    try:
        wrong = run(desk, "run", "mine")
    finally:
        case.write_text(right, encoding="utf-8")
    assert wrong.returncode == 2
    line = shown(FIRST, "mine/case.toml:").rstrip("…\n ")
    assert wrong.stderr.removeprefix("sitewatch: ").startswith(line)


def test_a_look_that_pages_3_takes_apart_comes_out_whole(desk, ran, monkeypatch):
    """Every block of Python on page 3 runs where the reader stands, and finds what it says."""
    blocks = [code for kind, code in FENCED.findall(READING) if kind == "python"]
    assert blocks
    monkeypatch.chdir(desk)
    scope: dict[str, object] = {}
    for code in blocks:
        exec(code, scope)  # noqa: S102  the guide's own words


# --- What all pages show


def commands() -> list[tuple[str, str]]:
    """Every line of the guide and the README that a reader could type, with its page."""
    found = []
    for page in (*PAGES, ROOT / "README.md"):
        text = page.read_text(encoding="utf-8")
        lines = re.findall(r"^    (?:\$ )?(sitewatch [^#\n]*)", text, re.MULTILINE)
        lines += re.findall(r"`(sitewatch [^`\n]*)`", text)
        found += [(page.name, line.strip().replace("…", "")) for line in lines]
    return found


@pytest.mark.parametrize(("page", "line"), commands(), ids=lambda value: value)
def test_every_command_that_is_shown_is_understood(page, line):
    _, *words = shlex.split(line)
    group = typer.main.get_command(app)
    if words == ["--help"]:
        return
    command = group.get_command(typer.Context(group), words[0])
    assert command is not None, f"{page}: there is no command {words[0]}"
    if len(words) > 1 or not any(p.required for p in command.params):
        command.make_context(words[0], words[1:])


def test_every_command_and_option_is_in_the_guide():
    told = " ".join(line for _, line in commands())
    group = typer.main.get_command(app)
    assert set(re.findall(r"sitewatch ([a-z][a-z-]*)", told)) == set(group.list_commands(typer.Context(group)))
    text = FIRST + FILE + READING + IMAGES
    options = {o for c in group.commands.values() for p in c.params for o in p.opts if o.startswith("--")}
    assert [option for option in sorted(options) if f"`{option}`" not in text and f" {option} " not in text] == []


def blocks_of_toml() -> list[tuple[str, str]]:
    return [
        (page.name, code)
        for page in PAGES
        for kind, code in FENCED.findall(page.read_text(encoding="utf-8"))
        if kind == "toml"
    ]


WHOLE = [(page, code) for page, code in blocks_of_toml() if code.startswith("title = ") and "[[sites]]" in code]


@pytest.mark.parametrize(("page", "code"), WHOLE, ids=[page for page, _ in WHOLE])
def test_every_whole_case_loads(page, code, tmp_path):
    new_case(tmp_path)
    (tmp_path / "case.toml").write_text(code, encoding="utf-8")
    (tmp_path / "fence.geojson").write_text(files_of(FIRST)["mine/fence.geojson"], encoding="utf-8")
    (tmp_path / "stac").mkdir()
    for name in re.findall(r'"(reports/[^"]+\.txt)"', code):
        (tmp_path / name).write_text("Outlet: valley-post\n\nText.\n", encoding="utf-8")
    case = load_case(tmp_path)
    assert case.title
    assert case.questions


def test_every_part_of_a_case_that_is_shown_is_toml_of_known_keys():
    assert len(WHOLE) >= 2
    for page, code in blocks_of_toml():
        for table in tomllib.loads(code):
            assert table in CaseTable.model_fields, f"{page}: {table}"


def fields(table: type) -> Iterator[tuple[str, str]]:
    """Every field of every table of a case file, with its table."""
    for name, field in table.model_fields.items():
        yield table.__name__, name
        for part in inner(field.annotation):
            yield from fields(part)


def inner(annotation: object) -> Iterator[type]:
    if isinstance(annotation, type) and issubclass(annotation, Written):
        yield annotation
    for part in getattr(annotation, "__args__", ()):
        yield from inner(part)


def test_page_2_has_every_field_of_the_case_file():
    assert sorted({name for _, name in fields(CaseTable) if not re.search(rf"`{name}`|[\[.`]{name}\]", FILE)}) == []


def test_pages_lead_to_pages_and_sections_that_are_there():
    for page in (*PAGES, ROOT / "README.md"):
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
