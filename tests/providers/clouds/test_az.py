"""The real az, against an authority of our own on loopback."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from authpip.config.settings import Rule, Settings
from authpip.core.credential import Credential
from authpip.core.errors import CredentialError
from authpip.core.index import Index, parse_scope
from authpip.providers import azure as provider
from authpip.providers.base import Request
from authpip.storage import token_cache
from support.programs.cloud_programs import az, on_path
from support.servers.cloud_services import TENANT, TokenService, as_json, log_in_az, microsoft
from support.servers.index_server import Authority

pytestmark = [pytest.mark.real, pytest.mark.heavy, pytest.mark.xdist_group("az"), pytest.mark.timeout(900)]

URL = "https://pkgs.dev.azure.com/org/project/_packaging/feed/pypi/simple/"


@pytest.fixture
def service(authority: Authority) -> Iterator[TokenService]:
    """Entra ID and the resource manager."""
    service = TokenService(lambda asked: as_json({}), authority)
    service.answer = microsoft("eyJ.first", lambda: service.port)
    with service:
        yield service


@pytest.fixture
def environ(environment: dict[str, str], home: Path, authority: Authority, no_cached_tokens: None) -> dict[str, str]:
    """az on PATH, nobody logged in."""
    return {
        **environment,
        "PATH": on_path(home / "bin", "az", az()),
        "AZURE_CORE_INSTANCE_DISCOVERY": "false",
        "AZURE_CORE_LOGIN_EXPERIENCE_V2": "off",
        "REQUESTS_CA_BUNDLE": str(authority.file),
    }


def find(environ: dict[str, str], *, fresh: bool = False, **options: str) -> Credential:
    """What the provider answers, in a run of its own; az's record of failures is taken away first."""
    token_cache._minted.clear()
    token_cache._failed.clear()
    for name in ("msal_http_cache.bin", "msal_token_cache.json") if fresh else ("msal_http_cache.bin",):
        Path(environ["AZURE_CONFIG_DIR"], name).unlink(missing_ok=True)
    rule = Rule("r", "test", provider="azure", options={"azure": options}) if options else None
    index = Index(URL, parse_scope(URL), "test")
    found = provider.find(Request(index, Settings(), environ, time.monotonic() + 30, rule, fresh=fresh))
    assert found
    return found


def test_login_and_tenants(environ: dict[str, str], service: TokenService) -> None:
    """A token of the login's tenant, kept; another tenant is another token."""
    log_in_az("az", environ, service.url)
    found = find(environ)
    assert (found.username, found.secret.expose()) == ("VssSessionToken", "eyJ.first")
    assert 3000 < (found.expires or 0) - time.time() < 3601
    asked = len(service.asked("/token"))
    assert find(environ).secret.expose() == "eyJ.first"
    assert len(service.asked("/token")) == asked
    service.answer = microsoft("eyJ.other", lambda: service.port)
    assert find(environ, fresh=True, tenant=TENANT.replace("1", "3")).secret.expose() == "eyJ.other"
    assert find(environ).secret.expose() == "eyJ.first"


FAILURES = {
    "expired": (as_json({"error": "invalid_grant", "error_description": "AADSTS700082: inactive"}, 400), "session has"),
    "tenant": (
        as_json({"error": "invalid_grant", "error_description": "AADSTS50020: x"}, 400),
        "wrong account or tenant",
    ),
    "policy": (as_json({"error": "invalid_grant", "error_description": "AADSTS53003: x"}, 400), "conditional access"),
    "down": (as_json({}, 500), "its service is down"),
    "portal": ((200, "text/html", b"<html>Sign in</html>"), "its service returned something that is not a token"),
}


@pytest.mark.parametrize("case", FAILURES)
def test_failures(case: str, environ: dict[str, str], service: TokenService) -> None:
    """F13: what Microsoft answers becomes the cause and what to type next; no traceback."""
    log_in_az("az", environ, service.url)
    answer, told = FAILURES[case]
    proper = service.answer
    service.answer = lambda asked: answer if asked.path.endswith("/token") else proper(asked)
    with pytest.raises(CredentialError, match=told) as caught:
        find(environ, fresh=True)
    assert caught.value.remedy
    assert "Traceback" not in str(caught.value)


def test_not_logged_in(environ: dict[str, str], service: TokenService) -> None:
    """F13: with the command that helps, and the rule's tenant in it; an unknown authority; no network."""
    with pytest.raises(CredentialError, match=r"az is not logged in .*; run `az login`"):
        find(environ)
    with pytest.raises(CredentialError, match=r"run `az login --tenant 0a1b`"):
        find(environ, tenant="0a1b")
    log_in_az("az", environ, service.url)
    with pytest.raises(CredentialError, match=r"TLS: az does not trust.*REQUESTS_CA_BUNDLE"):
        find({**environ, "REQUESTS_CA_BUNDLE": "/etc/ssl/certs/ca-certificates.crt"}, fresh=True)
    service.close()
    with pytest.raises(CredentialError, match=r"no network"):
        find(environ, fresh=True)
