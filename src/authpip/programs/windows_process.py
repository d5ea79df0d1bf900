"""What Windows has in place of exec, process groups and argument lists."""

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
    """Run a program in this one's place and wait for it; its exit status. Raises AuthpipError.

    ^C at the console reaches the program itself, which decides what comes of it: this process only waits.
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
    """Why a program was not started, in words that help."""
    if getattr(error, "winerror", None) == _TOO_LONG:
        return f"a command line on Windows has at most {LONGEST} characters: use a requirements file"
    return error.strerror or str(error)


def signed(status: int) -> int:
    """An exit status as sys.exit takes it: Windows has 32 bits, of which 0xC000013A means ended by ^C."""
    return status - (1 << 32) if status >= 1 << 31 else status


def refused_argument(argv: Sequence[str]) -> str:
    """Why a batch file is not given these arguments: cmd.exe reads its command line a second time, and could find
    another command in it. Empty where they are safe, or where it is no batch file."""
    if not argv[0].lower().endswith((".bat", ".cmd")):
        return ""
    if any(_READ_BY_CMD & set(word) for word in argv[1:]):
        return "it is a batch file, and an argument has a character that cmd.exe gives a meaning of its own"
    return ""


class Job:
    """A child with all that it starts, so that all of it can be ended: what a batch file starts outlives it.

    Windows forgets the job once this process and all of the job have ended.
    """

    def __init__(self, child: Popen[bytes]) -> None:
        from ctypes import c_void_p

        self._kernel = library("kernel32")
        self._kernel.CreateJobObjectW.restype = c_void_p
        self._handle = c_void_p(self._kernel.CreateJobObjectW(None, None))
        self._kernel.AssignProcessToJobObject(self._handle, c_void_p(int(vars(child)["_handle"])))

    def end(self) -> None:
        """End all of it at once."""
        self._kernel.TerminateJobObject(self._handle, 1)
