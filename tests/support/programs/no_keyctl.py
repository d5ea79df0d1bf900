"""Run a program in a sandbox whose kernel refuses add_key, request_key and keyctl, as containers do.

    python no_keyctl.py ERRNO PROGRAM ARGUMENT…

A seccomp filter of four instructions (linux/seccomp.h, linux/bpf_common.h); it cannot be taken off again.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys

_FIRST = {"x86_64": 248, "aarch64": 217, "riscv64": 217}  # add_key; request_key and keyctl follow it
_LOAD, _JUMP_GE, _RETURN = 0x20, 0x35, 0x06
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_NO_NEW_PRIVS, _SET_SECCOMP, _FILTER = 38, 22, 2


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


def forbid(errno: int) -> None:
    """Install the filter in this process, for all that it starts."""
    first = _FIRST[os.uname().machine]
    instructions = [
        (_LOAD, 0, 0, 0),  # the number of the system call
        (_JUMP_GE, 0, 2, first),
        (_JUMP_GE, 1, 0, first + 3),
        (_RETURN, 0, 0, _ERRNO | errno),
        (_RETURN, 0, 0, _ALLOW),
    ]
    code = b"".join(struct.pack("HBBI", *instruction) for instruction in instructions)
    libc = ctypes.CDLL(None, use_errno=True)
    program = _Program(len(instructions), code)
    if libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(_SET_SECCOMP, _FILTER, ctypes.byref(program)):
        raise OSError(ctypes.get_errno(), "no seccomp here")


if __name__ == "__main__":
    forbid(int(sys.argv[1]))
    os.execv(sys.argv[2], sys.argv[2:])
