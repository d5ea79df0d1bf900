"""Programs that stand in for gcloud, aws and az where the real ones cannot be made to misbehave on demand."""

from __future__ import annotations

import base64
import json
from pathlib import Path

TOKEN = "ya29.fake-token-c0ffee"
EXPIRY = "2099-01-01T00:00:00Z"
GOOD = {
    "gcloud": json.dumps({"credential": {"access_token": TOKEN, "token_expiry": EXPIRY}}),
    "aws": json.dumps({"authorizationToken": TOKEN, "expiration": 4070908800.0}),
    "az": json.dumps({"accessToken": TOKEN, "expires_on": 4070908800, "expiresOn": "2099-01-01 00:00:00.000000"}),
}
URLS = {
    "gcloud": "https://europe-west1-python.pkg.dev/project/repo/simple/",
    "aws": "https://corp-123456789012.d.codeartifact.eu-west-1.amazonaws.com/pypi/repo/simple/",
    "az": "https://pkgs.dev.azure.com/org/_packaging/feed/pypi/simple/",
}


def fake_cli(
    directory: Path, name: str, *, stdout: bytes | str = b"", stderr: str = "", status: int = 0, before: str = ""
) -> Path:
    """A shell script that runs `before`, prints these and ends with this status; its PATH entry is `directory`."""
    directory.mkdir(parents=True, exist_ok=True)
    printed = base64.b64encode(stdout.encode() if isinstance(stdout, str) else stdout).decode()
    said = base64.b64encode(stderr.encode()).decode()
    program = directory / name
    program.write_text(
        f"#!/bin/sh\n{before}\nbase64 -d <<'END'\n{printed}\nEND\nbase64 -d >&2 <<'END'\n{said}\nEND\nexit {status}\n"
    )
    program.chmod(0o755)
    return program


def counting(directory: Path, seconds: float) -> str:
    """For `before`: note in `directory` when the program begins and ends, and when two of them overlap."""
    directory.mkdir(parents=True, exist_ok=True)
    return (
        f"echo x >> {directory}/calls\n"
        f"mkdir {directory}/running 2>/dev/null || echo x >> {directory}/overlaps\n"
        f"sleep {seconds}\n"
        f"rmdir {directory}/running 2>/dev/null\n"
    )


def count(directory: Path, what: str) -> int:
    """How many "calls" or "overlaps" there were."""
    file = directory / what
    return len(file.read_text().split()) if file.exists() else 0
