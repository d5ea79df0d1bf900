"""Every pip from 20.3.4 to the newest, on Python 3.8 to 3.13: all the ways in which pip builds, asks and starts pips.

Two private indexes on one host, and a package of the one whose build needs a package of the other.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from support.leaks.canary import Canary, new_canary
from support.leaks.cmdline_sampler import CmdlineSampler
from support.programs import authpip_cli, pip_venvs
from support.programs.pip_venvs import PipVenv
from support.samples import packages
from support.servers.index_server import Authority, IndexServer, basic

pytestmark = pytest.mark.real

DEFAULT = [(max("3.13", pip_venvs.PYTHON), "26.3"), ("3.9", "21.3.1"), ("3.8", "24.0")]
HEAVY = [
    ("3.8", "20.3.4"), ("3.9", "20.3.4"), ("3.8", "21.3.1"), ("3.11", "21.3.1"), ("3.8", "22.3.1"), ("3.11", "22.3.1"),
    ("3.9", "23.0.1"), ("3.12", "23.2.1"), ("3.10", "24.0"), ("3.13", "24.3.1"), ("3.12", "25.0.1"), ("3.9", "25.3"),
    ("3.13", "25.3"), ("3.10", "26.3"), ("3.11", "26.3"), ("3.12", "26.3"),
]  # fmt: skip
PAIRS = [*DEFAULT, *(pytest.param(*pair, marks=pytest.mark.heavy) for pair in HEAVY)]


class Scene(NamedTuple):
    """One environment, and the two indexes that all its commands use."""

    venv: PipVenv
    server: IndexServer
    environ: dict[str, str]
    canaries: dict[str, Canary]
    report: Path
    base: Path

    def pip(self, *arguments: str) -> Any:
        """Run pip behind authpip; it must succeed."""
        done = authpip_cli.pip(self.venv, *arguments, env=self.environ)
        assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
        return done

    def is_at_least(self, *version: int) -> bool:
        """Whether this pip is that new."""
        return tuple(map(int, self.venv.pip_version.split("."))) >= version

    def looks(self) -> list[dict[str, Any]]:
        """What the spies have seen."""
        return [json.loads(line) for line in self.report.read_text().splitlines()]


@pytest.fixture
def scene(environment: dict[str, str], serve: Callable[..., IndexServer], authority: Authority, tmp_path: Path) -> Any:
    def make(python: str, pip: str) -> Scene:
        report, server = tmp_path / "report.jsonl", serve()
        canaries = {"alice": new_canary("odd"), "bob": new_canary()}
        server.add(
            "/team/simple", _team(tmp_path / "team", report), username="alice", password=canaries["alice"].secret
        )
        server.add("/tools/simple", _tools(tmp_path / "tools"), username="bob", password=canaries["bob"].secret)
        team, tools = (server.url(f"/{name}/simple/", host="localhost") for name in ("team", "tools"))
        rules = authpip_cli.rule(team, "alice", canaries["alice"].secret, name="TEAM")
        rules |= authpip_cli.rule(tools, "bob", canaries["bob"].secret, name="TOOLS")
        urls = {"PIP_INDEX_URL": team, "PIP_EXTRA_INDEX_URL": tools, "PIP_CERT": str(authority.file)}
        venv = pip_venvs.make(tmp_path / "venv", python, pip)
        return Scene(venv, server, environment | rules | urls, canaries, report, tmp_path)

    return make


def _team(directory: Path, report: Path) -> list[Path]:
    return [
        packages.spy_sdist(directory, "spy-thing", report, requires=["early-dep"], late=["late-dep"]),
        packages.legacy_sdist(directory, "old-thing", report),
        packages.wheel(directory, "corp-thing", requires=["corp-base"]),
        packages.wheel(directory, "corp-thing", "2.0", requires=["corp-base"]),
        packages.wheel(directory, "late-dep"),
    ]


def _tools(directory: Path) -> list[Path]:
    names = ("early-dep", "corp-base")
    return [
        *(packages.wheel(directory, name) for name in names),
        pip_venvs.fetch("setuptools==68.2.2"),
        pip_venvs.fetch("wheel==0.41.2"),
    ]


def check_secrets(scene: Scene, sampler: CmdlineSampler) -> None:
    """P1, P3, P4: each index was asked with its own credential, at once; nobody else has seen either."""
    for name, prefix in (("alice", "/team/"), ("bob", "/tools/")):
        seen = scene.server.seen(prefix)
        assert {request.authorization for request in seen} == {basic(name, scene.canaries[name].secret)}
    assert set(scene.server.statuses()) <= {200, 206, 404}
    for canary in scene.canaries.values():
        hits = [hit for look in scene.looks() for hit in canary.find_in_tree(look, look["hook"])]
        assert hits + canary.find_in(b"\n".join(sampler.seen), "ps") == []
        assert canary.find_below(*(scene.environ[name] for name in ("HOME", "TMPDIR")), scene.venv.directory) == []


@pytest.mark.parametrize(("python", "pip"), PAIRS)
@pytest.mark.timeout(600)
def test_everything_that_a_pip_does(scene: Callable[..., Scene], python: str, pip: str) -> None:
    """Install, build in every isolation there is, editable, legacy, download, wheel, and all that only asks."""
    here = scene(python, pip)
    with CmdlineSampler() as sampler:
        here.pip("install", "corp-thing==1.0")
        outdated = here.pip("list", "--outdated", "--format=json").stdout
        assert {row["name"]: row["latest_version"] for row in json.loads(outdated)}["corp-thing"] == "2.0"
        here.pip("install", "spy-thing")
        here.pip("download", "-d", str(here.base / "downloads"), "corp-thing", "spy-thing")
        here.pip("wheel", "-w", str(here.base / "wheels"), "spy-thing")
        here.pip("install", "--use-pep517", "old-thing")
        for arguments in newer(here):
            here.pip(*arguments)
        no_isolation(here)
    check_secrets(here, sampler)
    assert {"corp_thing", "spy_thing", "old_thing"} <= set(here.venv.installed())
    assert {path.name.split("-")[0] for path in (here.base / "wheels").iterdir()} == {"spy_thing"}


def newer(here: Scene) -> list[list[str]]:
    """Commands that not every pip knows."""
    again = ["install", "--force-reinstall", "--no-deps", "--no-cache-dir", "spy-thing"]
    files = packages.spy_files("edit-thing", here.report, requires=["early-dep"], late=["late-dep"])
    source = packages.unpack(files, here.base / "source")
    since: list[tuple[tuple[int, ...], list[str]]] = [
        ((21, 2), ["index", "versions", "corp-thing"]),
        ((21, 3), ["install", "-e", str(source)]),
        ((22, 2), ["install", "--dry-run", "--ignore-installed", "--report", "-", "corp-thing", "-q"]),
        ((22, 3), ["--python", here.venv.python, *again]),
        ((25, 1), ["lock", "-o", str(here.base / "pylock.toml"), "corp-thing", "spy-thing"]),
        ((26, 0), [*again, "--use-feature=inprocess-build-deps"]),
        ((26, 3), [*again, "--use-feature=venv-isolation"]),
    ]
    return [arguments for version, arguments in since if here.is_at_least(*version)]


def no_isolation(here: Scene) -> None:
    """Build requirements from the environment itself: the backend runs among what was just installed."""
    here.pip("install", "setuptools==68.2.2", "wheel==0.41.2", "early-dep", "late-dep")
    again = ["--force-reinstall", "--no-deps", "--no-cache-dir"]
    here.pip("install", "--no-build-isolation", *again, "spy-thing")
    if not here.is_at_least(25, 3):  # then there is PEP 517 only
        here.pip("install", *again, "old-thing")


def test_an_environment_without_a_pip(scene: Callable[..., Scene]) -> None:
    """`--python X` of a `uv venv`: the nearest pip runs in that interpreter, and its nested pips too."""
    here = scene(pip_venvs.PYTHON, "26.3")
    another = {"3.14": "3.15", "3.15": "3.14"}.get(pip_venvs.PYTHON, "3.12")
    other = pip_venvs.make(here.base / "other", another, "26.3")
    for path in other.site_packages.glob("pip*"):
        shutil.rmtree(path)
    here.pip("--python", other.python, "install", "spy-thing", "corp-thing")
    with CmdlineSampler() as sampler:
        here.pip("--python", str(other.directory), "install", "--force-reinstall", "--no-cache-dir", "spy-thing")
    assert {"spy_thing", "corp_thing"} <= set(other.installed())
    check_secrets(here, sampler)


@pytest.mark.parametrize("by_python", [False, True], ids=["directly", "with --python"])
def test_no_code_of_a_build_environment_runs_in_a_nested_pip(scene: Callable[..., Scene], by_python: bool) -> None:
    """A19: a build dependency brings a .pth with an import line, and a sitecustomize. With a venv for the build the
    nested pip stands among them: its path lines are honoured, their code is not run, and no secret is in reach."""
    here = scene(pip_venvs.PYTHON, "26.3")
    told = here.base / "told.jsonl"
    code = (
        f"import json, os, sys; open({str(told)!r}, 'a').write(json.dumps([getattr(sys, '_authpip_inside', False), "
        "dict(os.environ), sys.orig_argv]) + chr(10))\n"
    )
    files = {"canary.pth": code, "sitecustomize.py": code, "usercustomize.py": code}
    tools = next(index for index in here.server.indexes if index.prefix == "/tools/simple/")
    evil = packages.wheel(here.base / "evil", "early-dep", "6.6", files=files)
    tools.files[evil.name] = evil
    python = ["--python", here.venv.python] if by_python else []
    here.pip(*python, "install", "--use-feature=venv-isolation", "spy-thing")
    lines = [json.loads(line) for line in told.read_text().splitlines()]
    assert lines, "the canary did not sing at all"
    assert not [argv for inside, _, argv in lines if inside]
    for canary in here.canaries.values():
        assert canary.find_in(told.read_text()) == []
