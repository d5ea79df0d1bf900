"""The page of a project on an index: its files (PEP 503, PEP 691), and the hash of their metadata (PEP 714)."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import unquote, urljoin, urlsplit

from authpip.core.credential import Credential
from authpip.core.index import Index, parse_scope
from authpip.network import http_get
from authpip.network.html_page import Page
from authpip.network.http_get import Network

_METADATA = ("data-core-metadata", "data-dist-info-metadata")


class File(NamedTuple):
    """One file. version: canonical, as packaging has it. metadata: the sha256 of its METADATA in hexadecimal.

    Both are "" where the index does not tell them.
    """

    name: str
    version: str
    metadata: str


def read(index: Index, project: str, credential: Credential | None, network: Network) -> tuple[File, ...] | None:
    """The files that the index lists for a project; None where it has no such project (404).

    project: normalised. Raises OSError, ValueError and http.client.HTTPException where the page cannot be read.
    """
    url = urljoin(str(index.scope), f"{project}/")
    headers = {"Authorization": credential.authorization().expose()} if credential else {}
    for _ in range(3):
        status, location, kind, body = http_get.read(url, headers, network, time.monotonic() + http_get.LONGEST)
        if status in {301, 302, 307, 308} and location and index.scope.covers(parse_scope(urljoin(url, location))):
            url = urljoin(url, location)
            continue
        break
    if status == 404:
        return None
    if status != 200:
        raise OSError(f"it answered {status}")
    return _of_json(body) if "json" in kind else tuple(_of_html(body.decode("utf-8", "replace")))


def _of_json(body: bytes) -> tuple[File, ...]:
    try:
        return tuple(_of_entry(entry) for entry in json.loads(body)["files"])
    except (AttributeError, LookupError, TypeError, RecursionError):
        raise ValueError("its page is not as PEP 691 has it") from None


def _of_entry(entry: dict[str, Any]) -> File:
    listed = entry.get("core-metadata", entry.get("dist-info-metadata"))
    return _file(str(entry["filename"]), str(listed.get("sha256", "")) if isinstance(listed, dict) else "")


def _of_html(page: str) -> Iterator[File]:
    parser = _Anchors()
    parser.read(page)
    for attributes in parser.found:
        listed = next((attributes[name] for name in _METADATA if attributes.get(name)), "")
        name = unquote(urlsplit(attributes.get("href", "")).path.rpartition("/")[2])
        yield _file(name, listed.partition("sha256=")[2])


def _file(name: str, metadata: str) -> File:
    return File(name, version_in(name), metadata)


def version_in(filename: str) -> str:
    """The version that the name of a wheel or source distribution tells, in canonical form; "" where it tells none."""
    from packaging.utils import canonicalize_version, parse_sdist_filename, parse_wheel_filename

    try:
        found = parse_wheel_filename(filename)[1] if filename.endswith(".whl") else parse_sdist_filename(filename)[1]
    except ValueError:  # what they raise are its subclasses
        return ""
    return canonicalize_version(found)


class _Anchors(Page):
    """The attributes of every link."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """See html.parser."""
        if tag == "a":
            self.found.append({name: value or "" for name, value in attrs})
