"""The case: one TOML file in which the analyst says what to watch, what to read, and what is asked."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sitewatch.case.load import load_case
    from sitewatch.case.model import Case, CaseError, Link, Problem
    from sitewatch.case.new import new_case

__all__ = ["Case", "CaseError", "Link", "Problem", "load_case", "new_case"]

_HOME = {
    "Case": "model",
    "CaseError": "model",
    "Link": "model",
    "Problem": "model",
    "load_case": "load",
    "new_case": "new",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the name stands for
    """Import pydantic, shapely and tree-sitter only when a case is wanted: the command line must answer at once."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
