"""A20, F18: what runs beside a credential was loaded before pip began; nothing that was just installed is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from support.leaks.canary import SECRET
from support.programs import authpip_cli, pip_venvs
from support.servers.index_server import IndexServer

pytestmark = pytest.mark.real

WATCH = """
import atexit, json, sys
late, started = [], []
def hook(event, arguments):
    if event == "open" and "corp_thing-1.0.dist-info" in str(arguments[0]):
        started.append(True)
    elif event == "import" and started:
        late.append([arguments[0], bool(arguments[1])])
def tell():
    files = {name: getattr(sys.modules.get(name), "__file__", None) for name, _ in late}
    with open(%r, "w") as file:
        json.dump([bool(started), files], file)
sys.addaudithook(hook)
atexit.register(tell)
"""
# What a pip might import if it is there; each would tell on itself.
TEMPTING = [
    "keyring",
    "requests",
    "truststore",
    "setuptools",
    "socks",
    "brotli",
    "zstandard",
    "_authpip_inside",
    "sigv4",
]


def test_nothing_is_imported_once_an_install_has_begun(
    index_server: IndexServer, trusting: dict[str, str], wheel: Any, tmp_path: Path
) -> None:
    """A package installs modules under names that are imported late in other programs; none of them is run, and
    nothing of authpip's or of the environment's is looked for after the first file was written."""
    sung, told = tmp_path / "sung", tmp_path / "told.json"
    files = {f"{name}.py": f"open({str(sung)!r}, 'a').write({name!r})\n" for name in TEMPTING}
    index_server.add("/team/simple", [wheel("corp-thing", files=files)], username="alice", password=SECRET)
    venv = pip_venvs.make(tmp_path / "venv", pip_venvs.PYTHON, "26.3")
    (venv.site_packages / "sitecustomize.py").write_text(WATCH % str(told))
    url = index_server.url("/team/simple/")
    environ = trusting | authpip_cli.rule(url, "alice", SECRET)
    environ.pop("PIP_DISABLE_PIP_VERSION_CHECK")
    done = authpip_cli.pip(venv, "install", "-i", url, "corp-thing", env=environ)
    assert done.returncode == 0, done.stderr
    started, late = json.loads(told.read_text())
    assert started
    assert not sung.exists()
    assert [name for name in late if name.startswith(("_authpip_inside", "authpip"))] == []
    own = str(venv.site_packages / "pip")
    foreign = {name: file for name, file in late.items() if file and str(venv.directory) in file}
    assert {name for name, file in foreign.items() if not file.startswith(own)} == set()
