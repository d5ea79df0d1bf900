"""Every failure of an identity without a program names the cloud, the kind of identity, and what to do (F13, P9)."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from authpip.config.settings import Rule, Settings
from authpip.core.credential import Credential
from authpip.core.errors import CredentialError
from authpip.core.index import Index, parse_scope
from authpip.providers import aws, google
from authpip.providers.base import Request
from authpip.storage import token_cache
from support.programs.fake_cli import URLS
from support.servers import identity_services as services
from support.servers.cloud_services import Answer, TokenService, as_json, service_account_key
from support.servers.connect_proxy import ConnectProxy
from support.servers.index_server import Authority

pytestmark = pytest.mark.real

Environ = dict[str, str]
TEN_MINUTES = 600.0


class Cloud(NamedTuple):
    """The clouds' services and the way to them."""

    service: TokenService
    environ: Environ
    home: Path


@pytest.fixture
def cloud(environment: Environ, home: Path, authority: Authority, no_cached_tokens: None) -> Iterator[Cloud]:
    """No program, no identity."""
    with (
        TokenService(services.clouds("eyJ.first"), authority, services.HOSTS) as service,
        ConnectProxy(dict.fromkeys(services.HOSTS, service.port)) as proxy,
    ):
        own = {"SSL_CERT_FILE": str(authority.file), "PATH": "/usr/sbin", "CLOUDSDK_CONFIG": str(home / "none")}
        yield Cloud(service, {**environment, **proxy.environ, **own}, home)


def find(program: str, environ: Environ, **options: str) -> Credential:
    """What the provider answers, in a run of its own."""
    token_cache._minted.clear()
    token_cache._failed.clear()
    provider = {"gcloud": google, "aws": aws}[program]
    rule = Rule("r", "test", provider=provider.NAME, options={provider.NAME: options}) if options else None
    index = Index(URLS[program], parse_scope(URLS[program]), "test")
    found = provider.find(Request(index, Settings(), environ, time.monotonic() + 30, rule))
    assert found
    return found


def complaint(program: str, environ: Environ, **options: str) -> str:
    """The one line that a failure becomes; it has a remedy, and nothing that could be a secret."""
    with pytest.raises(CredentialError) as caught:
        find(program, environ, **options)
    line = str(caught.value)
    assert line.isprintable()
    assert caught.value.remedy
    assert not [secret for secret in ("s3cret", "PRIVATE KEY", services.SUBJECT, "1//x") if secret in line], line
    return line


def identity(kind: str, cloud: Cloud) -> Environ:
    """The variables of an identity."""
    subject = cloud.home / "subject"
    subject.write_text(services.SUBJECT)
    if kind == "keys":
        return {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "s3cret"}
    if kind == "web identity":
        return {"AWS_WEB_IDENTITY_TOKEN_FILE": str(subject), "AWS_ROLE_ARN": services.ROLE}
    if kind == "key":
        path = str(service_account_key(cloud.home / "k.json", services.ROBOT, "https://oauth2.googleapis.com/token"))
    elif kind == "user":
        path = services.written(cloud.home / "u.json", dict(services.user_login()))
    else:
        acting = kind == "federation, acting"
        info = services.external_account({"file": str(subject)}, acting=acting)
        path = services.written(cloud.home / "e.json", info)
    return {"GOOGLE_APPLICATION_CREDENTIALS": path}


def oauth(code: str, words: str = "", status: int = 400) -> Answer:
    """A refusal of Google's (RFC 6749, 5.2)."""
    return as_json({"error": code, "error_description": words}, status)


def aws_json(code: str, words: str = "recorded", status: int = 403) -> Answer:
    """A refusal of CodeArtifact's."""
    return as_json({"message": words, "__type": code}, status)


def aws_xml(code: str, words: str, status: int = 400) -> Answer:
    """A refusal of STS's."""
    return (
        status,
        "text/xml",
        f"<ErrorResponse><Error><Code>{code}</Code><Message>{words}</Message></Error></ErrorResponse>".encode(),
    )


