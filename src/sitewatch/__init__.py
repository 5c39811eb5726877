"""Sitewatch watches sites from orbit and in the press, and says what changed, how surely, and what nobody can know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sitewatch.late import late

if TYPE_CHECKING:
    from sitewatch.case import load_case
    from sitewatch.errors import SitewatchError
    from sitewatch.ledger import Ledger
    from sitewatch.look import monitor
    from sitewatch.read import claims
    from sitewatch.tell import brief
    from sitewatch.verbs import Bench
    from sitewatch.weigh import assess, find

__version__ = "0.1.0"

__all__ = [
    "Bench",
    "Ledger",
    "SitewatchError",
    "__version__",
    "assess",
    "brief",
    "claims",
    "find",
    "load_case",
    "monitor",
]

__getattr__ = late(
    __name__,
    {
        "case": ("load_case",),
        "errors": ("SitewatchError",),
        "ledger": ("Ledger",),
        "look": ("monitor",),
        "read": ("claims",),
        "tell": ("brief",),
        "verbs": ("Bench",),
        "weigh": ("assess", "find"),
    },
)
