"""Files of ours in places of others: put there whole, and an error that says what to do where that is not allowed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from authpip.core.errors import AuthpipError


@contextmanager
def explained() -> Iterator[None]:
    """Whatever the system refuses is raised as an AuthpipError. Also a decorator: `@explained()`."""
    try:
        yield
    except OSError as error:
        raise AuthpipError(
            f"cannot write to {error.filename or 'a file'}",
            error.strerror or type(error).__name__,
            "run this as the user whom it belongs to, or name another place",
        ) from None


def write(path: Path, content: bytes, *, mode: int) -> None:
    """Put a whole file in place at once, so that nobody ever reads or runs half of it (F07)."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_bytes(content)
        beside.chmod(mode)
        beside.replace(path)
    except OSError as error:
        error.filename = str(path)
        raise
    finally:
        if os.path.lexists(beside):
            beside.unlink()
