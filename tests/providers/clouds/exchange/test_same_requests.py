"""google-auth and botocore make the same requests as authpip's own exchanges, for the same input (oracles)."""

from __future__ import annotations

import json
import os
import random
import time
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest

from authpip.providers.clouds import google_executable
from authpip.providers.clouds.exchange import aws, google, sigv4
from authpip.providers.clouds.exchange.http import Answer, Client
from support.programs.fake_cli import fake_cli
from support.servers import identity_services as services
from support.servers.cloud_services import Asked, service_account_key

pytestmark = pytest.mark.real

CASES = 30
NOW = 1_790_000_000
TOKEN = "ya29.token"
WORDS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
MATTER = ("authorization", "metadata-flavor", "content-type", "x-aws-ec2-metadata-token")
PLATFORM = "https://www.googleapis.com/auth/cloud-platform"


class Sent(NamedTuple):
    """One request, as far as a service looks at it."""

    method: str
    url: str
    body: object
    headers: Mapping[str, str]


def sent(method: str, url: str, body: bytes | str | None, headers: Mapping[str, Any]) -> Sent:
    """Forms and JSON by their content; a JWT by its header and claims; headers that matter, in lower case."""
    text = body.decode() if isinstance(body, bytes) else body or ""
    content: dict[str, object] = (
        json.loads(text) if text.startswith("{") else {name: _opened(value) for name, value in parse_qsl(text)}
    )
    if content.get("delegates", ()) is None:
        content["delegates"] = []  # nobody, in either form
    named = {name.lower(): value.decode() if isinstance(value, bytes) else value for name, value in headers.items()}
    kept = {name: value for name, value in named.items() if name in MATTER or name.startswith("x-amz-")}
    if not text:
        kept.pop("content-type", None)
    if "content-type" in kept:
        kept["content-type"] = kept["content-type"].partition(";")[0]
    return Sent(method, url, content, kept)


def _opened(value: str) -> object:
    parts = value.split(".")
    if len(parts) == 3 and value.startswith("eyJ"):
        return [json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4))) for part in parts[:2]]
    if value.startswith("%7B"):
        request = json.loads(unquote(value))
        return {**request, "headers": sorted((h["key"], h["value"]) for h in request["headers"])}
    return value


class Recorder(Client):
    """A client whose requests are kept; the services' answers are made on the spot."""

    def __init__(self) -> None:
        super().__init__({}, float("inf"))
        self.seen: list[Sent] = []

    def within(self, seconds: float) -> Client:
        return self

    def reach(self, url: str, **_: Any) -> None:
        pass  # every service is there

    def send(
        self, method: str, url: str, body: bytes | None = None, headers: Mapping[str, str] = {}, **_: Any
    ) -> Answer:
        self.seen.append(sent(method, url, body, headers))
        status, content = answered(method, url, body)
        return Answer(status, {"metadata-flavor": "Google"}, content)


def answered(method: str, url: str, body: bytes | str | None) -> tuple[int, bytes]:
    """(status, body) of whatever service the URL belongs to."""
    parts = urlsplit(url)
    text = body.decode() if isinstance(body, bytes) else body or ""
    path = f"{parts.path}?{parts.query}"
    asked = Asked(path, text, {}, method)
    local = parts.scheme == "http"
    status, _, content = (services.beside(TOKEN) if local else services.clouds(TOKEN))(asked)
    return status, content


def word(chance: random.Random, shortest: int = 3, longest: int = 30) -> str:
    """A word of letters and digits."""
    return "".join(chance.choices(WORDS, k=chance.randint(shortest, longest)))


@pytest.fixture(autouse=True)
def _one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both look at the same clock."""
    import google.auth._helpers
    import google.auth.aws

    moment = datetime.fromtimestamp(NOW, timezone.utc)
    monkeypatch.setattr("authpip.providers.clouds.exchange.google_key.time.time", lambda: NOW)
    monkeypatch.setattr(sigv4.time, "gmtime", lambda _=None: moment.timetuple())
    monkeypatch.setattr(google.auth._helpers, "utcnow", lambda: moment.replace(tzinfo=None))
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda remove_tzinfo=True: moment.replace(tzinfo=None))


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The content of a service account's key file."""
    path = tmp_path_factory.mktemp("key") / "key.json"
    service_account_key(path, services.ROBOT, "https://oauth2.googleapis.com/token")
    return dict(json.loads(path.read_text()))


