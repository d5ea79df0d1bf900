"""The table of differences in README.md, measured: the same packages, index and spy for each way of authenticating.

scripts/test tests/acceptance/test_compared.py
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import pytest

from support.leaks.canary import Canary, new_canary
from support.leaks.cmdline_sampler import CmdlineSampler
from support.machine.isolation import ROOT
from support.machine.requirements import need
from support.programs import pip_venvs
from support.programs.authpip_cli import rule
from support.programs.keyrings import SecretService
from support.programs.pip_venvs import PipVenv
from support.samples import packages
from support.servers.index_server import IndexServer, basic

pytestmark = [pytest.mark.real, pytest.mark.heavy]  # it is about others as well, and they change
ROWS = (
    "the build backend of a package finds the password in its environment",
    "`ps` shows the password while that build runs",
    "another index on the same host is sent the password",
    "requests that are answered 401",
)
# Measured with pip 26.3 and uv 0.13.9.
TABLE = {
    "pip, password in PIP_INDEX_URL": ("yes", "yes", "yes", 0),
    "pip + keyring": ("no", "no", "yes", 2),
    "uv, UV_INDEX_…_PASSWORD": ("yes", "no", "yes", 0),
    "authpip": ("no", "no", "no", 0),
}


class Scene(NamedTuple):
    """alice's index with a spying package, and an open index beside it on the same host, which has its dependency."""

    canary: Canary
    server: IndexServer
    environ: dict[str, str]
    venv: PipVenv
    report: Path

    def url(self, *, userinfo: str = "") -> str:
        return self.server.url("/team/simple/", userinfo=userinfo)


@pytest.fixture
def scene(environment: dict[str, str], index_server: IndexServer, tmp_path: Path) -> Scene:
    """A private build dependency makes pip start a nested pip; the open index is asked for every name."""
    canary, report = new_canary("odd"), tmp_path / "report.jsonl"
    files = [
        packages.spy_sdist(tmp_path, "spy-thing", report, requires=["early-dep"]),
        packages.wheel(tmp_path, "early-dep"),
    ]
    index_server.add("/team/simple", files, username="alice", password=canary.secret)
    index_server.add("/open/simple")
    environ = environment | index_server.environ | {"PIP_EXTRA_INDEX_URL": index_server.url("/open/simple/")}
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    venv = pip_venvs.make(tmp_path / "venv", here, "26.3", authpip=True)
    return Scene(canary, index_server, environ, venv, report)


Way = Callable[[Scene], "tuple[list[str], dict[str, str]]"]


def by_url(scene: Scene) -> tuple[list[str], dict[str, str]]:
    """The way of most manuals."""
    url = scene.url(userinfo=f"alice:{quote(scene.canary.secret, safe='')}")
    return [scene.venv.python, "-m", "pip", "install", "spy-thing"], {"PIP_INDEX_URL": url}


def by_keyring(scene: Scene) -> tuple[list[str], dict[str, str]]:
    """pip's own way with a keyring, where `keyring set` has put the password."""
    command = [sys.executable, "-m", "keyring", "set", scene.url(), "alice"]
    subprocess.run(command, input=scene.canary.secret, env=scene.environ, text=True, check=True, timeout=60)
    arguments = ["--keyring-provider", "import", "spy-thing"]
    return [scene.venv.python, "-m", "pip", "install", *arguments], {"PIP_INDEX_URL": scene.url(userinfo="alice")}


def by_uv(scene: Scene) -> tuple[list[str], dict[str, str]]:
    """uv with a named index."""
    extra = {
        "UV_DEFAULT_INDEX": f"team={scene.url()}",
        "UV_INDEX": f"open={scene.server.url('/open/simple/')}",
        "UV_INDEX_TEAM_USERNAME": "alice",
        "UV_INDEX_TEAM_PASSWORD": scene.canary.secret,
    }
    return [need("uv"), "pip", "install", "--no-cache", "--python", scene.venv.python, "spy-thing"], extra


def by_authpip(scene: Scene) -> tuple[list[str], dict[str, str]]:
    """authpip with the same variables as a CI job has them."""
    extra = {"PIP_INDEX_URL": scene.url(), **rule(scene.url(), "alice", scene.canary.secret)}
    return [scene.venv.python, "-m", "authpip", "install", "spy-thing"], extra


WAYS: dict[str, Way] = dict(zip(TABLE, (by_url, by_keyring, by_uv, by_authpip), strict=True))


@pytest.fixture
def keyring(scene: Scene) -> Iterator[Scene]:
    """The scene with an unlocked GNOME Keyring in it."""
    with SecretService(scene.environ) as running:
        yield scene._replace(environ=running.environ)


@pytest.mark.parametrize("way", TABLE)
def test_the_table_is_what_happens(way: str, keyring: Scene) -> None:
    """Each column of the table, on the same work."""
    scene = keyring
    argv, extra = WAYS[way](scene)
    scene.server.requests.clear()
    with CmdlineSampler() as sampler:
        done = subprocess.run(argv, env=scene.environ | extra, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    looks = [json.loads(line) for line in scene.report.read_text().splitlines()]
    assert "build_wheel" in {look["hook"] for look in looks}
    in_environment = any(scene.canary.find_in_tree(look["environ"]) for look in looks)
    in_argv = bool(scene.canary.find_in(b"\n".join(sampler.seen)))
    alice = basic("alice", scene.canary.secret)
    elsewhere = any(seen.authorization == alice for seen in scene.server.seen("/open/"))
    assert scene.server.seen("/open/"), "the open index was never asked"
    found = (
        *("yes" if it else "no" for it in (in_environment, in_argv, elsewhere)),
        scene.server.statuses().count(401),
    )
    assert found == TABLE[way]


def test_the_readme_shows_this_table() -> None:
    """README.md says what is measured here, word for word."""
    text = (ROOT / "README.md").read_text("utf-8")
    assert "| | " + " | ".join(TABLE) + " |" in text
    for number, row in enumerate(ROWS):
        cells = [str(column[number]) for column in TABLE.values()]
        assert f"| {row} | " + " | ".join([*cells[:-1], f"**{cells[-1]}**"]) + " |" in text, row
    assert os.path.basename(__file__) in text
