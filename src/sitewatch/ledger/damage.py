"""What verification finds: walk the rows of a ledger and say of each whether it is still what was written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from sitewatch.errors import LedgerError
from sitewatch.ledger.chain import GENESIS, decode, link
from sitewatch.records import Artifact, Brief, Item, Pass, Record

NAMED_BLOBS: dict[type[Record], tuple[str, ...]] = {
    Artifact: ("sha256",),
    Brief: ("page", "data"),
    Item: ("artifact",),
    Pass: ("chip",),
}
"""The fields in which a record names a blob."""


class Row(NamedTuple):
    """A row of the table as it stands; in a damaged file any column may hold anything."""

    seq: int
    id: str
    kind: str
    available_at: str | None
    body: bytes
    hash: str


@dataclass(frozen=True)
class Damage:
    """Something in the ledger that is not as it was written, and exactly what."""

    what: str
    """In words, with what would mend it where something can."""
    seq: int | None = None
    """Number of the record in the ledger, from 1; None when it is no single record."""
    kind: str | None = None
    id: str | None = None
    blob: str | None = None
    """Path or address of the blob, when a blob is what is damaged."""

    def __str__(self) -> str:
        record = f"record {self.seq} ({self.kind} {self.id}): " if self.seq is not None else ""
        return f"{record}{self.blob}: {self.what}" if self.blob else f"{record}{self.what}"


class Step(NamedTuple):
    """One row of the walk."""

    row: Row
    record: Record | None
    """None when the body can no longer be read."""
    damage: tuple[Damage, ...]


def walk(rows: Iterable[Row]) -> Iterator[Step]:
    """Check rows in order of `seq`: no gap, each hash over the one before, and every column what the body says."""
    expected = 1
    links: set[str] | None = {GENESIS}
    for row in rows:
        gap = _gap(row.seq, expected)
        if gap:
            links = None  # the hash before this one is gone, so that this one cannot be tried
        record, faults = _examine(row, links)
        yield Step(row, record, tuple([*gap, *(_blame(row, fault) for fault in faults)]))
        # Where body and hash disagree, the next row may follow from either: only the changed one is to blame.
        links = {str(row.hash)} | {link(before, row.body) for before in links or () if isinstance(row.body, bytes)}
        expected = row.seq + 1 if isinstance(row.seq, int) else expected + 1


def blobs_of(record: Record) -> tuple[str, ...]:
    """Addresses of the blobs that a record names."""
    return tuple(getattr(record, field) for field in NAMED_BLOBS.get(type(record), ()))


def _gap(seq: Any, expected: int) -> list[Damage]:
    if seq == expected:
        return []
    if not isinstance(seq, int) or seq < expected:
        return [Damage(f"where record {expected} should stand, there is one numbered {seq!r}")]
    numbers = f"record {expected} is" if seq == expected + 1 else f"records {expected} to {seq - 1} are"
    return [Damage(f"{numbers} missing; record {seq} cannot be tied to what stood before it", seq=expected)]


def _examine(row: Row, links: set[str] | None) -> tuple[Record | None, tuple[str, ...]]:
    """The record of one row, and what is wrong with the row."""
    if not _typed(row):
        return None, ("a column holds something of another type than was written",)
    faults = []
    if links is not None and row.hash not in {link(before, row.body) for before in links}:
        faults.append("its body or its hash is not what was written")
    try:
        record = decode(row.body)
    except LedgerError as error:
        return None, (*faults, str(error))
    stated = {
        "id": (row.id, record.id),
        "kind": (row.kind, record.kind),
        "available_at": (row.available_at, available(record)),
    }
    faults += [
        f"its {name} is {found!r}, its body says {true!r}" for name, (found, true) in stated.items() if found != true
    ]
    return record, tuple(faults)


def available(record: Record) -> str | None:
    """The day of availability as the table and the body write it."""
    moment: str | None = record.model_dump(mode="json", include={"available_at"})["available_at"]
    return moment


def _typed(row: Row) -> bool:
    words = (row.id, row.kind, row.hash, *([] if row.available_at is None else [row.available_at]))
    return isinstance(row.seq, int) and isinstance(row.body, bytes) and all(isinstance(word, str) for word in words)


def _blame(row: Row, what: str) -> Damage:
    return Damage(what, seq=row.seq, kind=str(row.kind), id=str(row.id))
