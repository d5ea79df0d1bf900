"""The streams between authpip and a helper program.

Possible secrets go through a socket pair: every process of the same user can open a helper's pipe by /proc/PID/fd and
read it instead of authpip (proc(5)), but it cannot open a socket so (P5). On Windows they go through a pipe: it has no
/proc, and a program cannot use a socket as its stdin.
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
    """One stream. its: the helper's end, as Popen takes it. ours: authpip's end, None if Popen makes it."""

    its: int
    ours: socket | None = None

    def file(self, mode: str, made: IO[bytes] | None) -> IO[bytes] | None:
        """authpip's end as an unbuffered file. made: the file that Popen made, if it made one."""
        return os.fdopen(self.ours.detach(), mode, 0) if self.ours else made


@contextmanager
def private() -> Iterator[Stream]:
    """A stream for possible secrets. Start the helper inside the block, which closes authpip's copy of its end."""
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
    """A stream without secrets: a pipe, which scripts can open as /dev/stdin; without content /dev/null."""
    from subprocess import DEVNULL, PIPE

    yield Stream(PIPE if has_content else DEVNULL)
