"""macOS's keychain, simulated below keyring's own backend: the functions that call the Security framework are ours."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from authpip.core.credential import Secret
from authpip.core.errors import CredentialError
from authpip.storage import keyring_client
from authpip.storage.keyring_client import KeyringCall

pytestmark = pytest.mark.real

SERVICES = ("https://pypi.corp.example/simple/",)
# keyring/backends/macOS/api.py calls SecItemAdd, SecItemCopyMatching and SecItemDelete, which only macOS has. `status`
# is what the keychain answers in place of 0, `seconds` how long its dialogue stands open.
SIMULATED = """
import json, sys, time, types

class Error(Exception): pass
class NotFound(Error): pass
class KeychainDenied(Error): pass
class SecAuthFailure(Error): pass

ITEMS, BEHAVIOUR = {items!r}, {behaviour!r}

def read():
    try:
        return json.load(open(ITEMS))
    except FileNotFoundError:
        return {{}}

def ask(service):
    behaviour = json.load(open(BEHAVIOUR))
    time.sleep(behaviour["seconds"])
    status = behaviour["status"]
    if status and service.startswith("https:"):
        raise {{-128: KeychainDenied, -25293: SecAuthFailure}}.get(status, Error)(status, "Unknown Error")

def set_generic_password(name, service, username, password):
    ask(service)
    json.dump({{**read(), service + " " + username: password}}, open(ITEMS, "w"))

def find_generic_password(name, service, username, not_found_ok=False):
    ask(service)
    if service + " " + username not in read():
        raise NotFound(-25300, "Item not found")
    return read()[service + " " + username]

def delete_generic_password(name, service, username):
    ask(service)
    left = read()
    if left.pop(service + " " + username, None) is None:
        raise NotFound(-25300, "Item not found")
    json.dump(left, open(ITEMS, "w"))

import keyring.backends.macOS as backend
backend.api = types.SimpleNamespace(**globals())

class Keyring(backend.Keyring):
    priority = 5
"""

Behave = Callable[..., None]


@pytest.fixture
def behave(environment: Mapping[str, str]) -> Behave:
    """Says what the keychain does from now on."""
    home = Path(environment["HOME"])
    items, behaviour = home / "items.json", home / "behaviour.json"
    (home / "simulated.py").write_text(SIMULATED.format(items=str(items), behaviour=str(behaviour)))
    settings = Path(environment["XDG_CONFIG_HOME"], "python_keyring", "keyringrc.cfg")
    settings.parent.mkdir()
    settings.write_text(f"[backend]\ndefault-keyring=simulated.Keyring\nkeyring-path={home}\n")

    def write(*, status: int = 0, seconds: float = 0) -> None:
        behaviour.write_text(f'{{"status": {status}, "seconds": {seconds}}}')

    write()
    return write


def call(environment: Mapping[str, str]) -> KeyringCall:
    """A question with 30 seconds."""
    return KeyringCall(environment, time.monotonic() + 30)


def test_a_secret_is_stored_read_replaced_and_forgotten(environment: dict[str, str], behave: Behave) -> None:
    """F20: longer than an entry of Windows, in one entry, to the byte; replaced; no entry of the trial is left."""
    backend = keyring_client.try_out(call(environment))
    assert backend == "simulated.Keyring"
    for secret in (":@%+/= \u00e9\U0001f511", "s" * 8192):
        keyring_client.store(SERVICES, "alice", Secret(secret), backend, call(environment))
        assert keyring_client.find(SERVICES, "alice", backend, call(environment)) == ("alice", Secret(secret))
    assert keyring_client.find(SERVICES, "bob", backend, call(environment)) is None
    keyring_client.delete(SERVICES, "alice", backend, call(environment))
    assert keyring_client.find(SERVICES, "alice", backend, call(environment)) is None
    assert Path(environment["HOME"], "items.json").read_text() == "{}"


MESSAGES = {
    -128: "was not opened: its dialogue was cancelled",
    -25293: "refuses this Python",
    -25308: "cannot ask here, as over ssh",
    -50: "failed",
}


@pytest.mark.parametrize("status", MESSAGES)
def test_a_refusal_says_why_and_what_to_do(environment: dict[str, str], behave: Behave, status: int) -> None:
    """F05: the keychain's numbers (SecBase.h) as words, for reading and for storing; no secret among them."""
    behave(status=status)
    with pytest.raises(CredentialError) as reading:
        keyring_client.find(SERVICES, "alice", "simulated.Keyring", call(environment))
    assert MESSAGES[status] in str(reading.value)
    with pytest.raises(CredentialError) as storing:
        keyring_client.store(SERVICES, "alice", Secret("hunter2"), "simulated.Keyring", call(environment))
    assert storing.value.remedy
    assert "hunter2" not in str(storing.value)
    if status == -25308:
        assert "security unlock-keychain" in storing.value.remedy


def test_a_dialogue_that_nobody_answers(
    environment: dict[str, str], behave: Behave, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F03: a new Python has to be allowed in a dialogue; without a person it ends in time, and the message says so."""
    monkeypatch.setattr(keyring_client, "UNATTENDED", 1.0)
    behave(seconds=60)
    with pytest.raises(CredentialError) as raised:
        keyring_client.find(SERVICES, "alice", "simulated.Keyring", call(environment))
    assert "did not answer within 1 s" in str(raised.value)
