"""Prove a credential with one request to the index, and say what a failure means."""

from __future__ import annotations

import time
from typing import NamedTuple

from authpip.core.console import waiting_for
from authpip.core.credential import Credential
from authpip.core.index import RefusedURL, Scope, parse_scope
from authpip.network import http_get, page_kind
from authpip.network.http_get import Network

MOST_REDIRECTS = 5
_MOVED = {301, 302, 303, 307, 308}


class ProbeResult(NamedTuple):
    """What an index said. status: of its last answer, None where there was none.

    failure: "" or one of dns, refused, timeout, tls, proxy, redirect, network; why and remedy then say more.
    url: where the last answer came from, or where it leads, if that is outside of the scope; else "". page: what kind
    of page a status of 200 came with, if it is not an index (see page_kind).
    """

    status: int | None
    failure: str = ""
    why: str = ""
    remedy: str = ""
    url: str = ""
    page: str = ""

    @property
    def is_rejected(self) -> bool:
        """True where the index does not let this credential in."""
        return self.status in {401, 403} and not self.failure

    @property
    def is_welcome(self) -> bool:
        """True where an index let the request in, even if it wants another method (405)."""
        is_let_in = self.status is not None and (self.status < 300 or self.status == 405)
        return is_let_in and not self.failure and not self.page


def probe(
    scope: Scope, credential: Credential | None, network: Network, *, url: str | None = None, roam: bool = False
) -> ProbeResult:
    """Ask the index at `scope` (or one page or file in it, `url`) once, with this credential or without one.

    Redirects are followed within the scope (P8); without a credential and with `roam`, wherever they lead, as pip does.
    """
    import http.client

    headers = {"Authorization": credential.authorization().expose()} if credential else {}
    url, ends = url or str(scope), time.monotonic() + http_get.LONGEST
    try:
        for _ in range(MOST_REDIRECTS + 1):
            with waiting_for(scope.host):
                status, location, kind, body = http_get.beginning(url, headers, network, ends)
            if status == 407:
                return proxy_failure("407")
            if status not in _MOVED or location is None:
                outside = "" if scope.covers(parse_scope(url)) else url
                page = page_kind.kind_of(url, kind, body) if status == 200 else ""
                return ProbeResult(status, url=outside, page=page)
            url = _next(url, location)
            if not (roam and credential is None) and not scope.covers(parse_scope(url)):
                return _led_away(status, url)
    except RefusedURL as error:
        return ProbeResult(status, "redirect", f"it leads to a URL that is refused: {error}", "ask its administrator")
    except (OSError, http.client.HTTPException) as error:
        return classified(error, scope, network)
    return ProbeResult(status, "redirect", f"it redirects more than {MOST_REDIRECTS} times", "ask its administrator")


def _next(url: str, location: str) -> str:
    from urllib.parse import urljoin

    parse_scope(url)
    target = urljoin(url, location)
    parse_scope(target)
    return target


def _led_away(status: int, url: str) -> ProbeResult:
    target = parse_scope(url)
    if page_kind.leads_to_sign_in(url):
        why = f"it leads to a sign-in page for browsers, on {target.netloc}"
        return ProbeResult(status, "redirect", why, "ask its administrator for the URL and the token that pip needs")
    why = f"it leads to {target}, where a credential for this index is not sent"
    return ProbeResult(status, "redirect", why, "use that URL, if it is the index you mean", str(target))


def classified(error: Exception, scope: Scope, network: Network) -> ProbeResult:
    """What it means that a request of `http_get` raised this."""
    import socket
    import ssl

    proxied = network.proxy_for(scope) is not None
    way = "the proxy" if proxied else scope.netloc
    the_proxy = f"check the proxy, which {network.proxy_source(scope)} names"
    if isinstance(error, socket.gaierror):
        remedy = the_proxy if proxied else "check the URL; behind a proxy set HTTPS_PROXY or pip's proxy option"
        return ProbeResult(None, "dns", f"the name of {way} is not known", remedy)
    if isinstance(error, ssl.SSLCertVerificationError):
        why = f"its certificate is not trusted: {error.verify_message}"
        return ProbeResult(None, "tls", why, "set PIP_CERT to the file of the CA that signed it")
    if isinstance(error, ssl.SSLError):
        reason = getattr(error, "reason", None) or error.strerror
        return ProbeResult(
            None, "tls", f"no TLS with {scope.netloc}: {reason}", "check the URL's scheme and port, and PIP_CERT"
        )
    if isinstance(error, TimeoutError):
        return ProbeResult(
            None, "timeout", f"{way} did not answer in time", the_proxy if proxied else "check the network"
        )
    if isinstance(error, ConnectionRefusedError):
        return ProbeResult(
            None, "refused", f"{way} refuses connections", the_proxy if proxied else "check the URL's host and port"
        )
    if str(error).startswith("Tunnel connection failed"):
        return proxy_failure(str(error).partition(": ")[2][:3])
    return ProbeResult(
        None, "network", f"the connection to {way} failed: {_words(error)}", "try again, or check the URL"
    )


def proxy_failure(status: str) -> ProbeResult:
    """What it means that a proxy answered with this status."""
    if status == "407":
        why = "the proxy wants a user name and a password (407)"
        return ProbeResult(None, "proxy", why, "put them into HTTPS_PROXY or pip's proxy option")
    return ProbeResult(
        None, "proxy", f"the proxy does not connect us ({status})", "check the proxy, or add the host to NO_PROXY"
    )


def _words(error: Exception) -> str:
    """What is known of an error, without quoting what a server sent."""
    if not isinstance(error, OSError):
        return type(error).__name__
    return error.strerror or str(error)[:100]
