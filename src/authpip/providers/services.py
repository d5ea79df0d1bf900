"""The hosting services by the form of their URLs, with the user name that each expects beside a token."""

from __future__ import annotations

import re
from typing import NamedTuple

from authpip.core.credential import Credential, Secret
from authpip.core.index import Scope


class Service(NamedTuple):
    """host and path: regular expressions for the whole host and the beginning of the path."""

    name: str
    host: str
    path: str
    token_user: str


_ANY = r".+"
SERVICES = (
    Service("PyPI", r"upload\.pypi\.org|test\.pypi\.org", r"/legacy/", "__token__"),
    Service("Cloudsmith", r"(dl|python)\.cloudsmith\.io", r"/", "token"),
    Service("Chainguard", r"libraries\.cgr\.dev", r"/", "_token"),
    Service("Gemfury", r"pypi\.fury\.io", r"/", "__token__"),  # a stand-in: see as_sent
    Service("Azure Artifacts", r"pkgs\.dev\.azure\.com|[a-z0-9-]+\.pkgs\.visualstudio\.com", r"/", "VssSessionToken"),
    Service("GitLab", _ANY, r"/api/v4/(projects|groups)/.+/packages/pypi/", "__token__"),
    Service("Posit Package Manager", _ANY, r"/(__linux__/[^/]+/)?[^/]+/(latest|\d{4}-\d\d-\d\d)/simple/", "__token__"),
)


def service(scope: Scope) -> Service | None:
    """The service by the form of the URL; None if it is not known."""
    for known in SERVICES:
        if re.fullmatch(known.host, scope.host) and re.match(known.path, scope.path):
            return known
    return None


def token_user(scope: Scope) -> str | None:
    """The user name that the service expects beside a token; None if it expects the account's own."""
    known = service(scope)
    return known.token_user if known else None


def as_sent(credential: Credential, scope: Scope) -> Credential:
    """The credential in the form that its service expects: Gemfury takes a token as the user name, with no password."""
    stands_in = credential.scheme == "basic" and credential.username in {"", "__token__", "token"}
    if scope.host != "pypi.fury.io" or not stands_in:
        return credential
    return credential._replace(username=credential.secret.expose(), secret=Secret(""), identity="")
