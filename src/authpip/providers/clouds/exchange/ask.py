"""Ask the exchange worker, a helper process: one question as JSON on its stdin, one answer on its stdout."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from authpip.core.errors import CredentialError
from authpip.programs.environment import DEPTH, absolute_file

if TYPE_CHECKING:
    from authpip.storage.token_cache import Token

_WORKER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "worker.py")
_NETWORK = frozenset(
    [
        "PATH",
        "HOME",
        "LANG",
        "TZ",
        "SYSTEMROOT",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "NO_PROXY",
        "REQUESTS_CA_BUNDLE",
        "CURL_CA_BUNDLE",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
    ]
) | {DEPTH}
_TOKEN = re.compile(r"[\x21-\x7e]{1,16384}")  # visible ASCII: it goes into a header
_PATIENCE = 0.5  # seconds between SIGTERM and SIGKILL: the worker writes no file
_RESERVE = 1.0  # seconds that are left to say which service gave no answer


def ask(question: Mapping[str, Any], environ: Mapping[str, str], deadline: float) -> dict[str, Any]:
    """The worker's answer; it may hold a token. deadline: time.monotonic(). Raises CredentialError.

    question: {"do": name of the work, …}, see worker.py. What is secret in it goes over stdin alone.
    """
    import json

    from authpip.programs import run

    seconds = max(1.0, deadline - time.monotonic() - _RESERVE)
    text = json.dumps({**question, "seconds": seconds})
    result = run.run(
        # Without site (-S), what .pth files of this environment name never runs beside a token.
        [sys.executable, "-I", "-S", _WORKER],
        environ,
        deadline=deadline,
        input=text.encode(),
        patience=_PATIENCE,
        whom="the token service",
    )
    try:
        answer = json.loads(result.stdout)
        error = answer.get("error")
    except (ValueError, AttributeError, RecursionError):
        why = result.stderr or f"it ended with status {result.returncode}"
        raise CredentialError("the exchange worker failed", why, "try again, and report it as a bug") from None
    if error:
        raise CredentialError(*map(str, error))
    return dict(answer)


def network(environ: Mapping[str, str], certificates: str = "") -> dict[str, str]:
    """The environment of a worker whose question holds the rest: how to reach the network, and no secret.

    certificates: a file of authorities that goes before the usual variables, "" for none.
    """
    kept = {name: value for name, value in environ.items() if name.upper() in _NETWORK}
    return {**kept, "REQUESTS_CA_BUNDLE": certificates} if certificates else kept


def chosen(environ: Mapping[str, str], names: Sequence[str]) -> dict[str, str]:
    """The variables that a question holds; those that name files are made absolute."""
    return {name: absolute_file(name, environ[name]) for name in names if environ.get(name)}


def to_token(answer: Mapping[str, Any], service: str) -> Token:
    """The token in an answer. Raises CredentialError where it is not one that can be sent, or has expired."""
    from authpip.core.credential import Secret
    from authpip.storage.token_cache import Token

    secret, expires = answer.get("secret"), answer.get("expires")
    if not isinstance(secret, str) or not _TOKEN.fullmatch(secret) or not isinstance(expires, (int, float, type(None))):
        raise CredentialError(f"what {service} gave is not a token", "", "try again in a few minutes")
    if expires is not None and expires <= time.time():
        raise CredentialError(f"{service} gave a token that has expired", "", "check this machine's clock")
    return Token(Secret(secret), expires)
