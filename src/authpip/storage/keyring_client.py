"""The OS keyring, with a deadline: in another process, one question at a time (F03, F04, F05).

The library keyring runs the machine's backend, which may wait for a dialogue for ever, crash or print. So it never runs
in authpip's own process. The one exception is `secret_service.read`, which loads no backend.
"""

from __future__ import annotations

import _thread
import json
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from authpip.core.console import timed, waiting_for
from authpip.core.credential import Secret
from authpip.core.errors import CredentialError
from authpip.storage import secret_service

UNATTENDED = 5.0  # seconds, without a terminal and so without a person who could answer an unlock dialogue
_PATIENCE = 0.5  # seconds between SIGTERM and SIGKILL: a keyring's client writes no files that could be damaged
_WORKER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "keyring_worker.py")
_OURS = os.path.dirname(os.path.dirname(os.path.dirname(_WORKER)))
_PASSED_ON = ("KEYRING_PROPERTY_", "PYTHON_KEYRING_BACKEND", "PASSWORD_STORE_", "XAUTHORITY", "DESKTOP_SESSION")
_NO_NAME = {"", "keyring.backends.fail.Keyring"}
_WHOM = "the OS keyring"
_lock = _thread.allocate_lock()  # importing threading would cost a millisecond before every pip

_BY_FILE = "log in with --insecure-storage, which stores the secret in a file that only you can read"
_IN_ITS_SESSION = (
    "run this in the session that has the keyring, name a file of logins in AUTHPIP_AUTH_FILE, or " + _BY_FILE
)
_CAUSES = {  # (what it did, remedy), by the name of keyring's exception or the worker's word for the error
    "KeyringLocked": ("is locked", "unlock it and try again"),
    "NoKeyringError": ("is not there, or cannot be reached", f"start one (GNOME Keyring, KWallet), or {_BY_FILE}"),
    "InitError": ("could not be opened", "unlock it, or restart its daemon"),
    "PasswordSetError": ("did not take the secret, which may be too long for it", _BY_FILE),
    "PasswordDeleteError": ("did not forget the secret", "remove it with the keyring's own program"),
    "unloadable": ("does not work here", _IN_ITS_SESSION),
    "insecure": ("would keep the secret readable, or not at all", f"install a real one, or {_BY_FILE}"),
    "altered": ("did not keep the secret as it was given", _BY_FILE),
    "odd": ("gave an answer that is no secret", "see whether the command `keyring get SERVICE USER` works"),
    "cancelled": ("was not opened: its dialogue was cancelled", "run the command again and allow it"),
    "refused": ("refuses this Python", "allow it in Keychain Access, or log in again"),
    "unattended": ("cannot ask here, as over ssh", f"type `security unlock-keychain` first, or {_BY_FILE}"),
    "raised": ("failed", "see whether the command `keyring get SERVICE USER` works"),
}


class KeyringCall(NamedTuple):
    """How to ask the keyring. deadline: time.monotonic(). interactive: a person may answer an unlock dialogue."""

    environ: Mapping[str, str]
    deadline: float
    interactive: bool = False

    @property
    def limit(self) -> float:
        """The time.monotonic() by which the keyring must answer."""
        return self.deadline if self.interactive else min(self.deadline, time.monotonic() + UNATTENDED)

    def __repr__(self) -> str:
        """Without environ, which holds secrets."""
        return f"KeyringCall(interactive={self.interactive!r})"


def find(services: Sequence[str], username: str | None, backend: str, ask: KeyringCall) -> tuple[str, Secret] | None:
    """(user name, secret) under the first of these service names that has a secret; None if no name has one.

    username None: any user; "" is returned for an entry without a user name. backend: the class path of the backend to
    load, "" for keyring's own choice. Raises CredentialError if the keyring is locked, absent, stalled or crashed.
    """
    with timed(f"the OS keyring ({short_name(backend)})"), _one_at_a_time(ask.limit) as limit:
        if username is not None and secret_service.speaks_for(backend, ask.environ):
            try:
                secret = secret_service.read(services, username, ask.environ, limit)
            except TimeoutError:
                raise _stalled(backend, ask) from None
            if secret is not None:
                return username, Secret(secret)
        request = {"action": "find", "backend": backend, "services": list(services), "username": username}
        answer = _work(request, ask, limit)
    return (answer["username"] or "", Secret(answer["secret"])) if "secret" in answer else None


