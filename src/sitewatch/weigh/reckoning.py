"""What numbers say of each other, from all records of a view: counts and declarations, balances, tallies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from sitewatch.records import Record, View
from sitewatch.records.counts import (
    Balance,
    BalanceFound,
    CountsFound,
    Declaration,
    Estimate,
    Reckoning,
    Tallied,
    TallyFound,
    same_words,
)
from sitewatch.weigh.balance import close
from sitewatch.weigh.counts import reckon_counts
from sitewatch.weigh.sums import add_up, groups


def reckon(view: View, *, evidence_head: str, engine: str, config: str) -> list[Reckoning]:
    """One reckoning for each thing that is declared or counted at a place, each balance, and each group of tallies.

    Args:
        view: the records that hold.
        evidence_head, engine, config: what the judgements are drawn from.
    """
    return [
        Reckoning(slug=slug, found=found, available_at=known, evidence_head=evidence_head, engine=engine, config=config)
        for slug, known, found in _found(view)
    ]


def _found(view: View) -> Iterator[tuple[str, datetime | None, CountsFound | BalanceFound | TallyFound]]:
    things: dict[tuple[str | None, str | None], list[Declaration | Estimate]] = {}
    numbered: tuple[Declaration | Estimate, ...] = (*view.of(Declaration), *view.of(Estimate))
    for record in numbered:
        things.setdefault((same_words(record.what), record.site), []).append(record)
    for held in things.values():
        declarations = [one for one in held if isinstance(one, Declaration)]
        counts = [one for one in held if isinstance(one, Estimate)]
        yield held[0].slug, _latest(held), reckon_counts(declarations, counts)
    for balance in view.of(Balance):
        yield balance.slug, balance.available_at, close(balance)
    for group in groups(view.of(Tallied)):
        if any(tally.parts for tally in group):
            yield group[0].slug, _latest(group), add_up(group)


def _latest(records: Iterable[Record]) -> datetime | None:
    """When the last of them became known; None where one of them is undated."""
    known = [record.available_at for record in records]
    return max((at for at in known if at), default=None) if all(known) else None
