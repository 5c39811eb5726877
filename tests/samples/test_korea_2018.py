"""The bundled case korea-2018: it loads, its parts fit each other, and only the copies it means are copies."""

from __future__ import annotations

import csv
import itertools
import re
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest

import sitewatch
from sitewatch.case import load_case

FOLDER = Path(sitewatch.__file__).parent / "samples" / "korea-2018"
REPORTS = sorted((FOLDER / "reports").glob("*.txt"))
TABLES = sorted((FOLDER / "looks").glob("*.csv"))
COPIES = {
    ("2018-07-24-wire-e-sohae", "2018-07-25-daily-f-sohae"),
    ("2018-07-27-wire-e-remains", "2018-07-28-weekly-j-remains"),
    ("2018-07-30-daily-b-sanumdong", "2018-07-31-weekly-j-sanumdong"),
    ("2018-07-30-wire-a-sanumdong", "2018-07-31-daily-f-sanumdong"),
}
"""Pairs that the case means as verbatim copies: original, copy."""
RUN = 12
"""Words in a row that no two texts share, unless one is a copy of the other."""


def parts(report: Path) -> tuple[dict[str, str], str]:
    """The header lines by name, and the body."""
    head, body = report.read_text(encoding="utf-8").split("\n\n", 1)
    return dict(line.split(": ", 1) for line in head.splitlines()), body


def rows() -> Iterator[dict[str, str]]:
    """Every row of every look table."""
    for table in TABLES:
        with table.open(encoding="utf-8", newline="") as file:
            yield from csv.DictReader(file)


def runs(report: Path) -> set[tuple[str, ...]]:
    """Every run of RUN words of a report's body."""
    words = re.findall(r"[a-z0-9]+", parts(report)[1].lower())
    return {tuple(words[i : i + RUN]) for i in range(len(words) - RUN + 1)}


@pytest.fixture(scope="module")
def case():
    return load_case(FOLDER)


def test_the_case_loads_with_its_sites_questions_and_commitments(case):
    assert {s.slug for s in case.sites} == {"sohae", "sanumdong", "kangson", "wonsan"}
    assert {q.slug for q in case.questions} == {"trailer", "sohae-dismantling"}
    assert {c.slug for c in case.commitments} == {"sohae-pledge", "declaration-dismantling", "declaration-observation"}
    assert len(case.looks) == len(list(rows()))


def test_the_pledge_names_no_site_and_was_never_confirmed(case):
    pledge = next(c for c in case.commitments if c.slug == "sohae-pledge")
    assert (pledge.names_site, pledge.confirmed_by_obligor) == (False, False)
    assert pledge.form == "reported by the other party"
    assert pledge.available_at is not None
    assert pledge.available_at.date() == date(2018, 6, 12)


def test_there_are_at_least_sixteen_texts_of_newspaper_length():
    lengths = {r.stem: len(parts(r)[1].split()) for r in REPORTS}
    assert len(lengths) >= 16
    assert {name: n for name, n in lengths.items() if not 80 <= n <= 250} == {}


def test_every_report_names_a_known_outlet(case):
    known = {s.slug for s in case.sources}
    assert {parts(r)[0]["Outlet"] for r in REPORTS} - known == set()


def test_two_outlets_share_an_owner(case):
    owners = [s.owner for s in case.sources]
    assert len(set(owners)) < len(owners)


@pytest.mark.parametrize("report", REPORTS, ids=lambda r: r.stem)
def test_header_dates_parse_and_agree_with_the_file_name(report):
    published = datetime.fromisoformat(parts(report)[0]["Published"])
    assert report.name.startswith(published.date().isoformat())


def test_every_observable_of_a_commitment_stands_in_a_look_table(case):
    wanted = {
        observable
        for c in case.commitments
        for group in (c.reversed_by, c.contradicted_by, *(s.any_of + s.all_of for s in c.steps))
        for observable in group
    }
    assert wanted
    assert wanted - {row["observable"] for row in rows()} == set()


def test_looks_without_a_day_of_publication_count_on_no_day(case):
    undated = {look.observable for look in case.looks if look.available_at is None}
    assert undated == {"dormant", "shelter_rebuilt", "debris_gone"}


def test_bunker_roofs_were_seen_in_march_and_public_in_october(case):
    roofs = [look for look in case.looks if look.observable == "bunker_roof_altered"]
    assert [str(look.when) for look in roofs] == ["2018-03-14", "2018-05-26", "2018-07-22"]
    assert {look.available_at.date() for look in roofs} == {date(2018, 10, 10)}


def test_the_rebuilding_is_a_window_and_not_a_day(case):
    (rebuilding,) = (look for look in case.looks if look.observable == "rebuilding")
    assert str(rebuilding.when) == "2019-02-16 to 2019-03-02"


def test_texts_share_a_run_of_words_only_where_one_is_meant_as_a_copy():
    by_name = {r.stem: runs(r) for r in REPORTS}
    shared = {(a, b) for a, b in itertools.combinations(by_name, 2) if by_name[a] & by_name[b]}
    assert shared == COPIES


@pytest.mark.parametrize(
    ("report", "words"),
    [
        ("2018-07-27-wire-e-remains", "54 sets of remains"),
        ("2018-07-27-wire-a-remains", "55 cases of remains"),
        ("2018-07-30-wire-a-sanumdong", "covered trailer"),
        ("2018-07-24-portal-h-sohae", "nuclear test site"),
        ("2018-07-24-tabloid-i-sohae", "completely demolished"),
        ("2018-07-25-daily-f-sohae", "22 July 2016"),
        ("2018-07-31-tabloid-i-sanumdong", "trailer carried a missile"),
        ("2018-07-31-broadcaster-g-sanumdong", "declined to comment"),
        ("2018-08-01-agency-l-sanumdong", "denied that"),
    ],
)
def test_the_texts_carry_the_turns_that_the_desk_is_to_find(report, words):
    assert words in parts(FOLDER / "reports" / f"{report}.txt")[1]


def test_each_term_that_is_asked_of_reports_occurs_in_one(case):
    texts = [re.findall(r"[a-z0-9]+", parts(r)[1].lower()) for r in REPORTS]
    groups = [group for q in case.questions for i in q.indicators for group in i.terms]
    assert groups
    absent = [
        group
        for group in groups
        if not any(all(any(w.startswith(part) for w in text) for t in group for part in t.split("-")) for text in texts)
    ]
    assert absent == []
