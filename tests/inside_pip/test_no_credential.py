"""An index answers 401 and nobody has a credential for it: one line that says what to type (trial, section 2)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pexpect
import pytest

from support.leaks.canary import SECRET
from support.programs import authpip_cli
from support.programs.authpip_cli import Run
from support.programs.pip_venvs import PipVenv
from support.samples import packages
from support.servers.index_server import IndexServer

pytestmark = pytest.mark.real

OLD_PIPS = [("3.9", "20.3.4"), ("3.11", "22.3.1"), ("3.11", "24.0")]
VERSIONS = [("3.11", "26.3"), *(pytest.param(old, marks=pytest.mark.heavy) for old in OLD_PIPS)]


@pytest.fixture
def bob(index_server: IndexServer, wheel: Any) -> str:
    """The URL of an index that wants a login which nobody has."""
    index_server.add("/bob/simple", [wheel("corp-lib"), wheel("corp-other")], username="bob", password=SECRET)
    return index_server.url("/bob/simple/")


def line(url: str) -> str:
    """What authpip says of it."""
    return f"authpip: {url} answered 401, and no provider has a credential for it; type: authpip auth login {url}"


@pytest.mark.parametrize("words", [(), ("--no-input",)], ids=["no terminal", "--no-input"])
@pytest.mark.parametrize("versions", VERSIONS)
def test_without_a_terminal(
    shared_venv: Callable[..., PipVenv],
    trusting: dict[str, str],
    bob: str,
    tmp_path: Path,
    words: tuple[str, ...],
    versions: tuple[str, str],
) -> None:
    """No question, no traceback: one line, and status 3; two packages of one index are one line."""
    arguments = ["-d", str(tmp_path), "--no-cache-dir", "-i", bob, *words, "corp-lib", "corp-other"]
    done = authpip_cli.pip(shared_venv(*versions), "download", *arguments, env=trusting)
    said = done.stdout + done.stderr
    assert done.returncode == 3, said
    assert done.stderr.splitlines().count(line(bob)) == 1, said
    assert "Traceback" not in said
    assert "User for" not in said


def test_another_index_has_the_name(
    download: Run, bob: str, index_server: IndexServer, wheel: Any, downloads: Any
) -> None:
    """The same line, before the package is taken from the other index; pip succeeds, and so does the command."""
    index_server.add("/simple", [wheel("corp-lib", "2.0")])
    done = download("corp-lib", "-i", bob, "--extra-index-url", index_server.url("/simple/"))
    assert done.returncode == 0, done.stderr
    assert line(bob) in done.stderr
    assert downloads() == {"corp_lib-2.0-py3-none-any.whl"}


@pytest.mark.parametrize("password", [SECRET, "wrong"], ids=["right", "wrong"])
def test_at_a_terminal(
    shared_venv: Callable[..., PipVenv], trusting: dict[str, str], bob: str, tmp_path: Path, password: str
) -> None:
    """pip's own question has its turn: with the right answer nothing is said, after a wrong one the line follows."""
    words = ["download", "--no-deps", "-d", str(tmp_path / "here"), "-i", bob, "corp-lib"]
    argv = authpip_cli.command(*words)
    environ = authpip_cli.surroundings(shared_venv(), trusting | {"PIP_KEYRING_PROVIDER": "disabled", "COLUMNS": "300"})
    child = pexpect.spawn(argv[0], argv[1:], env=environ, encoding="utf-8", timeout=60, dimensions=(24, 300))
    child.expect("User for 127.0.0.1:[0-9]+: ")
    child.sendline("bob")
    child.expect("Password: ")
    child.sendline(password)
    child.expect(pexpect.EOF)
    child.close()
    is_right = password == SECRET
    assert (child.exitstatus, line(bob) in child.before) == (0 if is_right else 3, not is_right), child.before


def test_a_build_dependency(
    venv: Callable[..., PipVenv], trusting: dict[str, str], bob: str, index_server: IndexServer, tmp_path: Path
) -> None:
    """A nested pip is answered 401: the first pip says it, and the status is 3."""
    files = [packages.spy_sdist(tmp_path, "spy-thing", tmp_path / "spy.jsonl", requires=["corp-lib"])]
    index_server.add("/simple", files)
    words = ["install", "-i", index_server.url("/simple/"), "--extra-index-url", bob, "--no-cache-dir", "spy-thing"]
    done = authpip_cli.pip(venv(), *words, env=trusting)
    said = done.stdout + done.stderr
    assert done.returncode == 3, said
    assert done.stderr.splitlines().count(line(bob)) == 1, said
    assert "EOFError" not in said
