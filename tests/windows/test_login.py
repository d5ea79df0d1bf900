"""Logins in Windows' Credential Manager, and what `auth token` prints, to the byte."""

from __future__ import annotations

import pexpect
import pytest

from support.machine.windows_python import Windows

pytestmark = [pytest.mark.windows, pytest.mark.heavy, pytest.mark.real, pytest.mark.xdist_group("windows")]

URL = "https://pypi.corp.example/team/simple/"
ESCAPES = "(?:\x1b\\[[?0-9;]*[a-zA-Z])*"
ENTRIES = "import keyring, sys; print(keyring.get_keyring().get_password(sys.argv[1], 'alice'))"


@pytest.mark.parametrize(
    "secret",
    ["hunter2", "k\u00e9y \U0001f511 %PATH% ^&!\"'", "s" * 1280, "p" * 1281, "\U0001f511" * 1500 + "."],
    ids=["plain", "odd", "one entry", "pieces", "astral"],
)
def test_a_login_comes_back_to_the_byte(wine: Windows, secret: str) -> None:
    """F20, F22, Windows 11: stored, printed to a pipe as UTF-8 with one line feed, and deleted with all its pieces."""
    login = ("login", URL, "--username", "alice", "--password-stdin", "--no-verify")
    done = wine.authpip(*login, stdin=secret)
    assert done.returncode == 0, done.stderr
    assert "in the OS keyring (WinVaultKeyring)" in done.stderr
    try:
        token = wine.authpip("token", URL)
        assert (token.returncode, token.stdout) == (0, secret + "\n"), token.stderr
    finally:
        logout = wine.authpip("logout", URL)
    assert logout.returncode == 0, logout.stderr
    for entry in (URL, f"{URL}#1", f"{URL}#2"):
        assert wine.run(wine.tool, "-c", ENTRIES, entry).stdout.strip() == "None"


def test_a_file_of_secrets_is_the_users_alone(wine: Windows) -> None:
    """P10, Windows 11: where others could read it, `--insecure-storage` stores nothing and says why."""
    folder = r"C:\users\root\AppData\Local\authpip"
    login = ("login", URL, "--username", "alice", "--password-stdin", "--no-verify", "--insecure-storage")
    done = wine.authpip(*login, stdin="hunter2")
    assert done.returncode == 0, done.stderr
    assert "readable by you alone" in done.stderr
    assert wine.authpip("token", URL).stdout == "hunter2\n"
    wine.host(folder).chmod(0o755)  # Wine: Everyone may read
    done = wine.authpip(*login, stdin="another")
    assert done.returncode == 3
    assert "other users may open it" in done.stderr
    assert "another" not in wine.host(rf"{folder}\secrets.json").read_text()


def test_a_console_is_asked(wine: Windows) -> None:
    """Windows 1: `auth login URL` at a console asks for both; `con` could not be opened."""
    words = [wine.tool, "-I", wine.entry, "auth", "login", URL, "--no-verify"]
    console = pexpect.spawn("wine", words, env=wine.environ, cwd=str(wine.drive), timeout=25, encoding="utf-8")
    console.expect("User name for")
    console.send("alice\r")
    console.expect(ESCAPES.join("Password"))  # each character comes by itself
    console.send("hunter2\r")
    console.expect("as alice")
    console.close()
    assert wine.authpip("token", URL).stdout == "hunter2\n"
    wine.authpip("logout", URL)


INTERRUPTED = """
import sys, time
print("waiting", flush=True)
try:
    time.sleep(60)
except KeyboardInterrupt:
    time.sleep(1)
    print("cleaned up", flush=True)
    sys.exit(7)
"""
CALL = (
    "import os, sys; from authpip.launcher import become; "
    "print('status', become([sys.executable, *sys.argv[1:]], os.environ))"
)


def test_an_interrupt_at_the_console_is_pips(wine: Windows) -> None:
    """Windows 7: ^C reaches pip, which has the time that it needs; its exit status is authpip's."""
    script = wine.write(r"C:\work\pip.py", INTERRUPTED)
    words = [wine.tool, "-c", CALL, script]
    console = pexpect.spawn("wine", words, env=wine.environ, cwd=str(wine.drive), timeout=25, encoding="utf-8")
    console.expect("waiting")
    console.sendintr()
    console.expect("cleaned up")
    console.expect("status 7")
    console.close()
