"""Counts in an analyst's images whose image or fence is another by now: they are taken back, to be made anew."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sitewatch.records import Look, Observation, Pass, Retraction, Site, View
from sitewatch.verbs.part_looks import words_on

COUNTED = frozenset({"vehicles", "structures"})
"""What is counted in an image the desk holds, inside the fence as it was then."""
ANOTHER_IMAGE = "what was counted in an image no longer stands, since the image is not held as it was; count in it anew"


def stale(view: View, sites: Iterable[Site]) -> Iterator[Retraction]:
    """A retraction for each such look that no longer is of a pass and a fence that stand, and for what rests on it.

    Args:
        view: what the ledger holds.
        sites: of the case, as they are now.
    """
    fences = {site.slug: site.fence for site in sites}
    for look in view.of(Look):
        if look.row is not None or look.observable not in COUNTED:
            continue
        if look.pass_id not in view or not _pair_stands(look, view):
            reason = ANOTHER_IMAGE
        elif fences.get(look.site) != _fence_then(look, view):
            reason = f"the fence of site {look.site} was redrawn; count inside it anew"
        else:
            continue
        resting = [seen for seen in view.of(Observation) if look.id in seen.looks]
        yield from (back for seen in resting for back in words_on(seen, view, reason))
        yield from (Retraction(supersedes=one.id, reason=reason) for one in (*resting, look))


def _pair_stands(look: Look, view: View) -> bool:
    """Whether the earlier image that a look compares its pass with is held as it was; True where it compares none."""
    earlier = look.image or ""
    return look.by == "analyst" or any(one.id.startswith(earlier) for one in view.of(Pass))


def _fence_then(look: Look, view: View) -> object:
    """The fence of a look's site when the look was recorded."""
    then = [
        site.fence
        for site in view.every(Site)
        if site.slug == look.site and site.recorded_at and look.recorded_at and site.recorded_at <= look.recorded_at
    ]
    return then[-1] if then else None
