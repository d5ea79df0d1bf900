"""What scripts/test, scripts/demo and scripts/bench share: an environment, the built wheel, the programs they start.

Standard library only, Python 3.10 or newer: it runs before anything is installed.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / ".cache"
_PROGRAMS = "Scripts" if os.name == "nt" else "bin"
BUILD = ("hatchling>=1.26", "hatch-fancy-pypi-readme>=24")
"""The build system's requirements: the wheel is built without isolation, so that it takes a second."""

# Variables by which one environment reaches into another one.
_FOREIGN = {"PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "PIP_PREFIX", "PIP_REQUIRE_VIRTUALENV", "PIP_TARGET", "PIP_USER"}


def require_python() -> None:
    """End politely where this interpreter is too old."""
    if sys.version_info < (3, 10):  # noqa: UP036 (nothing but this line holds an older one back)
        sys.exit(f"This needs Python 3.10 or newer; {sys.executable} is {sys.version.split()[0]}.")


def heed_signals() -> None:
    """A shell starts what it puts into the background deaf to ^C, nohup to a hang-up; all this starts would be, too."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for name in ("SIGQUIT", "SIGHUP"):
        if hasattr(signal, name):  # Windows has neither
            signal.signal(getattr(signal, name), signal.SIG_DFL)


def run(argv: Sequence[str], *, extra: Mapping[str, str] | None = None, check: bool = True) -> int:
    """Run a command from the repository's root without input; its exit status. Ends the script if check says so."""
    environ = {name: value for name, value in os.environ.items() if name not in _FOREIGN} | dict(extra or {})
    sys.stdout.flush()
    status = subprocess.run(argv, cwd=ROOT, env=environ, stdin=subprocess.DEVNULL, check=False).returncode
    if status and check:
        sys.exit(f"{' '.join(argv)} failed with exit status {status}")
    return status


def install_programs(programs: Mapping[str, str]) -> None:
    """Install the Debian packages of programs that are missing; where that cannot be done, say which."""
    missing = sorted({package for program, package in programs.items() if not find_program(program)})
    if not missing:
        return
    if not shutil.which("apt-get") or os.geteuid() != 0:
        print(f"Missing, and not installed for want of apt-get or root: {', '.join(missing)}", flush=True)
        return
    apt_install(missing)


def apt_install(packages: Sequence[str]) -> None:
    """Install Debian packages, without a question; what fails here is seen by what needed it."""
    print(f"Installing {', '.join(packages)}", flush=True)
    # RUNLEVEL: their services are for the tests to start, not for the machine.
    quiet = {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    run(["apt-get", "update", "-qq"], extra=quiet, check=False)
    run(["apt-get", "install", "-qqy", "--no-install-recommends", *packages], extra=quiet, check=False)


def find_program(name: str) -> str | None:
    """Where it is, sbin directories included, which an ordinary PATH may not have."""
    return shutil.which(name, path=os.environ.get("PATH", os.defpath) + ":/usr/sbin:/sbin")


class Environment:
    """A virtual environment below .cache, made anew when what it should hold has changed.

    groups: dependency groups of pyproject.toml; more: further requirements.
    """

    def __init__(self, name: str, *, groups: Sequence[str] = (), more: Sequence[str] = ()) -> None:
        self.directory = CACHE / name
        self.python = self.program("python")
        stamp = self.directory / "made-from"
        wanted = self._recipe([*groups, *more])
        if not stamp.exists() or stamp.read_text() != wanted:
            self._make(groups, more)
            stamp.write_text(wanted)

    def program(self, name: str) -> str:
        """The absolute path of one of its commands."""
        return str(self.directory / _PROGRAMS / name)

    def install_wheel(self) -> Path:
        """Build the wheel of this tree and install it here; its path."""
        dist = CACHE / "dist"
        shutil.rmtree(dist, ignore_errors=True)
        pip = [self.python, "-m", "pip", "--disable-pip-version-check", "-qq"]
        run([*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", str(dist), str(ROOT)])
        (wheel,) = dist.glob("authpip-*.whl")
        run([*pip, "install", "--no-deps", "--force-reinstall", "--no-index", str(wheel)])
        return wheel

    def _recipe(self, chosen: Sequence[str]) -> str:
        project = (ROOT / "pyproject.toml").read_bytes()
        return "\n".join([sys.version, sys.executable, *BUILD, *chosen, hashlib.sha256(project).hexdigest()])

    def _make(self, groups: Sequence[str], more: Sequence[str]) -> None:
        print(f"Making {self.directory.relative_to(ROOT)}", flush=True)
        shutil.rmtree(self.directory, ignore_errors=True)
        uv = shutil.which("uv")
        if uv:
            run([uv, "venv", "-q", "--seed", "--python", sys.executable, str(self.directory)])
            install = [uv, "pip", "install", "-q", "--python", self.python]
        else:
            if not _has_ensurepip():
                apt_install(["python3-venv"])
            run([sys.executable, "-m", "venv", str(self.directory)])
            install = [self.python, "-m", "pip", "--disable-pip-version-check", "-qq", "install"]
            run([*install, "--upgrade", "pip>=25.1"])  # the first one to know dependency groups
        chosen = [word for group in groups for word in ("--group", f"pyproject.toml:{group}")]
        run([*install, *BUILD, *_dependencies(self.python), *more, *chosen])


def _has_ensurepip() -> bool:
    """False on a Debian without python3-venv."""
    return subprocess.run([sys.executable, "-c", "import ensurepip"], capture_output=True, check=False).returncode == 0


def _dependencies(python: str) -> list[str]:
    """The project's own requirements; the environment's pip brings a TOML parser for Python 3.10."""
    code = "from pip._vendor import tomli; print(*tomli.load(open(0, 'rb'))['project']['dependencies'], sep='\\n')"
    with (ROOT / "pyproject.toml").open("rb") as file:
        listed = subprocess.run([python, "-c", code], stdin=file, capture_output=True, check=True, text=True)
    return listed.stdout.splitlines()
