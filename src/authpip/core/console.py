"""authpip's messages: one line each, on stderr, `authpip: …`, never on stdout; and a spinner while it waits.

On a terminal a message is wrapped at words; anywhere else it stays one line, as logs and other programs read it.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from authpip.core.errors import AuthpipError
from authpip.core.redaction import visible

if TYPE_CHECKING:
    from threading import Event

SPINNER_DELAY = 0.3  # seconds: a shorter wait needs no sign of life
_REDRAW = 1.0  # seconds
_waits: list[tuple[str, float]] = []  # (whom, time.monotonic() of the start): what this process's threads wait for


def say(message: str) -> None:
    """Print one line to stderr, wrapped at words on a terminal. A closed stderr must not change what pip does."""
    if sys.stderr is None:
        return
    line = wrapped(f"authpip: {visible(message)}", _columns()) + "\n"
    try:
        sys.stderr.write(line)
        sys.stderr.flush()
    except (OSError, ValueError):
        pass


def print_as_on_linux() -> None:
    """On Windows, write UTF-8 with single line feeds to a pipe or a file, so that scripts read the exact text.

    Python's default there is the ANSI code page, which cannot hold every secret, and CRLF, which bash cannot read.
    """
    if sys.platform == "win32" and sys.stdout is not None and not sys.stdout.isatty():
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")


def debug(message: str) -> None:
    """Print one line if AUTHPIP_LOG=debug is set: what authpip tried; names of variables, never their values."""
    if os.environ.get("AUTHPIP_LOG", "").lower() == "debug":
        say(f"debug: {message}")


@contextmanager
def timed(what: str) -> Iterator[list[str]]:
    """As debug, once the block ends, with its time: `what: outcome (12 ms)`. The block puts the outcome into the list;
    where it raises, the outcome is the error."""
    outcome: list[str] = []
    began = time.perf_counter()
    try:
        yield outcome
    except BaseException as error:
        outcome[:] = [str(error) if isinstance(error, AuthpipError) else type(error).__name__]
        raise
    finally:
        debug(f"{what}: {', '.join(outcome) or 'done'} ({(time.perf_counter() - began) * 1000:.0f} ms)")


def wrapped(text: str, width: int) -> str:
    """The text in lines of at most `width` characters, broken at spaces only. width 0: the text is not changed."""
    if not 0 < width < len(text):
        return text
    from textwrap import wrap

    lines = wrap(text, width, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
    return "\n".join(lines)


@contextmanager
def waiting_for(whom: str) -> Iterator[None]:
    """While the block runs, the spinner shows this name: "gcloud", "the OS keyring", a host."""
    wait = (whom, time.monotonic())
    _waits.append(wait)
    try:
        yield
    finally:
        _waits.remove(wait)


@contextmanager
def spinner(text: str) -> Iterator[None]:
    """On a terminal, show `text` if the block runs longer than SPINNER_DELAY; inside `waiting_for`, its name and the
    seconds."""
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
    from rich.text import Text

    with Console(stderr=True).status(Text(_progress(text))) as status:
        while not done.wait(_REDRAW):
            status.update(Text(_progress(text)))


def _progress(text: str) -> str:
    """The spinner's current text."""
    waits = list(_waits)
    if not waits:
        return text
    names = ", ".join(dict.fromkeys(visible(whom) for whom, _ in waits))
    seconds = time.monotonic() - min(since for _, since in waits)
    return f"authpip: waiting for {names} ({seconds:.0f} s)"


def _columns() -> int:
    """The width of the terminal behind stderr, by COLUMNS or else by the terminal; 0 if stderr is no terminal."""
    try:
        if sys.stderr is None or not os.isatty(2):
            return 0
        return int(os.environ.get("COLUMNS", "")) if os.environ.get("COLUMNS") else os.get_terminal_size(2).columns
    except (OSError, ValueError):
        return 0


def _has_terminal() -> bool:
    """True if stderr is a terminal that can show a spinner."""
    try:
        return os.isatty(2) and sys.stderr is not None and os.environ.get("TERM") != "dumb"
    except OSError:
        return False
