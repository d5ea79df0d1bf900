"""The store of a login: which one it is, whether it can be written, and how a secret is written to it."""

from __future__ import annotations

import time
from argparse import Namespace
from collections.abc import Mapping

from authpip.cli import prompt
from authpip.config.settings import Settings
from authpip.core.console import say, spinner
from authpip.core.credential import Secret
from authpip.core.errors import CredentialError
from authpip.storage import keyring_client, logins
from authpip.storage.keyring_client import KeyringCall
from authpip.storage.logins import Login

_BY_FILE = "--insecure-storage, which stores the secret in a file that only you can read"


def storage_of(options: Namespace, settings: Settings, environ: Mapping[str, str]) -> str:
    """ "keyring" or "file", as --insecure-storage, the settings and AUTHPIP_AUTH_FILE say."""
    by_file = options.insecure_storage or settings.storage == "file" or environ.get(logins.AUTH_FILE)
    return "file" if by_file else "keyring"


def keyring_call(environ: Mapping[str, str], settings: Settings) -> KeyringCall:
    """The surroundings of a call to the OS keyring; its deadline begins now."""
    return KeyringCall(environ, time.monotonic() + settings.timeout, prompt.is_there())


def try_out(storage: str, ask: KeyringCall) -> str:
    """Store, read and delete a test secret, so that nobody types a secret that cannot be stored.

    Returns the keyring's backend, "" for a file. Raises CredentialError with the alternatives.
    """
    try:
        logins.try_out(ask.environ, storage)
    except CredentialError as error:
        remedy = f"{error.remedy}, or set {logins.AUTH_FILE} to a file elsewhere"
        raise CredentialError(f"no login can be stored: {error.what}", error.why, remedy) from None
    if storage == "file":
        return ""
    try:
        with spinner("authpip: trying to store a secret"):
            return keyring_client.try_out(ask)
    except CredentialError as error:
        way_out = "" if "--insecure-storage" in error.remedy else f", or log in with {_BY_FILE}"
        remedy = f"{error.remedy}{way_out}, or set {logins.AUTH_FILE} to such a file"
        raise CredentialError(f"no login can be stored: {error.what}", error.why, remedy) from None


def keep(login: Login, secret: Secret, ask: KeyringCall) -> None:
    """Store the secret, then the login: an interruption in between leaves no login without a secret."""
    before = [old for old in present(ask.environ) if old.key == login.key]
    if login.storage == "file":
        logins.add(ask.environ, login, secret.expose())
    else:
        keyring_client.store(login.services, login.username, secret, login.backend, ask)
        logins.add(ask.environ, login)
    for old in before:
        _forget_elsewhere(old, login, ask)


def present(environ: Mapping[str, str]) -> tuple[Login, ...]:
    """The logins of this user's own list; none if AUTHPIP_AUTH_FILE replaces the list."""
    named = environ.get(logins.AUTH_FILE)
    return () if named else logins.load(environ)


def where(login: Login, environ: Mapping[str, str]) -> str:
    """The place of the secret, in words for a message."""
    if login.storage == "keyring":
        return f"in the OS keyring ({keyring_client.short_name(login.backend)})"
    return f"in {logins.secrets_path(environ)}, not encrypted, readable by you alone"


def _forget_elsewhere(old: Login, new: Login, ask: KeyringCall) -> None:
    """Delete the secrets of a replaced login under names, or in a keyring, that the new login does not use."""
    same = old.backend == new.backend
    services = [service for service in old.services if not (same and service in new.services)]
    if old.storage == "keyring" and services:
        try:
            keyring_client.delete(services, old.username, old.backend, ask)
        except CredentialError as error:
            say(f"the earlier secret for {old.url} is still in the keyring: {error}")
