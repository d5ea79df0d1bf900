"""What a build backend can see of the process that runs it. Shipped inside the tests' own packages.

Standard library only, Python 3.8 or newer: it runs in the build environment of a package. `observe` appends
one line of JSON to a file whose path the package brings along, for an environment variable would be a hint.
Bytes are written as latin-1 text.
"""

import json
import os
import subprocess
import sys

LIMIT = 1 << 20


def observe(report, hook):
    """Write down all that is in sight: see `look`."""
    line = json.dumps(dict(look(), hook=hook)) + "\n"
    with open(report, "a") as file:
        file.write(line)


def look():
    """Own environment, argv and descriptors; every ancestor's; ps; the files below HOME and TMPDIR."""
    return {
        "pid": os.getpid(),
        "uid": os.getuid(),
        "environ": dict(os.environ),
        "argv": [sys.argv, getattr(sys, "orig_argv", [])],
        "path": sys.path,
        "descriptors": descriptors(os.getpid()),
        "ancestors": [process(pid) for pid in ancestors()],
        "ps": ps(),
        "files": {root: files(root) for root in roots()},
    }


def ancestors():
    """The process ids above this one, the nearest first."""
    found, pid = [], os.getpid()
    while pid > 1 and os.path.isdir("/proc/self"):
        with open(f"/proc/{pid}/stat") as file:
            pid = int(file.read().rpartition(")")[2].split()[1])
        if pid:
            found.append(pid)
    return found


def process(pid):
    """What /proc says of one process; `memory` is "open" where it could be read, else the error."""
    return {
        "pid": pid,
        "cmdline": read(f"/proc/{pid}/cmdline"),
        "environ": read(f"/proc/{pid}/environ"),
        "memory": memory(pid),
        "descriptors": descriptors(pid),
    }


def memory(pid):
    """Try to read the first bytes of the first mapping of another process."""
    try:
        with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as file:
            file.seek(int(maps.readline().split("-")[0], 16))
            file.read(16)
        return "open"
    except OSError as error:
        return str(error)
    except ValueError:
        return "no mappings"


def descriptors(pid):
    """Descriptor → where it leads and, for files and memory files, what is in it."""
    found = {}
    try:
        numbers = os.listdir(f"/proc/{pid}/fd")
    except OSError as error:
        return {"error": str(error)}
    for number in numbers:
        path = f"/proc/{pid}/fd/{number}"
        try:
            found[number] = [os.readlink(path), read(path) if os.path.isfile(path) else waiting(pid, int(number))]
        except OSError as error:
            found[number] = [str(error), ""]
    return found


def waiting(pid, number):
    """What lies unread in one of our own pipes or sockets beyond the standard three."""
    import select

    if pid != os.getpid() or number < 3:
        return ""
    try:
        ready = select.select([number], [], [], 0)[0]
        return os.read(number, LIMIT).decode("latin-1") if ready else ""
    except (OSError, ValueError):
        return ""


def ps():
    """The process list, environments included where the kernel shows them."""
    seen = ""
    for options in ("axww", "axeww"):
        try:
            seen += subprocess.run(["ps", options], capture_output=True).stdout.decode("latin-1")
        except OSError as error:
            seen += str(error)
    return seen


def roots():
    """HOME, TMPDIR, and the directory this runs in."""
    import tempfile

    return sorted({os.path.expanduser("~"), tempfile.gettempdir(), os.getcwd()})


def files(root):
    """Path → content of the small files below a directory; it is the test's own, so there are few."""
    found = {}
    for directory, _, names in os.walk(root):
        for name in names:
            path = os.path.join(directory, name)
            if os.path.isfile(path) and not os.path.islink(path) and is_small(path):
                found[path] = read(path)
    return found


def is_small(path):
    """False also for a file that has gone away since it was listed: other builds have temporary files."""
    try:
        return os.path.getsize(path) < LIMIT
    except OSError:
        return False


def read(path):
    """The first MiB of a file, or the error."""
    try:
        with open(path, "rb") as file:
            return file.read(LIMIT).decode("latin-1")
    except OSError as error:
        return str(error)
