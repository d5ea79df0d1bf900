"""One private index with one wheel, its rule and credential in variables, and what a good install looks like."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from support.samples import packages
from support.servers.index_server import IndexServer


class PrivateIndex(NamedTuple):
    """An index that wants a password. environ: what a child needs for it; the password is there for authpip alone."""

    server: IndexServer
    environ: dict[str, str]
    project: str

    def install_is_good(self) -> bool:
        """True where all that was asked since the last look was answered at once, with the right credential."""
        statuses = self.server.statuses()
        self.server.requests.clear()
        return bool(statuses) and set(statuses) == {200}


def make(server: IndexServer, directory: Path, environ: Mapping[str, str], project: str = "corp-thing") -> PrivateIndex:
    """An index at /team/simple/ on this server."""
    server.add("/team/simple/", [packages.wheel(directory, project)], username="alice", password="s3cr3t:@/ p%22ss")
    url = server.url("/team/simple/", host="localhost")
    variables = {
        "PIP_INDEX_URL": url,
        "AUTHPIP_INDEX_CORP_URL": url,
        "AUTHPIP_INDEX_CORP_USERNAME": "alice",
        "AUTHPIP_INDEX_CORP_PASSWORD": "s3cr3t:@/ p%22ss",
    }
    return PrivateIndex(server, {**environ, **server.environ, **variables}, project)


def run(
    *argv: str | Path, env: Mapping[str, str], cwd: Path | None = None, check: bool = False
) -> subprocess.CompletedProcess[str]:
    """A command with its output as text, and a limit of two minutes."""
    done = subprocess.run(
        [os.fspath(word) for word in argv],
        env=dict(env),
        cwd=cwd,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=120,
        check=False,
    )
    assert not check or done.returncode == 0, said(argv, done)
    return done


def said(argv: Sequence[str | Path], done: subprocess.CompletedProcess[str]) -> str:
    """What a failed command said, for the assertion's message."""
    return f"{' '.join(map(str, argv))}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"


def tree(directory: Path) -> dict[str, bytes]:
    """Every path below, with the mode of each and the content of files."""
    return {str(path.relative_to(directory)): _content(path) for path in sorted(directory.rglob("*"))}


def _content(path: Path) -> bytes:
    if path.is_symlink():
        return b"-> " + os.fsencode(os.readlink(path))
    return oct(path.stat().st_mode).encode() + (path.read_bytes() if path.is_file() else b"/")
