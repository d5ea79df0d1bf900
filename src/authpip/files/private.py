"""authpip's own files: mode 0600 in a directory of mode 0700, and complete even if a writer is killed.

authpip reads such a file only if the user owns it and it is not a symbolic link. It writes a temporary file, calls
fsync and renames it, under a kernel lock, which ends with the process that holds it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from authpip.core.errors import CredentialError

LARGEST = 4 << 20  # bytes
LOCK_WAIT = 10.0  # seconds
_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


def read(path: str) -> bytes | None:
    """The content of the file; None if there is no file. Raises CredentialError for a file that is not trusted."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | _NOFOLLOW)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        link = os.path.islink(path)
        raise unusable(path, "it is a symbolic link" if link else error.strerror or "", _away(path)) from None
    try:
        _judge(path, os.fstat(descriptor))
        _judge_on_windows(path, descriptor)
        with open(descriptor, "rb", closefd=False) as stream:
            content = stream.read(LARGEST + 1)
    finally:
        os.close(descriptor)
    if len(content) > LARGEST:
        raise unusable(path, "it is larger than 4 MiB", _away(path))
    return content


def read_named(path: str) -> bytes | None:
    """The content of a file that the user named; None if there is no file.

    Links are followed (containers mount secrets so), and root may own the file. Raises CredentialError if other users
    can write it, or can read it although its user could have prevented that.
    """
    from authpip.files import trusted

    try:
        file = trusted.read(path)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it cannot be read as text"
        readable = f"make it readable for this user, or name another file ({path})"
        raise unusable(path, why, readable if isinstance(error, PermissionError) else _away(path)) from None
    if file is None:
        return None
    if refusal := trusted.unfit_for_secrets(file):
        raise unusable(path, refusal.why, refusal.remedy)
    return file.text.encode()


def write(path: str, content: bytes) -> None:
    """Replace the file. Call it under `locked`. Raises CredentialError if the file cannot be written."""
    from authpip.files import atomic

    _judge_on_windows(os.path.dirname(path))
    try:
        atomic.write(path, content, mode=0o600, temporary=path + ".new")
    except OSError as error:
        raise unusable(path, error.strerror or str(error), "make room or set XDG_DATA_HOME", "written") from None


def try_out(path: str) -> None:
    """Write and delete the temporary file of `write`. Call it under `locked`; raises as `write` does."""
    from authpip.files import atomic

    try:
        atomic.try_out(path, temporary=path + ".new")
    except OSError as error:
        raise unusable(path, error.strerror or str(error), "make room or set XDG_DATA_HOME", "written") from None


@contextmanager
def locked(path: str) -> Iterator[None]:
    """Hold the kernel lock of the file while the block reads, changes and writes it; the directory is created.

    Raises CredentialError after LOCK_WAIT, or if the lock file cannot be created.
    """
    from filelock import FileLock, Timeout

    directory = os.path.dirname(path)
    try:
        os.makedirs(directory, mode=0o700, exist_ok=True)
        lock = FileLock(path + ".lock", timeout=LOCK_WAIT, mode=0o600)
        lock.acquire()
    except Timeout:
        raise unusable(path, "another authpip is writing it", "try again", "written") from None
    except OSError as error:
        why = error.strerror or str(error)
        raise unusable(path, why, f"make {directory} writable or set XDG_DATA_HOME", "written") from None
    try:
        yield
    finally:
        lock.release()


def unusable(path: str, why: str, remedy: str, what: str = "used") -> CredentialError:
    """The error that names one of authpip's own files."""
    return CredentialError(f"{path} cannot be {what}", why, remedy)


def _judge(path: str, status: os.stat_result) -> None:
    import stat

    if not stat.S_ISREG(status.st_mode):
        raise unusable(path, "it is not a regular file", _away(path))
    if sys.platform == "win32":
        return
    if status.st_uid != os.geteuid():
        raise unusable(path, "it belongs to another user", "with sudo use its option -H, or set XDG_DATA_HOME")
    if status.st_mode & 0o077:
        raise unusable(path, "other users may open it", f"type: chmod 600 {path}")


def _judge_on_windows(path: str, descriptor: int | None = None) -> None:
    """Check an open file; or a directory, with the rights that new files in it would inherit."""
    if sys.platform != "win32":
        return
    from authpip.files import windows_rights

    user = windows_rights.user()
    try:
        rights = windows_rights.of_path(path) if descriptor is None else windows_rights.of_descriptor(descriptor)
    except OSError as error:
        raise unusable(path, str(error), _away(path)) from None
    if not rights.owned_by(user):
        raise unusable(path, "it belongs to another user", _away(path))
    if rights.granted_to_others(windows_rights.READING | windows_rights.WRITING, user, inherited=descriptor is None):
        remedy = f'type: icacls "{path}" /inheritance:r /grant:r "%USERNAME%:(OI)(CI)F"'
        raise unusable(path, "other users may open it", remedy)


def _away(path: str) -> str:
    return f"move it away ({path})"
