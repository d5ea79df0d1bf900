"""HTTP of the exchange worker: only to hosts that the caller allows, no redirects, one deadline for all requests.

It uses the user's proxy (HTTPS_PROXY, NO_PROXY) and private authorities (REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE,
SSL_CERT_FILE). No proxy is used for an address of the machine itself or of its own link.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, NamedTuple

from authpip.core.errors import CredentialError
from authpip.core.index import RefusedURL, Scope, is_loopback, parse_scope
from authpip.providers.clouds.exchange import wire
from authpip.providers.clouds.exchange.proxies import proxy_for

if TYPE_CHECKING:
    import ssl
    from socket import socket

LINK_LOCAL_SECONDS = 1.0  # for a service of the machine's link to take a connection
_STEP = 10.0  # seconds for one request
_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
_AMAZON = frozenset({"fd00:ec2::254", "fd00:ec2::23"})  # EC2 and EKS, in the range of unique local addresses
_CLOCK = 120.0  # seconds that clocks may differ
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_ALWAYS = {"User-Agent": "authpip", "Accept-Encoding": "identity", "Connection": "close"}
AS_JSON = {"Content-Type": "application/json", "Accept": "application/json"}


class Answer(NamedTuple):
    """What a service answered. headers: names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def object(self) -> dict[str, Any]:
        """The JSON object of the body; {} for anything else."""
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}

    def clock(self) -> str:
        """How far this machine's clock is off by the service's Date header, as half a sentence; "" if it is right."""
        from email.utils import parsedate_to_datetime

        try:
            there = parsedate_to_datetime(self.headers.get("date", "")).timestamp()
        except (ValueError, TypeError):
            return ""
        behind = there - time.time()
        way = "behind" if behind > 0 else "ahead"
        return f"this machine's clock is {abs(behind) / 60:.0f} min {way}" if abs(behind) > _CLOCK else ""


class Client:
    """Sends requests. environ: for proxies and certificates. deadline: time.monotonic(), for all requests together."""

    def __init__(self, environ: Mapping[str, str], deadline: float) -> None:
        self.environ, self.deadline = environ, deadline

    def form(self, url: str, fields: Mapping[str, str], *, service: str, hosts: str) -> Answer:
        """POST a form; see `send`."""
        from urllib.parse import urlencode

        return self.send("POST", url, urlencode(fields).encode(), FORM, service=service, hosts=hosts)

    def json(
        self, url: str, fields: Mapping[str, Any], headers: Mapping[str, str] = {}, *, service: str, hosts: str
    ) -> Answer:
        """POST a JSON object; see `send`."""
        body = json.dumps(fields).encode()
        return self.send("POST", url, body, {**AS_JSON, **headers}, service=service, hosts=hosts)

    def send(
        self,
        method: str,
        url: str,
        body: bytes | None = None,
        headers: Mapping[str, str] = {},
        *,
        service: str,
        hosts: str,
        context: Any = None,
        seconds: float = _STEP,
    ) -> Answer:
        """The answer to one request. service: for messages. hosts: a pattern for the whole host that may get it.

        context: the caller's own ssl.SSLContext. seconds: for this request. Raises CredentialError for another host,
        and if no answer comes.
        """
        scope = allowed(url, hosts, service)
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise CredentialError(
                f"{service} gave no answer in time", "", "check the network, or set AUTHPIP_TIMEOUT=60"
            )
        sent = {"Host": scope.netloc, **_ALWAYS, **headers}
        try:
            with self._connection(scope, context, min(seconds, left)) as connection:
                return Answer(*wire.request(connection, method, _target(url), sent, body))
        except (OSError, ValueError) as error:
            raise unreachable(service, scope.netloc, error) from None

    def within(self, seconds: float) -> Client:
        """A client whose requests together take no longer than this."""
        return Client(self.environ, min(self.deadline, time.monotonic() + seconds))

    def reach(self, url: str, *, service: str, hosts: str) -> None:
        """Check that a service of the machine's link takes a connection: where there is none, packets may be dropped.

        Raises CredentialError within a second.
        """
        import socket

        scope = allowed(url, hosts, service)
        left = max(0.001, self.deadline - time.monotonic())
        try:
            socket.create_connection((scope.host, scope.port), min(LINK_LOCAL_SECONDS, left)).close()
        except OSError as error:
            raise unreachable(service, scope.netloc, error) from None

    def _connection(self, scope: Scope, context: Any, seconds: float) -> socket:
        """A connection to the service, or through its proxy. context: as in `send`. seconds: for each step."""
        from socket import create_connection

        proxy = None if is_local(scope.host) else proxy_for(scope, self.environ)
        host, port = (proxy.host, proxy.port) if proxy else (scope.host, scope.port)
        name: Any = host.encode()  # a str would load the codec "idna"
        connection: socket = create_connection((name, port), seconds)
        try:
            if proxy:
                wire.tunnel(connection, f"{scope.host}:{scope.port}", proxy.headers)
            if scope.scheme == "http":
                return connection
            tls: ssl.SSLContext = context or self._tls()
            return tls.wrap_socket(connection, server_hostname=scope.host.encode())
        except BaseException:
            connection.close()
            raise

    def _tls(self) -> Any:
        import os
        import ssl

        bundle = next((self.environ[name] for name in _BUNDLES if self.environ.get(name)), None)
        is_directory = bundle is not None and os.path.isdir(bundle)
        return ssl.create_default_context(
            cafile=None if is_directory else bundle, capath=bundle if is_directory else None
        )


