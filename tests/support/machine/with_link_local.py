"""Run a command in a network of its own (unshare --net) with a metadata service at 169.254.169.254.

with_link_local.py SECRET COMMAND…: the service gives SECRET as a token of Azure; what it was asked goes to stderr. With
`-` in place of SECRET the address drops what is sent to it, as a firewall does.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ADDRESS = "169.254.169.254"


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        print(self.path, file=sys.stderr, flush=True)
        body = json.dumps({"access_token": sys.argv[1], "expires_in": "3599", "expires_on": "4070908800"}).encode()
        self.send_response(200 if self.headers.get("Metadata") == "true" else 400)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """The path alone is of interest."""


def dropping() -> list[socket.socket]:
    """A listener whose queue is full: the kernel drops each further connection's packets."""
    listener = socket.socket()
    listener.bind((ADDRESS, 80))
    listener.listen(0)
    waiting = [socket.socket() for _ in range(3)]
    for client in waiting:
        client.setblocking(False)
        client.connect_ex((ADDRESS, 80))
    return [listener, *waiting]


if __name__ == "__main__":
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    subprocess.run(["ip", "address", "add", f"{ADDRESS}/32", "dev", "lo"], check=True)
    if sys.argv[1] == "-":
        full = dropping()
    else:
        server = ThreadingHTTPServer((ADDRESS, 80), _Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.exit(subprocess.run(sys.argv[2:], check=False).returncode)
