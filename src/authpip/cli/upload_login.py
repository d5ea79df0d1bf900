"""Logins for uploads to PyPI: tokens alone, whose scope is read from the token, for nothing there can be asked."""

from __future__ import annotations

import time

from authpip.cli.pypi_token import HOSTS, TokenScope, describe, normal
from authpip.core.credential import Secret
from authpip.core.errors import UsageError
from authpip.core.index import Scope
from authpip.storage.logins import Login


def is_upload(scope: Scope | None) -> bool:
    """True for https://upload.pypi.org/legacy/ and https://test.pypi.org/legacy/."""
    return scope is not None and scope.host in HOSTS and scope.path == "/legacy/" and scope.scheme == "https"


def examined(login: Login, scope: Scope, secret: Secret, project: str | None) -> tuple[Login, str]:
    """The login with what its token says of itself (projects, end), and a line about that.

    project: the one the user wants it for. Raises UsageError for a token that cannot serve.
    """
    token = describe(secret)
    _refuse_useless(token, HOSTS[scope.host], project)
    projects = (normal(project),) if project else token.projects
    name = login.name or (projects[0] if len(projects) == 1 else "")
    note = f"by its own words the token is {token}; PyPI was not asked"
    if token.whole_account:
        note += ". Whoever gets it can upload to all of your projects: better make one for each project"
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
    if project and token.projects and normal(project) not in token.projects:
        raise UsageError(f"this token is {token}", f"it is not for {project}", "make one for that project")