def google_case(number: int, key: dict[str, Any], directory: Path) -> dict[str, Any]:
    """A credentials file; the kinds in turn, their values by chance."""
    chance = random.Random(number)
    user = {name: word(chance) for name in ("client_id", "client_secret", "refresh_token")}
    subject = directory / "subject"
    subject.write_text(json.dumps({"field": services.SUBJECT}) if number % 2 else services.SUBJECT)
    form = {"type": "json", "subject_token_field_name": "field"} if number % 2 else {"type": "text"}
    audience = f"{services.POOL[:-1]}{word(chance)}"
    account = (
        f"https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/{word(chance)}@p.iam:generateAccessToken"
    )
    external = services.external_account({"file": str(subject), "format": form}, audience=audience)
    kinds: list[dict[str, Any]] = [
        {**key, "client_email": f"{word(chance)}@p.iam.gserviceaccount.com", "private_key_id": word(chance)},
        {"type": "authorized_user", **user},
        external,
        {**external, "service_account_impersonation_url": account},
        services.external_account(services.github_source(), audience=audience),
        {**services.external_account(services.aws_source("http://127.0.0.1:1"), audience=audience),
         "subject_token_type": "urn:ietf:params:aws:token-type:aws4_request"},
        services.external_account({"executable": {"command": program(directory)}}, acting=bool(number % 2)),
        {"type": "impersonated_service_account",
         "source_credentials": key if number % 16 < 8 else {"type": "authorized_user", **user},
         "service_account_impersonation_url": account, "delegates": [word(chance)] * (number % 3)},
    ]  # fmt: skip
    return kinds[number % len(kinds)]


def program(directory: Path) -> str:
    """The source of a subject token that is a program."""
    kind = "urn:ietf:params:oauth:token-type:jwt"
    answer = {"version": 1, "success": True, "token_type": kind, "id_token": services.SUBJECT}
    return str(fake_cli(directory, "executable", stdout=json.dumps(answer)))


