"""What another process of the same user can see of a run: nothing of a credential, from the launcher to the end of pip.

audit 1, 5 and 11. All of it runs as an ordinary user, with the wheel under test.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import authpip
from support.leaks import proc_reader
from support.leaks import socket_thief as sockets
from support.machine.other_user import NOBODY, give_away
from support.machine.requirements import not_run
from support.machine.supplies import system_python
from support.programs import authpip_cli
from support.samples import changed_pip, packages
from support.samples.changed_pip import Victim
from support.servers.index_server import IndexServer

pytestmark = [pytest.mark.real, pytest.mark.skipif(sys.platform != "linux", reason="not run: /proc is Linux's")]
ROOT = os.geteuid() == 0
USER: dict[str, Any] = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if ROOT else {}

LOGIN = "auth login URL --username alice --password-stdin --insecure-storage"


@pytest.fixture
def victim(environment: dict[str, str], index_server: IndexServer) -> Victim:
    """An ordinary user with a stored login in place of variables, which /proc would show of the shell itself."""
    victim = changed_pip.victim(environment, index_server)
    url = index_server.url("/team/simple/")
    login = authpip_cli.logins(victim.base / "logins.json", (url, "alice", victim.canary.secret))
    environ = {name: value for name, value in victim.environ.items() if not name.startswith("AUTHPIP_INDEX_")}
    return victim._replace(environ=environ | login)


@contextmanager
def reader(victim: Victim) -> Iterator[list[Any]]:
    """Read /proc throughout a block, as the same user; afterwards the list holds [rounds, what was found]."""
    with _beside(victim, proc_reader.__file__, "stop") as seen:
        yield seen


@contextmanager
def _beside(victim: Victim, script: str, stop_name: str, *more: str) -> Iterator[list[Any]]:
    """Run a script of leaks/ as the same user until the block ends; then the list holds what it printed."""
    stop, seen = victim.base / stop_name, []
    python = system_python() if ROOT else sys.executable
    argv = [python, script, victim.canary.secret.encode().hex(), str(stop), *more]
    child = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, env={"PATH": os.defpath}, cwd="/", **USER)
    try:
        yield seen
    finally:
        stop.touch()
        out, _ = child.communicate(timeout=60)
        stop.unlink()
        seen.extend(json.loads(out))


def nested(victim: Victim) -> list[str]:
    """An install with a nested build at two levels, on the victim's index."""
    files = victim.base / "files"
    deep = packages.spy_sdist(files, "deep-dep", victim.mine / "spy.jsonl", requires=["late-dep"])
    top = packages.spy_sdist(files, "top-thing", victim.mine / "spy.jsonl", requires=["deep-dep"])
    victim.server.indexes[0].files.update({path.name: path for path in (deep, top)})
    give_away(victim.base, NOBODY if ROOT else os.geteuid())
    return ["install", "--force-reinstall", "top-thing"]


@pytest.mark.parametrize("installs", [4, pytest.param(50, marks=pytest.mark.heavy)])
def test_proc_shows_no_credential(victim: Victim, installs: int) -> None:
    """P5, audit 1: a process of the same user that reads environ and cmdline of every process and opens every
    descriptor, as fast as it can, finds no secret during installs with nested builds. It found one in 23 of 23 before;
    `test_proc_shows_a_handoff_in_one_piece` is the control."""
    arguments = nested(victim)
    with reader(victim) as seen:
        for _ in range(installs):
            done = victim.venv.run(*arguments, env=victim.environ, module="authpip", cwd=victim.base, **USER)
            assert done.returncode == 0, done.stdout + done.stderr
    rounds, found = seen
    assert rounds > 20 * installs
    assert found == []


def test_proc_shows_a_handoff_in_one_piece(victim: Victim) -> None:
    """The control: with the pad switched off, as where no descriptor can be passed on, the same reader finds it."""
    inside = Path(authpip.__file__).parent / "inside_pip" / "__main__.py"
    message = {"v": 2, "credentials": [["basic", "alice", victim.canary.secret, "keyring", "alice"]]}
    environ = victim.environ | {"_AUTHPIP_HANDOFF": json.dumps(message)}
    give_away(victim.base, NOBODY if ROOT else os.geteuid())
    argv = [victim.venv.python, "-S", str(inside), "-m", "pip", "download", "--no-index", "x"]
    for _ in range(20):
        with reader(victim) as seen:
            time.sleep(0.2)
            subprocess.run(argv, env=environ, cwd=victim.base, capture_output=True, check=False, **USER)
        if seen[1]:
            break
    assert [kind for kind, _ in seen[1]] == ["environ"]


