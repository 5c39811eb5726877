"""Look: satellite passes over a fenced site become looks, observations and alerts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sitewatch.late import late

if TYPE_CHECKING:
    from sitewatch.look.catalog import nothing_found, search
    from sitewatch.look.chips import load_pass, read_chip
    from sitewatch.look.coverage import cover, gaps, p_missed
    from sitewatch.look.cycles import Overpass, next_passes
    from sitewatch.look.fusion import fused
    from sitewatch.look.grid import fence_mask, site_grid
    from sitewatch.look.images import Taken, load_image
    from sitewatch.look.settings import MonitorSettings
    from sitewatch.look.site import SiteWatch, watch_site
    from sitewatch.look.watch import Watch, monitor, resume

__all__ = [
    "MonitorSettings",
    "Overpass",
    "SiteWatch",
    "Taken",
    "Watch",
    "cover",
    "fence_mask",
    "fused",
    "gaps",
    "load_image",
    "load_pass",
    "monitor",
    "next_passes",
    "nothing_found",
    "p_missed",
    "read_chip",
    "resume",
    "search",
    "site_grid",
    "watch_site",
]

__getattr__ = late(
    __name__,
    {
        "catalog": ("nothing_found", "search"),
        "chips": ("load_pass", "read_chip"),
        "coverage": ("cover", "gaps", "p_missed"),
        "cycles": ("Overpass", "next_passes"),
        "settings": ("MonitorSettings",),
        "fusion": ("fused",),
        "grid": ("fence_mask", "site_grid"),
        "images": ("Taken", "load_image"),
        "site": ("SiteWatch", "watch_site"),
        "watch": ("Watch", "monitor", "resume"),
    },
)
