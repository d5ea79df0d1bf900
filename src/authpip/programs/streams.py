"""The streams between authpip and a helper program.

What may be secret goes through a socket pair: any process of the same user can open a pipe of the helper's by
/proc/PID/fd and read it in authpip's place (proc(5)), and cannot open a socket so (P5). Windows has no such way, and no
socket that a program takes as its stdin: there it is a pipe.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from socket import socket


class Stream(NamedTuple):
    """One stream. its: the helper's end, as Popen takes it. ours: authpip's end, None where Popen makes it."""

    its: int
    ours: socket | None = None

    def file(self, mode: str, made: IO[bytes] | None) -> IO[bytes] | None:
        """authpip's end as an unbuffered file. made: what Popen made."""
        return os.fdopen(self.ours.detach(), mode, 0) if self.ours else made


@contextmanager
def private() -> Iterator[Stream]:
    """A stream for what may be secret. At the end of the block the helper has its own copy of its end."""
    if sys.platform == "win32":
        from subprocess import PIPE

        yield Stream(PIPE)
        return
    from socket import socketpair

    ours, its = socketpair()
    with its:
        try:
            yield Stream(its.fileno(), ours)
        except BaseException:
            ours.close()
            raise


@contextmanager
def public(has_content: bool) -> Iterator[Stream]:
    """A stream for what is no secret: a pipe, which scripts can open as /dev/stdin; without content /dev/null."""
    from subprocess import DEVNULL, PIPE

    yield Stream(PIPE if has_content else DEVNULL)
