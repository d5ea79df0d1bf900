"""Ask the exchange worker, a helper process: one question as JSON on its stdin, one answer on its stdout."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Any

from authpip.core.errors import CredentialError

_WORKER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "worker.py")
_PATIENCE = 0.5  # seconds between SIGTERM and SIGKILL: the worker writes no file
_RESERVE = 1.0  # seconds that are left to say which service gave no answer


def ask(question: Mapping[str, Any], environ: Mapping[str, str], deadline: float) -> dict[str, Any]:
    """The worker's answer; it may hold a token. deadline: time.monotonic(). Raises CredentialError.

    question: {"do": name of the work, …}, see worker.py. What is secret in it goes over stdin alone.
    """
    import json
    import time

    from authpip.programs import run

    seconds = max(1.0, deadline - time.monotonic() - _RESERVE)
    text = json.dumps({**question, "seconds": seconds})
    result = run.run(
        [sys.executable, "-I", _WORKER],
        environ,
        deadline=deadline,
        input=text.encode(),
        patience=_PATIENCE,
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
