"""Write a file completely or not at all, even if the writer is killed; and turn OSError into a clear message."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from authpip.core.errors import AuthpipError

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
_NEW |= getattr(os, "O_BINARY", 0)

_TRIAL = 16 << 10  # bytes


@contextmanager
def explained() -> Iterator[None]:
    """Raise an OSError of the block as an AuthpipError. Also a decorator: `@explained()`."""
    try:
        yield
    except OSError as error:
        is_full = error.errno in {errno.ENOSPC, errno.EDQUOT}
        raise AuthpipError(
            f"cannot write to {error.filename or 'a file'}",
            error.strerror or type(error).__name__,
            f"{'make room there' if is_full else 'run this as the user who owns it'}, or name another path",
        ) from None


def write(path: str | os.PathLike[str], content: bytes, *, mode: int, temporary: str = "") -> None:
    """Replace a file in one step, so that no program reads or runs half of it, even after a power failure (F07).

    temporary: the file that is written first; left out: a file beside `path` with this process's number. A temporary
    file of a killed writer is deleted, so a caller that passes its name must hold a lock. Raises OSError that names
    `path`.
    """
    directory, name = os.path.split(os.path.abspath(path))
    temporary = temporary or os.path.join(directory, f"{name}.{os.getpid()}.new")
    try:
        _discard(temporary)
        write_new(temporary, content, mode=mode)
        os.replace(temporary, path)
        _sync_directory(directory)
    except OSError as error:
        with suppress(OSError):
            _discard(temporary)
        error.filename = os.fspath(path)
        raise


def try_out(path: str | os.PathLike[str], *, temporary: str) -> None:
    """Write and delete a temporary file of _TRIAL bytes, as `write` would for a small file. Raises OSError."""
    try:
        _discard(temporary)
        write_new(temporary, bytes(_TRIAL), mode=0o600)
    except OSError as error:
        error.filename = os.fspath(path)
        raise
    finally:
        with suppress(OSError):
            _discard(temporary)


def write_new(path: str | os.PathLike[str], content: bytes, *, mode: int) -> None:
    """Write a new file and flush it to the disk. Raises OSError, also if the file exists already."""
    descriptor = os.open(path, _NEW, 0o600)
    with open(descriptor, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(descriptor)
    os.chmod(path, mode)


def _discard(path: str) -> None:
    with suppress(FileNotFoundError):
        os.unlink(path)


def _sync_directory(path: str) -> None:
    """Flush the new name to the disk, where the file system allows it: the file has its content in any case."""
    if os.name != "posix":
        return
    with suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
