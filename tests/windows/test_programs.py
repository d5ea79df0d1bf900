"""Helper programs on Windows: batch files that start a Python, as gcloud and az are, and how they end."""

from __future__ import annotations

import json
import time

import pytest

from support.machine.windows_python import Windows

pytestmark = [pytest.mark.windows, pytest.mark.heavy, pytest.mark.real, pytest.mark.xdist_group("windows")]

TOOLS = r"C:\work\J & Co tools"
BATCH = '@echo off\r\nC:\\python\\python.exe -I "%~dp0answer.py" %*\r\n'
CLOUDS = {
    "gcloud": (
        "https://europe-west1-python.pkg.dev/project/repo/simple/",
        '{"credential": {"access_token": "ya29.from-gcloud", "token_expiry": "2099-01-01T00:00:00Z"}}',
        "ya29.from-gcloud",
    ),
    "az": (
        "https://pkgs.dev.azure.com/org/_packaging/feed/pypi/simple/",
        '{"accessToken": "eyJ.from-az", "expires_on": 4070908800}',
        "eyJ.from-az",
    ),
}


@pytest.mark.parametrize("name", CLOUDS)
def test_a_token_of_a_batch_file(wine: Windows, name: str) -> None:
    """Windows 10: gcloud.cmd and az.cmd are found by PATHEXT, in a directory with a space and an ampersand."""
    url, answer, token = CLOUDS[name]
    wine.write(rf"{TOOLS}\{name}.cmd", BATCH)
    wine.write(rf"{TOOLS}\answer.py", f"print({answer!r})\n")
    done = wine.authpip("token", url, path=[TOOLS])
    assert (done.returncode, done.stdout) == (0, token + "\n"), done.stderr
    wine.authpip("cache", "clear")


LATE = r"""
import time
while True:
    open(r"C:\work\alive", "w").write(str(time.time()))
    time.sleep(0.2)
"""
RULE = (
    '[[index]]\nname = "corp"\nurl = "https://pypi.corp.example/simple/"\nprovider = "command"\n'
    "[index.command]\nrun = 'C:\\work\\late.cmd'\n"
)


def test_a_deadline_ends_what_a_batch_file_started(wine: Windows) -> None:
    """Windows 9, and 10: a path with backslashes as one text is read; the Python behind late.cmd is ended with it."""
    wine.write(r"C:\work\late.cmd", '@C:\\python\\python.exe "%~dp0late.py"\r\n')
    wine.write(r"C:\work\late.py", LATE)
    wine.write(r"C:\ProgramData\authpip\config.toml", RULE)
    done = wine.authpip("token", "https://pypi.corp.example/simple/", AUTHPIP_TIMEOUT="8")
    assert done.returncode == 3
    assert "late.cmd gave no answer" in done.stderr
    alive = wine.host(r"C:\work\alive")
    assert alive.exists()
    last = alive.read_text()
    until = time.monotonic() + 3
    while time.monotonic() < until:
        assert alive.read_text() == last
        time.sleep(0.3)


WRITERS = r"""
import multiprocessing
from authpip.config.settings import Settings
from authpip.config.site import AuditTrail
from authpip.core.credential import Credential, Secret
from authpip.storage.audit_trail import record

def write(number, together):
    together.wait()
    settings = Settings(audit=AuditTrail(r"C:\work\trail.jsonl", configured_in="config.toml:1"))
    for _ in range(500):
        record(settings, [("https://h.example/", Credential("a", Secret("x"), "env", f"{number}-" + "y" * 2000))], "i")

if __name__ == "__main__":
    together = multiprocessing.Barrier(4)
    processes = [multiprocessing.Process(target=write, args=(number, together)) for number in range(4)]
    [process.start() for process in processes]
    [process.join() for process in processes]
"""


def test_lines_of_an_audit_trail_stay_whole(wine: Windows) -> None:
    """Four processes write 500 lines of 2 KB each at once: all 2,000 are JSON. Without the lock some mix."""
    done = wine.run(wine.tool, wine.write(r"C:\work\writers.py", WRITERS))
    assert done.returncode == 0, done.stderr
    written = wine.host(r"C:\work\trail.jsonl").read_bytes()
    assert b"\r" not in written
    assert len([json.loads(line) for line in written.splitlines()]) == 2000
