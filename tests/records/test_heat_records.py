"""The records of heat: what they hold, refuse, and become in a ledger."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from pydantic import ValidationError

from sitewatch.ledger.chain import decode, seal
from sitewatch.records import KINDS, Heat, HeatChange, HeatDay, HeatRate, Probability, View, heat_at, heat_changes

RATE = HeatRate(share=Probability(lo=0.1, best=0.2, hi=0.3, origin="made"), hits=2, clear=9.5)


def heat(until: date = date(2023, 7, 2), **changes: object) -> Heat:
    fields: dict[str, object] = {
        "site": "works", "start": date(2023, 7, 1), "until": until, "tables": ("a" * 64,), "latency_hours": 3,
        "clouds": "given", "limit": 0.98, "history": RATE, "days": (HeatDay(date(2023, 7, 1), 3, 1.25, 0.0123),),
        "available_at": datetime(2023, 7, 3, 3, tzinfo=UTC),
    }  # fmt: skip
    return Heat.model_validate({**fields, **changes})


def change(flagged: date, **changes: object) -> HeatChange:
    fields: dict[str, object] = {
        "site": "works", "change": "went_quiet", "first_flagged": flagged, "onset_first": date(2023, 7, 1),
        "onset_last": date(2023, 7, 2), "only_cloud": Probability.exactly(0.01, "made"), "before": RATE, "after": RATE,
        "clouds": "given",
    }  # fmt: skip
    return HeatChange.model_validate({**fields, **changes})


@pytest.mark.parametrize("record", [heat(), heat(days=(), history=None, reason="too short"), change(date(2023, 7, 9))])
def test_a_record_comes_back_from_the_ledger_as_it_went_in(record: Heat | HeatChange) -> None:
    sealed, body = seal(record, datetime(2023, 8, 1, tzinfo=UTC))
    assert decode(body) == sealed
    assert decode(body).id == record.id
    assert KINDS[record.kind] is type(record)


def test_a_day_is_a_compact_row() -> None:
    assert heat().content()["days"] == [["2023-07-01", 3, 1.25, 0.0123]]


@pytest.mark.parametrize(
    "wrong", [{"limit": 1.0}, {"latency_hours": -1}, {"tables": ("x",)}, {"days": ((date(2023, 7, 1), 3, 1.25),)}]
)
def test_what_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        heat(**wrong)


def test_a_change_is_one_of_two() -> None:
    with pytest.raises(ValidationError):
        change(date(2023, 7, 9), change="cooled")


def test_the_latest_summary_and_the_changes_in_order_are_those_of_the_site() -> None:
    records = [
        change(date(2023, 9, 1), change="came_alive"), change(date(2023, 7, 9)),
        heat(), heat(date(2023, 9, 9)), heat(date(2024, 1, 1), site="other"),
    ]  # fmt: skip
    view = View(records, head="")
    found = heat_at(view, "works")
    assert found is not None
    assert found.until == date(2023, 9, 9)
    assert [one.first_flagged.month for one in heat_changes(view, "works")] == [7, 9]
    assert (heat_at(view, "nowhere"), heat_changes(view, "other")) == (None, ())
