"""The section `network`: proxies, the indexes that pip would use here, and this machine's clock.

Each index is sent one request without a credential. Its Date header says what time it is.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple
from urllib.parse import urlsplit

from authpip.cli.doctor.section import Section, empty
from authpip.core.console import spinner
from authpip.core.errors import UsageError
from authpip.core.index import Index, is_index_url
from authpip.core.redaction import shown_url
from authpip.discovery import discover
from authpip.discovery.model import Invocation
from authpip.files.user_dirs import working_directory
from authpip.launcher.plan import to_index
from authpip.network.clock import Reached, reach
from authpip.network.http_get import Network

STEP = 5.0  # seconds for one step of a request, and for a proxy to take a connection
_PORTS = {"https": 443, "socks4": 1080, "socks5": 1080, "socks5h": 1080}
TOLERATED = 120.0  # seconds that a clock may be off: tokens and signed requests are valid for some minutes


class Ways(NamedTuple):
    """The section, and the hosts in it."""

    section: Section
    index_hosts: tuple[str, ...]
    proxy_hosts: tuple[str, ...]


def look(environ: Mapping[str, str], prefix: str) -> Ways:
    """The proxies and indexes that pip would use here. prefix: of the environment that pip would change."""
    section = empty("network")
    found = discover(["install"], environ, prefix=prefix, cwd=working_directory())
    network = Network(environ, found.proxy, found.cert, found.client_cert, found.trusted_hosts, STEP)
    if network.ca_bundle():
        section.add("certificates", str(network.ca_bundle()))
    indexes = _indexes(section, found)
    proxies = {index: proxy for index in indexes if (proxy := network.proxy_for(index.scope))}
    dead = {proxy for proxy in dict.fromkeys(proxies.values()) if not _add_proxy(section, proxy, network)}
    if not proxies:
        section.add("proxy", "none")
    asked = [index for index in indexes if proxies.get(index) not in dead]
    with spinner("authpip: asking the indexes"), ThreadPoolExecutor(8) as pool:
        answers = dict(zip(asked, pool.map(lambda index: reach(index.scope, index.url, network), asked), strict=True))
    for index in indexes:
        _add_index(section, index, answers.get(index))
    _add_clock(section, [(index, answer.ahead) for index, answer in answers.items() if answer.ahead is not None])
    hosts = tuple(index.scope.host for index in indexes)
    return Ways(section, hosts, tuple(_address(proxy)[0] for proxy in proxies.values()))


def _indexes(section: Section, found: Invocation) -> list[Index]:
    indexes: dict[str, Index] = {}
    for configured in (*found.indexes, *found.find_links):
        if not is_index_url(configured.value):
            section.add("local", f"{configured.value} ({configured.configured_in})")
            continue
        try:
            index, _ = to_index(configured)
        except UsageError as error:
            section.raised(error)
        else:
            indexes.setdefault(index.url, index)
    return list(indexes.values())


def _add_index(section: Section, index: Index, answer: Reached | None) -> None:
    where = f"{shown_url(index.url)} ({index.configured_in})"
    if answer is None:
        section.add("index", f"{where}: not asked, because of the proxy")
        return
    result = answer.result
    said = result.why if result.failure else f"it answers ({result.status})"
    section.add("index", f"{where}: {said}")
    if result.failure:
        remedy = result.remedy
        if result.failure == "tls" and ("expired" in result.why or "not yet valid" in result.why):
            remedy += "; or this machine's clock is wrong: check `date -u`"
        section.fails(f"{shown_url(index.url)} cannot be reached: {result.why}", remedy)
    elif (result.status or 0) >= 500:
        section.fails(f"{shown_url(index.url)} answers {result.status}", "try again later, or ask its administrator")


def _add_proxy(section: Section, proxy: str, network: Network) -> bool:
    """Add the proxy, without its password. True if it takes a connection."""
    where = _configured_in(proxy, network)
    shown = shown_url(proxy if "://" in proxy else f"http://{proxy}")
    section.add("proxy", f"{shown} ({where})")
    try:
        socket.create_connection(_address(proxy), STEP).close()
    except (OSError, UnicodeError) as error:
        why = (
            "timed out"
            if isinstance(error, TimeoutError)
            else getattr(error, "strerror", "") or "its name is not valid"
        )
        remedy = f"type: unset {where}; or correct it" if where in network.environ else f"correct {where}"
        section.fails(f"the proxy {shown} does not answer: {why}", remedy)
        return False
    return True


def _configured_in(proxy: str, network: Network) -> str:
    if network.proxy:
        return "pip's option proxy"
    names = ("https_proxy", "http_proxy", "all_proxy")
    named = [name for lower in names for name in (lower, lower.upper()) if network.environ.get(name) == proxy]
    return (named or ["a variable"])[0]


def _address(proxy: str) -> tuple[str, int]:
    parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    try:
        port = parts.port
    except ValueError:
        port = None
    return parts.hostname or "", port or _PORTS.get(parts.scheme, 80)


def _add_clock(section: Section, offsets: Sequence[tuple[Index, float]]) -> None:
    """Add the clock. It counts as wrong only if it differs from that of every index: one index may be wrong."""
    if not offsets:
        section.add("clock", "not checked: no index sent the time")
        return
    index, ahead = min(offsets, key=lambda pair: abs(pair[1]))
    if abs(ahead) <= TOLERATED:
        section.add("clock", "right")
        return
    how = f"{_span(abs(ahead))} {'ahead of' if ahead > 0 else 'behind'} that of {index.scope.host}"
    section.add("clock", how)
    remedy = "type: sudo timedatectl set-ntp true" if sys.platform == "linux" else "set it by NTP"
    section.fails(f"this machine's clock is {how}, and tokens are valid for minutes only", remedy)


def _span(seconds: float) -> str:
    minutes = int(seconds // 60)
    return f"{minutes // 60} h {minutes % 60:02} min" if minutes >= 60 else f"{minutes} min"
