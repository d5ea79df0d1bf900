"""One GET request of authpip's own, by the way that pip would take: its proxy, its CA certificates, its time-out."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple

from authpip.core.index import Scope, parse_scope

if TYPE_CHECKING:
    from http.client import HTTPConnection, HTTPResponse
    from ssl import SSLContext

LONGEST = 30.0  # seconds for one question to an index from its beginning to its end, all redirects included
LARGEST = 32 << 20  # bytes of one page
_BEGINNING = 64 << 10  # bytes
ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.1, text/html;q=0.01"


class Network(NamedTuple):
    """How to get out. proxy, cert (a file or directory), client_cert, trusted_hosts: pip's own settings, if set.

    environ: for HTTPS_PROXY, NO_PROXY, REQUESTS_CA_BUNDLE and their like. timeout: seconds for each step.
    """

    environ: Mapping[str, str]
    proxy: str | None = None
    cert: str | None = None
    client_cert: str | None = None
    trusted_hosts: tuple[str, ...] = ()
    timeout: float = 15.0

    def __repr__(self) -> str:
        """Without environ and the proxy's password."""
        return f"Network(cert={self.cert!r}, timeout={self.timeout!r})"

    def proxy_for(self, scope: Scope) -> str | None:
        """The URL of the proxy; None: straight. As in pip, its own setting switches the variables off."""
        if self.proxy:
            return self.proxy
        from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]  # documented nowhere, used by pip

        excepted = self._variable("no_proxy")
        if excepted and proxy_bypass_environment(scope.netloc, {"no": excepted}):
            return None
        return self._variable(f"{scope.scheme}_proxy") or self._variable("all_proxy") or self._systems_proxy(scope)

    def _systems_proxy(self, scope: Scope) -> str | None:
        """What the settings of macOS or Windows say: as in pip, only if no variable names a proxy."""
        named = any(value and name.lower().endswith("_proxy") for name, value in self.environ.items())
        if named or sys.platform not in {"darwin", "win32"}:
            return None
        from urllib.request import getproxies, proxy_bypass

        return None if proxy_bypass(scope.host) else getproxies().get(scope.scheme)

    def proxy_source(self, scope: Scope) -> str:
        """What names the proxy of `proxy_for`: "pip's option proxy", or the variable as it is written."""
        if self.proxy:
            return "pip's option proxy"
        names = (f"{scope.scheme}_proxy", "all_proxy")
        return next((form for name in names for form in (name, name.upper()) if self.environ.get(form)), "")

    def ca_bundle(self) -> str | None:
        """The CA certificates to trust; None: the system's. As in pip, the variables of requests come first."""
        names = () if self.proxy else ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
        found = [self.environ[name] for name in names if self.environ.get(name)]
        return (found or [self.cert or self.environ.get("SSL_CERT_FILE") or ""])[0] or None

    def trusts(self, scope: Scope) -> bool:
        """True where the user told pip not to verify this host (`trusted-host`)."""
        return scope.host in self.trusted_hosts or f"{scope.host}:{scope.port}" in self.trusted_hosts

    def _variable(self, name: str) -> str | None:
        return self.environ.get(name) or self.environ.get(name.upper()) or None


def pip_network(environ: Mapping[str, str]) -> Network:
    """The network as pip's configuration files and PIP_* variables describe it."""
    import os

    from authpip.discovery import discover

    found = discover(["install", "x"], environ, prefix=sys.prefix, cwd=os.path.abspath(os.sep))
    return Network(environ, found.proxy, found.cert, found.client_cert, found.trusted_hosts)


def beginning(
    url: str, headers: Mapping[str, str], network: Network, ends: float
) -> tuple[int, str | None, str, bytes]:
    """(status, Location, Content-Type, the first 64 KiB of the body) of one request; raises OSError,
    http.client.HTTPException.

    ends: time.monotonic() in seconds, see LONGEST. TimeoutError: also where every step was quick, and the end has come.
    The body is read where the status is 200.
    """
    with _answer(url, headers, network, ends) as answer:
        body = answer.read(_BEGINNING) if answer.status == 200 else b""
        return answer.status, answer.getheader("Location"), answer.getheader("Content-Type", ""), body


