"""Which indexes one command may use together: a private beside a public one, and index-only (A27)."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.leaks.canary import SECRET
from support.programs.authpip_cli import Run
from support.servers.index_server import IndexServer

pytestmark = pytest.mark.real

CREDENTIAL = {"AUTHPIP_INDEX_CORP_USERNAME": "alice", "AUTHPIP_INDEX_CORP_PASSWORD": SECRET}
WARNING = "a package of"


@pytest.fixture
def two(index_server: IndexServer, wheel: Any) -> IndexServer:
    """Alice's index and an open one."""
    index_server.add("/team/simple", [wheel("corp-thing")], username="alice", password=SECRET)
    index_server.add("/simple", [wheel("other")])
    return index_server


@pytest.fixture
def run(download: Run, two: IndexServer, environment: dict[str, str]) -> Callable[..., Any]:
    """run(top, more, *options): download from both indexes with these lines in config.toml and in its rule."""
    config = Path(environment["XDG_CONFIG_HOME"], "authpip", "config.toml")

    def start(top: str, more: str, *options: str, **variables: str) -> Any:
        config.parent.mkdir(parents=True, exist_ok=True)
        config.write_text(f'{top}\n[[index]]\nname = "corp"\nurl = "{two.url("/team/simple/")}"\n{more}\n')
        urls = ["-i", two.url("/simple/", host="localhost"), "--extra-index-url", two.url("/team/simple/")]
        return download("corp-thing", *urls, *options, **CREDENTIAL, **variables)

    return start


def test_one_warning_a_day(run: Any, two: IndexServer, environment: dict[str, str]) -> None:
    """Nothing routes: a warning that names both, once; again a day later; it is no secret that is written down."""
    done = run("", "")
    assert done.returncode == 0
    [line] = [line for line in done.stderr.splitlines() if WARNING in line]
    assert two.url("/team/simple/") in line
    assert two.url("/simple/", host="localhost") in line
    assert WARNING not in run("", "").stderr
    [note] = Path(environment["XDG_CACHE_HOME"], "authpip", "warned").iterdir()
    os.utime(note, (0, 0))
    assert WARNING in run("", "").stderr


@pytest.mark.parametrize(
    ("top", "more", "options", "variables"),
    [
        ("", "", ["-q"], {}),
        ("", "", ["-qq"], {}),
        ("", "", [], {"PIP_QUIET": "1"}),
        ("", 'packages = ["corp-*"]', [], {}),
        ('strategy = "first-index"', "", [], {}),
        ('confusion = "ignore"', "", [], {}),
    ],
)
def test_no_warning(run: Any, top: str, more: str, options: list[str], variables: dict[str, str]) -> None:
    """Never under -q, and not where something decides."""
    done = run(top, more, *options, **variables)
    assert done.returncode == 0
    assert WARNING not in done.stderr


def test_confusion_is_an_error(run: Any, two: IndexServer) -> None:
    """confusion = "error": exit 3 before any request."""
    done = run('confusion = "error"', "")
    assert done.returncode == 3
    assert WARNING in done.stderr
    assert two.requests == []


def test_index_only(run: Any, two: IndexServer) -> None:
    """An index that no rule names is refused beside one with index-only, before any request; with a rule it is used."""
    done = run("", "index-only = true")
    assert done.returncode == 3
    assert two.url("/simple/", host="localhost") in done.stderr
    assert "config.toml:2" in done.stderr
    assert two.requests == []
    other = f'[[index]]\nname = "open"\nurl = "{two.url("/simple/", host="localhost")}"\nauthenticate = "auto"'
    assert run("", f"index-only = true\n{other}").returncode == 0


def test_index_only_in_a_remote_file(
    download: Run, two: IndexServer, text_file: Any, environment: dict[str, str]
) -> None:
    """The same for an index that only pip sees."""
    config = Path(environment["XDG_CONFIG_HOME"], "authpip", "config.toml")
    config.parent.mkdir(parents=True)
    config.write_text(f'[[index]]\nname = "corp"\nurl = "{two.url("/team/simple/")}"\nindex-only = true\n')
    two.add("/open", [text_file("r.txt", f"--extra-index-url {two.url('/simple/')}\ncorp-thing\n")])
    done = download("-r", two.url("/open/r.txt"), "-i", two.url("/team/simple/"), **CREDENTIAL)
    assert done.returncode == 3, done.stderr
    assert two.url("/simple/") in done.stderr
    assert two.seen("/simple") == []
