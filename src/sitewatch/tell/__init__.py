"""Tell: a brief from assessments and records, as one page that loads nothing, and as data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sitewatch.late import late

if TYPE_CHECKING:
    from sitewatch.tell.apparatus import latest_evidence
    from sitewatch.tell.page import Page, brief

__all__ = ["Page", "brief", "latest_evidence"]

__getattr__ = late(__name__, {"apparatus": ("latest_evidence",), "page": ("Page", "brief")})
