"""Package indexes on loopback over http or TLS, each with its own credential; every request is kept."""

from __future__ import annotations

import re
import ssl
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from support.servers.index_pages import JSON, Index, basic

__all__ = ["JSON", "Authority", "Index", "IndexServer", "Seen", "basic"]


@dataclass(frozen=True)
class Seen:
    """One request: what was asked, with which Authorization header (None: none), and the status answered."""

    method: str
    path: str
    authorization: str | None
    status: int
    headers: dict[str, str] = field(default_factory=dict, repr=False, compare=False)
    body: bytes = field(default=b"", repr=False, compare=False)


class Authority:
    """A certificate authority of the tests' own."""

    def __init__(self, directory: Path) -> None:
        import trustme

        self._authority = trustme.CA()
        self.file = directory / "ca.pem"
        self._authority.cert_pem.write_to_path(str(self.file))

    def context(self, names: Iterable[str]) -> ssl.SSLContext:
        """A server's TLS context, valid for these host names and addresses."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._authority.issue_cert(*names).configure_cert(context)
        return context


class IndexServer:
    """Any number of indexes on one loopback port, over TLS where an authority is given.

    requests: every Seen, in order. fail: (status, body) to answer everything with; hang_up: no answer at all.
    connections: how many clients have connected, over TLS where there is an authority.
    on_request: called with (server, path) before each answer, for changes in mid-run. posts: path → the JSON
    that a POST is answered with. pages: path → an HTML page that is answered there, whoever asks.
    """

    def __init__(self, authority: Authority | None = None, *, names: Iterable[str] = ()) -> None:
        self.authority = authority
        self.indexes: list[Index] = []
        self.requests: list[Seen] = []
        self.connections = 0
        self.redirects: dict[str, tuple[int, str]] = {}
        self.fail: tuple[int, str] | None = None
        self.hang_up = False
        self.posts: dict[str, str] = {}
        self.pages: dict[str, str] = {}
        self.on_request: Callable[[IndexServer, str], object] | None = None
        self._http = _Server(("127.0.0.1", 0), _Handler)
        self._http.owner = self
        if authority is not None:
            context = authority.context({"localhost", "127.0.0.1", *names})
            self._http.context = context
        self.port: int = self._http.server_address[1]
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def add(
        self,
        prefix: str,
        files: Iterable[Path] = (),
        *,
        username: str | None = None,
        password: str = "",
        token: str | None = None,
        files_at: str | None = None,
        metadata: bool = False,
    ) -> Index:
        """Put an index at this path prefix: for one Basic or Bearer credential, or open."""
        accepted = [basic(username, password)] if username is not None else []
        accepted += [f"Bearer {token}"] if token is not None else []
        index = Index("/" + prefix.strip("/") + "/", files, accepted, files_at, metadata)
        self.indexes.append(index)
        self.indexes.sort(key=lambda each: -len(each.prefix))
        return index

    def redirect(self, prefix: str, target: str, status: int = 302) -> None:
        """Send requests below `prefix` to `target` + the rest of the path."""
        self.redirects[prefix] = (status, target)

    def url(self, path: str = "", *, userinfo: str = "", host: str = "127.0.0.1") -> str:
        """The URL of a path here: url("/team/simple/", userinfo="alice:secret")."""
        scheme = "http" if self.authority is None else "https"
        at = f"{userinfo}@" if userinfo else ""
        return f"{scheme}://{at}{host}:{self.port}/{path.lstrip('/')}"

    @property
    def environ(self) -> dict[str, str]:
        """What a child needs in its environment to trust this server."""
        return (
            {}
            if self.authority is None
            else {"PIP_CERT": str(self.authority.file), "SSL_CERT_FILE": str(self.authority.file)}
        )

    def seen(self, prefix: str = "/") -> list[Seen]:
        """The requests below a path prefix, so far."""
        return [request for request in list(self.requests) if request.path.startswith(prefix)]

    def statuses(self) -> list[int]:
        """The status of every answer, in order."""
        return [request.status for request in list(self.requests)]

    def close(self) -> None:
        """Stop listening."""
        self._http.shutdown()
        self._http.server_close()

    def __enter__(self) -> IndexServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Server(ThreadingHTTPServer):
    owner: IndexServer
    context: ssl.SSLContext | None = None
    daemon_threads = True
    request_queue_size = 128

    def finish_request(self, request: Any, client_address: Any) -> None:
        """The TLS handshake happens in the connection's own thread: one mute client must not stop the others."""
        if self.context is not None:
            request.settimeout(30)
            try:
                request = self.context.wrap_socket(request, server_side=True)
            except OSError:
                return  # a client that does not trust us, which is its right
        self.owner.connections += 1
        try:
            super().finish_request(request, client_address)
        finally:
            if self.context is not None:
                request.close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that go away in mid-answer are no news."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        owner, path = self.server.owner, unquote(urlsplit(self.path).path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if owner.on_request is not None:
            owner.on_request(owner, path)
        if owner.hang_up:
            self.close_connection = True
            return
        self._reply(body, *self._part(*self._decide(owner, path)))

    do_HEAD = do_POST = do_GET  # noqa: N815

    def _decide(self, owner: IndexServer, path: str) -> tuple[int, dict[str, str], bytes]:
        if owner.fail is not None:
            return owner.fail[0], {}, owner.fail[1].encode()
        if self.command == "POST" and path in owner.posts:
            return 200, {"Content-Type": "application/json"}, owner.posts[path].encode()
        if path in owner.pages:
            return 200, {"Content-Type": "text/html; charset=utf-8"}, owner.pages[path].encode()
        for prefix, (status, target) in owner.redirects.items():
            if path.startswith(prefix):
                return status, {"Location": target + quote(path[len(prefix) :])}, b""
        index = next((index for index in owner.indexes if index.owns(path)), None)
        if index is None:
            return 404, {}, b"no index here\n"
        if index.accepted and self.headers.get("Authorization") not in index.accepted:
            return (
                index.refusal,
                {"WWW-Authenticate": f'Basic realm="{index.realm}"', **index.headers},
                b"who are you?\n",
            )
        if self.command == "POST":
            return 200, index.headers, b""
        answer = index.answer(path, self.headers.get("Accept", ""))
        if answer is None:
            return 404, index.headers, b"not found\n"
        return 200, {"Content-Type": answer[0], **index.headers}, answer[1]

    def _part(self, status: int, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        """The range of a file that was asked for (RFC 9110, 14.2), as lazy wheels ask."""
        if headers.get("Content-Type") != "application/octet-stream":
            return status, headers, body
        headers = {**headers, "Accept-Ranges": "bytes"}
        span = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("Range", ""))
        if span is None or not any(span.groups()):
            return status, headers, body
        first = int(span[1]) if span[1] else len(body) - int(span[2])
        last = min(int(span[2]), len(body) - 1) if span[1] and span[2] else len(body) - 1
        return 206, {**headers, "Content-Range": f"bytes {first}-{last}/{len(body)}"}, body[first : last + 1]

    def _reply(self, received: bytes, status: int, headers: dict[str, str], body: bytes) -> None:
        authorization = self.headers.get("Authorization")
        seen = Seen(self.command, self.path, authorization, status, dict(self.headers.items()), received)
        self.server.owner.requests.append(seen)
        self.send_response(status)
        for name, value in ({"Content-Type": "text/plain"} | headers).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass
