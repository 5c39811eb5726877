"""Read: who said what, how surely, and from whom they had it.

    gather -> item -> claims -> trace -> compare

The names load their modules when first used, so that importing the room costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sitewatch.late import late

if TYPE_CHECKING:
    from sitewatch.read.article import item
    from sitewatch.read.attribute import claims
    from sitewatch.read.collect import Fetched, gather
    from sitewatch.read.lineage import trace
    from sitewatch.read.relate import Agreement, Conflict, Drift, Update, compare

__all__ = ["Agreement", "Conflict", "Drift", "Fetched", "Update", "claims", "compare", "gather", "item", "trace"]

__getattr__ = late(
    __name__,
    {
        "article": ("item",),
        "attribute": ("claims",),
        "collect": ("Fetched", "gather"),
        "lineage": ("trace",),
        "relate": ("Agreement", "Conflict", "Drift", "Update", "compare"),
    },
)