def get_date(url: str, network: Network, ends: float) -> tuple[int, str | None, str | None]:
    """(status, Date header, Age header) of one request without a credential; raises as `get`."""
    with _answer(url, {}, network, ends) as answer:
        return answer.status, answer.getheader("Date"), answer.getheader("Age")


def read(url: str, headers: Mapping[str, str], network: Network, ends: float) -> tuple[int, str | None, str, bytes]:
    """(status, Location, Content-Type, body) of one request; raises as `beginning`; ValueError beyond LARGEST."""
    with _answer(url, headers, network, ends) as answer:
        body = answer.read(LARGEST + 1)
        if len(body) > LARGEST:
            raise ValueError("the page is too large")
        return answer.status, answer.getheader("Location"), answer.getheader("Content-Type", ""), body


@contextmanager
def _answer(url: str, headers: Mapping[str, str], network: Network, ends: float) -> Iterator[HTTPResponse]:
    scope = parse_scope(url)
    connection, target = _connect(scope, _target(url), network)
    sent = {"Accept": ACCEPT, "Connection": "close", **_proxied(headers, scope, network)}
    with _ended_after(ends - time.monotonic(), connection):
        connection.request("GET", target, headers=sent)
        yield connection.getresponse()


@contextmanager
def _ended_after(seconds: float, connection: HTTPConnection) -> Iterator[None]:
    """Close the connection at the end of the block, or cut it off after that time: a server may send a byte a step."""
    import http.client
    import socket
    from threading import Event, Timer

    late = Event()

    def cut_off() -> None:
        late.set()
        if connection.sock is not None:
            with suppress(OSError):
                connection.sock.shutdown(socket.SHUT_RDWR)

    timer = Timer(max(seconds, 0), cut_off)
    timer.daemon = True
    timer.start()
    try:
        yield
    except (OSError, http.client.HTTPException):
        if late.is_set():
            raise TimeoutError from None
        raise
    finally:
        timer.cancel()
        connection.close()


def _connect(scope: Scope, path: str, network: Network) -> tuple[HTTPConnection, str]:
    from http.client import HTTPConnection, HTTPSConnection

    proxy = network.proxy_for(scope)
    host, port = _host_port(proxy) if proxy else (scope.host, scope.port)
    if scope.scheme == "http":
        target = f"http://{scope.netloc}{path}" if proxy else path
        return HTTPConnection(host, port, timeout=network.timeout), target
    connection = HTTPSConnection(host, port, timeout=network.timeout, context=_context(scope, network))
    if proxy:
        connection.set_tunnel(scope.host, scope.port, _proxy_authorization(proxy))
    return connection, path


def _proxied(headers: Mapping[str, str], scope: Scope, network: Network) -> dict[str, str]:
    """A proxy for plain http sees the request itself, and is told who we are in it."""
    proxy = network.proxy_for(scope) if scope.scheme == "http" else None
    return {**headers, **(_proxy_authorization(proxy) if proxy else {})}


def _host_port(proxy: str) -> tuple[str, int]:
    from urllib.parse import urlsplit

    parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    if parts.scheme != "http" or not parts.hostname:
        raise OSError(f"authpip does not speak to {parts.scheme} proxies")
    return parts.hostname, parts.port or 80


def _proxy_authorization(proxy: str) -> dict[str, str]:
    from base64 import b64encode
    from urllib.parse import unquote, urlsplit

    parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    if parts.username is None:
        return {}
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
    return {"Proxy-Authorization": "Basic " + b64encode(pair).decode("ascii")}


def _context(scope: Scope, network: Network) -> SSLContext:
    import os
    import ssl

    bundle = network.ca_bundle()
    for path in filter(None, (bundle, network.client_cert)):
        if not os.path.exists(path):
            raise ssl.SSLError(0, f"the certificate file {path} is not there")
    directory = bundle is not None and os.path.isdir(bundle)
    context = ssl.create_default_context(cafile=None if directory else bundle, capath=bundle if directory else None)
    if network.client_cert:
        context.load_cert_chain(network.client_cert)
    if network.trusts(scope):
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _target(url: str) -> str:
    """Path and query, fit for a request line."""
    from urllib.parse import quote, urlsplit

    parts = urlsplit(url)
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    return f"{path}?{quote(parts.query, safe='/%:@!$&()*+,;=~-._?')}" if parts.query else path
