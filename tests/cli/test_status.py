"""`auth status`: logins, rules and cloud identities on real servers, one line each, and no secret."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Mapping
from typing import Any

import pytest

from authpip.storage import logins
from authpip.storage.logins import Login
from support.leaks.canary import Canary, new_canary
from support.programs import authpip_cli
from support.servers.index_server import IndexServer

pytestmark = pytest.mark.real

Environ = dict[str, str]


@pytest.fixture
def canary() -> Canary:
    """A password that must not show."""
    return new_canary()


@pytest.fixture
def environ(environment: Environ, index_server: IndexServer) -> Environ:
    """An environment that trusts the index server; pip's own index is there, too."""
    index_server.add("/open", username=None)
    return {**environment, **index_server.environ, "PIP_INDEX_URL": index_server.url("/open/")}


def status(environ: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """`authpip auth status ARGUMENTS`."""
    return authpip_cli.auth("status", *arguments, env=environ, cwd=environ["HOME"])


def verdicts(environ: Mapping[str, str], *, ok: bool) -> list[tuple[str, str]]:
    """(kind, verdict) of each entry in the JSON."""
    done = status(environ, "--json")
    document: dict[str, Any] = json.loads(done.stdout)
    assert (done.returncode, done.stderr, document["ok"]) == (0 if ok else 1, "", ok)
    return [(entry["kind"], entry["verdict"]) for entry in document["entries"]]


def keep(environ: Mapping[str, str], url: str, secret: str, **more: Any) -> None:
    """Store a login of alice in the user's file."""
    logins.add(environ, Login(url=url, username="alice", storage="file", created=time.time(), **more), secret)


def test_nothing_is_configured(environ: Environ) -> None:
    """Without logins, rules and identities: a line that says so, and exit status 0."""
    done = status(environ)
    assert (done.returncode, done.stdout) == (0, "")
    assert "there is no login, no rule and no cloud identity" in done.stderr


def test_a_login_and_a_rule_that_serve(environ: Environ, index_server: IndexServer, canary: Canary) -> None:
    """One line each, exit status 0, and no secret on the screen; nothing but their own indexes is asked."""
    index_server.add("/team/simple", username="alice", password=canary.secret)
    index_server.add("/rule/simple", username="alice", password=canary.secret)
    team, rule = index_server.url("/team/simple/"), index_server.url("/rule/simple/")
    keep(environ, team, canary.secret)
    environ.update(authpip_cli.rule(rule, "alice", canary.secret))
    done = status(environ)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        f"  login         {team} as alice: ok: it lets pip in as alice",
        f"  rule          'corp' for {rule}: ok: it lets pip in as alice",
    ]
    assert canary.find_in(done.stdout) == []
    assert {request.path for request in index_server.requests} == {"/team/simple/", "/rule/simple/"}


def test_a_login_is_judged_by_its_own_secret(environ: Environ, index_server: IndexServer, canary: Canary) -> None:
    """A wrong stored password is reported although a variable has the right one: 401, exit status 1."""
    index_server.add("/team/simple", username="alice", password="right")
    url = index_server.url("/team/simple/")
    keep(environ, url, canary.secret)
    environ.update(authpip_cli.rule(url, "alice", "right"))
    assert verdicts(environ, ok=False) == [("login", "unauthorized"), ("rule", "ok")]
    assert canary.find_in(status(environ).stdout) == []


def test_logins_that_cannot_be_asked(environ: Environ, canary: Canary) -> None:
    """A wildcard and an upload are stored and not asked; an expired token does not serve."""
    keep(environ, "*.corp.example", canary.secret)
    keep(environ, "https://upload.pypi.org/legacy/", canary.secret)
    assert verdicts(environ, ok=True) == [("login", "unknown"), ("login", "unknown")]
    keep(environ, "https://old.example/simple/", canary.secret, expires=1.0)
    assert ("login", "expired") in verdicts(environ, ok=False)


def test_a_login_whose_keyring_is_not_there(environ: Environ) -> None:
    """The login's line says that the keyring has no answer; the other lines are printed all the same."""
    keyring = "keyring.backends.SecretService.Keyring"
    services = ("https://a.example/simple/",)
    logins.add(environ, Login(url=services[0], username="alice", services=services, backend=keyring))
    environ.update(AUTHPIP_INDEX_WIDE_HOSTS="*.corp.example")
    assert verdicts(environ, ok=False) == [("login", "no-credential"), ("rule", "unknown")]


def test_a_cloud_identity_that_is_not_there(environ: Environ) -> None:
    """An index on a cloud's host that pip is configured with: its provider's own reason and remedy, exit status 1."""
    environ["PIP_INDEX_URL"] = "https://europe-python.pkg.dev/project/feed/simple/"
    assert verdicts(environ, ok=False) == [("identity", "no-credential")]
    assert "identity      google for https://europe-python.pkg.dev/project/feed/simple/: " in status(environ).stdout


def test_a_rule_without_a_credential(environ: Environ, index_server: IndexServer) -> None:
    """The rule's line says what is missing and what to type."""
    environ.update(AUTHPIP_INDEX_CORP_URL=index_server.url("/team/simple/"))
    done = status(environ)
    assert done.returncode == 1
    assert "no-credential: the rule 'corp'" in done.stdout
    assert "authpip auth login" in done.stdout