@pytest.mark.parametrize("number", range(CASES))
def test_google(number: int, key: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Method, URL, form or JSON, claims of the assertion, and the headers that matter."""
    info = google_case(number, key, tmp_path)
    path = services.written(tmp_path / "adc.json", info)
    variables = {"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "s", "AWS_REGION": services.REGION}
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    monkeypatch.setenv(google_executable.SWITCH, "1")
    theirs: list[Sent] = []
    _loaded(info, path).refresh(_request_into(theirs))
    client = Recorder()
    subject = google_executable.subject_token(path, dict(os.environ), time.monotonic() + 10)
    google.token({"file": path, "impersonate": "", "variables": variables, "subject": subject}, client)
    assert client.seen == theirs


def _request_into(theirs: list[Sent]) -> Callable[..., Any]:
    """A transport of google-auth's that keeps its requests, and answers as the services do."""
    from google.auth import transport

    class Response(transport.Response):
        def __init__(self, status: int, data: bytes) -> None:
            self._status, self._data = status, data

        status = property(lambda self: self._status)
        headers = property(lambda self: {"content-type": "application/json", "metadata-flavor": "Google"})
        data = property(lambda self: self._data)

    def request(url: str, method: str = "GET", body: Any = None, headers: Any = None, **_: Any) -> Response:
        theirs.append(sent(method, url, body, headers or {}))
        return Response(*answered(method, url, body))

    return request


def _loaded(info: Mapping[str, Any], path: str) -> Any:
    """google-auth's own credentials for a file, by the loader of its kind: the general one asks for a project, too."""
    from google.auth import aws as google_aws
    from google.auth import identity_pool, impersonated_credentials, pluggable
    from google.oauth2 import credentials, service_account

    kind, source = info["type"], info.get("credential_source", {})
    if kind == "impersonated_service_account":
        return impersonated_credentials.Credentials.from_impersonated_service_account_info(info, scopes=[PLATFORM])
    if kind == "service_account":
        return service_account.Credentials.from_service_account_file(path, scopes=[PLATFORM])
    if kind == "authorized_user":
        return credentials.Credentials.from_authorized_user_file(path, scopes=[PLATFORM])
    pools = {"environment_id": google_aws.Credentials, "executable": pluggable.Credentials}
    pool = next((pools[name] for name in pools if name in source), identity_pool.Credentials)
    return pool.from_file(path, scopes=[PLATFORM])


@pytest.mark.parametrize("number", range(5))
def test_google_metadata(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one GET for the token; google-auth looks up the account before it."""
    from google.auth import compute_engine

    host = f"127.0.0.1:{8000 + number}"
    monkeypatch.setattr("google.auth.compute_engine._metadata._GCE_METADATA_HOST", host)
    theirs: list[Sent] = []
    compute_engine.Credentials(scopes=[PLATFORM], service_account_email="default").refresh(_request_into(theirs))
    client = Recorder()
    google.token({"file": "", "impersonate": "", "variables": {"GCE_METADATA_HOST": host}, "subject": ""}, client)
    assert client.seen == theirs[-1:]


def aws_case(number: int, directory: Path) -> dict[str, str]:
    """The variables of one identity; the kinds in turn, their values by chance."""
    chance = random.Random(number)
    keys = {"AWS_ACCESS_KEY_ID": word(chance, 16, 20), "AWS_SECRET_ACCESS_KEY": f"{word(chance)}/+{word(chance)}="}
    (directory / "subject").write_text(services.SUBJECT)
    role = {"AWS_ROLE_ARN": f"arn:aws:iam::123456789012:role/{word(chance)}", "AWS_ROLE_SESSION_NAME": word(chance)}
    (directory / "credentials").write_text(
        f"[base]\naws_access_key_id = {keys['AWS_ACCESS_KEY_ID']}\n"
        f"aws_secret_access_key = {keys['AWS_SECRET_ACCESS_KEY']}\n"
    )
    (directory / "config").write_text(
        f"[profile acting]\nrole_arn = {role['AWS_ROLE_ARN']}\nsource_profile = base\n"
        f"role_session_name = {word(chance)}\nexternal_id = {word(chance)}\n"
        f"duration_seconds = {('900', ' 3600 ', 'an hour', '')[number // 10 % 4]}\n"
        "[profile of-machine]\nrole_arn = arn:aws:iam::1:role/r\ncredential_source = Ec2InstanceMetadata\n"
        "role_session_name = session\n"
    )
    (directory / "home").mkdir()
    services.sso_login(directory / "home", lasting=10**9)
    near = "http://127.0.0.1:1"
    kinds = [
        keys,
        {**keys, "AWS_SESSION_TOKEN": f"{word(chance)}/+=="},
        {"AWS_WEB_IDENTITY_TOKEN_FILE": str(directory / "subject"), **role},
        {"AWS_PROFILE": "base"},
        {"AWS_PROFILE": "acting"},
        {"AWS_PROFILE": "of-machine", "AWS_EC2_METADATA_SERVICE_ENDPOINT": near},
        {"AWS_PROFILE": "corp", "AWS_CONFIG_FILE": str(directory / "home" / ".aws" / "config")},
        {"AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{near}/x", "AWS_CONTAINER_AUTHORIZATION_TOKEN": word(chance)},
        {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": f"/v2/{word(chance)}"},
        {"AWS_EC2_METADATA_SERVICE_ENDPOINT": near},
    ]
    files = {name: str(directory / file) for name, file in FILES.items()}
    return {**files, **kinds[number % len(kinds)]}


FILES = {"AWS_CONFIG_FILE": "config", "AWS_SHARED_CREDENTIALS_FILE": "credentials"}


@pytest.mark.parametrize("number", range(CASES))
def test_aws(number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each request of the chain and the last one, byte for byte in its signature."""
    import botocore.session
    from botocore.awsrequest import AWSResponse
    from botocore.httpsession import URLLib3Session

    variables = aws_case(number, tmp_path)
    monkeypatch.delenv("AWS_EC2_METADATA_DISABLED", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    theirs: list[Sent] = []

    def send(_: object, request: Any) -> AWSResponse:
        theirs.append(sent(request.method, request.url, request.body, request.headers))
        status, content = answered(request.method, request.url, request.body)
        response = AWSResponse(request.url, status, {}, None)
        response._content = content
        return response

    monkeypatch.setattr(URLLib3Session, "send", send)
    cache = str(tmp_path / "home" / ".aws" / "sso" / "cache")
    monkeypatch.setattr("botocore.credentials.SSOProvider._SSO_TOKEN_CACHE_DIR", cache)
    monkeypatch.setattr("botocore.tokens.SSOTokenProvider._SSO_TOKEN_CACHE_DIR", cache)
    session = botocore.session.Session()
    client = session.create_client("codeartifact", region_name=services.REGION)
    duration = {} if number % 2 else {"durationSeconds": 900}
    client.get_authorization_token(domain="corp", domainOwner="123456789012", **duration)
    question = {
        "wanted": {
            "domain": "corp",
            "owner": "123456789012",
            "region": services.REGION,
            "role": "",
            "duration": "" if number % 2 else "900",
        },
        "profile": "",
        "variables": variables,
        "config": variables["AWS_CONFIG_FILE"],
        "credentials": variables["AWS_SHARED_CREDENTIALS_FILE"],
        "sso_cache": cache,
        "instance": "AWS_EC2_METADATA_SERVICE_ENDPOINT" in variables,
        "renew": "",
    }
    recorder = Recorder()
    aws.token(question, recorder)
    assert recorder.seen == theirs
