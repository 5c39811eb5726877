"""The ledger: records that are only ever added, each tied by hash to all before it, with big bytes kept beside them."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sitewatch.ledger.blobs import Blobs
    from sitewatch.ledger.chain import GENESIS
    from sitewatch.ledger.damage import Damage
    from sitewatch.ledger.store import Ledger

__all__ = ["GENESIS", "Blobs", "Damage", "Ledger"]

_HOME = {"Blobs": "blobs", "GENESIS": "chain", "Damage": "damage", "Ledger": "store"}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the name stands for
    """Import SQLAlchemy only when a ledger is wanted: the command line must answer at once."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
