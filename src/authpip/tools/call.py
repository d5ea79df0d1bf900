"""One run of another tool: what it was called with, and what it is given."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from authpip.credential import Credential
from authpip.discovery.model import Located
from authpip.errors import UsageError
from authpip.settings import Settings


class Ask(Protocol):
    """URLs → each one without a password, and its credential. project: the only one it is wanted for, if any.

    Raises AuthpipError for an index that must have a credential and has none (P9).
    """

    def __call__(
        self, located: Sequence[Located], *, project: str | None = None
    ) -> list[tuple[str, Credential | None]]: ...


class Call(NamedTuple):
    """How the tool was called."""

    argv: tuple[str, ...]
    environ: Mapping[str, str]
    directory: str
    settings: Settings
    ask: Ask

    def option(self, *names: str) -> str | None:
        """The last value of an option, however it is attached."""
        found = None
        for place, word in enumerate(self.argv):
            for name in names:
                if word == name and place + 1 < len(self.argv):
                    found = self.argv[place + 1]
                elif name.startswith("--") and word.startswith(f"{name}="):
                    found = word.partition("=")[2]
                elif not name.startswith("--") and word.startswith(name) and len(word) > 2 and word[1] != "-":
                    found = word[2:]
        return found

    def toml(self, *names: str) -> dict[str, Any]:
        """The nearest file of one of these names, from the working directory upwards; {} where there is none."""
        directory = self.directory
        while True:
            for name in names:
                if os.path.isfile(path := os.path.join(directory, name)):
                    return read_toml(path)
            if directory == (directory := os.path.dirname(directory)):
                return {}


class Prepared(NamedTuple):
    """What the tool is given beside its own environment.

    variables: to set; None: to take away. shims: it is to find our `pip` and `keyring` first on PATH.
    """

    argv: tuple[str, ...]
    variables: Mapping[str, str | None] = {}
    shims: bool = False


class Tool(Protocol):
    """A tool: a module with its names and one function."""

    @property
    def NAMES(self) -> tuple[str, ...]:  # noqa: N802 (a module's constant)
        """The commands that start it."""
        ...

    def prepare(self, call: Call) -> Prepared:
        """Its variables for this call."""
        ...


def read_toml(path: str) -> dict[str, Any]:
    """A TOML file; {} for one that cannot be read, which is its own tool's affair to say."""
    import sys

    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        with open(path, "rb") as stream:
            return tomllib.load(stream)
    except (OSError, ValueError, RecursionError):
        return {}


def tables(data: Any, *path: str) -> list[dict[str, Any]]:
    """A list of tables somewhere in a TOML document, without those that are malformed."""
    for key in path:
        data = data.get(key) if isinstance(data, dict) else None
    return [entry for entry in data if isinstance(entry, dict)] if isinstance(data, list) else []


def named_urls(entries: Sequence[Mapping[str, Any]], origin: str) -> dict[str, Located]:
    """name → URL of each table that has both."""
    return {
        entry["name"]: Located(entry["url"], f"{origin} {entry['name']}")
        for entry in entries
        if isinstance(entry.get("name"), str) and isinstance(entry.get("url"), str)
    }


def pair(credential: Credential, tool: str) -> tuple[str, str]:
    """(user name, password) for a tool's variables. Raises UsageError for a bearer token, which they cannot carry."""
    if credential.scheme != "basic":
        why = "it can send a user name and a password only"
        raise UsageError(f"{tool} cannot send the bearer token of {credential.source}", why, "use pip for this index")
    return credential.username, credential.secret.expose()


def letters(name: str) -> str:
    """A name as it stands in a variable: upper case, anything else as an underscore."""
    return re.sub(r"[^A-Z0-9]", "_", name.upper())
