"""The demo's keyring: a backend for the keyring library, and the process memory behind it. Nothing is on disk.

The backend asks over a Unix socket whose path keyring hands it from KEYRING_PROPERTY_SOCKET.
"""

from __future__ import annotations

import json
import socket
import socketserver
import threading
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError


class Keyring(KeyringBackend):
    """What keyring loads; it keeps nothing itself."""

    priority = 1
    socket = ""

    def get_password(self, service: str, username: str) -> str | None:
        answer = self._ask("get", service, username)
        return None if answer is None else str(answer)

    def set_password(self, service: str, username: str, password: str) -> None:
        self._ask("set", service, username, password)

    def delete_password(self, service: str, username: str) -> None:
        if not self._ask("delete", service, username):
            raise PasswordDeleteError(service)

    def _ask(self, *words: str) -> object:
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(self.socket)
            line.sendall(json.dumps(words).encode() + b"\n")
            return json.loads(line.makefile().readline())


class Vault:
    """The memory: it answers on a socket in a directory that only its user may enter, until `close`."""

    def __init__(self, path: Path) -> None:
        self._server = _Server(str(path), _Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True

    def __init__(self, path: str, handler: type[socketserver.BaseRequestHandler]) -> None:
        super().__init__(path, handler)
        self.secrets: dict[tuple[str, str], str] = {}


class _Handler(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        action, service, username, *password = json.loads(self.rfile.readline())
        key, answer = (service, username), None
        if action == "get":
            answer = self.server.secrets.get(key)
        elif action == "set":
            self.server.secrets[key] = password[0]
        else:
            answer = self.server.secrets.pop(key, None) is not None
        self.wfile.write(json.dumps(answer).encode() + b"\n")
