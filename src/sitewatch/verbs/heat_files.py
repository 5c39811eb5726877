"""The files of hotspots that a case names: their bytes, what they hold, and the artifacts that they become."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sitewatch.errors import InputError
from sitewatch.look.hotspots import parse
from sitewatch.records import Artifact

if TYPE_CHECKING:
    from sitewatch.case import Hotspots
    from sitewatch.look.hotspots import Detection


@dataclass(frozen=True)
class HeatFile:
    """A file that the case names, with its bytes."""

    written: str
    """The path as the case writes it."""
    path: Path
    data: bytes
    sha256: str


@dataclass(frozen=True)
class HeatFiles:
    """The files of one site."""

    tables: tuple[HeatFile, ...]
    series: HeatFile | None
    """The cloud series; None where the case names none."""
    licence: str | None
    attribution: str | None

    @property
    def every(self) -> tuple[HeatFile, ...]:
        """All of them."""
        return (*self.tables, self.series) if self.series else self.tables

    @property
    def told(self) -> tuple[str, ...]:
        """What a computation from them depends on."""
        return tuple(f"{one.written} {one.sha256}" for one in self.every)

    @property
    def artifacts(self) -> tuple[Artifact, ...]:
        """The files as the ledger keeps them; the cloud series is the analyst's own and has no licence here."""
        return tuple(
            Artifact(
                sha256=one.sha256,
                size=len(one.data),
                media_type="text/csv",
                origin=one.written,
                licence=None if one is self.series else self.licence,
                attribution=None if one is self.series else self.attribution,
            )
            for one in self.every
        )


def heat_files(folder: Path, given: Hotspots) -> HeatFiles:
    """The files that a case names, from its folder.

    Raises:
        InputError: one cannot be read.
    """
    series = _file(folder, given.clouds) if given.clouds else None
    return HeatFiles(tuple(_file(folder, one) for one in given.tables), series, given.licence, given.attribution)


def _file(folder: Path, written: str) -> HeatFile:
    path = folder / written
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}; put it there, or mend its rights") from error
    return HeatFile(written, path, data, hashlib.sha256(data).hexdigest())


def detections_of(tables: Iterable[HeatFile], read: dict[str, tuple[Detection, ...]]) -> tuple[Detection, ...]:
    """The detections of all files of a site, each file read once; those of files read before are in `read`.

    Raises:
        InputError: a file is wrong, or two hold the same detection.
    """
    every: list[Detection] = []
    seen: dict[tuple[object, ...], str] = {}
    for one in tables:
        if one.written not in read:
            read[one.written] = parse(_text(one), str(one.path))
        for spot in read[one.written]:
            key = (spot.time, spot.satellite, spot.lon, spot.lat)
            if key in seen:
                raise InputError(
                    f"{one.path}: repeats a detection of {seen[key]}: {spot.satellite} on {spot.time:%Y-%m-%d %H:%M} "
                    f"at {spot.lon:g} E, {spot.lat:g} N; give archive and near-real-time exports that do not overlap"
                )
        seen |= {(spot.time, spot.satellite, spot.lon, spot.lat): str(one.path) for spot in read[one.written]}
        every += read[one.written]
    return tuple(every)


def _text(one: HeatFile) -> str:
    try:
        return one.data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = one.data.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"{one.path}:{line}: a byte that is no UTF-8; give the CSV as FIRMS exports it, in UTF-8"
        ) from error
