"""The audit trail: one JSON line for each credential that a program gets, if `[audit]` is configured.

{"time": RFC 3339 in UTC, "index": URL, "provider", "identity", "command": "install", "auth token", …, "pid"}; never a
secret. A line is one write with O_APPEND (write(2)), on Windows below a lock, so that lines of several processes do not
mix. syslog messages go to the local socket in the form of syslog(3).
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from authpip.config.settings import Settings
from authpip.config.site import AuditTrail
from authpip.core.console import say
from authpip.core.credential import Credential
from authpip.core.errors import CredentialError
from authpip.core.redaction import shown_identity, shown_url, visible

SOCKETS = ("/dev/log", "/var/run/syslog")  # Linux, macOS
_PATIENCE = 2.0  # seconds to wait for the log daemon
_PRIORITY = (10 << 3) | 6  # LOG_AUTHPRIV, LOG_INFO (syslog.h)
_NEW = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
_NEW |= getattr(os, "O_NONBLOCK", 0)  # opening a pipe without a reader fails and does not wait
_NEW |= getattr(os, "O_BINARY", 0)
_LOCKED = 1 << 30  # the byte that stands for the file in a lock on Windows; no trail is so long
_WRONG = "the audit trail cannot be written"


def record(
    settings: Settings, handed_over: Iterable[tuple[str, Credential]], command: str, *, pid: int | None = None
) -> None:
    """Write one line for each (index URL, credential). pid: of the process that gets them; left out: this process.

    If a line cannot be written, it raises CredentialError with `on-error = "stop"`, and prints a message otherwise.
    """
    trail = settings.audit
    pid = os.getpid() if pid is None else pid
    lines = [_line(url, credential, command, pid) for url, credential in handed_over] if trail else []
    if trail is None or not lines:
        return
    try:
        for line in lines:
            _write(trail, line)
    except OSError as error:
        why = f"{error.strerror or error} ({error.filename or trail.file}; {trail.configured_in})"
        if trail.on_error == "stop":
            raise CredentialError(_WRONG, why, 'correct that, or set on-error = "go-on" there') from None
        say(f"{_WRONG}: {why}")


def _line(url: str, credential: Credential, command: str, pid: int) -> str:
    now = time.time()
    fields = {
        "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)) + f".{int(now % 1 * 1000):03}Z",
        "index": shown_url(url),
        "provider": credential.provider,
        "identity": shown_identity(credential),
        "command": visible(command),
        "pid": pid,
    }
    return json.dumps(fields, separators=(",", ":"))


def _write(trail: AuditTrail, line: str) -> None:
    if trail.file:
        _append(trail.file, line.encode() + b"\n")
    if trail.syslog:
        _log(line)


def _append(path: str, line: bytes) -> None:
    """Append a line. Raises OSError, also for a file that another user owns (and can read), and for half a line."""
    import stat

    descriptor = os.open(path, _NEW, 0o600)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(0, "it is not a regular file", path)
        if hasattr(os, "geteuid") and status.st_uid not in {0, os.geteuid()}:
            raise OSError(0, "it belongs to another user", path)
        with _alone(descriptor):
            written = os.write(descriptor, line)
        if written != len(line):
            raise OSError(0, "no space is left for a whole line", path)
    finally:
        os.close(descriptor)


@contextmanager
def _alone(descriptor: int) -> Iterator[None]:
    """Windows appends in two steps, seeking the end and writing: one process at a time. Waits up to 10 seconds."""
    if sys.platform != "win32":
        yield
        return
    import msvcrt

    os.lseek(descriptor, _LOCKED, os.SEEK_SET)
    msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)
    try:
        yield
    finally:
        os.lseek(descriptor, _LOCKED, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)


def _log(line: str) -> None:
    import socket

    if not hasattr(socket, "AF_UNIX"):
        raise OSError(0, "this system has no syslog", SOCKETS[0])
    path = next((path for path in SOCKETS if os.path.exists(path)), SOCKETS[0])
    stamp = time.strftime("%b %e %H:%M:%S")
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as log:
            log.settimeout(_PATIENCE)
            log.sendto(f"<{_PRIORITY}>{stamp} authpip[{os.getpid()}]: {line}".encode(), path)
    except OSError as error:
        error.filename = path
        raise
