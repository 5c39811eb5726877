"""Tie the rows of an analyst's tables to the images that they name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from sitewatch.records import Look, Pass, Record, View, When

_LEAST_ID = 8
"""Digits of a pass's id that a row must give at least."""


def tied(record: Record, images: Iterable[Pass]) -> Record:
    """An analyst's look that names an image as a look at that pass; any other record as it is.

    When the image was taken, by whom and how finely is then the image's own; a row that gives another day is not tied.
    """
    if not isinstance(record, Look) or not record.image:
        return record
    named = [one for one in _named(record, images) if _agree(record.when, _span(one))]
    if len(named) != 1:
        return record
    (one,) = named
    changes = {"pass_id": one.id, "when": _span(one), "provider": one.provider, "resolution_m": _pixel(one)}
    return record.model_copy(update=changes)


def untied(view: View) -> list[str]:
    """A line for each row that names an image to which it cannot be tied, and why."""
    loose = [look for look in view.of(Look) if look.image and not look.pass_id]
    return [f"{look.row}: {_why(look, _named(look, view.of(Pass)))}" for look in loose]


def _why(look: Look, named: Sequence[Pass]) -> str:
    if not named:
        return f"no image {look.image} is held of site {look.site}; add it with `sitewatch add-image`, or mend the row"
    agreeing = [one for one in named if _agree(look.when, _span(one))]
    if agreeing:
        ids = ", ".join(one.id[:12] for one in agreeing)
        return f"{len(agreeing)} images of site {look.site} are called {look.image}; name one by its id: {ids}"
    days = ", ".join(str(_span(one)) for one in named)
    return (
        f"the row is of {look.when}, the image {look.image} was taken on {days}; mend the row, or leave acquired blank"
    )


def _named(look: Look, images: Iterable[Pass]) -> list[Pass]:
    """The images of a look's site that go by the name in its row: of the file, or how the pass's id begins."""
    wanted = look.image or ""
    by_id = len(wanted) >= _LEAST_ID and re.fullmatch(r"[0-9a-f]+", wanted)
    return [
        one
        for one in images
        if one.sensor == "analyst" and one.site == look.site and one.original
        if one.original.file == wanted or (by_id and one.id.startswith(wanted))
    ]


def _span(one: Pass) -> When:
    return When(earliest=one.acquired, latest=one.acquired_until or one.acquired)


def _agree(row: When, image: When) -> bool:
    """Whether a row can be of the moment at which an image was taken; a row gives whole days, UTC."""
    assert image.earliest is not None and image.latest is not None  # noqa: PT018, S101  `_span` sets both
    return (row.earliest or image.latest) <= image.latest and image.earliest <= (row.latest or image.earliest)


def _pixel(one: Pass) -> float:
    """Side of an image's pixel, metres, to three figures."""
    return float(f"{one.grid.transform[0]:.3g}")
