"""Where the kernel keeps no keys: minted tokens in a real OS keyring, or nowhere (F03, F05, F06, F22)."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from support.leaks.canary import Canary
from support.machine.isolation import ROOT
from support.programs.fake_cli import TOKEN, URLS, count, counting, fake_cli
from support.programs.keyrings import SecretService, use_backend

pytestmark = pytest.mark.real

SUPPORT = ROOT / "tests" / "support" / "programs"
SANDBOX = [sys.executable, str(SUPPORT / "no_keyctl.py"), "1"]


def run(environ: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    """One process in a sandbox that forbids keyctl: `authpip auth WORDS`, or a run that asks for gcloud's index."""
    program = ["-m", "authpip", "auth", *words] if words else [str(SUPPORT / "find_token.py"), URLS["gcloud"]]
    argv = [*SANDBOX, sys.executable, *program]
    return subprocess.run(argv, env=environ, capture_output=True, text=True, timeout=60, check=False)


def gcloud(environ: dict[str, str], token: str = TOKEN) -> dict[str, str]:
    """A gcloud that counts its calls."""
    home = Path(environ["HOME"])
    printed = json.dumps({"credential": {"access_token": token, "token_expiry": "2099-01-01T00:00:00Z"}})
    fake_cli(home / "bin", "gcloud", stdout=printed, before=counting(home / "count", 0))
    return {**environ, "PATH": f"{home}/bin:/usr/bin:/bin"}


def token_of(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stderr
    return str(json.loads(done.stdout)[0][0][1])


def test_a_real_keyring(environment: dict[str, str], home: Path) -> None:
    """Kept in GNOME Keyring, told by `cache status`, forgotten by `cache clear`; the note on the disk has no secret."""
    with SecretService(environment) as ring:
        environ = gcloud(ring.environ)
        assert [token_of(run(environ)) for _ in range(2)] == [TOKEN, TOKEN]
        assert count(home / "count", "calls") == 1
        told = run(environ, "cache", "status", "--json")
        [entry] = json.loads(told.stdout)
        assert (entry["store"], entry["label"]) == ("OS keyring", "gcloud's account")
        assert "google: gcloud's account, in the OS keyring until 20" in run(environ, "cache", "status").stdout
        notes = [path for path in Path(environ["XDG_CACHE_HOME"], "authpip").rglob("*") if path.is_file()]
        assert any(path.parent.name == "kept" for path in notes)
        assert [hit for path in notes for hit in Canary(TOKEN).find_in_file(path)] == []
        assert run(environ, "cache", "clear").stderr == "authpip: deleted 1 cached token\n"
        assert run(environ, "cache", "status").stderr == "authpip: no token is cached\n"
        assert token_of(run(environ)) == TOKEN
        assert count(home / "count", "calls") == 2


BACKENDS = {
    "2,560 bytes at most": (
        "if len(arguments) > 2 and len(arguments[2]) > 1280: raise errors.PasswordSetError('too long')"
    ),
    "raises": "raise RuntimeError('no')",
    "exits": "sys.exit(3)",
    "crashes": "os.kill(os.getpid(), signal.SIGSEGV)",
    "hangs": "time.sleep(600)",
    "forgets": "return None",
}


@pytest.mark.parametrize("case", BACKENDS)
def test_a_keyring_that_does_not_keep_it(case: str, environment: dict[str, str], home: Path) -> None:
    """F22, F03, F05: what does not fit or fails is not kept; every run has its token, and nothing is said about it."""
    use_backend(environment, "Staged", BACKENDS[case])
    long = "x" * 2000
    environ = gcloud({**environment, "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent"}, long)
    for calls in (1, 2):
        began = time.monotonic()
        done = run(environ)
        assert token_of(done) == long
        assert done.stderr == ""
        assert count(home / "count", "calls") == calls
        assert time.monotonic() - began < 8
    assert run(environ, "cache", "status").stderr == "authpip: no token is cached\n"


def test_no_keyring_at_all(environment: dict[str, str], home: Path) -> None:
    """F06: no bus, no kernel keys: a token each time, and no time lost over a keyring that cannot be there."""
    environ = gcloud(environment)
    for _ in range(2):
        done = run(environ)
        assert (token_of(done), done.stderr) == (TOKEN, "")
    assert json.loads(done.stdout)[1] < 1.5
    assert count(home / "count", "calls") == 2
