"""The exchange worker: runs by path with `python -I`, asks the services of one exchange, prints one answer.

stdin: {"do": a key of _WORK, "seconds": time to answer in, …}; the
rest belongs to the module that does it. stdout: what that module returns, or {"error": [what, why, remedy]}.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any

_PACKAGE = os.path.abspath(__file__)
for _ in range(5):
    _PACKAGE = os.path.dirname(_PACKAGE)
sys.path.append(_PACKAGE)  # -I hides an authpip that is installed for the user alone


_WORK = {  # (module, function) by the word in a question; only the one that is asked for is loaded
    "google": ("google", "token"),
    "aws": ("aws", "token"),
}


def main() -> None:
    """One question, one answer."""
    _leave_no_core()
    from authpip.core.errors import AuthpipError
    from authpip.providers.clouds.exchange.http import Client

    question: dict[str, Any] = json.loads(sys.stdin.buffer.read())
    client = Client(dict(os.environ), time.monotonic() + float(question["seconds"]))
    try:
        answer = _work(question["do"])(question, client)
    except AuthpipError as error:
        answer = {"error": [error.what, error.why, error.remedy]}
    print(json.dumps(answer))


def _leave_no_core() -> None:
    """A crash must not write a token to a disk (P10)."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _work(name: str) -> Any:
    from importlib import import_module

    module, function = _WORK[name]
    return getattr(import_module(f"authpip.providers.clouds.exchange.{module}"), function)


if __name__ == "__main__":
    main()
