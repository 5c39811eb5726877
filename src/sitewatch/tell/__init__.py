"""Tell: a brief from assessments and records, as one page that loads nothing, and as data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sitewatch.tell.page import Page, brief

__all__ = ["Page", "brief"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - the module protocol returns anything
    """Import late: templates and figures cost time that `sitewatch --help` does not have."""
    if name in __all__:
        from sitewatch.tell import page

        return getattr(page, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
