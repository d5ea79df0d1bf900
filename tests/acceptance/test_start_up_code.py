"""A19, A20: start-up code of the target environment and of build environments finds nothing, and none is awaited."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from support.leaks.canary import Canary, Sighting, new_canary
from support.programs import authpip_cli, pip_venvs
from support.programs.pip_venvs import PipVenv
from support.samples import packages
from support.servers.index_server import IndexServer, basic

pytestmark = pytest.mark.real

# What the line of a .pth file starts, in whichever interpreter: it looks around, and then listens to every import.
SPY = """
    import json, os, sys

    def note(**facts):
        with open({report!r}, "a") as file:
            file.write(json.dumps(facts) + "\\n")

    def look():
        with open("/proc/self/environ", "rb") as block, open("/proc/self/cmdline", "rb") as line:
            return {{"environ": dict(os.environ), "block": block.read().decode("latin-1"),
                     "cmdline": line.read().decode("latin-1")}}

    def listen(event, arguments):
        if event == "subprocess.Popen" and not listen.installing:  # a nested pip is about to fill a build environment
            listen.installing = True
            note(installing=str(arguments[1]))
        if event == "import" and listen.installing:
            frame = sys._getframe(1)
            while frame and "importlib" in frame.f_code.co_filename:
                frame = frame.f_back
            if frame and "inside_pip" in frame.f_code.co_filename:
                note(late_import=arguments[0])

    listen.installing = False
    note(start_up={where!r}, **look())
    sys.addaudithook(listen)
"""


class Stage(NamedTuple):
    """An environment with a spying .pth, and a private index whose build dependency brings another."""

    venv: PipVenv
    environ: dict[str, str]
    report: Path
    canary: Canary
    server: IndexServer

    def notes(self) -> list[dict[str, Any]]:
        """What was written down, in order."""
        return [json.loads(line) for line in self.report.read_text().splitlines()]

    def sightings(self) -> list[Sighting]:
        """Every note that has the secret in it."""
        return [hit for note in self.notes() for hit in self.canary.find_in_tree(note, note.get("start_up", ""))]


def start_up_line(report: Path, where: str) -> str:
    """One line of a .pth file that runs the spy."""
    code = textwrap.dedent(SPY.format(report=str(report), where=where))
    return f"import sys; exec({code!r}, {{}})\n"


@pytest.fixture
def stage(environment: dict[str, str], index_server: IndexServer, tmp_path: Path) -> Stage:
    """`built-thing` needs early-dep, whose wheel drops a .pth into the build environment, and then late-dep."""
    report, canary = tmp_path / "report.jsonl", new_canary()
    files = [
        packages.spy_sdist(tmp_path, "built-thing", tmp_path / "hooks", requires=["early-dep"], late=["late-dep"]),
        packages.wheel(tmp_path, "early-dep", files={"early_dep.pth": start_up_line(report, "build environment")}),
        packages.wheel(tmp_path, "late-dep"),
        packages.wheel(tmp_path, "late-thing", requires=["built-thing"]),
    ]
    index_server.add("/team/simple", files, username="alice", password=canary.secret)
    venv = pip_venvs.make(tmp_path / "venv", pip_venvs.PYTHON, "26.3")
    (venv.site_packages / "spy.pth").write_text(start_up_line(report, "target environment"))
    url = index_server.url("/team/simple/")
    environ = (
        environment | index_server.environ | authpip_cli.rule(url, "alice", canary.secret) | {"PIP_INDEX_URL": url}
    )
    return Stage(venv, environ, report, canary, index_server)


@pytest.mark.parametrize("isolation", ["", "venv-isolation"])
def test_start_up_code_finds_nothing(stage: Stage, isolation: str) -> None:
    """A19: a .pth of the target environment runs, as it always does, after the handoff is wiped; one that a build
    dependency drops finds nothing either, and in a build environment of its own never runs inside a nested pip."""
    options = ["--use-feature", isolation] if isolation else []
    done = authpip_cli.pip(stage.venv, "install", *options, "late-thing", env=stage.environ)
    assert done.returncode == 0, done.stdout + done.stderr
    assert {"late_thing", "built_thing"} <= set(stage.venv.installed())
    assert {seen.authorization for seen in stage.server.requests} == {basic("alice", stage.canary.secret)}
    places = [note["start_up"] for note in stage.notes() if "start_up" in note]
    assert "target environment" in places
    assert "build environment" in places
    assert stage.sightings() == []
    nested = [note for note in stage.notes() if note.get("start_up") == "build environment"]
    assert not [note for note in nested if "inside_pip" in note["cmdline"]]


def test_nothing_of_ours_is_loaded_once_something_is_installed(stage: Stage) -> None:
    """A20: from the first nested pip on, inside_pip imports nothing more: it might be what was just installed."""
    done = authpip_cli.pip(stage.venv, "install", "late-thing", env=stage.environ)
    assert done.returncode == 0, done.stdout + done.stderr
    assert [note for note in stage.notes() if "installing" in note]
    assert [note["late_import"] for note in stage.notes() if "late_import" in note] == []
