"""pixi's and rattler's credentials.json: {"host or *.host": {"BearerToken": …} | {"BasicHTTP": {username, password}}}.

Written by `pixi auth login` (rattler_networking, authentication_storage).
"""

from __future__ import annotations

from typing import NamedTuple

from authpip.core.credential import Secret

KINDS = frozenset({"BearerToken", "BasicHTTP"})
"""The keys of entries that an index can use."""


class Login(NamedTuple):
    """The content of one entry. scheme: "basic", or "bearer" with an empty user name."""

    scheme: str
    username: str
    secret: Secret


def login_of(entry: object) -> Login | None:
    """The login in one entry of the file; None for a malformed entry and for kinds that no index uses."""
    if not isinstance(entry, dict):
        return None
    token, basic = entry.get("BearerToken"), entry.get("BasicHTTP")
    if isinstance(token, str) and token:
        return Login("bearer", "", Secret(token))
    if isinstance(basic, dict) and isinstance(basic.get("username"), str) and isinstance(basic.get("password"), str):
        return Login("basic", basic["username"], Secret(basic["password"]))
    return None
