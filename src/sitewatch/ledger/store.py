"""The ledger itself: one SQLite file that is only ever added to, through SQLAlchemy Core, with its blobs beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Connection, insert, select

from sitewatch.errors import InputError, LedgerError
from sitewatch.ledger.blobs import Blobs
from sitewatch.ledger.chain import GENESIS, JUDGEMENTS, link, seal
from sitewatch.ledger.damage import Damage, Row, available, blobs_of, walk
from sitewatch.ledger.database import RECORDS, Database
from sitewatch.records import Record, View

_EVERY_ROW = "SELECT seq, id, kind, available_at, body, hash FROM records ORDER BY seq"
# Read without SQLAlchemy's types, which fail on what a damaged file may hold.

_AT_ONCE = 500
# Ids asked for in one statement; SQLite takes a limited number of values.


class Ledger:
    """Records in the order in which they came, each chained to the one before; open one with `Ledger.open`."""

    def __init__(self, file: Path, blobs: Blobs) -> None:
        """Use a SQLite file that is there already; `open` makes one where there is none."""
        self.file = file
        """The SQLite file."""
        self.blobs = blobs
        """The bytes that records name."""
        self._database = Database(file)

    @classmethod
    def open(cls, folder: Path, *, create: bool = True) -> Ledger:
        """The ledger of a folder: `ledger.sqlite` and `blobs/`.

        Raises:
            InputError: there is none and `create` is False, or the folder cannot be made.
            LedgerError: the file is no ledger, is damaged, or was made by a later version.
        """
        file = folder / "ledger.sqlite"
        if not create and not file.is_file():
            raise InputError(f"{file}: there is no ledger here; `sitewatch run CASE` makes one")
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"{folder}: no ledger can be kept here: {error}") from error
        ledger = cls(file, Blobs.at(folder / "blobs"))
        ledger._database.prepare(create)
        return ledger

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def append(self, records: Iterable[Record] | Callable[[View], Iterable[Record]], *, now: datetime) -> list[Record]:
        """Add the records whose ids are new, all or none; when this returns they are on disk.

        Args:
            records: of any kinds, in the order in which they are to stand; or what makes them from all that stands now,
                while no other process can add.
            now: the moment that becomes their `recorded_at`; it needs a time zone.

        Returns:
            The records that were new, as they stand in the ledger.

        Raises:
            LedgerError: a record cannot be written as canonical JSON, or the file cannot be written.
        """
        if now.tzinfo is None:
            raise ValueError("`now` needs a time zone")
        with self._database.transaction("BEGIN IMMEDIATE") as connection:
            batch: dict[str, tuple[Record, bytes]] = {}
            for given in records(self._view(connection)) if callable(records) else records:
                record, body = seal(given, now.astimezone(UTC))
                batch.setdefault(record.id, (record, body))
            known = _known(connection, list(batch))
            new = [pair for id, pair in batch.items() if id not in known]
            if new:
                connection.execute(insert(RECORDS), list(_rows(new, *_last(connection))))
        return [record for record, _ in new]

    def view(self, until: datetime | None = None) -> View:
        """The records that were available by `until`, or all of them.

        Raises:
            LedgerError: a record is no longer what was written, or is unknown to this version; nothing is drawn from
                a ledger that does not hold.
        """
        with self._database.transaction() as connection:
            return self._view(connection, until)

    def _view(self, connection: Connection, until: datetime | None = None) -> View:
        records, head = [], GENESIS
        for row, record, damage in walk(_all(connection)):
            if damage or record is None:
                told = "; ".join(str(one) for one in damage)
                raise LedgerError(f"{self.file}: {told}; `sitewatch verify` lists all that is damaged")
            records.append(record)
            head = row.hash
        return View(records, head=head, until=until)

    def __len__(self) -> int:
        with self._database.transaction() as connection:
            return _last(connection)[0]

    @property
    def birth(self) -> str:
        """Chain hash of the first record, which no other ledger has; 64 zeros while there is none."""
        with self._database.transaction() as connection:
            return connection.scalar(select(RECORDS.c.hash).where(RECORDS.c.seq == 1)) or GENESIS

    @property
    def head(self) -> str:
        """Chain hash of the last record; 64 zeros while there is none."""
        with self._database.transaction() as connection:
            return _last(connection)[1]

    @property
    def evidence_head(self) -> str:
        """Chain hash of the last record that is no judgement: all that questions are weighed from."""
        with self._database.transaction() as connection:
            return _last(connection, without=JUDGEMENTS)[1]

    @property
    def told_head(self) -> str:
        """Chain hash of the last record that is no brief: all that a brief can be told from."""
        with self._database.transaction() as connection:
            return _last(connection, without=("brief",))[1]

    def put(self, data: bytes) -> str:
        """Keep bytes and tell their SHA-256, by which a record can name them.

        Raises:
            LedgerError: they could not be written.
        """
        return self.blobs.put(data)

    def get(self, sha: str) -> bytes:
        """The bytes of a SHA-256.

        Raises:
            LedgerError: they are missing or have changed.
        """
        return self.blobs.get(sha)

    def verify(self, head: str | None = None) -> list[Damage]:
        """Everything in the ledger that is not as it was written; nothing when it holds.

        Args:
            head: a head that was printed in a brief; records cut off after it are found only with it.
        """
        damage: list[Damage] = []
        heads = {GENESIS}
        named: dict[str, Row] = {}
        with self._telling(damage), self._database.transaction() as connection:
            for row, record, found in walk(_all(connection)):
                damage += found
                heads.add(row.hash)
                for sha in blobs_of(record) if record else ():
                    named.setdefault(sha, row)
        with self._telling(damage), self._database.transaction() as connection:
            pages = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
            damage += [Damage(f"{self.file}: a page of the file is damaged: {page}") for page in pages if page != "ok"]
        damage += self._blob_damage(named)
        if head is not None and head.lower() not in heads:
            damage.append(Damage(f"head {head} is not in the chain: the tail was cut, or the chain was written anew"))
        return damage

    def _blob_damage(self, named: dict[str, Row]) -> Iterator[Damage]:
        for sha, row in named.items():
            if fault := self.blobs.fault(sha):
                yield Damage(fault, seq=row.seq, kind=row.kind, id=row.id, blob=self.blobs.where(sha))

    @contextmanager
    def _telling(self, damage: list[Damage]) -> Iterator[None]:
        try:
            yield
        except LedgerError as error:
            damage.append(Damage(str(error)))


def _all(connection: Connection) -> Iterator[Row]:
    result = connection.execution_options(yield_per=1000).exec_driver_sql(_EVERY_ROW)
    return (Row(*row) for row in result)


def _last(connection: Connection, without: Iterable[str] = ()) -> tuple[int, str]:
    """Number and hash of the last record that is not of these kinds."""
    wanted = select(RECORDS.c.seq, RECORDS.c.hash).where(RECORDS.c.kind.not_in(without))
    row = connection.execute(wanted.order_by(RECORDS.c.seq.desc()).limit(1)).one_or_none()
    return (row.seq, row.hash) if row else (0, GENESIS)


def _known(connection: Connection, ids: list[str]) -> set[str]:
    known: set[str] = set()
    for start in range(0, len(ids), _AT_ONCE):
        asked = select(RECORDS.c.id).where(RECORDS.c.id.in_(ids[start : start + _AT_ONCE]))
        known.update(connection.scalars(asked))
    return known


def _rows(records: Iterable[tuple[Record, bytes]], seq: int, head: str) -> Iterator[dict[str, Any]]:
    """The rows that follow record number `seq` with the chain hash `head`."""
    for number, (record, body) in enumerate(records, seq + 1):
        head = link(head, body)
        yield {
            "seq": number,
            "id": record.id,
            "kind": record.kind,
            "available_at": available(record),
            "body": body,
            "hash": head,
        }
