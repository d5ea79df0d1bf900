"""What one pip command will use, and where each value is configured."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import NamedTuple

from authpip.core.redaction import hide_userinfo


class Configured(NamedTuple):
    """One value (a URL, a path, a host name) exactly as pip will use it, and where it is configured.

    value: it may hold a password, which repr hides. configured_in: "--index-url", "PIP_INDEX_URL", "/etc/pip.conf:3"
    or "requirements.txt:2".
    """

    value: str
    configured_in: str

    def __repr__(self) -> str:
        return f"Configured({hide_userinfo(self.value)!r}, {self.configured_in!r})"


class Setting(NamedTuple):
    """One setting of pip. key: an option's long name without dashes. configured_in: "FILE:LINE" or "PIP_…"."""

    key: str
    value: str
    configured_in: str

    def __repr__(self) -> str:
        """Without the value, which may be a URL with a password in it."""
        return f"Setting({self.key!r}, {self.configured_in!r})"


class Context(NamedTuple):
    """The surroundings of a pip command: its environment, its interpreter, its working directory.

    prefix: sys.prefix of the interpreter. withheld: variables that pip does not get. defaults: settings that count if
    pip's own configuration does not set them.
    """

    environ: Mapping[str, str]
    prefix: str
    cwd: str
    withheld: frozenset[str] = frozenset()
    defaults: tuple[Setting, ...] = ()

    def __repr__(self) -> str:
        """Without environ, which holds secrets."""
        return f"Context(prefix={self.prefix!r}, cwd={self.cwd!r})"


class Invocation(NamedTuple):
    """The indexes of one pip command, in pip's order.

    command: "install"; "" if the arguments have no command. indexes: index URLs, the main one first (pip's own default
    has configured_in "pip's default"). find_links: URLs and paths, as given. links: direct references
    (`name @ https://…`, plain URLs) and remote requirements files, each once. unread: requirements and constraints
    files that only pip can read: remote files, pipes (`-r <(…)`). names: the projects that the command line and local
    requirements files name, as written. defaults: the settings of Context.defaults that count for this command.
    proxy, cert, client_cert, trusted_hosts: authpip's own requests use them as well.
    """

    command: str
    indexes: tuple[Configured, ...] = ()
    find_links: tuple[Configured, ...] = ()
    links: tuple[Configured, ...] = ()
    unread: tuple[Configured, ...] = ()
    proxy: str | None = None
    cert: str | None = None
    client_cert: str | None = None
    trusted_hosts: tuple[str, ...] = ()
    no_input: bool = False
    quiet: bool = False
    names: tuple[str, ...] = ()
    isolated: bool = False
    python: str | None = None
    defaults: tuple[Setting, ...] = ()

    def __repr__(self) -> str:
        """Without the proxy, which may have a password in it."""
        return f"Invocation({self.command!r}, indexes={self.indexes!r}, links={self.links!r})"


def can_be_read_twice(path: str) -> bool:
    """False for a pipe, a terminal or a descriptor: if authpip read it first, pip would find it empty."""
    if os.path.abspath(path).startswith(("/dev/", "/proc/")):
        return False
    return os.path.isfile(path) or not os.path.exists(path)
