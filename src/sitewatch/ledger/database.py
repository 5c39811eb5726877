"""The SQLite file under a ledger: its one table, its transactions, and what its errors mean."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    Column,
    Connection,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    NullPool,
    String,
    Table,
    create_engine,
    event,
)
from sqlalchemy.exc import DBAPIError

from sitewatch.errors import LedgerError

FORMAT = 1
"""Version of the table, kept in SQLite's `user_version`."""

PATIENCE = 60.0
"""Seconds to wait for another process that is writing."""

RECORDS = Table(
    "records",
    MetaData(),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("id", String, unique=True, nullable=False),
    Column("kind", String, nullable=False),
    Column("available_at", String),
    Column("body", LargeBinary, nullable=False),
    Column("hash", String, nullable=False),
)
"""Number in the ledger from 1, and what a record is: its id, kind, day of availability, body and chain hash."""

_ADVICE = {
    "locked": f"another process has been writing for {PATIENCE:.0f} s: try again when it is done",
    "malformed": "the file is damaged: put a copy in its place",
    "not a database": "the file is damaged: put a copy in its place",
    "readonly": "give yourself the right to write to the folder",
    "full": "make room on the disk",
}
# What would mend an error, by a word that SQLite uses for it.


class Database:
    """A SQLite file in write-ahead mode that several processes may use at once; it is open only while it is used."""

    def __init__(self, file: Path) -> None:
        """Name the file; nothing is opened yet."""
        self.file = file
        self._engine = _engine(file)

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    @contextmanager
    def transaction(self, begin: str = "BEGIN") -> Iterator[Connection]:
        """A transaction that is on disk when the block has ended, and undone when the block fails.

        Args:
            begin: the statement to begin with; "BEGIN IMMEDIATE" to write, "" for no transaction at all.

        Raises:
            LedgerError: SQLite says that the file is damaged, full, locked or not to be written.
        """
        try:
            with self._engine.execution_options(begin=begin).begin() as connection:
                yield connection
        except (DBAPIError, UnicodeDecodeError) as error:  # the latter when SQLite quotes damaged text in its message
            said = str(error.orig) if isinstance(error, DBAPIError) else "database disk image is malformed"
            advice = next((f"; {mend}" for word, mend in _ADVICE.items() if word in said), "")
            raise LedgerError(f"{self.file}: SQLite says: {said}{advice}") from error

    def prepare(self, create: bool) -> None:
        """Make the table where it is wanted and not there yet; several processes may do so at once.

        Raises:
            LedgerError: the file holds something else, or cannot be read.
        """
        with self.transaction("BEGIN IMMEDIATE" if create else "BEGIN") as connection:
            version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
            tables = connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar_one()
            if create and version == tables == 0:
                RECORDS.create(connection)
                connection.exec_driver_sql(f"PRAGMA user_version = {FORMAT}")
            elif version != FORMAT:
                raise LedgerError(
                    f"{self.file}: no ledger of format {FORMAT}, found format {version}; "
                    "it is damaged, another program's, or of a later version of Sitewatch"
                )
        if create:
            self._write_ahead()

    def _write_ahead(self) -> None:
        """Let others read while one writes. SQLite waits for its lock everywhere but in this statement, so we do."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                with self.transaction("") as connection:
                    connection.exec_driver_sql("PRAGMA journal_mode = WAL")
                return
            except LedgerError as error:
                if "locked" not in str(error) or time.monotonic() > deadline:
                    raise
                time.sleep(0.02)


def _engine(file: Path) -> Engine:
    url = URL.create("sqlite", database=str(file))
    engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": PATIENCE})

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # the driver's own BEGIN comes too late for a lock
        connection.text_factory = partial(str, encoding="utf-8", errors="backslashreplace")  # damage must be readable

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("PRAGMA synchronous = FULL")  # a commit is on disk before it is acknowledged
        if begin := connection.get_execution_options()["begin"]:
            connection.exec_driver_sql(begin)

    return engine
