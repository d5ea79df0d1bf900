"""The main job: a private package with a private build dependency is installed, and its build sees no secret.

P3, P4, P5; A12, A13, A14, A23. That the spy is able to find one is held by tests/house/test_test_tools.py, and here by
`test_plain_pip_leaks`.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from support.leaks.canary import Canary, Sighting, new_canary
from support.leaks.cmdline_sampler import CmdlineSampler
from support.machine.other_user import NOBODY, give_away
from support.machine.requirements import not_run
from support.programs import pip_venvs
from support.programs.authpip_cli import rule
from support.programs.pip_venvs import PipVenv
from support.samples import packages
from support.servers.index_server import IndexServer, basic

pytestmark = pytest.mark.real

YAMA = Path("/proc/sys/kernel/yama/ptrace_scope")
PIPS = ["26.3", "24.0", "22.3.1"]
FEW = ["26.3", *(pytest.param(pip, marks=pytest.mark.heavy) for pip in PIPS[1:])]
WHEEL_HOOKS = {"get_requires_for_build_wheel", "prepare_metadata_for_build_wheel", "build_wheel"}
EDITABLE_HOOKS = {"get_requires_for_build_editable", "prepare_metadata_for_build_editable", "build_editable"}


class Scene(NamedTuple):
    """One private index with a spying package on it, and who is going to install it."""

    canary: Canary
    server: IndexServer
    environ: dict[str, str]
    base: Path
    report: Path
    uid: int

    @property
    def url(self) -> str:
        return self.server.url("/team/simple/")

    def looks(self) -> list[dict[str, Any]]:
        """What the spy has written down, one look for each hook."""
        return [json.loads(line) for line in self.report.read_text().splitlines()]


@pytest.fixture(params=["root", "ordinary user"])
def scene(
    request: pytest.FixtureRequest, environment: dict[str, str], index_server: IndexServer, tmp_path: Path
) -> Scene:
    """Once as root and once as somebody else, who then may not read pip's memory either."""
    if os.geteuid() != 0 and request.param == "root":
        not_run("the tests are not root's")
    canary, base = new_canary("odd"), Path(environment["HOME"]).parent
    report = base / "spy" / "report.jsonl"
    report.parent.mkdir()
    index_server.add("/team/simple", _files(tmp_path, report), username="alice", password=canary.secret)
    authority = base / "ca.pem"  # where an ordinary user may read it
    authority.write_bytes(index_server.authority.file.read_bytes() if index_server.authority else b"")
    environ = environment | {"PIP_CERT": str(authority), "PIP_INDEX_URL": index_server.url("/team/simple/")}
    uid = NOBODY if request.param == "ordinary user" and os.geteuid() == 0 else os.geteuid()
    return Scene(canary, index_server, environ, base, report, uid)


def _files(directory: Path, report: Path) -> list[Path]:
    setuptools = pip_venvs.fetch("setuptools==68.2.2")
    return [
        packages.spy_sdist(directory, "spy-thing", report, requires=["early-dep"], late=["late-dep"]),
        packages.spy_sdist(directory, "early-dep", report, requires=["deep-dep"]),
        packages.wheel(directory, "deep-dep"),
        packages.wheel(directory, "late-dep"),
        packages.legacy_sdist(directory, "old-thing", report),
        setuptools,
        pip_venvs.fetch("wheel==0.41.2"),
    ]


def make_venv(scene: Scene, pip: str) -> PipVenv:
    """An environment which this scene's user may execute and write to."""
    python = "" if scene.uid == os.geteuid() else pip_venvs.system_python()
    return pip_venvs.make(scene.base / "venv", python, pip, authpip=True)


def install(scene: Scene, venv: PipVenv, *arguments: str, module: str = "authpip") -> tuple[Any, CmdlineSampler]:
    """Run one install with the command lines of the whole machine under watch."""
    give_away(scene.base, scene.uid)
    user = {"user": scene.uid, "group": scene.uid, "extra_groups": []} if scene.uid != os.geteuid() else {}
    with CmdlineSampler() as sampler:
        done = venv.run("install", *arguments, env=scene.environ, module=module, cwd=scene.base, **user)
    return done, sampler


def sightings(scene: Scene, done: Any, sampler: CmdlineSampler) -> list[Sighting]:
    """Every place where the secret was found: what the spy saw, what pip said and wrote, what ps showed."""
    looks = [hit for look in scene.looks() for hit in scene.canary.find_in_tree(look, look["hook"])]
    said = scene.canary.find_in(done.stdout, "stdout") + scene.canary.find_in(done.stderr, "stderr")
    shown = scene.canary.find_in(b"\n".join(sampler.seen), "command lines")
    left = scene.canary.find_below(*(scene.base / name for name in ("home", "tmp", "logs")))
    return looks + said + shown + left


