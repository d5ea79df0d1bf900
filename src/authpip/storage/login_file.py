"""The form of a file of logins: {"version": 1, "logins": [{"url": …, "username": …, …}]}; pixi's form is only read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from authpip.core.errors import CredentialError
from authpip.files import pixi, private

VERSION = 1


def read(path: str, *, named: bool) -> list[dict[str, Any]]:
    """The raw entries of a file, none where there is none. named: by the user, so pixi's form will do as well.

    Raises CredentialError for a file that is damaged, or not to be trusted.
    """
    document = _document(path, named)
    if named and _is_pixis(document):
        return list(_translated(document, path))
    if document["version"] != VERSION:
        raise private.unusable(path, "another version of authpip wrote it", "upgrade authpip")
    listed = document["logins"]
    if not isinstance(listed, list) or not all(isinstance(entry, dict) for entry in listed):
        raise damaged(path)
    return listed


def write(path: str, entries: list[dict[str, Any]], *, named: bool) -> None:
    """Replace the entries. Call it under private_file.locked. Raises CredentialError where that is not possible."""
    _refuse_pixis(path, named=named)
    text = json.dumps({"version": VERSION, "logins": entries}, indent=1, ensure_ascii=False)
    private.write(path, text.encode() + b"\n")


def try_out(path: str, *, named: bool) -> None:
    """See that `write` would succeed. Call it under private_file.locked. Raises CredentialError as `write` does."""
    _refuse_pixis(path, named=named)
    private.try_out(path)


def damaged(path: str) -> CredentialError:
    """The error for a file that is not in this form."""
    return private.unusable(path, "it is damaged", f"move it away ({path}) and log in again")


def _document(path: str, named: bool) -> dict[str, Any]:
    content = private.read_named(path) if named else private.read(path)
    if content is None:
        return {"version": VERSION, "logins": []}
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        raise damaged(path) from None
    if isinstance(document, dict) and (document.keys() >= {"version", "logins"} or (named and _is_pixis(document))):
        return document
    raise damaged(path)


def _refuse_pixis(path: str, *, named: bool) -> None:
    if named and _is_pixis(_document(path, named)):
        raise private.unusable(path, "it is in pixi's form, which authpip only reads", "use pixi", "written")


def _is_pixis(document: Mapping[str, Any]) -> bool:
    return "logins" not in document and all(isinstance(value, dict) for value in document.values())


def _translated(document: Mapping[str, Any], path: str) -> Iterator[dict[str, Any]]:
    """pixi's entries in our form; those for conda and S3 are not for an index."""
    for host, value in document.items():
        if login := pixi.login_of(value):
            url = host if host.startswith("*.") else f"https://{host}/"
            fields = {"username": login.username, "scheme": login.scheme, "secret": login.secret.expose()}
            yield {"url": url, **fields}
        elif value.keys() & pixi.KINDS:
            raise damaged(path)
