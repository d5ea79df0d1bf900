"""The token services of Google, Amazon and Microsoft, on loopback: as much of each as its real program asks for."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

from support.programs.cloud_programs import run
from support.servers.index_server import Authority

Answer = tuple[int, str, bytes]
TENANT = "11111111-1111-1111-1111-111111111111"
CLIENT = "22222222-2222-2222-2222-222222222222"


class Asked(NamedTuple):
    """One request that a program sent."""

    path: str
    body: str
    headers: Mapping[str, str]
    method: str = "POST"


class TokenService:
    """Answers whatever `answer` says for a request; it may be replaced at any time. requests: all, in order.

    headers: sent with every answer. clock: seconds that its clock is ahead of this machine's.
    """

    def __init__(
        self,
        answer: Callable[[Asked], Answer],
        authority: Authority | None = None,
        names: Iterable[str] = (),
        address: tuple[str, int] = ("127.0.0.1", 0),
    ):
        self.answer = answer
        self.requests: list[Asked] = []
        self.headers: dict[str, str] = {}
        self.clock = 0.0
        self._server = _Server(address, _Handler)
        self._server.owner = self
        if authority:
            context = authority.context({"localhost", "127.0.0.1", *names})
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.port: int = self._server.server_address[1]
        self.url = f"http{'s' if authority else ''}://localhost:{self.port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def asked(self, part: str) -> list[Asked]:
        """The requests whose path has this in it."""
        return [one for one in self.requests if part in one.path]

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> TokenService:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Server(ThreadingHTTPServer):
    owner: TokenService
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A program that was ended in the middle is no news."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        asked = Asked(self.path, body.decode("utf-8", "replace"), dict(self.headers.items()), self.command)
        self.server.owner.requests.append(asked)
        status, kind, content = self.server.owner.answer(asked)
        self.send_response(status)
        for name, value in self.server.owner.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_PUT = do_POST  # noqa: N815 (the standard library's words)

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The Date header, as the service's own clock has it."""
        return super().date_time_string((timestamp or time.time()) + self.server.owner.clock)

    def log_message(self, *_: object) -> None:
        """Keep the tests' output clean."""


def as_json(value: object, status: int = 200) -> Answer:
    """A JSON answer."""
    return status, "application/json", json.dumps(value).encode()


def google(token: str, *, lasting: int = 3599) -> Callable[[Asked], Answer]:
    """What oauth2.googleapis.com/token answers."""
    return lambda asked: as_json({"access_token": token, "expires_in": lasting, "token_type": "Bearer"})


def amazon(token: str, *, lasting: int = 43200) -> Callable[[Asked], Answer]:
    """What CodeArtifact's GetAuthorizationToken answers."""
    return lambda asked: as_json({"authorizationToken": token, "expiration": time.time() + lasting})


def microsoft(token: str, port: Callable[[], int], *, lasting: int = 3599) -> Callable[[Asked], Answer]:
    """What Entra ID and the resource manager answer, for one tenant with one subscription."""

    def answer(asked: Asked) -> Answer:
        base = f"https://localhost:{port()}/{TENANT}"
        if "openid-configuration" in asked.path:
            v2 = f"{base}/oauth2/v2.0"
            return as_json(
                {
                    "issuer": f"{base}/v2.0",
                    "authorization_endpoint": f"{v2}/authorize",
                    "token_endpoint": f"{v2}/token",
                    "device_authorization_endpoint": f"{v2}/devicecode",
                }
            )
        if "/token" in asked.path:
            return as_json(
                {"token_type": "Bearer", "expires_in": lasting, "ext_expires_in": lasting, "access_token": token}
            )
        if "subscriptions" in asked.path:
            one = {"id": f"/subscriptions/{CLIENT}", "subscriptionId": CLIENT, "tenantId": TENANT, "displayName": "sub"}
            return as_json({"value": [{**one, "state": "Enabled"}]})
        if "tenants" in asked.path:
            return as_json({"value": [{"tenantId": TENANT, "id": f"/tenants/{TENANT}"}]})
        return as_json({}, 404)

    return answer


def log_in_user(gcloud: str, environ: dict[str, str], account: str) -> None:
    """A user account of gcloud with a refresh token."""
    run([gcloud, "auth", "activate-refresh-token", account, "1//refresh"], environ)


def service_account_key(path: Path, account: str, token_uri: str) -> Path:
    """A service account's key file with an RSA key of our own."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    content = {"type": "service_account", "project_id": "p", "private_key_id": "k", "client_id": "1"}
    content |= {"private_key": key.decode(), "client_email": account, "token_uri": token_uri}
    path.write_text(json.dumps(content))
    path.chmod(0o600)
    return path


def log_in_az(az: str, environ: dict[str, str], url: str) -> None:
    """A service principal in a cloud of its own, whose every endpoint is on loopback."""
    endpoints = {
        "active-directory": url,
        "resource-manager": f"{url}/",
        "active-directory-resource-id": f"{url}/arm",
        "active-directory-graph-resource-id": f"{url}/graph",
        "management": f"{url}/arm",
    }
    options = [word for name, value in endpoints.items() for word in (f"--endpoint-{name}", value)]
    run([az, "cloud", "register", "-n", "loop", *options, "--skip-endpoint-discovery"], environ)
    run([az, "cloud", "set", "-n", "loop"], environ)
    run([az, "login", "--service-principal", "-u", CLIENT, "-p", "x", "--tenant", TENANT], environ)
