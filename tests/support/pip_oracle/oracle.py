"""A real pip that says which indexes a command line would use: one long-lived process for each version."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from support.programs.pip_venvs import PipVenv

DRIVER = Path(__file__).with_name("driver.py")


class PipOracle:
    """Ask with `ask`; close with `close`."""

    def __init__(self, venv: PipVenv, environ: Mapping[str, str]) -> None:
        self.version = venv.pip_version
        argv = [venv.python, "-I", str(DRIVER)]
        self._process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=dict(environ))

    def ask(self, args: Sequence[str], environ: Mapping[str, str], *, prefix: str, cwd: str) -> dict[str, Any]:
        """What this pip would use, see the driver; {"error": why} where it would end before it looks."""
        return self._answer({"args": list(args), "environ": dict(environ), "prefix": prefix, "cwd": cwd})

    def tables(self) -> dict[str, dict[str, list[str]]]:
        """{command: {spelling: [name, kind]}} of all options that this pip has."""
        return self._answer({"tables": True})

    def _answer(self, job: Mapping[str, Any]) -> dict[str, Any]:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(job).encode() + b"\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def close(self) -> None:
        """End the process; its input is at an end."""
        self._process.communicate(timeout=10)
