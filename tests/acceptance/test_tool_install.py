"""The built wheel as people install a tool: by uv, in an environment of its own, with src/ out of reach."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from support.leaks.canary import new_canary
from support.machine.isolation import CACHE, GUARD, ROOT
from support.machine.requirements import need
from support.programs import pip_venvs
from support.programs.authpip_cli import rule
from support.samples import packages
from support.servers.index_server import IndexServer, basic

pytestmark = pytest.mark.real


def run(argv: list[str], environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """One command, far from the repository and without src/ on its path."""
    environ = {name: value for name, value in environ.items() if name != "PYTHONPATH"}
    return subprocess.run(argv, env=environ, capture_output=True, text=True, cwd="/", check=False)


@pytest.fixture
def tool(tmp_path: Path) -> Path:
    """The directory that `uv tool install authpip` puts the command in."""
    places = {"UV_TOOL_DIR": tmp_path / "tools", "UV_TOOL_BIN_DIR": tmp_path / "bin", "UV_CACHE_DIR": CACHE / "uv"}
    python = pip_venvs.interpreter(pip_venvs.python_for("26.3")) or "3"
    argv = [need("uv"), "tool", "install", "-q", "--python", python, str(pip_venvs.authpip_wheel())]
    with GUARD.outside() as machine:
        done = run(argv, machine | {name: str(path) for name, path in places.items()})
    assert done.returncode == 0, done.stderr
    return tmp_path / "bin"


def test_a_tool_stands_in_front_of_the_active_environments_pip(
    tool: Path, environment: dict[str, str], index_server: IndexServer, tmp_path: Path
) -> None:
    """`authpip install` from uv's tool directory installs into the active environment, which has no authpip in it."""
    canary = new_canary()
    index_server.add("/team/simple", [packages.wheel(tmp_path, "thing")], username="alice", password=canary.secret)
    venv = pip_venvs.make(tmp_path / "venv", "", "24.0")
    url = index_server.url("/team/simple/")
    environ = venv.activated(environment) | index_server.environ | rule(url, "alice", canary.secret)
    done = run([str(tool / "authpip"), "install", "--index-url", url, "thing"], environ)
    assert done.returncode == 0, done.stderr
    assert "thing" in venv.installed()
    assert {seen.authorization for seen in index_server.requests} == {basic("alice", canary.secret)}
    explained = run([str(tool / "authpip"), "auth", "explain", "install", "-i", url, "thing"], environ)
    assert explained.returncode == 0, explained.stderr
    assert venv.scripts in explained.stdout + explained.stderr
    assert canary.find_in(explained.stdout + explained.stderr) == []


def test_every_module_of_the_house_is_in_the_wheel(tool: Path, tmp_path: Path) -> None:
    """A file that a build leaves out is missed at once, templates, the type marker and the man page included."""
    installed = next(tmp_path.glob("tools/authpip/lib/python*/site-packages/authpip"))
    for source in (ROOT / "src/authpip").rglob("*"):
        if source.is_file() and "__pycache__" not in source.parts:
            assert (installed / source.relative_to(ROOT / "src/authpip")).is_file(), source
    page = ROOT / "docs/man/authpip-auth.1"
    assert (tmp_path / "tools/authpip/share/man/man1/authpip-auth.1").read_text() == page.read_text()


def test_the_command_says_its_version(
    tool: Path, environment: dict[str, str], venv: Callable[..., pip_venvs.PipVenv]
) -> None:
    """`authpip --version` is that of the pip which it stands in front of."""
    active = venv(authpip=False)
    done = run([str(tool / "authpip"), "--version"], active.activated(environment))
    assert done.stdout.startswith(f"pip {active.pip_version} from {active.directory}")
