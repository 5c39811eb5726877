"""The four verbs over one case folder: where files, the clock and the network come in, and what is new is recorded."""

from __future__ import annotations

import hashlib
import json
import os
import warnings
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from sitewatch import __version__
from sitewatch.case import Case, load_case
from sitewatch.errors import InputError, ServiceError
from sitewatch.keeping import PLACES, retracted, settle, stale
from sitewatch.ledger import Damage, Ledger
from sitewatch.records import (
    Alert,
    Artifact,
    Assessment,
    Brief,
    Catalogue,
    Claim,
    Fault,
    Finding,
    Item,
    Lineage,
    Look,
    Pass,
    Record,
    Site,
    Source,
    View,
    When,
    day_end,
)

if TYPE_CHECKING:
    from sitewatch.look.chips import Chip
    from sitewatch.tell import Page

T = TypeVar("T")
U = TypeVar("U")

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""


def silent(what: str, done: int, total: int) -> None:
    """No progress is shown."""


def utc_now() -> datetime:
    """The clock."""
    return datetime.now(UTC)


@dataclass
class Outcome:
    """What a verb did."""

    verb: str
    new: Counter[str] = field(default_factory=Counter)
    """Records added, by kind."""
    notes: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    """What could not be had this time, and why; the next run tries again where that can help."""
    unreachable: bool = False
    """True when an outside service failed."""
    wrong: bool = False
    """True when something in the case must be mended before it can work."""
    files: list[Path] = field(default_factory=list)

    def as_json(self) -> dict[str, object]:
        """Ready for JSON."""
        return {
            "verb": self.verb,
            "new": dict(self.new),
            "notes": self.notes,
            "faults": self.faults,
            "files": [str(path) for path in self.files],
        }


