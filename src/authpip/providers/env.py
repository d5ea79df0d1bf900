"""AUTHPIP_INDEX_<NAME>_USERNAME and _PASSWORD, or files that _USERNAME_FILE and _PASSWORD_FILE name, for the rule of
that name."""

from __future__ import annotations

import os

from authpip.config.rule_variables import CREDENTIALS
from authpip.core.credential import Credential, Secret
from authpip.core.errors import CredentialError
from authpip.files import private
from authpip.providers.base import NONE, Request, no_variables

NAME = "env"
HOSTS = OPTIONS = SOURCE_VARIABLES = NONE
RENEW = "correct {prefix}PASSWORD"
source_variables = no_variables
DEFAULT_USERNAME = "__token__"  # what most indexes take with a token, PyPI first


def owns(request: Request) -> bool:
    """True if one of the rule's variables is set, even to an empty text."""
    return any(variable in request.environ for variable in _variables(request))


def find(request: Request) -> Credential | None:
    """The user name and password of the variables. Raises CredentialError without a password (such as an unset CI
    secret), and for a file that is empty, missing, or open to other users."""
    if not owns(request) or request.rule is None:
        return None
    password_variable = request.rule.variable_prefix + "PASSWORD"
    password = _value(request, password_variable)
    if not password:
        state = "empty" if password_variable in request.environ else "not set"
        raise CredentialError(
            f"no credential for {request.index.scope}",
            f"{password_variable} is {state}",
            f"give it a value, name a file in {password_variable}_FILE, or unset the variables of this index",
        )
    locked = request.rule.username if request.rule.locked else None
    username = locked or _value(request, request.rule.variable_prefix + "USERNAME")
    username = username or request.rule.username or request.index.username or DEFAULT_USERNAME
    return Credential(username, Secret(password), NAME, username, request.rule.scheme)


def _variables(request: Request) -> tuple[str, ...]:
    prefix = request.rule.variable_prefix if request.rule else None
    return tuple(prefix + suffix for suffix in CREDENTIALS) if prefix else ()


def _value(request: Request, variable: str) -> str:
    """The value of a variable, or the content of the file that VARIABLE_FILE names; "" if neither is set."""
    value, path = request.environ.get(variable, ""), request.environ.get(f"{variable}_FILE", "")
    if not path:
        return value
    what = f"no credential for {request.index.scope}"
    if value:
        raise CredentialError(what, f"both {variable} and {variable}_FILE are set", "unset one of the two")
    if not os.path.isabs(path):
        raise CredentialError(what, f"{variable}_FILE is relative to wherever pip is run", "write its absolute path")
    content = private.read_named(path)
    if content is None:
        raise CredentialError(what, f"{variable}_FILE names a file that is not there: {path}", "correct the variable")
    text = content.decode()
    text = text[:-2] if text.endswith("\r\n") else text.removesuffix("\n")
    if not text:
        raise CredentialError(what, f"{path} is empty ({variable}_FILE)", "write the secret into it")
    return text
