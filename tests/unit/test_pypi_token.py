"""PyPI API tokens: what their caveats say, and what is no token."""

from __future__ import annotations

import base64
import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authpip.credential import Secret
from authpip.errors import UsageError
from authpip.pypi_token import describe


def field(kind: int, value: bytes) -> bytes:
    size, length = len(value), b""
    while size > 0x7F:
        length, size = length + bytes([size & 0x7F | 0x80]), size >> 7
    return bytes([kind]) + length + bytes([size]) + value


def token(*caveats: object, location: str = "pypi.org") -> str:
    """A token as PyPI makes it: macaroon version 2, with the caveats as JSON and a signature of 32 bytes."""
    body = b"\x02" + field(1, location.encode()) + field(2, b"0f4f3c6e-identifier") + b"\x00"
    body += b"".join(field(2, json.dumps(caveat).encode()) + b"\x00" for caveat in caveats)
    body += b"\x00" + field(6, b"s" * 32)
    return "pypi-" + base64.urlsafe_b64encode(body).rstrip(b"=").decode()


@pytest.mark.parametrize(
    ("caveats", "words", "whole"),
    [
        ([[3, "user-id"]], "for the whole account on pypi.org", True),
        ([{"version": 1, "permissions": "user"}], "for the whole account on pypi.org", True),
        ([], "for the whole account on pypi.org", True),
        ([[1, ["Authpip", "other_one"]], [3, "u"]], "for authpip, other-one on pypi.org", False),
        ([{"version": 1, "permissions": {"projects": ["Corp.Thing"]}}], "for corp-thing on pypi.org", False),
        ([[2, ["id"]], [3, "u"]], "for one project (by its number) on pypi.org", False),
        ([[4, "publisher", {}]], "of a trusted publisher on pypi.org", False),
        ([[9, "later"], "text", 7], "for the whole account on pypi.org", True),
        ([[1, ["long-" + "x" * 300]]], "for long-" + "x" * 300 + " on pypi.org", False),
    ],
)
def test_scopes(caveats: list[object], words: str, whole: bool) -> None:
    """Each caveat of PyPI's, old form and new, narrows the scope as PyPI reads it."""
    scope = describe(Secret(token(*caveats)))
    assert (str(scope), scope.whole_account) == (words, whole)


def test_expiry_and_place() -> None:
    """The end of a token, in both forms, and which of the two sites it is for."""
    assert describe(Secret(token([0, 1900000000, 0]))).expires == 1900000000
    assert describe(Secret(token({"nbf": 0, "exp": 1900000000}))).expires == 1900000000
    assert describe(Secret(token(location="test.pypi.org"))).location == "test.pypi.org"
    assert token().startswith("pypi-AgE")


@pytest.mark.parametrize(
    "text", ["", "pypi-", "hunter2", "pypi-hunter2", token()[:-30], "pypi-AgE", token()[5:], "pypi-é"]
)
def test_what_is_no_token(text: str) -> None:
    """A password, half a token, another site's token: refused, and not quoted."""
    with pytest.raises(UsageError, match="this is no PyPI API token") as caught:
        describe(Secret(text))
    assert "hunter2" not in str(caught.value)


@given(body=st.binary(max_size=60))
def test_nothing_else_is_raised(body: bytes) -> None:
    """Whatever comes after the prefix: a scope or a UsageError."""
    with suppress(UsageError):
        describe(Secret("pypi-" + base64.urlsafe_b64encode(b"\x02\x01" + body).decode()))