@pytest.mark.parametrize("pip", PIPS)
def test_a_build_backend_finds_no_secret(scene: Scene, pip: str) -> None:
    """All hooks of PEP 517, with build dependencies at two levels: nothing in the environment, argv, ancestors,
    descriptors, ps, pip's log and report, HOME and TMPDIR, nor in any command line while it ran."""
    venv = make_venv(scene, pip)
    (scene.base / "logs").mkdir()
    scene.environ.update(rule(scene.url, "alice", scene.canary.secret))
    logs = ["--log", str(scene.base / "logs/pip.log"), "--report", str(scene.base / "logs/report.json")]
    done, sampler = install(scene, venv, "-vvv", *logs, "spy-thing")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Successfully installed spy-thing-1.0" in done.stdout
    looks = scene.looks()
    assert {look["hook"] for look in looks} >= WHEEL_HOOKS
    assert sightings(scene, done, sampler) == []
    assert sampler.rounds > 20
    assert not [name for look in looks for name in look["environ"] if "AUTHPIP" in name]
    assert {seen.authorization for seen in scene.server.requests} == {basic("alice", scene.canary.secret)}
    assert set(scene.server.statuses()) <= {200, 404}
    if scene.uid != 0:
        assert {look["uid"] for look in looks} == {scene.uid}
        assert {"Permission denied" in memory for memory in memories(looks)} == {True}


def memories(looks: list[dict[str, Any]]) -> list[str]:
    """What came of reading the memory of the pip that runs the backend: its nearest ancestor."""
    return [str(look["ancestors"][0]["memory"]) for look in looks]


@pytest.mark.parametrize("pip", FEW)
def test_an_editable_build_finds_no_secret(scene: Scene, pip: str) -> None:
    """All hooks of PEP 660 likewise, for `pip install -e DIRECTORY`."""
    venv = make_venv(scene, pip)
    files = packages.spy_files("edit-thing", scene.report, requires=["early-dep"], late=["late-dep"])
    source = packages.unpack(files, scene.base / "source")
    scene.environ.update(rule(scene.url, "alice", scene.canary.secret))
    done, sampler = install(scene, venv, "-e", str(source))
    assert done.returncode == 0, done.stdout + done.stderr
    assert {look["hook"] for look in scene.looks()} >= EDITABLE_HOOKS
    assert sightings(scene, done, sampler) == []


@pytest.mark.parametrize("pip", FEW)
def test_a_legacy_setup_py_finds_no_secret(scene: Scene, pip: str) -> None:
    """A13: setup.py without pyproject.toml, its setuptools from the private index."""
    venv = make_venv(scene, pip)
    scene.environ.update(rule(scene.url, "alice", scene.canary.secret))
    done, sampler = install(scene, venv, "--use-pep517", "old-thing")
    assert done.returncode == 0, done.stdout + done.stderr
    assert [look["hook"] for look in scene.looks()].count("setup.py") >= 2
    assert sightings(scene, done, sampler) == []


@pytest.mark.parametrize("pip", FEW)
def test_a_password_in_the_url_is_taken_out_of_it(scene: Scene, pip: str) -> None:
    """Where the user wrote the password into PIP_INDEX_URL himself, the build sees as little of it."""
    venv = make_venv(scene, pip)
    scene.environ["PIP_INDEX_URL"] = _with_password(scene)
    done, sampler = install(scene, venv, "spy-thing")
    assert done.returncode == 0, done.stdout + done.stderr
    assert sightings(scene, done, sampler) == []


@pytest.mark.parametrize("option", ["--no-index", "--index-url"])
def test_a_password_that_is_not_needed_is_not_left_lying(scene: Scene, option: str) -> None:
    """Where no index is asked there is nothing to hand over, and the plain pip runs: what it builds finds no password
    in PIP_INDEX_URL or argv either, nor a variable of ours that no rule speaks of."""
    venv = make_venv(scene, "26.3")
    files = packages.spy_files("lone-thing", scene.report, requires=[], late=[])
    source = packages.unpack(files, scene.base / "source")
    scene.environ["PIP_INDEX_URL"] = scene.environ["PIP_EXTRA_INDEX_URL"] = _with_password(scene)
    scene.environ["AUTHPIP_INDEX_NOBODYS_PASSWORD"] = scene.canary.secret
    given = [] if option == "--no-index" else [option, _with_password(scene)]
    done, sampler = install(scene, venv, "--no-index", *given, str(source))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "build_wheel" in {look["hook"] for look in scene.looks()}
    seen = sightings(scene, done, sampler)
    assert [hit for hit in seen if not (given and hit.where == "command lines")] == []  # until authpip became pip


def test_plain_pip_leaks(scene: Scene) -> None:
    """The measure of the tests above: with plain pip the same spy finds the secret in its environment, in its
    ancestors' and, where a nested pip runs, among the command lines."""
    venv = make_venv(scene, "24.0")
    scene.environ["PIP_INDEX_URL"] = _with_password(scene)
    done, sampler = install(scene, venv, "spy-thing", module="pip")
    assert done.returncode == 0, done.stdout + done.stderr
    places = {hit.where for hit in sightings(scene, done, sampler)}
    assert "build_wheel.environ.PIP_INDEX_URL" in places
    assert "command lines" in places
    assert any(place.startswith("build_wheel.ancestors[0]") for place in places)
    if not YAMA.exists() or YAMA.read_text().strip() == "0":
        assert set(memories(scene.looks())) == {"open"}


def _with_password(scene: Scene) -> str:
    from urllib.parse import quote

    return scene.server.url("/team/simple/", userinfo=f"alice:{quote(scene.canary.secret, safe='')}")
