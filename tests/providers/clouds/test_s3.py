"""An index in a bucket: a server that checks signatures as AWS does lets authpip's pip in, and nobody else."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from support.programs import cloud_programs, pip_venvs
from support.programs.pip_venvs import PipVenv
from support.samples import packages

pytestmark = pytest.mark.real

KEY, SECRET, TOKEN = "AKIDEXAMPLE00000", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "session+token/with==signs"
REGION = "eu-central-1"


class Bucket(ThreadingHTTPServer):
    """A bucket whose objects are handed out for a valid Signature Version 4 alone, judged by botocore's verifier."""

    daemon_threads = True

    def __init__(self, objects: dict[str, bytes], token: str | None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.objects, self.token = objects, token
        self.statuses: list[int] = []


class Handler(BaseHTTPRequestHandler):
    """One request; its signature is made again from what arrived, and compared."""

    server: Bucket

    def do_GET(self) -> None:
        status = 200 if self._is_signed() else 403
        body = self.server.objects.get(self.path, b"") if status == 200 else b"SignatureDoesNotMatch"
        if status == 200 and self.path not in self.server.objects:
            status = 404
        self.server.statuses.append(status)
        self.send_response(status)
        self.send_header("Content-Type", "text/html" if self.path.endswith("/") else "application/octet-stream")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _is_signed(self) -> bool:
        request = AWSRequest("GET", f"http://{self.headers['Host']}{self.path}")
        stamp = self.headers.get("X-Amz-Date", "")
        request.context["timestamp"] = stamp
        for name in ("X-Amz-Date", "X-Amz-Content-SHA256", "X-Amz-Security-Token"):
            if self.headers.get(name):
                request.headers[name] = self.headers[name]
        signer = S3SigV4Auth(Credentials(KEY, SECRET, self.server.token), "s3", REGION)
        expected = signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)
        sent = self.headers.get("Authorization", "")
        return sent.endswith("Signature=" + expected) and self.headers.get("X-Amz-Security-Token") == self.server.token

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture(scope="module")
def venv(tmp_path_factory: pytest.TempPathFactory) -> PipVenv:
    """The newest pip and the wheel under test."""
    return pip_venvs.make(tmp_path_factory.mktemp("venv") / "venv", pip_venvs.PYTHON, "26.3", authpip=True)


@pytest.fixture(params=[None, TOKEN], ids=["user key", "session token"])
def bucket(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bucket]:
    """A bucket with one package, on loopback."""
    wheel = packages.wheel(tmp_path, "thing", "1.0")
    page = f'<a href="../../files/{wheel.name}">{wheel.name}</a>'.encode()
    server = Bucket({"/corp/simple/thing/": page, f"/corp/files/{wheel.name}": wheel.read_bytes()}, request.param)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("aws", [cloud_programs.aws_1, cloud_programs.aws_2], ids=["aws 1", "aws 2"])
def test_a_rule_for_s3_signs_with_the_users_own_aws(
    bucket: Bucket, venv: PipVenv, home: Path, environment: dict[str, str], aws: Callable[[], str]
) -> None:
    """Index page and file arrive by signed requests, none refused; the keys are those of the configured profile."""
    url = f"http://127.0.0.1:{bucket.server_port}/corp/simple/"
    credentials = home / "credentials"
    token = f"aws_session_token = {bucket.token}\n" if bucket.token else ""
    credentials.write_text(f"[build]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n{token}")
    config = home / ".config" / "authpip" / "config.toml"
    config.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
    table = f'[index.s3]\nprofile = "build"\nregion = "{REGION}"\n'
    config.write_text(f'[[index]]\nname = "corp"\nurl = "{url}"\nprovider = "s3"\n{table}')
    config.chmod(0o600)
    path = cloud_programs.on_path(home / "programs", "aws", aws())
    environ = {**environment, "AWS_SHARED_CREDENTIALS_FILE": str(credentials), "PATH": path}
    target = home / "target"
    done = venv.run("install", "--target", str(target), "-i", url, "thing", env=environ, module="authpip")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (target / "thing.py").exists()
    assert bucket.statuses == [200, 200]
    plain = venv.run("download", "-d", str(home / "d"), "-i", url, "thing", env=environment)
    assert plain.returncode != 0
    assert 403 in bucket.statuses


def test_pixis_entry_for_a_bucket_serves_amazons_hosts(home: Path, environment: dict[str, str]) -> None:
    """`s3://BUCKET` with S3Credentials in credentials.json: for that bucket's own hosts, in the host's region."""
    from authpip.config.settings import Settings
    from authpip.core.index import Index, parse_scope
    from authpip.providers import rattler
    from authpip.providers.base import Request

    entry = {"S3Credentials": {"access_key_id": KEY, "secret_access_key": SECRET, "session_token": TOKEN}}
    file = home / ".rattler" / "credentials.json"
    file.parent.mkdir(mode=0o700)
    file.write_text(json.dumps({"s3://corp": entry}))
    file.chmod(0o600)
    served = {
        f"https://corp.s3.{REGION}.amazonaws.com/simple/": REGION,
        f"https://s3.{REGION}.amazonaws.com/corp/simple/": REGION,
        "https://corp.s3.amazonaws.com/simple/": "us-east-1",
        f"https://other.s3.{REGION}.amazonaws.com/simple/": None,
        f"https://corp.s3.{REGION}.amazonaws.com.evil.example/simple/": None,
        "https://evil-s3.amazonaws.com/corp/": None,
    }
    for url, region in served.items():
        found = rattler.find(Request(Index(url, parse_scope(url), ""), Settings(), environment, 0.0))
        assert (json.loads(found.secret.expose())["region"] if found else None) == region, url
        assert found is None or found.scheme == "s3"
