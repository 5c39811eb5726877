"""Read: who said what, how surely, and from whom they had it.

    gather -> item -> claims -> trace -> compare

The names load their modules when first used, so that importing the room costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sitewatch.read.article import item
    from sitewatch.read.attribute import claims
    from sitewatch.read.collect import Fetched, gather
    from sitewatch.read.lineage import trace
    from sitewatch.read.relate import Agreement, Conflict, Drift, Update, compare

_HOME = {
    "Fetched": "collect",
    "gather": "collect",
    "item": "article",
    "claims": "attribute",
    "trace": "lineage",
    "Agreement": "relate",
    "Conflict": "relate",
    "Drift": "relate",
    "Update": "relate",
    "compare": "relate",
}

__all__ = ["Agreement", "Conflict", "Drift", "Fetched", "Update", "claims", "compare", "gather", "item", "trace"]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
