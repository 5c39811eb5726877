"""One case opened for work: its file, its ledger, a clock, and how what is new is recorded."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sitewatch import __version__
from sitewatch.case import Case, load_case
from sitewatch.ledger import Ledger
from sitewatch.records import Artifact, Fault, Look, Pass, Record, View
from sitewatch.verbs.files import write_whole
from sitewatch.verbs.keeping import SETUP, settle, taken_back
from sitewatch.verbs.outcome import Outcome, Progress, silent
from sitewatch.verbs.stale import stale
from sitewatch.verbs.tying import tied

ENGINE = f"sitewatch {__version__}"
CAME = "came on a later try, after: "
"""How the reason of a fault begins once the thing was had."""


def utc_now() -> datetime:
    """The clock."""
    return datetime.now(UTC)


class Bench:
    """One case opened for work; `Bench.open` opens one."""

    def __init__(
        self, case: Case, ledger: Ledger, *, clock: Callable[[], datetime] = utc_now, progress: Progress = silent
    ) -> None:
        """Work on a loaded case with an open ledger, and record what the case sets up."""
        self.case, self.ledger, self.clock, self.progress = case, ledger, clock, progress
        self.keep_case()

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
            yield cls(case, ledger, clock=clock, progress=progress)

    def look(self) -> Outcome:
        """Search the catalogues, load the passes that are new, and run the monitor over every fenced site."""
        from sitewatch.verbs.looking import look

        return look(self)

    def read(self, *, allow_private: bool = False) -> Outcome:
        """Gather the reports that are new, draw the claims from them, trace them to their roots and compare them."""
        from sitewatch.verbs.reading import read

        return read(self, allow_private=allow_private)

    def add_image(self, file: Path, **told: Any) -> Outcome:
        """Take of the analyst's own GeoTIFF what lies over a site's fence; `verbs.adding.add_image` has the options."""
        from sitewatch.verbs.adding import add_image

        return add_image(self, file, **told)

    def find_vehicles(self, image: Path, **told: Any) -> Outcome:
        """Run the analyst's detector over an image of her own; `verbs.vehicles.find_vehicles_in` has the options."""
        from sitewatch.verbs.vehicles import find_vehicles_in

        return find_vehicles_in(self, image, **told)

    def compare_images(self, before: Path, after: Path, **told: Any) -> Outcome:
        """Compare two of the analyst's images of a site; `verbs.structures.compare_images` has the options."""
        from sitewatch.verbs.structures import compare_images

        return compare_images(self, before, after, **told)

    def confirm(self, wanted: str, **told: Any) -> Outcome:
        """Record an analyst's word on an observation; `verbs.confirming.confirm` has the options."""
        from sitewatch.verbs.confirming import confirm

        return confirm(self, wanted, **told)

    def weigh(self) -> Outcome:
        """Answer every question and test every commitment from what is known by now."""
        from sitewatch.verbs.telling import weigh

        return weigh(self)

    def tell(self) -> Outcome:
        """Write brief.html and brief.json into the case folder."""
        from sitewatch.verbs.telling import tell

        return tell(self)

    def asof(self, day: date) -> Outcome:
        """Write the brief as it would have stood at the end of a day, UTC; nothing is recorded."""
        from sitewatch.verbs.telling import asof

        return asof(self, day)

    def keep(
        self, records: Iterable[Record] | Callable[[View], Iterable[Record]], outcome: Outcome | None = None
    ) -> list[Record]:
        """Append what is new, in one transaction that sees all that stands."""

        def new(view: View) -> list[Record]:
            return settle(records(view) if callable(records) else records, view)

        kept = self.ledger.append(new, now=self.clock())
        if outcome is not None:
            outcome.new.update(record.kind for record in kept)
        return kept

    def add(self, records: Iterable[Record], outcome: Outcome) -> None:
        """Append records that never take another's place: passes, items and their claims."""
        outcome.new.update(record.kind for record in self.ledger.append(records, now=self.clock()))

    def failed(self, fault: Fault, outcome: Outcome) -> None:
        """Record and tell a failure."""
        self.keep([fault])
        outcome.faults.append(f"{fault.subject}: {fault.reason}")
        outcome.unreachable |= fault.transient

    def faults(self, room: str) -> dict[str, Fault]:
        """What failed in a room and was not had since, by what it was."""
        held = self.ledger.view().of(Fault)
        return {f.subject: f for f in held if f.room == room and not f.reason.startswith(CAME)}

    def came(self, subject: str, faults: dict[str, Fault]) -> None:
        """A thing that failed before was had this time: its fault no longer stands."""
        if fault := faults.pop(subject, None):
            self.keep([fault.model_copy(update={"transient": False, "reason": f"{CAME}{fault.reason}"})])

    def is_done(self, what: str, inputs: Iterable[str]) -> bool:
        """Whether a computation was finished over the same inputs by the same engine."""
        mark = self._mark(what)
        return mark.is_file() and mark.read_text() == self._digest(inputs)

    def done(self, what: str, inputs: Iterable[str]) -> None:
        """Note that a computation over these inputs is finished, once all it found is recorded.

        The note only saves doing it again: it is no record, and may be deleted.
        """
        write_whole(self._mark(what), self._digest(inputs).encode())

    def _mark(self, what: str) -> Path:
        return self.case.folder / "ledger" / "done" / what

    def _digest(self, inputs: Iterable[str]) -> str:
        return hashlib.sha256("\n".join([ENGINE, self.ledger.birth, *sorted(inputs)]).encode()).hexdigest()

    def keep_case(self) -> list[Record]:
        """Record what the case sets up and what its tables hold; what they no longer hold is taken back.

        Returns:
            The records that were new.
        """
        case, data = self.case, self.ledger.put(self.case.data)
        file = Artifact(sha256=data, size=len(case.data), media_type="application/toml", origin=case.file.name)

        def setup(view: View) -> Iterable[Record]:
            images = [p for p in view.of(Pass) if p.sensor == "analyst"]
            records = [tied(record, images) for record in case.records]
            yield file
            yield from records
            yield from taken_back(SETUP, records, view, "the case no longer names it")
            yield from taken_back((Look,), records, view, "no table holds it any more", among=_from_a_table)
            yield from stale(view, case.sites)

        return self.keep(setup)


def _from_a_table(record: Record) -> bool:
    return isinstance(record, Look) and record.by == "analyst" and record.row is not None
