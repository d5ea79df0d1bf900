"""The token services of CI systems, clouds and package services, on loopback under their own host names."""

from __future__ import annotations

import json
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from support.servers.cloud_services import Answer, Asked, TokenService, as_json
from support.servers.connect_proxy import ConnectProxy
from support.servers.index_server import Authority, basic

STS, CREDENTIALS = "sts.googleapis.com", "iamcredentials.googleapis.com"
AWS_STS, CODEARTIFACT = "sts.eu-west-1.amazonaws.com", "codeartifact.eu-west-1.amazonaws.com"
ENTRA, VSSPS, PIPELINES = "login.microsoftonline.com", "vssps.dev.azure.com", "dev.azure.com"
GITHUB, CLOUDSMITH, OWN = "run-1.actions.githubusercontent.com", "api.cloudsmith.io", "sts.corp.example"
PYPI, TEST_PYPI, PYPI_PAGES = "upload.pypi.org", "test.pypi.org", "pypi.org"
HOSTS = (
    STS,
    CREDENTIALS,
    AWS_STS,
    CODEARTIFACT,
    ENTRA,
    VSSPS,
    PIPELINES,
    GITHUB,
    CLOUDSMITH,
    OWN,
    PYPI,
    TEST_PYPI,
    PYPI_PAGES,
)
SUBJECT = "repo:corp/app:ref:refs/heads/main"
ROLE = "arn:aws:iam::123456789012:role/ci"
POOL = "projects/1/locations/global/workloadIdentityPools/ci/providers/gh"
TENANT, CLIENT = "11111111-1111-1111-1111-111111111111", "22222222-2222-2222-2222-222222222222"


def jwt(**claims: Any) -> str:
    """A token as a service would sign it; nobody here looks at the signature."""
    whole = {"iss": "https://ci.example", "sub": SUBJECT, "aud": "corp", "exp": time.time() + 300, **claims}
    parts = ({"alg": "RS256", "typ": "JWT"}, whole)
    return ".".join(urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts) + ".c2ln"


def audiences(token: str) -> Any:
    """The audience of a token that `jwt` made."""
    part = token.split(".")[1]
    return json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))["aud"]


def form(asked: Asked) -> dict[str, str]:
    """The fields of a form."""
    return {name: values[0] for name, values in parse_qs(asked.body).items()}


class Services:
    """All of them on one TLS port. They give `secret` for a job's token; other: answers in place of the usual ones."""

    def __init__(
        self, authority: Authority, secret: str, index_port: int, index_hosts: tuple[str, ...], port: int = 0
    ) -> None:
        self.secret = secret
        self.clock = 0.0  # seconds by which their clocks go ahead of this machine's
        self.other: dict[str, Callable[[Asked], Answer]] = {}
        names = {*HOSTS, *index_hosts}
        self.service = TokenService(self.answer, authority, names, ("127.0.0.1", port))
        routes = {**dict.fromkeys(index_hosts, index_port), **dict.fromkeys(HOSTS, self.service.port)}
        self.proxy = ConnectProxy(routes)
        self.environ = {**self.proxy.environ, "SSL_CERT_FILE": str(authority.file)}

    @property
    def requests(self) -> list[Asked]:
        """All that they were sent."""
        return self.service.requests

    def asked(self, host: str) -> list[Asked]:
        """What one host was sent."""
        return [one for one in self.requests if one.headers.get("Host") == host]

    def answer(self, asked: Asked) -> Answer:
        """As the host would."""
        self.service.clock = self.clock
        host = asked.headers.get("Host", "")
        if host in self.other:
            return self.other[host](asked)
        return _USUAL[host](asked, self.secret) if host in _USUAL else as_json({}, 404)

    def __enter__(self) -> Services:
        return self

    def __exit__(self, *_: object) -> None:
        self.service.close()
        self.proxy.close()


def _github(asked: Asked, secret: str) -> Answer:
    audience = parse_qs(asked.path.partition("?")[2]).get("audience", ["https://github.com/corp"])[0]
    good = asked.headers.get("Authorization") == "bearer request-token"
    return as_json({"value": jwt(aud=audience)}) if good else as_json({}, 401)


def _pipelines(asked: Asked, secret: str) -> Answer:
    good = asked.headers.get("Authorization") == "Bearer system-token" and "api-version=7.1" in asked.path
    return as_json({"oidcToken": jwt(aud="api://AzureADTokenExchange")}) if good else as_json({}, 401)


def _sts(asked: Asked, secret: str) -> Answer:
    return as_json({"access_token": secret, "expires_in": 300, "token_type": "Bearer"})


def _credentials(asked: Asked, secret: str) -> Answer:
    end = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
    return as_json({"accessToken": secret, "expireTime": end})


def _aws_sts(asked: Asked, secret: str) -> Answer:
    keys = "<AccessKeyId>ASIA1</AccessKeyId><SecretAccessKey>s3cret</SecretAccessKey><SessionToken>sess</SessionToken>"
    return 200, "text/xml", f"<R><Result><Credentials>{keys}</Credentials></Result></R>".encode()


def _codeartifact(asked: Asked, secret: str) -> Answer:
    return as_json({"authorizationToken": secret, "expiration": time.time() + 43200})


def _entra(asked: Asked, secret: str) -> Answer:
    return as_json({"access_token": secret, "expires_in": 3599, "token_type": "Bearer"})


def _vssps(asked: Asked, secret: str) -> Answer:
    return as_json({"token": secret})


def _cloudsmith(asked: Asked, secret: str) -> Answer:
    return as_json({"token": secret}, 201)


def _pypi(asked: Asked, secret: str) -> Answer:
    if asked.path == "/_/oidc/audience":
        return as_json({"audience": "pypi"})
    if asked.path.startswith("/legacy/"):
        return (200 if asked.headers.get("Authorization") == basic("__token__", secret) else 403), "text/plain", b""
    return as_json({"success": True, "token": secret, "expires": time.time() + 900})


_USUAL: dict[str, Callable[[Asked, str], Answer]] = {
    GITHUB: _github,
    PIPELINES: _pipelines,
    STS: _sts,
    CREDENTIALS: _credentials,
    AWS_STS: _aws_sts,
    CODEARTIFACT: _codeartifact,
    ENTRA: _entra,
    VSSPS: _vssps,
    CLOUDSMITH: _cloudsmith,
    OWN: _sts,
    PYPI: _pypi,
    TEST_PYPI: _pypi,
}
