"""Files put in place whole or not at all, whoever is killed when; and errors that say what to do instead."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from authpip.core.errors import AuthpipError

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
_NEW |= getattr(os, "O_BINARY", 0)


@contextmanager
def explained() -> Iterator[None]:
    """Whatever the system refuses is raised as an AuthpipError. Also a decorator: `@explained()`."""
    try:
        yield
    except OSError as error:
        raise AuthpipError(
            f"cannot write to {error.filename or 'a file'}",
            error.strerror or type(error).__name__,
            "run this as the user who owns it, or name another path",
        ) from None


def write(path: Path, content: bytes, *, mode: int, temporary: Path | None = None) -> None:
    """Replace a file at once, so that nobody reads or runs half of it, also after a power failure (F07).

    temporary: where it is written first (left out: beside it, under this process's own name). What a killed writer
    left there is removed; callers that name it hold a lock. Raises OSError that names `path`.
    """
    temporary = temporary or path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.unlink(missing_ok=True)
        write_new(temporary, content, mode=mode)
        temporary.replace(path)
        _sync_directory(path.parent)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink()
        error.filename = str(path)
        raise


def write_new(path: Path, content: bytes, *, mode: int) -> None:
    """Write a file that is not there yet, to the disk itself. Raises OSError, also where it is there."""
    descriptor = os.open(path, _NEW, 0o600)
    with open(descriptor, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(descriptor)
    path.chmod(mode)


def _sync_directory(path: Path) -> None:
    if os.name != "posix":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
