"""The analyst's own images of a site: whose they are, what she read in them, and a picture of the latest."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sitewatch.records import Pass, Site, View
from sitewatch.tell.cite import Citations, Json, analyst_looks
from sitewatch.tell.wording import day, iso, legible, taken

if TYPE_CHECKING:
    from sitewatch.tell.pictures import Picture

PICTURES = 4
"""Images that are shown as figures; a page with more would be too heavy to send."""


def site_images(site: Site, view: View, cites: Citations) -> list[Json]:
    """One entry per image of a site, in order of time."""
    read: dict[str, list[Json]] = {}
    for look in sorted(analyst_looks(view), key=lambda k: (k.observable, k.id)):
        if look.pass_id:
            read.setdefault(look.pass_id, []).append(cites.look(look.id))
    return [_image(one, read.get(one.id, []), cites) for one in own(view) if one.site == site.slug]


def own(view: View) -> list[Pass]:
    """The analyst's images of all sites, in order of time."""
    return sorted((p for p in view.of(Pass) if p.sensor == "analyst"), key=lambda p: (p.acquired, p.id))


def _image(one: Pass, readings: list[Json], cites: Citations) -> Json:
    pixel = one.grid.transform[0]
    original = one.original
    return {
        **cites.passed(one.id),
        "id": one.id,
        "acquired": iso(one.acquired),
        "acquired_until": iso(one.acquired_until),
        "when": taken(one),
        "provider": legible(one.provider),
        "published": iso(one.available_at),
        "published_says": day(one.available_at),
        "licence": "; ".join(legible(text) for text in (one.attribution, one.licence) if text),
        "bands": list(one.bands),
        "pixel_m": pixel,
        "pixel_says": f"{pixel:.3g} m",
        "readings": readings,
        "file": legible(original.file) if original else "",
        "size": original.size if original else None,
        "size_says": f"{original.size:,} bytes" if original else "",
        "sha256": original.sha256 if original else "",
        "chip": one.chip,
    }


def drawn_images(view: View, blob: Callable[[str], bytes]) -> dict[str, Picture]:
    """Figures of the latest images, by the pass's id."""
    from sitewatch.tell.pictures import picture

    fences = {site.slug: site.fence for site in view.of(Site)}
    return {one.id: picture(one, blob(one.chip), fences.get(one.site, ())) for one in own(view)[-PICTURES:]}
