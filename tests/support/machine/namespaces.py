"""A thread with namespaces of its own (namespaces(7)); the programs that it starts share them."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from typing import TypeVar

from support.machine.requirements import not_run

T = TypeVar("T")
NEWNS, NEWNET = 0x00020000, 0x40000000  # CLONE_NEWNS, CLONE_NEWNET (sched.h)


def in_own(kinds: int, job: Callable[[], T]) -> T:
    """What `job` returns or raises, in a thread with new namespaces of these kinds (NEWNS, NEWNET). Needs root."""
    outcome: list[T | BaseException] = []

    def run() -> None:
        try:
            if ctypes.CDLL(None, use_errno=True).unshare(kinds) != 0:
                not_run("this machine makes no such namespaces")
            outcome.append(job())
        except BaseException as error:
            outcome.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if isinstance(outcome[0], BaseException):
        raise outcome[0]
    return outcome[0]
