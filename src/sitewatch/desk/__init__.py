"""Desk: the briefs of a case, or of a folder of cases, as a page on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sitewatch.desk.app import create, serve

__all__ = ["create", "serve"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - the module protocol returns anything
    """Import late: a web server costs time that `sitewatch --help` does not have."""
    if name in __all__:
        from sitewatch.desk import app

        return getattr(app, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
