"""Look: satellite passes over a fenced site become looks, observations and alerts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sitewatch.late import late

if TYPE_CHECKING:
    from sitewatch.look.catalog import nothing_found, search
    from sitewatch.look.chips import load_pass, read_chip
    from sitewatch.look.detect import MonitorSettings
    from sitewatch.look.grid import fence_mask, site_grid
    from sitewatch.look.site import SiteWatch, watch_site
    from sitewatch.look.watch import Watch, monitor

__all__ = [
    "MonitorSettings",
    "SiteWatch",
    "Watch",
    "fence_mask",
    "load_pass",
    "monitor",
    "nothing_found",
    "read_chip",
    "search",
    "site_grid",
    "watch_site",
]

__getattr__ = late(
    __name__,
    {
        "catalog": ("nothing_found", "search"),
        "chips": ("load_pass", "read_chip"),
        "detect": ("MonitorSettings",),
        "grid": ("fence_mask", "site_grid"),
        "site": ("SiteWatch", "watch_site"),
        "watch": ("Watch", "monitor"),
    },
)
