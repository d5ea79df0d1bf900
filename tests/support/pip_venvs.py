"""Virtual environments of a given Python with a given pip: made once below .cache, copied for each test."""

from __future__ import annotations

import functools
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from filelock import FileLock

from support.components import missing, not_run
from support.surroundings import CACHE, GUARD, MACHINE, ROOT

WHEELS = CACHE / "wheels"
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

    python: a version ("3.11") or the path of an interpreter.
    """
    template = _template(python, pip, authpip)
    shutil.copytree(template.directory, directory, symlinks=True, copy_function=_link)
    for path in (directory / "bin").iterdir():
        if path.is_file() and not path.is_symlink():
            _move_script(path, template.directory, directory)
    return PipVenv(directory, python, pip)


def system_python() -> str:
    """A Python that every user of the machine may execute, new enough for authpip: the distribution's own."""
    code = "import sys, venv; sys.exit(sys.version_info < (3, 10))"
    for path in filter(os.path.exists, ("/usr/bin/python3", "/usr/local/bin/python3")):
        if subprocess.run([path, "-c", code], check=False).returncode == 0:
            return path
    raise not_run("no Python 3.10 or newer that an ordinary user may execute")


@functools.cache
def interpreter(version: str) -> str | None:
    """The path of a Python of this minor version ("3.8"), from pyenv, uv, PATH or /usr/bin; None: there is none."""
    if os.path.isabs(version):
        return version
    home = Path(MACHINE.get("HOME", "/"))
    candidates = sorted(Path(MACHINE.get("PYENV_ROOT", home / ".pyenv")).glob(f"versions/{version}.*/bin/python"))
    candidates += sorted(home.glob(f".local/share/uv/python/cpython-{version}.*/bin/python{version}"))
    on_path = shutil.which(f"python{version}", path=MACHINE.get("PATH", os.defpath) + ":/usr/local/bin:/usr/bin")
    candidates += [Path(on_path)] if on_path else []
    if sys.version.startswith(f"{version}."):
        candidates.append(Path(sys.executable))
    return next((str(path) for path in candidates if _runs(path)), None)


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


def _template(python: str, pip: str, authpip: bool) -> PipVenv:
    """The environment that copies are made of. With authpip, its name has the wheel's digest in it."""
    wheel = authpip_wheel() if authpip else None
    name = f"py{python.strip('/').replace('/', '-')}-pip{pip}"
    name += f"-authpip-{hashlib.sha256(wheel.read_bytes()).hexdigest()[:12]}" if wheel else ""
    template = PipVenv(TEMPLATES / name, python, pip)
    with locked(template.directory):
        if not (template.directory / "complete").exists():
            shutil.rmtree(template.directory, ignore_errors=True)
            _fill(template, wheel)
            (template.directory / "complete").touch()
    return template


def _fill(template: PipVenv, wheel: Path | None) -> None:
    interpreter_path = interpreter(template.python_version)
    if interpreter_path is None:
        not_run(f"Python {template.python_version} is not on this machine")
    outside([interpreter_path, "-m", "venv", "--without-pip", str(template.directory)])
    pip = fetch(f"pip=={template.pip_version}")
    outside([template.python, f"{pip}/pip", "-q", "install", "--no-index", "--no-deps", str(pip)])
    if wheel is not None:
        outside([template.python, "-m", "pip", "-q", "install", str(wheel)])


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


def _runs(path: Path) -> bool:
    try:
        return subprocess.run([path, "-c", "import venv"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False
