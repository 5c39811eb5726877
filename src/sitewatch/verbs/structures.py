"""Structures in a pair of an analyst's images: compared, held against the fence and named parts, and recorded."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sitewatch.errors import InputError
from sitewatch.look.grid import fence_polygon
from sitewatch.look.structures import compare_files, load_change_model
from sitewatch.look.structures.inside import fenced
from sitewatch.look.structures.modelled import modelled
from sitewatch.look.structures.outlines import Outline
from sitewatch.look.structures.razed import razed
from sitewatch.look.structures.windows import laid_pair
from sitewatch.records import Look, Observation, Pass, Record, Site, View
from sitewatch.tell.observed import lines
from sitewatch.verbs.adding import fenced_site
from sitewatch.verbs.held import held_image
from sitewatch.verbs.keeping import settle, taken_back, unreviewed
from sitewatch.verbs.outcome import Outcome
from sitewatch.verbs.part_looks import words_on
from sitewatch.verbs.structure_crops import pictures
from sitewatch.verbs.structure_parts import drawn_parts, proposed, standing
from sitewatch.verbs.structure_records import STRUCTURES, Compared, look_of, observations, span

if TYPE_CHECKING:
    from sitewatch.look.structures import ChangeModel
    from sitewatch.verbs.bench import Bench

PUBLISHER = "Sitewatch"
_AGAIN = "the pair was compared again, with other parts, another model or other words; see what stands"


def compare_images(
    bench: Bench,
    before: Path,
    after: Path,
    *,
    site: str,
    parts: Path | None = None,
    model: Path | None = None,
    bands: Sequence[str] = (),
    by: str = "",
) -> Outcome:
    """Compare two of an analyst's GeoTIFFs of one site, and record what is new and gone inside its fence.

    The same pair with the same parts and model adds nothing; other parts take the place of those before. What an
    analyst said of an observation stands as long as the comparison proposes the same.

    Args:
        bench: the opened case.
        before: a GeoTIFF that was added before.
        after: another, taken later.
        site: id of a site with a fence.
        parts: GeoJSON of named parts of structures; None to leave out what was said of parts.
        model: a learnt change model as ONNX; None for none.
        bands: names in the files' order, where they do not name them themselves.
        by: who compared them; the desk where nobody is named.

    Raises:
        InputError: an option, a file or the pair is wrong; the message says what would mend it.
    """
    outcome = Outcome("compare-images")
    place = fenced_site(bench, site)
    passes = held_image(bench, before, place), held_image(bench, after, place)
    _in_order((before, after), passes)
    drawn, parts_file = drawn_parts(bench, parts, place) if parts else ((), None)
    learnt = load_change_model(model) if model else None
    named = _named(model, learnt) if model and learnt else ""
    inputs = [p.id for p in passes] + [str(place.fence), parts_file.sha256 if parts_file else "", named, by, *bands]
    mark = f"structures-{place.slug}-{passes[0].id[:12]}-{passes[1].id[:12]}"
    if bench.is_done(mark, inputs) and _held(bench.ledger.view(), passes):
        outcome.notes.append("compared before, with the same result")
        return outcome
    found, artifacts = _found(bench, (before, after), passes, place, drawn, (learnt, named), bands, by)
    artifacts += [parts_file] if parts_file else []

    overtaken: list[str] = []

    def new(view: View) -> Iterable[Record]:
        look = look_of(found)
        new_look = next((k for k in settle([look], view) if isinstance(k, Look)), None)
        kept = new_look or next(k for k in view.of(Look) if _same(k, look))
        made = observations(found, kept.id)
        yield from artifacts
        yield kept
        yield from made
        gone = taken_back((Observation,), made, view, _AGAIN, among=lambda one: _rests_on(one, look, view, found))
        yield from gone
        for old in _overtaken(made, {one.supersedes for one in gone}, view):
            yield from words_on(old, view, _AGAIN)
            overtaken.append(f"the word of {old.review.by if old.review else ''} on “{old.what}” stands no longer")

    kept = bench.keep(new, outcome)
    bench.done(mark, inputs)
    told = _told(place, bench.ledger.view(), passes) if kept else ["compared before, with the same result"]
    outcome.notes += [*overtaken, *told]
    return outcome


def _in_order(files: tuple[Path, Path], passes: tuple[Pass, Pass]) -> None:
    first, second = (span(one) for one in passes)
    assert first.latest is not None  # noqa: S101  `span` sets both
    assert second.earliest is not None  # noqa: S101
    if first.latest >= second.earliest:
        raise InputError(
            f"{files[0]} was taken on {first}, {files[1]} on {second}: the first must surely be the earlier; give them "
            "the other way round, or add them again with the time of each"
        )


def _named(path: Path, model: ChangeModel) -> str:
    sha = hashlib.sha256(path.read_bytes()).hexdigest()
    return f"the analyst's learnt model {path.name}, SHA-256 {sha[:12]}, licence {model.licence}"


# --- Comparing


def _found(
    bench: Bench, files: tuple[Path, Path], passes: tuple[Pass, Pass], place: Site, drawn: tuple[Outline, ...],
    learnt: tuple[ChangeModel | None, str], bands: Sequence[str], by: str,
) -> tuple[Compared, list[Record]]:  # fmt: skip
    """Everything that the pair tells, its pictures kept, and the records of these."""
    comparison = compare_files(*files, names=bands, progress=bench.progress)
    crs = str(comparison.crs)
    fence = fence_polygon(place, crs)
    told = fenced(
        comparison.labels, comparison.regions, comparison.seen, fence, transform=comparison.transform, crs=crs,
        pixel_m=comparison.pixel_m,
    )  # fmt: skip
    structures = proposed(drawn, comparison)
    with laid_pair(*files, comparison, names=bands) as laid:
        bench.progress("planting demolitions", 0, 1)
        found = Compared(
            site=place,
            before=passes[0],
            after=passes[1],
            by=by.strip() or PUBLISHER,
            comparison=comparison,
            fenced=told,
            razed=razed(laid, standing(drawn, structures, crs)),
            structures=structures,
            modelled=modelled(laid, learnt[0], fence) if learnt[0] else None,
            model=learnt[1],
        )
        bench.progress("planting demolitions", 1, 1)
        shown = pictures(laid, found, drawn)
    every = [one for crops in shown.values() for one in crops]
    for one in every:
        bench.ledger.put(one.data)
    crops = {what: tuple(one.crop for one in some) for what, some in shown.items()}
    return replace(found, crops=crops), [one.artifact for one in every]


# --- What stands


def _same(one: Look, look: Look) -> bool:
    """Whether two looks are of one pair."""
    told = one.by, one.site, one.observable, one.pass_id, one.image
    return told == (look.by, look.site, look.observable, look.pass_id, look.image)


def _rests_on(record: Record, look: Look, view: View, found: Compared) -> bool:
    """Whether an observation is of this pair, and of a kind that was told anew."""
    if not isinstance(record, Observation) or (record.parts and not found.structures):
        return False
    if "by the model" in record.what and not found.modelled:
        return False
    return any(_same(one, look) for one in view.every(Look) if one.id in record.looks)


def _overtaken(made: Iterable[Observation], gone: set[str | None], view: View) -> list[Observation]:
    """Observations with an analyst's word that stands no longer, since the comparison says otherwise by now."""
    anew = {(one.what, one.looks): one for one in made}
    return [
        old
        for old in view.of(Observation)
        if old.review
        if old.id in gone
        or ((now := anew.get((old.what, old.looks))) and _content(now) != _content(unreviewed(old, view)))
    ]


def _content(record: Record) -> dict[str, object]:
    return record.model_dump(exclude={"recorded_at", "supersedes"})


def _held(view: View, passes: tuple[Pass, Pass]) -> list[Look]:
    return [
        k for k in view.of(Look)
        if (k.observable, k.by, k.pass_id, k.image) == (STRUCTURES, "monitor", passes[1].id, passes[0].id[:12])
    ]  # fmt: skip


def _told(place: Site, view: View, passes: tuple[Pass, Pass]) -> list[str]:
    """A line for each observation of the pair, with the beginning of its id to confirm it by."""
    looks = {k.id for k in _held(view, passes)}
    return [
        f"{one.id[:12]} {line}"
        for one in view.of(Observation)
        if looks & set(one.looks)
        for line in (*lines(place.name, [one]), *(f"  {said}." for said in one.says))
    ]
