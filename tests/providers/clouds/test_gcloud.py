"""The real gcloud: every kind of login, renewal, and its own failures, against a token service on loopback."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from authpip.config.settings import Rule, Settings
from authpip.core.credential import Credential
from authpip.core.errors import CredentialError
from authpip.core.index import Index, parse_scope
from authpip.providers import google as provider
from authpip.providers.base import Request
from authpip.storage import token_cache
from support.machine.isolation import MACHINE, ROOT
from support.programs.cloud_programs import gcloud, on_path, run
from support.programs.fake_cli import count, counting, fake_cli
from support.servers.cloud_services import TokenService, as_json, google, log_in_user, service_account_key

pytestmark = pytest.mark.real

URL = "https://europe-west1-python.pkg.dev/project/repo/simple/"
ACCOUNT = "dev@example.com"
ROBOT = "robot@project.iam.gserviceaccount.com"


@pytest.fixture
def service() -> Iterator[TokenService]:
    """Google's token endpoint."""
    with TokenService(google("ya29.first")) as service:
        yield service


@pytest.fixture
def environ(environment: dict[str, str], home: Path, service: TokenService, no_cached_tokens: None) -> dict[str, str]:
    """gcloud on PATH, its token endpoint on loopback, nobody logged in."""
    path = on_path(home / "bin", "gcloud", gcloud())
    own = {"PATH": path, "CLOUDSDK_AUTH_TOKEN_HOST": f"http://127.0.0.1:{service.port}/token"}
    if "CLOUDSDK_PYTHON" in MACHINE:
        own["CLOUDSDK_PYTHON"] = MACHINE["CLOUDSDK_PYTHON"]
    return {**environment, **own}


def find(environ: dict[str, str], *, seconds: float = 30, fresh: bool = False, **options: str) -> Credential:
    """What the provider answers, in a run of its own."""
    token_cache._minted.clear()
    token_cache._failed.clear()
    rule = Rule("r", "test", provider="google", options={"google": options}) if options else None
    index = Index(URL, parse_scope(URL), "test")
    found = provider.find(Request(index, Settings(), environ, time.monotonic() + seconds, rule, fresh=fresh))
    assert found
    return found


def test_user_account(environ: dict[str, str], service: TokenService) -> None:
    """A token of the active account; the second run asks nobody; fresh asks Google again."""
    log_in_user("gcloud", environ, ACCOUNT)
    found = find(environ)
    assert (found.username, found.secret.expose(), found.identity) == ("oauth2accesstoken", "ya29.first", ACCOUNT)
    assert 3000 < (found.expires or 0) - time.time() < 3600
    asked = len(service.requests)
    service.answer = google("ya29.second")
    assert find(environ).secret.expose() == "ya29.first"
    assert len(service.requests) == asked
    assert find(environ, fresh=True).secret.expose() == "ya29.second"
    assert len(service.requests) > asked


def test_service_account(environ: dict[str, str], service: TokenService, home: Path) -> None:
    """A key file whose token_uri is on loopback; no login but that."""
    key = service_account_key(home / "key.json", ROBOT, f"http://127.0.0.1:{service.port}/token")
    run(["gcloud", "auth", "activate-service-account", f"--key-file={key}"], environ)
    assert find(environ).secret.expose() == "ya29.first"
    assert "jwt-bearer" in service.requests[-1].body


def test_token_file(environ: dict[str, str], home: Path) -> None:
    """A file with a token in it, as CI systems mount: used, of unknown expiry, and a new token is a new identity."""
    (home / "token").write_text("ya29.from-a-file")
    environ["CLOUDSDK_AUTH_ACCESS_TOKEN_FILE"] = str(home / "token")
    found = find(environ)
    assert (found.secret.expose(), found.expires) == ("ya29.from-a-file", None)
    (home / "token").write_text("ya29.rotated")
    assert find(environ).secret.expose() == "ya29.rotated"


@pytest.mark.parametrize("how", ["variable", "source"])
def test_application_default(how: str, environ: dict[str, str], home: Path) -> None:
    """Application default credentials, by rule or where they alone are there."""
    content = {"type": "authorized_user", "client_id": "a", "client_secret": "b", "refresh_token": "1//x"}
    own = Path(environ["CLOUDSDK_CONFIG"], "application_default_credentials.json")
    file = home / "adc.json" if how == "variable" else own
    file.write_text(json.dumps(content))
    options = {}
    if how == "variable":
        environ["GOOGLE_APPLICATION_CREDENTIALS"] = str(file)
    else:
        options["source"] = "adc"
    found = find(environ, **options)
    assert (found.secret.expose(), found.identity) == ("ya29.first", "the application default credentials")


