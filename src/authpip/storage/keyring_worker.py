"""Answer one question with the OS keyring, in a separate process that authpip can end. It is run by path and imports
only keyring_pieces from authpip.

stdin: {"action": "backend" | "try out" | "find" | "store" | "delete", "backend": class path or "" for keyring's own
choice, "paths": [directories to look in last], "services": [names], "username": text or null, "secret": text}.
stdout: {"backend": class path, "username": text or null, "secret": text}, the last two if there is a secret, or
{"error": a word, "class": the exception's name, "detail": its text, "backend": class path}. "detail" is there only for
an exception before the worker has read any secret.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

_KNOWN = ("KeyringLocked", "NoKeyringError", "InitError", "PasswordSetError", "PasswordDeleteError")
# The status numbers of macOS's keychain (SecBase.h), which keyring passes on in the cause of its own exceptions.
_OF_KEYCHAIN = {-128: "cancelled", -25293: "refused", -25308: "unattended"}


def main() -> None:
    """Write the answer to stdout; the output of a backend goes to stderr."""
    _leave_no_core()
    answer_pipe = os.dup(1)
    os.dup2(2, 1)
    request = json.loads(sys.stdin.buffer.read())
    sys.path.extend(path for path in request["paths"] if path not in sys.path)
    answer = json.dumps(_answer(request)).encode("ascii")
    while answer:
        answer = answer[os.write(answer_pipe, answer) :]
    os._exit(0)  # a backend's threads or exit handlers must not delay the end


def _leave_no_core() -> None:
    """A backend that crashes must not write the secret to a disk (P10)."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    name = request["backend"]
    try:
        ring = _load(name)
        name = _name(type(ring))
        error = _refusal(type(ring)) if request["action"] in {"backend", "try out", "store"} else ""
    except BaseException as failure:  # noqa: BLE001 (a backend may raise anything, SystemExit too)
        return {"backend": name, **_failure(failure, "unloadable"), "detail": str(failure)[:200]}
    if error:
        return {"error": error, "backend": name}
    try:
        return {"backend": name, **_ACTIONS[request["action"]](ring, request)}
    except BaseException as failure:  # noqa: BLE001
        return {"backend": name, **_failure(failure, "raised")}


def _load(name: str) -> Any:
    import keyring.core

    if name:
        try:
            return keyring.core.load_keyring(name)
        except ImportError:
            keyring.core.load_config()  # for its side effect: it adds keyringrc.cfg's keyring-path to sys.path
            return keyring.core.load_keyring(name)
    ring: Any = keyring.core.get_keyring()
    if _name(type(ring)) == "keyring.backends.chainer.ChainerBackend":
        written_to = list(ring.backends)[:1]
        return written_to[0] if written_to else keyring.core.load_keyring("keyring.backends.fail.Keyring")
    return ring


def _refusal(ring: type) -> str:
    """Why authpip stores nothing in this backend (no keyring, no storage, plain text); "" if it does."""
    names = [_name(base) for base in ring.__mro__]
    if "keyring.backends.fail.Keyring" in names:
        return "NoKeyringError"
    clear = any("plaintext" in name.lower() for name in names)
    return "insecure" if clear or "keyring.backends.null.Keyring" in names else ""


def _nothing(_ring: Any, _request: dict[str, Any]) -> dict[str, Any]:
    return {}


def _find(ring: Any, request: dict[str, Any]) -> dict[str, Any]:
    for service in request["services"]:
        username, secret = _look(ring, service, request["username"])
        if secret is not None:
            return {"username": username, "secret": secret} if isinstance(secret, str) else {"error": "odd"}
    return {}


def _look(ring: Any, service: str, username: str | None) -> tuple[Any, Any]:
    from authpip.storage import keyring_pieces

    if username is None:
        found = ring.get_credential(service, None)
        if found is None:
            return None, None
        return found.username, keyring_pieces.whole(ring, service, found.username, found.password)
    return username, keyring_pieces.whole(ring, service, username, ring.get_password(service, username))


def _store(ring: Any, request: dict[str, Any]) -> dict[str, Any]:
    from authpip.storage import keyring_pieces

    username, secret = request["username"], request["secret"]
    for service in request["services"]:
        keyring_pieces.put(ring, service, username, secret)
        if _look(ring, service, username)[1] != secret:
            _delete(ring, request)
            return {"error": "altered"}
    return {}


def _delete(ring: Any, request: dict[str, Any]) -> dict[str, Any]:
    from authpip.storage import keyring_pieces

    for service in request["services"]:
        keyring_pieces.remove_pieces(ring, service, request["username"])
        if ring.get_password(service, request["username"]) is not None:
            ring.delete_password(service, request["username"])
    return {}


def _try_out(ring: Any, request: dict[str, Any]) -> dict[str, Any]:
    return _store(ring, request) or _delete(ring, request)


def _failure(failure: BaseException, otherwise: str) -> dict[str, Any]:
    names = [base.__name__ for base in type(failure).__mro__]
    status = next(iter(getattr(failure.__cause__, "args", ())), None)
    known = [_OF_KEYCHAIN[status]] if status in _OF_KEYCHAIN else [name for name in _KNOWN if name in names]
    return {"error": known[0] if known else otherwise, "class": names[0]}


def _name(cls: type) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"


_ACTIONS = {"backend": _nothing, "try out": _try_out, "find": _find, "store": _store, "delete": _delete}

if __name__ == "__main__":
    main()
