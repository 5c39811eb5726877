"""Servers on loopback that tests talk to: files with byte ranges, answers of any kind, and a real STAC API."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread


@dataclass(frozen=True)
class Answer:
    """What a server says to one request."""

    body: bytes = b""
    status: int = 200
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    hang: bool = False
    """Never answer; the request ends when the client gives up or the server closes."""


@dataclass
class Served:
    """A server that is up: its address, and what it was asked."""

    url: str
    asked: list[str] = field(default_factory=list)
    """Method and path of every request, in order."""


HTML = Answer(b"<!DOCTYPE html><html><body>Sign in to continue</body></html>", content_type="text/html")


@contextmanager
def serve(answer: Callable[[str, str, str | None], Answer]) -> Iterator[Served]:
    """Serve what `answer(method, path with query, range header)` returns, until the block ends."""
    closing = Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _reply(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            if length:
                self.rfile.read(length)
            served.asked.append(f"{self.command} {self.path}")
            said = answer(self.command, self.path, self.headers.get("Range"))
            if said.hang:
                closing.wait(30)
                self.close_connection = True
                return
            self.send_response(said.status)
            self.send_header("Content-Type", said.content_type)
            self.send_header("Content-Length", str(len(said.body)))
            for name, value in said.headers:
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(said.body)

        do_GET = do_HEAD = do_POST = _reply

        def log_message(self, *_: object) -> None:
            """Tests look at `asked` instead."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    served = Served(f"http://127.0.0.1:{server.server_port}")
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        closing.set()
        server.shutdown()
        server.server_close()
        thread.join()


def files(folder: Path, faults: dict[str, Answer] | None = None) -> Callable[[str, str, str | None], Answer]:
    """An answerer that serves a folder's files, whole or by byte range; `faults` answers for single paths instead."""

    def answer(method: str, path: str, wanted: str | None) -> Answer:
        if path in (faults or {}):
            return (faults or {})[path]
        file = folder / path.lstrip("/")
        if not file.is_file():
            return Answer(b"no such file", 404, "text/plain")
        return ranged(file.read_bytes(), wanted)

    return answer


def ranged(data: bytes, wanted: str | None) -> Answer:
    """The part of some bytes that a Range header asks for."""
    accepts = ("Accept-Ranges", "bytes")
    match = re.fullmatch(r"bytes=(\d+)-(\d*)", wanted or "")
    if not match:
        return Answer(data, 200, "image/tiff", (accepts,))
    first, last = int(match[1]), min(int(match[2] or len(data) - 1), len(data) - 1)
    if first >= len(data):
        return Answer(b"", 416, "image/tiff", (("Content-Range", f"bytes */{len(data)}"),))
    where = ("Content-Range", f"bytes {first}-{last}/{len(data)}")
    return Answer(data[first : last + 1], 206, "image/tiff", (accepts, where))


@contextmanager
def stac_api(collection: dict, items: list[dict], folder: Path) -> Iterator[str]:
    """A real STAC API (rustac, in memory) with one collection and its items; gives its address.

    It ignores query, filter and sortby without a word, so clients must not rely on them.
    """
    (folder / "collection.json").write_text(json.dumps(collection | {"links": []}))
    (folder / "items.json").write_text(json.dumps({"type": "FeatureCollection", "features": items}))
    port = free_port()
    program = shutil.which("rustac", path=str(Path(sys.executable).parent)) or "rustac"
    process = subprocess.Popen(
        [program, "serve", "--addr", f"127.0.0.1:{port}", str(folder / "collection.json"), str(folder / "items.json")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        _wait(f"http://127.0.0.1:{port}/", process)
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.communicate(timeout=10)


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    """Until a server answers."""
    for _ in range(200):
        if process.poll() is not None:
            raise RuntimeError(f"the server ended: {process.communicate()[1].decode()}")
        with suppress(OSError), urllib.request.urlopen(url, timeout=1) as answer:
            answer.read()
            return
        time.sleep(0.05)
    raise RuntimeError(f"no answer from {url}")
