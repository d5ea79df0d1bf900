"""What a message shows of a helper's words, and how long it may take to say it."""

from __future__ import annotations

import time

import pytest

from authpip.core.complaints import complaint, secret_values
from authpip.core.redaction import shown_url

TOKENS = (
    "glpat-AbCdEf0123456789",
    "ghp_AbCdEf0123456789",
    "github_pat_11AbCdEf",
    "pypi-AgEIcHlwaS5vcmc",
    "xoxb-12345-abcdef",
    "AKIAABCDEFGHIJKLMNOP",
)


@pytest.mark.parametrize("token", TOKENS)
def test_a_known_token_is_not_shown(token: str) -> None:
    """P3, audit 14: a token that says by its beginning what it is does not appear in a helper's complaint."""
    assert token not in complaint(f"error: token {token} rejected")


@pytest.mark.parametrize("text", ["password=hunter2hunter2", "Password: hunter2hunter2", '"token": "hunter2hunter2"'])
def test_a_named_secret_is_not_shown(text: str) -> None:
    """P3, audit 14: what a complaint calls a password or a token is left out; the rest of the line stays."""
    shown = complaint(f"error: login failed; {text}, try again")
    assert "hunter2" not in shown
    assert shown.startswith("error: login failed; ")
    assert shown.endswith("try again")


def test_a_passed_variable_is_not_shown() -> None:
    """P3, audit 14: the value of a secret variable that the helper was given; that of any other stays."""
    variables = {"VAULT_TOKEN": "s3cr3t-short", "HOME": "/home/alice"}
    shown = complaint("error: s3cr3t-short is not known in /home/alice", secret_values(variables))
    assert shown == "error: … is not known in /home/alice"


@pytest.mark.parametrize("text", ["a:" * 200_000, "a:" * 200_000 + "@", "//a:b" * 60_000, "a=" * 200_000 + ":@"])
def test_a_hostile_argument_is_shown_quickly(text: str) -> None:
    """P11, audit 14: 4 KB of `a:a:a:…` took more than 40 s; the processor time is bounded, whatever the length."""
    started = time.process_time()
    shown_url(text)
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("user:password@host:3128", "****@host:3128"),
        ("--proxy=user:pass=word@host", "--proxy=****@host"),
        ("a user:password@host b", "a ****@host b"),
        ("name@host", "name@host"),
        ("corp-thing", "corp-thing"),
    ],
)
def test_userinfo_without_a_scheme(text: str, shown: str) -> None:
    """P3: a user name with a password is hidden where there is no `//` before it, and nothing else is."""
    assert shown_url(text) == shown
