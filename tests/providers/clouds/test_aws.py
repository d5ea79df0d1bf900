"""The real aws, both versions, under CodeArtifact's real host name: a CONNECT proxy leads it to loopback (F21)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from authpip.config.settings import Rule, Settings
from authpip.core.credential import Credential
from authpip.core.errors import CredentialError
from authpip.core.index import Index, parse_scope
from authpip.providers import aws as provider
from authpip.providers.base import Request
from authpip.storage import token_cache
from support.programs.cloud_programs import aws_1, aws_2, on_path
from support.servers.cloud_services import TokenService, amazon, as_json
from support.servers.connect_proxy import ConnectProxy
from support.servers.index_server import Authority

pytestmark = pytest.mark.real

URL = "https://corp-123456789012.d.codeartifact.eu-west-1.amazonaws.com/pypi/repo/simple/"
SERVICE = "codeartifact.eu-west-1.amazonaws.com"
STS = "sts.eu-west-1.amazonaws.com"
KEYS = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "s3cret"}


@pytest.fixture
def service(authority: Authority) -> Iterator[TokenService]:
    """CodeArtifact and STS, over TLS."""
    with TokenService(amazon("eyJ.first"), authority, (SERVICE, STS)) as service:
        yield service


@pytest.fixture(params=["version 1", "version 2"])
def environ(
    request: pytest.FixtureRequest,
    environment: dict[str, str],
    home: Path,
    service: TokenService,
    authority: Authority,
    no_cached_tokens: None,
) -> Iterator[dict[str, str]]:
    """aws on PATH, a way to its service through a proxy alone, no login."""
    path = on_path(home / "bin", "aws", aws_1() if request.param == "version 1" else aws_2())
    with ConnectProxy({SERVICE: service.port, STS: service.port}) as proxy:
        yield {
            **environment,
            **proxy.environ,
            "PATH": path,
            "AWS_CA_BUNDLE": str(authority.file),
            "AWS_MAX_ATTEMPTS": "1",
        }


def find(environ: dict[str, str], url: str = URL, *, fresh: bool = False, **options: str) -> Credential:
    """What the provider answers, in a run of its own."""
    token_cache._minted.clear()
    token_cache._failed.clear()
    rule = Rule("r", "test", provider="aws", options={"aws": options}) if options else None
    index = Index(url, parse_scope(url), "test")
    found = provider.find(Request(index, Settings(), environ, time.monotonic() + 30, rule, fresh=fresh))
    assert found
    return found


def write_keys(environ: dict[str, str], key: str = "AKIAEXAMPLE") -> None:
    """The default profile, with keys of its own: variables are answered without aws."""
    file = Path(environ["AWS_SHARED_CREDENTIALS_FILE"])
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"[default]\naws_access_key_id = {key}\naws_secret_access_key = s3cret\n")


def test_keys_of_the_default_profile(environ: dict[str, str], service: TokenService) -> None:
    """One token for all repositories of the domain, kept; its expiry is read from either version's form."""
    write_keys(environ)
    found = find(environ)
    assert (found.username, found.secret.expose()) == ("aws", "eyJ.first")
    assert abs((found.expires or 0) - time.time() - 43200) < 60
    assert find(environ, URL.replace("/repo/", "/other/")).secret.expose() == "eyJ.first"
    assert len(service.requests) == 1
    assert "domain=corp&domain-owner=123456789012" in service.requests[0].path
    service.answer = amazon("eyJ.second")
    assert find(environ, fresh=True).secret.expose() == "eyJ.second"
    write_keys(environ, "AKIAOTHER")
    assert find(environ).secret.expose() == "eyJ.second"
    assert len(service.requests) == 3


