from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sitewatch.ledger import Ledger
from sitewatch.records import Artifact, Item, Record, Site, When, day_end

NOW = datetime(2024, 5, 1, 12, 30, 15, 250000, tzinfo=UTC)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(tmp_path / "ledger") as opened:
        yield opened


@pytest.fixture
def full(ledger: Ledger) -> Ledger:
    """A ledger with a page that was fetched, the report drawn from it, and two sites."""
    sha = ledger.put(b"Der Zaun ist fort.\n")
    day = datetime(2018, 7, 23, tzinfo=UTC).date()
    records: list[Record] = [
        Site(slug="north", name="North"),
        Artifact(sha256=sha, size=19, media_type="text/plain", origin="reports/a.txt", available_at=day_end(day)),
        Item(
            artifact=sha,
            text="Der Zaun ist fort.",
            origin="reports/a.txt",
            title=None,
            outlet="wire-a",
            published=When.of(day),
            available_at=day_end(day),
        ),
        Site(slug="south", name="Süd", aliases=("The South",)),
    ]
    ledger.append(records, now=NOW)
    return ledger
