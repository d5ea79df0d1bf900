"""What the hosting services differ by, as data: the user name that goes with a token of theirs."""

from __future__ import annotations

import re
from typing import NamedTuple

from authpip.credential import Credential, Secret
from authpip.index import Scope


class Service(NamedTuple):
    """host and path: regular expressions for the whole host and the beginning of the path.

    token_user: the user name beside a token; None: the token itself is the user name, and there is no password.
    """

    name: str
    host: str
    path: str
    token_user: str | None


_ANY = r".+"
_STAND_INS = {"", "__token__", "token"}
SERVICES = (
    Service("PyPI", r"upload\.pypi\.org|test\.pypi\.org", r"/legacy/", "__token__"),
    Service("Cloudsmith", r"(dl|python)\.cloudsmith\.io", r"/", "token"),
    Service("Chainguard", r"libraries\.cgr\.dev", r"/", "_token"),
    Service("Gemfury", r"(pypi|pypi-proxy)\.fury\.io", r"/", None),
    Service("Azure Artifacts", r"pkgs\.dev\.azure\.com|[a-z0-9-]+\.pkgs\.visualstudio\.com", r"/", "VssSessionToken"),
    Service("GitLab", _ANY, r"/api/v4/(projects|groups)/.+/packages/pypi/", "__token__"),
    Service("Posit Package Manager", _ANY, r"/(__linux__/[^/]+/)?[^/]+/(latest|\d{4}-\d\d-\d\d)/simple/", "__token__"),
)


def service(scope: Scope) -> Service | None:
    """The service that the URL's shape shows."""
    for known in SERVICES:
        if re.fullmatch(known.host, scope.host) and re.match(known.path, scope.path):
            return known
    return None


def token_user(scope: Scope) -> str | None:
    """The user name that a token of this service goes with, None where it is the account's own."""
    known = service(scope)
    return known.token_user if known else None


def as_sent(credential: Credential, scope: Scope) -> Credential:
    """The credential as this service wants it: a token that was kept beside a stand-in may be the user name itself."""
    if credential.scheme != "basic" or credential.username not in _STAND_INS:
        return credential
    known = service(scope)
    if known is None or known.token_user is not None:
        return credential
    return credential._replace(username=credential.secret.expose(), secret=Secret(""), identity="")
