"""Polite fetching: an honest name, robots.txt, few redirects, a limit of size, retries with a growing pause."""

from __future__ import annotations

import ipaddress
import re
import socket
import time
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
_LONGEST = 60.0
"""Seconds that one page may take with its redirects and retries; a server that drips never runs into a time-out."""
_PAUSE = 1.0
"""Seconds before the first retry; each later one waits twice as long."""
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
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
    clock: Callable[[], float] = time.monotonic
    """Seconds from some moment on."""
    _robots: dict[str, RobotFileParser] = field(default_factory=dict)

    def page(self, address: str) -> Page:
        """Fetch one address.

        Raises:
            Refused: no http(s) address, a private one, forbidden by robots.txt, too large, too many redirects, or gone.
            Failed: no connection, no answer in time, or an error of the server, after three retries.
        """
        try:
            return self._followed(address, self.clock() + _LONGEST)
        except (httpx.InvalidURL, ValueError) as error:  # also UnicodeError: a host name that cannot be one
            raise Refused(f"it is no address that can be asked, or leads to none: {error}") from error

    def _followed(self, address: str, until: float) -> Page:
        """The page at the end of the redirects."""
        for _ in range(_REDIRECTS + 1):
            self._check(address)
            if not self._rules(address, until).can_fetch(AGENT, address):
                raise Refused("robots.txt of that host forbids it")
            answer, data = self._with_retries(address, until)
            if not answer.is_redirect:
                return Page(address, data, answer.headers.get("content-type", "application/octet-stream"))
            address = urljoin(address, answer.headers.get("location", ""))
        raise Refused(f"more than {_REDIRECTS} redirects")

    def _check(self, address: str) -> None:
        """Refuse what is not the open web."""
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Refused(f"{without_credentials(address)!r} is no http or https address")
        if self.allow_private:
            return
        private = [ip for ip in _addresses(parts.hostname) if not _is_open(ip)]
        if private:
            raise Refused(f"{parts.hostname} is a private address ({private[0]})")

    def _rules(self, address: str, until: float) -> RobotFileParser:
        """robots.txt of the host, asked once; none is a permission, an error of the server is not (RFC 9309)."""
        parts = urlsplit(address)
        host = f"{parts.scheme}://{parts.netloc}"
        if host not in self._robots:
            rules = RobotFileParser()
            answer, data = self._with_retries(f"{host}/robots.txt", until)
            if answer.is_success:
                rules.parse(data.decode("utf-8", errors="replace").splitlines())
            else:
                rules.parse([])
            self._robots[host] = rules
        return self._robots[host]

    def _with_retries(self, address: str, until: float) -> tuple[httpx.Response, bytes]:
        for attempt in range(_TRIES):
            if self.clock() > until:
                raise Failed(f"it took more than {_LONGEST:.0f} seconds")
            if attempt:
                self.sleep(_PAUSE * 2 ** (attempt - 1))
            try:
                answer, data = self._once(address, until)
            except httpx.RequestError as error:
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

    def _once(self, address: str, until: float) -> tuple[httpx.Response, bytes]:
        headers = {"User-Agent": AGENT, "Accept": "text/html,application/xml;q=0.9,*/*;q=0.5"}
        with self.client.stream("GET", address, headers=headers, timeout=_TIMEOUT, follow_redirects=False) as answer:
            data = bytearray()
            for chunk in answer.iter_bytes():
                data += chunk
                if len(data) > LARGEST:
                    raise Refused(f"larger than {LARGEST // 1024 // 1024} MB")
                if self.clock() > until:
                    raise Failed(f"it took more than {_LONGEST:.0f} seconds")
            return answer, bytes(data)


def without_credentials(address: str) -> str:
    """The address as it may be recorded: with no `user:password@` before the host."""
    return re.sub(r"^([a-z][a-z0-9+.-]*://)[^/?#]*@", r"\1", address, flags=re.IGNORECASE)


def _is_open(ip: str) -> bool:
    """True for an address of the open net, and not one that carries a private IPv4 address through it."""
    address = ipaddress.ip_address(ip)
    if not address.is_global:
        return False
    inner = address.sixtofour if isinstance(address, ipaddress.IPv6Address) else None
    if address in _NAT64:
        inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return inner is None or inner.is_global


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
