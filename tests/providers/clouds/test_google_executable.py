"""The executable of a credentials file: run upon Google's switch alone, and read as google-auth reads it (oracle)."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from authpip.core.errors import CredentialError
from authpip.providers.clouds.google_executable import SWITCH, subject_token
from support.programs.fake_cli import count, counting, fake_cli
from support.servers import identity_services as services

pytestmark = pytest.mark.real

JWT, SAML = "urn:ietf:params:oauth:token-type:jwt", "urn:ietf:params:oauth:token-type:saml2"
GOOD = {"version": 1, "success": True, "token_type": JWT, "id_token": services.SUBJECT, "expiration_time": 4070908800}
ANSWERS: dict[str, object] = {
    "good": GOOD,
    "no end": {name: GOOD[name] for name in GOOD if name != "expiration_time"},
    "ID token": {**GOOD, "token_type": "urn:ietf:params:oauth:token-type:id_token"},
    "SAML": {**GOOD, "token_type": SAML, "saml_response": "PHNhbWw+"},
    "SAML without it": {**GOOD, "token_type": SAML},
    "JWT without it": {name: GOOD[name] for name in GOOD if name != "id_token"},
    "expired": {**GOOD, "expiration_time": 1},
    "another version": {**GOOD, "version": 2},
    "no version": {name: GOOD[name] for name in GOOD if name != "version"},
    "no success": {name: GOOD[name] for name in GOOD if name != "success"},
    "no type": {name: GOOD[name] for name in GOOD if name != "token_type"},
    "unknown type": {**GOOD, "token_type": "x"},
    "refused": {"version": 1, "success": False, "code": "401", "message": "log in again"},
    "refused without words": {"version": 1, "success": False},
    "a list": [GOOD],
    "nonsense": "nonsense",
    "nothing": "",
}


def written(directory: Path, **executable: Any) -> str:
    """A credentials file that names the program."""
    source = {"executable": {"command": f"{directory}/program", **executable}}
    return services.written(directory / "adc.json", services.external_account(source, acting=True))


def ask(path: str, environ: dict[str, str], seconds: float = 10) -> str:
    return subject_token(path, {**environ, SWITCH: "1"}, time.monotonic() + seconds)


def google_auths(path: str) -> str:
    """What google-auth gets; "" for any of its errors."""
    from google.auth import pluggable

    try:
        return str(pluggable.Credentials.from_file(path).retrieve_subject_token(None))
    except Exception:
        return ""


def outcome(path: str, environ: dict[str, str]) -> str:
    """What authpip gets; "" for an error, which is one line with a remedy and without the token."""
    try:
        return ask(path, environ)
    except CredentialError as caught:
        error = caught
    assert str(error).isprintable()
    assert error.remedy
    assert services.SUBJECT not in str(error)
    return ""


@pytest.mark.parametrize("place", ["printed", "left in the file", "in the file after it ran"])
@pytest.mark.parametrize("answer", ANSWERS)
def test_the_same_as_google_auth(
    answer: str, place: str, environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each answer on standard output, in an output file that stands there, and in one that the program writes."""
    content = ANSWERS[answer]
    text = content if isinstance(content, str) else json.dumps(content)
    (tmp_path / "answer").write_text(text)
    file = tmp_path / "output"
    fresh = json.dumps({**GOOD, "id_token": "eyJ.fresh.c2ln"})
    if place == "printed":
        fake_cli(tmp_path, "program", stdout=text)
        path = written(tmp_path)
    elif place == "left in the file":
        fake_cli(tmp_path, "program", stdout=fresh)
        path = written(tmp_path, output_file=str(file))
        file.write_text(text)
    else:
        fake_cli(tmp_path, "program", before=f"cp {tmp_path}/answer {file}")
        path = written(tmp_path, output_file=str(file))
    monkeypatch.setenv(SWITCH, "1")
    theirs = google_auths(path)
    assert outcome(path, environment) == theirs


def test_what_it_is_told(environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The variables of AIP-4117, with google-auth's values; the words of the command are its arguments."""
    told = tmp_path / "told"
    before = f'env | grep ^GOOGLE_EXTERNAL_ACCOUNT_ | sort > {told}; echo "$@" >> {told}'
    fake_cli(tmp_path, "program", stdout=json.dumps(GOOD), before=before)
    path = written(tmp_path, command=f"{tmp_path}/program --for 'the job'", output_file=str(tmp_path / "output"))
    assert ask(path, environment) == services.SUBJECT
    ours = told.read_text()
    monkeypatch.setenv(SWITCH, "1")
    assert google_auths(path) == services.SUBJECT
    assert ours == told.read_text()
    assert f"GOOGLE_EXTERNAL_ACCOUNT_IMPERSONATED_EMAIL={services.ROBOT}" in ours
    assert ours.endswith("--for the job\n")


@pytest.mark.parametrize("switch", [None, "", "0", "true"])
def test_only_upon_googles_switch(switch: str | None, environment: dict[str, str], tmp_path: Path) -> None:
    """P7: without GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES=1 nothing of a credentials file is run."""
    fake_cli(tmp_path, "program", stdout=json.dumps(GOOD), before=counting(tmp_path / "count", 0))
    environ = environment if switch is None else {**environment, SWITCH: switch}
    with pytest.raises(CredentialError, match=f"does not allow it; set {SWITCH}=1"):
        subject_token(written(tmp_path), environ, time.monotonic() + 10)
    assert count(tmp_path / "count", "calls") == 0


def test_what_is_not_run(environment: dict[str, str], tmp_path: Path) -> None:
    """A time that Google does not allow, a file relative to the project, a program that is not there or fails."""
    for executable, words in (
        ({"timeout_millis": 4999}, "must be 5000 to 120000"),
        ({"output_file": "token"}, "relative to wherever pip is run"),
        ({"command": "./program"}, "is relative"),
        ({"command": f"{tmp_path}/none"}, "could not be started"),
        ({"command": f"{tmp_path}/program | cat"}, "is not one command"),
    ):
        with pytest.raises(Exception, match=words):
            ask(written(tmp_path, **executable), environment)
    fake_cli(tmp_path, "program", stdout=json.dumps(GOOD), stderr="ERROR: no session", status=1)
    with pytest.raises(CredentialError, match="failed with status 1: ERROR: no session"):
        ask(written(tmp_path), environment)


def test_its_time(environment: dict[str, str], tmp_path: Path) -> None:
    """P11: a program that hangs is ended at the caller's deadline, where that comes before its own."""
    fake_cli(tmp_path, "program", before="sleep 600")
    began = time.monotonic()
    with pytest.raises(CredentialError, match="gave no answer"):
        ask(written(tmp_path, timeout_millis=120000), environment, seconds=0.3)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"type": "impersonated_service_account"}', '{"credential_source": 1}']
)
def test_files_without_a_program(content: str, environment: dict[str, str], tmp_path: Path) -> None:
    """Nothing is run for them, and what is wrong with them is told by who reads them next."""
    (tmp_path / "adc.json").write_text(content)
    assert ask(str(tmp_path / "adc.json"), environment) == ""
