"""pixi's and rattler's credentials.json: `{"*.prefix.dev": {"BearerToken": "…"}, "host": {"BasicHTTP": {…}}}`."""

from __future__ import annotations

import os
from typing import Any

from authpip.config.host_patterns import host_matches
from authpip.core.credential import Credential, Secret
from authpip.core.errors import CredentialError
from authpip.files import pixi, trusted, user_dirs
from authpip.providers.base import NONE, Request, no_variables
from authpip.providers.clouds import s3_bucket

NAME = "rattler"
HOSTS = SOURCE_VARIABLES = NONE
OPTIONS = ("file",)
RENEW = "type: pixi auth login"
source_variables = no_variables


def find(request: Request) -> Credential | None:
    """The entry for the index's host: an exact one, else the longest wildcard; `s3://BUCKET` for its bucket."""
    path = file_path(request)
    if not os.path.isfile(path):
        return None
    file, entries = _entries(path)
    credential = _s3(entries, request) or _by_host(entries, request.index.scope.host)
    if credential is None or request.other_user(credential.username):
        return None
    if refusal := trusted.readable_by_others(file):
        raise CredentialError(f"{path} is not used for {request.index.scope.host}", refusal.why, refusal.remedy)
    return credential


def owns(request: Request) -> bool:
    """False: the file belongs to another tool."""
    return False


def file_path(request: Request) -> str:
    """The path of the file, by the rule, by RATTLER_AUTH_FILE, or rattler's default."""
    default = os.path.join(user_dirs.home(request.environ), ".rattler", "credentials.json")
    named = request.option(NAME, "file") or request.environ.get("RATTLER_AUTH_FILE", "")
    return named if os.path.isabs(named) else default


def _credential_of(entry: object) -> Credential | None:
    login = pixi.login_of(entry)
    return Credential(login.username, login.secret, NAME, login.username, login.scheme) if login else None


def _by_host(entries: dict[str, Any], host: str) -> Credential | None:
    matching = sorted((name for name in entries if host_matches(name.lower(), host)), key=_rank)
    return next(filter(None, (_credential_of(entries[name]) for name in matching)), None)


def _s3(entries: dict[str, Any], request: Request) -> Credential | None:
    """`s3://BUCKET` entries serve Amazon's own hosts, which name the region."""
    region = s3_bucket.region_of(request.index.scope)
    entry = entries.get(f"s3://{s3_bucket.bucket_of(request.index.scope)}") if region else None
    held = entry.get("S3Credentials") if isinstance(entry, dict) else None
    if not isinstance(held, dict) or not region:
        return None
    key, secret, token = (held.get(name) for name in ("access_key_id", "secret_access_key", "session_token"))
    if not isinstance(key, str) or not isinstance(secret, str) or not isinstance(token, (str, type(None))):
        return None
    keys = s3_bucket.Keys(key, Secret(secret), Secret(token) if token else None)
    return Credential(key, s3_bucket.pack(keys, region), NAME, key, "s3")


def _entries(path: str) -> tuple[trusted.OwnFile, dict[str, Any]]:
    import json

    try:
        file = trusted.read(path)
        entries = json.loads(file.text) if file and file.text.strip() else {}
    except OSError as error:
        why = error.strerror or str(error)
        raise CredentialError(f"{path} cannot be read", why, "correct it, or move it away") from None
    except (ValueError, RecursionError):
        file, entries = None, None  # the error of json may quote the file
    if file is None or not isinstance(entries, dict):
        raise CredentialError(
            f"{path} cannot be read", "it is not a JSON object in UTF-8", "correct it, or move it away"
        )
    return file, entries


def _rank(pattern: str) -> tuple[bool, int]:
    return pattern.startswith("*"), -len(pattern)
