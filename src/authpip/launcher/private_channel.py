"""A socket to the pip that asks, of which no other process can have a copy.

Another process of the same user may have copied this process's standard input and output (pidfd_getfd) before this
process protected its memory. So this process makes a new socket pair after that and sends pip one end; the kernel tells
pip who sent it.
"""

from __future__ import annotations

import os
import stat
import sys
from array import array
from typing import IO


def open_channel() -> tuple[IO[bytes], IO[bytes]]:
    """(file to read the question from, file to write the answer to): stdin and stdout if stdout is no socket."""
    if sys.platform != "linux" or not stat.S_ISSOCK(os.fstat(1).st_mode):
        return sys.stdin.buffer, sys.stdout.buffer
    import socket

    ours, pips = socket.socketpair()
    with ours:
        with pips, socket.socket(fileno=os.dup(1)) as asked_by:
            rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array("i", [pips.fileno()]))]
            asked_by.sendmsg([b"\n"], rights)
        return ours.makefile("rb"), ours.makefile("wb")
