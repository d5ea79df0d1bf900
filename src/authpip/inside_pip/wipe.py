"""Make what this process was given unreadable for others: its environment block, its memory, its core."""

import os
import sys

PR_SET_DUMPABLE = 4  # linux/prctl.h


def variable(name):
    """Remove a variable and overwrite it where the kernel put it; /proc/PID/environ shows that block for ever."""
    value = os.environ[name]
    address = None
    if os.name != "nt":
        ctypes, libc = _libc()
        libc.getenv.restype = ctypes.c_void_p
        address = libc.getenv(os.fsencode(name))
    del os.environ[name]
    if address:
        before = len(os.fsencode(name)) + 1  # NAME= stands right before the value
        ctypes.memset(address - before, 0, before + len(os.fsencode(value)))


def close_process():
    """No core dump and, on Linux, no reading of this process by others of the same user (prctl(2))."""
    if os.name == "nt":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    if sys.platform == "linux":
        _, libc = _libc()
        libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


def _libc():
    try:
        import ctypes
    except ImportError:
        # Going on would leave the credential readable for every child (P5).
        raise SystemExit(
            "authpip: this Python has no ctypes, so a credential could not be wiped from its "
            "environment; use another Python, or set AUTHPIP_DISABLE=1"
        ) from None
    return ctypes, ctypes.CDLL(None)
