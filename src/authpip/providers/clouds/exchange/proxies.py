"""The proxy that a request goes through: HTTPS_PROXY, ALL_PROXY and NO_PROXY as curl, requests and urllib read them."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from authpip.core.errors import CredentialError
from authpip.core.index import Scope


class Proxy(NamedTuple):
    """The address of a proxy, and the headers for its CONNECT."""

    host: str
    port: int
    headers: Mapping[str, str]


def proxy_for(scope: Scope, environ: Mapping[str, str]) -> Proxy | None:
    """The proxy for an https request, or None. Raises CredentialError if its URL is malformed."""
    url = _of_system(scope) if sys.platform in {"win32", "darwin"} else _of_variables(scope, environ)
    if not url:
        return None
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        host, port = parts.hostname or "", parts.port or 80
    except ValueError:
        host = ""
    if not host or parts.scheme not in {"http", "https"}:
        raise CredentialError("the proxy cannot be used", "HTTPS_PROXY is not http://HOST:PORT", "correct HTTPS_PROXY")
    return Proxy(host, port, _authorization(parts.username, parts.password))


def _of_variables(scope: Scope, environ: Mapping[str, str]) -> str:
    def value(name: str) -> str:
        return environ.get(name) or environ.get(name.upper()) or ""

    excepted = [name.strip().lower().lstrip(".") for name in value("no_proxy").split(",") if name.strip()]
    same = {"*", scope.host, f"{scope.host}:{scope.port}"}
    if any(name in same or scope.host.endswith(f".{name}") for name in excepted):
        return ""
    return value("https_proxy") or value("all_proxy")


def _of_system(scope: Scope) -> str:
    """The proxy in a variable, or else in the settings of the system."""
    import urllib.request as library

    return "" if library.proxy_bypass(scope.host) else str(library.getproxies().get("https", ""))


def _authorization(username: str | None, password: str | None) -> dict[str, str]:
    if not username:
        return {}
    from base64 import b64encode

    pair = f"{unquote(username)}:{unquote(password or '')}".encode()
    return {"Proxy-Authorization": f"Basic {b64encode(pair).decode('ascii')}"}
