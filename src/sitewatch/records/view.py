"""The records that hold at one moment, ready to be read by kind or by id."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import TypeVar

from sitewatch.records.base import Record, Retraction

R = TypeVar("R", bound=Record)


class View:
    """Records in the order of the ledger, without those that a later one of the view supersedes."""

    def __init__(self, records: Iterable[Record], *, head: str, until: datetime | None = None) -> None:
        """Keep what was available by `until`; everything, undated records too, when that is None."""
        known = [r for r in records if until is None or r.timeless or (r.available_at and r.available_at <= until)]
        gone = {r.supersedes for r in known if r.supersedes}
        self.retracted = {r.supersedes: r.id for r in known if isinstance(r, Retraction)}
        """Ids of the records that were taken back, each with the retraction's."""
        self._known = known
        self.head = head
        """Chain hash of the last record that the view was drawn from."""
        self.until = until
        self._by_id = {r.id: r for r in known if r.id not in gone}
        self._by_kind: dict[str, list[Record]] = defaultdict(list)
        for record in self._by_id.values():
            self._by_kind[record.kind].append(record)

    def at(self, until: datetime) -> View:
        """What of these records was available by an earlier moment."""
        return View(self._known, head=self.head, until=until)

    def without(self, ids: Collection[str]) -> View:
        """The same view as if these records had never been; what they supersede holds again."""
        return View([r for r in self._known if r.id not in ids], head=self.head, until=self.until)

    def of(self, kind: type[R]) -> tuple[R, ...]:
        """All records of one class, in the order of the ledger."""
        return tuple(r for r in self._by_kind[kind.kind] if isinstance(r, kind))

    def every(self, kind: type[R]) -> tuple[R, ...]:
        """All records of one class, those too that a later one supersedes."""
        return tuple(r for r in self._known if isinstance(r, kind))

    def get(self, kind: type[R], id: str) -> R:
        """The record of that class and id.

        Raises:
            KeyError: no such record is in the view.
        """
        record = self._by_id[id]
        if not isinstance(record, kind):
            raise KeyError(f"record {id} is a {record.kind}, not a {kind.kind}")
        return record

    def __contains__(self, id: object) -> bool:
        return id in self._by_id

    def __len__(self) -> int:
        return len(self._by_id)
