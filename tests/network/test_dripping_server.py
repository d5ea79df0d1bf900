"""A server that sends its answer a byte at a time."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from authpip.core.index import parse_scope
from authpip.network import http_get
from authpip.network.http_get import Network
from authpip.network.probe import probe
from support.servers.index_server import IndexServer

pytestmark = pytest.mark.real


@pytest.fixture
def dripping() -> Iterator[str]:
    """The URL of an index whose header never ends; each byte comes well within the time-out of one step."""
    listener = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            while not over.wait(0.05):
                try:
                    connection.send(b"H")
                except OSError:
                    return

    threading.Thread(target=serve, daemon=True).start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}/simple/"
    over.set()
    listener.close()


def test_a_dripping_server_is_given_up(
    dripping: str, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """P11, audit 14: login and check give up a request after LONGEST; without it this one would go on for ever."""
    monkeypatch.setattr(http_get, "LONGEST", 1.0)
    started = time.monotonic()
    result = probe(parse_scope(dripping), None, Network(environment))
    assert result.failure == "timeout"
    assert time.monotonic() - started < 20


def test_redirects_have_one_deadline_together(
    index_server: IndexServer, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """P11, audit 14: redirects of 0.4 s each do not get LONGEST anew at each hop; each by itself is quick."""
    monkeypatch.setattr(http_get, "LONGEST", 1.0)
    index_server.on_request = lambda server, path: threading.Event().wait(0.4)
    for hop in range(4):
        index_server.redirect(f"/team/{hop}/", f"/team/{hop + 1}/")
    network = Network({**environment, **index_server.environ})
    scope = parse_scope(index_server.url("/team/"))
    assert probe(scope, None, network, url=index_server.url("/team/0/")).failure == "timeout"
    monkeypatch.setattr(http_get, "LONGEST", 60.0)
    assert probe(scope, None, network, url=index_server.url("/team/0/")).status == 404
