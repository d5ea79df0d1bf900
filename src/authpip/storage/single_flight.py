"""One caller at a time on this machine, among threads and processes (F01).

By a kernel lock on a file in a private directory: the lock ends with the process that holds it (F07).
"""

from __future__ import annotations

import os
import stat
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from authpip.core.console import say, waiting_for
from authpip.files import user_dirs

T = TypeVar("T")
Lock = tuple[Callable[[], bool], Callable[[], object]]
"""(take the lock without waiting: True if it is taken, release it)."""
_OPEN = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
_BETWEEN_LOOKS = 0.02  # seconds
_in_process: dict[str, threading.Lock] = {}
_warned: set[str] = set()


def once(
    name: str, look: Callable[[], T | None], work: Callable[[], T], *, environ: Mapping[str, str], until: float
) -> T:
    """The result of `look` if it is not None, else that of `work`, which never runs twice at once under one name.

    `look` is called repeatedly while another caller works, and may raise. until: time.monotonic(); after that, this
    caller goes on without the lock and prints a warning.
    """
    take, release = _lock(name, environ)
    try:
        found = None if take() else _awaited(take, look, until)
        if found is None and (found := look()) is None:
            return work()
        return found
    except _StillBusy:
        _warn(f"{name} is kept busy by another process; not waiting any longer")
        return work()
    finally:
        release()


class _StillBusy(Exception):  # noqa: N818 (only this module sees it)
    """Another caller works longer than this caller waits."""


def _awaited(take: Callable[[], bool], look: Callable[[], T | None], until: float) -> T | None:
    """The result of `look` after another caller's work; None if the lock is taken first. Raises _StillBusy."""
    with waiting_for("another authpip"):
        while not take():
            if (found := look()) is not None:
                return found
            if time.monotonic() > until:
                raise _StillBusy
            time.sleep(_BETWEEN_LOOKS)
    return None


def _lock(name: str, environ: Mapping[str, str]) -> Lock:
    """A file lock; a lock among this process's threads if no directory has file locks."""
    for directory in _directories(environ):
        try:
            return _file_lock(os.path.join(directory, f"{name}.lock"))
        except (OSError, NotImplementedError):
            continue  # read-only, full, or a file system without locks
    _warn(f"no directory for lock files can be used, so several {name} may run at once")
    return _thread_lock(_in_process.setdefault(name, threading.Lock()))


def _file_lock(path: str) -> Lock:
    """A lock on a file, after one trial. Raises OSError. POSIX uses flock(2): importing filelock takes 34 ms."""
    if sys.platform == "win32":
        return _lock_of_filelock(path)
    import fcntl

    descriptor = os.open(path, _OPEN, 0o600)

    def take() -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fcntl.flock(descriptor, fcntl.LOCK_UN)
    except BlockingIOError:
        pass  # locks work here: another caller holds this one
    except OSError:
        os.close(descriptor)
        raise
    return take, lambda: os.close(descriptor)


def _lock_of_filelock(path: str) -> Lock:
    from filelock import FileLock, Timeout

    lock = FileLock(path, mode=0o600, thread_local=False)

    def take() -> bool:
        try:
            lock.acquire(blocking=False)
        except Timeout:
            return False
        return True

    if take():
        lock.release()
    return take, lock.release


def _thread_lock(lock: threading.Lock) -> Lock:
    held: list[threading.Lock] = []

    def take() -> bool:
        if lock.acquire(blocking=False):
            held.append(lock)
        return bool(held)

    def release() -> None:
        if held:
            held.pop().release()

    return take, release


def _directories(environ: Mapping[str, str]) -> Iterator[str]:
    """The usable private directories: in the cache, in the session's runtime directory, among temporary files."""
    user = os.getuid() if hasattr(os, "getuid") else "user"
    for path in (
        os.path.join(user_dirs.cache_dir(environ), "locks"),
        os.path.join(environ.get("XDG_RUNTIME_DIR", ""), "authpip"),
        os.path.join(environ.get("TMPDIR") or "/tmp", f"authpip-{user}"),  # noqa: S108 (judged by _is_private)
    ):
        if os.path.isabs(path) and _is_private(path):
            yield path


def _is_private(path: str) -> bool:
    """Create the directory; True if no other user can put a link into it (A25)."""
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