def choose(ask: KeyringCall) -> str:
    """The class path of this machine's backend. Raises CredentialError if it is not safe for secrets."""
    with _one_at_a_time(ask.limit) as limit:
        return str(_work({"action": "backend"}, ask, limit)["backend"])


def try_out(ask: KeyringCall) -> str:
    """As `choose`; it also stores, reads and deletes an entry, which unlocks the keyring. Raises CredentialError."""
    import secrets

    item = {"services": [f"authpip-test-{secrets.token_hex(8)}"], "username": "authpip", "secret": "test"}
    with _one_at_a_time(ask.limit) as limit:
        return str(_work({"action": "try out", **item}, ask, limit)["backend"])


def store(services: Sequence[str], username: str, secret: Secret, backend: str, ask: KeyringCall) -> None:
    """Store the secret under each service name, and read it again to compare. Raises CredentialError."""
    request = {"action": "store", "backend": backend, "services": list(services), "username": username}
    with _one_at_a_time(ask.limit) as limit:
        _work({**request, "secret": secret.expose()}, ask, limit)


def delete(services: Sequence[str], username: str, backend: str, ask: KeyringCall) -> None:
    """Delete the secrets under these names, if there are any. Raises CredentialError."""
    with _one_at_a_time(ask.limit) as limit:
        _work({"action": "delete", "backend": backend, "services": list(services), "username": username}, ask, limit)


def short_name(backend: str) -> str:
    """The short name of a backend: keyring.backends.SecretService.Keyring → SecretService."""
    parts = [part for part in backend.split(".") if part not in {"keyring", "keyrings", "backends", "Keyring"}]
    return parts[-1] if parts else backend


@contextmanager
def _one_at_a_time(limit: float) -> Iterator[float]:
    if not _lock.acquire(timeout=max(0.0, limit - time.monotonic())):
        raise CredentialError("the OS keyring is busy", "other questions to it were not answered", "unlock it")
    try:
        with waiting_for(_WHOM):
            yield limit
    finally:
        _lock.release()


def _work(request: dict[str, Any], ask: KeyringCall, limit: float) -> dict[str, Any]:
    from authpip.programs import run

    question = {"backend": "", "services": [], "username": None, "secret": "", "paths": [_OURS], **request}
    if question["backend"] == secret_service.BACKEND and not ask.environ.get(secret_service.BUS):
        why = f"{secret_service.BUS} is not set, as over ssh and in cron"
        raise CredentialError(f"{_called(question['backend'])} is out of reach", why, _IN_ITS_SESSION)
    extra = {name: value for name, value in ask.environ.items() if name.startswith(_PASSED_ON)}
    try:
        result = run.run(
            [sys.executable, "-I", _WORKER],
            ask.environ,
            deadline=limit,
            input=json.dumps(question).encode("ascii"),
            extra=extra,
            patience=_PATIENCE,
            whom=_WHOM,
        )
    except run.DeadlineError:
        raise _stalled(question["backend"], ask) from None
    return _judged(_parsed(result.stdout), result.returncode, question["backend"])


def _parsed(output: bytes) -> dict[str, Any] | None:
    try:
        answer = json.loads(output)
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None


def _judged(answer: dict[str, Any] | None, status: int, backend: str) -> dict[str, Any]:
    if answer is None:
        how = f"killed by signal {-status}" if status < 0 else f"ended with status {status} and no answer"
        raise CredentialError(f"{_called(backend)} crashed", how, _CAUSES["raised"][1])
    if "error" not in answer:
        return answer
    cause, remedy = _CAUSES[answer["error"]]
    known = {"unloadable": ("detail",), "raised": ("class", "detail")}.get(answer["error"], ())
    why = ": ".join(filter(None, map(answer.get, known)))
    raise CredentialError(f"{_called(answer['backend'])} {cause}", why, remedy)


def _stalled(backend: str, ask: KeyringCall) -> CredentialError:
    remedy = "unlock it or restart its daemon"
    waited = "in time" if ask.interactive else f"within {UNATTENDED:.0f} s"
    return CredentialError(f"{_called(backend)} did not answer {waited}", "", remedy)


def _called(backend: str) -> str:
    return f"the OS keyring ({short_name(backend)})" if backend not in _NO_NAME else "the OS keyring"
