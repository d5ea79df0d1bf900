"""Many pips at once, in processes of their own: one gcloud call, or one after the other (F01, F07)."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from authpip.storage import kernel_keyring, token_cache
from support.programs.fake_cli import GOOD, TOKEN, URLS, count, counting, fake_cli

pytestmark = pytest.mark.real

SUPPORT = Path(__file__).resolve().parents[1] / "support" / "programs"
PIPS = 64
EPERM, ENOSYS = 1, 38


def start(
    environ: dict[str, str], urls: Sequence[str], *, errno: int | None = None, prefix: Sequence[str] = ()
) -> subprocess.Popen[str]:
    """One process that asks for these; errno: in a sandbox where the kernel keyring answers with that."""
    sandbox = [sys.executable, str(SUPPORT / "no_keyctl.py"), str(errno)] if errno else []
    argv = [*prefix, *sandbox, sys.executable, str(SUPPORT / "find_token.py"), *urls]
    return subprocess.Popen(argv, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def answers(child: subprocess.Popen[str]) -> list[list[str | None]]:
    """[user, token, error] of each URL."""
    out, err = child.communicate(timeout=100)
    assert child.returncode == 0, err
    found: list[list[str | None]] = json.loads(out)[0]
    return found


def in_files(root: Path, text: str) -> list[Path]:
    """Files below `root` that hold the text, the fake programs themselves left out."""
    found = []
    for path in root.rglob("*"):
        with contextlib.suppress(OSError):
            if path.is_file() and path.parent.name != "bin" and text.encode() in path.read_bytes():
                found.append(path)
    return found


@pytest.fixture
def environ(environment: dict[str, str], home: Path) -> Iterator[dict[str, str]]:
    """An account and fake programs of this test's own; what it kept is forgotten afterwards."""
    account = f"dev-{home.parent.name}@example.com"
    environ = {**environment, "PATH": f"{home}/bin:/usr/bin:/bin", "CLOUDSDK_CORE_ACCOUNT": account}
    yield environ
    for entry in token_cache.kept(environ):
        if entry.label in {account, f"profile {account}"}:
            kernel_keyring.forget(entry.name)


needs_keys = pytest.mark.skipif(not kernel_keyring.is_available(), reason="not run: this kernel keeps no keys for us")


@needs_keys
def test_64_pips_call_gcloud_once(environ: dict[str, str], home: Path) -> None:
    """F01: all that start together get the one token; the next one starts no program; no file holds it."""
    fake_cli(home / "bin", "gcloud", stdout=GOOD["gcloud"], before=counting(home / "count", 0.5))
    environ["FIND_TOKEN_START"] = str(home / "start")
    children = [start(environ, [URLS["gcloud"]]) for _ in range(PIPS)]
    time.sleep(2)
    (home / "start").touch()
    for child in children:
        assert answers(child) == [["oauth2accesstoken", TOKEN, None]]
    assert count(home / "count", "calls") == 1
    assert answers(start(environ, [URLS["gcloud"]]))[0][1] == TOKEN
    assert count(home / "count", "calls") == 1
    assert in_files(home.parent, TOKEN) == []


@pytest.mark.parametrize("errno", [EPERM, ENOSYS])
def test_64_pips_without_a_store_take_turns(errno: int, environ: dict[str, str], home: Path) -> None:
    """F01, F06: in a sandbox without keyctl and without a keyring all get a token, and no two gclouds overlap."""
    fake_cli(home / "bin", "gcloud", stdout=GOOD["gcloud"], before=counting(home / "count", 0.02))
    environ["FIND_TOKEN_START"] = str(home / "start")
    children = [start(environ, [URLS["gcloud"]], errno=errno) for _ in range(PIPS if errno == EPERM else 4)]
    time.sleep(2)
    (home / "start").touch()
    for child in children:
        assert answers(child) == [["oauth2accesstoken", TOKEN, None]]
    assert count(home / "count", "calls") == len(children)
    assert count(home / "count", "overlaps") == 0
    assert in_files(home.parent, TOKEN) == []


def test_one_call_for_ten_indexes(environ: dict[str, str], home: Path) -> None:
    """Ten pkg.dev indexes and two repositories of one CodeArtifact domain in one invocation: one call each."""
    for cli in ("gcloud", "aws"):
        fake_cli(home / "bin", cli, stdout=GOOD[cli], before=counting(home / cli, 0.2))
    urls = [URLS["gcloud"].replace("repo", f"repo{number}") for number in range(10)]
    urls += [URLS["aws"], URLS["aws"].replace("repo", "other")]
    assert [found[1] for found in answers(start(environ, urls, errno=EPERM))] == [TOKEN] * 12
    assert (count(home / "gcloud", "calls"), count(home / "aws", "calls")) == (1, 1)


