"""The verbs on small cases of analysts' looks: what is new is recorded once, and what changes supersedes."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime

import pytest

from sitewatch.errors import InputError
from sitewatch.records import Assessment, Brief, Item, Lineage, Look, Question, Relation, Result, Source
from sitewatch.verbs import Bench, verify_case
from sitewatch.verbs.prefetch import ahead

NOW = datetime(2020, 1, 1, tzinfo=UTC)

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
[[commitments]]
id = "closure"
clause = "We shall close the gate."
obligor = "the owner"
form = "unilateral"
made = 2019-01-01
confirmed_by_obligor = true
names_site = true
site = "gate"
[[commitments.steps]]
progress = 1
any_of = ["barrier"]
"""
HEAD = (
    "site,acquired,published,publisher,provider,resolution_m,observable,result,"
    "p_detect_lo,p_detect_hi,p_false_lo,p_false_hi,note,redistributable"
)
SEEN = "gate,2019-05-01,2019-05-03,Institute,Provider,0.5,lorries,seen,,,,,,false"
BARRIER = "gate,2019-06-01,2019-06-03,Institute,Provider,0.5,barrier,seen,,,,,,false"


@pytest.fixture
def case(tmp_path):
    (tmp_path / "case.toml").write_text(CASE)
    table(tmp_path, SEEN, BARRIER)
    return tmp_path


def table(folder, *rows):
    (folder / "looks.csv").write_text("\n".join([HEAD, *rows]) + "\n")


def run(folder):
    """All four verbs; the outcomes and the view after them."""
    with Bench.open(folder, clock=lambda: NOW) as bench:
        outcomes = [bench.look(), bench.read(), bench.weigh(), bench.tell()]
        return outcomes, bench.ledger.view()


def test_the_whole_job_leaves_a_brief_and_its_data(case):
    outcomes, view = run(case)
    assert [o.verb for o in outcomes] == ["look", "read", "weigh", "tell"]
    assert {(a.question, len(a.ratios) > 0) for a in view.of(Assessment)} == {("open", True)}
    data = json.loads((case / "brief.json").read_text())
    assert data["head"] == view.of(Brief)[0].head
    assert data["head"] in (case / "brief.html").read_text()


def test_a_second_run_records_nothing_and_changes_no_byte(case):
    run(case)
    page, count = (case / "brief.html").read_bytes(), verify_case(case, None)
    outcomes, _ = run(case)
    assert [dict(o.new) for o in outcomes] == [{}, {}, {}, {}]
    assert (case / "brief.html").read_bytes() == page
    assert verify_case(case, None) == count


def test_a_row_put_above_others_adds_one_look_and_moves_none(case):
    _, before = run(case)
    table(case, "gate,2019-04-01,2019-04-03,Institute,Provider,0.5,lorries,not_seen,,,,,,false", SEEN, BARRIER)
    _, after = run(case)
    assert {look.id for look in before.of(Look)} < {look.id for look in after.of(Look)}
    assert len(after.of(Look)) == 3


def test_a_row_that_is_corrected_supersedes_the_one_it_was(case):
    run(case)
    table(case, SEEN.replace("seen", "not_seen"), BARRIER)
    _, view = run(case)
    results = {look.observable: look.result for look in view.of(Look)}
    assert results == {"lorries": Result.NOT_SEEN, "barrier": Result.SEEN}


def test_a_row_that_is_taken_out_says_nothing_any_more(case):
    run(case)
    table(case, BARRIER)
    _, view = run(case)
    assert [look.observable for look in view.of(Look)] == ["barrier"]
    outcomes, _ = run(case)
    assert [dict(o.new) for o in outcomes] == [{}, {}, {}, {}]


def test_a_row_that_comes_back_counts_again(case):
    for rows in ((SEEN, BARRIER), (BARRIER,), (SEEN, BARRIER), (BARRIER,), (SEEN, BARRIER)):
        table(case, *rows)
        _, view = run(case)
        assert len(view.of(Look)) == len(rows)


def test_what_the_case_no_longer_names_is_taken_back(case):
    (case / "case.toml").write_text(CASE + OUTLETS + LINK)
    (case / "reports").mkdir()
    (case / "reports" / "a.txt").write_text(REPORT)
    (case / "reports" / "b.txt").write_text(REPORT.replace("40 lorries stood at", "a crane was lifted over"))
    _, view = run(case)
    assert [edge.relation for edge in view.of(Lineage)].count("same_official") == 1
    (case / "case.toml").write_text(CASE + OUTLETS)
    _, view = run(case)
    assert [edge.relation for edge in view.of(Lineage)].count("same_official") == 0
    (case / "case.toml").write_text(CASE)
    _, view = run(case)
    assert view.of(Source) == ()


def test_telling_of_what_was_not_weighed_says_what_to_run(case):
    run(case)
    table(case, SEEN)
    with Bench.open(case, clock=lambda: NOW) as bench, pytest.raises(InputError, match="sitewatch weigh"):
        bench.tell()


def test_a_cut_tail_is_found_by_the_head_in_the_brief(case):
    run(case)
    head = json.loads((case / "brief.json").read_text())["head"]
    with closing(sqlite3.connect(case / "ledger" / "ledger.sqlite")) as file:
        file.execute("DELETE FROM records WHERE kind IN ('brief', 'finding')")
        file.commit()
    assert verify_case(case).damage == ()
    (damage,) = verify_case(case, head).damage
    assert "tail was cut" in str(damage)


def test_a_brief_that_was_changed_by_hand_is_found(case):
    run(case)
    page = case / "brief.html"
    page.write_text(page.read_text().replace("gate", "gaol"))
    (damage,) = verify_case(case).damage
    assert "brief.html: it is not what was told" in str(damage)


