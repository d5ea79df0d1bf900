"""~/.netrc: `machine HOST login USER password SECRET`, as pip and curl read it.

An entry serves its host, or HOST:PORT if it names a port. `default` entries are not used: they would send one password
to every index.
"""

from __future__ import annotations

import os

from authpip.core.console import debug
from authpip.core.credential import Credential, Secret
from authpip.core.errors import CredentialError
from authpip.files import trusted, user_dirs
from authpip.providers.base import NONE, Request, no_variables

NAME = "netrc"
HOSTS = SOURCE_VARIABLES = NONE
OPTIONS = ("file",)
RENEW = "correct it in .netrc"
source_variables = no_variables
_NAMES = (".netrc", "_netrc")


def find(request: Request) -> Credential | None:
    """The entry for the index's host. Raises CredentialError for a file with such an entry that cannot be trusted."""
    path = _path(request)
    file = _read(path) if path else None
    if file is None:
        return None
    entry = _entry(file, request)
    if entry is None or request.other_user(entry[0]):
        return None
    if refusal := trusted.readable_by_others(file):
        raise CredentialError(f"{path} is not used for {request.index.scope.netloc}", refusal.why, refusal.remedy)
    login, password = entry
    return Credential(login, Secret(password), NAME, login)


def owns(request: Request) -> bool:
    """False: an index may have an entry here and need no credential."""
    return False


def _path(request: Request) -> str | None:
    home = user_dirs.home(request.environ)
    named = request.option(NAME, "file") or request.environ.get("NETRC")
    candidates = [os.path.join(home, name) for name in _NAMES]
    if named:
        candidates = [os.path.join(home, named[2:]) if named.startswith("~/") else named]
    return next((path for path in candidates if os.path.isabs(path) and os.path.isfile(path)), None)


def _read(path: str) -> trusted.OwnFile | None:
    try:
        return trusted.read(path)
    except (OSError, ValueError) as error:
        debug(f"{path} cannot be read: {type(error).__name__}")
        return None


def _entry(file: trusted.OwnFile, request: Request) -> tuple[str, str] | None:
    """(login, password) of the index's host. A file that cannot be parsed is an error only where it names that host."""
    from authpip.files.netrc import MalformedNetrc, parse

    scope = request.index.scope
    try:
        entries = {entry.host.lower(): entry for entry in parse(file.text) if entry.host}
    except MalformedNetrc as error:
        if scope.host not in file.text.lower().split():
            return None
        where, why = f"{file.path}:{error.line} cannot be read", "it is not in the form of a .netrc"
        raise CredentialError(where, why, "correct it") from None
    entry = entries.get(f"{scope.host}:{scope.port}") or entries.get(scope.host)
    return (entry.login, entry.password) if entry and entry.password else None
