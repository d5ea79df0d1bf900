"""AUTHPIP_LOG=debug tells what was tried, source by source, with times (trial 5)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from support.leaks.canary import SECRET
from support.programs import authpip_cli
from support.programs.authpip_cli import Run
from support.servers.index_server import IndexServer, basic

pytestmark = pytest.mark.real
FRESH = "fr3sh-" + SECRET


def debugged(text: str) -> list[str]:
    """The lines of the log."""
    return [line.removeprefix("authpip: debug: ") for line in text.splitlines() if line.startswith("authpip: debug: ")]


def test_a_run(download: Run, index_server: IndexServer, wheel: Any, tmp_path: Path) -> None:
    """Trial 5: each provider for each index with its outcome and milliseconds; a renewal, and the question from inside
    pip, too; nothing on stdout, and no secret."""
    url = index_server.url("/team/simple/")
    index = index_server.add("/team/simple", [wheel("corp-thing")], username="alice", password=SECRET)
    login = authpip_cli.logins(tmp_path / "logins.json", (url, "alice", SECRET))

    def change(_: IndexServer, path: str) -> None:
        if path.endswith(".whl"):
            index.accepted = {basic("alice", FRESH)}
            authpip_cli.logins(tmp_path / "logins.json", (url, "alice", FRESH))

    index_server.on_request = change
    done = download("corp-thing", "-i", url, **login, AUTHPIP_LOG="debug")
    assert done.returncode == 0, done.stderr
    lines = debugged(done.stderr)
    assert len(lines) == len(done.stderr.splitlines())
    for expected in (
        rf"{url}: env: not mine \(\d+ ms\)",
        rf"{url}: keyring: answers \(\d+ ms\)",
        rf"starting pip with a handoff for {url}",
        rf"{url} answered 401: its credential is renewed once",
        rf"{index_server.url('/')}: asked again from inside pip: a credential \(\d+ ms\)",
    ):
        assert any(re.fullmatch(expected, line) for line in lines), expected
    assert "debug:" not in done.stdout
    assert SECRET not in done.stdout + done.stderr


def test_an_index_that_nobody_knows(download: Run, index_server: IndexServer) -> None:
    """Trial 5: after a 401 the late question is told, with what it came to."""
    url = index_server.url("/team/simple/")
    index_server.add("/team/simple", username="alice", password=SECRET)
    done = download("corp-thing", "-i", url, AUTHPIP_LOG="debug")
    assert any("from inside pip: no credential (" in line for line in debugged(done.stderr)), done.stderr
