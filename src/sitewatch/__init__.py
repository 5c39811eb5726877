"""Sitewatch watches sites from orbit and in the press, and says what changed, how surely, and what nobody can know."""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOME = {
    "Bench": "verbs",
    "Ledger": "ledger",
    "SitewatchError": "errors",
    "assess": "weigh",
    "brief": "tell",
    "claims": "read",
    "find": "weigh",
    "load_case": "case",
    "monitor": "look",
}
"""The public names and the rooms they live in; each is imported when it is asked for."""

__all__ = ["__version__", *_HOME]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
