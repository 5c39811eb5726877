"""Desk: the briefs of a case, or of a folder of cases, as a page on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sitewatch.late import late

if TYPE_CHECKING:
    from sitewatch.desk.app import create, serve

__all__ = ["create", "serve"]

__getattr__ = late(__name__, {"app": ("create", "serve")})
