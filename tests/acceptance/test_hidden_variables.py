"""P4: variables with which a job proves its identity, and what a build sees of them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from authpip.config.builds import IDENTITY
from authpip.config.settings import Settings
from authpip.launcher.handoff import named_variables
from support.leaks.canary import new_canary
from support.machine.other_user import NOBODY, give_away
from support.machine.supplies import system_python
from support.programs import pip_venvs
from support.samples import packages

pytestmark = pytest.mark.real


def of_the_job(secret: str) -> dict[str, str]:
    """A variable for each pattern of `hide = "identity"`, with the secret in it; those that lead authpip itself to a
    credential are taken out of pip's environment in any case."""
    names = {pattern.replace("*", "X") for pattern in IDENTITY}
    return {name: f"{secret}/{name}" for name in names}


@pytest.mark.parametrize("hide", ["identity", "nothing"])
def test_a_build_does_not_see_the_jobs_identity(environment: dict[str, str], tmp_path: Path, hide: str) -> None:
    """P4, audit 2: with AUTHPIP_BUILDS_HIDE=identity a build finds none of the variables, even where no index is used;
    the control is "nothing", where it finds all but those that hold a secret of authpip's."""
    canary, base = new_canary(), Path(environment["HOME"]).parent
    report = base / "spy" / "report.jsonl"
    report.parent.mkdir()
    source = packages.unpack(packages.spy_files("lone-thing", report, requires=[], late=[]), base / "source")
    root = os.geteuid() == 0
    venv = pip_venvs.make(base / "venv", system_python() if root else pip_venvs.PYTHON, "26.3", authpip=True)
    give_away(base, NOBODY if root else os.geteuid())
    user = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if root else {}
    job = of_the_job(canary.secret)
    environ = environment | job | {"AUTHPIP_BUILDS_HIDE": hide, "SSH_AUTH_SOCK": "stays"}
    done = venv.run("install", "--no-index", str(source), env=environ, module="authpip", cwd=base, **user)
    assert done.returncode == 0, done.stdout + done.stderr
    looks = [json.loads(line) for line in report.read_text().splitlines()]
    assert {look["environ"]["SSH_AUTH_SOCK"] for look in looks} == {"stays"}
    seen = {name for look in looks for name in job if name in look["environ"]}
    assert seen == (set(job) - named_variables(Settings()) if hide == "nothing" else set())
    assert bool([hit for look in looks for hit in canary.find_in_tree(look["environ"])]) == (hide == "nothing")
