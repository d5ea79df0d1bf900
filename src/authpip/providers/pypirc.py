"""~/.pypirc: twine's file for uploads. A section also serves the download URLs of its server."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from authpip.core.credential import Credential, Secret
from authpip.core.errors import CredentialError
from authpip.files import trusted, user_dirs
from authpip.providers.base import NONE, Request, no_variables

if TYPE_CHECKING:
    from authpip.files.pypirc import Section

NAME = "pypirc"
HOSTS = SOURCE_VARIABLES = NONE
OPTIONS = ("file", "section")
RENEW = "correct it in .pypirc"
source_variables = no_variables


def find(request: Request) -> Credential | None:
    """The credential of the section with the longest matching URL. Raises CredentialError if it has no valid secret."""
    path = _path(request)
    file = _read(path) if path else None
    if file is None:
        return None
    from authpip.files.pypirc import parse

    scope, wanted = request.index.scope, request.option(NAME, "section")
    sections = [s for s in parse(file.text, file.path) if (s.serves(scope) if wanted is None else s.name == wanted)]
    sections = [s for s in sections if (s.password or s.command) and not request.other_user(s.username)]
    if not sections:
        return None
    best = max(sections, key=lambda section: len(section.base.path) if section.base else 0)
    secret = best.password or _printed(best, file, request)
    username = best.username or "__token__"
    return Credential(username, secret, NAME, username)


def owns(request: Request) -> bool:
    """False: the file belongs to another tool."""
    return False


def _path(request: Request) -> str | None:
    home = user_dirs.home(request.environ)
    named = request.option(NAME, "file") or request.environ.get("PYPIRC_PATH") or "~/.pypirc"
    path = os.path.join(home, named[2:]) if named.startswith("~/") else named
    return path if os.path.isabs(path) and os.path.isfile(path) else None


def _read(path: str) -> trusted.OwnFile | None:
    try:
        return trusted.read(path)
    except (OSError, ValueError) as error:
        why = "it is not UTF-8 text" if isinstance(error, ValueError) else error.strerror or str(error)
        raise CredentialError(f"{path} cannot be read", why, "correct it, or move it away") from None


def _printed(section: Section, file: trusted.OwnFile, request: Request) -> Secret:
    """The secret that the section's password-command prints; the command of a file that others can write is not run."""
    from authpip.programs import secret_output

    what = f"password-command of [{section.name}] in {file.path}"
    if refusal := trusted.writable_by_others(file):
        raise CredentialError(f"{what} is not run", refusal.why, refusal.remedy)
    words = secret_output.words(section.command, what)
    return secret_output.secret(words, request.environ, what, deadline=request.deadline)
