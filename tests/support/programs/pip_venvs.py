"""Virtual environments of a given Python with a given pip: made once below .cache, copied for each test."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from support.machine.isolation import CACHE, ROOT
from support.machine.requirements import not_run
from support.machine.supplies import (
    PYTHON,
    authpip_wheel,
    fetch,
    interpreter,
    locked,
    outside,
    python_for,
    runs_on,
    system_python,
)

__all__ = [
    "PYTHON",
    "PipVenv",
    "authpip_wheel",
    "fetch",
    "interpreter",
    "locked",
    "make",
    "outside",
    "python_for",
    "system_python",
]

TEMPLATES = CACHE / "pip-venvs"


class PipVenv(NamedTuple):
    """One virtual environment: its directory, its Python ("3.11") and its pip ("26.3")."""

    directory: Path
    python_version: str
    pip_version: str

    @property
    def python(self) -> str:
        return str(self.directory / "bin" / "python")

    @property
    def scripts(self) -> str:
        """What an activated environment puts first on PATH."""
        return str(self.directory / "bin")

    def activated(self, environ: Mapping[str, str]) -> dict[str, str]:
        """The environment that `activate` would make: VIRTUAL_ENV, and PATH with this one first."""
        path = self.scripts + os.pathsep + environ.get("PATH", os.defpath)
        return {**environ, "VIRTUAL_ENV": str(self.directory), "PATH": path}

    def run(
        self, *arguments: str, env: Mapping[str, str], module: str = "pip", timeout: float = 240, **more: Any
    ) -> subprocess.CompletedProcess[str]:
        """`python -m MODULE ARGUMENTS` in it, output kept as text; more: for subprocess.run."""
        options: dict[str, Any] = {"capture_output": True, "text": True, "stdin": subprocess.DEVNULL, **more}
        argv = [self.python, "-m", module, *arguments]
        return subprocess.run(argv, env=dict(env), timeout=timeout, check=False, **options)

    def installed(self) -> dict[str, str]:
        """Distribution → version, read from the disk."""
        found = (re.fullmatch(r"(.+)-([^-]+)\.dist-info", path.name) for path in self.site_packages.iterdir())
        return {match[1]: match[2] for match in found if match}

    @property
    def site_packages(self) -> Path:
        return next(self.directory.glob("lib/python*/site-packages"))


def make(directory: Path, python: str, pip: str, *, authpip: bool = False) -> PipVenv:
    """A fresh environment at `directory`, which no other test sees; authpip: with the wheel under test in it.

    python: a version ("3.11"), the path of an interpreter, or "" for whatever suits that pip.
    """
    python = python or python_for(pip)
    if interpreter(python) is None:
        not_run(f"Python {python} is not on this machine")
    if not runs_on(pip, python):
        not_run(f"pip {pip} does not run on Python {python}")
    _copy(_with_authpip(python, pip) if authpip else _plain(python, pip), directory)
    return PipVenv(directory, python, pip)


def _plain(python: str, pip: str) -> PipVenv:
    """Nothing but that pip."""

    def fill(template: PipVenv) -> None:
        outside([str(interpreter(python)), "-m", "venv", "--without-pip", str(template.directory)])
        wheel = fetch(f"pip=={pip}")
        outside([template.python, f"{wheel}/pip", "-q", "install", "--no-index", "--no-deps", str(wheel)])

    return _template("", python, pip, fill)


def _with_requirements(python: str, pip: str, wheel: Path) -> PipVenv:
    """With what authpip needs, from the registry; it is made anew where pyproject.toml asks for something else."""

    def fill(template: PipVenv) -> None:
        _copy(_plain(python, pip), template.directory)
        outside([template.python, "-m", "pip", "-q", "install", str(wheel)])
        outside([template.python, "-m", "pip", "-q", "uninstall", "-y", "authpip"])

    return _template(f"-for-{_digest(ROOT / 'pyproject.toml')}", python, pip, fill)


def _with_authpip(python: str, pip: str) -> PipVenv:
    """With the wheel under test; those of wheels that are an hour old are cleared away."""
    wheel = authpip_wheel()

    def fill(template: PipVenv) -> None:
        for old in template.directory.parent.glob(template.directory.name.rpartition("-")[0] + "-*/complete"):
            if old.stat().st_mtime < time.time() - 3600:
                shutil.rmtree(old.parent, ignore_errors=True)
        _copy(_with_requirements(python, pip, wheel), template.directory)
        outside([template.python, "-m", "pip", "-q", "install", "--no-index", "--no-deps", str(wheel)])

    return _template(f"-authpip-{_digest(wheel)}", python, pip, fill)


def _template(suffix: str, python: str, pip: str, fill: Callable[[PipVenv], None]) -> PipVenv:
    """An environment that copies are made of; `fill` makes it where it is not there yet."""
    name = f"py{python.strip('/').replace('/', '-')}-pip{pip}{suffix}"
    template = PipVenv(TEMPLATES / name, python, pip)
    with locked(template.directory):
        if not (template.directory / "complete").exists():
            shutil.rmtree(template.directory, ignore_errors=True)
            fill(template)
            (template.directory / "complete").unlink(missing_ok=True)  # a copied one has the time of its original
            (template.directory / "complete").touch()
    return template


def _copy(template: PipVenv, directory: Path) -> None:
    """The same environment elsewhere, its scripts leading there."""
    shutil.copytree(template.directory, directory, symlinks=True, copy_function=_link)
    for path in (directory / "bin").iterdir():
        if path.is_file() and not path.is_symlink():
            _move_script(path, template.directory, directory)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def _link(source: str, target: str) -> str:
    """Hard links are quick; scripts are copied, for they are changed. Across file systems all is copied."""
    if Path(source).parent.name != "bin":
        try:
            os.link(source, target)
            return target
        except OSError:
            pass
    return shutil.copy2(source, target)


def _move_script(path: Path, old: Path, new: Path) -> None:
    content = path.read_bytes()
    if os.fsencode(old) in content:
        path.write_bytes(content.replace(os.fsencode(old), os.fsencode(new)))
