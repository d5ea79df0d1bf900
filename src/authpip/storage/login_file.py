"""The form of a file of logins: {"version": 1, "logins": [{"url": …, "username": …, …}]}.

A file that the user names (AUTHPIP_AUTH_FILE) may have another tool's form: see foreign_logins.py.
"""

from __future__ import annotations

import json
from typing import Any

from authpip.core.errors import CredentialError
from authpip.files import private
from authpip.storage.foreign_logins import form_of

VERSION = 1


def read(path: str, *, named: bool) -> list[dict[str, Any]]:
    """The raw entries of a file; none if there is no file. named: the user named it, so another tool's form is allowed.

    Raises CredentialError for a file that is damaged or not trusted.
    """
    content = _content(path, named)
    if content is None:
        return []
    if named and (form := form_of(content)):
        return list(form.entries(content, path))
    return _own_entries(content, path)


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


def _content(path: str, named: bool) -> bytes | None:
    return private.read_named(path) if named else private.read(path)


def _own_entries(content: bytes, path: str) -> list[dict[str, Any]]:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        raise damaged(path) from None
    if not isinstance(document, dict) or not document.keys() >= {"version", "logins"}:
        raise damaged(path)
    if document["version"] != VERSION:
        raise private.unusable(path, "another version of authpip wrote it", "upgrade authpip")
    listed = document["logins"]
    if not isinstance(listed, list) or not all(isinstance(entry, dict) for entry in listed):
        raise damaged(path)
    return listed


def _refuse_foreign(path: str, *, named: bool) -> None:
    """Raise CredentialError for a file in another tool's form, and for a damaged one."""
    content = _content(path, named)
    if content is None:
        return
    if named and (form := form_of(content)):
        raise private.unusable(path, f"it is in {form.name}, which authpip only reads", f"use {form.tool}", "written")
    _own_entries(content, path)
