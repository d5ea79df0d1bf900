"""Each way into authpip ends in the same manner: one line on stderr, the documented exit status, never a traceback.

With `cli.guarded` taken out of `__main__.py`, all tests of the enabled environment fail. tox and Jupyter start the pip
of an enabled environment.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from authpip.activation import environments, shims
from support.programs import pip_venvs

pytestmark = pytest.mark.real

INDEX = "http://127.0.0.1:1/team/simple/"
INSTALL = ["install", "--index-url", INDEX, "none"]
ENTRANCES = ("authpip", "-m", "shim", "keyring", "environment")
RULE = f'[[index]]\nname = "corp"\nurl = "{INDEX}"\nprovider = "PROVIDER"\nallow-http = true\n'
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture(params=ENTRANCES)
def start(request: pytest.FixtureRequest, environment: dict[str, str], tmp_path: Path) -> Start:
    """start(config): an install (of the keyring command: a get) by one entrance, with this config.toml."""
    config, directory = tmp_path / "config.toml", tmp_path / "shims"
    environ = {**environment, "AUTHPIP_CONFIG": str(config)}

    def argv() -> list[str]:
        if request.param == "authpip":
            return [str(Path(sys.executable).with_name("authpip")), *INSTALL]
        if request.param == "-m":
            return [sys.executable, "-m", "authpip", *INSTALL]
        if request.param == "environment":
            venv = pip_venvs.make(tmp_path / "env", pip_venvs.PYTHON, "26.3")
            environments.enable(environments.find(venv.directory))
            return [venv.python, "-m", "pip", *INSTALL]
        shims.install(directory, environ, keyring=True)
        return (
            [f"{directory}/pip", *INSTALL] if request.param == "shim" else [f"{directory}/keyring", "get", INDEX, "a"]
        )

    def run(text: str) -> subprocess.Popen[str]:
        words = argv()
        config.write_text(text)
        config.chmod(0o600)
        pipe = subprocess.PIPE
        return subprocess.Popen(words, env=environ, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, text=True)

    return run


def end(process: subprocess.Popen[str]) -> tuple[int, str, list[str]]:
    """(exit status, stdout, lines of stderr)."""
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err.splitlines()


def test_a_broken_configuration(start: Start) -> None:
    """trial B1: an unknown key is one line that names it, and exit status 2."""
    status, out, lines = end(start('[[index]]\nnme = "corp"\n'))
    assert (status, out, len(lines)) == (2, "", 1)
    assert lines[0].startswith("authpip: ")
    assert "nme" in lines[0]


def test_a_credential_that_is_missing(start: Start) -> None:
    """trial B1: a rule that nobody has a credential for is one line with the index, and exit status 3."""
    status, out, lines = end(start(RULE.replace("PROVIDER", "netrc")))
    assert (status, out, len(lines)) == (3, "", 1)
    assert lines[0].startswith(f"authpip: no credential for {INDEX}")


def test_an_interrupt_while_a_program_is_asked(start: Start, tmp_path: Path) -> None:
    """trial B1: ^C while a helper program runs is exit status 130, and nothing is printed."""
    program, started = tmp_path / "program", tmp_path / "started"
    os.mkfifo(started)
    program.write_text(f"#!/bin/sh\necho started > {started}\nexec sleep 60\n")
    program.chmod(0o755)
    rule = RULE.replace("PROVIDER", "command") + f'[index.command]\nrun = ["{program}"]\n'
    process = start(rule)
    assert started.read_text() == "started\n"
    process.send_signal(signal.SIGINT)
    assert end(process) == (130, "", [])
