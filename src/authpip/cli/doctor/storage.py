"""The section `credentials`: the OS keyring and whether it opens, stored logins, cached tokens. No secret is read."""

from __future__ import annotations

import time
from collections.abc import Mapping

from authpip.cli.doctor.section import Section, empty
from authpip.config.settings import Settings
from authpip.core.errors import AuthpipError, CredentialError
from authpip.storage import keyring_client, logins, token_cache
from authpip.storage.keyring_client import KeyringCall
from authpip.storage.logins import Login

_NOBODY = ("authpip auth doctor", "nobody")  # a service and a user that no keyring has: the question opens it


def look(settings: Settings, environ: Mapping[str, str]) -> Section:
    """The section."""
    section = empty("credentials")
    stored = _add_logins(section, environ)
    tokens = token_cache.kept(environ)
    section.add("cached tokens", str(len(tokens)))
    ask = KeyringCall(environ, time.monotonic() + settings.timeout)
    backend = ""
    try:
        backend = keyring_client.choose(ask)
        keyring_client.find(_NOBODY[:1], _NOBODY[1], backend, ask)
        section.add("keyring", f"{keyring_client.short_name(backend)}: it opens")
    except CredentialError as error:
        section.add("keyring", error.what)
        if _is_needed(settings, stored, environ):
            section.raised(error)
    return section


def _add_logins(section: Section, environ: Mapping[str, str]) -> list[Login]:
    try:
        stored = list(logins.load(environ))
    except AuthpipError as error:
        section.raised(error)
        return []
    by_file = sum(login.storage == "file" for login in stored)
    section.add("logins", f"{len(stored) - by_file} in the keyring, {by_file} in a file")
    if environ.get(logins.AUTH_FILE):
        section.add(logins.AUTH_FILE, environ[logins.AUTH_FILE])
    return stored


def _is_needed(settings: Settings, stored: list[Login], environ: Mapping[str, str]) -> bool:
    """False if logins are stored in files, by configuration or because all are."""
    if settings.storage == "file" or environ.get(logins.AUTH_FILE):
        return False
    return not stored or any(login.storage == "keyring" for login in stored)
