"""The image that the desk holds of a file: told by the file's hash, whatever it is called by now."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from sitewatch.errors import InputError
from sitewatch.records import Pass, Site

if TYPE_CHECKING:
    from sitewatch.verbs.bench import Bench


def held_image(bench: Bench, path: Path, site: Site) -> Pass:
    """The pass that was made of a file.

    Args:
        bench: the opened case.
        path: of the file.
        site: whose image it is.

    Raises:
        InputError: the file cannot be read, or its image is not held; the message tells how to add it.
    """
    sha256 = _hashed(bench, path)
    images = [one for one in bench.ledger.view().of(Pass) if one.original and one.original.sha256 == sha256]
    found = next((one for one in images if one.site == site.slug), None)
    if found is None:
        raise InputError(
            f"{path}: no image of site {site.slug} was made of this file (SHA-256 {sha256[:12]}…){_elsewhere(images)}; "
            f"add it first: sitewatch add-image {shlex.quote(str(bench.case.folder))} {shlex.quote(str(path))} "
            f"--site {site.slug} --acquired DAY --published DAY --provider NAME --licence TERMS"
        )
    return found


def _elsewhere(images: Iterable[Pass]) -> str:
    sites = sorted({one.site for one in images})
    return f", only of {', '.join(sites)}" if sites else ""


def _hashed(bench: Bench, path: Path) -> str:
    digest, done = hashlib.sha256(), 0
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            while data := file.read(2**22):
                digest.update(data)
                done += len(data)
                bench.progress(f"hashing {path.name}", min(done, size), size)
    except OSError as error:
        raise InputError(f"{path}: it cannot be read: {error.strerror}; name a GeoTIFF on this machine") from error
    return digest.hexdigest()
