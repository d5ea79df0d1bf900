"""PyPI API tokens: what their caveats say, and what is no token."""

from __future__ import annotations

import base64
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authpip.cli.pypi_token import describe
from authpip.core.credential import Secret
from authpip.core.errors import UsageError
from support.samples.upload_tokens import upload_token


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
    scope = describe(Secret(upload_token(*caveats)))
    assert (str(scope), scope.whole_account) == (words, whole)


def test_expiry_and_place() -> None:
    """The end of a token, in both forms, and which of the two sites it is for."""
    assert describe(Secret(upload_token([0, 1900000000, 0]))).expires == 1900000000
    assert describe(Secret(upload_token({"nbf": 0, "exp": 1900000000}))).expires == 1900000000
    assert describe(Secret(upload_token(location="test.pypi.org"))).location == "test.pypi.org"
    assert upload_token().startswith("pypi-AgE")


@pytest.mark.parametrize(
    "text", ["", "pypi-", "hunter2", "pypi-hunter2", upload_token()[:-30], "pypi-AgE", upload_token()[5:], "pypi-é"]
)
def test_what_is_no_token(text: str) -> None:
    """A password, half a token, another site's token: refused, and not quoted."""
    with pytest.raises(UsageError, match="this is not a PyPI API token") as caught:
        describe(Secret(text))
    assert "hunter2" not in str(caught.value)


@given(body=st.binary(max_size=60))
def test_nothing_else_is_raised(body: bytes) -> None:
    """Whatever comes after the prefix: a scope or a UsageError."""
    with suppress(UsageError):
        describe(Secret("pypi-" + base64.urlsafe_b64encode(b"\x02\x01" + body).decode()))
