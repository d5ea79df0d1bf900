"""The form of a file of logins: {"version": 1, "logins": [{"url": …, "username": …, …}]}.

A file that the user names (AUTHPIP_AUTH_FILE) may also have the form of pixi or of .netrc; authpip only reads these.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from authpip.core.errors import CredentialError
from authpip.files import pixi, private

VERSION = 1
_NETRC = ".netrc"  # the key under which the text of such a file is passed on


def read(path: str, *, named: bool) -> list[dict[str, Any]]:
    """The raw entries of a file; none if there is no file. named: the user named it, so another tool's form is allowed.

    Raises CredentialError for a file that is damaged or not trusted.
    """
    document = _document(path, named)
    if named and _is_pixis(document):
        return list(_translated(document, path))
    if _NETRC in document:
        return list(_of_netrc(document[_NETRC], path))
    if document["version"] != VERSION:
        raise private.unusable(path, "another version of authpip wrote it", "upgrade authpip")
    listed = document["logins"]
    if not isinstance(listed, list) or not all(isinstance(entry, dict) for entry in listed):
        raise damaged(path)
    return listed


def write(path: str, entries: list[dict[str, Any]], *, named: bool) -> None:
    """Replace the entries. Call it under `private.locked`. Raises CredentialError if the file cannot be written."""
    _refuse_foreign(path, named=named)
    text = json.dumps({"version": VERSION, "logins": entries}, indent=1, ensure_ascii=False)
    private.write(path, text.encode() + b"\n")


def try_out(path: str, *, named: bool) -> None:
    """Check that `write` will succeed. Call it under `private.locked`. Raises CredentialError as `write` does."""
    _refuse_foreign(path, named=named)
    private.try_out(path)


def damaged(path: str) -> CredentialError:
    """The error for a file that does not have the form of a list of logins."""
    return private.unusable(path, "it is damaged", f"move it away ({path}) and log in again")


def _document(path: str, named: bool) -> dict[str, Any]:
    content = private.read_named(path) if named else private.read(path)
    if content is None:
        return {"version": VERSION, "logins": []}
    if named and content.lstrip()[:1] not in {b"{", b"["} and content.strip():
        return {_NETRC: content.decode()}
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        raise damaged(path) from None
    if isinstance(document, dict) and (document.keys() >= {"version", "logins"} or (named and _is_pixis(document))):
        return document
    raise damaged(path)


def _refuse_foreign(path: str, *, named: bool) -> None:
    """Raise CredentialError for a file in another tool's form."""
    document = _document(path, named)
    if named and (_NETRC in document or _is_pixis(document)):
        form, tool = ("the form of a .netrc", "an editor") if _NETRC in document else ("pixi's form", "pixi")
        raise private.unusable(path, f"it is in {form}, which authpip only reads", f"use {tool}", "written")


def _is_pixis(document: Mapping[str, Any]) -> bool:
    return not document.keys() & {"logins", _NETRC} and all(isinstance(value, dict) for value in document.values())


def _translated(document: Mapping[str, Any], path: str) -> Iterator[dict[str, Any]]:
    """pixi's entries in authpip's form, without the entries for conda and S3."""
    for host, value in document.items():
        if login := pixi.login_of(value):
            url = host if host.startswith("*.") else f"https://{host}/"
            fields = {"username": login.username, "scheme": login.scheme, "secret": login.secret.expose()}
            yield {"url": url, **fields}
        elif value.keys() & pixi.KINDS:
            raise damaged(path)


def _of_netrc(text: str, path: str) -> Iterator[dict[str, Any]]:
    """The entries of a .netrc in authpip's form, each for its host by https; `default` entries are left out."""
    from authpip.files.netrc import MalformedNetrc, parse

    try:
        entries = {entry.host: entry for entry in parse(text) if entry.host and entry.password}
    except MalformedNetrc as error:
        why = f"line {error.line} is neither JSON nor .netrc"
        raise private.unusable(path, why, "correct it; configuration.md describes the forms") from None
    for host, entry in entries.items():
        yield {"url": f"https://{host}/", "username": entry.login, "secret": entry.password}