def test_two_that_weigh_at_once_leave_one_assessment(case):
    run(case)
    table(case, SEEN)
    with Bench.open(case, clock=lambda: NOW) as one, Bench.open(case, clock=lambda: NOW) as other:
        one.weigh()
        other.weigh()
        assert len(one.ledger.view().of(Assessment)) == 1


def test_a_changed_question_supersedes_the_old_one(case):
    run(case)
    (case / "case.toml").write_text(CASE.replace("Is the gate in use?", "Does anybody use the gate?"))
    _, view = run(case)
    assert [q.text for q in view.of(Question)] == ["Does anybody use the gate?"]
    assert [len(view.of(Assessment)), len(view.of(Brief))] == [1, 2]


def test_a_day_before_anything_was_published_knows_nothing(case):
    run(case)
    with Bench.open(case, clock=lambda: NOW) as bench:
        for day in (date(2019, 5, 2), date(2019, 5, 3), date(2019, 6, 3)):
            assert bench.asof(day).new == {}
    early, seen, barrier = (
        json.loads((case / "asof" / f"{day}.json").read_text()) for day in ("2019-05-02", "2019-05-03", "2019-06-03")
    )
    assert early["judgements"][0]["ratio"]["best"] == 1
    assert seen["judgements"][0]["ratio"]["best"] > 2
    assert [c["progress"] for page in (early, barrier) for c in page["commitments"]] == [0, 1]


def test_telling_before_weighing_says_what_to_run(case):
    with Bench.open(case, clock=lambda: NOW) as bench, pytest.raises(InputError, match="sitewatch weigh"):
        bench.tell()


def test_verify_finds_a_changed_byte_and_a_cut_tail(case):
    run(case)
    head = json.loads((case / "brief.json").read_text())["head"]
    assert verify_case(case, head).damage == ()
    (damage,) = verify_case(case, "0" * 63 + "1").damage
    assert "tail was cut" in str(damage)
    blob = next((case / "ledger" / "blobs").glob("*/*"))
    blob.write_bytes(blob.read_bytes()[:-1] + b"?")
    (damage,) = verify_case(case, head).damage
    assert blob.name in str(damage)


def test_work_ahead_keeps_its_order_and_its_errors():
    def invert(x: int) -> float:
        return 1 / x

    results = []
    for thing, result in ahead(invert, [4, 2, 0, 1], threads=2):
        try:
            results.append((thing, result()))
        except ZeroDivisionError:
            results.append((thing, None))
    assert results == [(4, 0.25), (2, 0.5), (0, None), (1, 1.0)]


REPORT = (
    "Outlet: paper\nPublished: 2019-05-04\nTitle: Lorries\n\nThe ministry said that 40 lorries stood at the Gate.\n"
)
OUTLETS = '[[outlets]]\nid = "paper"\nname = "The Paper"\nowner = "P"\ngrade = "C"\n[[reports]]\nfolder = "reports"\n'


@pytest.fixture
def reported(case):
    (case / "case.toml").write_text(CASE + OUTLETS)
    (case / "reports").mkdir()
    (case / "reports" / "a.txt").write_text(REPORT)
    return case


LINK = (
    '[[links]]\nchild = "reports/b.txt"\nparent = "reports/a.txt"\nrelation = "same_official"\n'
    'why = "the same ministry"\n'
)


def test_an_edited_report_is_kept_in_both_versions_and_compared(reported):
    run(reported)
    (reported / "reports" / "a.txt").write_text(REPORT.replace("40", "45"))
    outcomes, view = run(reported)
    assert "has changed since it was read" in outcomes[1].notes[0]
    first, second = view.of(Item)
    assert first.published.latest < second.published.earliest
    assert second.available_at == NOW
    (edge,) = view.of(Lineage)
    assert (edge.child, edge.parent) == (second.id, first.id)
    assert "drift" in {r.relation for r in view.of(Relation)}
    outcomes, _ = run(reported)
    assert dict(outcomes[1].new) == {}


def test_a_day_that_could_be_two_is_no_day_of_publication(reported):
    (reported / "reports" / "a.txt").write_text(REPORT.replace("2019-05-04", "04.05.2019"))
    outcomes, view = run(reported)
    assert view.of(Item) == ()
    assert "right would be a day such as 2018-07-30" in outcomes[1].faults[0]


def test_a_day_that_proves_too_early_is_mended_for_every_earlier_day_too(case):
    late = SEEN.replace("2019-05-03", "2019-09-03")
    run(case)
    table(case, late, BARRIER)
    run(case)
    with Bench.open(case, clock=lambda: NOW) as bench:
        before, after = (bench.ledger.view(datetime(2019, month, 1, tzinfo=UTC)).of(Look) for month in (7, 10))
    assert [k.observable for k in before] == ["barrier"]
    assert sorted(k.observable for k in after) == ["barrier", "lorries"]
    table(case, SEEN, BARRIER)
    run(case)
    with Bench.open(case, clock=lambda: NOW) as bench:
        views = [bench.ledger.view(datetime(2019, month, 1, tzinfo=UTC)).of(Look) for month in (6, 7, 10)]
    assert [sorted(k.observable for k in looks) for looks in views] == [["lorries"], *[["barrier", "lorries"]] * 2]


def test_one_observable_cannot_show_a_pledge_kept_and_broken(case):
    file = case / "case.toml"
    step = '[[commitments.steps]]\nprogress = 1\nany_of = ["barrier"]'
    file.write_text(CASE.replace(step, f'contradicted_by = ["barrier"]\n{step}'))
    with pytest.raises(InputError, match=r"contradicted_by: found barrier, which stands in `steps` too"):
        run(case)
