"""Polite fetching: an honest name, robots.txt, few redirects, a limit of size, retries with a growing pause."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import version
from urllib.parse import urljoin, urlsplit
from urllib.robotparser import RobotFileParser

import httpx

LARGEST = 10 * 1024 * 1024
"""Bytes of one answer beyond which it is refused."""
_TRIES = 4
_REDIRECTS = 5
_TIMEOUT = 20.0
_PAUSE = 1.0
"""Seconds before the first retry; each later one waits twice as long."""
AGENT = f"sitewatch/{version('sitewatch')}"


class Refused(Exception):
    """A page is not to be had by its own rules or by ours; trying again would not help."""


class Failed(Exception):
    """A page could not be had this time; the next run tries again."""


@dataclass(frozen=True)
class Page:
    """An answer: its last address after redirects, the bytes, and their declared type."""

    address: str
    data: bytes
    media_type: str


@dataclass
class Fetcher:
    """Fetches addresses through one client."""

    client: httpx.Client
    sleep: Callable[[float], None]
    allow_private: bool = False
    """Also fetch from loopback and private networks, which a page from outside must never lead us to."""
    _robots: dict[str, RobotFileParser] = field(default_factory=dict)

    def page(self, address: str) -> Page:
        """Fetch one address.

        Raises:
            Refused: not http(s), a private address, forbidden by robots.txt, too large, too many redirects, or gone.
            Failed: no connection, no answer in time, or an error of the server, after three retries.
        """
        for _ in range(_REDIRECTS + 1):
            self._check(address)
            if not self._rules(address).can_fetch(AGENT, address):
                raise Refused("robots.txt of that host forbids it")
            answer, data = self._with_retries(address)
            if not answer.is_redirect:
                return Page(address, data, answer.headers.get("content-type", "application/octet-stream"))
            address = urljoin(address, answer.headers.get("location", ""))
        raise Refused(f"more than {_REDIRECTS} redirects")

    def _check(self, address: str) -> None:
        """Refuse what is not the open web."""
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Refused(f"{address!r} is no http or https address")
        if self.allow_private:
            return
        private = [ip for ip in _addresses(parts.hostname) if not ipaddress.ip_address(ip).is_global]
        if private:
            raise Refused(f"{parts.hostname} is a private address ({private[0]})")

    def _rules(self, address: str) -> RobotFileParser:
        """robots.txt of the host, asked once; none is a permission, an error of the server is not (RFC 9309)."""
        parts = urlsplit(address)
        host = f"{parts.scheme}://{parts.netloc}"
        if host not in self._robots:
            rules = RobotFileParser()
            answer, data = self._with_retries(f"{host}/robots.txt")
            if answer.is_success:
                rules.parse(data.decode("utf-8", errors="replace").splitlines())
            else:
                rules.parse([])
            self._robots[host] = rules
        return self._robots[host]

    def _with_retries(self, address: str) -> tuple[httpx.Response, bytes]:
        for attempt in range(_TRIES):
            if attempt:
                self.sleep(_PAUSE * 2 ** (attempt - 1))
            try:
                answer, data = self._once(address)
            except httpx.TransportError as error:
                problem = f"{type(error).__name__}: {error}"
                continue
            if answer.status_code < 500 and answer.status_code != 429:
                break
            problem = f"the server answered {answer.status_code}"
        else:
            raise Failed(f"{problem}, after {_TRIES} tries")
        if answer.is_error and not address.endswith("/robots.txt"):
            raise Refused(f"the server answered {answer.status_code}")
        return answer, data

    def _once(self, address: str) -> tuple[httpx.Response, bytes]:
        headers = {"User-Agent": AGENT, "Accept": "text/html,application/xml;q=0.9,*/*;q=0.5"}
        with self.client.stream("GET", address, headers=headers, timeout=_TIMEOUT, follow_redirects=False) as answer:
            data = bytearray()
            for chunk in answer.iter_bytes():
                data += chunk
                if len(data) > LARGEST:
                    raise Refused(f"larger than {LARGEST // 1024 // 1024} MB")
            return answer, bytes(data)


def _addresses(host: str) -> list[str]:
    """The addresses of a host name.

    Raises:
        Failed: nobody knows the name.
    """
    try:
        return [str(ipaddress.ip_address(host))]
    except ValueError:
        pass
    try:
        return [str(found[4][0]).split("%")[0] for found in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)]
    except OSError as error:
        raise Failed(f"the host {host} is not known: {error}") from error
