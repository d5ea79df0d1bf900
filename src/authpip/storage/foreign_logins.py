"""Logins in files of other tools, pixi's and .netrc, that AUTHPIP_AUTH_FILE may name. They are read, never written."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from authpip.files import pixi, private


class Form(NamedTuple):
    """One form. name: after "it is in". tool: what changes such a file.

    entries: (content, path of the file) → its entries in authpip's form; raises CredentialError for a malformed one.
    """

    name: str
    tool: str
    entries: Callable[[bytes, str], Iterator[dict[str, Any]]]


def form_of(content: bytes) -> Form | None:
    """Another tool's form; None for authpip's own, for a damaged file and for an empty one."""
    start = content.lstrip()[:1]
    if start not in {b"{", b"["}:
        return Form("the form of a .netrc", "an editor", _of_netrc) if start else None
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return Form("pixi's form", "pixi", _of_pixi) if _is_pixis(document) else None


def _is_pixis(document: object) -> bool:
    """True for an object of objects; authpip's own has a list, "logins"."""
    if not isinstance(document, dict) or "logins" in document:
        return False
    return all(isinstance(value, dict) for value in document.values())


def _of_pixi(content: bytes, path: str) -> Iterator[dict[str, Any]]:
    """The entries that an index can use: those for conda and S3 are left out."""
    for host, value in json.loads(content).items():
        if login := pixi.login_of(value):
            url = host if host.startswith("*.") else f"https://{host}/"
            fields = {"username": login.username, "scheme": login.scheme, "secret": login.secret.expose()}
            yield {"url": url, **fields}
        elif value.keys() & pixi.KINDS:
            raise private.unusable(path, "it is damaged", "log in with pixi again")


def _of_netrc(content: bytes, path: str) -> Iterator[dict[str, Any]]:
    """One entry for each host, by https; `default` is left out."""
    from authpip.files.netrc import MalformedNetrc, parse

    try:
        found = {entry.host: entry for entry in parse(content.decode()) if entry.host and entry.password}
    except MalformedNetrc as error:
        why = f"line {error.line} is neither JSON nor .netrc"
        raise private.unusable(path, why, "correct it; configuration.md describes the forms") from None
    for host, entry in found.items():
        yield {"url": f"https://{host}/", "username": entry.login, "secret": entry.password}
