"""What one pip invocation will use, and where each piece of it was configured."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import NamedTuple

from authpip.core.redaction import hide_userinfo


class Configured(NamedTuple):
    """One value (a URL, a path, a host name) exactly as pip would use it, and where it is configured.

    configured_in: "--index-url", "PIP_INDEX_URL", "/etc/pip.conf:3", "requirements.txt:2 (-r)": as a user would look
    for it. It may hold a password: repr hides it.
    """

    value: str
    configured_in: str

    def __repr__(self) -> str:
        return f"Configured({hide_userinfo(self.value)!r}, {self.configured_in!r})"


class Setting(NamedTuple):
    """One value that is not empty. key: an option's long name without dashes. configured_in: "FILE:LINE" or "PIP_…"."""

    key: str
    value: str
    configured_in: str

    def __repr__(self) -> str:
        """Without the value, which may be a URL with a password in it."""
        return f"Setting({self.key!r}, {self.configured_in!r})"


class Context(NamedTuple):
    """What a pip command runs in. prefix: sys.prefix of its interpreter. withheld: variables it may not be given.
    defaults: settings that count where pip's own configuration says nothing about them."""

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

    command: "install" or "" where none was given. indexes: index URLs, the main one first (pip's default
    included, configured_in "pip's default"). find_links: as given, paths too. links: direct references (`name @ https://…`,
    plain URLs) and remote requirements files, each once. unread: requirements and constraints files that only pip
    can read: remote ones, pipes (`-r <(…)`). names: of the projects that
    the command line and local requirements files ask for, as written. The rest: what any request of authpip's own
    must respect. defaults: those of Context that count for this command.
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
    """False for a pipe, a terminal or a descriptor: whoever reads such a thing first leaves nothing to pip."""
    if os.path.abspath(path).startswith(("/dev/", "/proc/")):
        return False
    return os.path.isfile(path) or not os.path.exists(path)