def test_a_late_question_shows_nothing(victim: Victim) -> None:
    """audit 5, P4: a package's metadata makes pip ask authpip about another index in mid-run; a process of the same
    user finds no secret in the environment of the helper that answers. It found one in 5 of 5 before."""
    url, other = victim.server.url("/team/simple/"), victim.server.url("/other/simple/")
    wheel, index = packages.wheel(victim.base / "files", "other-thing"), victim.server.indexes[0]
    victim.server.add("/other/simple", [wheel], username="bob", password=victim.canary.secret)
    asking = packages.wheel(victim.base / "files", "asking", requires=[f"other-thing @ {other}files/{wheel.name}"])
    index.files[asking.name] = asking
    logins = ((url, "alice", victim.canary.secret), (other, "bob", victim.canary.secret))
    environ = victim.environ | authpip_cli.logins(victim.base / "logins.json", *logins)
    give_away(victim.base, NOBODY if ROOT else os.geteuid())
    with reader(victim) as seen:
        done = victim.venv.run("install", "asking", env=environ, module="authpip", cwd=victim.base, **USER)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "other-thing" in done.stdout
    assert seen[1] == []


@contextmanager
def socket_thief(victim: Victim, *more: str) -> Iterator[list[Any]]:
    """Copy sockets throughout a block, as the same user; afterwards the list holds [sockets copied, word found]."""
    with _beside(victim, sockets.__file__, "stop-copying", *more) as seen:
        yield seen


def test_a_copied_socket_of_the_helper_brings_nothing(victim: Victim) -> None:
    """audit 5, P4: a process that may trace others copies the helper's socket before the helper protects itself. The
    question, with a password that came from a variable, is not seen there, and the installs succeed. It was, in 2 of 5
    runs, while the question went over that socket; `test_a_copied_socket_shows_what_goes_over_it` is the control."""
    url, other = victim.server.url("/team/simple/"), victim.server.url("/other/simple/")
    wheel, index = packages.wheel(victim.base / "files", "other-thing"), victim.server.indexes[0]
    victim.server.add("/other/simple", [wheel], username="bob", password=victim.canary.secret)
    asking = packages.wheel(victim.base / "files", "asking", requires=[f"other-thing @ {other}files/{wheel.name}"])
    index.files[asking.name] = asking
    rules = authpip_cli.rule(url, "alice", victim.canary.secret, name="A")
    environ = victim.environ | rules | authpip_cli.rule(other, "bob", victim.canary.secret, name="B")
    give_away(victim.base, NOBODY if ROOT else os.geteuid())
    with socket_thief(victim) as seen:
        for _ in range(5):
            arguments = ["install", "--no-cache-dir", "--force-reinstall", "asking"]
            done = victim.venv.run(*arguments, env=environ, module="authpip", cwd=victim.base, **USER)
            assert done.returncode == 0, done.stdout + done.stderr
    assert seen[1] is False


def test_a_copied_socket_shows_what_goes_over_it(victim: Victim) -> None:
    """The control: where the kernel lets one process copy the descriptors of another, the thief sees what waits in a
    socket that is another process's standard output."""
    give_away(victim.base, NOBODY if ROOT else os.geteuid())
    here, there = socket.socketpair()
    waiter = subprocess.Popen(["sleep", "20"], stdout=there, **USER)
    here.sendall(victim.canary.secret.encode())
    with socket_thief(victim, str(waiter.pid)) as seen:
        time.sleep(1)
    waiter.kill()
    waiter.wait()
    if seen[0] == 0:
        not_run("this kernel lets no process copy another one's descriptors (kernel.yama.ptrace_scope)")
    assert seen == [1, True]


@pytest.mark.parametrize("ending", ["SIGQUIT", "SIGSEGV", "SIGABRT"])
@pytest.mark.parametrize("command", ["install x", LOGIN, "a plain Python"])
def test_a_crash_leaves_no_core(victim: Victim, ending: str, command: str) -> None:
    """audit 11, P10: with `ulimit -c unlimited`, a crash of authpip while a helper runs, or while a person types,
    leaves no core file. It left one with the secret in it in 3 of 3 before; a plain Python leaves one (the control)."""
    waiting = victim.base / "waiting.sh"
    waiting.write_text("#!/bin/sh\nexec sleep 60\n")
    waiting.chmod(0o755)
    url = victim.server.url("/team/simple/")
    config = victim.base / "config.toml"
    config.write_text(f'[[index]]\nurl = "{url}"\nprovider = "command"\ncommand.run = ["{waiting}"]\n')
    environ = victim.environ | {"AUTHPIP_CONFIG": str(config)}
    environ.pop("AUTHPIP_AUTH_FILE", None)
    give_away(victim.base, NOBODY if ROOT else os.geteuid())
    plain = command == "a plain Python"
    words = ["-c", "input()"] if plain else ["-m", "authpip", *command.replace("URL", url).split()]
    argv = [victim.venv.python, *words]
    shell = ["bash", "-c", 'ulimit -c unlimited && exec "$@"', "bash", *argv]
    child = subprocess.Popen(
        shell, env=environ, cwd=victim.mine, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, **USER
    )
    time.sleep(1.5)
    child.send_signal(getattr(signal, ending))
    child.wait(30)
    assert child.returncode == -getattr(signal, ending)
    assert bool([path.name for path in victim.mine.iterdir() if "core" in path.name]) == plain
