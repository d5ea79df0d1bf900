"""What a package index answers: pages as PEP 503, 658 and 691 describe them, and files."""

from __future__ import annotations

import hashlib
import html
import json
import re
import zipfile
from base64 import b64encode
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

JSON = "application/vnd.pypi.simple.v1+json"


def basic(username: str, password: str) -> str:
    """The Authorization header of a user name and a password."""
    return "Basic " + b64encode(f"{username}:{password}".encode()).decode()


class Index:
    """One index: its pages below `prefix`, its files there too or below `files_at`.

    accepted: Authorization headers that are let in; empty: open to everybody. It may change while pip runs.
    yanked: names of yanked files. links: project → further URLs for its page, as an index that points elsewhere has
    them. refusal: what it answers to whoever is not let in, 401 or 403.
    """

    def __init__(
        self,
        prefix: str,
        files: Iterable[Path],
        accepted: Iterable[str],
        files_at: str | None,
        metadata: bool,
    ) -> None:
        self.prefix, self.files_at, self.metadata = prefix, files_at, metadata
        self.files = {path.name: path for path in files}
        self.accepted = set(accepted)
        self.links: dict[str, list[str]] = {}
        self.headers: dict[str, str] = {}
        self.yanked: set[str] = set()
        self.realm = "index"
        self.refusal = 401

    def revoke(self) -> None:
        """From now on, nothing that was accepted is."""
        self.accepted = {"Basic revoked"}

    def owns(self, path: str) -> bool:
        return path.startswith(self.prefix) or bool(self.files_at and path.startswith(self.files_at))

    def answer(self, path: str, accept: str) -> tuple[str, bytes] | None:
        """The content type and body at this path; None: not found."""
        name = path.rsplit("/", 1)[1]
        if name in self.files:
            return "application/octet-stream", self.files[name].read_bytes()
        if self.metadata and name.removesuffix(".metadata") in self.files:
            return "text/plain", core_metadata(self.files[name.removesuffix(".metadata")])
        if not path.startswith(self.prefix):
            return None
        project = path[len(self.prefix) :].strip("/")
        if not project:
            return _page("", [(p, f"{p}/", "", "") for p in sorted({project_of(name) for name in self.files})])
        found = [self._link(path) for path in self.files.values() if project_of(path.name) == normal(project)]
        found += [(url.rsplit("/", 1)[1], url, "", "") for url in self.links.get(normal(project), [])]
        if not found:
            return None
        return _json_page(project, found, self.yanked) if JSON in accept else _page(project, found, self.yanked)

    def _link(self, path: Path) -> tuple[str, str, str, str]:
        """(file name, URL, sha256 of the file, sha256 of its core metadata or nothing)."""
        base = self.files_at or f"{self.prefix}{project_of(path.name)}/"
        offers = self.metadata and path.suffix == ".whl"
        metadata = hashlib.sha256(core_metadata(path)).hexdigest() if offers else ""
        return path.name, quote(base + path.name), hashlib.sha256(path.read_bytes()).hexdigest(), metadata


def normal(name: str) -> str:
    """A project's name as PEP 503 normalises it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def project_of(filename: str) -> str:
    """The normalised project of a wheel's or sdist's file name."""
    stem = re.sub(r"\.(tar\.gz|zip)$", "", filename)
    return normal(filename.split("-")[0] if filename.endswith(".whl") else stem.rsplit("-", 1)[0])


def core_metadata(path: Path) -> bytes:
    """The METADATA of a wheel; nothing for an sdist."""
    if path.suffix != ".whl":
        return b""
    with zipfile.ZipFile(path) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return archive.read(name)


def _page(project: str, links: list[tuple[str, str, str, str]], yanked: Iterable[str] = ()) -> tuple[str, bytes]:
    lines = []
    for name, url, digest, metadata in links:
        target = html.escape(url + (f"#sha256={digest}" if digest else ""))
        offer = (
            f' data-core-metadata="sha256={metadata}" data-dist-info-metadata="sha256={metadata}"' if metadata else ""
        )
        offer += ' data-yanked=""' if name in yanked else ""
        lines.append(f'<a href="{target}"{offer}>{html.escape(name)}</a><br>')
    body = f"<!DOCTYPE html><html><body><h1>{html.escape(project)}</h1>{''.join(lines)}</body></html>"
    return "text/html; charset=utf-8", body.encode()


def _json_page(project: str, links: list[tuple[str, str, str, str]], yanked: Iterable[str] = ()) -> tuple[str, bytes]:
    files = [
        {"filename": name, "url": url, "hashes": {"sha256": digest} if digest else {}}
        | ({"core-metadata": {"sha256": metadata}} if metadata else {})
        | ({"yanked": True} if name in yanked else {})
        for name, url, digest, metadata in links
    ]
    return JSON, json.dumps({"meta": {"api-version": "1.0"}, "name": project, "files": files}).encode()
