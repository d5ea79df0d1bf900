"""One run of another tool: its command line, and the variables and PATH that it gets."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol

from authpip.cli.tools.project_files import Named
from authpip.config.settings import Settings
from authpip.core.credential import Credential
from authpip.core.errors import UsageError
from authpip.discovery.model import Configured


class Ask(Protocol):
    """URLs → (URL without a password, credential or None) for each. project: the project of an upload, if known.

    Raises AuthpipError if a required credential is missing (P9).
    """

    def __call__(
        self, configured: Sequence[Configured], *, project: str | None = None
    ) -> list[tuple[str, Credential | None]]: ...


class Call(NamedTuple):
    """How the tool was called. directory: the working directory. ask: gets the credentials of URLs."""

    argv: tuple[str, ...]
    environ: Mapping[str, str]
    directory: str
    settings: Settings
    ask: Ask

    def option(self, *names: str) -> str | None:
        """The last value of an option (`--name VALUE`, `--name=VALUE`, `-n VALUE`, `-nVALUE`), or None."""
        found = None
        for position, word in enumerate(self.argv):
            for name in names:
                if word == name and position + 1 < len(self.argv):
                    found = self.argv[position + 1]
                elif name.startswith("--") and word.startswith(f"{name}="):
                    found = word.partition("=")[2]
                elif not name.startswith("--") and word.startswith(name) and len(word) > 2 and word[1] != "-":
                    found = word[2:]
        return found

    def without(self, *names: str) -> tuple[str, ...]:
        """The command line without these options and their values, for which a variable has a URL."""
        kept, skip = [], False
        for word in self.argv:
            short = any(not name.startswith("--") and word.startswith(name) and len(word) > 2 for name in names)
            attached = short or any(word.startswith(f"{name}=") for name in names)
            if not (skip or attached or word in names):
                kept.append(word)
            skip = word in names
        return tuple(kept)

    def within(self, *options: str) -> str:
        """The directory that the tool works in: the value of an option, or else the working directory."""
        return self.below(self.option(*options) or "")

    def below(self, path: str) -> str:
        """The absolute path of a path on the command line."""
        return os.path.normpath(os.path.join(self.directory, path))


class Prepared(NamedTuple):
    """The changes to the tool's command line and environment.

    variables: to set; None: to remove. shims: put authpip's `pip` and `keyring` first on PATH. passwords: False if no
    AUTHPIP_INDEX_<NAME>_PASSWORD may be in its environment, with shims or without.
    """

    argv: tuple[str, ...]
    variables: Mapping[str, str | None] = {}
    shims: bool = False
    passwords: bool = True


class Tool(Protocol):
    """A tool: a module with these two names."""

    @property
    def NAMES(self) -> tuple[str, ...]:  # noqa: N802 (a module's constant)
        """The commands that start the tool."""
        ...

    def prepare(self, call: Call) -> Prepared:
        """The changes for this call. Raises AuthpipError if a required credential is missing."""
        ...


def pairs(call: Call, tool: str, indexes: Named, prefix: Callable[[str], str]) -> dict[str, tuple[str, str]]:
    """Variable prefix → (user name, password), for the indexes that have a credential. Raises as `credentials`."""
    found = credentials(call, tool, indexes, prefix)
    return {name: pair(credential, tool) for name, (_, credential) in found.items()}


def credentials(
    call: Call, tool: str, indexes: Named, prefix: Callable[[str], str]
) -> dict[str, tuple[str, Credential]]:
    """Variable prefix → (URL, credential), for the indexes that have one.

    prefix: an index's name → the beginning of its variables. Raises UsageError if two URLs have the same prefix: the
    tool would send the credential to both (P1).
    """
    answers = call.ask([configured for _, configured in indexes]) if indexes else []
    urls: dict[str, set[str]] = {}
    found: dict[str, tuple[str, Credential]] = {}
    for (name, _), (url, credential) in zip(indexes, answers, strict=True):
        urls.setdefault(prefix(name), set()).add(url.rstrip("/"))
        if credential is not None:
            found[prefix(name)] = (url, credential)
    for shared in found:
        if len(urls[shared]) > 1:
            what = f"{tool} would send one credential to {' and to '.join(sorted(urls[shared]))}"
            raise UsageError(what, f"both have the variables {shared}…", "give the indexes other names")
    return found


def pair(credential: Credential, tool: str) -> tuple[str, str]:
    """(user name, password) for a tool's variables. Raises UsageError for a bearer token, which they cannot carry."""
    if credential.scheme != "basic":
        why = "it can send a user name and a password only"
        raise UsageError(f"{tool} cannot send the bearer token of {credential.provider}", why, "use pip for this index")
    return credential.username, credential.secret.expose()


def command_word(command: Sequence[str]) -> str:
    """The name of the tool in the audit trail: `auth exec twine`."""
    return f"auth exec {os.path.basename(command[0])}"


def letters(name: str) -> str:
    """A name as a part of a variable's name: upper case, with underscores for other characters."""
    return re.sub(r"[^A-Z0-9]", "_", name.upper())
