"""The scope of a PyPI API token, read from the token itself.

A token is `pypi-` and a macaroon (version 2, binary, base64url): fields of (type, length, bytes), of which the caveats
are public JSON. Source of the caveats: warehouse/macaroons/caveats. Only PyPI can verify a token.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, NamedTuple

from authpip.core.credential import Secret
from authpip.core.errors import UsageError
from authpip.core.index import Scope
from authpip.core.text_forms import project_name
from authpip.storage.logins import Login

PREFIX = "pypi-"
HOSTS = {"upload.pypi.org": "pypi.org", "test.pypi.org": "test.pypi.org"}
_END, _LOCATION, _IDENTIFIER, _SIGNATURE = 0, 1, 2, 6
_EXPIRATION, _NAMES, _IDS, _USER, _PUBLISHER = range(5)


class TokenScope(NamedTuple):
    """What a token may be used for.

    location: "pypi.org" or "test.pypi.org". projects: normalised names; () if the token names projects by number only
    (`by_number`), or is for the whole account. expires: POSIX seconds.
    """

    location: str
    projects: tuple[str, ...] = ()
    by_number: bool = False
    publisher: bool = False
    expires: float | None = None

    @property
    def whole_account(self) -> bool:
        """True if no caveat limits the token to a project."""
        return not (self.projects or self.by_number or self.publisher)

    def __str__(self) -> str:
        if self.projects:
            return f"for {', '.join(self.projects)} on {self.location}"
        if self.by_number:
            return f"for one project (by its number) on {self.location}"
        return f"{'of a trusted publisher' if self.publisher else 'for the whole account'} on {self.location}"


def describe(token: Secret) -> TokenScope:
    """The scope in a token's caveats. Raises UsageError if it is not an API token; the message quotes nothing of it."""
    from base64 import urlsafe_b64decode

    text = token.expose()
    body = text.removeprefix(PREFIX)
    try:
        if body == text or not body.isascii():
            raise ValueError
        fields = list(_fields(urlsafe_b64decode(body + "=" * (-len(body) % 4))))
        location = next(value for kind, value in fields if kind == _LOCATION).decode()
        caveats = [_loads(value) for kind, value in fields if kind == _IDENTIFIER][1:]
        if not location.isprintable() or not any(kind == _SIGNATURE for kind, _ in fields):
            raise ValueError
    except (ValueError, IndexError, StopIteration):
        remedy = "make one under Account settings → API tokens; PyPI takes no passwords"
        raise UsageError("this is not a PyPI API token", f"a whole token begins with {PREFIX}AgE", remedy) from None
    scope = TokenScope(location)
    for caveat in caveats:
        scope = _narrowed(scope, caveat)
    return scope


def _fields(data: bytes) -> Iterator[tuple[int, bytes]]:
    """(type, value) of each field; an end mark has neither length nor value. Raises ValueError, IndexError."""
    if data[0] != 2:
        raise ValueError
    offset = 1
    while offset < len(data):
        kind, offset = _number(data, offset)
        if kind == _END:
            continue
        size, offset = _number(data, offset)
        if offset + size > len(data):
            raise ValueError
        yield kind, data[offset : offset + size]
        offset += size


def _number(data: bytes, offset: int) -> tuple[int, int]:
    """(an unsigned LEB128 number, the offset after it)."""
    value = shift = 0
    while True:
        byte = data[offset]
        value |= (byte & 0x7F) << shift
        offset, shift = offset + 1, shift + 7
        if byte < 0x80 or shift > 63:
            return value, offset


def _loads(caveat: bytes) -> Any:
    import json

    try:
        return json.loads(caveat)
    except (ValueError, RecursionError):
        return None  # the macaroon's own identifier, or a caveat of a later kind


def _narrowed(scope: TokenScope, caveat: Any) -> TokenScope:
    """The scope with one caveat added: a list that begins with its kind, or an object of the older form."""
    if isinstance(caveat, dict):
        permissions = caveat.get("permissions")
        if isinstance(permissions, dict):
            return scope._replace(projects=_names(permissions.get("projects")))
        return _ending(scope, caveat.get("exp"))
    if not isinstance(caveat, list) or len(caveat) < 2:
        return scope
    if caveat[0] == _NAMES:
        return scope._replace(projects=_names(caveat[1]))
    if caveat[0] == _EXPIRATION:
        return _ending(scope, caveat[1])
    return scope._replace(
        by_number=scope.by_number or caveat[0] == _IDS, publisher=scope.publisher or caveat[0] == _PUBLISHER
    )


def _names(value: Any) -> tuple[str, ...]:
    return tuple(project_name(name) for name in value if isinstance(name, str)) if isinstance(value, list) else ()


def _ending(scope: TokenScope, moment: Any) -> TokenScope:
    is_number = isinstance(moment, (int, float)) and not isinstance(moment, bool)
    return scope._replace(expires=float(moment)) if is_number else scope


def is_upload(scope: Scope | None) -> bool:
    """True for https://upload.pypi.org/legacy/ and https://test.pypi.org/legacy/."""
    return scope is not None and scope.host in HOSTS and scope.path == "/legacy/" and scope.scheme == "https"


def examine(login: Login, scope: Scope, secret: Secret, project: str | None) -> tuple[Login, str]:
    """(the login with the projects and end of its token, a line about the token).

    project: the one that the user wants the token for. Raises UsageError if the token cannot be used for it.
    """
    token = describe(secret)
    _refuse_useless(token, HOSTS[scope.host], project)
    projects = (project_name(project),) if project else token.projects
    name = login.name or (projects[0] if len(projects) == 1 else "")
    note = f"the token itself says that it is {token}; PyPI was not asked"
    if token.whole_account:
        note += ". Anyone who gets it can upload to all of your projects: make one token for each project instead"
    elif not projects:
        note += ". With --project NAME authpip knows when to use it"
    return login._replace(projects=projects, name=name, expires=token.expires), note


def _refuse_useless(token: TokenScope, location: str, project: str | None) -> None:
    if token.location != location:
        known = [
            f"type: authpip auth login https://{host}/legacy/" for host, at in HOSTS.items() if at == token.location
        ]
        raise UsageError(f"this token is {token}", f"{location} does not know it", "".join(known))
    if token.expires is not None and token.expires <= time.time():
        raise UsageError("this token has expired", "", "make a new one under Account settings → API tokens")
    if project and token.projects and project_name(project) not in token.projects:
        raise UsageError(f"this token is {token}", f"it is not for {project}", "make one for that project")