def test_profile_and_duration(environ: dict[str, str], service: TokenService) -> None:
    """The rule's profile goes before the variables' keys; the duration is asked for."""
    environ.update(KEYS)
    Path(environ["AWS_SHARED_CREDENTIALS_FILE"]).parent.mkdir(exist_ok=True)
    Path(environ["AWS_SHARED_CREDENTIALS_FILE"]).write_text(
        "[build]\naws_access_key_id = AKIAPROFILE\naws_secret_access_key = x\n"
    )
    found = find(environ, profile="build", duration="900")
    assert found.identity == "profile build"
    assert "duration=900" in service.requests[0].path
    assert "Credential=AKIAPROFILE/" in service.requests[0].headers["Authorization"]


def test_role(environ: dict[str, str], service: TokenService) -> None:
    """The role is assumed first, and its session asks for the token."""
    write_keys(environ)
    assumed = """<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
        <AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>y</SecretAccessKey><SessionToken>z</SessionToken>
        <Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"""
    mint = amazon("eyJ.role")
    service.answer = lambda asked: (
        mint(asked) if "authorization-token" in asked.path else (200, "text/xml", assumed.encode())
    )
    found = find(environ, role="arn:aws:iam::123456789012:role/build")
    assert (found.secret.expose(), found.identity) == ("eyJ.role", "arn:aws:iam::123456789012:role/build")
    assert "Credential=ASIAROLE/" in service.requests[-1].headers["Authorization"]


def test_not_logged_in(environ: dict[str, str]) -> None:
    """F13: no credentials; a profile that is not there; a session that was never begun."""
    with pytest.raises(CredentialError, match=r"aws is not logged in .*; run `aws configure`"):
        find(environ)
    with pytest.raises(CredentialError, match=r"there is no profile build.*aws configure sso --profile build"):
        find(environ, profile="build")
    Path(environ["AWS_CONFIG_FILE"]).parent.mkdir(exist_ok=True)
    Path(environ["AWS_CONFIG_FILE"]).write_text(
        "[profile build]\nsso_session = s\nsso_account_id = 1\nsso_role_name = r\n"
        "[sso-session s]\nsso_region = eu-west-1\nsso_start_url = https://x.example/start\n"
    )
    with pytest.raises(CredentialError, match=r"run `aws sso login --profile build`"):
        find(environ, profile="build")


FAILURES = {
    "expired": (403, "ExpiredTokenException", "has expired"),
    "keys": (403, "UnrecognizedClientException", "does not accept the keys"),
    "denied": (403, "AccessDeniedException", "no permission for codeartifact:GetAuthorizationToken in corp"),
    "no domain": (404, "ResourceNotFoundException", "there is no domain corp of 123456789012"),
    "busy": (429, "ThrottlingException", "gets too many requests"),
    "down": (500, "InternalServerException", "its service is down"),
}


@pytest.mark.parametrize("case", FAILURES)
def test_failures(case: str, environ: dict[str, str], service: TokenService) -> None:
    """F13: what Amazon answers becomes the cause and what to type next."""
    write_keys(environ)
    status, code, told = FAILURES[case]
    service.answer = lambda asked: as_json({"message": "recorded", "__type": code}, status)
    with pytest.raises(CredentialError, match=told) as caught:
        find(environ)
    assert caught.value.remedy


def test_rubbish_and_networks(environ: dict[str, str], service: TokenService) -> None:
    """F13: a portal's page (aws ends well and prints nothing), an unknown authority, no way to the service."""
    write_keys(environ)
    service.answer = lambda asked: (200, "text/html", b"<html>Sign in</html>")
    with pytest.raises(CredentialError, match=r"aws succeeded but printed nothing"):
        find(environ)
    with pytest.raises(CredentialError, match=r"TLS: aws does not trust.*AWS_CA_BUNDLE"):
        find({**environ, "AWS_CA_BUNDLE": "/etc/ssl/certs/ca-certificates.crt"})
    with pytest.raises(CredentialError, match=r"cannot reach the proxy.*HTTPS_PROXY"):
        find({**environ, "HTTPS_PROXY": "http://127.0.0.1:1", "https_proxy": "http://127.0.0.1:1"})
