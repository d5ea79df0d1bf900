"""authpip standing in front of the pip of an environment of any Python, as a shim called `pip` would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import authpip
from support.programs.pip_venvs import PipVenv

ROOM = str(Path(authpip.__file__).parents[1])
Run = Callable[..., "subprocess.CompletedProcess[str]"]
"""The `pip` fixture of the tests."""
_CODE = (
    "import sys; sys.path.append(sys.argv.pop(1)); "
    "from authpip.cli import run; sys.exit(run(sys.argv[1:], called_as='pip'))"
)


def command(*arguments: str) -> list[str]:
    """The argv of `pip ARGUMENTS` through a shim; which pip it becomes is said by PATH."""
    return [sys.executable, "-I", "-c", _CODE, ROOM, *arguments]


def surroundings(venv: PipVenv, environ: Mapping[str, str]) -> dict[str, str]:
    """The environment with this venv's pip first on PATH, and without a developer's PYTHONPATH."""
    return {name: value for name, value in venv.activated(environ).items() if name != "PYTHONPATH"}


def pip(
    venv: PipVenv, *arguments: str, env: Mapping[str, str], timeout: float = 120, **more: Any
) -> subprocess.CompletedProcess[str]:
    """Run `pip ARGUMENTS` of that environment behind authpip; more: for subprocess.run."""
    options: dict[str, Any] = {"capture_output": True, "text": True, "stdin": subprocess.DEVNULL, **more}
    return subprocess.run(
        command(*arguments), env=surroundings(venv, env), timeout=timeout, check=False, errors="replace", **options
    )


def auth(*arguments: str, env: Mapping[str, str], **more: Any) -> subprocess.CompletedProcess[str]:
    """Run `authpip auth ARGUMENTS`; more: for subprocess.run."""
    options: dict[str, Any] = {"capture_output": True, "text": True, "stdin": subprocess.DEVNULL, **more}
    environ = {name: value for name, value in env.items() if name != "PYTHONPATH"}
    return subprocess.run(command("auth", *arguments), env=environ, timeout=60, check=False, **options)


def rule(url: str, username: str, password: str | None = None, *, name: str = "CORP") -> dict[str, str]:
    """One index rule in variables, as a CI job has it."""
    fields = {"URL": url, "USERNAME": username, "PASSWORD": password}
    return {f"AUTHPIP_INDEX_{name}_{key}": value for key, value in fields.items() if value is not None}


def logins(path: Path, *entries: tuple[str, str, str]) -> dict[str, str]:
    """A file of logins, (url, username, secret) each, and the variable that names it; write it anew to change one."""
    listed = [{"url": url, "username": username, "secret": secret} for url, username, secret in entries]
    new = path.with_suffix(".new")
    new.write_text(json.dumps({"version": 1, "logins": listed}))
    new.chmod(0o600)
    os.replace(new, path)
    return {"AUTHPIP_AUTH_FILE": str(path)}
