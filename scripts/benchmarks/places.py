"""Where the bench runs: a user of its own, an index over TLS on loopback, a keyring."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from measuring import BIN

from support.machine.isolation import clean_environment
from support.programs.keyrings import SecretService
from support.servers.index_server import Authority, IndexServer

USER, PASSWORD = "alice", "correct-horse-battery-staple"
KEYRING_PROGRAMS = ("dbus-daemon", "gnome-keyring-daemon")


class Place(NamedTuple):
    """A directory, the user's environment (it trusts the server), and the index server."""

    base: Path
    environ: Mapping[str, str]
    server: IndexServer

    def password_in_url(self, path: str) -> str:
        """The URL of the index at this path, with user name and password."""
        return self.server.url(path, userinfo=f"{USER}:{PASSWORD}")

    def plain(self, path: str) -> dict[str, str]:
        """What plain pip needs for the index at this path."""
        return {**self.environ, "PIP_INDEX_URL": self.password_in_url(path)}

    def by_rule(self, *paths: str) -> dict[str, str]:
        """What authpip needs for these indexes, without a keyring: variables, as in CI. The first is --index-url."""
        urls = [self.server.url(path) for path in paths]
        found = {**self.environ, "PIP_INDEX_URL": urls[0]}
        if len(urls) > 1:
            found["PIP_EXTRA_INDEX_URL"] = " ".join(urls[1:])
        for number, url in enumerate(urls):
            rule = {"URL": url, "USERNAME": USER, "PASSWORD": PASSWORD}
            found |= {f"AUTHPIP_INDEX_N{number}_{key}": value for key, value in rule.items()}
        return found


@contextmanager
def place(names: Iterable[str] = ()) -> Iterator[Place]:
    """A Place for one group of cases; names: host names that the server's certificate is valid for, too."""
    with tempfile.TemporaryDirectory(prefix="authpip-bench-") as directory:
        base = Path(directory).resolve()
        environ = clean_environment(base / "user")
        with IndexServer(Authority(base), names=names) as server:
            yield Place(base, environ | server.environ, server)


@contextmanager
def stored_login(found: Place, path: str) -> Iterator[dict[str, str] | None]:
    """The environment of a user whose GNOME Keyring holds a login for this index; None without a GNOME Keyring."""
    if not all(map(shutil.which, KEYRING_PROGRAMS)):
        yield None
        return
    with SecretService(found.environ) as ring:
        argv = [str(BIN / "authpip"), "auth", "login", found.server.url(path), "--username", USER, "--password-stdin"]
        subprocess.run(argv, env=ring.environ, input=PASSWORD, text=True, capture_output=True, check=True)
        yield {**ring.environ, "PIP_INDEX_URL": found.server.url(path)}
