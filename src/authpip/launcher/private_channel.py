"""A socket to the pip that asks which no other process can have a copy of.

A process of the same user may have copied this process's standard input and output (pidfd_getfd) before it protected
its memory. So, once it has, it makes a new socket pair and sends pip one end; the kernel tells pip who sends it.
"""

from __future__ import annotations

import os
import stat
import sys
from array import array
from typing import IO


def open_channel() -> tuple[IO[bytes], IO[bytes]]:
    """(to read the question from, to write the answer to). Where a running pip does not ask: stdin and stdout."""
    if sys.platform != "linux" or not stat.S_ISSOCK(os.fstat(1).st_mode):
        return sys.stdin.buffer, sys.stdout.buffer
    import socket

    with socket.socket(fileno=os.dup(1)) as asked_by:
        ours, pips = socket.socketpair()
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array("i", [pips.fileno()]))]
        asked_by.sendmsg([b"\n"], rights)
        pips.close()
    with ours:
        return ours.makefile("rb"), ours.makefile("wb")
