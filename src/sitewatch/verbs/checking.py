"""Verify: recompute a case's ledger, and hold the brief in the folder against the one that was told."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from sitewatch.errors import LedgerError
from sitewatch.ledger import Damage, Ledger
from sitewatch.records import Brief


@dataclass(frozen=True)
class Checked:
    """What verification found."""

    damage: tuple[Damage, ...]
    """What is not as it was written; empty when all holds."""
    records: int
    head: str
    """Chain hash of the last record: keep it elsewhere, and a cut tail can be found by it."""


def verify_case(path: Path, head: str | None = None) -> Checked:
    """Recompute a case's ledger and its blobs; also for a case whose file has gone.

    Args:
        path: the case's folder or file.
        head: a head that a brief or an earlier check printed.

    Raises:
        InputError: there is no ledger.
    """
    folder = path if path.is_dir() else path.parent
    with Ledger.open(folder / "ledger", create=False) as ledger:
        damage = ledger.verify(head)
        if damage:
            return Checked(tuple(damage), 0, "")
        try:
            return Checked(tuple(_changed_pages(folder, ledger)), len(ledger), ledger.head)
        except LedgerError as error:
            return Checked((Damage(str(error)),), 0, "")


def _changed_pages(folder: Path, ledger: Ledger) -> list[Damage]:
    """The brief's files that are not what the last brief of the ledger says was told."""
    told = ledger.view().of(Brief)
    if not told:
        return []
    files = {"brief.html": told[-1].page, "brief.json": told[-1].data}
    return [
        Damage(f"{folder / name}: it is not what was told; write it again with: sitewatch tell {folder}")
        for name, sha in files.items()
        if (folder / name).is_file() and hashlib.sha256((folder / name).read_bytes()).hexdigest() != sha
    ]
