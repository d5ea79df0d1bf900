"""AUTHPIP_INDEX_<NAME>_USERNAME and _PASSWORD, for the rule of that name."""

from __future__ import annotations

from authpip.core.credential import Credential, Secret
from authpip.core.errors import CredentialError
from authpip.providers.base import NONE, Request, no_variables

NAME = "env"
HOSTS = OPTIONS = SOURCE_VARIABLES = NONE
RENEW = "correct {prefix}PASSWORD"
source_variables = no_variables
DEFAULT_USERNAME = "__token__"  # what most indexes take with a token, PyPI first


def owns(request: Request) -> bool:
    """True where one of the rule's variables is there."""
    return any(variable in request.environ for variable in _variables(request))


def find(request: Request) -> Credential | None:
    """The pair of variables. Raises CredentialError for half a pair, as an unset CI secret leaves it."""
    if not owns(request) or request.rule is None:
        return None
    username_variable, password_variable = _variables(request)
    password = request.environ.get(password_variable, "")
    if not password:
        state = "empty" if password_variable in request.environ else "not set"
        raise CredentialError(
            f"no credential for {request.index.scope}",
            f"{password_variable} is {state}",
            "give it a value, or unset both variables of this index",
        )
    username = request.environ.get(username_variable) or request.rule.username or request.index.username
    username = username or DEFAULT_USERNAME
    return Credential(username, Secret(password), NAME, username, request.rule.scheme)


def _variables(request: Request) -> tuple[str, ...]:
    prefix = request.rule.variable_prefix if request.rule else None
    return (prefix + "USERNAME", prefix + "PASSWORD") if prefix else ()
