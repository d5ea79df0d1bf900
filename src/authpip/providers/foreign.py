"""Entries of other tools in the OS keyring: those of `keyring set URL USER`, pip, uv and twine.

authpip reads them only if a rule says so, or after an index has answered 401: a public index never unlocks anything.
"""

from __future__ import annotations

from authpip.core.console import debug
from authpip.core.credential import Credential
from authpip.core.errors import CredentialError
from authpip.core.index import Index
from authpip.providers.base import LOGIN, NONE, Request, no_variables

NAME = "foreign"
HOSTS = OPTIONS = SOURCE_VARIABLES = NONE
RENEW = LOGIN
source_variables = no_variables
_RULES = {NAME, "keyring"}


def find(request: Request) -> Credential | None:
    """An entry under the index URL, with or without its final slash, or under the host."""
    asked = request.rule is not None and request.rule.provider in _RULES
    if request.environ.get("AUTHPIP_AUTH_FILE") or not (asked or request.fresh):
        return None
    from authpip.storage import keyring_client

    username = request.index.username or (request.rule.username if request.rule else None)
    ask = keyring_client.KeyringCall(request.environ, request.deadline, request.interactive)
    try:
        found = keyring_client.find(service_names(request.index), username, "", ask)
    except CredentialError as error:
        if asked:
            raise
        debug(f"no foreign keyring entry: {error}")
        return None
    return Credential(found[0], found[1], NAME, found[0]) if found else None


def owns(request: Request) -> bool:
    """False: only the keyring knows, and asking it may unlock it."""
    return False


def service_names(index: Index) -> list[str]:
    """The names that pip (index URL, then host and port), uv and twine (the URL as given) use."""
    bare = index.url.rstrip("/")
    return list(dict.fromkeys((index.url, bare, bare + "/", index.scope.netloc)))
