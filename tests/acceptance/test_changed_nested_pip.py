"""The build code of one package changes what the nested pip of the same run loads, and still gets no credential."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from support.leaks.canary import Canary, new_canary
from support.machine.other_user import NOBODY, give_away
from support.machine.requirements import not_run
from support.programs import pip_venvs
from support.programs.authpip_cli import rule
from support.programs.pip_venvs import PipVenv
from support.samples import changed_pip, packages
from support.samples.changed_pip import WAYS
from support.servers.index_server import Authority, IndexServer

PIP = "26.3"


class Scene(NamedTuple):
    """An environment of an ordinary user, who can change all of it, and a private index with the attacker's package."""

    base: Path
    venv: PipVenv
    server: IndexServer
    evil: IndexServer
    canary: Canary
    environ: dict[str, str]
    report: Path

    def install(self, way: str, module: str = "authpip") -> "subprocess.CompletedProcess[str]":
        """Install the package that makes this change, as the ordinary user."""
        mine = self.base / "mine"
        (mine / "py").mkdir(parents=True)
        source = changed_pip.sdist(
            self.base / "files",
            WAYS[way],
            self.report,
            venv=self.venv.directory,
            site=self.venv.site_packages,
            home=self.base / "home",
            mine=mine,
            evil=self.evil.url().rstrip("/"),
        )
        self.server.indexes[0].files[source.name] = source
        if way == "a shared library":
            changed_pip.compile_library(mine)
        environ = self.environ | {name: value.format(mine=mine) for name, value in WAYS[way].environ.items()}
        uid = NOBODY if os.geteuid() == 0 else os.geteuid()
        give_away(self.base, uid)
        user = {"user": uid, "group": uid, "extra_groups": []} if uid != os.geteuid() else {}
        return self.venv.run("install", "evil-thing", env=environ, module=module, cwd=self.base, **user)

    def thefts(self) -> list[dict[str, Any]]:
        """What the thief has written down, one search each."""
        return [json.loads(line) for line in self.report.read_text().splitlines()] if self.report.exists() else []

    def loot(self) -> list[dict[str, Any]]:
        """The searches that found a secret."""
        return [theft for theft in self.thefts() if theft.get("found") or theft.get("header")]


@pytest.fixture
def scene(environment: dict[str, str], serve: Callable[..., IndexServer], authority: Authority, tmp_path: Path) -> Scene:
    base, canary, server, evil = Path(environment["HOME"]).parent, new_canary(), serve(), serve(tls=False)
    server.add("/team/simple", [packages.wheel(tmp_path, "late-dep")], username="alice", password=canary.secret)
    evil.add("/simple")
    certificates = base / "ca.pem"
    certificates.write_bytes(authority.file.read_bytes())
    venv = pip_venvs.make(base / "venv", pip_venvs.system_python(), PIP, authpip=True)
    config = venv.directory / "pyvenv.cfg"
    text = config.read_text().replace("include-system-site-packages = false", "include-system-site-packages = true")
    config.unlink()  # it is a hard link to the template's
    config.write_text(text)  # with this, the user's own site-packages count
    url = server.url("/team/simple/")
    environ = environment | {"PIP_CERT": str(certificates), "PIP_INDEX_URL": url} | rule(url, "alice", canary.secret)
    del environ["PYTHONNOUSERSITE"]
    report = base / "mine" / "report.jsonl"
    return Scene(base, venv, server, evil, canary, environ, report)


@pytest.mark.parametrize("way", WAYS)
def test_a_changed_nested_pip_has_no_credential(scene: Scene, way: str) -> None:
    """audit 1, P4, A19, A20: hostile code runs in the nested pip, searches its memory, environment and descriptors, and
    its parent's, and finds nothing; the install succeeds or ends with a clear line. At e46b6fa six of six ways found it;
    `test_the_thief_finds_a_secret` is the control."""
    if way == "a shared library" and not Path("/usr/bin/cc").exists():
        not_run("there is no C compiler")
    done = scene.install(way)
    said = done.stdout + done.stderr
    assert "Traceback" not in said
    assert done.returncode == 0 or any(line.startswith(("ERROR:", "authpip:")) for line in said.splitlines()), said
    nested = [theft for theft in scene.thefts() if "late-dep" in theft.get("argv", ())]
    assert nested or not WAYS[way].is_run, said
    assert scene.loot() == []
    assert scene.canary.find_in(said) + scene.canary.find_below(scene.base / "mine", scene.base / "tmp") == []
    assert not [seen for seen in scene.evil.requests if scene.canary.find_in(repr((seen, seen.headers)))]


def test_the_thief_finds_a_secret(scene: Scene) -> None:
    """The control of the test above: with plain pip, whose nested pip has the password in its argv, it is found."""
    scene.environ["PIP_INDEX_URL"] = scene.server.url("/team/simple/", userinfo=f"alice:{scene.canary.secret}")
    done = scene.install("pip's runner", module="pip")
    assert done.returncode == 0, done.stderr
    places = {place for theft in scene.loot() for place in theft.get("found", ())}
    assert {"self/cmdline", "self/mem"} <= places
    assert [theft for theft in scene.loot() if theft.get("header") == "Authorization"]
