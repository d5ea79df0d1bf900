"""A CONNECT proxy on loopback that leads real host names to ports of the tests' own."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Mapping
from typing import NamedTuple

from support.servers.index_server import basic


class Connect(NamedTuple):
    """One CONNECT: the host and port that were asked for, the proxy's own credential, and the status."""

    target: str
    authorization: str | None
    status: int


class ConnectProxy:
    """Leads "host:443" (or "host") to 127.0.0.1:PORT; every other target is answered 502. requests: every Connect."""

    def __init__(self, routes: Mapping[str, int], *, username: str | None = None, password: str = "") -> None:
        self.routes = dict(routes)
        self.accepted = basic(username, password) if username is not None else None
        self.requests: list[Connect] = []
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.owner = self
        self.port: int = self._server.server_address[1]
        userinfo = f"{username}:{password}@" if username is not None else ""
        self.url = f"http://{userinfo}127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def environ(self) -> dict[str, str]:
        """What makes pip and the cloud CLIs use this proxy."""
        return {"HTTPS_PROXY": self.url, "https_proxy": self.url}

    def route(self, target: str) -> int | None:
        """The local port for "host:port", if there is one."""
        return self.routes.get(target, self.routes.get(target.rpartition(":")[0]))

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> ConnectProxy:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Server(socketserver.ThreadingTCPServer):
    owner: ConnectProxy
    daemon_threads = True
    allow_reuse_address = True


class _Handler(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        owner = self.server.owner
        words = self.rfile.readline(4096).decode("latin-1").split()
        headers = dict(self._headers())
        target = words[1] if len(words) == 3 and words[0] == "CONNECT" else ""
        authorization = headers.get("proxy-authorization")
        port = owner.route(target)
        denied = owner.accepted is not None and authorization != owner.accepted
        status = 407 if denied else 200 if port is not None else 502
        owner.requests.append(Connect(target, authorization, status))
        extra = 'Proxy-Authenticate: Basic realm="proxy"\r\n' if denied else ""
        self.wfile.write(f"HTTP/1.1 {status} -\r\n{extra}\r\n".encode())
        if status == 200 and port is not None:
            self._tunnel(port)

    def _headers(self) -> list[tuple[str, str]]:
        found = []
        while (line := self.rfile.readline(65536).decode("latin-1").strip()) != "":
            name, _, value = line.partition(":")
            found.append((name.lower(), value.strip()))
        return found

    def _tunnel(self, port: int) -> None:
        with socket.create_connection(("127.0.0.1", port)) as inner:
            back = threading.Thread(target=_pump, args=(inner, self.connection), daemon=True)
            back.start()
            _pump(self.connection, inner)
            back.join()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # either side may leave first
