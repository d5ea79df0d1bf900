"""Alice's private index and an open one that has a package of the same name."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.leaks.canary import SECRET
from support.servers.index_server import IndexServer

CREDENTIAL = {"AUTHPIP_INDEX_CORP_USERNAME": "alice", "AUTHPIP_INDEX_CORP_PASSWORD": SECRET}


@pytest.fixture
def config(environment: dict[str, str]) -> Callable[[str], Path]:
    """config(text): the user's config.toml."""

    def write(text: str) -> Path:
        path = Path(environment["XDG_CONFIG_HOME"], "authpip", "config.toml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    return write


@pytest.fixture
def private(serve: Callable[..., IndexServer], wheel: Any) -> IndexServer:
    """Alice's index with corp-thing 1.0."""
    server = serve()
    server.add("/team/simple", [wheel("corp-thing")], username="alice", password=SECRET)
    return server


@pytest.fixture
def public(serve: Callable[..., IndexServer], wheel: Any) -> IndexServer:
    """An open index with its twin 99.0, and with a package of its own."""
    server = serve()
    server.add("/simple", [wheel("corp-thing", "99.0"), wheel("other")])
    return server


def rule(server: IndexServer, more: str = 'packages = ["corp-*"]') -> str:
    """A rule for Alice's index."""
    return f'[[index]]\nname = "corp"\nurl = "{server.url("/team/simple/")}"\nprovider = "env"\n{more}\n'


def options(first: IndexServer, second: IndexServer) -> list[str]:
    """Both as pip's indexes, in this order."""
    urls = [server.url("/team/simple/" if server.indexes[0].accepted else "/simple/") for server in (first, second)]
    return ["-i", urls[0], "--extra-index-url", urls[1]]


def refused(done: subprocess.CompletedProcess[str], path: Path, *words: str) -> bool:
    """One line of ours that names the rule's file and line, and all of these; exit 3."""
    lines = [line for line in done.stderr.splitlines() if line.startswith("authpip: ")]
    return done.returncode == 3 and len(lines) == 1 and all(word in lines[0] for word in (f"{path}:1", *words))
