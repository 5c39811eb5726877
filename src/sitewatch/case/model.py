"""What a case is once it is read, and what is wrong with one that cannot be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sitewatch.errors import InputError
from sitewatch.records import (
    Assumptions,
    Balance,
    Catalogue,
    Commitment,
    Declaration,
    Estimate,
    Intake,
    Look,
    Place,
    Question,
    Range,
    Record,
    Site,
    Source,
    Tallied,
)

Relation = Literal["copy", "quote", "paraphrase", "translation", "same_image", "same_official"]
"""How one report hangs on another, in the words of the lineage record."""


@dataclass(frozen=True)
class Link:
    """An analyst's own word that one report has something from another."""

    child: str
    """Path as the case writes it, or the address of the report."""
    parent: str
    relation: Relation
    why: str


@dataclass(frozen=True)
class Hotspots:
    """Files of hotspots, and the sites that they are counted for."""

    tables: tuple[str, ...]
    """Paths of CSVs as FIRMS exports them, as the case writes them."""
    clouds: str | None
    """Path of the cloud series; None where cloud is told from the hotspots themselves."""
    sites: tuple[str, ...]
    latency_hours: float
    """From the end of a day to when its hotspots were public."""
    licence: str | None
    attribution: str | None


@dataclass(frozen=True)
class Roads:
    """The roads of a site, on which moving vehicles are counted."""

    file: str
    """Path of a GeoJSON file, as the case writes it."""
    site: str
    licence: str | None
    attribution: str | None


@dataclass(frozen=True)
class VehicleKind:
    """One of several rival explanations of a vehicle's length."""

    name: str
    length: Range
    """Shortest, usual and longest, metres, with where they come from."""


@dataclass(frozen=True)
class Case:
    """A case that holds: every reference in it is known, every file is there, and its records are built."""

    folder: Path
    """Where the case file lies; all paths in the case start from here."""
    file: Path
    config: str
    """SHA-256 of the case file's bytes."""
    data: bytes
    """The case file's bytes."""
    title: str
    about: str | None
    sites: tuple[Site, ...]
    catalogues: tuple[Catalogue, ...]
    hotspots: tuple[Hotspots, ...]
    roads: tuple[Roads, ...]
    vehicle_kinds: tuple[VehicleKind, ...]
    """None, or two and more."""
    sources: tuple[Source, ...]
    intakes: tuple[Intake, ...]
    looks: tuple[Look, ...]
    questions: tuple[Question, ...]
    commitments: tuple[Commitment, ...]
    declarations: tuple[Declaration, ...]
    estimates: tuple[Estimate, ...]
    balances: tuple[Balance, ...]
    tallies: tuple[Tallied, ...]
    links: tuple[Link, ...]
    assumptions: Assumptions

    @property
    def places(self) -> tuple[Place, ...]:
        """The case's own gazetteer: its sites with their aliases."""
        return tuple(Place(site=s.slug, name=s.name, aliases=s.aliases, nature=s.nature) for s in self.sites)

    @property
    def records(self) -> tuple[Record, ...]:
        """All records of the case, in the order in which a ledger takes them."""
        return (
            *self.sites,
            *self.catalogues,
            *self.sources,
            *self.intakes,
            *self.looks,
            *self.questions,
            *self.commitments,
            *self.declarations,
            *self.estimates,
            *self.balances,
            *self.tallies,
        )


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a case: where it stands, what was found, and what would be right."""

    file: str
    line: int | None
    field: str
    """Dotted path in a TOML file, name of the column in a table."""
    found: str
    right: str
    column: int | None = None
    """Number of the column from 1, where the file is a table."""

    def __str__(self) -> str:
        where = ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)
        return f"{where}: {self.field}: found {self.found}; right would be {self.right}"


class CaseError(InputError):
    """A case with everything that is wrong with it, one line for each problem."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda p: (p.file, p.line or 0, p.column or 0)))
        """In the order of the files' lines."""
        super().__init__("\n".join(str(problem) for problem in self.problems))
