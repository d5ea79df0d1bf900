"""P12, F14, F15: without a managed index, authpip is pip: byte for byte, by exit status, and by signal."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from support.programs.pip_venvs import PipVenv
from support.samples import packages
from support.servers.index_server import IndexServer

pytestmark = pytest.mark.real

COMMANDS = {
    "version": "--version",
    "nothing": "",
    "help": "help",
    "help of a command": "help install",
    "option help": "install --help",
    "list": "list",
    "list as JSON": "list --format json",
    "list outdated": "list --outdated",
    "freeze": "freeze --all",
    "show": "show pip",
    "show files": "show -f present",
    "show what is not there": "show absent",
    "check": "check",
    "config list": "config list",
    "config get of nothing": "config get global.nothing",
    "config debug": "config debug",
    "cache dir": "cache dir",
    "cache list": "cache list",
    "hash": "hash WHEEL",
    "completion": "completion --bash",
    "inspect": "inspect",
    "debug": "debug",
    "index versions": "index versions thing",
    "download": "download -d DIR thing",
    "wheel": "wheel -w DIR thing",
    "dry run": "install --dry-run thing",
    "report on stdout": "install --dry-run --quiet --report - thing",
    "install to a target": "install --target DIR thing",
    "install verbosely": "install --target DIR -v thing",
    "install a file": "install --no-index --target DIR WHEEL",
    "what no index has": "install absent",
    "two that conflict": "install thing==1.0 thing==2.0",
    "usage": "install --bogus",
    "no such command": "instal thing",
    "no requirement": "install",
    "uninstall what is not there": "uninstall -y absent",
    "find-links": "install --no-index --find-links FOLDER --target DIR thing",
}


@pytest.fixture
def surroundings(environment: dict[str, str], serve: Callable[..., IndexServer], tmp_path: Path) -> dict[str, str]:
    """An open index with one package on it, as pip's own default index would be."""
    server = serve(tls=False)
    server.add("/simple", [packages.wheel(tmp_path / "files", "thing", version) for version in ("1.0", "2.0")])
    # COLUMNS: pip draws its tables and its progress bar by the terminal's width, which both must see alike.
    return environment | {"PIP_INDEX_URL": server.url("/simple/"), "COLUMNS": "100"}


@pytest.mark.parametrize("pip", ["26.3", *(pytest.param(pip, marks=pytest.mark.heavy) for pip in ("24.0", "22.3.1"))])
def test_pip_commands_are_the_same_byte_for_byte(
    pip: str, surroundings: dict[str, str], venv: Callable[..., PipVenv], tmp_path: Path
) -> None:
    """Stdout, stderr and exit status of 37 commands, each through pip and through authpip."""
    environment = venv(pip=pip)
    environment.run("install", str(packages.wheel(tmp_path / "files", "present")), env=surroundings)
    different = {}
    for name, command in COMMANDS.items():
        plain = run(environment, "pip", command, surroundings, tmp_path)
        ours = run(environment, "authpip", command, surroundings, tmp_path)
        if plain != ours:
            different[name] = (plain, ours)
    assert different == {}
    assert len(COMMANDS) >= 30


def run(venv: PipVenv, module: str, command: str, environ: dict[str, str], tmp_path: Path) -> tuple[int, bytes, bytes]:
    """Exit status, stdout and stderr of one command in a directory of the same name; DIR is new each time."""
    target = tmp_path / "target"
    subprocess.run(["rm", "-rf", target], check=True)
    places = {
        "DIR": str(target),
        "WHEEL": str(tmp_path / "files/thing-1.0-py3-none-any.whl"),
        "FOLDER": str(tmp_path / "files"),
    }
    arguments = [places.get(word, word) for word in command.split()]
    done = venv.run(*arguments, env=environ, module=module, text=False, cwd=tmp_path)
    return done.returncode, *(steady(stream) for stream in (done.stdout, done.stderr))


def steady(output: bytes | str) -> bytes:
    """What differs between two runs of pip itself: speed, times, temporary names and the order of threads."""
    text = output if isinstance(output, bytes) else output.encode()
    text = re.sub(rb"\? eta -:--:--|[\d.]+ [kMG]?B/s( eta [\d:-]+)?|\d+:\d\d:\d\d", b"TIME", text)
    return re.sub(rb"pip-[a-z-]+-[a-z0-9_]{8}", b"TEMPORARY", text)


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"])
def test_signals_end_it_as_they_end_pip(
    name: str, environment: dict[str, str], serve: Callable[..., IndexServer], venv: Callable[..., PipVenv]
) -> None:
    """A signal in the middle of a request: same exit status or signal, same output, at once."""
    server = serve(tls=False)
    server.add("/simple")
    arrived, release = threading.Event(), threading.Event()

    def hold(*_: object) -> None:
        arrived.set()
        release.wait(20)

    server.on_request = hold
    environ = environment | {"PIP_INDEX_URL": server.url("/simple/"), "PIP_RETRIES": "0"}
    chosen = venv()
    endings = []
    for module in ("pip", "authpip"):
        arrived.clear()
        with subprocess.Popen(
            [chosen.python, "-m", module, "install", "thing"],
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
        ) as process:
            assert arrived.wait(30)
            process.send_signal(getattr(signal, name))
            out, err = process.communicate(timeout=10)
        endings.append((process.returncode, out, err))
    release.set()
    assert endings[0] == endings[1]
    assert endings[0][0] != 0


def test_a_closed_stdout_is_pips_affair(surroundings: dict[str, str], venv: Callable[..., PipVenv]) -> None:
    """`pip list | head -0`: the same complaint and status."""
    chosen, endings = venv(), []
    for module in ("pip", "authpip"):
        read, write = os.pipe()
        os.close(read)
        argv = [chosen.python, "-m", module, "list"]
        done = subprocess.run(argv, env=surroundings, stdout=write, stderr=subprocess.PIPE, check=False)
        os.close(write)
        endings.append((done.returncode, done.stderr))
    assert endings[0] == endings[1]


def test_standard_input_reaches_pip(surroundings: dict[str, str], venv: Callable[..., PipVenv], tmp_path: Path) -> None:
    """`echo y | pip uninstall thing` asks, reads the answer and obeys."""
    chosen = venv()
    chosen.run("install", "thing", env=surroundings)
    argv = [chosen.python, "-m", "authpip", "uninstall", "thing"]
    done = subprocess.run(argv, env=surroundings, input=b"y\n", capture_output=True, check=False)
    assert done.returncode == 0
    assert b"Successfully uninstalled thing-2.0" in done.stdout
