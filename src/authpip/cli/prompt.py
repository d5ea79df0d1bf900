"""Ask a person at the terminal, or read a secret from stdin."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from authpip.core.credential import Secret
from authpip.core.errors import UsageError
from authpip.core.redaction import visible

LONGEST = 64 * 1024  # bytes
# Windows has a device for each direction, and returns nothing if the buffer is too small for a character.
_READ_FROM, _WRITE_TO, _AT_ONCE = (
    ("CONIN$", "CONOUT$", 1024) if sys.platform == "win32" else ("/dev/tty", "/dev/tty", 1)
)


def is_there() -> bool:
    """True if there is a terminal, so that a person can be asked."""
    try:
        if sys.platform == "win32":
            os.close(os.open(_READ_FROM, os.O_RDWR))
        else:
            os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True


def ask(question: str, option: str = "--username") -> str:
    """One line that is shown. Raises UsageError if there is no terminal (it names `option`), and for ^D."""
    _require(option)
    with open(_READ_FROM, "rb", buffering=0) as answers, open(_WRITE_TO, "wb", buffering=0) as terminal:
        terminal.write(question.encode())
        line = b""
        while not line.endswith(b"\n") and (more := answers.read(_AT_ONCE)):
            line += more
        if not line.endswith(b"\n"):
            terminal.write(b"\n")
            raise UsageError("nothing was typed", "", "nothing is changed")
    return line.decode("utf-8", "replace").strip()


def confirm(question: str, *, default: bool, option: str) -> bool:
    """Yes or no. Raises UsageError as `ask` does."""
    while True:
        answer = ask(f"{question} {'[Y/n]' if default else '[y/N]'} ", option).lower()
        if answer in {"", "y", "yes", "n", "no"}:
            return answer in {"y", "yes"} or (default and not answer)


def choose(heading: str, lines: Sequence[str], question: str, option: str) -> int:
    """The number of the chosen line, from 0. Enter alone chooses a single line. Raises UsageError as `ask` does."""
    numbered = [f"  {number}  {visible(line)}" for number, line in enumerate(lines, 1)]
    text = "\n".join([heading, *numbered, f"{question} "])
    while True:
        answer = ask(text, option) or ("1" if len(lines) == 1 else "")
        if answer.isascii() and answer.isdigit() and 1 <= int(answer) <= len(lines):
            return int(answer) - 1
        text = f"Type a number from 1 to {len(lines)}: "


def ask_hidden(question: str) -> Secret:
    """One line that is not shown. Raises UsageError if there is no terminal, and for ^D."""
    from getpass import getpass

    _require("--password-stdin or --token-stdin")
    try:
        return Secret(getpass(question))
    except EOFError:
        with open(_WRITE_TO, "wb", buffering=0) as terminal:
            terminal.write(b"\n")
        raise UsageError("no secret was typed", "", "nothing was stored") from None


def read_secret() -> Secret:
    """All of stdin without one final line end, exact to the byte. Raises UsageError if it is too long or not UTF-8."""
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
