"""What the hosting services differ by: which service a URL shows, and how its token is sent."""

from __future__ import annotations

import pytest

from authpip.core.credential import Credential, Secret
from authpip.core.index import parse_scope
from authpip.core.redaction import visible
from authpip.providers.services import as_sent, service

FURY = "https://pypi.fury.io/acct/"


@pytest.mark.parametrize(
    ("url", "name"),
    [
        (FURY, "Gemfury"),
        ("https://pypi.fury.io.evil.example/acct/", None),
        ("https://evilpypi.fury.io/", None),
        ("https://gitlab.example/api/v4/projects/1/packages/pypi/simple", "GitLab"),
        ("https://gitlab.example/x/api/v4/projects/1/packages/pypi/simple", None),
        ("https://upload.pypi.org/legacy/", "PyPI"),
        ("https://pypi.org/simple/", None),
        ("https://posit.example/prod/2026-01-31/simple", "Posit Package Manager"),
    ],
)
def test_service(url: str, name: str | None) -> None:
    """A service is known by its whole host, or by the beginning of its paths."""
    known = service(parse_scope(url))
    assert (known.name if known else None) == name


@pytest.mark.parametrize("username", ["", "__token__", "token"])
def test_gemfury_takes_the_token_as_user_name(username: str) -> None:
    """Its token is sent in place of the user name, with an empty password; nothing that is shown holds it."""
    sent = as_sent(Credential(username, Secret("hunter2"), "keyring", username), parse_scope(FURY))
    assert sent.authorization() == Secret("Basic aHVudGVyMjo=")
    assert (sent.secret.expose(), sent.identity) == ("", "")
    assert "hunter2" not in repr(sent) + str(sent)


def test_others_are_sent_as_they_are() -> None:
    """A user name of one's own, a bearer token and other services stay as they are."""
    for credential, url in (
        (Credential("alice", Secret("x"), "netrc"), FURY),
        (Credential("", Secret("x"), "netrc", scheme="bearer"), FURY),
        (Credential("__token__", Secret("x"), "netrc"), "https://upload.pypi.org/legacy/"),
        (Credential("__token__", Secret("x"), "netrc"), "https://any.example/"),
    ):
        assert as_sent(credential, parse_scope(url)) is credential


def test_a_token_in_a_path_is_not_shown() -> None:
    """A23: Anaconda.org has its token in the path; no message shows it."""
    url = "https://pypi.anaconda.org/t/he-0123456789-secret/channel/simple"
    assert visible(f"no credential for {url}") == "no credential for https://pypi.anaconda.org/t/****/channel/simple"
    assert visible("https://a.example/t/simple/") == "https://a.example/t/simple/"
