"""Start and end programs on Windows, which has no exec, no process groups and no argument lists."""

from __future__ import annotations

import signal
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from authpip.core.errors import AuthpipError
from authpip.core.windows_api import library

if TYPE_CHECKING:
    from subprocess import Popen

LONGEST = 32_767  # characters of a command line: learn.microsoft.com, CreateProcessW
OWN_GROUP = 0x200 if sys.platform == "win32" else 0  # CREATE_NEW_PROCESS_GROUP: it can be sent ^Break by itself
_TOO_LONG = 206  # ERROR_FILENAME_EXCED_RANGE, which CreateProcessW gives for a longer one
_READ_BY_CMD = frozenset('"%!^&|<>\r\n\0')


def call(argv: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run a program, wait for it and return its exit status. Raises AuthpipError if it cannot be started.

    The console sends ^C to the program as well, which decides what to do; this process ignores it and waits.
    """
    from subprocess import Popen

    if refused := refused_argument(argv):
        raise AuthpipError(f"{argv[0]} is not started", refused, "name the .exe, or call it without authpip")
    usual = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        with Popen(argv, env=dict(environ)) as child:
            return signed(child.wait())
    except OSError as error:
        raise AuthpipError(f"{argv[0]} could not be started", reason(error)) from None
    finally:
        signal.signal(signal.SIGINT, usual)


def reason(error: OSError) -> str:
    """Why a program was not started, for a message."""
    if getattr(error, "winerror", None) == _TOO_LONG:
        return f"a command line on Windows has at most {LONGEST} characters: use a requirements file"
    return error.strerror or str(error)


def signed(status: int) -> int:
    """An exit status as sys.exit takes it: Windows has unsigned 32 bits, such as 0xC000013A for ^C."""
    return status - (1 << 32) if status >= 1 << 31 else status


def refused_argument(argv: Sequence[str]) -> str:
    """Why authpip does not start a batch file with these arguments; "" if they are safe or argv[0] is no batch file.

    cmd.exe parses the command line a second time and could find another command in it.
    """
    if not argv[0].lower().endswith((".bat", ".cmd")):
        return ""
    if any(_READ_BY_CMD & set(word) for word in argv[1:]):
        return "it is a batch file, and an argument has a character that cmd.exe gives a meaning of its own"
    return ""


class Job:
    """A child and all that it starts, so that authpip can end them together: a batch file's programs outlive it.

    Windows deletes the job after this process and all processes of the job have ended.
    """

    def __init__(self, child: Popen[bytes]) -> None:
        from ctypes import c_void_p

        self._kernel = library("kernel32")
        self._kernel.CreateJobObjectW.restype = c_void_p
        self._handle = c_void_p(self._kernel.CreateJobObjectW(None, None))
        self._kernel.AssignProcessToJobObject(self._handle, c_void_p(int(vars(child)["_handle"])))

    def end(self) -> None:
        """End all processes of the job at once."""
        self._kernel.TerminateJobObject(self._handle, 1)
