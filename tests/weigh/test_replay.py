"""How an answer moved: the days, the ratios of each, and what came."""

import math
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from weigh_cases import MODEST, WIDE, cases
from weigh_records import (
    SITE,
    TRAILER,
    alert,
    assumed,
    blob,
    edge,
    indicator,
    item,
    look,
    question,
    ratio_of,
    told,
    view,
    weigh,
)

from sitewatch.errors import InputError
from sitewatch.records import Retraction, day_end
from sitewatch.weigh import assess, curve, replay

FUEL = indicator("fuel", observables=("fuel",), terms=(("fuel",),), missile=0.8, routine=0.2)
BOTH = question(TRAILER, FUEL)


def moved(records, ask=BOTH, **more):
    return curve(ask, view(*records), more.get("given") or assumed()).days


def at(day, cause):
    return math.exp(day.causes[cause].moved["missile"] - day.causes[cause].moved["routine"])


@MODEST
@given(cases(), st.data())
def test_each_day_is_the_assessment_of_that_day(case, data):
    ask, records = case
    spread = []
    for n, record in enumerate(records):
        if isinstance(record, tuple):
            day = date(2018, 8, 1) + timedelta(days=data.draw(st.integers(0, 3)))
            spread.append(told(f"outlet{n}", quote=record[1].quote, modality=record[1].modality, day=day))
        elif hasattr(record, "observable"):
            spread.append(record)
    whole = view(*spread)
    days = curve(ask, whole, WIDE).days
    for one in days:
        then = whole.at(day_end(one.day))
        found = assess(ask, then, WIDE, evidence_head="0" * 64, engine="test", config="0" * 64)
        assert found.ratios == one.ratios
    brought = {r.available_at.date() for part in spread for r in (part if isinstance(part, tuple) else (part,))}
    assert [d.day for d in days] == sorted(brought)


def test_a_day_that_brings_nothing_on_the_question_is_no_day_of_it():
    records = [told("a", quote="a cow", day=date(2018, 7, 1)), look("fuel", first=date(2018, 7, 2)),
               look("fuel", first=date(2018, 7, 3), site="elsewhere")]  # fmt: skip
    assert [d.day for d in moved(records)] == [date(2018, 7, 2)]
    assert moved([told("a", dated=False)]) == ()


def test_one_thing_alone_moved_all_that_the_day_moved():
    days = moved([look("trailer", first=date(2018, 7, 1)), look("fuel", first=date(2018, 7, 5))])
    first, second = (day.ratios[0].best for day in days)
    assert at(days[0], 0) == pytest.approx(first)
    assert at(days[1], 0) == pytest.approx(second / first)
    assert [c.kind for d in days for c in d.causes] == ["look", "look"]


def test_what_moved_most_stands_first_and_a_copy_moved_nothing():
    (root, words), (copy, again) = told("a"), told("b")
    seen = look("fuel", first=date(2018, 7, 31))
    (day,) = moved([root, words, copy, again, edge(copy, root), seen])
    assert day.causes[0].ids == (seen.id,)
    causes = {c.ids[0]: n for n, c in enumerate(day.causes)}
    assert at(day, causes[root.id]) == pytest.approx(1)  # the copy still tells it
    assert at(day, causes[copy.id]) == pytest.approx(1)
    assert at(day, causes[seen.id]) == pytest.approx(ratio_of(weigh(seen, ask=question(FUEL))).best)


def test_a_correction_counts_on_its_own_day_and_the_old_record_before():
    first = look("fuel", first=date(2018, 7, 1))
    mended = look("fuel", "not_seen", date(2018, 7, 1), published=date(2018, 7, 9), supersedes=first.id)
    days = moved([first, mended])
    assert [d.ratios[0].best > 1 for d in days] == [True, False]
    assert at(days[1], 0) == pytest.approx(days[1].ratios[0].best / days[0].ratios[0].best)


def test_what_was_taken_back_is_on_no_day():
    first = look("fuel", first=date(2018, 7, 1))
    assert moved([first, Retraction(supersedes=first.id, reason="a mistake")]) == ()


def test_a_tie_that_is_found_later_moves_the_answer_on_its_day():
    (a, first), (b, second) = told("a"), told("b")
    tie = edge(b, a).model_copy(update={"available_at": day_end(date(2018, 8, 9))})
    days = moved([a, first, b, second, tie])
    assert [(d.day, [c.kind for c in d.causes]) for d in days] == [
        (date(2018, 7, 31), ["report", "report"]),
        (date(2018, 8, 9), ["tie"]),
    ]
    assert at(days[1], 0) < 1


def test_the_monitors_watch_is_one_cause_a_day():
    change = indicator("change", observables=("change",), missile=0.8, routine=0.2)

    def passed(day, result="not_seen"):
        return look("change", result, day, by="monitor", site=SITE)

    days = moved(
        [passed(date(2020, 2, 1)), passed(date(2020, 3, 1), "seen"), alert("probable", day=date(2020, 3, 1))],
        ask=question(change),
    )
    assert [[c.kind for c in d.causes] for d in days] == [["watch"], ["watch"]]
    assert len(days[1].causes[0].ids) == 2
    assert days[0].ratios[0].best < 1 < days[1].ratios[0].best


def test_numbers_that_are_not_kept_are_drawn_again_and_are_the_same(monkeypatch):
    records = [look(sign, first=date(2018, 7, n + 1)) for n, sign in enumerate(("trailer", "fuel", "trailer"))]
    kept = moved(records, given=WIDE)
    monkeypatch.setattr(replay, "_AT_ONCE", 0)
    assert moved(records, given=WIDE) == kept


def test_a_question_with_a_hole_is_refused():
    hole = indicator("hole", missile=0.5)
    with pytest.raises(InputError, match="indicator hole has no likelihood for routine"):
        curve(question(hole), view(item("a")), assumed())


def test_a_view_without_a_record_holds_what_it_superseded():
    first = look("fuel", first=date(2018, 7, 1))
    second = look("fuel", "not_seen", date(2018, 7, 1), published=date(2018, 7, 9), supersedes=first.id)
    whole = view(first, second)
    assert (first.id in whole, second.id in whole) == (False, True)
    assert first.id in whole.without({second.id})
    assert first.id in whole.at(day_end(date(2018, 7, 2)))
    assert len(whole.without({first.id, second.id, blob("no record")})) == 0
