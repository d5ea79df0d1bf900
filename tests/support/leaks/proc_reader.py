"""Reads what /proc shows of every other process, as fast as it can, until a file is there; prints where a word stood.

    python proc_reader.py WORD STOP      WORD in hexadecimal; a line of JSON: [rounds, [[kind, command line], …]]

Standard library only: it runs as any user, with any Python.
"""

import json
import os
import sys


def main():
    word, stop = bytes.fromhex(sys.argv[1]), sys.argv[2]
    found, rounds, mine = {}, 0, {os.getpid(), os.getppid()}
    while not os.path.exists(stop):
        rounds += 1
        for pid in map(int, filter(str.isdigit, os.listdir("/proc"))):
            if pid not in mine:
                for kind, content in contents("/proc/%d/" % pid):
                    if word in content:
                        found.setdefault(kind, read("/proc/%d/cmdline" % pid).decode("utf-8", "replace"))
    print(json.dumps([rounds, sorted(found.items())]))


def contents(process):
    """(kind, content) of what can be opened of one process."""
    yield "environ", read(process + "environ")
    yield "cmdline", read(process + "cmdline")
    try:
        numbers = os.listdir(process + "fd")
    except OSError:
        return
    for number in numbers:
        yield "fd", read(process + "fd/" + number)


def read(path):
    """Up to 1 MiB, without waiting; nothing of what may not be opened."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return b""
    try:
        return os.read(descriptor, 1 << 20)
    except OSError:
        return b""
    finally:
        os.close(descriptor)


if __name__ == "__main__":
    main()