DENIED = as_json({"error": {"code": 403, "message": "Permission 'iam.serviceAccounts.getAccessToken' denied"}}, 403)
CASES: dict[str, tuple[str, str, Answer, tuple[str, ...]]] = {
    "key was deleted": ("gcloud", "key", oauth("invalid_grant", "Invalid JWT Signature."), (services.ROBOT, "new key")),
    "user's login expired": (
        *("gcloud", "user", oauth("invalid_grant", "Token has been expired or revoked.")),
        ("user's login", "expired", "gcloud auth application-default login"),
    ),
    "Google: audience": (
        *(
            "gcloud",
            "federation",
            oauth("invalid_grant", "The audience in ID Token does not match the expected audience"),
        ),
        ("federated token", "audience", "workload identity provider", "subject repo:o/r"),
    ),
    "Google: subject": (
        *("gcloud", "federation", oauth("unauthorized_client", "rejected by the attribute condition", 401)),
        ("federated token", "does not trust this subject", "attribute condition", "subject repo:o/r"),
    ),
    "Google: expired": (
        *("gcloud", "federation", oauth("invalid_grant", "The ID Token is expired.")),
        ("federated token", "expired", "run the job again"),
    ),
    "Google: denied": ("gcloud", "federation, acting", DENIED, (services.ROBOT, "serviceAccountTokenCreator")),
    "Google: down": ("gcloud", "key", as_json({}, 503), ("Google", "503", "try again")),
    "AWS: denied": (
        *("aws", "keys", aws_json("AccessDeniedException")),
        ("AWS", "access key", "codeartifact:GetAuthorizationToken", "sts:GetServiceBearerToken"),
    ),
    "AWS: expired": ("aws", "keys", aws_json("ExpiredTokenException"), ("AWS", "has expired", "renew AWS_ACCESS")),
    "AWS: keys": ("aws", "keys", aws_json("UnrecognizedClientException"), ("does not accept the keys",)),
    "AWS: no domain": ("aws", "keys", aws_json("ResourceNotFoundException", status=404), ("there is no domain corp",)),
    "AWS: audience": (
        *("aws", "web identity", aws_xml("InvalidIdentityToken", "Incorrect token audience")),
        ("web identity", "audience", "sts.amazonaws.com"),
    ),
    "AWS: subject": (
        *(
            "aws",
            "web identity",
            aws_xml("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity", 403),
        ),
        ("web identity", services.ROLE, "subject", "trust policy"),
    ),
    "AWS: issuer": (
        *("aws", "web identity", aws_xml("InvalidIdentityToken", "No OpenIDConnect provider found in your account")),
        ("web identity", "issuer", "identity provider in IAM"),
    ),
    "AWS: token expired": (
        *("aws", "web identity", aws_xml("ExpiredTokenException", "Token expired: current date/time must be before")),
        ("web identity", "expired", "new token"),
    ),
    "AWS: portal": ("aws", "keys", (200, "text/html", b"<html>Sign in</html>"), ("not a token", "captive portal")),
}


@pytest.mark.parametrize("case", CASES)
def test_refusals(case: str, cloud: Cloud) -> None:
    """What the service answers becomes the cause and what to do; a refusal about a subject says issuer and audience."""
    program, kind, answer, words = CASES[case]
    proper = cloud.service.answer
    at_last = "generateAccessToken" if kind == "federation, acting" else ""
    cloud.service.answer = lambda asked: answer if at_last in asked.path else proper(asked)
    line = complaint(program, {**cloud.environ, **identity(kind, cloud)})
    assert [word for word in words if word not in line] == [], line


@pytest.mark.parametrize(
    ("program", "kind", "answer"),
    [
        ("gcloud", "key", oauth("invalid_grant", "Invalid JWT: check your iat and exp values")),
        ("gcloud", "federation", oauth("invalid_grant", "The ID Token is expired.")),
        ("aws", "keys", aws_json("InvalidSignatureException", "Signature expired: 1 is now earlier than 2")),
        ("aws", "web identity", aws_xml("InvalidIdentityToken", "Token is not yet valid")),
    ],
)
@pytest.mark.parametrize("clock", [TEN_MINUTES, -TEN_MINUTES])
def test_clock_off_by_ten_minutes(program: str, kind: str, answer: Answer, clock: float, cloud: Cloud) -> None:
    """The service's Date header shows it: the message is about the clock, whatever code the refusal has."""
    cloud.service.clock = clock
    cloud.service.answer = lambda asked: answer
    line = complaint(program, {**cloud.environ, **identity(kind, cloud)})
    assert f"this machine's clock is 10 min {'behind' if clock > 0 else 'ahead'}" in line
    assert "set this machine's clock" in line


