"""The parts that an analyst drew, as the comparison of two images proposes them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from shapely.ops import unary_union

from sitewatch.errors import InputError
from sitewatch.look.grid import WGS84, fence_polygon, projected
from sitewatch.look.structures import Part, PartKind, PartState, propose
from sitewatch.look.structures.outlines import Outline, parse_parts
from sitewatch.records import Artifact, PartSeen, Site
from sitewatch.verbs.structure_words import part_seen

if TYPE_CHECKING:
    from shapely.geometry import Polygon

    from sitewatch.look.structures import Comparison
    from sitewatch.verbs.bench import Bench


def drawn_parts(bench: Bench, path: Path, place: Site) -> tuple[tuple[Outline, ...], Artifact]:
    """The parts of a GeoJSON file, its bytes kept, and the artifact that it becomes.

    Raises:
        InputError: it cannot be read, or a part is wrong or lies outside the fence.
    """
    try:
        data = path.read_bytes()
        text = data.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"--parts: {path}: it cannot be read: {error}; give GeoJSON in UTF-8") from error
    digest = hashlib.sha256(data).hexdigest()
    file = Artifact(sha256=digest, size=len(data), media_type="application/geo+json", origin=path.name)
    parts, fence = parse_parts(text, str(path)), fence_polygon(place)
    for one in parts:
        if not one.polygon.intersects(fence):
            raise InputError(
                f"{one.where}: geometry: part {one.part!r} lies outside the fence of site {place.slug}; draw it where "
                "it stands, longitude before latitude"
            )
    bench.ledger.put(data)
    return parts, file


def proposed(drawn: Sequence[Outline], comparison: Comparison) -> dict[str, tuple[PartSeen, ...]]:
    """The parts of each structure as the comparison proposes them.

    Raises:
        InputError: a part holds no pixel of the common ground.
    """
    found: dict[str, list[PartSeen]] = {}
    for one in drawn:
        polygon = projected(one.polygon, WGS84, str(comparison.crs))
        part = Part(one.part, one.kind, tuple((x, y) for x, y in polygon.exterior.coords))
        try:
            (reading,) = propose([part], comparison)
        except InputError as error:
            raise InputError(f"{one.where}: geometry: {error}") from error
        found.setdefault(one.structure, []).append(part_seen(reading, one.order))
    return {name: tuple(parts) for name, parts in found.items()}


def standing(drawn: Sequence[Outline], structures: dict[str, tuple[PartSeen, ...]], crs: str) -> list[Polygon]:
    """What stands of each structure on both days, above its foundations, as far as the comparison proposes."""
    intact = {one.name for parts in structures.values() for one in parts if one.state == PartState.INTACT.value}
    return [
        unary_union(outlines)
        for structure in structures
        if (
            outlines := [
                projected(one.polygon, WGS84, crs)
                for one in drawn
                if one.structure == structure and one.part in intact and one.kind is not PartKind.FOUNDATIONS
            ]
        )
    ]
