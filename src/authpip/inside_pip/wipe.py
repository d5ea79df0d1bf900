"""Make the environment block, the memory and the core of this process unreadable for other processes."""

import os
import sys

PR_SET_DUMPABLE = 4  # linux/prctl.h
_libc = None


def prepare():
    """Load the C library. Without it a credential would stay readable for every child (P5), so the process ends."""
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
    """Remove a variable and overwrite it where the kernel put it, because /proc/PID/environ always shows that block."""
    name_bytes, value = os.fsencode(name), os.fsencode(os.environ[name])
    address = _libc.getenv(name_bytes) if _libc else None
    del os.environ[name]
    if address:
        before = len(name_bytes) + 1  # NAME= is right before the value
        _libc.memset(address - before, 0, before + len(value))


def close_process():
    """Prevent a core dump and, on Linux, that other processes of the user read this one (prctl(2))."""
    if os.name == "nt":
        return
    if sys.platform == "linux":  # this prevents a core as well, and builds keep the user's own limit
        _libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
