"""The desk's page: it lists briefs and hands them out, on this machine alone, and loads nothing from anywhere."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path

import uvicorn
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from jinja2 import ChoiceLoader, Environment, PackageLoader, PrefixLoader, StrictUndefined

from sitewatch import __version__
from sitewatch.desk.shelf import cases, day_of, file_in, shelves
from sitewatch.errors import InputError

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
"""Sent with every answer: no script runs, nothing is loaded, and no other page learns what is read here."""

_PAGE, _DATA = "text/html; charset=utf-8", "application/json"
_METHODS = ["GET", "HEAD"]


def create(folder: Path) -> FastAPI:
    """The desk over one case folder, or over a folder of cases; the folder is read again for every request.

    Args:
        folder: a case folder, a case file in it, or a folder that holds case folders.

    Raises:
        InputError: there is no such folder.
    """
    root = folder.parent if folder.is_file() else folder
    cases(root)
    app = FastAPI(title="Sitewatch", version=__version__, docs_url=None, redoc_url=None, openapi_url=None)
    app.middleware("http")(_guarded)
    _add_desk(app, root)
    for prefix in ("", "/cases/{slug}"):
        _add_case(app, root, prefix)
    return app


def _add_desk(app: FastAPI, root: Path) -> None:
    """The list of briefs, and a sign of life."""
    index = _templates().get_template("index.html.j2")

    @app.api_route("/", methods=_METHODS)
    def _index() -> HTMLResponse:
        return HTMLResponse(index.render(shelves=list(shelves(root).values()), version=__version__))

    @app.api_route("/health", methods=_METHODS)
    def _health() -> JSONResponse:
        return JSONResponse({"status": "ok", "version": __version__, "cases": len(cases(root))})


def _add_case(app: FastAPI, root: Path, prefix: str) -> None:
    """The files of one case: alone at the root, or each of several under its name."""

    @app.api_route(f"{prefix}/brief.html", methods=_METHODS)
    def _brief(slug: str = "") -> Response:
        return _file(root, slug, _PAGE, "brief.html")

    @app.api_route(f"{prefix}/brief.json", methods=_METHODS)
    def _data(slug: str = "") -> Response:
        return _file(root, slug, _DATA, "brief.json")

    @app.api_route(f"{prefix}/asof/{{name}}", methods=_METHODS)
    def _asof(name: str, slug: str = "") -> Response:
        stem, dot, kind = name.rpartition(".")
        if not dot or day_of(stem) is None or kind not in ("html", "json"):
            raise HTTPException(404, "a brief as of a day is named YYYY-MM-DD.html")
        return _file(root, slug, _PAGE if kind == "html" else _DATA, "asof", name)


def _file(root: Path, slug: str, media_type: str, *parts: str) -> Response:
    """One file of a case, or 404: names are looked up among the cases, never joined to a path as they came."""
    case = cases(root).get(slug)
    path = file_in(case, *parts) if case else None
    if path is None:
        raise HTTPException(404, "no such brief here; the list is at /")
    return Response(path.read_bytes(), media_type=media_type)


async def _guarded(request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
    """Answer only to this machine's own names, and send the headers that keep the page to itself.

    A page of another site may have its name resolve to loopback; such a request names that site as its host.
    """
    if _is_loopback(request.url.hostname or ""):
        response = await answer(request)
    else:
        response = PlainTextResponse("this desk answers to 127.0.0.1, ::1 and localhost alone", status_code=421)
    response.headers.update(HEADERS)
    return response


def _is_loopback(host: str) -> bool:
    """Whether a host name or address means this machine and nothing else."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _templates() -> Environment:
    loader = ChoiceLoader([PackageLoader("sitewatch.desk"), PrefixLoader({"tell": PackageLoader("sitewatch.tell")})])
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


def serve(folder: Path, host: str = "127.0.0.1", port: int = 8321, *, ready: Callable[[], None] = lambda: None) -> None:
    """Show the desk until it is stopped with Ctrl-C.

    Args:
        folder: of a case, or of several.
        host: an address of this machine alone.
        port: to listen on.
        ready: called once the desk listens.

    Raises:
        InputError: the host is not this machine alone, the port is taken, or there is no such folder.
    """
    if not _is_loopback(host):
        raise InputError(
            f"host: found {host!r}; the desk has no accounts yet, so it listens on this machine alone: "
            "127.0.0.1, ::1 or localhost. To read it from elsewhere, tunnel to it (ssh -L)"
        )
    config = uvicorn.Config(create(folder), log_level="warning", server_header=False)
    with (
        _listening("127.0.0.1" if host == "localhost" else host, port) as listener,
        contextlib.suppress(KeyboardInterrupt),
    ):
        ready()
        uvicorn.Server(config).run(sockets=[listener])


def _listening(host: str, port: int) -> socket.socket:
    """A bound socket, so that a taken port is told before anything starts."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise InputError(
            f"port {port} on {host} cannot be had ({error.strerror}); choose another with --port"
        ) from error
    return listener
