"""Chainguard Libraries: `chainctl auth token --audience=libraries.cgr.dev` prints the token."""

from __future__ import annotations

from authpip.core.credential import Credential
from authpip.programs import secret_output
from authpip.programs.search_path import find_program
from authpip.providers.base import NONE, Request, no_variables

NAME = "chainguard"
OPTIONS = SOURCE_VARIABLES = NONE
RENEW = "type: chainctl auth login"
source_variables = no_variables
HOST = "libraries.cgr.dev"
HOSTS = (f"https://{HOST}/",)


def find(request: Request) -> Credential | None:
    """A token for the libraries' host, or for an index whose rule names this provider."""
    asked = request.rule is not None and request.rule.provider == NAME
    if not asked and not (owns(request) and find_program("chainctl", request.environ)):
        return None  # the user may have a pull token in a login or a .netrc
    argv = ("chainctl", "auth", "token", f"--audience={HOST}")
    secret = secret_output.secret(argv, request.environ, "chainctl", deadline=request.deadline)
    return Credential("_token", secret, NAME, "chainctl")


def owns(request: Request) -> bool:
    """True for the libraries' host, which answers no request without a token."""
    scope = request.index.scope
    return (scope.scheme, scope.host, scope.port) == ("https", HOST, 443)
