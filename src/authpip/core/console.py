"""What authpip says: one line each, on stderr, `authpip: …`, never on stdout; and a spinner while it waits."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from authpip.core.redaction import visible

if TYPE_CHECKING:
    from threading import Event

SPINNER_DELAY = 0.3  # seconds: a shorter wait needs no sign of life


def say(message: str) -> None:
    """Print one line to stderr."""
    line = f"authpip: {visible(message)}\n"
    try:
        sys.stderr.write(line)
        sys.stderr.flush()
    except (OSError, ValueError):
        pass  # a closed stderr must not change what pip does


def print_as_on_linux() -> None:
    """What goes to a pipe or a file on Windows is UTF-8 with single line feeds: scripts and shells read it exactly.

    Python's own choice there is the ANSI code page, which cannot hold every secret, and CRLF, which bash stumbles on.
    """
    if sys.platform == "win32" and sys.stdout is not None and not sys.stdout.isatty():
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")


def debug(message: str) -> None:
    """Print one line where AUTHPIP_LOG=debug asks for it: what was tried; names of variables, never values."""
    if os.environ.get("AUTHPIP_LOG", "").lower() == "debug":
        say(f"debug: {message}")


@contextmanager
def spinner(text: str) -> Iterator[None]:
    """Show `text` with rich's spinner while the block runs longer than SPINNER_DELAY; on a terminal only."""
    if not _has_terminal():
        yield
        return
    from threading import Event, Thread

    done = Event()
    shown = Thread(target=_show, args=(text, done), daemon=True)
    shown.start()
    try:
        yield
    finally:
        done.set()
        shown.join()


def _show(text: str, done: Event) -> None:
    if done.wait(SPINNER_DELAY):
        return
    from rich.console import Console

    with Console(stderr=True).status(text):
        done.wait()


def _has_terminal() -> bool:
    """True where a person may be looking."""
    try:
        return os.isatty(2) and sys.stderr is not None and os.environ.get("TERM") != "dumb"
    except OSError:
        return False
