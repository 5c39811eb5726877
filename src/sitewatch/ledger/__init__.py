"""The ledger: records that are only ever added, each tied by hash to all before it, with big bytes kept beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sitewatch.late import late

if TYPE_CHECKING:
    from sitewatch.ledger.blobs import Blobs
    from sitewatch.ledger.chain import GENESIS
    from sitewatch.ledger.damage import Damage
    from sitewatch.ledger.store import Ledger

__all__ = ["GENESIS", "Blobs", "Damage", "Ledger"]

__getattr__ = late(__name__, {"blobs": ("Blobs",), "chain": ("GENESIS",), "damage": ("Damage",), "store": ("Ledger",)})
