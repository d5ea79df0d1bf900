"""The exchange worker: runs by path with `python -I -S`, asks the services of one exchange, prints one answer.

stdin: {"do": a key of _WORK, "seconds": time to answer in, …}; the rest belongs to the module that does it.
stdout: what that module returns, or {"error": [what, why, remedy]}.
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
sys.path.append(_PACKAGE)  # -S hides what is installed


_WORK = {  # (module, function) by the word in a question; only the one that is asked for is loaded
    "google": ("google", "token"),
    "aws": ("aws", "token"),
    "azure": ("entra", "token"),
    "managed identity": ("managed_identity", "token"),
    "discover": ("entra", "discover"),
    "narrow": ("entra", "narrow"),
    "oidc": ("oidc", "exchange"),
    "job token": ("oidc", "job_token"),
    "publish": ("trusted_publishing", "mint"),
}


def main() -> None:
    """One question, one answer."""
    from authpip.core.errors import AuthpipError
    from authpip.core.protection import protect
    from authpip.providers.clouds.exchange.http import Client

    protect()
    question: dict[str, Any] = json.loads(sys.stdin.buffer.read())
    client = Client(dict(os.environ), time.monotonic() + float(question["seconds"]))
    try:
        answer = _work(question["do"])(question, client)
    except AuthpipError as error:
        answer = {"error": [error.what, error.why, error.remedy]}
    print(json.dumps(answer), flush=True)
    os._exit(0)  # nothing is left to do: taking the interpreter down costs 9 ms


def _work(name: str) -> Any:
    from importlib import import_module

    module, function = _WORK[name]
    return getattr(import_module(f"authpip.providers.clouds.exchange.{module}"), function)


if __name__ == "__main__":
    main()
