"""The secrets of logins that were made with --insecure-storage: in one file that only the user can read."""

from __future__ import annotations

from collections.abc import Mapping

from authpip.core.credential import Secret
from authpip.files import private
from authpip.storage import logins
from authpip.storage.logins import Login


def read(login: Login, environ: Mapping[str, str]) -> Secret:
    """The secret of a login of storage "file". Raises CredentialError where the file no longer has it."""
    path, entries = logins.secret_entries(environ)
    for entry in entries:
        if isinstance(entry.get("secret"), str) and logins.parse(entry, "file", path).key == login.key:
            return Secret(entry["secret"])
    why = f"no secret of {login.username} for {login.url} is in it"
    raise private.unusable(path, why, f"type: authpip auth login {login.url}")
