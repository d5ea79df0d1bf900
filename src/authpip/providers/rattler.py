"""pixi's and rattler's credentials.json: `{"*.prefix.dev": {"BearerToken": "…"}, "host": {"BasicHTTP": {…}}}`."""

from __future__ import annotations

import os
from typing import Any

from authpip import own_files, places
from authpip.credential import Credential, Secret
from authpip.errors import CredentialError
from authpip.providers.base import Request
from authpip.settings import host_matches

NAME = "rattler"


def find(request: Request) -> Credential | None:
    """The entry for the index's host: an exact one, else the longest wildcard. Conda and S3 entries are not ours."""
    path = file_path(request)
    if not os.path.isfile(path):
        return None
    file, entries = _entries(path)
    host = request.index.scope.host
    for pattern in sorted((name for name in entries if host_matches(name.lower(), host)), key=_rank):
        credential = credential_of(entries[pattern])
        if credential is None:
            continue
        if request.other_user(credential.username):
            return None
        if refusal := own_files.readable_by_others(file):
            raise CredentialError(f"{path} is not used for {host}", refusal.why, refusal.remedy)
        return credential
    return None


def owns(request: Request) -> bool:
    """Never: the file is another tool's."""
    return False


def file_path(request: Request) -> str:
    """RATTLER_AUTH_FILE, or where rattler keeps it."""
    default = os.path.join(places.home(request.environ), ".rattler", "credentials.json")
    named = request.option(NAME, "file") or request.environ.get("RATTLER_AUTH_FILE", "")
    return named if os.path.isabs(named) else default


def credential_of(entry: object) -> Credential | None:
    """The credential that one value of the file holds; None for kinds that no index takes, or that are malformed."""
    if not isinstance(entry, dict):
        return None
    token, basic = entry.get("BearerToken"), entry.get("BasicHTTP")
    if isinstance(token, str) and token:
        return Credential("", Secret(token), NAME, scheme="bearer")
    if isinstance(basic, dict) and isinstance(basic.get("username"), str) and isinstance(basic.get("password"), str):
        return Credential(basic["username"], Secret(basic["password"]), NAME, basic["username"])
    return None


def _entries(path: str) -> tuple[own_files.OwnFile, dict[str, Any]]:
    import json

    try:
        file = own_files.read(path)
        entries = json.loads(file.text) if file and file.text.strip() else {}
    except (OSError, ValueError, RecursionError):
        file, entries = None, None  # what json says may quote the file
    if file is None or not isinstance(entries, dict):
        raise CredentialError(
            f"{path} cannot be read", "it is not a JSON object in UTF-8", "correct it, or move it away"
        )
    return file, entries


def _rank(pattern: str) -> tuple[bool, int]:
    return pattern.startswith("*"), -len(pattern)
