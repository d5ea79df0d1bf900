"""What has been said today, and what has happened at least once: marks in the cache directory, named by hashes."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping

from authpip.core.text_forms import digest
from authpip.files import user_dirs

DAY = 86_400.0  # seconds between two notices about the same thing


def is_new_today(subject: str, environ: Mapping[str, str]) -> bool:
    """True once a day for this subject. Where nothing can be written down: always."""
    path = _path("warned", subject, environ)
    age = _age(path)
    if age is not None and 0 <= age < DAY:
        return False
    _touch(path)
    return True


def has_happened(subject: str, environ: Mapping[str, str]) -> bool:
    """True where `note` was called for this subject, ever."""
    return _age(_path("seen", subject, environ)) is not None


def note(subject: str, environ: Mapping[str, str]) -> None:
    """Write down that this has happened. Where nothing can be written, it is forgotten."""
    if not has_happened(subject, environ):
        _touch(_path("seen", subject, environ))


def _path(kind: str, subject: str, environ: Mapping[str, str]) -> str:
    return os.path.join(user_dirs.cache_dir(environ), kind, digest(subject, 16))


def _age(path: str) -> float | None:
    """Seconds since the mark was made; None without one."""
    try:
        return time.time() - os.lstat(path).st_mtime
    except OSError:
        return None


def _touch(path: str) -> None:
    try:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
        os.close(descriptor)
        os.utime(path)
    except OSError:
        pass
