"""~/.pypirc, parsed: sections with a repository, a user name, and a password or the command that prints it."""

from __future__ import annotations

from typing import NamedTuple

from authpip.core.credential import Secret
from authpip.core.errors import CredentialError
from authpip.core.index import RefusedURL, Scope, parse_scope

DEFAULTS = {"pypi": "https://upload.pypi.org/legacy/", "testpypi": "https://test.pypi.org/legacy/"}
# The last segment of the path, by which the upload and the download URL of one server differ.
_SIDES = ("legacy", "simple", "+simple", "upload")


class Section(NamedTuple):
    """One server. base: the scope of its indexes; None if only `host` ("name" or "name:port", any path) is known."""

    name: str
    base: Scope | None
    host: str
    username: str
    password: Secret | None
    command: str

    def serves(self, scope: Scope) -> bool:
        """True if the index belongs to this server, by the scope of its repository or by its host."""
        if self.base is not None:
            return self.base.covers(scope)
        return bool(self.host) and self.host.lower() in {scope.host, f"{scope.host}:{scope.port}"}


def parse(text: str, path: str = ".pypirc") -> list[Section]:
    """The sections that name a server. Raises CredentialError, which quotes no content, for a malformed text."""
    from configparser import Error, RawConfigParser

    parser = RawConfigParser(strict=False)
    try:
        parser.read_string(text)
    except (Error, ValueError) as error:
        line = getattr(error, "lineno", None)
        where = f"{path}:{line}" if line else path
        raise CredentialError(f"{where} cannot be read", "it is not in the form of a .pypirc", "correct it") from None
    return [_section(name, dict(parser[name])) for name in parser.sections() if name != "distutils"]


def _section(name: str, values: dict[str, str]) -> Section:
    repository = values.get("repository", "").strip() or DEFAULTS.get(name, "")
    password = values.get("password", "")
    try:
        base, host = (_base(repository), "") if "//" in repository else (None, repository)
    except RefusedURL:
        base, host = None, ""
    if not repository:
        host = values.get("trusted-host", "").strip()
    command = values.get("password-command", "").strip()
    return Section(
        name, base, host, values.get("username", "").strip(), Secret(password) if password else None, command
    )


def _base(repository: str) -> Scope:
    """The scope of a server's repository without the segment that tells uploads from downloads.

    PyPI's upload URL stays unchanged: downloads from PyPI need no token.
    """
    scope = parse_scope(repository)
    if repository in DEFAULTS.values():
        return scope
    segments = scope.path.strip("/").split("/")
    if segments[-1] in _SIDES:
        segments.pop()
    return scope._replace(path="/".join(["", *segments, ""]) if segments and segments != [""] else "/")