@pytest.mark.parametrize(("program", "kind"), [("gcloud", "key"), ("gcloud", "federation"), ("aws", "keys")])
def test_networks(program: str, kind: str, cloud: Cloud) -> None:
    """No way to the service; a proxy that is not there; an authority that nobody trusts."""
    environ = {**cloud.environ, **identity(kind, cloud)}
    nowhere = "http://127.0.0.1:1"
    name = {"gcloud": "Google", "aws": "AWS"}[program]
    line = complaint(program, {**environ, "HTTPS_PROXY": nowhere, "https_proxy": nowhere})
    assert f"{name} cannot be reached" in line
    assert "HTTPS_PROXY" in line
    line = complaint(program, {**environ, "SSL_CERT_FILE": "/etc/ssl/certs/ca-certificates.crt"})
    assert "TLS" in line


def test_files(cloud: Cloud) -> None:
    """A file that is not there, not JSON, of an unknown kind, or half a kind."""
    for content, words in (
        (None, "No such file"),
        ("nonsense", "not a JSON object"),
        ({"type": "gdch_service_account"}, "leaves that kind to gcloud"),
        ({"type": "external_account"}, "not complete"),
        (services.external_account({"executable": {"command": "/x"}}), "GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES=1"),
        (services.external_account({"executable": {}}), "not complete"),
        (services.external_account({"certificate": {}}), "leaves that to gcloud"),
        ({**services.user_login(), "universe_domain": "evil.example"}, "universe_domain"),
    ):
        path = cloud.home / "adc.json"
        path.unlink(missing_ok=True)
        if content is not None:
            path.write_text(content if isinstance(content, str) else json.dumps(content))
        line = complaint("gcloud", {**cloud.environ, "GOOGLE_APPLICATION_CREDENTIALS": str(path)})
        assert words in line, line
    assert cloud.service.requests == []


def test_profiles_that_need_aws(cloud: Cloud) -> None:
    """A process, a second factor, an SSO session that is over, a profile that is not there."""
    config = cloud.home / "config"
    environ = {**cloud.environ, "AWS_CONFIG_FILE": str(config), "AWS_PROFILE": "p"}
    for content, words in (
        ("[profile p]\ncredential_process = x\n", "credential_process needs the program aws"),
        ("[profile p]\nrole_arn = r\nsource_profile = q\nmfa_serial = m\n", "mfa_serial needs the program aws"),
        ("[profile other]\n", "there is no profile p"),
        ("[profile", "cannot be parsed"),
    ):
        config.write_text(content)
        assert words in complaint("aws", environ)
    services.sso_login(cloud.home, lasting=-10)
    environ.update(AWS_CONFIG_FILE=str(cloud.home / ".aws" / "config"), AWS_PROFILE="corp")
    assert "the SSO session of profile corp has expired" in complaint("aws", environ)
    assert cloud.service.requests == []


def test_role_and_duration(cloud: Cloud) -> None:
    """The rule's role is assumed with the keys; duration = 0 is the rest of its session."""
    environ = {**cloud.environ, **identity("keys", cloud)}
    found = find("aws", environ, role=services.ROLE, duration="0")
    assert (found.secret.expose(), found.identity) == ("eyJ.first", services.ROLE)
    assert "duration=0" in cloud.service.requests[-1].path
    assert "Credential=ASIAEXAMPLE/" in cloud.service.requests[-1].headers["Authorization"]


def test_impersonation(cloud: Cloud) -> None:
    """The rule's service account is who the token is for."""
    environ = {**cloud.environ, **identity("key", cloud)}
    found = find("gcloud", environ, **{"impersonate-service-account": services.ROBOT})
    assert (found.secret.expose(), found.identity) == ("eyJ.first", services.ROBOT)
    assert cloud.service.requests[-1].path.endswith(f"/{services.ROBOT}:generateAccessToken")
