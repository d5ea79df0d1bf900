"""What a person types, and what comes on stdin in place of it."""

from __future__ import annotations

import os
import sys

from authpip.core.credential import Secret
from authpip.core.errors import UsageError

LONGEST = 64 * 1024  # bytes
# A console has two ends, and gives out nothing smaller than what one character may need.
_READ_FROM, _WRITE_TO, _AT_ONCE = (
    ("CONIN$", "CONOUT$", 1024) if sys.platform == "win32" else ("/dev/tty", "/dev/tty", 1)
)


def is_there() -> bool:
    """True where a person can be asked."""
    try:
        if sys.platform == "win32":
            os.close(os.open(_READ_FROM, os.O_RDWR))
        else:
            os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True


def ask(question: str) -> str:
    """One visible line. Raises UsageError where there is nobody to ask."""
    _require("--username")
    with open(_READ_FROM, "rb", buffering=0) as answers, open(_WRITE_TO, "wb", buffering=0) as terminal:
        terminal.write(question.encode())
        line = b""
        while not line.endswith(b"\n") and (more := answers.read(_AT_ONCE)):
            line += more
    return line.decode("utf-8", "replace").strip()


def ask_hidden(question: str) -> Secret:
    """One line that is not shown. Raises UsageError where there is nobody to ask."""
    from getpass import getpass

    _require("--password-stdin or --token-stdin")
    return Secret(getpass(question))


def read_secret() -> Secret:
    """All of stdin but one final line end, exact to the byte. Raises UsageError for what no secret is."""
    data = sys.stdin.buffer.read(LONGEST + 1)
    if len(data) > LONGEST:
        raise UsageError("the secret on stdin is longer than 64 KiB")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise UsageError("the secret on stdin is not UTF-8 text") from None
    return Secret(text.removesuffix("\n").removesuffix("\r") if text.endswith("\r\n") else text.removesuffix("\n"))


def _require(option: str) -> None:
    if not is_there():
        raise UsageError("there is no terminal to ask at", "", f"use {option}")
