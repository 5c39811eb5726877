"""A case folder as the verbs write it, and the desk over it on loopback."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import uvicorn

from sitewatch.desk import serve
from tests.tell import sample

DAYS = (date(2018, 7, 25), date(2018, 8, 10), date(2019, 3, 10))


def write_case(folder: Path, *, days: tuple[date, ...] = DAYS) -> Path:
    """A case folder with a brief and three earlier ones, as the verbs write it."""
    (folder / "asof").mkdir(parents=True)
    (folder / "case.toml").write_text('title = "The yard"\n')
    told = sample.told_yard()
    (folder / "brief.html").write_text(told.html)
    (folder / "brief.json").write_text(json.dumps(told.data))
    for day in days:
        told = sample.told_yard(day)
        (folder / "asof" / f"{day}.html").write_text(told.html)
        (folder / "asof" / f"{day}.json").write_text(json.dumps(told.data))
    return folder


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_case(tmp_path_factory.mktemp("desk") / "korea")


@pytest.fixture
def served(case: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The desk as `serve` runs it, on loopback."""
    started: list[uvicorn.Server] = []
    run = uvicorn.Server.run

    def kept(server: uvicorn.Server, sockets: list[socket.socket] | None = None) -> None:
        started.append(server)
        run(server, sockets)

    monkeypatch.setattr(uvicorn.Server, "run", kept)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    thread = threading.Thread(target=serve, args=(case,), kwargs={"port": port})
    thread.start()
    try:
        deadline = time.monotonic() + 20
        while not (started and started[0].started):
            assert time.monotonic() < deadline
            assert thread.is_alive()
            time.sleep(0.02)
        yield f"http://127.0.0.1:{port}"
    finally:
        started[0].should_exit = True
        thread.join(20)
    assert not thread.is_alive()
