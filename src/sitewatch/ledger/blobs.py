"""Blobs: bytes that are addressed by their SHA-256, in a folder or behind any fsspec address."""

from __future__ import annotations

import hashlib
import os
import re
import uuid
from pathlib import Path
from typing import Any, Protocol

from sitewatch.errors import LedgerError

_ADDRESS = re.compile(r"[0-9a-f]{64}")


class Shelf(Protocol):
    """A place that keeps bytes by name; what is written appears whole or not at all."""

    def where(self, name: str) -> str:
        """The path or address of a name, for a message."""
        ...

    def read(self, name: str) -> bytes | None:
        """The bytes of a name; None when there is no such name."""
        ...

    def write(self, name: str, data: bytes) -> None:
        """Keep bytes under a name, in place of any that were there."""
        ...


class Blobs:
    """Content-addressed bytes: what is put once is there once, under `ab/cdef…`."""

    def __init__(self, shelf: Shelf) -> None:
        """Keep the bytes on this shelf."""
        self._shelf = shelf

    @classmethod
    def at(cls, where: Path | str) -> Blobs:
        """The blobs of a folder, or of an fsspec address such as s3://bucket/case."""
        remote = "://" in str(where) and not isinstance(where, Path)
        return cls(_Remote(str(where)) if remote else _Folder(Path(where)))

    def put(self, data: bytes) -> str:
        """Keep bytes and tell their address; a damaged blob of that address is mended.

        Raises:
            LedgerError: the bytes could not be written.
        """
        sha = hashlib.sha256(data).hexdigest()
        if self.fault(sha) is not None:
            try:
                self._shelf.write(_name(sha), data)
            except OSError as error:
                raise LedgerError(f"{self.where(sha)}: the blob could not be written: {error}") from error
        return sha

    def get(self, sha: str) -> bytes:
        """The bytes of an address.

        Raises:
            LedgerError: they are missing, cannot be read, or are no longer what the address says.
        """
        data, fault = self._read(sha)
        if data is None or fault is not None:
            raise LedgerError(f"{self.where(sha)}: the blob {fault}; put the same file there again from a copy")
        return data

    def fault(self, sha: str) -> str | None:
        """What is wrong with a blob, in words; None when it is whole."""
        return self._read(sha)[1]

    def where(self, sha: str) -> str:
        """The path or address of a blob.

        Raises:
            LedgerError: `sha` is no SHA-256.
        """
        return self._shelf.where(_name(sha))

    def _read(self, sha: str) -> tuple[bytes | None, str | None]:
        try:
            data = self._shelf.read(_name(sha))
        except OSError as error:
            return None, f"cannot be read: {error}"
        if data is None:
            return None, "is missing"
        found = hashlib.sha256(data).hexdigest()
        return data, None if found == sha else f"has changed: its {len(data)} bytes now have the hash {found}"


def _name(sha: str) -> str:
    if not _ADDRESS.fullmatch(sha):
        raise LedgerError(f"a blob is addressed by a SHA-256 of 64 hexadecimal digits, found {sha!r}")
    return f"{sha[:2]}/{sha[2:]}"


class _Folder:
    """Files under a folder, on disk before their name is."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def where(self, name: str) -> str:
        return str(self._root / name)

    def read(self, name: str) -> bytes | None:
        try:
            return (self._root / name).read_bytes()
        except FileNotFoundError:
            return None

    def write(self, name: str, data: bytes) -> None:
        path = self._root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{uuid.uuid4().hex}.part")
        try:
            with part.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        for folder in (path.parent, self._root):
            _settle(folder)


def _settle(folder: Path) -> None:
    """Bring the names in a folder to disk; only POSIX can, elsewhere the system does it in its own time."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class _Remote:
    """Files behind an fsspec address."""

    def __init__(self, url: str) -> None:
        import fsspec  # a quarter of a second that a folder need not pay

        self._fs: Any
        self._fs, self._root = fsspec.core.url_to_fs(url)
        self._url = url.rstrip("/")

    def where(self, name: str) -> str:
        return f"{self._url}/{name}"

    def read(self, name: str) -> bytes | None:
        try:
            return bytes(self._fs.cat_file(f"{self._root}/{name}"))
        except FileNotFoundError:
            return None

    def write(self, name: str, data: bytes) -> None:
        path = f"{self._root}/{name}"
        part = f"{path}.{uuid.uuid4().hex}.part"
        self._fs.makedirs(path.rsplit("/", 1)[0], exist_ok=True)
        self._fs.pipe_file(part, data)
        self._fs.mv(part, path)
