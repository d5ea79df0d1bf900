"""The audit trail: one whole JSON line for each credential that is handed over, and never a secret."""

from __future__ import annotations

import json
import multiprocessing
import os
import re
import socket
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from authpip.config.settings import Settings
from authpip.config.site import AuditTrail
from authpip.core.credential import Credential, Secret
from authpip.core.errors import CredentialError
from authpip.storage import audit_trail
from authpip.storage.audit_trail import record
from support.leaks.canary import Canary, new_canary

URL = "https://pypi.corp.example/team/simple/"


@pytest.fixture
def canary() -> Canary:
    return new_canary("odd")


def settings(file: Path | str = "", **more: Any) -> Settings:
    return Settings(audit=AuditTrail(str(file), configured_in="config.toml:1", **more))


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.mark.posix
def test_what_a_line_says(tmp_path: Path, canary: Canary) -> None:
    """Time in UTC, index, provider, identity, command and process; the file is the user's alone; no secret."""
    path = tmp_path / "trail.jsonl"
    credential = Credential("alice", Secret(canary.secret), "keyring", "alice")
    record(settings(path), [(URL, credential), (f"https://u:{quote(canary.secret)}@h/", credential)], "install")
    first, second = lines(path)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", first.pop("time"))
    assert first == {
        "index": URL,
        "provider": "keyring",
        "identity": "alice",
        "command": "install",
        "pid": os.getpid(),
    }
    assert second["index"] == "https://****@h/"
    assert path.stat().st_mode & 0o777 == 0o600
    assert canary.find_in(path.read_text()) == []


def test_a_token_as_user_name_is_not_written(tmp_path: Path) -> None:
    """https://TOKEN:@host: the user name is the secret, and stands in no field."""
    path = tmp_path / "trail.jsonl"
    record(settings(path), [(URL, Credential("T0KEN", Secret(""), "url", "T0KEN"))], "install")
    assert "T0KEN" not in path.read_text()


def test_without_the_table_nothing_is_written() -> None:
    """No `[audit]`, or nothing handed over: no file is opened."""
    record(Settings(), [(URL, Credential("a", Secret("b"), "env"))], "install")
    record(settings("/nonexistent/trail", on_error="stop"), [], "install")


def write_many(path: Path, number: int) -> None:
    credential = Credential("alice", Secret("x"), "env", f"{number}-" + "y" * 3000)
    for _ in range(100):
        record(settings(path), [(URL, credential)], "install")


@pytest.mark.real
def test_lines_of_many_processes_stay_whole(tmp_path: Path) -> None:
    """Eight processes write a hundred lines of 3 KB each at the same time: 800 lines, each of them JSON."""
    path = tmp_path / "trail.jsonl"
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=write_many, args=(path, number)) for number in range(8)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    found = lines(path)
    assert len(found) == 800
    assert len({line["pid"] for line in found}) == 8


@pytest.mark.parametrize(
    ("place", "why"),
    [
        ("no/directory", "No such file or directory"),
        ("directory", "Is a directory"),
        ("link", "Too many levels of symbolic links"),
        ("pipe", "No such device or address"),
        ("foreign", "it belongs to another user"),
    ],
)
@pytest.mark.parametrize("on_error", ["go-on", "stop"])
@pytest.mark.posix
def test_a_trail_that_cannot_be_written(
    place: str, why: str, on_error: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """ "go-on" says so in one line, "stop" ends the command with status 3; both name the file and the setting."""
    (tmp_path / "directory").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "target")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "foreign").touch()
    if place == "foreign":
        if os.geteuid() != 0:
            pytest.skip("not run: only root can give files away")
        os.chown(tmp_path / "foreign", 54321, -1)
    path = tmp_path / place
    said = f"the audit trail cannot be written: {why} ({path}; config.toml:1)"
    credential = Credential("a", Secret("b"), "env")
    if on_error == "stop":
        with pytest.raises(CredentialError) as caught:
            record(settings(path, on_error="stop"), [(URL, credential)], "install")
        assert str(caught.value) == f'{said}; correct that, or set on-error = "go-on" there'
        assert caught.value.exit_code == 3
    else:
        record(settings(path), [(URL, credential)], "install")
        assert capsys.readouterr().err == f"authpip: {said}\n"
    assert not (tmp_path / "target").exists()


def test_a_system_without_syslog(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Windows: `syslog = true` is told like any other place that cannot be written, and is no bug of authpip's."""
    monkeypatch.delattr(socket, "AF_UNIX", raising=False)
    record(settings(syslog=True), [(URL, Credential("a", Secret("b"), "env"))], "install")
    assert "the audit trail cannot be written: this system has no syslog" in capsys.readouterr().err


def test_a_disk_that_is_full(capsys: pytest.CaptureFixture[str]) -> None:
    """ENOSPC is told like any other error."""
    if not os.path.exists("/dev/full"):
        pytest.skip("not run: there is no /dev/full")
    record(settings("/dev/full"), [(URL, Credential("a", Secret("b"), "env"))], "install")
    assert "the audit trail cannot be written" in capsys.readouterr().err


@pytest.mark.real
def test_syslog(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, canary: Canary) -> None:
    """The local socket gets the same JSON as a message of authpip's; a daemon that is not there is an error."""
    path = os.path.join(environment["XDG_RUNTIME_DIR"], "log")
    monkeypatch.setattr(audit_trail, "SOCKETS", (path,))
    credential = Credential("alice", Secret(canary.secret), "env", "alice")
    with pytest.raises(CredentialError, match=rf"No such file or directory \({path}; config.toml:1\)"):
        record(settings(syslog=True, on_error="stop"), [(URL, credential)], "install")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as daemon:
        daemon.bind(path)
        record(settings(syslog=True, on_error="stop"), [(URL, credential)], "download")
        message = daemon.recv(65536).decode()
    found = re.fullmatch(rf"<86>\w{{3}} [ \d]\d \d\d:\d\d:\d\d authpip\[{os.getpid()}\]: (.*)", message)
    assert found is not None
    assert json.loads(found[1])["command"] == "download"
    assert canary.find_in(message) == []
