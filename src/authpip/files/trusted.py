"""Files that may speak for the user: read only where nobody but the user (or root) can have written them (P6).

The file that was opened is the one that is checked, so that nothing can be swapped between the check and the read.
"""

from __future__ import annotations

import os
from typing import NamedTuple

LARGEST = 1 << 20  # bytes
_WRITE_OTHERS, _READ_OTHERS, _STICKY = 0o022, 0o044, 0o1000
_REGULAR, _KIND = 0o100000, 0o170000


class OwnFile(NamedTuple):
    """A file that was read. text: its content, without a byte-order mark. status: of what was opened.
    on_read_only: nobody can change its rights here, because its mount is read-only."""

    path: str
    text: str
    status: os.stat_result
    on_read_only: bool = False


class Refusal(NamedTuple):
    """Why a file is not used, and the command that corrects it."""

    why: str
    remedy: str


def read(path: str) -> OwnFile | None:
    """The file at `path`, symbolic links followed; None where there is none. Raises OSError, ValueError (not text)."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except (FileNotFoundError, NotADirectoryError):
        return None
    with open(descriptor, "rb") as stream:
        status = os.fstat(descriptor)
        if status.st_mode & _KIND != _REGULAR:
            raise OSError("it is not a regular file")
        content = stream.read(LARGEST + 1)
        on_read_only = _is_read_only(descriptor)
    if len(content) > LARGEST:
        raise OSError("it is larger than 1 MiB")
    return OwnFile(path, content.decode("utf-8").removeprefix("\ufeff"), status, on_read_only)


def writable_by_others(file: OwnFile) -> Refusal | None:
    """Whether somebody else can have written the file, the link that leads to it, or the directory of either."""
    if not hasattr(os, "geteuid"):
        return None
    target = os.path.realpath(file.path)
    refusal = _foreign(file.path, os.lstat(file.path)) or _judged(target, file.status)
    for directory in dict.fromkeys((os.path.dirname(os.path.abspath(file.path)), os.path.dirname(target))):
        status = os.stat(directory)
        sticky = status.st_mode & _STICKY  # as in /tmp: others cannot replace what is the user's
        refusal = refusal or _foreign(directory, status) or (None if sticky else _open_to_all(directory, status))
    return refusal


def readable_by_others(file: OwnFile) -> Refusal | None:
    """Whether another user can read the secrets in the file, and its own user could have prevented that.

    Docker and Kubernetes mount secrets with modes such as 0444 and 0440, which the user of a container cannot change.
    """
    if not hasattr(os, "geteuid"):
        return None
    if file.status.st_mode & _READ_OTHERS and not _is_mounted_secret(file):
        return Refusal("other users can read it", f"type: chmod go-rwx {_quoted(file.path)}")
    return _foreign(file.path, file.status)


def unfit_for_secrets(file: OwnFile) -> Refusal | None:
    """Whether somebody else can have written the file, or can read it where its user could have prevented that."""
    return writable_by_others(file) or readable_by_others(file)


def _is_mounted_secret(file: OwnFile) -> bool:
    if file.on_read_only:
        return True
    from authpip.files.mounts import is_place_of_secrets

    return file.status.st_uid == 0 and is_place_of_secrets(file.path)


def _is_read_only(descriptor: int) -> bool:
    return hasattr(os, "fstatvfs") and bool(os.fstatvfs(descriptor).f_flag & os.ST_RDONLY)


def _judged(path: str, status: os.stat_result) -> Refusal | None:
    return _foreign(path, status) or _open_to_all(path, status)


def _foreign(path: str, status: os.stat_result) -> Refusal | None:
    if status.st_uid in {0, os.geteuid()}:
        return None
    return Refusal(f"{path} belongs to another user", f"type: chown {os.geteuid()} {_quoted(path)}")


def _open_to_all(path: str, status: os.stat_result) -> Refusal | None:
    if not status.st_mode & _WRITE_OTHERS:
        return None
    return Refusal(f"other users can write {path}", f"type: chmod go-w {_quoted(path)}")


def _quoted(path: str) -> str:
    from shlex import quote

    return quote(path)
