"""What authpip says to type where a way out, a disk or a file is broken (trial B9)."""

from __future__ import annotations

import errno
import os
import socket
from pathlib import Path

import pytest

from authpip.core.errors import AuthpipError, CredentialError
from authpip.core.index import parse_scope
from authpip.files.atomic import explained
from authpip.files.private import read_named
from authpip.network.http_get import Network
from authpip.network.probe import classified

SCOPE = parse_scope("https://pypi.corp.example/team/simple/")


@pytest.mark.parametrize("error", [ConnectionRefusedError(), TimeoutError(), socket.gaierror()])
@pytest.mark.parametrize(
    ("network", "named_by"),
    [
        (Network({"HTTPS_PROXY": "http://127.0.0.1:9"}), "HTTPS_PROXY"),
        (Network({"https_proxy": "http://127.0.0.1:9"}), "https_proxy"),
        (Network({"ALL_PROXY": "http://127.0.0.1:9"}), "ALL_PROXY"),
        (Network({"HTTPS_PROXY": "http://other:9"}, proxy="http://127.0.0.1:9"), "pip's option proxy"),
    ],
)
def test_a_dead_proxy(error: OSError, network: Network, named_by: str) -> None:
    """Trial B9: the proxy is to be checked, and what names it is said; not the host and port of the URL."""
    assert classified(error, SCOPE, network).remedy == f"check the proxy, which {named_by} names"


def test_a_dead_index() -> None:
    """Without a proxy, the URL is what to look at."""
    assert classified(ConnectionRefusedError(), SCOPE, Network({})).remedy == "check the URL's host and port"


@pytest.mark.parametrize(
    ("number", "remedy"),
    [(errno.ENOSPC, "make room there"), (errno.EDQUOT, "make room there"), (errno.EACCES, "run this as the user")],
)
def test_a_full_disk(number: int, remedy: str) -> None:
    """Trial B9: a full disk is no matter of rights."""
    with pytest.raises(AuthpipError, match=remedy), explained():
        raise OSError(number, os.strerror(number), "/shims/pip")


def test_a_named_file_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trial B9: AUTHPIP_AUTH_FILE without the right to read it is not to be moved away (root may read all: a stand-in
    for the system's refusal)."""
    from authpip.files import trusted

    def refuse(path: str) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", path)

    monkeypatch.setattr(trusted, "read", refuse)
    with pytest.raises(CredentialError, match="make it readable for this user") as caught:
        read_named(str(tmp_path / "auth.json"))
    assert "move it away" not in str(caught.value)
