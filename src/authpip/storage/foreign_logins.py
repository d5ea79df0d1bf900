"""Logins in files of other tools, pixi's and .netrc, that AUTHPIP_AUTH_FILE may name. They are read, never written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from authpip.core.errors import CredentialError
from authpip.files import pixi, private


class Form(NamedTuple):
    """name: after "it is in". tool: what changes such a file."""

    name: str
    tool: str


PIXI = Form("pixi's form", "pixi")
NETRC = Form("the form of a .netrc", "an editor")


def form_of(content: bytes) -> Form | None:
    """Another tool's form; None for authpip's own, for a damaged file and for an empty one."""
    start = content.lstrip()[:1]
    if start not in {b"{", b"["}:
        return NETRC if start else None
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return PIXI if _is_pixis(document) else None


def entries(content: bytes, path: str) -> list[dict[str, Any]]:
    """The entries of a file that has a foreign form, in authpip's form. Raises CredentialError for a malformed one."""
    if form_of(content) == PIXI:
        return list(_of_pixi(json.loads(content), path))
    return list(_of_netrc(content.decode(), path))


def damaged(path: str) -> CredentialError:
    """The error for a file of logins whose content has none of the forms."""
    return private.unusable(path, "it is damaged", f"move it away ({path}) and log in again")


def _is_pixis(document: object) -> bool:
    """True for an object of objects; authpip's own has a list, "logins"."""
    if not isinstance(document, dict) or "logins" in document:
        return False
    return all(isinstance(value, dict) for value in document.values())


def _of_pixi(document: dict[str, dict[str, Any]], path: str) -> Iterator[dict[str, Any]]:
    """The entries that an index can use: those for conda and S3 are left out."""
    for host, value in document.items():
        if login := pixi.login_of(value):
            url = host if host.startswith("*.") else f"https://{host}/"
            fields = {"username": login.username, "scheme": login.scheme, "secret": login.secret.expose()}
            yield {"url": url, **fields}
        elif value.keys() & pixi.KINDS:
            raise damaged(path)


def _of_netrc(text: str, path: str) -> Iterator[dict[str, Any]]:
    """One entry for each host, by https; `default` is left out."""
    from authpip.files.netrc import MalformedNetrc, parse

    try:
        found = {entry.host: entry for entry in parse(text) if entry.host and entry.password}
    except MalformedNetrc as error:
        why = f"line {error.line} is neither JSON nor .netrc"
        raise private.unusable(path, why, "correct it; configuration.md describes the forms") from None
    for host, entry in found.items():
        yield {"url": f"https://{host}/", "username": entry.login, "secret": entry.password}
