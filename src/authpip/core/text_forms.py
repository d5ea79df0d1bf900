"""Texts in the forms that other programs use: times, project names and names of variables."""

from __future__ import annotations

import sys


def posix_seconds(value: object) -> float | None:
    """A time as POSIX seconds: an epoch number, or RFC 3339 with a zone; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        seconds = float(value)
    except (ValueError, OverflowError):
        return _from_rfc3339(str(value))
    return seconds if 0 < seconds < 1e11 else None  # comparisons with NaN are false


def project_name(name: str) -> str:
    """A project's name as indexes compare it (PEP 503)."""
    import re

    return re.sub(r"[-_.]+", "-", name).lower()


def variable_name(name: str) -> str:
    """A variable's name as os.environ has it: in upper case on Windows, which ignores case."""
    return name.upper() if sys.platform == "win32" else name


def _from_rfc3339(text: str) -> float | None:
    from datetime import datetime

    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    return moment.timestamp() if moment.tzinfo else None  # a time without a zone may be local to another machine


def digest(text: str, size: int) -> str:
    """The BLAKE2b hash of the text, `size` bytes in hexadecimal: a name for a file or a kernel key."""
    try:
        from _blake2 import blake2b  # hashlib is the same and loads OpenSSL first, 2 ms
    except ImportError:
        from hashlib import blake2b
    return blake2b(text.encode("utf-8", "surrogateescape"), digest_size=size).hexdigest()
