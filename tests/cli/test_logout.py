"""What `auth logout` forgets beside the login itself."""

from __future__ import annotations

import pytest

from authpip.cli.commands import logout
from authpip.core.errors import CredentialError, CredentialNotFoundError
from authpip.storage import logins, token_cache
from authpip.storage.logins import Login
from authpip.storage.token_cache import CachedToken

pytestmark = pytest.mark.real

Environ = dict[str, str]
KEPT = [CachedToken("google-1", "kernel keyring", "alice", 0.0), CachedToken("aws-1", "kernel keyring", "build", 0.0)]


@pytest.fixture
def forgotten(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the tokens that were let go of. The machine's own store is left alone: it is one for all tests."""
    names: list[str] = []
    monkeypatch.setattr(token_cache, "kept", lambda environ: list(KEPT))
    monkeypatch.setattr(token_cache, "forget", lambda name, environ: names.append(name))
    return names


def test_the_tokens_of_that_cloud(environment: Environ, forgotten: list[str]) -> None:
    """A cloud's index needs no login to be logged out of: the tokens of its provider go, others stay."""
    assert logout.run(["https://europe-west1-python.pkg.dev/p/r/simple/"], environment) == 0
    assert forgotten == ["google-1"]


def test_all(environment: Environ, forgotten: list[str]) -> None:
    """--all: every login and every kept token."""
    logins.add(environment, Login("https://a.example/", "a", storage="file"), "x")
    assert logout.run(["--all"], environment) == 0
    assert forgotten == ["google-1", "aws-1"]
    assert logins.load(environment) == ()


def test_nothing_to_forget(environment: Environ, forgotten: list[str]) -> None:
    """Somebody else's index: an error, and no token is touched."""
    with pytest.raises(CredentialNotFoundError, match="auth list"):
        logout.run(["https://index.example/simple/"], environment)
    assert forgotten == []


def test_what_cannot_be_forgotten_stays_on_the_list(
    environment: Environ, forgotten: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    """trial 6: no keyring: the login is not taken off the list, the others are; one line says so, and why."""
    kept = Login("https://a.example/", "a", services=("a",), backend="keyring.backends.SecretService.Keyring")
    logins.add(environment, kept)
    logins.add(environment, Login("https://b.example/", "b", storage="file"), "x")
    with pytest.raises(CredentialError, match=r"the login of a for .* is not deleted"):
        logout.run(["--all"], environment)
    assert logins.load(environment) == (kept,)
    assert "keyring" not in capfd.readouterr().err  # whoever catches the error says it, once
