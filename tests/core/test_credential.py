"""A Secret that cannot be printed, and the header that it becomes."""

from __future__ import annotations

import copy
import json
import logging
import pickle
import traceback

import pytest

from authpip.core.credential import HIDDEN, Credential, Secret
from authpip.core.errors import CredentialError
from authpip.core.index import Index, parse_scope
from authpip.providers.chain import Answer

VALUE = "s3cr3t/:@%+=ü"
CREDENTIAL = Credential("alice", Secret(VALUE), "keyring", "alice")
ANSWER = Answer(Index("https://host/simple/", parse_scope("https://host/simple/"), "--index-url"), CREDENTIAL)


@pytest.mark.parametrize("holder", [Secret(VALUE), CREDENTIAL, ANSWER, [CREDENTIAL], {"a": ANSWER}])
@pytest.mark.parametrize("show", [str, repr, "{}".format, "{!r:>80}".format, "%s".__mod__, ascii])
def test_no_way_of_printing_shows_it(holder: object, show: object) -> None:
    """A24: str, repr, format and % of a secret and of all that holds one give the same placeholder."""
    text = show((holder,)) if show == "%s".__mod__ else show(holder)  # type: ignore[operator]
    assert VALUE not in text
    assert "s3cr3t" not in text
    assert HIDDEN in text


def test_a_secret_that_is_not_utf_8() -> None:
    """A variable may hold any bytes, which Python shows as surrogates: comparing such secrets raises nothing."""
    assert Secret("\udcff") == Secret("\udcff")
    assert Secret("\udcff") != Secret("s3cr3t")


def test_it_does_not_travel_by_pickle_copy_or_json() -> None:
    """What would carry a secret to another process or file raises; none of the errors quotes it."""
    for carry in (pickle.dumps, copy.deepcopy, json.dumps):
        with pytest.raises(TypeError) as caught:
            carry(Secret(VALUE))
        assert "s3cr3t" not in str(caught.value)


def test_a_traceback_with_locals_does_not_show_it() -> None:
    """A24: even a traceback that prints local variables, as crash reporters do, shows the placeholder."""
    secret = Secret(VALUE)
    credential = CREDENTIAL._replace(secret=secret)
    try:
        raise CredentialError(f"failed for {credential}", str(secret), f"see {secret!r}")
    except CredentialError as error:
        report = traceback.TracebackException.from_exception(error, capture_locals=True)
        text = "".join(report.format()) + str(error) + repr(error)
    assert "s3cr3t" not in text
    assert text.count(HIDDEN) >= 3


def test_logging_does_not_show_it(caplog: pytest.LogCaptureFixture) -> None:
    """A log record made from a credential holds the placeholder."""
    logging.getLogger("test").warning("%s %r", CREDENTIAL, CREDENTIAL.secret)
    assert "s3cr3t" not in caplog.text


def test_equal_secrets_are_equal_and_say_nothing_else() -> None:
    """Secrets compare by value, hash alike, and are false when empty."""
    assert Secret("a") == Secret("a") != Secret("b")
    assert len({Secret("a"), Secret("a"), Secret("b")}) == 2
    assert not Secret("")
    assert Secret("a") != "a"


@pytest.mark.parametrize(
    ("credential", "header"),
    [
        (Credential("Aladdin", Secret("open sesame"), "x"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
        (Credential("u", Secret("p:ä%"), "x"), "Basic dTpwOsOkJQ=="),
        (Credential("", Secret("jwt"), "x", scheme="bearer"), "Bearer jwt"),
    ],
)
def test_the_header_is_what_the_rfc_says(credential: Credential, header: str) -> None:
    """RFC 7617's own example, UTF-8 to the byte (F20), and RFC 6750."""
    assert credential.authorization().expose() == header


def test_keys_that_sign_are_never_a_header() -> None:
    """Keys for S3 would be sent in clear as a password; they are refused without being shown."""
    with pytest.raises(ValueError, match="signs each request") as caught:
        Credential("AKIA", Secret(VALUE), "s3", scheme="s3").authorization()
    assert VALUE not in str(caught.value)
