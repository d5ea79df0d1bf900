"""The wheel under test, installed for an ordinary user who works in a directory of a repository."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from support.machine.other_user import NOBODY, give_away
from support.machine.supplies import system_python
from support.programs import pip_venvs
from support.programs.pip_venvs import PipVenv


class OrdinaryUser(NamedTuple):
    """base: a directory of the user's, HOME in it. project: the working directory."""

    base: Path
    project: Path
    venv: PipVenv
    environ: Mapping[str, str]

    def pip(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """`pip ARGUMENTS` of an enabled environment: authpip starts with -I."""
        main = self.venv.site_packages / "authpip" / "__main__.py"
        argv = [self.venv.python, "-I", str(main), "environment", self.venv.python, "0", "-m", *arguments]
        return self.run(argv, **variables)

    def authpip(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """`python -m authpip ARGUMENTS`."""
        return self.run([self.venv.python, "-m", "authpip", *arguments], **variables)

    def run(self, argv: list[str], **variables: str) -> subprocess.CompletedProcess[str]:
        """A command in the project, as that user, with these variables besides."""
        give_away(self.base, NOBODY if os.geteuid() == 0 else os.geteuid())
        user: dict[str, Any] = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
        return subprocess.run(
            argv,
            env={**self.environ, **variables},
            cwd=self.project,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
            **user,
        )


def make(environ: Mapping[str, str]) -> OrdinaryUser:
    """An environment with authpip and pip 26.3, and an empty project."""
    base = Path(environ["HOME"]).parent
    project = base / "project"
    project.mkdir()
    python = system_python() if os.geteuid() == 0 else pip_venvs.PYTHON
    return OrdinaryUser(base, project, pip_venvs.make(base / "venv", python, "26.3", authpip=True), environ)