def test_two_accounts(environ: dict[str, str], service: TokenService) -> None:
    """Another account is another token, by rule, by configuration, and by variable."""
    log_in_user("gcloud", environ, ACCOUNT)
    assert find(environ).secret.expose() == "ya29.first"
    service.answer = google("ya29.other")
    log_in_user("gcloud", environ, "other@example.com")
    assert find(environ).secret.expose() == "ya29.other"
    assert find(environ, account=ACCOUNT).secret.expose() == "ya29.first"
    environ["CLOUDSDK_CORE_ACCOUNT"] = ACCOUNT
    found = find(environ)
    assert (found.secret.expose(), found.identity) == ("ya29.first", ACCOUNT)


def test_impersonation(environ: dict[str, str], service: TokenService) -> None:
    """The rule's service account is who the token is for; without the role the message names it."""
    log_in_user("gcloud", environ, ACCOUNT)
    expires = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
    with TokenService(lambda asked: as_json({"accessToken": "ya29.robot", "expireTime": expires})) as iam:
        environ["CLOUDSDK_API_ENDPOINT_OVERRIDES_IAMCREDENTIALS"] = f"http://127.0.0.1:{iam.port}/"
        found = find(environ, **{"impersonate-service-account": ROBOT})
        assert (found.secret.expose(), found.identity) == ("ya29.robot", ROBOT)
        denied = {"error": {"code": 403, "message": "Permission denied", "status": "PERMISSION_DENIED"}}
        iam.answer = lambda asked: as_json(denied, 403)
        with pytest.raises(CredentialError, match=f"no permission to act as {ROBOT}.*serviceAccountTokenCreator"):
            find(environ, fresh=True, **{"impersonate-service-account": ROBOT})


FAILURES = {
    "revoked": (as_json({"error": "invalid_grant", "error_description": "Bad Request"}, 400), "expired or was revoked"),
    "reauth": (
        as_json({"error": "invalid_grant", "error_subtype": "invalid_rapt", "error_description": "reauth"}, 400),
        f"session of {ACCOUNT} has expired",
    ),
    "policy": (as_json({"error": "access_denied", "error_description": "Account restricted"}, 403), "policy refuses"),
    "down": (as_json({"error": "internal_failure"}, 500), "its service is down"),
    "portal": ((200, "text/html", b"<html>Sign in</html>"), "its service returned something that is not a token"),
}


@pytest.mark.parametrize("case", FAILURES)
def test_failures(case: str, environ: dict[str, str], service: TokenService) -> None:
    """F13: what Google answers becomes the cause and what to type next; nothing of it is kept."""
    service.answer = google("ya29.short", lasting=60)
    log_in_user("gcloud", environ, ACCOUNT)
    answer, told = FAILURES[case]
    service.answer = lambda asked: answer
    with pytest.raises(CredentialError, match=told) as caught:
        find(environ)
    assert caught.value.remedy
    assert "ya29" not in str(caught.value)


def test_not_logged_in(environ: dict[str, str]) -> None:
    """F13: within 2 s, with the command that helps."""
    began = time.monotonic()
    with pytest.raises(CredentialError, match=r"gcloud is not logged in .*; run `gcloud auth login`"):
        find(environ)
    assert time.monotonic() - began < 4


def test_a_service_that_hangs(environ: dict[str, str], service: TokenService) -> None:
    """F12, P11: gcloud itself would wait for 120 s."""
    service.answer = google("ya29.short", lasting=60)
    log_in_user("gcloud", environ, ACCOUNT)

    def hang(asked: object) -> tuple[int, str, bytes]:
        time.sleep(8)
        return as_json({})

    service.answer = hang
    began = time.monotonic()
    with pytest.raises(CredentialError, match=r"gcloud gave no answer.*AUTHPIP_TIMEOUT"):
        find(environ, seconds=2)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("store", ["kernel keyring", "none"])
def test_many_at_once(store: str, environ: dict[str, str], service: TokenService, home: Path) -> None:
    """F01: six runs with the real gcloud: one call where its token can be kept, else one after the other."""
    log_in_user("gcloud", environ, f"dev-{home.parent.name}@example.com")
    before = counting(home / "count", 0).replace("rmdir", f'{gcloud()} "$@"; status=$?; rmdir') + "exit $status\n"
    (home / "bin" / "gcloud").unlink()
    fake_cli(home / "bin", "gcloud", before=before)
    ask = [sys.executable, str(ROOT / "tests/support/programs/find_token.py"), URL]
    sandbox = [sys.executable, str(ROOT / "tests/support/programs/no_keyctl.py"), "1"] if store == "none" else []
    runs = [subprocess.Popen([*sandbox, *ask], env=environ, stdout=subprocess.PIPE, text=True) for _ in range(6)]
    assert [json.loads(one.communicate(timeout=60)[0])[0][0][1] for one in runs] == ["ya29.first"] * 6
    assert count(home / "count", "calls") == (1 if store == "kernel keyring" else 6)
    assert count(home / "count", "overlaps") == 0
