"""Mounts of its own for a piece of a test: a thread with a mount namespace, and another user in it where asked."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import TypeVar

from support.machine.namespaces import NEWNS, in_own
from support.machine.requirements import not_run

T = TypeVar("T")
_SETGROUPS, _SETRESGID, _SETRESUID = 116, 119, 117  # of x86_64: glibc's own functions change all threads


def with_mounts(job: Callable[[], T], commands: Sequence[str], *, uid: int = 0, group: int = 0) -> T:
    """What `job` returns, run where these shell commands have mounted something, as this user. Needs root, on Linux.

    Programs that the job starts have the same mounts and the same user. What the job imports is loaded beforehand:
    another user may not read this Python.
    """
    if sys.platform != "linux" or os.geteuid() != 0 or os.uname().machine != "x86_64":
        not_run("mounts are made by root on Linux alone")

    def run() -> T:
        script = "\n".join(("set -e", "mount --make-rprivate /", *commands))
        subprocess.run(["sh", "-c", script], check=True, capture_output=True)
        if uid:
            _become(uid, group or uid)
        return job()

    return in_own(NEWNS, run)


def _become(uid: int, group: int) -> None:
    """This thread alone: the calls go to the kernel directly (nptl(7))."""
    kernel = ctypes.CDLL(None, use_errno=True)
    for call in ((_SETGROUPS, 0, None), (_SETRESGID, group, group, group), (_SETRESUID, uid, uid, uid)):
        if kernel.syscall(*call) != 0:
            raise OSError(ctypes.get_errno(), f"system call {call[0]}")