class Bench:
    """One case opened for work: its file, its ledger, a clock and a way to show progress."""

    def __init__(
        self, case: Case, ledger: Ledger, *, clock: Callable[[], datetime] = utc_now, progress: Progress = silent
    ) -> None:
        """Work on a loaded case with an open ledger."""
        self.case, self.ledger, self.clock, self.progress = case, ledger, clock, progress

    @classmethod
    @contextmanager
    def open(
        cls, path: Path, *, clock: Callable[[], datetime] = utc_now, progress: Progress = silent
    ) -> Iterator[Bench]:
        """Open a case folder or file, and make its ledger where there is none.

        Raises:
            InputError: the case is wrong; all its problems at once.
        """
        case = load_case(path)
        with Ledger.open(case.folder / "ledger") as ledger:
            bench = cls(case, ledger, clock=clock, progress=progress)
            bench._keep_case()
            yield bench

    def look(self) -> Outcome:
        """Search the catalogues, load the passes that are new, and run the monitor over every fenced site."""
        from sitewatch.look import site_grid, watch_site

        outcome = Outcome("look")
        self._failed = self._faults(self.ledger.view())
        for catalogue in self.case.catalogues:
            for site in (s for s in self.case.sites if s.slug in catalogue.sites):
                self._fetch_passes(catalogue, site, outcome)
        view = self.ledger.view()
        for site in (s for s in self.case.sites if s.fence):
            # Passes of a fence that was drawn elsewhere lie on another grid; those that the catalogue still lists are
            # loaded again.
            passes = [p for p in view.of(Pass) if p.site == site.slug and p.grid == site_grid(site)]
            if not self._to_be_watched(site, passes, view):
                continue
            self.progress(f"watching {site.name}", 0, 1)
            watched = watch_site(site, passes, self.ledger.get)
            self._keep([*watched.looks, *watched.alerts, *self._withdrawn(watched.alerts, site)], outcome)
            self.progress(f"watching {site.name}", 1, 1)
        return outcome

    def read(self, *, allow_private: bool = False) -> Outcome:
        """Gather the reports that are new, draw the claims from them, trace them to their roots and compare them."""
        from sitewatch.read import claims, compare, gather, item, trace

        outcome = Outcome("read")
        view = self.ledger.view()
        sources, places = self.case.sources, self.case.places
        known, versions = self._known_origins(view), self._versions(view)
        self._failed = self._faults(view)
        answering = {intake.where for intake in self.case.intakes if intake.form == "feed"}
        for fetched in gather(
            self.case.intakes, folder=self.case.folder, known=known, client=None, allow_private=allow_private
        ):
            if isinstance(fetched, Fault):
                self._fault(fetched, outcome)
                answering.discard(fetched.subject)
                continue
            self.progress(f"reading {fetched.origin}", outcome.new["item"], 0)
            report = item(fetched, sources, now=self.clock())
            if isinstance(report, Fault):
                self._fault(report, outcome)
                continue
            self.ledger.put(fetched.data)
            day = _day(report)
            report = self._as_edit(report, versions.get(report.origin, []), outcome)
            said = claims(report.text, published=day, places=places, item=report, sources=sources)
            self._keep([report, *said], outcome)
            self._mended("read", fetched.origin)
        for feed in answering:
            self._mended("read", feed)
        self._relate(outcome, trace, compare)
        return outcome

    def weigh(self) -> Outcome:
        """Answer every question and test every commitment from what is known by now."""
        outcome = Outcome("weigh")
        view = self.ledger.view(self.clock())
        self._keep([*self._assessments(view), *self._findings(view)], outcome)
        return outcome

    def tell(self) -> Outcome:
        """Write brief.html and brief.json into the case folder."""
        outcome = Outcome("tell")
        view, judged = self.ledger.view(self.clock()), self.ledger.view()
        assessments = [a for a in judged.of(Assessment) if a.question in {q.slug for q in self.case.questions}]
        findings = [f for f in judged.of(Finding) if f.commitment in {c.slug for c in self.case.commitments}]
        if self.case.questions and not assessments:
            raise InputError(f"{self.case.folder}: nothing is weighed yet; run: sitewatch weigh {self.case.folder}")
        earlier = [b for b in judged.of(Brief) if b.head != self.ledger.evidence_head]
        page = self._page(view, assessments, findings, None, earlier[-1] if earlier else None)
        self._write(self.case.folder / "brief", page, outcome)
        told = Brief(
            available_at=max((r.available_at for r in (*assessments, *findings) if r.available_at), default=None),
            page=self.ledger.put(page.html.encode()),
            data=self.ledger.put(_json(page)),
            evidence=page.evidence,
            head=self.ledger.evidence_head,
        )
        self._keep([told], outcome)
        return outcome

    def asof(self, day: date) -> Outcome:
        """Write the brief as it would have stood at the end of a day, UTC; nothing is recorded."""
        outcome = Outcome("asof")
        view = self.ledger.view(day_end(day))
        page = self._page(view, self._assessments(view), self._findings(view), day, None)
        self._write(self.case.folder / "asof" / str(day), page, outcome)
        return outcome

    # What the verbs share

    def _keep(self, records: Iterable[Record], outcome: Outcome | None = None) -> list[Record]:
        """Append what is new, in one transaction."""
        records = list(records)
        if any(type(record) in PLACES for record in records):
            records = settle(records, self.ledger.view())
        new = self.ledger.append(records, now=self.clock())
        if outcome is not None:
            outcome.new.update(record.kind for record in new)
        return new

    def _keep_case(self) -> None:
        """Record what the case file sets up, and what its tables hold; what they no longer hold is taken back."""
        case = self.case
        data = self.ledger.put(case.data)
        setup: list[Record] = [
            Artifact(sha256=data, size=len(case.data), media_type="application/toml", origin=case.file.name),
            *case.records,
        ]
        new = self._keep([*setup, *retracted(case.looks, self.ledger.view())])
        self._changed_sites = {record.slug for record in new if isinstance(record, Site)}

    def _fault(self, fault: Fault, outcome: Outcome) -> None:
        """Record and tell a failure."""
        self._keep([fault])
        outcome.faults.append(f"{fault.subject}: {fault.reason}")
        outcome.unreachable |= fault.transient

    def _faults(self, view: View) -> list[Fault]:
        """What failed and was not had since."""
        return [fault for fault in view.of(Fault) if not fault.reason.startswith(CAME)]

    def _mended(self, room: str, subject: str) -> None:
        """A thing that failed before came this time: its fault no longer asks for another try."""
        held = [f for f in self._failed if (f.room, f.subject) == (room, subject)]
        self._keep([f.model_copy(update={"transient": False, "reason": f"{CAME}{f.reason}"}) for f in held])

    # Look

    def _fetch_passes(self, catalogue: Catalogue, site: Site, outcome: Outcome) -> None:
        from sitewatch.look import load_pass, nothing_found, search, site_grid

        subject = f"catalogue {catalogue.slug} for site {site.slug}"
        try:
            found = search(catalogue, site, folder=self.case.folder)
        except ServiceError as error:
            self._fault(Fault(room="look", subject=subject, reason=str(error), transient=True), outcome)
            return
        if found:
            self._mended("look", subject)
        else:
            reason = nothing_found(catalogue, site)
            self._fault(Fault(room="look", subject=subject, reason=reason, transient=False), outcome)
            outcome.wrong = True
        grid = site_grid(site)
        of_this = (p for p in self.ledger.view().of(Pass) if (p.site, p.catalogue) == (site.slug, catalogue.slug))
        held = {p.items: p for p in of_this}
        fits = {ids for ids, p in held.items() if (p.grid, p.bands) == (grid, catalogue.bands)}
        todo = [f for f in found if f.ids not in fits]
        with warnings.catch_warnings():
            # The loader silences this one itself, but warning filters are no thread's own: another thread may lift it.
            warnings.filterwarnings("ignore", message="Dataset has no geotransform")
            for done, (one, load) in enumerate(ahead(lambda one: load_pass(one, catalogue, site, grid), todo)):
                self.progress(f"loading {site.name}", done, len(todo))
                self._keep_pass(one.name, load, held.get(one.ids), outcome)
        self.progress(f"loading {site.name}", len(todo), len(todo))

    def _keep_pass(self, name: str, load: Callable[[], Chip], old: Pass | None, outcome: Outcome) -> None:
        """Record a pass; it takes the place of an old one that lies on another grid or has other bands."""
        try:
            chip = load()
        except ServiceError as error:
            reason = str(error).removeprefix(f"pass {name}: ")
            self._fault(Fault(room="look", subject=f"pass {name}", reason=reason, transient=True), outcome)
            return
        self.ledger.put(chip.data)
        self._keep([chip.record().model_copy(update={"supersedes": old.id if old else None})], outcome)
        self._mended("look", f"pass {name}")

    def _withdrawn(self, alerts: Sequence[Alert], site: Site) -> list[Alert]:
        """Each step of an alert that stands so no longer, withdrawn as of the day on which it was known."""
        gone: dict[str, Alert] = {}
        until: datetime | None = None
        while found := {a.id: a for a in stale(alerts, site.slug, self.ledger.view(until)) if a.id not in gone}:
            gone |= found
            until = max(a.available_at for a in found.values() if a.available_at) - timedelta(microseconds=1)
        return list(gone.values())

    def _to_be_watched(self, site: Site, passes: Iterable[Pass], view: View) -> bool:
        """Whether a pass has no look yet, or the site's table was changed since its looks were made.

        Of passes with one moment, which several catalogues may list, only the first is ever looked at.
        """
        looks = [look for look in view.of(Look) if look.by == "monitor" and look.site == site.slug]
        judged = {look.pass_id for look in looks}
        first: dict[datetime, Pass] = {}
        for one in passes:
            first.setdefault(one.acquired, one)
        if any(one.id not in judged for one in first.values()):
            return True
        changed = next((s.recorded_at for s in view.of(Site) if s.slug == site.slug), None)
        watched = max((look.recorded_at for look in looks if look.recorded_at), default=None)
        return bool(first) and (site.slug in self._changed_sites or bool(changed and watched and changed > watched))

    # Read

    def _known_origins(self, view: View) -> set[str]:
        """What need not be had again: reports that were read, and addresses that will never give one.

        A file that could not be read is tried each time, since the analyst may have mended it, or the case.
        """
        final = {f.subject for f in view.of(Fault) if f.room == "read" and not f.transient and "://" in f.subject}
        return {origin for origin, versions in self._versions(view).items() if not self._edited(versions)} | final

    def _versions(self, view: View) -> dict[str, list[Item]]:
        """What was read of each origin, the latest version last."""
        versions: dict[str, list[Item]] = {}
        for report in view.of(Item):
            versions.setdefault(report.origin, []).append(report)
        return versions

    def _edited(self, versions: list[Item]) -> bool:
        """True where a file of the case is not what it was when it was read."""
        path = self.case.folder / versions[-1].origin
        if "://" in versions[-1].origin or not path.is_file():
            return False
        return hashlib.sha256(path.read_bytes()).hexdigest() not in {v.artifact for v in versions}

    def _as_edit(self, report: Item, versions: list[Item], outcome: Outcome) -> Item:
        """A report, or the later version of one: it was published between the day the last was read and now."""
        if not versions:
            return report
        outcome.notes.append(f"{report.origin} has changed since it was read; both versions are kept and compared")
        now = self.clock()
        span = When(earliest=versions[-1].recorded_at, latest=now)
        return report.model_copy(update={"published": span, "available_at": now})

    def _relate(
        self, outcome: Outcome, trace: Callable[..., list[Lineage]], compare: Callable[..., Sequence[object]]
    ) -> None:
        """Lineage and relations over everything that was read so far."""
        view = self.ledger.view()
        items, sources = view.of(Item), view.of(Source)
        self.progress("tracing stories", 0, 1)
        self._keep([*trace(items, sources), *self._links(items, outcome)], outcome)
        view = self.ledger.view()
        related = compare(view.of(Claim), items=items, lineage=view.of(Lineage), places=self.case.places)
        self._keep([r.record() for r in related if hasattr(r, "record")], outcome)
        self.progress("tracing stories", 1, 1)

    def _links(self, items: Iterable[Item], outcome: Outcome) -> list[Lineage]:
        """The analyst's own lineage, between items that were read."""
        by_origin = {item.origin: item for item in items}
        edges = []
        for link in self.case.links:
            child, parent = by_origin.get(link.child), by_origin.get(link.parent)
            if child is None or parent is None:
                missing = link.child if child is None else link.parent
                outcome.notes.append(
                    f"link {link.child} -> {link.parent}: {missing} was not read; the link waits for it"
                )
                continue
            edges.append(
                Lineage(
                    available_at=_latest(child, parent),
                    child=child.id,
                    parent=parent.id,
                    relation=link.relation,
                    score=1.0,
                    method=f"analyst: {link.why}",
                )
            )
        return edges

    # Weigh and tell

    @property
    def _provenance(self) -> dict[str, str]:
        return {"evidence_head": self.ledger.evidence_head, "engine": ENGINE, "config": self.case.config}

    def _assessments(self, view: View) -> list[Assessment]:
        from sitewatch.weigh import assess

        return [assess(question, view, self.case.assumptions, **self._provenance) for question in self.case.questions]

    def _findings(self, view: View) -> list[Finding]:
        from sitewatch.weigh import find

        pledged = [
            c for c in self.case.commitments if view.until is None or (c.available_at and c.available_at <= view.until)
        ]
        return [find(commitment, view, self.case.assumptions, **self._provenance) for commitment in pledged]

    def _page(
        self,
        view: View,
        assessments: list[Assessment],
        findings: list[Finding],
        day: date | None,
        previous: Brief | None,
    ) -> Page:
        from sitewatch.tell import brief
        from sitewatch.weigh import say

        return brief(
            view, title=self.case.title, about=self.case.about or "", case_file=self.case.file.name,
            config=self.case.config, engine=ENGINE, assessments=assessments, findings=findings,
            assumptions=self.case.assumptions, blob=self.ledger.get, as_of=day, previous=previous, say=say,
            head=self.ledger.evidence_head, held_back=self._held_back(),
        )  # fmt: skip

    def _held_back(self) -> list[Look | Item]:
        """Looks and items that nobody dates: they count on no day, and the brief says so."""
        view = self.ledger.view()
        held: tuple[Look | Item, ...] = (*view.of(Look), *view.of(Item))
        return [record for record in held if record.available_at is None]

    def _write(self, stem: Path, page: Page, outcome: Outcome) -> None:
        """Write a page and its data beside each other, each whole or not at all."""
        stem.parent.mkdir(parents=True, exist_ok=True)
        for suffix, data in ((".html", page.html.encode()), (".json", _json(page))):
            path = stem.with_name(stem.name + suffix)
            part = path.with_name(f".{path.name}.part")
            part.write_bytes(data)
            os.replace(part, path)
            outcome.files.append(path)


