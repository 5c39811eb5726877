"""Several processes at one ledger, and processes that are killed while they write."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from sitewatch.ledger import Ledger
from sitewatch.records import Artifact, Site

WRITER = textwrap.dedent(
    """
    import sys
    from datetime import UTC, datetime
    from pathlib import Path
    from sitewatch.ledger import Ledger
    from sitewatch.records import Artifact, Site

    folder, name, batches = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    ledger = Ledger.open(folder)
    for number in range(batches):
        data = f"{name} {number} ".encode() * 2000
        page = Artifact(sha256=ledger.put(data), size=len(data), media_type="text/plain", origin=name)
        sites = [Site(slug=f"{name}-{number}-{n}", name="x" * 300) for n in range(5)]
        new = ledger.append([page, *sites, Site(slug="shared", name=f"Shared {number}")], now=datetime.now(UTC))
        print(" ".join(record.id for record in new), flush=True)
    """
)


def start(folder: Path, name: str, batches: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-W", "error", "-c", WRITER, str(folder), name, str(batches)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def held(folder: Path) -> set[str]:
    with Ledger.open(folder, create=False) as ledger:
        assert ledger.verify() == []
        view = ledger.view()
        return {record.id for kind in (Artifact, Site) for record in view.of(kind)}


def test_processes_that_append_at_once_lose_nothing_and_store_nothing_twice(tmp_path: Path) -> None:
    """They also make the ledger at once, which none of them finds there."""
    writers = [start(tmp_path, name, 25) for name in ("a", "b", "c")]
    told = [writer.communicate(timeout=100) for writer in writers]
    assert [(writer.returncode, errors) for writer, (_, errors) in zip(writers, told, strict=True)] == [(0, "")] * 3
    new = [id for out, _ in told for id in out.split()]
    assert len(new) == len(set(new)) == 3 * 25 * 6 + 25
    assert held(tmp_path) == set(new)


@pytest.mark.parametrize("rounds", [pytest.param(4, id="some"), pytest.param(12, id="many", marks=pytest.mark.slow)])
def test_a_writer_that_is_killed_loses_nothing_that_it_acknowledged(tmp_path: Path, rounds: int) -> None:
    chance = random.Random(rounds)  # noqa: S311
    acknowledged: set[str] = set()
    for number in range(rounds):
        writer = start(tmp_path, f"w{number}", 100_000)
        assert writer.stdout is not None
        first = writer.stdout.readline()
        time.sleep(chance.uniform(0, 0.15))
        writer.send_signal(signal.SIGKILL)
        rest, errors = writer.communicate(timeout=60)
        assert (writer.returncode, errors) == (-signal.SIGKILL, "")
        whole = (first + rest).rpartition("\n")[0]
        acknowledged |= set(whole.split())
        assert acknowledged
        assert acknowledged <= held(tmp_path)


def test_a_batch_of_a_killed_writer_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    writer = start(tmp_path, "w", 100_000)
    assert writer.stdout is not None
    writer.stdout.readline()
    time.sleep(0.05)
    writer.kill()
    writer.communicate(timeout=60)
    with Ledger.open(tmp_path) as ledger:
        pages, sites = ledger.view().of(Artifact), ledger.view().of(Site)
    assert len(sites) == 6 * len(pages) > 0
