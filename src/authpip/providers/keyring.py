"""Stored logins: `authpip auth login` stores them in the OS keyring or in the user's file."""

from __future__ import annotations

from authpip.core.credential import Credential, Secret
from authpip.core.errors import CredentialError
from authpip.providers.base import LOGIN, NONE, Request, no_variables
from authpip.storage import keyring_client, logins
from authpip.storage.keyring_client import KeyringCall
from authpip.storage.logins import Login

NAME = "keyring"
HOSTS = SOURCE_VARIABLES = NONE
OPTIONS = ("name",)
RENEW = LOGIN
source_variables = no_variables


def find(request: Request) -> Credential | None:
    """The stored login for this index; None if there is none. Raises CredentialError if its secret cannot be read."""
    login = _login(request)
    if login is None:
        return None
    secret = secret_of(login, KeyringCall(request.environ, request.deadline, request.interactive))
    scheme = request.rule.scheme if request.rule and login.scheme == "basic" else login.scheme
    return Credential(login.username, secret, NAME, login.username, scheme, login.expires)


def owns(request: Request) -> bool:
    """True if there is a stored login. Raises CredentialError if the list of logins cannot be read."""
    return _login(request) is not None


def _login(request: Request) -> Login | None:
    username = request.index.username or (request.rule.username if request.rule else None) or None
    name = request.option(NAME, "name")
    index = request.index
    return logins.best(logins.load(request.environ), index.scope, username, name, index.project)


def secret_of(login: Login, ask: KeyringCall) -> Secret:
    """The secret of one stored login. Raises CredentialError if it cannot be read."""
    if login.storage == "file":
        return logins.read_secret(login, ask.environ)
    whose = f"the stored login of {login.username} for {login.url} cannot be used"
    try:
        found = keyring_client.find(login.services, login.username, login.backend, ask)
    except CredentialError as error:
        raise CredentialError(whose, ": ".join(filter(None, (error.what, error.why))), error.remedy) from None
    if found is None:
        gone = f"it is no longer in the OS keyring ({keyring_client.short_name(login.backend)})"
        raise CredentialError(whose, gone, f"type: authpip auth login {login.url}")
    return found[1]
