"""One caller at a time on this machine, among threads and processes (F01).

A kernel lock on a file in a private directory: it goes when its holder dies (F07).
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterator, Mapping
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

from authpip.core.console import say
from authpip.files import user_dirs

if TYPE_CHECKING:
    from filelock import FileLock

T = TypeVar("T")
_BETWEEN_LOOKS = 0.02  # seconds
_in_process: dict[str, Lock] = {}
_warned: set[str] = set()


def once(
    name: str, look: Callable[[], T | None], work: Callable[[], T], *, environ: Mapping[str, str], until: float
) -> T:
    """What `look` finds, else the result of `work`, which never runs twice at once under one name.

    `look` is asked again and again while another caller works, and may raise. until: time.monotonic(); who has
    waited so long goes on without the lock, with a warning.
    """
    take, release = _lock(name, environ)
    while not take():
        if (found := look()) is not None:
            return found
        if time.monotonic() > until:
            _warn(f"{name} is kept busy by another process; not waiting any longer")
            return work()
        time.sleep(_BETWEEN_LOOKS)
    try:
        found = look()
        return work() if found is None else found
    finally:
        release()


def _lock(name: str, environ: Mapping[str, str]) -> tuple[Callable[[], bool], Callable[[], object]]:
    """(take without waiting, release) of a file lock; among this process's threads only where there is none."""
    from filelock import FileLock, Timeout

    for directory in _directories(environ):
        lock = FileLock(os.path.join(directory, f"{name}.lock"), mode=0o600, thread_local=False)
        if _works(lock):

            def take(lock: FileLock = lock) -> bool:
                try:
                    lock.acquire(blocking=False)
                except (Timeout, OSError):
                    return False
                return True

            return take, lock.release
    _warn(f"no directory for lock files can be used, so several {name} may run at once")
    inner = _in_process.setdefault(name, Lock())
    return lambda: inner.acquire(blocking=False), inner.release


def _works(lock: FileLock) -> bool:
    from filelock import Timeout

    try:
        lock.acquire(blocking=False)
        lock.release()
    except Timeout:
        return True
    except (OSError, NotImplementedError):
        return False  # read-only, full, or a file system without locks
    return True


def _directories(environ: Mapping[str, str]) -> Iterator[str]:
    """Private directories that can be used: the cache, the session's, one of this user's among temporary files."""
    user = os.getuid() if hasattr(os, "getuid") else "user"
    for path in (
        os.path.join(user_dirs.cache_dir(environ), "locks"),
        os.path.join(environ.get("XDG_RUNTIME_DIR", ""), "authpip"),
        os.path.join(environ.get("TMPDIR") or "/tmp", f"authpip-{user}"),  # noqa: S108 (judged by _is_private)
    ):
        if os.path.isabs(path) and _is_private(path):
            yield path


def _is_private(path: str) -> bool:
    """Make the directory; True where nobody else can put a link into it (A25)."""
    try:
        os.makedirs(path, mode=0o700, exist_ok=True)
        found = os.lstat(path)
    except OSError:
        return False
    if not hasattr(os, "getuid"):
        return True
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o022


def _warn(message: str) -> None:
    if message not in _warned:
        _warned.add(message)
        say(message)
