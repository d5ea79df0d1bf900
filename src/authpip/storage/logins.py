"""The list of logins: for each login its scope, its user name, and where its secret is stored.

`logins.json` in the user's data directory lists the logins whose secrets are in the OS keyring. `secrets.json` beside
it holds the logins made with --insecure-storage in the same form, with their secrets. AUTHPIP_AUTH_FILE names one such
file (or one in the form of pixi or .netrc), which replaces both. login_file.py describes the form.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from authpip.config.host_patterns import host_matches
from authpip.core.credential import Secret
from authpip.core.errors import CredentialError
from authpip.core.index import RefusedURL, Scope, parse_scope
from authpip.files import private, user_dirs
from authpip.storage import login_file

AUTH_FILE = "AUTHPIP_AUTH_FILE"
_LIST, _SECRETS = "logins.json", "secrets.json"


class Login(NamedTuple):
    """One stored login.

    url: canonical scope ("https://host[:port]/path/") or a wildcard ("*.corp.example", https only).
    scheme: "basic" or "bearer". services: the names under which the keyring keeps the secret. backend: the
    keyring's class, "keyring.backends.SecretService.Keyring". storage: "keyring" or "file". created, expires: POSIX
    seconds. name: distinguishes logins of one user for one URL. projects: the normalised names of the projects that
    the login is for (a token for uploads); () for all.
    """

    url: str
    username: str
    scheme: str = "basic"
    services: tuple[str, ...] = ()
    backend: str = ""
    storage: str = "keyring"
    created: float = 0.0
    name: str = ""
    expires: float | None = None
    projects: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str, str]:
        """A new login replaces an earlier one with the same key."""
        return self.url, self.username, self.name

    @property
    def is_wildcard(self) -> bool:
        """True for `*.corp.example`."""
        return self.url.startswith("*.")

    def serves(self, scope: Scope) -> bool:
        """True if the login is for this scope. Both texts are canonical and end in "/": whole segments match."""
        if self.is_wildcard:
            return scope.scheme == "https" and host_matches(self.url, scope.host)
        return str(scope).startswith(self.url)


def load(environ: Mapping[str, str]) -> tuple[Login, ...]:
    """All stored logins. Raises CredentialError for a list that is damaged or that another user owns."""
    named = environ.get(AUTH_FILE, "")
    if named and not os.path.exists(named):
        raise CredentialError(f"{AUTH_FILE} names a file that is not there", named, f"unset {AUTH_FILE}")
    found: dict[tuple[str, str, str], Login] = {}
    for path, storage in _files(environ):
        for entry in _entries(path, environ):
            login = parse(entry, storage, path)
            if login.key not in found or found[login.key].created <= login.created:
                found[login.key] = login
    return tuple(found.values())


def best(
    logins: Iterable[Login],
    scope: Scope,
    username: str | None = None,
    name: str | None = None,
    project: str | None = None,
) -> Login | None:
    """The login for a scope: the longest path, else the longest wildcard; among equals a login for this project, then
    one without a name, then the newest.

    username, name: only a login with these (a bearer token has no user name). project: no login for other projects.
    """
    fitting = [
        login
        for login in logins
        if (username in {None, login.username} or login.scheme == "bearer")
        and name in {None, login.name}
        and (project is None or not login.projects or project in login.projects)
        and login.serves(scope)
    ]
    return max(fitting, key=lambda login: _precision(login, project), default=None)


def first_of(logins: Iterable[Login], url: str) -> Login | None:
    """The login for this URL that `best` takes if no user name is given; None if there is none."""
    return max((login for login in logins if login.url == url), key=lambda login: _precision(login, None), default=None)


def other_users(logins: Iterable[Login], login: Login) -> list[str]:
    """The user names of further logins for the same URL, each once."""
    users = [other.username for other in logins if other.url == login.url]
    return [user for user in dict.fromkeys(users) if user != login.username]


def add(environ: Mapping[str, str], login: Login, secret: str | None = None) -> None:
    """Add a login to the list, in place of one with the same key. secret: only for storage "file"."""
    extra = {} if secret is None else {"secret": secret}
    entry = {key: value for key, value in login._asdict().items() if value not in {None, "", ()}} | extra
    _change(environ, [login.key], {login.storage: entry})


def try_out(environ: Mapping[str, str], storage: str) -> None:
    """Check that `add` can write a login of this storage. Raises CredentialError as `add` does."""
    files = _files(environ)
    with private.locked(files[0][0]):
        for path, kind in files:
            if kind == storage:
                login_file.try_out(path, named=bool(environ.get(AUTH_FILE)))


def remove(environ: Mapping[str, str], logins: Sequence[Login]) -> None:
    """Remove these logins from the list, and with storage "file" their secrets."""
    _change(environ, [login.key for login in logins], {})


def secret_entries(environ: Mapping[str, str]) -> tuple[str, list[dict[str, Any]]]:
    """The path of the file that holds the logins of storage "file", and its raw entries with their secrets."""
    path = secrets_path(environ)
    return path, _entries(path, environ)


def secrets_path(environ: Mapping[str, str]) -> str:
    """The file that holds the logins of storage "file"."""
    return _files(environ)[-1][0]


def parse(entry: Mapping[str, Any], storage: str, path: str) -> Login:
    """The login that a raw entry describes. Raises CredentialError for a malformed entry."""
    known = {key: entry[key] for key in Login._fields if key in entry}
    try:
        for key in ("services", "projects"):
            known[key] = tuple(known.get(key, ()))
        login = Login(**known | {"storage": storage})
        url = wildcard(login.url) if login.is_wildcard else str(parse_scope(login.url))
    except (TypeError, AttributeError, RefusedURL):
        raise login_file.damaged(path) from None
    texts = (login.username, login.scheme, login.backend, login.name, *login.services, *login.projects)
    times = (login.created, login.expires or 0.0)
    fits = all(isinstance(text, str) for text in texts) and all(isinstance(time, (int, float)) for time in times)
    if not fits or login.scheme not in {"basic", "bearer"}:
        raise login_file.damaged(path)
    return login._replace(url=url)


def wildcard(pattern: str) -> str:
    """`*.corp.example` in canonical form. Raises RefusedURL for a pattern that is too wide."""
    from authpip.config.host_patterns import canonical

    return canonical(pattern)


def _files(environ: Mapping[str, str]) -> list[tuple[str, str]]:
    """(path, storage) of each file that lists logins."""
    if named := environ.get(AUTH_FILE, ""):
        return [(os.path.realpath(named), "file")]
    directory = user_dirs.data_dir(environ)
    return [(os.path.join(directory, _LIST), "keyring"), (os.path.join(directory, _SECRETS), "file")]


def _entries(path: str, environ: Mapping[str, str]) -> list[dict[str, Any]]:
    return login_file.read(path, named=bool(environ.get(AUTH_FILE)))


def _change(
    environ: Mapping[str, str], gone: Sequence[tuple[str, str, str]], new: Mapping[str, dict[str, Any]]
) -> None:
    files = _files(environ)
    with private.locked(files[0][0]):
        # The new entry is written before the old one is removed: a killed process leaves both, and not neither.
        for path, storage in sorted(files, key=lambda file: file[1] not in new):
            before = _entries(path, environ)
            after = [entry for entry in before if parse(entry, storage, path).key not in gone]
            after += [new[storage]] if storage in new else []
            if after != before:
                login_file.write(path, after, named=bool(environ.get(AUTH_FILE)))


def _precision(login: Login, project: str | None) -> tuple[bool, int, bool, bool, float]:
    return not login.is_wildcard, len(login.url), project in login.projects, not login.name, login.created


def read_secret(login: Login, environ: Mapping[str, str]) -> Secret:
    """The secret of a login of storage "file". Raises CredentialError if the file no longer has it."""
    path, entries = secret_entries(environ)
    for entry in entries:
        if isinstance(entry.get("secret"), str) and parse(entry, "file", path).key == login.key:
            return Secret(entry["secret"])
    why = f"no secret of {login.username} for {login.url} is in it"
    raise private.unusable(path, why, f"type: authpip auth login {login.url}")
