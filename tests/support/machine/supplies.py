"""What tests take from outside: the machine's Pythons, wheels from the registry, and the wheel under test."""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from glob import glob
from pathlib import Path

from filelock import FileLock

from support.machine.isolation import CACHE, GUARD, MACHINE, ROOT
from support.machine.requirements import missing, not_run

VERSIONS = ("3.11", "3.12", "3.13", "3.10")
WHEELS = CACHE / "wheels"
PYTHON = MACHINE.get("AUTHPIP_TESTS_PYTHON", "3.11")
"""The Python behind authpip, where a test needs any one."""
_LAST_PYTHON = {(25, 3): 15, (23, 1): 14, (0, 0): 11}
"""From this pip on, up to the pip above it: the last Python 3 that it runs on."""


def system_python() -> str:
    """A Python that every user of the machine may execute, new enough for authpip: the distribution's own."""
    code = "import sys, venv; sys.exit(sys.version_info < (3, 10))"
    for path in filter(os.path.exists, (f"/usr/bin/python{PYTHON}", "/usr/bin/python3", "/usr/local/bin/python3")):
        if subprocess.run([path, "-c", code], check=False).returncode == 0:
            return path
    raise not_run("no Python 3.10 or newer that an ordinary user may execute")


def python_for(pip: str) -> str:
    """The version of a Python that both authpip and this pip run on, our own if it does ("3.11")."""
    own = "{}.{}".format(*sys.version_info)
    suitable = [version for version in (own, *VERSIONS) if runs_on(pip, version) and interpreter(version)]
    return suitable[0] if suitable else not_run(f"no Python 3.10 or newer that pip {pip} runs on")


def runs_on(pip: str, python: str) -> bool:
    """True if this pip runs on this Python, which is a version ("3.11") or the path of an interpreter."""
    this = tuple(map(int, pip.split(".")[:2]))
    last = next(newest for first, newest in _LAST_PYTHON.items() if this >= first)
    return _minor(python) <= last


@functools.cache
def _minor(python: str) -> int:
    if not os.path.isabs(python):
        return int(python.split(".")[1])
    code = [python, "-I", "-c", "import sys; print(sys.version_info[1])"]
    return int(subprocess.run(code, capture_output=True, check=True).stdout)


@functools.cache
def interpreter(version: str) -> str | None:
    """The path of a Python of this minor version ("3.8"), from pyenv, uv, PATH or /usr/bin; None: there is none."""
    if os.path.isabs(version):
        return version
    home = MACHINE.get("HOME", "/")
    pyenv = MACHINE.get("PYENV_ROOT", f"{home}/.pyenv")
    candidates = sorted(glob(f"{pyenv}/versions/{version}.*/bin/python"))
    candidates += sorted(glob(f"{home}/.local/share/uv/python/cpython-{version}.*/bin/python{version}"))
    on_path = shutil.which(f"python{version}", path=MACHINE.get("PATH", os.defpath) + ":/usr/local/bin:/usr/bin")
    candidates += [on_path] if on_path else []
    if sys.version.startswith(f"{version}."):
        candidates.append(sys.executable)
    return next(filter(_runs, candidates), None)


def fetch(requirement: str) -> Path:
    """The wheel of "name==version" (or "name": the newest), from the registry the first time only."""
    folder = WHEELS / re.sub(r"[^\w.=-]", "_", requirement)
    with locked(folder):
        if not any(folder.glob("*.whl")):
            download = ["-m", "pip", "-q", "download", "--no-deps", "--only-binary", ":all:", "-d", str(folder)]
            outside([sys.executable, *download, requirement])
    return next(folder.glob("*.whl"))


def authpip_wheel() -> Path:
    """The wheel under test: the one scripts/test has installed, or for a developer's pytest a new one of this tree."""
    given = MACHINE.get("AUTHPIP_TESTS_WHEEL")
    return Path(given) if given else _build_wheel()


@functools.cache
def _build_wheel() -> Path:
    folder = CACHE / "dist-of-developer"
    with locked(folder):
        outside([sys.executable, "-m", "pip", "-q", "wheel", "--no-deps", "-w", str(folder), str(ROOT)])
    return next(folder.glob("authpip-*.whl"))


def outside(argv: Sequence[str]) -> None:
    """Run a command in the machine's own environment; the only way that anything is fetched for a test."""
    with GUARD.outside() as environ:
        environ = {name: value for name, value in environ.items() if name not in {"PYTHONPATH", "PIP_USER"}}
        environ["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
        done = subprocess.run(argv, env=environ, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    if done.returncode:
        missing(f"{' '.join(argv)} failed, and with it what this test needs: {done.stderr[-800:]}")


def locked(path: Path) -> FileLock:
    path.parent.mkdir(parents=True, exist_ok=True)
    return FileLock(f"{path}.lock", timeout=280)


def _runs(path: str) -> bool:
    try:
        return subprocess.run([path, "-c", "import venv"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False