def is_local(host: str) -> bool:
    """True for this machine's own addresses and those of its link (RFC 3927), where clouds have metadata services."""
    try:
        address = ip_address(host)
    except ValueError:
        return is_loopback(host)
    return address.is_loopback or address.is_link_local or host in _AMAZON


def _target(url: str) -> str:
    """The path and query of a URL, as the request line has them."""
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def host_of(url: str) -> str:
    """The host of a URL; "" for a refused URL."""
    try:
        return parse_scope(url).host
    except RefusedURL:
        return ""


def unreachable(service: str, place: str, error: Exception) -> CredentialError:
    """The error for a connection that failed."""
    import ssl

    text = str(error)
    if isinstance(error, ssl.SSLCertVerificationError):
        why, remedy = f"TLS: its certificate is not trusted ({error.verify_message})", "set SSL_CERT_FILE"
        if "not yet valid" in text or "expired" in text:
            remedy = "check this machine's clock"
        return CredentialError(f"{service} cannot be reached at {place}", why, remedy)
    if isinstance(error, wire.AnswerError):
        remedy = "try again, and check that no captive portal is in between"
        return CredentialError(f"{service} cannot be reached at {place}", f"its answer is not HTTP ({error})", remedy)
    why = "it gave no answer in time" if isinstance(error, TimeoutError) or "timed out" in text else ""
    if not why:
        why = getattr(error, "strerror", None) or ("its proxy refuses" if "Tunnel" in text else type(error).__name__)
    return CredentialError(f"{service} cannot be reached at {place}", why, "check the network, or HTTPS_PROXY")


def allowed(url: str, hosts: str, service: str) -> Scope:
    """The scope of a URL. Raises CredentialError if no request may go there: another host, plain http, refused URL."""
    try:
        scope = parse_scope(url)
    except RefusedURL as reason:
        raise CredentialError(f"{service} is not asked", f"its URL is refused: {reason}", "correct the URL") from None
    if not re.fullmatch(hosts, scope.host):
        why = f"{scope.netloc} is not a host of {service}, and nothing is sent there"
        raise CredentialError(f"{service} is not asked", why, "correct the URL that names the host")
    if scope.scheme != "https" and not is_local(scope.host):
        why = f"{scope} is plain http, readable on the way"
        raise CredentialError(f"{service} is not asked", why, "write https://")
    return scope