def test_three_clouds_at_once(environ: dict[str, str], home: Path) -> None:
    """They take as long as the slowest, not as long as all."""
    for cli, seconds in (("gcloud", 0.6), ("aws", 0.6), ("az", 0.6)):
        fake_cli(home / "bin", cli, stdout=GOOD[cli], before=f"sleep {seconds}")
    child = start(environ, list(URLS.values()), errno=EPERM)
    out, err = child.communicate(timeout=60)
    found, seconds = json.loads(out)
    assert [one[1] for one in found] == [TOKEN] * 3, err
    assert seconds < 1.8  # one after the other, the sleeps alone would take that


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_holder_that_dies(how: signal.Signals, environ: dict[str, str], home: Path) -> None:
    """F07: its lock dies with it, and the next one waits 1 s at most beyond what its own call takes."""
    alone = seconds_of_a_call(environ, home)
    fake_cli(home / "bin", "gcloud", before=f"echo $$ > {home}/pid; exec sleep 60")
    holder = start(environ, [URLS["gcloud"]], errno=EPERM)
    pid = wait_for_pid(home / "pid")
    holder.send_signal(how)
    holder.communicate(timeout=10)
    assert seconds_of_a_call(environ, home) < 2 * alone + 1
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def seconds_of_a_call(environ: dict[str, str], home: Path) -> float:
    """How long one process takes here to get a token from a gcloud that answers at once."""
    fake_cli(home / "bin", "gcloud", stdout=GOOD["gcloud"])
    began = time.monotonic()
    assert answers(start(environ, [URLS["gcloud"]], errno=EPERM))[0][1] == TOKEN
    return time.monotonic() - began


def wait_for_pid(file: Path) -> int:
    """The process that a fake program has written down."""
    until = time.monotonic() + 20
    while not (file.exists() and file.read_text().endswith("\n")) and time.monotonic() < until:
        time.sleep(0.02)
    return int(file.read_text())


def test_interrupted(environ: dict[str, str], home: Path) -> None:
    """F14: ^C while gcloud runs ends both: status 130, no traceback, and no process left."""
    fake_cli(home / "bin", "gcloud", before=f"echo $$ > {home}/pid; exec sleep 60")
    argv = [sys.executable, "-m", "authpip", "auth", "token", URLS["gcloud"]]
    child = subprocess.Popen(argv, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    pid = wait_for_pid(home / "pid")
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=10)
    assert (child.returncode, out, err) == (130, "", "")
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@needs_keys
@pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("setpriv"), reason="not run: only root can become somebody else"
)
@pytest.mark.parametrize("session", [[], ["keyctl", "session", "-"]], ids=["inherited session", "session of its own"])
def test_an_ordinary_user(session: list[str], environ: dict[str, str], home: Path) -> None:
    """Kept for an ordinary user too, also where the session keyring is not his (su), and not for root."""
    if session and not shutil.which("keyctl"):
        pytest.skip("keyctl is missing")
    fake_cli(home / "bin", "gcloud", stdout=GOOD["gcloud"], before=counting(home / "count", 0))
    for path in (home.parent, *home.parent.rglob("*")):
        os.chown(path, 54321, 54321)
    home.parent.chmod(0o755)
    become = ["setpriv", "--reuid=54321", "--regid=54321", "--clear-groups", "--"]
    environ["PYTHONDONTWRITEBYTECODE"] = "1"
    for _ in range(2):
        assert answers(start(environ, [URLS["gcloud"]], prefix=[*session, *become]))[0][1] == TOKEN
    assert count(home / "count", "calls") == 1
    assert environ["CLOUDSDK_CORE_ACCOUNT"] not in [entry.label for entry in token_cache.kept(environ)]


@needs_keys
@pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("setpriv"), reason="not run: only root can become somebody else"
)
def test_a_full_kernel_keyring(environment: dict[str, str]) -> None:
    """An ordinary user's 20,000 bytes are full of our own older tokens: they give way to the new one."""
    code = (
        "from authpip.storage import kernel_keyring as keyring\n"
        "kept = [keyring.write(str(number), b'x' * 1500, 60) for number in range(30)]\n"
        "print(all(kept), keyring.read('29') is not None, len(keyring.names()) < 20)\n"
        "for name in keyring.names(): keyring.forget(name)\n"
    )
    become = ["setpriv", "--reuid=54322", "--regid=54322", "--clear-groups", "--"]
    argv = [*become, sys.executable, "-c", code]
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, timeout=30, check=False)
    assert done.stdout == "True True True\n", done.stderr


def test_no_home_at_all(environ: dict[str, str], home: Path) -> None:
    """F08: HOME that does not exist, caches that cannot be written: a token all the same, and no traceback."""
    fake_cli(home / "bin", "gcloud", stdout=GOOD["gcloud"])
    nowhere = "/proc/nonexistent"
    environ.update(HOME=nowhere, XDG_CACHE_HOME=nowhere, XDG_DATA_HOME=nowhere, XDG_CONFIG_HOME=nowhere)
    child = start(environ, [URLS["gcloud"]], errno=EPERM)
    out, err = child.communicate(timeout=60)
    assert json.loads(out)[0][0][1] == TOKEN
    assert err == ""


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("unshare"), reason="not run: only root can mount")
def test_a_full_disk(environ: dict[str, str], home: Path) -> None:
    """F08: caches, session and temporary directories on a disk without a free byte: a token all the same."""
    fake_cli(home / "bin", "gcloud", stdout=GOOD["gcloud"])
    full = " ".join(environ[name] for name in ("XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR", "TMPDIR"))
    fill = f"for d in {full}; do mount -t tmpfs -o size=1m,nr_inodes=2 full $d && dd if=/dev/zero of=$d/x; done"
    shell = [
        "unshare",
        "-m",
        "sh",
        "-c",
        f'({fill}) >/dev/null 2>&1; df "$TMPDIR" | grep -q 100% || exit 77; exec "$@"',
        "-",
    ]
    child = start(environ, [URLS["gcloud"]], errno=EPERM, prefix=shell)
    out, err = child.communicate(timeout=60)
    if child.returncode == 77:
        pytest.skip("not run: no file system may be mounted here")
    assert json.loads(out)[0][0][1] == TOKEN
    assert err == "authpip: no directory for lock files can be used, so several gcloud may run at once\n"
