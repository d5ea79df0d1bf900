"""What hostile code does in a process that it got into: it searches for secrets and writes down every one it finds.

Standard library only, Python 3.8 or newer. `code` makes a text of it that a package brings along. A secret is what
canary.py makes, raw or in base64; the process's own memory is searched, so that no hiding place is forgotten.
"""

import atexit
import http.client
import json
import os
import re
import sys
from base64 import b64encode

MARK = b"cAnArY"


def patterns():
    """Regular expressions for a canary, which do not match themselves."""
    yield MARK + rb"[0-9a-f]{24}"
    for offset in range(3):
        encoded = b64encode(b"\0" * offset + MARK)
        yield re.escape(encoded[(0, 2, 3)[offset] : 8 if not offset else -4]) + rb"[A-Za-z0-9+/]{16}"


FIND = re.compile(b"|".join(patterns()))


def steal(report, where):
    """Search now, at every header that is sent, and once more at the end."""
    search(report, where)
    atexit.register(search, report, where + ", at the end")
    put = http.client.HTTPConnection.putheader

    def putheader(self, name, *values):
        if FIND.search(repr(values).encode()):
            note(report, where=where, header=str(name))
        return put(self, name, *values)

    http.client.HTTPConnection.putheader = putheader


def search(report, where):
    """Environment, memory, descriptors; the parent's, too."""
    found = {}
    for pid in ("self", str(os.getppid())):
        for name in ("environ", "cmdline"):
            found[pid + "/" + name] = hits(read("/proc/%s/%s" % (pid, name)))
        found[pid + "/fd"] = hits(b"".join(read("/proc/%s/fd/%s" % (pid, number)) for number in files(pid)))
        found[pid + "/mem"] = hits(*memory(pid))
    found["os.environ"] = hits(repr(dict(os.environ)).encode())
    note(
        report, where=where, uid=os.getuid(), argv=sys.argv, found={key: value for key, value in found.items() if value}
    )


def hits(*texts):
    """How many secrets are in these bytes."""
    return sum(len(FIND.findall(text)) for text in texts)


def files(pid):
    """The descriptors of a process that lead to files."""
    try:
        numbers = os.listdir("/proc/%s/fd" % pid)
    except OSError:
        return []
    return [number for number in numbers if os.path.isfile("/proc/%s/fd/%s" % (pid, number))]


def memory(pid):
    """Every writable piece of a process's memory."""
    try:
        with open("/proc/%s/maps" % pid) as maps, open("/proc/%s/mem" % pid, "rb", 0) as file:
            for line in maps:
                if " rw" not in line:
                    continue
                start, end = (int(word, 16) for word in line.split()[0].split("-"))
                file.seek(start)
                yield file.read(end - start)
    except (OSError, ValueError, OverflowError):
        return


def read(path):
    """A file's first MiB, or nothing."""
    try:
        with open(path, "rb") as file:
            return file.read(1 << 20)
    except OSError:
        return b""


def note(report, **facts):
    """One line of JSON."""
    with open(report, "a") as file:
        file.write(json.dumps(facts) + "\n")


def code(report, where):
    """This file as a text that steals when it runs; it needs nothing but its own lines."""
    with open(__file__) as file:
        return file.read() + "\nsteal(%r, %r)\n" % (report, where)
