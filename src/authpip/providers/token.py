"""A token in an environment variable that a rule names: `[index.token] variable = "GITLAB_TOKEN"`.

The user name that goes with it is the service's own where the URL shows which service it is (services.py).
"""

from __future__ import annotations

from authpip.config.settings import Rule
from authpip.core.credential import Credential, Secret
from authpip.core.errors import CredentialError
from authpip.core.text_forms import variable_name
from authpip.providers.base import NONE, Request

NAME = "token"
HOSTS = SOURCE_VARIABLES = NONE
OPTIONS = ("variable",)
RENEW = "renew the token in the variable that the rule names"


def find(request: Request) -> Credential | None:
    """The value of the rule's variable. Raises CredentialError if that variable is not set."""
    variable, rule = request.option(NAME, "variable"), request.rule
    if not variable or rule is None:
        return None
    value = request.environ.get(variable_name(variable), "").strip()
    if not value:
        why = f"the rule {rule.name!r} ({rule.configured_in}) takes its token from there"
        raise CredentialError(f"{variable} is not set", why, f"export {variable}=…")
    username = request.index.username or rule.username
    if username is None:
        from authpip.providers import services

        username = services.token_user(request.index.scope) or "__token__"
    return Credential(username, Secret(value), NAME, f"${variable}", scheme=rule.scheme)


def owns(request: Request) -> bool:
    """True if the rule names a variable."""
    return request.option(NAME, "variable") is not None


def source_variables(rule: Rule) -> tuple[str, ...]:
    """The variable that the rule names."""
    variable = rule.options.get(NAME, {}).get("variable")
    return (variable_name(variable),) if variable else ()
