"""buildah and podman with a store of their own, and a base image made from the Python that runs the tests."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from support.machine.requirements import need
from support.programs import pip_venvs

BASE = "localhost/python:3.13-slim"  # a builder looks here first for the short name that recipes have
VERSION = f"python{sys.version_info.major}.{sys.version_info.minor}"
NOT_COPIED = ("test", "idlelib", "tkinter", "__pycache__", "site-packages", "dist-packages", "config-*")
NOT_INSTALLED = ("__pycache__", "setuptools*", "pkg_resources")
SETTINGS = "HOME=/root PIP_CERT=/ca.pem PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1"
SCRIPT = "#!/usr/local/bin/python3\nimport sys\nfrom {module} import main\nsys.exit(main())\n"


def environ_of(base: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """The environment of builders whose every file is below this directory."""
    settings = base / "storage.conf"
    settings.write_text(f'[storage]\ndriver = "vfs"\nrunroot = "{base}/run"\ngraphroot = "{base}/storage"\n')
    (base / "tmp").mkdir()
    own = {"CONTAINERS_STORAGE_CONF": str(settings), "TMPDIR": str(base / "tmp"), "XDG_RUNTIME_DIR": str(base / "run")}
    return {**environ, **own, "BUILDAH_ISOLATION": "chroot"}


def make_base_image(base: Path, authority: Path, environ: Mapping[str, str]) -> None:
    """An image with this Python, pip, authpip, a shell, and trust in the tests' certificate authority."""
    root = base / "context" / "root"
    _copy_python(root)
    venv = pip_venvs.make(base.parent / "venv", sys.executable, "26.3", authpip=True)
    target = root / "usr/local/lib" / VERSION / "site-packages"
    shutil.copytree(venv.site_packages, target, ignore=shutil.ignore_patterns(*NOT_INSTALLED))
    for name, module in (("pip", "pip._internal.cli.main"), ("authpip", "authpip.cli")):
        script = root / "usr/local/bin" / name
        script.write_text(SCRIPT.format(module=module))
        script.chmod(0o755)
    shutil.copy(authority, root / "ca.pem")
    dockerfile = base / "context" / "Dockerfile"
    dockerfile.write_text(f"FROM scratch\nCOPY root/ /\nENV PATH=/usr/local/bin:/bin {SETTINGS}\n")
    run("buildah", "build", "-t", BASE, str(dockerfile.parent), environ=environ)


def run(*argv: str, environ: Mapping[str, str], cwd: Path | None = None) -> str:
    """One command that must succeed; all that it says."""
    command = [need(argv[0]), *argv[1:]]
    done = subprocess.run(command, env=environ, cwd=cwd, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, f"{' '.join(argv)}\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def _copy_python(root: Path) -> None:
    """The interpreter with its library as /usr/local, a shell, and the shared libraries of all."""
    stdlib = Path(os.__file__).parent
    library = root / "usr/local/lib" / VERSION
    shutil.copytree(stdlib, library, ignore=shutil.ignore_patterns(*NOT_COPIED), symlinks=False)
    programs = {Path(sys.base_prefix, "bin", VERSION): "usr/local/bin/python3", Path("/bin/sh"): "bin/sh"}
    programs |= {Path("/bin/cat"): "bin/cat"}
    for program, place in programs.items():
        (root / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(program.resolve(), root / place)
    for directory in ("tmp", "root", "etc", "proc", "sys", "dev"):
        (root / directory).mkdir(exist_ok=True)
    (root / "tmp").chmod(0o1777)
    for library_file in _shared_libraries([*programs, *library.glob("lib-dynload/*.so")]):
        target = root / library_file.relative_to("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(library_file, target)


def _shared_libraries(programs: list[Path]) -> set[Path]:
    done = subprocess.run(["ldd", *map(str, programs)], capture_output=True, text=True, check=False)
    return {Path(path) for path in re.findall(r"(/\S+\.so\S*) \(0x", done.stdout)}
