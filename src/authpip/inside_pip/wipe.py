"""Make what this process was given unreadable for others: its environment block, its memory, its core."""

import os
import sys

PR_SET_DUMPABLE = 4  # linux/prctl.h
_libc = None


def prepare():
    """Load what wiping needs. Without it a credential would stay readable for every child (P5): end here."""
    global _libc
    if os.name == "nt":
        return
    try:
        import ctypes
    except ImportError:
        raise SystemExit(
            "authpip: this Python has no ctypes, so a credential could not be wiped from its environment; "
            "use another Python, or set AUTHPIP_DISABLE=1"
        ) from None
    _libc = ctypes.CDLL(None)
    _libc.getenv.restype = ctypes.c_void_p
    _libc.memset.argtypes = (ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t)


def variable(name):
    """Remove a variable and overwrite it where the kernel put it; /proc/PID/environ shows that block for ever."""
    name_bytes, value = os.fsencode(name), os.fsencode(os.environ[name])
    address = _libc.getenv(name_bytes) if _libc else None
    del os.environ[name]
    if address:
        before = len(name_bytes) + 1  # NAME= stands right before the value
        _libc.memset(address - before, 0, before + len(value))


def close_process():
    """No core dump and, on Linux, no reading of this process by others of the same user (prctl(2))."""
    if os.name == "nt":
        return
    if sys.platform == "linux":  # no core either, and what is built keeps the limit that the user gave
        _libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
