"""Keeps the memory of this process from others of the same user, before the first secret is in it (P5)."""

from __future__ import annotations

import sys

PR_SET_DUMPABLE = 4  # linux/prctl.h
_soft_limit: int | None = None


def protect() -> None:
    """No core dump and, on Linux, no reading of /proc/PID/mem and environ (prctl(2)). An exec ends it on Linux."""
    global _soft_limit
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    elif sys.platform != "win32":
        import resource

        _soft_limit, hard = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (0, hard))


def release() -> None:
    """Before an exec, restore the limits that the user set, for the program that follows."""
    if sys.platform != "win32" and _soft_limit is not None:
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (_soft_limit, resource.getrlimit(resource.RLIMIT_CORE)[1]))
