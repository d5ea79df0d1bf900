"""Short-lived secrets in the Linux kernel's keyring: never on a disk, deleted by the kernel when they expire.

System calls by ctypes, 0.2 ms in all; see keyrings(7) and user-keyring(7). If the kernel or a sandbox refuses them
(ENOSYS, EPERM, EACCES, EDQUOT), nothing is cached and no message is shown.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator

_NAME = "authpip:"
_LARGEST = 32767  # bytes, the kernel's own limit of a `user` key
_TYPE = b"user"
_PROCESS_KEYRING, _USER_KEYRING = -2, -4
_DESCRIBE, _LINK, _UNLINK, _SEARCH, _READ, _SET_TIMEOUT = 6, 8, 9, 10, 11, 15
_QUOTA_DELAY = 0.05  # seconds until the kernel's quota is free again; measured: 20 ms
_GENERIC = (217, 219)  # (add_key, keyctl) in asm-generic/unistd.h
_CALLS = {
    "x86_64": (248, 250),
    "aarch64": _GENERIC,
    "riscv64": _GENERIC,
    "loongarch64": _GENERIC,
    "ppc64le": (269, 271),
    "s390x": (278, 280),
}


def is_available() -> bool:
    """True if this process may use its user's keyring."""
    return _linked() is not None


def read(name: str) -> bytes | None:
    """The secret under this name; None if there is none, if it has expired, or if the kernel refuses."""
    key = _find(name)
    return _content(key) if key else None


def write(name: str, content: bytes, seconds: float) -> bool:
    """Store a secret for some seconds, in place of an earlier one; False if that is not possible."""
    linked = _linked()
    if linked is None or len(content) > _LARGEST or seconds < 1:
        return False
    arguments = (_TYPE, (_NAME + name).encode(), content, len(content), _USER_KEYRING)
    key = linked.add_key(*arguments)
    if key < 0 and _make_room(linked):
        key = linked.add_key(*arguments)
    if key > 0 and linked.keyctl(_SET_TIMEOUT, key, int(seconds)) == 0:
        return True
    if key > 0:  # without a time-out the key would never expire
        linked.keyctl(_UNLINK, key, _USER_KEYRING)
    return False


def forget(name: str) -> None:
    """Delete the secret under this name."""
    key, linked = _find(name), _linked()
    if key and linked:
        linked.keyctl(_UNLINK, key, _USER_KEYRING)


def names() -> list[str]:
    """The names of all secrets that authpip has stored."""
    return [name for _, name in _ours()]


class _Kernel:
    """The two system calls, with the user's keyring linked so that its keys may be read."""

    def __init__(self, numbers: tuple[int, int]) -> None:
        import ctypes

        self.buffer = ctypes.create_string_buffer
        self._call = ctypes.CDLL(None).syscall
        self._call.restype = self._long = ctypes.c_long
        self._add_key, self._keyctl = numbers

    def add_key(self, *arguments: int | bytes) -> int:
        return self._run(self._add_key, arguments)

    def keyctl(self, *arguments: object) -> int:
        return self._run(self._keyctl, arguments)

    def _run(self, number: int, arguments: tuple[object, ...]) -> int:
        passed = [self._long(value) if isinstance(value, int) else value for value in arguments]
        return int(self._call(self._long(number), *passed))


_kernel: _Kernel | None = None


def _linked() -> _Kernel | None:
    """The system calls, with the user keyring (@u) linked into the process keyring; None if that is not possible.

    A process may read the keys that it possesses (keyrings(7)). A login session usually has @u in its session keyring;
    a systemd service or a container may not. The kernel has credentials for each thread, so each call links @u again,
    which takes a microsecond.
    """
    global _kernel
    if _kernel is None:
        numbers = _CALLS.get(os.uname().machine) if sys.platform == "linux" else None
        if numbers is None or sys.maxsize < 2**32:
            return None
        _kernel = _Kernel(numbers)
    return _kernel if _kernel.keyctl(_LINK, _USER_KEYRING, _PROCESS_KEYRING) == 0 else None


def _find(name: str) -> int:
    linked = _linked()
    key = linked.keyctl(_SEARCH, _USER_KEYRING, _TYPE, (_NAME + name).encode(), 0) if linked else 0
    return max(0, key)


def _content(key: int, action: int = _READ) -> bytes | None:
    linked = _linked()
    buffer = linked.buffer(_LARGEST) if linked else None
    size = linked.keyctl(action, key, buffer, _LARGEST) if linked else -1
    return bytes(buffer.raw[:size]) if buffer and 0 <= size <= _LARGEST else None


def _ours() -> Iterator[tuple[int, str]]:
    """(key, name) of each key of authpip's; the kernel describes a key as user;UID;GID;RIGHTS;DESCRIPTION."""
    keys = _content(_USER_KEYRING) or b""
    for start in range(0, len(keys), 4):
        key = int.from_bytes(keys[start : start + 4], sys.byteorder, signed=True)
        described = (_content(key, _DESCRIBE) or b"").rstrip(b"\0").decode("utf-8", "replace").split(";", 4)
        if len(described) == 5 and described[0] == "user" and described[4].startswith(_NAME):
            yield key, described[4][len(_NAME) :]


def _make_room(linked: _Kernel) -> bool:
    """Delete authpip's keys; False if there are none. A user may have 200 keys and 20,000 bytes (keyrings(7))."""
    mine = [key for key, _ in _ours()]
    for key in mine:
        linked.keyctl(_UNLINK, key, _USER_KEYRING)
    if mine:
        time.sleep(_QUOTA_DELAY)
    return bool(mine)