def ahead(work: Callable[[T], U], things: Iterable[T], *, threads: int = 4) -> Iterator[tuple[T, Callable[[], U]]]:
    """Work on a few things ahead of the one that is asked for, in threads, since loading mostly waits for a line.

    Yields:
        Each thing in its order with a call that waits for its result, or raises what the work raised.
    """
    pool = ThreadPoolExecutor(threads)
    waiting: deque[tuple[T, Future[U]]] = deque()
    try:
        for thing in things:
            waiting.append((thing, pool.submit(work, thing)))
            if len(waiting) > threads:
                first, future = waiting.popleft()
                yield first, future.result
        while waiting:
            first, future = waiting.popleft()
            yield first, future.result
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


ENGINE = f"sitewatch {__version__}"
CAME = "came on a later try, after: "
"""How the reason of a fault begins once the thing was had."""


def _json(page: Page) -> bytes:
    return (json.dumps(page.data, indent=1, ensure_ascii=False) + "\n").encode()


def _day(report: Item) -> date | None:
    """The day of publication, where it is known to the day."""
    first, last = report.published.earliest, report.published.latest
    return first.date() if first and last and first.date() == last.date() else None


def _latest(*records: Record) -> datetime | None:
    """When all of some records could be known; None when one of them is undated."""
    moments = [r.available_at for r in records]
    return None if None in moments else max(m for m in moments if m)


def verify_case(path: Path, head: str | None) -> tuple[list[Damage], int]:
    """Recompute a case's ledger; also on a case whose file has gone.

    Returns:
        What does not hold, and how many records there are.

    Raises:
        InputError: there is no ledger.
    """
    folder = path.parent if path.suffix == ".toml" else path
    with Ledger.open(folder / "ledger", create=False) as ledger:
        return ledger.verify(head), len(ledger)
