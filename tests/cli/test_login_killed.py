"""F07: a login that is killed at any step leaves both stores whole, and the next one works at once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from authpip.storage import logins, secret_service
from support.programs.keyrings import SecretService, use_backend

pytestmark = pytest.mark.real

Environ = dict[str, str]
URL = "https://index.example/simple/"

# Runs `auth login` and kills itself at the N-th system call that touches the store; N past the last: it completes.
DRIVER = """
import os, sys
from authpip import cli
from authpip.files import atomic
from authpip.storage import keyring_client
signal_name, left = sys.argv[1], int(sys.argv[2])
import signal
number = getattr(signal, signal_name)

def counted(function):
    def call(*arguments, **keywords):
        step()
        result = function(*arguments, **keywords)
        step()
        return result
    return call

def step():
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), number)

for name in ("makedirs", "open", "fsync", "replace", "unlink"):
    setattr(atomic.os, name, counted(getattr(os, name)))
keyring_client.store = counted(keyring_client.store)
arguments = ["auth", "login", URL, "--username", sys.argv[3], "--password-stdin", "--no-verify", *sys.argv[4:]]
sys.exit(cli.run(arguments, called_as="authpip"))
""".replace("URL", repr(URL))


IN_FILE = "--insecure-storage"


def login(environ: Environ, username: str, name: str = "SIGKILL", at: int = 0, store: str = IN_FILE) -> int:
    """Log in; killed at step `at`. Returns the exit status."""
    command = [sys.executable, "-c", DRIVER, name, str(at), username, *store.split()]
    return subprocess.run(command, input=b"s3cret", env=environ, capture_output=True, timeout=60).returncode


def users(environ: Environ) -> set[str]:
    """Who is logged in; the list must be readable."""
    command = [sys.executable, "-m", "authpip", "auth", "list", "--json"]
    done = subprocess.run(command, env=environ, capture_output=True, timeout=60, check=True)
    return {login["username"] for login in json.loads(done.stdout)}


@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM", "SIGINT"])
def test_killed_at_each_step(environment: Environ, name: str) -> None:
    """Before the rename the earlier logins are there, after it the new one as well; the next login waits for nobody."""
    assert login(environment, "first") == 0
    outcomes = []
    for step in range(1, 60):
        status = login(environment, f"user{step}", name, step)
        now = users(environment)
        assert "first" in now
        outcomes.append((status, f"user{step}" in now))
        if status == 0:
            break
    assert outcomes[-1] == (0, True)
    assert len(outcomes) >= 12
    assert [stored for _, stored in outcomes] == sorted(stored for _, stored in outcomes)
    began = time.monotonic()
    assert login(environment, "last") == 0
    assert time.monotonic() - began < 3
    left = {path.name for path in Path(environment["XDG_DATA_HOME"], "authpip").iterdir()}
    assert left == {"logins.json.lock", "secrets.json"}


def test_killed_between_the_keyring_and_the_list(environment: Environ) -> None:
    """The secret is stored before the list says so: whoever is on the list has one."""
    with SecretService(environment) as keyring:
        environ, steps = keyring.environ, []
        for step in range(1, 60):
            status = login(environ, "alice", "SIGKILL", step, "")
            secret = secret_service.read([URL], "alice", environ, time.monotonic() + 5)
            steps.append((secret == "s3cret", len(logins.load(environ)) == 1))
            if status == 0:
                break
        assert steps == sorted(steps)
        assert set(steps) == {(False, False), (True, False), (True, True)}


def test_many_at_once(environment: Environ) -> None:
    """Sixteen logins side by side: all of them are on the list."""
    command = [sys.executable, "-c", DRIVER, "SIGKILL", "0"]
    running = [
        subprocess.Popen(
            [*command, f"user{n}", IN_FILE], stdin=subprocess.PIPE, env=environment, stderr=subprocess.DEVNULL
        )
        for n in range(16)
    ]
    for child in running:
        assert child.stdin is not None
        child.stdin.write(b"s3cret")
        child.stdin.close()
    assert [child.wait(60) for child in running] == [0] * 16
    assert users(environment) == {f"user{n}" for n in range(16)}


def test_the_secret_is_typed_hidden(environment: Environ) -> None:
    """On a terminal: user name shown, password hidden, nothing on stdout, ^C ends it without a trace."""
    import pexpect

    arguments = ["-m", "authpip", "auth", "login", URL, "--insecure-storage", "--no-verify"]
    with pexpect.spawn(sys.executable, arguments, env=environment, encoding="utf-8", timeout=20) as terminal:
        terminal.expect_exact(f"User name for {URL}: ")
        terminal.sendline("alice")
        terminal.expect_exact(f"Password for alice at {URL}: ")
        terminal.waitnoecho(5)
        terminal.sendline("s3cret")
        terminal.expect(pexpect.EOF)
        assert "s3cret" not in terminal.before
        assert "authpip: logged in to" in terminal.before
    assert users(environment) == {"alice"}
    with pexpect.spawn(
        sys.executable, [*arguments, "--username", "bob"], env=environment, encoding="utf-8"
    ) as terminal:
        terminal.expect_exact(f"Password for bob at {URL}: ")
        terminal.sendintr()
        terminal.expect(pexpect.EOF)
        assert "Traceback" not in terminal.before
    assert terminal.exitstatus == 130
    assert users(environment) == {"alice"}


def test_nobody_to_ask(environment: Environ) -> None:
    """Without a terminal and without --…-stdin: said at once, with the option's name."""
    command = [sys.executable, "-m", "authpip", "auth", "login", URL, "--insecure-storage", "--no-verify"]
    for extra, option in ([], b"--username"), (["--username", "a"], b"--password-stdin"):
        done = subprocess.run(
            [*command, *extra], env=environment, capture_output=True, stdin=subprocess.DEVNULL, start_new_session=True
        )
        assert done.returncode == 2
        assert option in done.stderr


def test_interrupted_while_the_keyring_is_asked(environment: Environ) -> None:
    """^C while a dialogue waits: over at once, and the keyring's process goes too."""
    marker = Path(environment["HOME"], "worker")
    use_backend(environment, "Slow", f"open({str(marker)!r}, 'w').write(str(os.getpid())); time.sleep(600)")
    command = [
        sys.executable,
        "-m",
        "authpip",
        "auth",
        "login",
        URL,
        "--username",
        "a",
        "--password-stdin",
        "--no-verify",
    ]
    child = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    assert child.stdin is not None
    child.stdin.write(b"s3cret")
    child.stdin.close()
    deadline = time.monotonic() + 20
    while not (marker.exists() and marker.read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    child.send_signal(signal.SIGINT)
    assert child.wait(3) == 130
    time.sleep(0.1)
    with pytest.raises(ProcessLookupError):
        os.kill(int(marker.read_text()), 0)
