"""The list of enabled environments, so that `auth doctor` and `auth uninstall` find each one.

`environments.json` in the user's state directory: {"version": 1, "environments": [{"directory", "site"}]}, absolute
paths; site: the site-packages with the start-up files. An environment without start-up files is left out.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from authpip.activation import environments
from authpip.core.console import say
from authpip.core.errors import CredentialError
from authpip.files import private, user_dirs


class Enabled(NamedTuple):
    """One enabled environment. files: its start-up files."""

    directory: Path
    site: Path
    files: tuple[Path, ...]

    @property
    def leads_here(self) -> bool:
        """True if its start-up files lead to the running authpip."""
        return environments.lead_here(self.files)


def load(environ: Mapping[str, str]) -> list[Enabled]:
    """The enabled environments, in the order of their directories. Raises CredentialError for a damaged list."""
    found = []
    for directory, site in sorted(_read(path_of(environ))):
        files = tuple(environments.installed(Path(site)))
        if files:
            found.append(Enabled(Path(directory), Path(site), files))
    return found


def add(environ: Mapping[str, str], environment: environments.Environment) -> None:
    """Put an environment on the list. If that is not possible, say so: the environment is enabled all the same."""
    try:
        _change(environ, (str(environment.directory.absolute()), str(environment.site)))
    except CredentialError as error:
        say(f"{environment.directory} is enabled, and `authpip auth uninstall` will not know of it: {error}")


def tidy(environ: Mapping[str, str]) -> None:
    """Remove environments that are no longer enabled from the list. Raises CredentialError if it cannot be written."""
    if os.path.exists(path_of(environ)):
        _change(environ)


def path_of(environ: Mapping[str, str]) -> str:
    """The file that holds the list."""
    return os.path.join(user_dirs.state_dir(environ), "environments.json")


def _change(environ: Mapping[str, str], *new: tuple[str, str]) -> None:
    path = path_of(environ)
    with private.locked(path):
        before = _read(path)
        others = [entry for entry in before if entry not in new]
        after = [entry for entry in others if environments.installed(Path(entry[1]))] + list(new)
        if after != before:
            private.write(path, _text(after))


def _text(entries: Sequence[tuple[str, str]]) -> bytes:
    listed = [{"directory": directory, "site": site} for directory, site in entries]
    return json.dumps({"version": 1, "environments": listed}, indent=2).encode() + b"\n"


def _read(path: str) -> list[tuple[str, str]]:
    content = private.read(path)
    if content is None:
        return []
    try:
        return [(str(one["directory"]), str(one["site"])) for one in json.loads(content)["environments"]]
    except (ValueError, LookupError, TypeError):
        raise private.unusable(path, "it is damaged", f"move it away ({path})") from None
