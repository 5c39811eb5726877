"""Look: satellite passes over a fenced site become looks, observations and alerts."""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOME = {
    "monitor": "watch",
    "Watch": "watch",
    "MonitorSettings": "detect",
    "watch_site": "site",
    "SiteWatch": "site",
    "nothing_found": "catalog",
    "search": "catalog",
    "load_pass": "chips",
    "read_chip": "chips",
    "site_grid": "grid",
    "fence_mask": "grid",
}
"""Public names and the modules they live in; imported when asked for, since rasters take seconds to import."""

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
