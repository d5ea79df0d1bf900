"""docs/rolling-out.md, run: a wheelhouse is collected, and authpip is installed from it where there is no network."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from support.machine.isolation import ROOT
from support.machine.requirements import need, not_run
from support.machine.supplies import authpip_wheel, outside, system_python

pytestmark = [pytest.mark.real, pytest.mark.heavy]


def commands() -> list[str]:
    """The blocks of shell commands of the page: to collect, and to install."""
    return re.findall(r"```sh\n(.*?)```", (ROOT / "docs/rolling-out.md").read_text("utf-8"), re.DOTALL)


def test_a_wheelhouse_without_a_network(tmp_path: Path, environment: dict[str, str]) -> None:
    """The page's own commands, with this wheel in place of the published one: the second half in a network namespace of
    its own, where nothing can be reached. What is installed runs."""
    if os.geteuid() != 0:
        not_run("a network namespace is made by root alone")
    collect, install = commands()
    collect = collect.replace("python3", system_python()).replace(" authpip\n", f" {authpip_wheel()}\n")
    outside(["sh", "-ec", f"cd {tmp_path}\n{collect}"])
    install = install.replace("python3", system_python()).replace("/opt/", f"{tmp_path}/opt/")
    (tmp_path / "bin").mkdir()
    install = install.replace("/usr/local/bin/", f"{tmp_path}/bin/")
    argv = [need("unshare"), "--net", "sh", "-ec", f"mkdir {tmp_path}/opt; cd {tmp_path}\n{install}"]
    subprocess.run(argv, env=environment, check=True, capture_output=True, timeout=300)
    run = [f"{tmp_path}/bin/authpip", "auth", "config", "check"]
    done = subprocess.run(run, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "0 rules, nothing wrong\n")
