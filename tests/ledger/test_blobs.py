from __future__ import annotations

import hashlib
import os
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sitewatch.errors import LedgerError
from sitewatch.ledger import Blobs

DATA = b"a chip of a few bytes"
SHA = hashlib.sha256(DATA).hexdigest()


@pytest.fixture(params=["folder", "memory://blobs-test/{}"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    return Blobs.at(tmp_path / "blobs" if request.param == "folder" else request.param.format(tmp_path.name))


def test_bytes_come_back_by_their_hash(blobs: Blobs) -> None:
    assert blobs.put(DATA) == SHA
    assert blobs.put(DATA) == SHA
    assert blobs.get(SHA) == DATA
    assert blobs.fault(SHA) is None
    assert blobs.where(SHA).endswith(f"{SHA[:2]}/{SHA[2:]}")


def test_a_missing_blob_is_said_to_be_missing(blobs: Blobs) -> None:
    assert blobs.fault(SHA) == "is missing"
    with pytest.raises(LedgerError, match=rf"{SHA[2:]}: the blob is missing"):
        blobs.get(SHA)


def test_every_single_changed_byte_is_found_and_mended_by_putting_it_again(tmp_path: Path) -> None:
    blobs = Blobs.at(tmp_path)
    file = Path(blobs.where(blobs.put(DATA)))
    for place in range(len(DATA)):
        for bit in (1, 128):
            file.write_bytes(DATA[:place] + bytes([DATA[place] ^ bit]) + DATA[place + 1 :])
            with pytest.raises(LedgerError, match="has changed"):
                blobs.get(SHA)
    assert blobs.put(DATA) == SHA
    assert blobs.get(SHA) == DATA


@given(data=st.binary(max_size=300), cut=st.integers(0, 299))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
def test_a_truncated_blob_is_found(tmp_path: Path, data: bytes, cut: int) -> None:
    blobs = Blobs.at(tmp_path)
    sha = blobs.put(data)
    Path(blobs.where(sha)).write_bytes(data[:cut])
    assert (blobs.fault(sha) is None) == (cut >= len(data))


@pytest.mark.parametrize("address", ["", "..", "../../etc/passwd", SHA.upper(), SHA + "0", "é" * 64])
def test_only_a_hash_is_an_address(blobs: Blobs, address: str) -> None:
    with pytest.raises(LedgerError, match="addressed by a SHA-256"):
        blobs.get(address)


def test_a_write_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    blobs = Blobs.at(tmp_path)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(LedgerError, match=r"could not be written: .*No space left"):
        blobs.put(DATA)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_blob_that_cannot_be_read_is_an_error_of_the_ledger(tmp_path: Path) -> None:
    blobs = Blobs.at(tmp_path)
    Path(blobs.where(SHA)).mkdir(parents=True)
    with pytest.raises(LedgerError, match="cannot be read"):
        blobs.get(SHA)


def test_many_may_put_the_same_bytes_at_once_while_others_read(tmp_path: Path) -> None:
    data = os.urandom(200_000)
    sha = hashlib.sha256(data).hexdigest()
    wrong: list[str] = []

    def work() -> None:
        blobs = Blobs.at(tmp_path)
        if blobs.put(data) != sha or blobs.fault(sha) is not None:
            wrong.append("seen in part")

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [sha[2:]]
